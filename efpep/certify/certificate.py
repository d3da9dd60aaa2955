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
from efpep.model.text import down, exact, up
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
        parts: list[str] = []
        if self.upper is not None:
            function = "a" if self.given is None else "the given"
            factor = up(self.upper.rate, 12)
            verb = "contracts" if self.upper.rate < 1 else "multiplies, at most,"
            parts.append(f"{verb} {function} Lyapunov function that controls the {self.metric} by the factor {factor} a step")
        if self.lower is not None:
            parts.append(self._lower_sentence(self.lower.rate))
        measured = f", measured by the {self.metric}," if self.upper is None and self.given is None else ""
        return f"{self.method.subject(self.setting)}{measured} {' and '.join(parts)}{self.notes()}."

    def notes(self) -> str:
        """Return what a sentence about the claim has to add: the class of functions, common minimisers, and expectations."""
        return self.shape.note() + self._function() + assumptions(self.method, self.setting)

    def _function(self) -> str:
        """Return which Lyapunov function is given, as a formula in the features of the question."""
        return "" if self.given is None else f", V = {given_formula(self.question(), self.given)}"

    def _lower_sentence(self, rate: Fraction) -> str:
        sufficient = self.setting.sufficient
        by = "" if sufficient else " by the recorded inequalities, which are necessary and need not be sufficient"
        if self.given is not None:
            function = "it" if self.upper is not None else "the given Lyapunov function"
            contract = "does not contract" if sufficient else "is not proved to contract"
            if rate >= 1:
                return f"{contract} {function} in a way that controls the {self.metric}{by}"
            controls = "" if self.upper is not None else f" in a way that controls the {self.metric}"
            return f"{contract} {function} by a factor below {down(rate, 12)}{controls}{by}"
        function = "has no Lyapunov function of the class that"
        if rate >= 1:
            return f"{function} {'contracts' if sufficient else 'proves a contraction'}{by}"
        return f"{function} proves a factor below {down(rate, 12)}{by}"

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
    pieces: list[str] = []
    for block, matrix in zip(question.blocks, weights.blocks, strict=True):
        opened, closed = ("<", ">") if block.index == 0 else (f"{block.name.replace('deviation', 'dev')}(", ")")
        for i, left in enumerate(block.features):
            for j, right in enumerate(block.features[i:], i):
                a = matrix[i][j] if i == j else 2 * matrix[i][j]
                if a != 0:
                    pieces.append(f"{exact(a)} {opened}{left.name}, {right.name}{closed}")
    pieces += [f"{exact(a)} {gap.name}" for gap, a in zip(question.gaps, weights.gaps, strict=True) if a != 0]
    return " + ".join(pieces) or "0"


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
