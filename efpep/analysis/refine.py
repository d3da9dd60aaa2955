"""A bracketed Newton search in extended precision, where every solve begins from the trail of the last one.

Each solve decides the sign of the margin t(q) and so gives a witness of one end; Newton's step names the next q, which is
moved past the root by a part of the width wanted, so that the two ends close in.
"""

from __future__ import annotations

import math
from fractions import Fraction

from efpep.analysis.enclosure import Enclosure, outward, sharp_width
from efpep.analysis.rate_sdp import MARGIN, RateSdp
from efpep.analysis.rounding import Rounding
from efpep.certify.witness import LowerWitness, UpperWitness
from efpep.conic.extended import ExtendedSolver
from efpep.conic.status import Status

_LIMIT = 25
_GAP = 0.1
_STALLS = 2


def refine(sdp: RateSdp, rounding: Rounding, solver: ExtendedSolver, start: Fraction) -> Enclosure:
    """Enclose the root of the margin of ``sdp``, beginning at the estimate ``start`` of q (0 where there is none)."""
    lower: LowerWitness | None = None
    upper: UpperWitness | None = None
    below, above = Fraction(0), Fraction(1)
    q = _placed(max(start - sharp_width(start) / 3, Fraction(0)), sharp_width(start), up=True)
    last: Fraction | None = None
    stalled = 0
    for _ in range(_LIMIT):
        trail, distance = ([], 0.0) if last is None else (solver.trail, float(abs(q - last)))
        solution = solver.solve_relative(sdp.pencil.at(q), _GAP, start=trail, distance=distance)
        if solution.status is not Status.SOLVED and trail:
            solution = solver.solve_relative(sdp.pencil.at(q), _GAP)
        stalled = stalled + 1 if solution.status is not Status.SOLVED else 0
        if stalled > _STALLS:
            break
        if not solution.usable or solution.primal is None or solution.dual is None:
            break
        last = q
        margin, slope = float(solution.primal[MARGIN]), sdp.pencil.derivative(solution.dual, solution.primal)
        if margin > 0:
            below = max(below, q)
            if q > 0:
                upper = rounding.upper(1 - q, solution) or upper
        else:
            above = min(above, q)
            lower = rounding.lower(1 - q, solution) or lower
            if q == 0:
                break
        if lower is not None and upper is not None and upper.rate - lower.rate <= sharp_width(1 - lower.rate):
            break
        if not slope < 0 or not math.isfinite(margin / slope):
            break
        root = min(max(q - Fraction(margin / slope), below), above)
        shift = sharp_width(root) * Fraction(2, 5)
        q = _placed(root + shift if margin > 0 else root - shift, shift, up=margin < 0)
        if not below < q < above:
            q = _placed((below + above) / 2, sharp_width(root), up=True)
        if q == last:
            break
    return Enclosure(lower, upper, solver.name)


def _placed(q: Fraction, room: Fraction, *, up: bool) -> Fraction:
    """Return q with ``1 - q`` a short decimal in [0, 1]."""
    return 1 - min(max(outward(1 - q, room, up=up), Fraction(0)), Fraction(1))
