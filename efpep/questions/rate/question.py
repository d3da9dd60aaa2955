"""Claims about the rate of a method: which Lyapunov functions contract, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from efpep.errors import CertificateError
from efpep.methods import Method
from efpep.model.definite import is_symmetric
from efpep.model.statement import rate_claim, weights_text
from efpep.model.system import System
from efpep.proof import files, layout
from efpep.proof.layout import Layout, Slot, Template
from efpep.proof.witness import Upper
from efpep.questions.common.built import with_question
from efpep.questions.common.said import assumptions
from efpep.questions.rate.contraction import Contraction, Weights, contraction
from efpep.questions.rate.lyapunov_class import EVERYTHING, Shape
from efpep.setting import Setting


@dataclass(frozen=True)
class RateClaim:
    """The claim that a method contracts at a rate within an interval.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting.
        metric: the metric that the Lyapunov function controls.
        given: the Lyapunov function that the claim is about, or None where it is about all of the class.
        shape: the class of Lyapunov functions: which features they are made of.
    """

    FORMAT: ClassVar[str] = "efpep-rate-1"
    ENDS: ClassVar[str] = "rate"

    method: Method
    setting: Setting
    metric: str
    given: Weights | None = None
    shape: Shape = EVERYTHING

    @cached_property
    def question(self) -> Contraction:
        """The one-step question, rebuilt from the method's definition at the first call."""
        built = contraction(self.method, self.setting, self.metric, shape=self.shape)
        return built if self.given is None else replace(built, given=self.given)

    def about(self, given: Weights | None) -> RateClaim:
        """Return the same claim about another given function, with the question that this one has built."""
        return with_question(replace(self, given=given), replace(self.question, given=given))

    @property
    def system(self) -> System:
        """The question as a system."""
        return self.question.system

    def sentence(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        return rate_claim(self.claimed(), upper, lower)

    def claimed(self) -> dict[str, object]:
        """Return what the claim is about, besides the ends, for :mod:`efpep.model.statement`."""
        return {
            **self.method.claimed(),
            "setting": self.setting.table(),
            "metric": self.metric,
            "class of V": self.shape.note(),
            "V": None if self.given is None else given_formula(self.question, self.given),
            "sufficient": "yes" if self.setting.sufficient else "no",
            "assumed": assumptions(self.method, self.setting),
        }

    def notes(self) -> str:
        """Return what a sentence about the claim has to add: the class of functions, common minimisers, and expectations."""
        function = "" if self.given is None else f", V = {given_formula(self.question, self.given)}"
        return self.shape.note() + function + assumptions(self.method, self.setting)

    def described(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        claim: dict[str, object] = {
            "format": self.FORMAT,
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "metric": self.metric,
            "rate": dict(ends),
            "features": self.question.feature_names(),
        }
        if self.shape != EVERYTHING:
            claim["class"] = self.shape.describe()
        if self.given is not None:
            template = {key: self.layout().upper[key] for key in ("weights", "gaps")}
            claim["lyapunov"] = layout.written(template, Upper(Fraction(0), self.given.blocks, self.given.gaps, ()))
        return claim

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        system = self.system
        upper: dict[str, Template] = {
            "weights": layout.weights(system, [block.name for block in self.question.blocks]),
            "gaps": layout.gaps(system),
            "multipliers": layout.multipliers(system, 0),
            "margin": Slot("margin"),
        }
        lower: dict[str, Template] = {"grams": layout.grams(system, 0), "values": layout.values(system, 0)}
        if self.question.settled is not None:
            upper["positivity"] = layout.multipliers(system, 1)
            if self.given is None:
                lower |= {"state_grams": layout.grams(system, 1), "state_values": layout.values(system, 1)}
        return Layout(upper, lower)

    @classmethod
    def restore(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> RateClaim:
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
        shape = Shape.restore(files.table(claim["class"], "the class")) if "class" in claim else EVERYTHING
        found = cls(method, setting, metric, None, shape)
        if claim["features"] != found.question.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        return found.about(_given(found.question, claim["lyapunov"])) if "lyapunov" in claim else found


def _given(question: Contraction, described: object) -> Weights:
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


def given_formula(question: Contraction, weights: Weights) -> str:
    """Return a function in a question's features as an exact formula: products by block, then gaps."""
    pairs = zip(question.blocks, weights.blocks, strict=True)
    blocks = [(block.name, [feature.name for feature in block.features], matrix) for block, matrix in pairs]
    return weights_text(blocks, dict(zip([gap.name for gap in question.gaps], weights.gaps, strict=True)))
