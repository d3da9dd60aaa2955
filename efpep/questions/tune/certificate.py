"""Step-size certificates: the best parameters up to a bracket, and the numbers that prove it.

The claim: at the method's parameters the rate is at most ``upper``, and for no parameters in ``searched``, except perhaps in
``bracket``, does a Lyapunov function of the class contract by less than ``upper``; nowhere there by less than ``lower``. It may
add a region of parameters in which none contracts by less than a factor above ``upper``: those parameters are worse.

The class is that of the quadratics in the features that the claim names, plus the gaps, which contract from every state. (At
single parameters, such as step size zero, features may coincide that differ elsewhere.) The witnesses are one of a rate
certificate's upper end, and instances on boxes (:mod:`efpep.questions.tune.box`) that cover everything
outside the bracket. A check rebuilds the inequalities, as polynomials in the parameters, from the method's own definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.model.box import Box, Index, Side
from efpep.model.polynomial import POLYNOMIALS
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.proof.conditions import check_separated
from efpep.questions.base import RateCertificate, rate_certificate
from efpep.questions.common.said import necessary
from efpep.questions.rate.contraction import Contraction, contraction
from efpep.questions.rate.question import RateClaim
from efpep.questions.tune.box import BoxWitness, check_box
from efpep.questions.tune.covering import minus, overlap, uncovered
from efpep.questions.tune.rescaled import rescaled
from efpep.setting import Setting

FORMAT = "efpep-step-size-1"
STEP = "step_size"


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
    witnesses: tuple[BoxWitness, ...]


@dataclass(frozen=True, slots=True)
class StepSizeCertificate(files.Saved):
    """The claim that a method's parameters are the best ones up to a bracket, with its proof.

    Attributes:
        rate: the certificate of the rate at these parameters; only its upper end is used.
        names: the parameters that vary.
        searched: the ranges of these parameters that the claim is about.
        bracket: where better parameters are not excluded; None where they are excluded everywhere.
        outside: instances that exclude rates below ``upper`` outside the bracket.
        lower: rates below it are excluded everywhere in ``searched``; None where that is not claimed.
        inside: instances that exclude rates below ``lower`` in the bracket.
        worse: parameters that are worse; None where that is not claimed.
    """

    rate: RateCertificate
    names: tuple[str, ...]
    searched: Box
    bracket: Box | None
    outside: tuple[BoxWitness, ...]
    lower: Fraction | None = None
    inside: tuple[BoxWitness, ...] = ()
    worse: Worse | None = None

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.rate.setting

    @property
    def metric(self) -> str:
        """The metric that the Lyapunov function controls."""
        return self.rate.claim.metric

    @property
    def method(self) -> Method:
        """The method at the best parameters found."""
        return self.rate.method

    @property
    def upper(self) -> Fraction:
        """The rate at these parameters, proved.

        Raises:
            CertificateError: there is no upper witness.
        """
        if self.rate.upper is None:
            raise CertificateError("the certificate has no upper witness.")
        return self.rate.upper.theta

    def question(self, box: Box) -> Contraction:
        """Return the one-step question as polynomials on ``box``."""
        return question_on(self.rate, self.names, box)

    def check(self) -> str:
        """Check all witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        replace(self.rate, lower=None).check()
        if self.outside or self.inside or self.worse is not None:
            check_separated(separated=self.rate.claim.question.separated)
        upper = self.upper
        for witness in self.outside:
            self._check_box(witness, upper, "below the upper rate")
        regions = [self.searched] if self.bracket is None else minus(self.searched, self.bracket)
        self._check_covered(regions, self.outside, "outside the bracket")
        if self.lower is not None:
            if self.lower > upper:
                raise CertificateError("the lower rate is above the upper one.")
            for witness in self.inside:
                self._check_box(witness, self.lower, "below the lower rate")
            self._check_covered([] if self.bracket is None else [self.bracket], self.inside, "in the bracket")
        if self.worse is not None:
            if self.worse.rate <= upper:
                raise CertificateError("the rate of the parameters that are worse is not above the upper rate.")
            for witness in self.worse.witnesses:
                self._check_box(witness, self.worse.rate, "of parameters that are worse")
            self._check_covered([self.worse.region], self.worse.witnesses, "of parameters that are worse")
        return self.sentence()

    def _check_box(self, witness: BoxWitness, rate: Fraction, what: str) -> None:
        if len(witness.box.sides) != len(self.names):
            raise CertificateError("a box does not have one range for each parameter.")
        try:
            check_box(self.question(witness.box), rate, witness)
        except CertificateError as error:
            raise CertificateError(f"rates {what} are not excluded on the box {witness.box}: {error}") from error

    @staticmethod
    def _check_covered(regions: Sequence[Box], witnesses: Sequence[BoxWitness], what: str) -> None:
        for region in regions:
            missing = uncovered(region, [witness.box for witness in witnesses])
            if missing is not None:
                raise CertificateError(f"the boxes {what} leave out {missing}.")

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims; brackets are rounded outward, all other ranges are exact."""
        name = self.method.called()
        one = "a" if self.rate.claim.given is None else "the given"
        factor = up(self.upper, 12)
        controls = f"contracts {one} Lyapunov function that controls the {self.metric} by the factor {factor} a step"
        parts = [f"{name} with {self._values()} {self.setting.statement()} {controls}"]
        other = "a Lyapunov function of the class prove" if self.rate.claim.given is None else "this function contract by"
        where = f"for no {self._named(self.searched, _exactly)}"
        if self.bracket is not None:
            where += f", except perhaps {self._named(self.bracket, _outward)},"
        parts.append(f"{where} does {other} a smaller one")
        if self.lower is not None:
            parts.append(f"nowhere there one below {down(self.lower, 12)}")
        if self.worse is not None:
            parts.append(f"for {self._named(self.worse.region, _exactly)} none below {_above(self.worse.rate, self.upper)}")
        return f"{', and '.join(parts)}{necessary(self.setting)}{self.rate.claim.notes()}."

    def _values(self) -> str:
        return " and ".join(f"{_word(name)} {exact(getattr(self.method, name))}" for name in self._told())

    def _told(self) -> tuple[str, ...]:
        """Return the parameters that a reader has to know: those that vary, the step size, and all other numbers."""
        numbers = [name for name, value in self.method.parameters().items() if isinstance(value, Fraction)]
        others = [name for name in numbers if name not in self.names and name != STEP]
        return (*(self.names if STEP in self.names else (STEP, *self.names)), *others)

    def _named(self, box: Box, written: Callable[[Side], str]) -> str:
        return " and ".join(f"{_word(name)} in {written(side)}" for name, side in zip(self.names, box.sides, strict=True))

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object."""
        inner = replace(self.rate, lower=None).describe()
        claim = dict(cast("dict[str, object]", inner["claim"]))
        claim["format"] = FORMAT
        claim["rate"] = {"lower": None if self.lower is None else str(self.lower), "upper": str(self.upper)}
        claim["searched"] = self._ranges(self.searched)
        claim["bracket"] = None if self.bracket is None else self._ranges(self.bracket)
        claim["searched_features"] = self.question(self.searched).feature_names()
        upper = cast("dict[str, object]", inner["witnesses"])["upper"]
        witnesses: dict[str, object] = {"upper": upper, "outside": [self._written(w) for w in self.outside]}
        if self.lower is not None:
            witnesses["inside"] = [self._written(w) for w in self.inside]
        if self.worse is not None:
            claim["worse"] = {"region": self._ranges(self.worse.region), "rate": str(self.worse.rate)}
            witnesses["worse"] = [self._written(w) for w in self.worse.witnesses]
        return {"claim": claim, "witnesses": witnesses}

    def _ranges(self, box: Box) -> dict[str, list[str | None]]:
        return {name: _ends(side) for name, side in zip(self.names, box.sides, strict=True)}

    def _written(self, witness: BoxWitness) -> dict[str, object]:
        return {
            "box": self._ranges(witness.box),
            "degrees": list(witness.degrees),
            "grams": [[[[str(a) for a in row] for row in gram] for gram in grams] for grams in witness.grams],
            "values": [[str(a) for a in values] for values in witness.values],
        }

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> StepSizeCertificate:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        claim = dict(files.table(described["claim"], "the claim"))
        if claim.get("format") != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        missing = [key for key in ("searched", "bracket", "searched_features", "rate") if key not in claim]
        if missing:
            raise CertificateError(f"the claim has no {missing[0]!r}.")
        searched = files.table(claim.pop("searched"), "the searched ranges")
        bracket = claim.pop("bracket")
        features = claim.pop("searched_features")
        worse = files.table(claim.pop("worse"), "the worse parameters", ["region", "rate"]) if "worse" in claim else None
        ends = files.table(claim["rate"], "the claim's rate", ["lower", "upper"])
        lower = None if ends["lower"] is None else files.number(ends["lower"], "the lower rate")
        keys = ["upper", "outside", *(["inside"] if lower is not None else []), *(["worse"] if worse is not None else [])]
        witnesses = files.table(described["witnesses"], "the witnesses", keys)
        claim |= {"format": RateClaim.FORMAT, "rate": {"lower": None, "upper": ends["upper"]}}
        if ends["upper"] is None:
            raise CertificateError("the claim has no upper rate.")
        rate = rate_certificate({"claim": claim, "witnesses": {"upper": witnesses["upper"]}}, "the rate")
        names = tuple(searched)
        if not names:
            raise CertificateError("the claim names no parameter that varies.")
        unknown = [name for name in names if not isinstance(rate.method.parameters().get(name), Fraction)]
        if unknown:
            raise CertificateError(f"the method has no numeric parameter {unknown[0]!r}.")
        found = cls(rate, names, _box(searched, names), None if bracket is None else _box(bracket, names), (), lower)
        if found.bracket is not None and overlap(found.searched, found.bracket) != found.bracket:
            raise CertificateError("the bracket is not inside the searched ranges.")
        if features != found.question(found.searched).feature_names():
            raise CertificateError("the searched features are not those of the method in this setting.")
        outside = found._witnesses(witnesses["outside"])
        inside = found._witnesses(witnesses["inside"]) if lower is not None else ()
        if worse is not None:
            region = Worse(_box(worse["region"], names), files.number(worse["rate"], "the rate of worse parameters"), ())
            found = replace(found, worse=replace(region, witnesses=found._witnesses(witnesses["worse"])))
        return replace(found, outside=outside, inside=inside)

    def _witnesses(self, described: object) -> tuple[BoxWitness, ...]:
        if not isinstance(described, list):
            raise CertificateError("the witnesses on boxes are not a list.")
        return tuple(self._witness(item) for item in cast("list[object]", described))

    def _witness(self, described: object) -> BoxWitness:
        found = files.table(described, "a witness on a box", ["box", "degrees", "grams", "values"])
        box = _box(found["box"], self.names)
        degrees = _degrees(found["degrees"], len(self.names))
        question = self.question(box)
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


def question_on(rate: RateCertificate, names: Sequence[str], box: Box) -> Contraction:
    """Return the question of a rate certificate with some parameters polynomials on ``box``.

    Raises:
        CertificateError: the question cannot be asked on a box.
    """
    try:
        method = replace(rate.method, **dict(zip(names, box.parameters(), strict=True)))
        question = contraction(method, rate.setting, rate.claim.metric, POLYNOMIALS, rate.claim.shape)
    except InputError as error:
        raise CertificateError(f"the question cannot be asked on a box of parameters: {error}") from error
    if rate.claim.given is None:
        return rescaled(question, box)
    if question.feature_names() != rate.claim.question.feature_names():
        raise CertificateError("the given Lyapunov function has other features at the best parameters than elsewhere.")
    return replace(question, given=rate.claim.given)


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


def _degrees(described: object, count: int) -> Index:
    found = files.listed(described, count, "the degrees")
    if not all(isinstance(d, int) and not isinstance(d, bool) and 0 <= d <= 4 for d in found):
        raise CertificateError("the degrees are not small whole numbers.")
    return tuple(cast("list[int]", found))
