"""Claims about one-step potentials of averaging methods: their least constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, cast

from efpep.errors import CertificateError
from efpep.methods import Method
from efpep.model.system import System
from efpep.model.text import down, up
from efpep.proof import files, layout
from efpep.proof.layout import Layout, Template
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.averaging.inequalities import AveragingInequalities, averaging_inequalities
from efpep.questions.base import Certificate, SystemQuestion
from efpep.questions.common.claim_assumptions import expectation, necessary
from efpep.setting import Setting


@dataclass(frozen=True)
class AveragingQuestion(SystemQuestion):
    """The question for the least constant of a method's one-step potential.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting, with a compressor in both directions.
    """

    KIND: ClassVar[str] = "averaging potential"
    ENDS: ClassVar[str] = "K"

    @cached_property
    def inequalities(self) -> AveragingInequalities:
        """The question, rebuilt from the method's definition at the first call."""
        return averaging_inequalities(self.method, self.setting)

    def recorded(self) -> AveragingInequalities:
        """Return the question about one step."""
        return self.inequalities

    @property
    def system(self) -> System:
        """The question as a system."""
        return self.inequalities.system

    @property
    def in_expectation(self) -> bool:
        """Whether the claim is about expectations, because a compressor is random."""
        return self.setting.random or self.method.draws

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        parts: list[str] = []
        if upper is not None:
            parts.append(f"has a one-step potential with K = {up(upper, 12)}")
        if lower is not None:
            parts.append(f"has none of the class with K below {down(lower, 12)}{necessary(self.method, self.setting)}")
        return f"{self.method.subject(self.setting)} {' and '.join(parts)}{expectation(self.method, self.setting)}."

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        return {
            **self.named(),
            "K": dict(ends),
            "features": self.inequalities.feature_names(),
        }

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        system, names = self.system, [block.name for block in self.inequalities.blocks]
        upper = {"weights": layout.weights(system, names), "multipliers": layout.multipliers(system, 0)}
        lower: dict[str, Template] = {"grams": layout.grams(system, 0)}
        if self.inequalities.values:  # of a user's class; those of efpep have none
            lower["values"] = layout.values(system, 0)
        return Layout(upper, lower)

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> AveragingQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features are not those of the question.
            InputError: the question is not well posed.
        """
        claim = files.table(claim, "the claim", ["format", "method", "setting", "K", "features"])
        found = cls(method, setting)
        if claim["features"] != found.inequalities.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        return found


AveragingCertificate = Certificate[AveragingQuestion, LowerWitness, UpperWitness]


def as_averaging(certificate: object) -> AveragingCertificate | None:
    """Return a certificate where it is about an averaging potential, else None."""
    about = isinstance(certificate, Certificate) and isinstance(certificate.question, AveragingQuestion)
    return cast("AveragingCertificate", certificate) if about else None
