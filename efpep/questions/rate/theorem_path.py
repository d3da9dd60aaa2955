"""Rates of which a theorem gives the proof: both ends from its formulas, without a solver.

The formulas of a :class:`~efpep.theory.statement.RateProof` are rational in ``s = sqrt(1 - delta)`` and the root of the claim's
equation, which need not be. The upper end is the proof for a wider class: s and the root just above their values, and the
curvature that belongs to them, which is a little less than mu or more than L; its multipliers serve the rows of the narrower
class. The lower end is the theorem's worst case for a narrower class: s and the root just below. Both are checked as any other
certificate is.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.outward import outward
from efpep.errors import CertificateError, InputError
from efpep.model.function_class import Convexity
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.rate.enclosure import Enclosure, sharp_width
from efpep.questions.rate.linear_instances import LinearInstance, equations, moments, root_above, root_below, vanishing
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.theory import constants
from efpep.theory.closed_form import number

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.model.trace import Trace
    from efpep.questions.rate.inequalities import RateInequalities
    from efpep.questions.rate.question import RateQuestion
    from efpep.theory.statement import Case, RateProof, SquareSums

THEOREM = "theorem"
"""Who proposes these witnesses."""
_ROOM = Fraction(3, 10**10)
"""How wide an interval is where nothing narrower is asked."""


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
        if len(groups) != 1 or groups[0].functions.convexity is not Convexity.STRONG or not constants.free(setting):
            return None
        known = constants.averages(setting)
        loss = 1 - constants.contraction(setting)
        names = {**constants.quantities(setting), "eta": question.method.step_size}
        if not 0 < names["eta"] < number(proof.claim.limit, names):
            return None
        rate = proof.claim.value(names)
        return cls(proof, known.mu, known.L, loss, Fraction(question.method.step_size), rate)

    def room(self, width: Fraction) -> Fraction:
        """Return how wide the interval is to be."""
        return min(_ROOM, sharp_width(1 - self.rate, width))

    def _names(self, s: Fraction) -> dict[str, Scalar]:
        return {"mu": self.mu, "L": self.smoothness, "s": s, "eta": self.step}

    def _case(self, names: Mapping[str, Scalar]) -> Case | None:
        branch, equal, lossless = self.proof.claim.branch(names), self.mu == self.smoothness, self.loss == 0
        return next((c for c in self.proof.cases if (c.branch, c.equal, c.lossless) == (branch, equal, lossless)), None)

    def _solved(self, case: Case, names: Mapping[str, Scalar], root: Fraction) -> dict[str, Scalar]:
        """Return the names with the root, the curvature that belongs to it, and the case's abbreviations."""
        found = {**names, self.proof.claim.root: root}
        found |= {name: number(text, found) for name, text in case.solved.items()}
        for name, text in case.where.items():
            found[name] = number(text, found)
        return found

    # --- the upper end ------------------------------------------------------------------------------------------------

    def upper(self, built: RateInequalities, width: Fraction) -> UpperWitness | None:
        """Return the witness of the upper end, unchecked; None where the theorem speaks of features that are not there."""
        room = self.room(width)
        digits = 2 - math.floor(math.log10(room))
        names = self._names(root_above(self.loss, digits + 3))
        case = self._case(names)
        if case is None:
            return None
        root = outward(self.proof.claim.largest_root(names) + room / 64, digits, up=True)
        names = self._solved(case, names, root)
        proved = number(self.proof.claim.rate, names)
        rate = outward(proved + room / 16, digits, up=True)
        spare = rate - proved
        weights = [self._weights(case.proof.lyapunov, b.name, [f.name for f in b.features], names) for b in built.blocks]
        multipliers = dict.fromkeys((row.name for row in built.rows), Fraction(0))
        controlled = case.proof.domination
        shares = ((case.proof.multipliers, Fraction(1)), (controlled.multipliers, spare))
        for known, factor in shares:
            for name, text in known.items():
                if name not in multipliers:
                    return None
                multipliers[name] += factor * number(text, names)
        gaps = {gap.name: Fraction(0) for gap in built.gaps}
        gaps |= {name: number(text, names) for name, text in case.proof.gaps.items()}
        if any(matrix is None for matrix in weights) or len(gaps) != len(built.gaps):
            return None
        margin = spare * number(controlled.constant, names)
        found = tuple(matrix for matrix in weights if matrix is not None)
        return UpperWitness(rate, found, tuple(gaps.values()), (tuple(multipliers.values()),), margin)

    def _weights(
        self, lyapunov: SquareSums, block: str, features: list[str], names: Mapping[str, Scalar]
    ) -> tuple[tuple[Fraction, ...], ...] | None:
        """Return V in a block as a matrix over its features, or None where one is not there."""
        place = {name: i for i, name in enumerate(features)}
        total = [[Fraction(0)] * len(place) for _ in place]
        for square in lyapunov.get(block, ()):
            if not square.vector.keys() <= place.keys():
                return None
            scale = number(square.coefficient, names)
            vector = [(place[name], number(text, names)) for name, text in square.vector.items()]
            for i, a in vector:
                for j, b in vector:
                    total[i][j] += scale * a * b
        return tuple(map(tuple, total))

    # --- the lower end ------------------------------------------------------------------------------------------------

    def lower(self, built: RateInequalities, trace: Trace, width: Fraction) -> LowerWitness | None:
        """Return the witness of the lower end, unchecked; None where the worst case is no instance of the class."""
        room = self.room(width)
        digits = 2 - math.floor(math.log10(room))
        names = self._names(root_below(self.loss, digits + 3))
        case = self._case(names)
        if case is None:
            return None
        root = outward(self.proof.claim.largest_root(names) - (0 if case.equal else room / 64), digits, up=False)
        names = self._solved(case, names, root)
        curvature, factor, multiple = (
            number(text, names) for text in (case.instance.curvature, case.instance.factor, case.instance.multiple)
        )
        if not self.mu <= curvature <= self.smoothness:
            return None
        instance = LinearInstance((curvature,), (factor,), growth=multiple)
        columns = built.blocks[0].columns
        known = [instance.form(e) for e in equations(built, trace) if {*e.left.terms, *e.right.terms} <= set(columns)]
        state = vanishing(known, columns)
        if state is None:
            return None
        numbers = [state.get(j, Fraction(0)) for j in range(len(trace.blocks[0]))]
        grams, values = moments(built, trace, (curvature,), numbers)
        return LowerWitness(multiple**2, (grams,), (values,))
