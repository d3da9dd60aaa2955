"""A bracketed Newton search in extended precision, where every solve begins from the trail of the last one.

Each solve decides the sign of the margin t(q) and so gives a witness of one end; Newton's step names the next q, which is
moved past the root by a part of the width wanted, so that the two ends close in.
"""

from __future__ import annotations

import math
from fractions import Fraction

from efpep.conic.extended import ExtendedSolver
from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.rounding import Rounding
from efpep.conic.status import SolverStatus
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.rate.enclosure import Enclosure, outward, sharp_width

_LIMIT = 60
_GAP = 0.1
_STALLS = 2
_PATIENCE = 4
_FAST = 0.1
"""By what a step of Newton's method that closes in multiplies the margin at most."""


def refine(
    sdp: Lmi, rounding: Rounding, solver: ExtendedSolver, start: Fraction, width: Fraction, *, last: Fraction | None = None
) -> Enclosure:
    """Enclose the root of the margin of ``sdp`` to ``width``, from the estimate ``start`` of q (0 where there is none).

    ``last`` is the q at which the solver's trail was made, or None.
    """
    lower: LowerWitness | None = None
    upper: UpperWitness | None = None
    bracket = _Bracket()
    q = _placed(max(start - sharp_width(start, width) / 3, Fraction(0)), sharp_width(start, width), up=True)
    stalls = 0
    for _ in range(_LIMIT):
        trail, distance = ([], 0.0) if last is None else (solver.trail, float(abs(q - last)))
        solution = solver.solve_relative(sdp.pencil.at(q), _GAP, start=trail, distance=distance)
        if solution.status is not SolverStatus.SOLVED and trail:
            solution = solver.solve_relative(sdp.pencil.at(q), _GAP)
        stalls = stalls + 1 if solution.status is not SolverStatus.SOLVED else 0
        if stalls > _STALLS or not solution.usable or solution.primal is None or solution.dual is None:
            break
        last = q
        margin, slope = float(solution.primal[HEAD]), sdp.pencil.derivative(solution.dual, solution.primal)
        bracket.add(q, margin)
        if margin > 0 and q > 0:
            upper = rounding.upper(1 - q, solution) or upper
        elif margin <= 0:
            lower = rounding.lower(1 - q, solution) or lower
        closed = lower is not None and upper is not None and upper.theta - lower.theta <= sharp_width(1 - lower.theta, width)
        if closed or (margin <= 0 and q == 0) or not slope < 0 or not math.isfinite(margin / slope):
            break
        root = bracket.root(q - Fraction(margin / slope))
        room = sharp_width(root, width)
        shift = room * Fraction(2, 5)
        q = _placed(root + shift if margin > 0 else root - shift, shift, up=margin < 0)
        if not bracket.below < q < bracket.above:
            q = _placed((bracket.below + bracket.above) / 2, room, up=True)
        if q == last:
            break
    return Enclosure(lower, upper, solver.name)


class _Bracket:
    """An interval with a positive margin below and a negative one above, and where its root may be."""

    def __init__(self) -> None:
        self.below, self.above = Fraction(0), Fraction(1)
        self._low: float | None = None
        self._high: float | None = None
        self._widths: list[Fraction] = []
        self._margins: list[float] = []

    def add(self, q: Fraction, margin: float) -> None:
        """Take in the margin at q."""
        if margin > 0:
            self.below, self._low = max(self.below, q), margin
        else:
            self.above, self._high = min(self.above, q), margin
        self._widths.append(self.above - self.below)
        self._margins.append(margin)

    def root(self, newton: Fraction) -> Fraction:
        """Return Newton's estimate, or the secant's or the middle where Newton's method does not close in.

        Newton's method can run in a circle where the margin has a kink, and the secant can creep along one side of it. Where it
        closes in from one side, the bracket's other end may stay where it is.
        """
        width = self.above - self.below
        slow = len(self._widths) > _PATIENCE and width > self._widths[-1 - _PATIENCE] / 4
        if not slow or self._low is None or self._high is None:
            return min(max(newton, self.below), self.above)
        ratio = self._margins[-1] / (self._margins[-2] or 1.0)
        if 0 < ratio < _FAST:
            return min(max(newton, self.below), self.above)
        if ratio > 0:
            return self.below + width / 2
        share = Fraction(self._low / (self._low - self._high))
        return self.below + width * min(max(share, Fraction(1, 10)), Fraction(9, 10))


def _placed(q: Fraction, room: Fraction, *, up: bool) -> Fraction:
    """Return q with ``1 - q`` a short decimal in [0, 1]."""
    return 1 - min(max(outward(1 - q, room, up=up), Fraction(0)), Fraction(1))
