"""Step-size certificates: the best parameters up to a bracket, and the numbers that prove it.

The claim: at the method's parameters the rate is at most ``upper``, and for no parameters in ``searched``, except perhaps in
``bracket``, does a Lyapunov function of the class contract by less than ``upper``; nowhere there by less than ``lower``. It may
add a region of parameters in which none contracts by less than a factor above ``upper``: those parameters are worse.

The class is that of the quadratics in the features that the claim names, plus the gaps, which contract from every state. (At
single parameters, such as step size zero, features may coincide that differ elsewhere.) The witnesses are one of a rate's
upper end, and instances on boxes (:mod:`efpep.questions.tune.box`, :mod:`efpep.questions.tune.line`) that cover everything
outside the bracket. A check rebuilds the inequalities, as polynomials in the parameters, from the method's own definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, TypeAlias, cast

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.model.box import Box, Side
from efpep.model.field import Scalar
from efpep.model.polynomial import POLYNOMIALS, variables
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.proof.conditions import check_separated, check_upper
from efpep.proof.witness import UpperWitness
from efpep.questions.base import Certificate, DescribedCertificate, Question
from efpep.questions.common.claim_assumptions import necessary
from efpep.questions.common.step_inequalities import StepInequalities, Weights
from efpep.questions.kinds import KINDS
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateQuestion, rate_certificate
from efpep.questions.tune.box import BoxWitness, check_box
from efpep.questions.tune.covering import minus, overlap, uncovered
from efpep.questions.tune.line import LINE_KEYS, PLANE_KEYS, LineWitness, check_line, read_degrees
from efpep.questions.tune.rescaled import rescaled

STEP = "step_size"
Excluded: TypeAlias = BoxWitness | LineWitness
"""What excludes a rate on a box."""


@dataclass(frozen=True, slots=True)
class Worse:
    """A region of parameters that are worse than the best ones, with its proof.

    Attributes:
        region: the parameters.
        rate: rates below it are excluded there; it is larger than the best rate.
        witnesses: instances that exclude them.
    """

    region: Box
    rate: Fraction
    witnesses: tuple[Excluded, ...]


@dataclass(frozen=True, slots=True)
class BestParameters:
    """What proves that the parameters are the best ones up to a bracket.

    Attributes:
        rate: the witness of the upper end of the rate at these parameters.
        bracket: where better parameters are not excluded; None where they are excluded everywhere.
        outside: instances that exclude smaller rates outside the bracket.
        worse: parameters that are worse; None where that is not claimed.
    """

    rate: UpperWitness
    bracket: Box | None
    outside: tuple[Excluded, ...]
    worse: Worse | None = None

    @property
    def theta(self) -> Fraction:
        """The rate at these parameters, proved."""
        return self.rate.theta


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What proves that no parameters that are searched have a rate below ``theta``.

    Attributes:
        theta: rates below it are excluded.
        inside: instances that exclude them in the bracket.
    """

    theta: Fraction
    inside: tuple[Excluded, ...]


@dataclass(frozen=True)
class StepSizeQuestion(Question[Everywhere, BestParameters]):
    """The question whether a method's parameters are the best ones up to a bracket.

    Attributes:
        metric: the metric that the Lyapunov function controls.
        given: the Lyapunov function that the claim is about, or None where it is about all of the class.
        lyapunov_class: the class of Lyapunov functions.
        names: the parameters that vary.
        searched: the ranges of these parameters that the claim is about.
    """

    KIND: ClassVar[str] = "step size"

    metric: str
    given: Weights | None
    lyapunov_class: LyapunovClass
    names: tuple[str, ...]
    searched: Box

    @classmethod
    def of(cls, rate: RateQuestion, names: Sequence[str], searched: Box) -> StepSizeQuestion:
        """Return the question about the parameters of a rate's question."""
        return cls(rate.method, rate.setting, rate.metric, rate.given, rate.lyapunov_class, tuple(names), searched)

    @cached_property
    def rate(self) -> RateQuestion:
        """The question at which rate the method contracts with these parameters."""
        return RateQuestion(self.method, self.setting, self.metric, self.given, self.lyapunov_class)

    def recorded(self) -> object:
        """Return the one-step questions with these parameters, and as polynomials on all that is searched."""
        return [self.rate.recorded(), self.on(self.searched)]

    def on(self, box: Box) -> StepInequalities:
        """Return the one-step question as polynomials on ``box``."""
        return question_on(self.rate, self.names, box)

    @cached_property
    def polynomial(self) -> StepInequalities:
        """The one-step question as polynomials in the parameters themselves; raises as :func:`question_on`."""
        return polynomial_question(self.rate, self.names, variables(len(self.names)))

    def check(self, lower: Everywhere | None, upper: BestParameters | None) -> None:
        """Check all witnesses in exact arithmetic; see :meth:`efpep.questions.base.Question.check`."""
        best = _claimed(upper)
        check_upper(self.rate.system, best.rate)
        if best.outside or best.worse is not None or (lower is not None and lower.inside):
            check_separated(separated=self.rate.inequalities.separated)
        for witness in best.outside:
            self._check_box(witness, best.theta, "below the upper rate")
        regions = [self.searched] if best.bracket is None else minus(self.searched, best.bracket)
        self._check_covered(regions, best.outside, "outside the bracket")
        if lower is not None:
            if lower.theta > best.theta:
                raise CertificateError("the lower rate is above the upper one.")
            for witness in lower.inside:
                self._check_box(witness, lower.theta, "below the lower rate")
            self._check_covered([] if best.bracket is None else [best.bracket], lower.inside, "in the bracket")
        if best.worse is not None:
            if best.worse.rate <= best.theta:
                raise CertificateError("the rate of the parameters that are worse is not above the upper rate.")
            for witness in best.worse.witnesses:
                self._check_box(witness, best.worse.rate, "of parameters that are worse")
            self._check_covered([best.worse.region], best.worse.witnesses, "of parameters that are worse")

    def _check_box(self, witness: Excluded, rate: Fraction, what: str) -> None:
        if len(witness.box.sides) != len(self.names):
            raise CertificateError("a box does not have one range for each parameter.")
        try:
            if isinstance(witness, LineWitness):
                check_line(self.polynomial, rate, witness)
            else:
                check_box(self.on(witness.box), rate, witness)
        except CertificateError as error:
            raise CertificateError(f"rates {what} are not excluded on the box {witness.box}: {error}") from error

    @staticmethod
    def _check_covered(regions: Sequence[Box], witnesses: Sequence[Excluded], what: str) -> None:
        for region in regions:
            missing = uncovered(region, [witness.box for witness in witnesses])
            if missing is not None:
                raise CertificateError(f"the boxes {what} leave out {missing}.")

    def sentence(self, lower: Everywhere | None, upper: BestParameters | None) -> str:
        """Return one sentence that says what the certificate claims; brackets are rounded outward, all other ranges are exact."""
        best = _claimed(upper)
        name = self.method.called()
        one = "a" if self.given is None else "the given"
        factor = up(best.theta, 12)
        controls = f"contracts {one} Lyapunov function that controls the {self.metric} by the factor {factor} a step"
        parts = [f"{name} with {self._values()} {self.setting.statement()} {controls}"]
        other = "a Lyapunov function of the class prove" if self.given is None else "this function contract by"
        where = f"for no {self._named(self.searched, _exactly)}"
        if best.bracket is not None:
            where += f", except perhaps {self._named(best.bracket, _outward)},"
        parts.append(f"{where} does {other} a smaller one")
        if lower is not None:
            parts.append(f"nowhere there one below {down(lower.theta, 12)}")
        if best.worse is not None:
            parts.append(f"for {self._named(best.worse.region, _exactly)} none below {_above(best.worse.rate, best.theta)}")
        return f"{', and '.join(parts)}{necessary(self.method, self.setting)}{self.rate.notes()}."

    def _values(self) -> str:
        return " and ".join(f"{_word(name)} {exact(getattr(self.method, name))}" for name in self._told())

    def _told(self) -> tuple[str, ...]:
        """Return the parameters that a reader has to know: those that vary, the step size, and all other numbers."""
        numbers = [name for name, value in self.method.parameters().items() if isinstance(value, Fraction)]
        others = [name for name in numbers if name not in self.names and name != STEP]
        return (*(self.names if STEP in self.names else (STEP, *self.names)), *others)

    def _named(self, box: Box, written: Callable[[Side], str]) -> str:
        return " and ".join(f"{_word(name)} in {written(side)}" for name, side in zip(self.names, box.sides, strict=True))

    def describe(self, lower: Everywhere | None, upper: BestParameters | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects."""
        best = _claimed(upper)
        claim, inner = self.rate.describe(None, best.rate)
        claim |= {
            "format": KINDS[self.KIND].format,
            "rate": {"lower": None if lower is None else str(lower.theta), "upper": str(best.theta)},
            "searched": self._ranges(self.searched),
            "bracket": None if best.bracket is None else self._ranges(best.bracket),
            "searched_features": self.on(self.searched).feature_names(),
        }
        witnesses: dict[str, object] = {"upper": inner["upper"], "outside": [self._written(w) for w in best.outside]}
        if lower is not None:
            witnesses["inside"] = [self._written(w) for w in lower.inside]
        if best.worse is not None:
            claim["worse"] = {"region": self._ranges(best.worse.region), "rate": str(best.worse.rate)}
            witnesses["worse"] = [self._written(w) for w in best.worse.witnesses]
        return claim, witnesses

    def _ranges(self, box: Box) -> dict[str, list[str | None]]:
        return {name: _ends(side) for name, side in zip(self.names, box.sides, strict=True)}

    def _written(self, witness: Excluded) -> dict[str, object]:
        if isinstance(witness, LineWitness):
            return {"box": self._ranges(witness.box), **witness.written()}
        return {
            "box": self._ranges(witness.box),
            "degrees": list(witness.degrees),
            "grams": [[[[str(a) for a in row] for row in gram] for gram in grams] for grams in witness.grams],
            "values": [[str(a) for a in values] for values in witness.values],
        }

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, Everywhere, BestParameters]:
        """Return the certificate of a file, without checking its witnesses; see :meth:`efpep.questions.base.Question.restore`."""
        files.has(described.claim, ["searched", "bracket", "searched_features", "rate"], "the claim")
        claim = dict(described.claim)
        searched = files.table(claim.pop("searched"), "the searched ranges")
        bracket = claim.pop("bracket")
        features = claim.pop("searched_features")
        worse = files.table(claim.pop("worse"), "the worse parameters", ["region", "rate"]) if "worse" in claim else None
        ends = files.table(claim["rate"], "the claim's rate", ["lower", "upper"])
        lower = None if ends["lower"] is None else files.number(ends["lower"], "the lower rate")
        keys = ["upper", "outside", *(["inside"] if lower is not None else []), *(["worse"] if worse is not None else [])]
        witnesses = files.table(described.witnesses, "the witnesses", keys)
        claim |= {"format": KINDS[RateQuestion.KIND].format, "rate": {"lower": None, "upper": ends["upper"]}}
        if ends["upper"] is None:
            raise CertificateError("the claim has no upper rate.")
        rate = rate_certificate({"claim": claim, "witnesses": {"upper": witnesses["upper"]}}, "the rate")
        question = cls.of(rate.question, _varied(rate.method, searched), _box(searched, list(searched)))
        best = BestParameters(cast("UpperWitness", rate.upper), None if bracket is None else _box(bracket, question.names), ())
        if best.bracket is not None and overlap(question.searched, best.bracket) != best.bracket:
            raise CertificateError("the bracket is not inside the searched ranges.")
        if features != question.on(question.searched).feature_names():
            raise CertificateError("the searched features are not those of the method in this setting.")
        best = replace(best, outside=question.witnesses(witnesses["outside"]))
        if worse is not None:
            number = files.number(worse["rate"], "the rate of worse parameters")
            region = _box(worse["region"], question.names)
            best = replace(best, worse=Worse(region, number, question.witnesses(witnesses["worse"])))
        inside = None if lower is None else Everywhere(lower, question.witnesses(witnesses["inside"]))
        return Certificate(question, inside, best)

    def witnesses(self, described: object) -> tuple[Excluded, ...]:
        """Return the instances on boxes of a file.

        Raises:
            CertificateError: they are malformed, or do not fit the question.
        """
        if not isinstance(described, list):
            raise CertificateError("the witnesses on boxes are not a list.")
        return tuple(self._witness(item) for item in cast("list[object]", described))

    def _witness(self, described: object) -> Excluded:
        if "state" in files.table(described, "a witness on a box"):
            complex_too = "turned" in files.table(described, "a witness on a box")
            found = files.table(described, "a witness on a line", ["box", *(PLANE_KEYS if complex_too else LINE_KEYS)])
            return LineWitness.read(found, _box(found["box"], self.names), self.polynomial)
        found = files.table(described, "a witness on a box", ["box", "degrees", "grams", "values"])
        box = _box(found["box"], self.names)
        degrees = read_degrees(found["degrees"], len(self.names))
        question = self.on(box)
        count, values = len(question.blocks), len(question.values_used)
        grams = [
            tuple(files.matrix(gram, "a Gram matrix") for gram in files.listed(item, count, "a list of Gram matrices"))
            for item in files.listed(found["grams"], len(Box.indices(degrees)), "the Gram matrices")
        ]
        numbers = [
            tuple(files.number(a, "a function value") for a in files.listed(item, values, "a list of values"))
            for item in files.listed(found["values"], len(Box.indices(degrees)), "the values")
        ]
        return BoxWitness(box, degrees, tuple(grams), tuple(numbers))


StepSizeCertificate = Certificate[StepSizeQuestion, Everywhere, BestParameters]


def _claimed(upper: BestParameters | None) -> BestParameters:
    if upper is None:
        raise CertificateError("the certificate has no upper witness.")
    return upper


def _varied(method: Method, searched: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of the parameters that vary.

    Raises:
        CertificateError: there are none, or the method has no such number.
    """
    names = tuple(searched)
    if not names:
        raise CertificateError("the claim names no parameter that varies.")
    unknown = [name for name in names if not isinstance(method.parameters().get(name), Fraction)]
    if unknown:
        raise CertificateError(f"the method has no numeric parameter {unknown[0]!r}.")
    return names


def question_on(rate: RateQuestion, names: Sequence[str], box: Box) -> StepInequalities:
    """Return the question of a rate's question with some parameters polynomials on ``box``.

    Raises:
        CertificateError: the question cannot be asked on a box.
    """
    question = polynomial_question(rate, names, box.parameters())
    return question if question.given is not None else rescaled(question, box)


def polynomial_question(rate: RateQuestion, names: Sequence[str], values: Sequence[Scalar]) -> StepInequalities:
    """Return the question of a rate's question with some parameters polynomials.

    Raises:
        CertificateError: the question cannot be asked so.
    """
    try:
        method = replace(rate.method, **dict(zip(names, values, strict=True)))
        question = rate_inequalities(method, rate.setting, rate.metric, POLYNOMIALS, rate.lyapunov_class)
    except InputError as error:
        raise CertificateError(f"the question cannot be asked on a box of parameters: {error}") from error
    if rate.given is not None and question.feature_names() != rate.inequalities.feature_names():
        raise CertificateError("the given Lyapunov function has other features at the best parameters than elsewhere.")
    return replace(question, given=rate.given)


def _word(name: str) -> str:
    return name.replace("_", " ")


def _exactly(side: Side) -> str:
    return f"[{exact(side.lower)}, {'oo)' if side.upper is None else f'{exact(side.upper)}]'}"


def _outward(side: Side) -> str:
    return f"[{down(side.lower, 12)}, {'oo)' if side.upper is None else f'{up(side.upper, 12)}]'}"


def _above(rate: Fraction, upper: Fraction) -> str:
    """Return ``rate`` rounded down, with digits enough to see that it is above ``upper``."""
    digits = 12
    while Fraction(down(rate, digits)) <= Fraction(up(upper, 12)) and digits < 60:
        digits += 4
    return down(rate, digits)


def _ends(side: Side) -> list[str | None]:
    return [str(side.lower), None if side.upper is None else str(side.upper)]


def _box(described: object, names: Sequence[str]) -> Box:
    ranges = files.table(described, "a box", list(names))
    sides: list[Side] = []
    for name in names:
        lower, upper = files.listed(ranges[name], 2, f"the range of {name}")
        side = Side(files.number(lower, f"an end of {name}"), None if upper is None else files.number(upper, f"an end of {name}"))
        if side.upper is not None and side.upper <= side.lower:
            raise CertificateError(f"the range {side} of {name} is empty.")
        sides.append(side)
    return Box(tuple(sides))
