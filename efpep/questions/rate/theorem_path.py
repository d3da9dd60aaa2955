"""Rates of which a theorem gives the proof: both ends from its formulas, without a solver.

The formulas of a :class:`~efpep.theory.statement.RateProof` are rational in ``s = sqrt(1 - delta)`` and the root of the claim's
equation, which need not be. The upper end is the proof for a wider class: s and the root just above their values, and the
curvature that belongs to them, which is a little less than mu or more than L; its multipliers serve the rows of the narrower
class. The lower end is the theorem's worst case for a narrower class: s and the root just below. Both are checked as any other
certificate is.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint

from efpep.conic.outward import outward, places_of
from efpep.errors import CertificateError, InputError
from efpep.model.function_class import Convexity
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.rate.enclosure import Enclosure, sharp_width
from efpep.questions.rate.linear_instances import LinearInstance, equations, moments, root_above, root_below, solution
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.theory import constants
from efpep.theory.formula import compiled, tree
from efpep.theory.rate_claim import largest

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.questions.common.step_inequalities import StepInequalities
    from efpep.questions.rate.question import RateQuestion
    from efpep.theory.formula import Compiled
    from efpep.theory.statement import Case, RateProof, SquareSums

THEOREM = "theorem"
"""Who proposes these witnesses."""
_ROOM = Fraction(3, 10**10)
"""How wide an interval is where nothing narrower is asked."""
_flint: Any = flint


def by_theorem(question: RateQuestion, trace: Trace, width: Fraction) -> Enclosure | None:
    """Return both ends of the rate from the formulas of the method's theorem; None where it does not cover the question.

    Args:
        question: the question, with its recorded inequalities.
        trace: the recording.
        width: how wide the interval may be.
    """
    proof = question.method.literature.rate_proof
    chosen = question.lyapunov_class
    plain = chosen.memory == 0 and chosen.features is None and chosen.positivity == WEIGHTS
    if proof is None or not plain or question.given is not None or question.metric != proof.claim.metric:
        return None
    try:
        point = _Covered.of(question, proof)
    except (InputError, ZeroDivisionError):  # other classes than the theorem's
        return None
    if point is None:
        return None
    built = question.inequalities
    with contextlib.suppress(CertificateError, InputError, ZeroDivisionError):
        upper, lower = point.upper(built, width), point.lower(built, trace, width)
        if upper is not None and lower is not None:
            check_upper(built.system, upper)
            check_lower(built.system, lower)
            return Enclosure(lower, upper, THEOREM)
    return None


@dataclass(frozen=True)
class _Covered:
    """The parameters of a question that a theorem covers.

    Attributes:
        proof: the theorem's proof.
        mu: the functions' curvature.
        smoothness: L.
        loss: ``1 - delta``.
        step: the step size.
        rate: the rate, to about 60 digits.
    """

    proof: RateProof
    mu: Fraction
    smoothness: Fraction
    loss: Fraction
    step: Fraction
    rate: Fraction

    @classmethod
    def of(cls, question: RateQuestion, proof: RateProof) -> _Covered | None:
        """Return the parameters, or None where the theorem does not cover them; raises as :mod:`efpep.theory.constants`."""
        setting = question.setting
        groups = setting.populations()
        strong = setting.mean is None and groups[0].functions.convexity is Convexity.STRONG
        if len(groups) != 1 or not strong or not constants.free(setting):
            return None
        loss = 1 - constants.contraction(setting)
        names = {**constants.quantities(setting), "eta": Fraction(question.method.step_size)}
        exact = {name: _flint_number(a) for name, a in names.items()}
        if not 0 < names["eta"] < _fraction(_at(proof.claim.limit, exact)):
            return None
        rate = proof.claim.value(exact, _at, _fraction)
        return cls(proof, names["mu"], names["L"], loss, names["eta"], rate)

    def room(self, width: Fraction) -> Fraction:
        """Return how wide the interval is to be."""
        return min(_ROOM, sharp_width(1 - self.rate, width))

    def _solved(self, s: Fraction) -> tuple[Case | None, dict[str, Any], Fraction]:
        """Return the case, the names with a value of ``s``, and the root."""
        names = {name: _flint_number(a) for name, a in (("mu", self.mu), ("L", self.smoothness), ("s", s), ("eta", self.step))}
        branch, coefficients = self.proof.claim.solved(names, _at)
        kind = (branch, self.mu == self.smoothness, self.loss == 0)
        case = next((c for c in self.proof.cases if (c.branch, c.equal, c.lossless) == kind), None)
        return case, names, largest([_fraction(a) for a in coefficients])

    def _completed(self, case: Case, names: Mapping[str, Any], root: Fraction) -> dict[str, Any]:
        """Return the names with the root, the curvature that belongs to it, and the case's abbreviations."""
        found = {**names, self.proof.claim.root: _flint_number(root)}
        found |= {name: _at(text, found) for name, text in case.solved.items()}
        for name, text in case.where.items():
            found[name] = _at(text, found)
        return found

    # --- the upper end ------------------------------------------------------------------------------------------------

    def upper(self, built: StepInequalities, width: Fraction) -> UpperWitness | None:
        """Return the witness of the upper end, unchecked; None where the theorem speaks of features that are not there."""
        room = self.room(width)
        digits = 2 + places_of(room, 1)
        case, names, root = self._solved(root_above(self.loss, digits + 3))
        if case is None:
            return None
        names = self._completed(case, names, outward(root + room / 64, digits, up=True))
        proved = _at(self.proof.claim.rate, names)
        rate = outward(_fraction(proved) + room / 16, digits, up=True)
        spare = _flint_number(rate) - proved
        weights = [self._weights(case.proof.lyapunov, b.name, [f.name for f in b.features], names) for b in built.blocks]
        multipliers: dict[str, Any] = dict.fromkeys((row.name for row in built.rows), 0)
        controlled = case.proof.domination
        shares = ((case.proof.multipliers, 1), (controlled.multipliers, spare))
        for known, factor in shares:
            for name, text in known.items():
                if name not in multipliers:
                    return None
                multipliers[name] += factor * _at(text, names)
        gaps = {gap.name: Fraction(0) for gap in built.gaps}
        gaps |= {name: _fraction(_at(text, names)) for name, text in case.proof.gaps.items()}
        if any(matrix is None for matrix in weights) or len(gaps) != len(built.gaps):
            return None
        margin = _fraction(spare * _at(controlled.constant, names))
        found = tuple(matrix for matrix in weights if matrix is not None)
        return UpperWitness(rate, found, tuple(gaps.values()), (tuple(map(_fraction, multipliers.values())),), margin)

    def _weights(
        self, lyapunov: SquareSums, block: str, features: list[str], names: Mapping[str, Any]
    ) -> tuple[tuple[Fraction, ...], ...] | None:
        """Return V in a block as a matrix over its features, or None where one is not there."""
        place = {name: i for i, name in enumerate(features)}
        total: list[list[Any]] = [[0] * len(place) for _ in place]
        for square in lyapunov.get(block, ()):
            if not square.vector.keys() <= place.keys():
                return None
            scale = _at(square.coefficient, names)
            vector = [(place[name], _at(text, names)) for name, text in square.vector.items()]
            for i, a in vector:
                for j, b in vector:
                    total[i][j] += scale * a * b
        return tuple(tuple(map(_fraction, row)) for row in total)

    # --- the lower end ------------------------------------------------------------------------------------------------

    def lower(self, built: StepInequalities, trace: Trace, width: Fraction) -> LowerWitness | None:
        """Return the witness of the lower end, unchecked; None where the worst case is no instance of the class."""
        room = self.room(width)
        digits = 2 + places_of(room, 1)
        case, names, root = self._solved(root_below(self.loss, digits + 3))
        if case is None:
            return None
        names = self._completed(case, names, outward(root - (0 if case.equal else room / 64), digits, up=False))
        curvature, factor, multiple = (
            _fraction(_at(text, names)) for text in (case.instance.curvature, case.instance.factor, case.instance.multiple)
        )
        if not self.mu <= curvature <= self.smoothness:
            return None
        instance = LinearInstance((curvature,), (factor,), growth=multiple)
        columns = built.blocks[0].columns
        known = [e for e in equations(built, trace) if {*e.left.terms, *e.right.terms} <= set(columns)]
        state = solution(instance, known, columns)
        if state is None:
            return None
        numbers = [state.get(j, Fraction(0)) for j in range(len(trace.blocks[0]))]
        grams, values = moments(built, trace, (curvature,), numbers)
        return LowerWitness(multiple**2, (grams,), (values,))


def _at(text: str, names: Mapping[str, Any]) -> Any:
    """Return the value of a formula in flint's rational numbers."""
    formula, numbers = _formula(text)
    return formula.at(names, numbers)


@functools.lru_cache(maxsize=4096)
def _formula(text: str) -> tuple[Compiled, list[Any]]:
    formula = compiled(tree(text))
    return formula, [_flint_number(a) for a in formula.numbers]


def _flint_number(a: Fraction) -> Any:
    return _flint.fmpq(a.numerator, a.denominator)


def _fraction(a: Any) -> Fraction:
    return Fraction(int(a.numerator), int(a.denominator))
