"""Claims about growing potentials: a bound on ``f(x_T) - f*``."""

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
from efpep.questions.base import Certificate, SystemQuestion
from efpep.questions.common.claim_assumptions import assumptions, necessary
from efpep.questions.potential.inequalities import PotentialInequalities, potential_inequalities
from efpep.setting import Setting


@dataclass(frozen=True)
class PotentialQuestion(SystemQuestion):
    """The question for which K a growing potential proves ``f(x_T) - f* <= K ||x_0 - x*||^2 / A_T``.

    Attributes:
        iterations: the number T of steps.
    """

    KIND: ClassVar[str] = "growing potential"
    ENDS: ClassVar[str] = "K"

    iterations: int

    @cached_property
    def inequalities(self) -> PotentialInequalities:
        """The question, rebuilt from the method's definition at the first call."""
        return potential_inequalities(self.method, self.setting, self.iterations)

    def recorded(self) -> PotentialInequalities:
        """Return the question about T steps."""
        return self.inequalities

    @property
    def system(self) -> System:
        """The question as a system."""
        return self.inequalities.system

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        parts: list[str] = []
        if upper is not None:
            bound = up(upper / self.inequalities.total, 12)
            parts.append(
                f"has f(x_T) - f* <= {bound} ||x_0 - x*||^2 at T = {self.iterations}, by a growing potential with "
                f"K = {up(upper, 12)}"
            )
        if lower is not None:
            by = necessary(self.setting)
            parts.append(f"has no growing potential with K below {down(lower, 12)} at T = {self.iterations}{by}")
        return f"{self.method.subject(self.setting)} {' and '.join(parts)}{assumptions(self.method, self.setting)}."

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        return {
            **self.named(),
            "iterations": self.iterations,
            "K": dict(ends),
            "total": str(self.inequalities.total),
            "features": list(self.inequalities.features),
        }

    def layout(self) -> Layout:
        """Return how witnesses stand in the file: lists over the times, then objects over the blocks."""
        question, system = self.inequalities, self.system
        relations = range(len(question.steps))
        potentials: list[Template] = []
        first = 0
        for features in question.features:
            potentials.append(layout.weights(system, list(features), first))
            first += len(features)
        return Layout(
            {"potentials": potentials, "multipliers": [layout.multipliers(system, s) for s in relations]},
            {
                "grams": [layout.grams(system, s) for s in relations],
                "values": [layout.values(system, s) for s in relations],
            },
        )

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> PotentialQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features or weights are not those of the question.
            InputError: the question is not well posed.
        """
        keys = ["format", "method", "setting", "iterations", "K", "total", "features"]
        claim = files.table(claim, "the claim", keys)
        found = cls(method, setting, cast("int", claim["iterations"]))
        question = found.inequalities
        if claim["features"] != list(question.features) or files.number(claim["total"], "the total") != question.total:
            raise CertificateError("the claim's features or weights are not those of the method in this setting.")
        return found


PotentialCertificate = Certificate[PotentialQuestion, LowerWitness, UpperWitness]
