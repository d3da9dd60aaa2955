"""Rate certificates: a claim, and the rational numbers that prove it.

The claim names the method, its exact parameters, the setting, the metric, the interval and the features; the witnesses are the
numbers of :mod:`efpep.certify.witness`. Nothing else is stored: a check rebuilds every inequality from the method's own
definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import cast

from efpep.certify import files
from efpep.certify.check import check_lower, check_upper, occurring_values
from efpep.certify.witness import LowerWitness, Matrix, UpperWitness
from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.statement import rate_claim, weights_text
from efpep.question.contraction import Contraction, Weights, contraction
from efpep.question.shape import EVERYTHING, Shape
from efpep.setting import Setting

FORMAT = "efpep-rate-1"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The claim that a method contracts at a rate within an interval, with its proof.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting.
        metric: the metric that the Lyapunov function controls.
        lower: the witness that no Lyapunov function of the class proves a smaller rate, or None.
        upper: the witness of a Lyapunov function that proves its rate, or None.
        given: the Lyapunov function that the claim is about, or None where it is about all of the class.
        shape: the class of Lyapunov functions: which features they are made of.
    """

    method: Method
    setting: Setting
    metric: str
    lower: LowerWitness | None
    upper: UpperWitness | None
    given: Weights | None = None
    shape: Shape = EVERYTHING
    _built: Contraction | None = field(default=None, init=False, repr=False, compare=False)

    def question(self) -> Contraction:
        """Return the one-step question, rebuilt from the method's definition at the first call."""
        if self._built is None:
            object.__setattr__(self, "_built", contraction(self.method, self.setting, self.metric, shape=self.shape))
        return replace(cast("Contraction", self._built), given=self.given)

    def check(self) -> str:
        """Check both witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if self.lower is None and self.upper is None:
            raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
        question = self.question()
        if self.upper is not None:
            check_upper(question, self.upper)
        if self.lower is not None:
            check_lower(question, self.lower)
        return self.sentence()

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        lower, upper = (None if end is None else end.rate for end in (self.lower, self.upper))
        return rate_claim(self.claimed(), upper, lower)

    def claimed(self) -> dict[str, object]:
        """Return what the claim is about, besides the ends, for :mod:`efpep.model.statement`."""
        return {
            **self.method.claimed(),
            "setting": self.setting.table(),
            "metric": self.metric,
            "class of V": self.shape.note(),
            "V": None if self.given is None else given_formula(self.question(), self.given),
            "sufficient": "yes" if self.setting.sufficient else "no",
            "assumed": assumptions(self.method, self.setting),
        }

    def notes(self) -> str:
        """Return what a sentence about the claim has to add: the class of functions, common minimisers, and expectations."""
        function = "" if self.given is None else f", V = {given_formula(self.question(), self.given)}"
        return self.shape.note() + function + assumptions(self.method, self.setting)

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object."""
        question = self.question()
        names = [block.name for block in question.blocks]
        witnesses: dict[str, dict[str, object]] = {}
        if self.upper is not None:
            witnesses["upper"] = {
                **_weights(question, Weights(self.upper.weights, self.upper.gaps)),
                "multipliers": files.written(dict(zip([r.name for r in question.rows], self.upper.multipliers, strict=True))),
                "margin": str(self.upper.margin),
            }
            if question.settled is not None:
                rows = [row.name for row in question.state_rows]
                witnesses["upper"]["positivity"] = files.written(dict(zip(rows, self.upper.positivity, strict=True)))
        if self.lower is not None:
            values = [question.values[k] for k in occurring_values(question)]
            witnesses["lower"] = {
                "grams": {name: _written(m) for name, m in zip(names, self.lower.grams, strict=True)},
                "values": files.written(dict(zip(values, self.lower.values, strict=True))),
            }
            if self.has_state(question):
                values = [question.values[k] for k in question.state_values]
                witnesses["lower"] |= {
                    "state_grams": {name: _written(m) for name, m in zip(names, self.lower.state_grams, strict=True)},
                    "state_values": files.written(dict(zip(values, self.lower.state_values, strict=True))),
                }
        claim: dict[str, object] = {
            "format": FORMAT,
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "metric": self.metric,
            "rate": {
                "lower": None if self.lower is None else str(self.lower.rate),
                "upper": None if self.upper is None else str(self.upper.rate),
            },
            "features": question.feature_names(),
        }
        if self.shape != EVERYTHING:
            claim["class"] = self.shape.describe()
        if self.given is not None:
            claim["lyapunov"] = _weights(question, self.given)
        return {"claim": claim, "witnesses": witnesses}

    @staticmethod
    def has_state(question: Contraction) -> bool:
        """Return whether lower witnesses of the question have a state; see :mod:`efpep.certify.positivity`."""
        return question.settled is not None and question.given is None

    def save(self, path: str | Path) -> None:
        """Write the certificate to a JSON file.

        Raises:
            InputError: the file cannot be written.
        """
        files.save(path, self.describe())

    @classmethod
    def load(cls, path: str | Path) -> Certificate:
        """Read a certificate from a JSON file, without checking its witnesses.

        Raises:
            CertificateError: the file is malformed.
            UnavailableError: a class of the user's cannot be imported here.
        """
        return cls.restore(files.load(Path(path)))

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Certificate:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        claim = files.table(described["claim"], "the claim")
        keys = ["format", "method", "setting", "metric", "rate", "features"]
        files.table(claim, "the claim", [*keys, *(key for key in ("class", "lyapunov") if key in claim)])
        if claim["format"] != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        metric = claim["metric"]
        if not isinstance(metric, str):
            raise CertificateError("the claim's metric is not a name.")
        try:
            method = METHODS.restore(files.table(claim["method"], "the claim's method"))
            setting = Setting.restore(files.table(claim["setting"], "the claim's setting"))
            if not isinstance(method.step_size, Fraction):
                raise CertificateError("the claim's step size is not a number.")
            shape = Shape.restore(files.table(claim["class"], "the class")) if "class" in claim else EVERYTHING
            question = contraction(method, setting, metric, shape=shape)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        if claim["features"] != question.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        rate = files.table(claim["rate"], "the claim's rate", ["lower", "upper"])
        witnesses = files.table(described["witnesses"], "the witnesses")
        wanted = [end for end in ("lower", "upper") if rate[end] is not None]
        files.table(witnesses, "the witnesses", wanted)
        given = _given(question, claim["lyapunov"]) if "lyapunov" in claim else None
        asked = replace(question, given=given)
        lower = _lower(asked, rate["lower"], witnesses["lower"]) if "lower" in wanted else None
        upper = _upper(asked, rate["upper"], witnesses["upper"]) if "upper" in wanted else None
        certificate = cls(method, setting, metric, lower, upper, given, shape)
        object.__setattr__(certificate, "_built", question)
        return certificate


def _given(question: Contraction, described: object) -> Weights:
    found = files.table(described, "the Lyapunov function", ["weights", "gaps"])
    names = [block.name for block in question.blocks]
    weights = files.table(found["weights"], "the weights", names)
    blocks = tuple(files.matrix(weights[name], f"the weights of the {name} block") for name in names)
    for block, matrix in zip(question.blocks, blocks, strict=True):
        if len(matrix) != len(block.features):
            raise CertificateError(f"the weights of the {block.name} block do not fit its {len(block.features)} features.")
    return Weights(blocks, files.named(found["gaps"], [gap.name for gap in question.gaps], "the gaps"))


def given_formula(question: Contraction, weights: Weights) -> str:
    """Return a function in a question's features as an exact formula: products by block, then gaps."""
    pairs = zip(question.blocks, weights.blocks, strict=True)
    blocks = [(block.name, [feature.name for feature in block.features], matrix) for block, matrix in pairs]
    return weights_text(blocks, dict(zip([gap.name for gap in question.gaps], weights.gaps, strict=True)))


def _weights(question: Contraction, weights: Weights) -> dict[str, object]:
    return {
        "weights": {block.name: _written(m) for block, m in zip(question.blocks, weights.blocks, strict=True)},
        "gaps": files.written(dict(zip([gap.name for gap in question.gaps], weights.gaps, strict=True))),
    }


def _upper(question: Contraction, rate: object, witness: object) -> UpperWitness:
    further = [] if question.settled is None else ["positivity"]
    found = files.table(witness, "the upper witness", ["weights", "gaps", "multipliers", "margin", *further])
    weights = _given(question, {"weights": found["weights"], "gaps": found["gaps"]})
    return UpperWitness(
        files.number(rate, "the upper rate"),
        weights.blocks,
        weights.gaps,
        files.named(found["multipliers"], [row.name for row in question.rows], "the multipliers"),
        files.number(found["margin"], "the margin"),
        files.named(found["positivity"], [row.name for row in question.state_rows], "the multipliers") if further else (),
    )


def _lower(question: Contraction, rate: object, witness: object) -> LowerWitness:
    further = ["state_grams", "state_values"] if Certificate.has_state(question) else []
    found = files.table(witness, "the lower witness", ["grams", "values", *further])
    names = [block.name for block in question.blocks]
    grams = files.table(found["grams"], "the Gram matrices", names)
    values = [question.values[k] for k in occurring_values(question)]
    state_grams, state_values = _state(question, found) if further else ((), ())
    return LowerWitness(
        files.number(rate, "the lower rate"),
        tuple(files.matrix(grams[name], f"the Gram matrix of the {name} block") for name in names),
        files.named(found["values"], values, "the values"),
        state_grams,
        state_values,
    )


def _state(question: Contraction, found: Mapping[str, object]) -> tuple[tuple[Matrix, ...], tuple[Fraction, ...]]:
    names = [block.name for block in question.blocks]
    grams = files.table(found["state_grams"], "the state's Gram matrices", names)
    values = [question.values[k] for k in question.state_values]
    return (
        tuple(files.matrix(grams[name], f"the state's Gram matrix of the {name} block") for name in names),
        files.named(found["state_values"], values, "the state's values"),
    )


def _written(matrix: object) -> list[list[str]]:
    return [[str(a) for a in row] for row in cast("tuple[tuple[Fraction, ...], ...]", matrix)]


def assumptions(method: Method, setting: Setting) -> str:
    """Return what sentences say besides: that agents share a minimiser, that a claim is about expectations."""
    return shared_minimiser(method, setting) + expectation(setting)


def shared_minimiser(method: Method, setting: Setting) -> str:
    """Return what sentences say where a claim is about agents that share one minimiser."""
    return ", for agents that share one minimiser" if method.common_minimiser and not _alone(setting) else ""


def expectation(setting: Setting) -> str:
    """Return what sentences say where a claim is about expectations."""
    return ", in expectation over the compressors' randomness" if setting.random else ""


def _alone(setting: Setting) -> bool:
    populations = setting.populations()
    return len(populations) == 1 and populations[0].single
