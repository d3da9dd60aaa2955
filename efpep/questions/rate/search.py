"""The Lyapunov search: the least rate of a one-step question, enclosed by exact witnesses.

The margin ``t(q)`` of the rate SDP decreases in ``q = 1 - rho`` and vanishes at the best rate. Newton's method from q = 0 finds
the root (its first solve also answers whether there is any contraction), then the SDP is solved slightly to either side of it and
the solutions are rounded to witnesses. Double precision is tried first, extended precision takes over where that fails. A
solver's status never decides anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.extended import ExtendedSolver
from efpep.conic.facial_reduction import face
from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.rounding import Rounding
from efpep.conic.solver import DEFAULT, Solver, find_solver, propose
from efpep.conic.status import SolverStatus
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.enclosure import WIDTH, Enclosure, outward, sharp_width
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.refine import refine

_TOLERANCES = (1e-5, 1e-8, 1e-12)
_NEWTON_LIMIT = 20
_STEP = Fraction(1, 10**5)
"""The last relative step of Newton's method, which converges quadratically; what it returns is certified or refined."""
_SLOW = Fraction(1, 10**5)
"""Estimates of q below this may mean that the method does not move at all."""
_SMALL = 1e-6
"""The margin at q = 0, in double precision, below which it may be zero."""
_JUST = Fraction(1, 10**9)
"""How close to 1 a lower end is without an upper one where perhaps nothing contracts."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A solver's opinion of the best q, and whether it is confident; ``contracts`` is its opinion at q = 0."""

    q: Fraction
    confident: bool
    contracts: bool

    @property
    def rate(self) -> float:
        """The rate ``1 - q``; 1 where nothing seems to contract."""
        return 1 - float(self.q) if self.contracts else 1.0


def search(
    question: StepInequalities, solver: Solver, *, extended: bool = True, width: Fraction = WIDTH, lmi: Lmi | None = None
) -> Enclosure:
    """Enclose the least rate of ``question``.

    Where the SDP has columns that equations stand for, its solutions round to upper witnesses; the free diagonal entries of Gram
    matrices can be large, and lower witnesses are then sharper from the SDP that keeps the columns.

    Args:
        question: the one-step question.
        solver: the solver tried first.
        width: how wide the enclosure may be.
        extended: whether extended precision takes over where ``solver`` leaves the enclosure wide.
        lmi: the question's linear matrix inequalities, where they are assembled already.
    """
    sdp, precise = lmi or rate_lmi(question), extended or isinstance(solver, ExtendedSolver)
    found = _on_face(sdp, solver, width) if precise else Enclosure(None, None, solver.name)
    if not found.sharp(width):
        found = found.better_of(_enclosed(sdp, solver, extended=extended, width=width))
    if sdp.reduced and not found.sharp(width):
        found = found.better_of(_enclosed(rate_lmi(question, reduce=False), solver, extended=extended, width=width))
    only_just = found.upper is None and found.lower is not None and 0 < 1 - found.lower.theta < _JUST
    return _refuted(question, solver) or found if only_just and extended else found


def _on_face(whole: Lmi, solver: Solver, width: Fraction) -> Enclosure:
    """Enclose the least rate on what neutral moments leave of the system; nothing is found where there are none."""
    nothing, precise = Enclosure(None, None, solver.name), ExtendedSolver()
    quick = propose(solver, whole.pencil.at(Fraction(0)), _TOLERANCES[1])
    if quick.usable and quick.primal is not None and abs(float(quick.primal[HEAD])) > _SMALL:
        return nothing
    left = face(whole, propose(precise, whole.pencil.at(Fraction(0)), _TOLERANCES[0]))
    if left is None:
        return nothing
    found, rounding = _on_face(left.reduced, solver, width), Rounding(whole, solver)
    if not found.sharp(width):
        found = found.better_of(_enclosed(left.reduced, solver, extended=True, width=width))
    upper = None if found.upper is None else left.upper(found.upper)
    lower = None if found.lower is None else next(filter(rounding.accepts_lower, left.lowers(found.lower)), None)
    return Enclosure(lower, upper if upper is not None and rounding.accepts_upper(upper) else None, found.solver)


def _refuted(question: StepInequalities, solver: Solver) -> Enclosure | None:
    """Return a proof that nothing contracts, where that may only just be so."""
    sdp, precise = rate_lmi(question, reduce=False), ExtendedSolver()
    lower = Rounding(sdp, solver).lower(Fraction(1), propose(precise, sdp.pencil.at(Fraction(0)), _TOLERANCES[0]))
    return None if lower is None else Enclosure(lower, None, precise.name)


def _enclosed(sdp: Lmi, solver: Solver, *, extended: bool, width: Fraction) -> Enclosure:
    """Enclose the least rate by witnesses from one form of the SDP."""
    if isinstance(solver, ExtendedSolver):
        return refine(sdp, Rounding(sdp, find_solver(DEFAULT)), solver, Fraction(0), width)
    estimate = newton(sdp, solver, Fraction(0))
    if estimate.q < _SLOW:
        still = Rounding(sdp, solver).still()
        if still is not None:
            return Enclosure(still, None, solver.name)
    found = enclose(sdp, solver, estimate, width, wide=not extended)
    if found.sharp(width) or not extended:
        return found
    precise = ExtendedSolver()
    start = estimate.q if estimate.contracts else Fraction(0)
    found = found.better_of(refine(sdp, Rounding(sdp, solver), precise, start, width))
    if found.lower is not None and (found.upper is not None or found.lower.theta >= 1):
        return found
    return found.better_of(enclose(sdp, solver, estimate, width, wide=True))


def newton(sdp: Lmi, solver: Solver, start: Fraction) -> Estimate:
    """Find the root of the margin by Newton's method from ``start``, with tolerances that tighten.

    Where a step goes so far that no margin, however negative, makes the relations hold, half of it is taken.
    """
    q, contracts, below = start, start > 0, Fraction(0)
    for k in range(_NEWTON_LIMIT):
        tolerance = _TOLERANCES[min(k, len(_TOLERANCES) - 1)]
        solution = propose(solver, sdp.pencil.at(q), tolerance)
        if contracts and below < q and solution.status is SolverStatus.INFEASIBLE:
            q = _short((below + q) / 2)
            continue
        if solution.primal is None or solution.dual is None:
            return Estimate(q, confident=False, contracts=contracts)
        margin = float(solution.primal[HEAD])
        slope = sdp.pencil.derivative(solution.dual, solution.primal)
        if q == 0:
            contracts = margin > 0
            if not contracts and tolerance > _TOLERANCES[-1]:
                continue
            if not contracts:
                return Estimate(q, confident=True, contracts=False)
        if not slope < 0 or not math.isfinite(margin / slope):
            return Estimate(q, confident=False, contracts=contracts)
        below = q if margin > 0 else below
        new = _short(min(max(q + Fraction(-margin / slope), q / 2), Fraction(1)))
        last = k >= len(_TOLERANCES) - 1
        if last and (abs(new - q) <= _STEP * new or new == q):
            return Estimate(new, confident=True, contracts=True)
        q = new
    return Estimate(q, confident=False, contracts=contracts)


def enclose(sdp: Lmi, solver: Solver, estimate: Estimate, width: Fraction = WIDTH, *, wide: bool) -> Enclosure:
    """Round solutions on either side of the estimate to witnesses; ``wide`` allows intervals that are not sharp."""
    rounding = Rounding(sdp, solver)
    if not estimate.contracts:
        solution = propose(solver, sdp.pencil.at(Fraction(0)), _TOLERANCES[-1])
        return Enclosure(rounding.lower(Fraction(1), solution), None, solver.name)
    lower: LowerWitness | None = None
    upper: UpperWitness | None = None
    for distance in _distances(estimate.q, width, wide=wide):
        if upper is None and distance < 1:
            rate = outward(1 - estimate.q * (1 - distance), estimate.q * distance, up=True)
            if rate < 1:
                upper = rounding.upper(rate, propose(solver, sdp.pencil.at(1 - rate), _TOLERANCES[-1]))
        if lower is None:
            rate = max(outward(1 - estimate.q * (1 + distance), estimate.q * distance, up=False), Fraction(0))
            lower = rounding.lower(rate, propose(solver, sdp.pencil.at(1 - rate), _TOLERANCES[-1]))
        if lower is not None and upper is not None:
            break
    return Enclosure(lower, upper, solver.name)


def _distances(q: Fraction, width: Fraction, *, wide: bool) -> Iterator[Fraction]:
    """Yield relative distances from the estimate at which witnesses are tried, closest first."""
    cap = sharp_width(q, width) / (2 * q) if q else Fraction(1)
    yield cap / 6
    yield cap * Fraction(9, 10)
    if wide:
        distance = 10 * cap
        while distance < 1:
            yield distance
            distance *= 10


def _short(q: Fraction) -> Fraction:
    """Round to double precision, which keeps the numbers of later solves short."""
    return Fraction(float(q))
