"""Rates of which a theorem gives the proof: both ends from its formulas, without a solver.

The formulas of a :class:`~efpep.theory.statement.RateProof` are rational in ``s = sqrt(1 - delta)`` and the root of the claim's
equation, which need not be. The upper end is the proof for a wider class: s and the root just above their values, and the
curvature that belongs to them, which is a little less than mu or more than L; its multipliers serve the rows of the narrower
class. The lower end is the theorem's worst case for a narrower class: s and the root just below. Both are checked as any other
certificate is.

All that follows from these numbers is arithmetic, in whatever field the step is recorded: from the second question of a shape on
it is not recorded again (:mod:`efpep.questions.rate.step_template`).
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from efpep.conic.outward import outward, places_of
from efpep.errors import CertificateError, InputError
from efpep.model.field import Scalar
from efpep.model.function_class import Convexity
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.common.prefilled import with_inequalities
from efpep.questions.rate.enclosure import Enclosure, sharp_width
from efpep.questions.rate.linear_instances import (
    LinearInstance,
    attained_moments,
    flint_number,
    fraction,
    root_above,
    root_below,
)
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.questions.rate.step_template import recalled
from efpep.theory import constants
from efpep.theory.closed_form import number
from efpep.theory.formula import compiled, evaluated, names_of, tree
from efpep.theory.rate_claim import RateClaim, largest

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.model.trace import Trace
    from efpep.questions.common.step_inequalities import StepInequalities
    from efpep.questions.rate.question import RateQuestion
    from efpep.theory.formula import Compiled
    from efpep.theory.statement import Case, RateProof, SquareSums

THEOREM = "theorem"
"""Who proposes these witnesses."""
_ROOM = Fraction(3, 10**10)
"""How wide an interval is where nothing narrower is asked."""
At: TypeAlias = Callable[[str, Mapping[str, Any]], Any]
"""Evaluates a formula in a field, by what its names stand for."""


def by_theorem(
    question: RateQuestion, recording: Callable[[], tuple[StepInequalities, Trace]], width: Fraction
) -> Enclosure | None:
    """Return both ends of the rate from the formulas of the method's theorem; None where it does not cover the question.

    The question keeps the recorded inequalities with which the ends were checked.

    Args:
        question: the question.
        recording: returns its recorded step.
        width: how wide the interval may be.
    """
    proof = question.method.literature.rate_proof
    chosen = question.lyapunov_class
    plain = chosen.memory == 0 and chosen.features is None and chosen.positivity == WEIGHTS
    if proof is None or not plain or question.given is not None or question.metric != proof.claim.metric:
        return None
    try:
        point = _Nearby.of(question, proof, width)
    except (InputError, ZeroDivisionError):  # other classes than the theorem's
        return None
    if point is None:
        return None
    with contextlib.suppress(CertificateError, InputError, ZeroDivisionError):
        found = point.recalled(question, proof.claim)
        if found is None:
            built, trace = recording()
            ends = _Formulas(proof.claim, point.low, point.high, number).ends(built, trace, question.method, point.numbers)
        else:
            built, ends = found
        if ends is not None:
            upper, lower = ends
            check_upper(built.system, upper)
            check_lower(built.system, lower)
            with_inequalities(question, built)
            return Enclosure(lower, upper, THEOREM)
    return None


@dataclass(frozen=True, slots=True)
class _Nearby:
    """The numbers from which the ends of a question follow that a theorem covers.

    Attributes:
        low: the theorem's case of the lower end.
        high: its case of the upper end.
        numbers: s and the root just below their values, both just above, and a rate just above that of the latter.
    """

    low: Case
    high: Case
    numbers: tuple[Fraction, Fraction, Fraction, Fraction, Fraction]

    @classmethod
    def of(cls, question: RateQuestion, proof: RateProof, width: Fraction) -> _Nearby | None:
        """Return the numbers, or None where the theorem does not cover them; raises as :mod:`efpep.theory.constants`."""
        setting, claim = question.setting, proof.claim
        groups = setting.populations()
        strong = setting.mean is None and groups[0].functions.convexity is Convexity.STRONG
        if len(groups) != 1 or not strong or not constants.free(setting):
            return None
        if not isinstance(question.method.step_size, Fraction | int):
            return None
        loss = 1 - constants.contraction(setting)
        names = {**constants.quantities(setting), "eta": Fraction(question.method.step_size)}
        exact = {name: flint_number(a) for name, a in names.items()}
        if not 0 < exact["eta"] < _at(claim.limit, exact):
            return None
        room = min(_ROOM, width)
        found = cls._within(proof, exact, loss, room)
        if found is not None and sharp_width(1 - found.numbers[-1], width) < room:
            room = min(room, sharp_width(1 - claim.value(exact, _at, fraction), width))
            found = cls._within(proof, exact, loss, room)
        return found

    def recalled(
        self, question: RateQuestion, claim: RateClaim
    ) -> tuple[StepInequalities, tuple[UpperWitness, LowerWitness]] | None:
        """Return the recorded step and both ends from a program, None where the step is to be recorded."""

        def follows(
            constant: Callable[[Fraction], Scalar],
            built: StepInequalities,
            trace: Trace,
            method: Method,
            numbers: Sequence[Scalar],
        ) -> tuple[UpperWitness, LowerWitness] | None:
            formulas = _Formulas(claim, self.low, self.high, lambda text, names: evaluated(tree(text), names, constant))
            return formulas.ends(built, trace, method, numbers)

        return recalled(question, f"{self.low.name}; {self.high.name}", self.numbers, follows)

    @classmethod
    def _within(cls, proof: RateProof, exact: Mapping[str, Any], loss: Fraction, room: Fraction) -> _Nearby | None:
        """Return the numbers for an interval of this width; None where the theorem has no such case."""
        claim, equal = proof.claim, exact["mu"] == exact["L"]
        digits = 2 + places_of(room, 1)
        below, above = root_below(loss, digits + 3), root_above(loss, digits + 3)
        cases: list[Case] = []
        roots: list[Fraction] = []
        for s in (below, above):
            branch, root = _root(claim, {**exact, "s": flint_number(s)})
            kind = branch, equal, loss == 0
            cases += [c for c in proof.cases if (c.branch, c.equal, c.lossless) == kind]
            roots.append(root)
        if len(cases) != len(roots):
            return None
        low = outward(roots[0] - (0 if equal else room / 64), digits, up=False)
        high = outward(roots[1] + room / 64, digits, up=True)
        names = {**exact, "s": flint_number(above), claim.root: flint_number(high)}
        if not names_of(claim.rate) <= {claim.root}:
            names = _completed(claim, cases[1], names, names[claim.root], _at)
        rate = outward(fraction(_at(claim.rate, names)) + room / 16, digits, up=True)
        return cls(cases[0], cases[1], (below, low, above, high, rate))


def _root(claim: RateClaim, names: Mapping[str, Any]) -> tuple[int, Fraction]:
    """Return which branch is theta, and the largest root of the claim's equation."""
    branch, coefficients = claim.solved(names, _at)
    return branch, largest([fraction(a) for a in coefficients])


def _completed(claim: RateClaim, case: Case, names: Mapping[str, Any], root: Scalar, at: At) -> dict[str, Any]:
    """Return the names with the root, the curvature that belongs to it, and the case's abbreviations."""
    found = {**names, claim.root: root}
    found |= {name: at(text, found) for name, text in case.solved.items()}
    for name, text in case.where.items():
        found[name] = at(text, found)
    return found


# --- both ends, in whatever field ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Formulas:
    """The formulas of a theorem for a question, in the field of the numbers that they are evaluated at.

    Attributes:
        claim: the theorem's claim.
        low: its case of the lower end.
        high: its case of the upper end.
        at: evaluates formulas.
    """

    claim: RateClaim
    low: Case
    high: Case
    at: At

    def ends(
        self, built: StepInequalities, trace: Trace, method: Method, numbers: Sequence[Scalar]
    ) -> tuple[UpperWitness, LowerWitness] | None:
        """Return the witnesses, unchecked; None where the question is another one, or the worst case is no instance of the class.

        Args:
            built: the recorded step.
            trace: the recording.
            method: the method with its step size.
            numbers: those of a :class:`_Nearby`.
        """
        below, low, above, high, rate = numbers
        functions = trace.groups[0].functions
        names = {"mu": functions.curvature, "L": functions.smoothness, "eta": method.step_size}
        lower = self._lower(built, trace, _completed(self.claim, self.low, {**names, "s": below}, low, self.at))
        upper = self._upper(built, rate, _completed(self.claim, self.high, {**names, "s": above}, high, self.at))
        return None if upper is None or lower is None else (upper, lower)

    def _upper(self, built: StepInequalities, rate: Scalar, names: Mapping[str, Any]) -> UpperWitness | None:
        """Return the witness of the upper end; None where the theorem speaks of features or rows that are not there."""
        proof = self.high.proof
        spare = rate - self.at(self.claim.rate, names)
        weights = [self._weights(proof.lyapunov, b.name, [f.name for f in b.features], names) for b in built.blocks]
        multipliers: dict[str, Any] = dict.fromkeys((row.name for row in built.rows), Fraction(0))
        for known, factor in ((proof.multipliers, 1), (proof.domination.multipliers, spare)):
            for name, text in known.items():
                if name not in multipliers:
                    return None
                multipliers[name] += factor * self.at(text, names)
        gaps = {gap.name: Fraction(0) for gap in built.gaps}
        gaps |= {name: self.at(text, names) for name, text in proof.gaps.items()}
        found = tuple(matrix for matrix in weights if matrix is not None)
        if len(found) != len(weights) or len(gaps) != len(built.gaps):
            return None
        margin = spare * self.at(proof.domination.constant, names)
        return UpperWitness(rate, found, tuple(gaps.values()), (tuple(multipliers.values()),), margin)

    def _weights(
        self, lyapunov: SquareSums, block: str, features: Sequence[str], names: Mapping[str, Any]
    ) -> tuple[tuple[Scalar, ...], ...] | None:
        """Return V in a block as a matrix over its features, or None where one is not there."""
        place = {name: i for i, name in enumerate(features)}
        total: list[list[Any]] = [[Fraction(0)] * len(place) for _ in place]
        for square in lyapunov.get(block, ()):
            if not square.vector.keys() <= place.keys():
                return None
            scale = self.at(square.coefficient, names)
            vector = [(place[name], self.at(text, names)) for name, text in square.vector.items()]
            for i, a in vector:
                for j, b in vector:
                    total[i][j] += scale * (a * b)
        return tuple(tuple(row) for row in total)

    def _lower(self, built: StepInequalities, trace: Trace, names: Mapping[str, Any]) -> LowerWitness | None:
        """Return the witness of the lower end; None where the worst case is no instance of the class."""
        functions, instance = trace.groups[0].functions, self.low.instance
        texts = (instance.curvature, instance.factor, instance.multiple)
        curvature, factor, multiple = (self.at(text, names) for text in texts)
        if not functions.curvature <= curvature <= functions.smoothness:
            return None
        found = attained_moments(built, trace, LinearInstance((curvature,), (factor,), growth=multiple))
        return None if found is None else LowerWitness(multiple * multiple, (found[0],), (found[1],))


# --- formulas -----------------------------------------------------------------------------------------------------------


def _at(text: str, names: Mapping[str, Any]) -> Any:
    """Return the value of a formula in flint's rational numbers."""
    formula, numbers = _formula(text)
    return formula.at(names, numbers)


@functools.lru_cache(maxsize=4096)
def _formula(text: str) -> tuple[Compiled, list[Any]]:
    formula = compiled(tree(text))
    return formula, [flint_number(a) for a in formula.numbers]
