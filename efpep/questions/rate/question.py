"""Claims about the rate of a method: which Lyapunov functions contract, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, cast

from efpep.errors import CertificateError
from efpep.methods import Method
from efpep.model.claim_sentences import rate_claim, weights_text
from efpep.model.definite import is_symmetric
from efpep.model.system import System
from efpep.proof import files, layout
from efpep.proof.layout import Layout, Slot, Template
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.base import Certificate, SystemQuestion, Verdict
from efpep.questions.common.claim_assumptions import assumptions, sufficient
from efpep.questions.common.prefilled import with_inequalities
from efpep.questions.common.step_inequalities import StepInequalities, Weights
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lyapunov_class import EVERYTHING, LyapunovClass
from efpep.setting import Setting


@dataclass(frozen=True)
class RateQuestion(SystemQuestion):
    """The question at which rate a method contracts.

    Attributes:
        metric: the metric that the Lyapunov function controls.
        given: the Lyapunov function that the claim is about, or None where it is about all of the class.
        lyapunov_class: the class of Lyapunov functions: which features they are made of.
    """

    KIND: ClassVar[str] = "rate"
    ENDS: ClassVar[str] = "rate"
    AVERAGED: ClassVar[bool] = True

    metric: str
    given: Weights | None = None
    lyapunov_class: LyapunovClass = EVERYTHING

    @cached_property
    def inequalities(self) -> StepInequalities:
        """The one-step question, rebuilt from the method's definition at the first call."""
        built = rate_inequalities(self.method, self.setting, self.metric, lyapunov_class=self.lyapunov_class)
        return built if self.given is None else replace(built, given=self.given)

    def about(self, given: Weights | None) -> RateQuestion:
        """Return the same question about another given function, with what this one has built."""
        return with_inequalities(replace(self, given=given), replace(self.inequalities, given=given))

    def recorded(self) -> StepInequalities:
        """Return the one-step question."""
        return self.inequalities

    @property
    def system(self) -> System:
        """The question as a system."""
        return self.inequalities.system

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        return rate_claim(self.claimed(), upper, lower)

    def verdict(self, lower: LowerWitness | None, upper: UpperWitness | None) -> Verdict:
        """Return proved for a contraction, and refuted where there is none in the class."""
        if upper is not None and upper.theta < 1:
            return Verdict.PROVED
        return Verdict.REFUTED if lower is not None and lower.theta >= 1 else Verdict.UNDECIDED

    def claimed(self) -> dict[str, object]:
        """Return what the claim is about, besides the ends, for :mod:`efpep.model.claim_sentences`."""
        return {
            **self.method.claimed(),
            "setting": self.setting.table(),
            "metric": self.metric,
            "class of V": self.lyapunov_class.note(),
            "V": None if self.given is None else given_formula(self.inequalities, self.given),
            "sufficient": "yes" if sufficient(self.method, self.setting) else "no",
            "assumed": assumptions(self.method, self.setting),
        }

    def notes(self) -> str:
        """Return what a sentence about the claim has to add: the class of functions, common minimisers, and expectations."""
        function = "" if self.given is None else f", V = {given_formula(self.inequalities, self.given)}"
        return self.lyapunov_class.note() + function + assumptions(self.method, self.setting)

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        claim: dict[str, object] = {
            **self.named(),
            "metric": self.metric,
            "rate": dict(ends),
            "features": self.inequalities.feature_names(),
        }
        if self.lyapunov_class != EVERYTHING:
            claim["class"] = self.lyapunov_class.describe()
        if self.given is not None:
            template = {key: self.layout().upper[key] for key in ("weights", "gaps")}
            claim["lyapunov"] = layout.written(template, UpperWitness(Fraction(0), self.given.blocks, self.given.gaps, ()))
        return claim

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        system = self.system
        upper: dict[str, Template] = {
            "weights": layout.weights(system, [block.name for block in self.inequalities.blocks]),
            "gaps": layout.gaps(system),
            "multipliers": layout.multipliers(system, 0),
            "margin": Slot("margin"),
        }
        lower: dict[str, Template] = {"grams": layout.grams(system, 0), "values": layout.values(system, 0)}
        if self.inequalities.state_row_count is not None:
            upper["positivity"] = layout.multipliers(system, 1)
            if self.given is None:
                lower |= {"state_grams": layout.grams(system, 1), "state_values": layout.values(system, 1)}
        return Layout(upper, lower)

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> RateQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features are not those of the question.
            InputError: the question is not well posed.
        """
        keys = ["format", "method", "setting", "metric", "rate", "features"]
        claim = files.table(claim, "the claim", [*keys, *(key for key in ("class", "lyapunov") if key in claim)])
        metric = claim["metric"]
        if not isinstance(metric, str):
            raise CertificateError("the claim's metric is not a name.")
        lyapunov_class = LyapunovClass.restore(files.table(claim["class"], "the class")) if "class" in claim else EVERYTHING
        found = cls(method, setting, metric, None, lyapunov_class)
        if claim["features"] != found.inequalities.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        return found.about(_given(found.inequalities, claim["lyapunov"])) if "lyapunov" in claim else found


def _given(question: StepInequalities, described: object) -> Weights:
    found = files.table(described, "the Lyapunov function", ["weights", "gaps"])
    names = [block.name for block in question.blocks]
    weights = files.table(found["weights"], "the weights", names)
    blocks = tuple(files.matrix(weights[name], f"the weights of the {name} block") for name in names)
    for block, matrix in zip(question.blocks, blocks, strict=True):
        if len(matrix) != len(block.features):
            raise CertificateError(f"the weights of the {block.name} block do not fit its {len(block.features)} features.")
        if not is_symmetric(matrix):
            raise CertificateError(f"the weights of the {block.name} block are not symmetric.")
    return Weights(blocks, files.named(found["gaps"], [gap.name for gap in question.gaps], "the gaps"))


def given_formula(question: StepInequalities, weights: Weights) -> str:
    """Return a function in a question's features as an exact formula: products by block, then gaps."""
    pairs = zip(question.blocks, weights.blocks, strict=True)
    blocks = [(block.name, [feature.name for feature in block.features], matrix) for block, matrix in pairs]
    return weights_text(blocks, dict(zip([gap.name for gap in question.gaps], weights.gaps, strict=True)))


RateCertificate = Certificate[RateQuestion, LowerWitness, UpperWitness]


def rate_certificate(described: Mapping[str, object], what: str) -> RateCertificate:
    """Return a certificate of a rate, without checking its witnesses.

    Raises:
        CertificateError: the description is malformed, or of another kind; ``what`` says what it is.
        UnavailableError: a class of the user's cannot be imported here.
    """
    found = as_rate(Certificate.restore(described))
    if found is None:
        raise CertificateError(f"{what} is not a certificate of a rate.")
    return found


def as_rate(certificate: object) -> RateCertificate | None:
    """Return a certificate where it is about a rate, else None."""
    about = isinstance(certificate, Certificate) and isinstance(certificate.question, RateQuestion)
    return cast("RateCertificate", certificate) if about else None
