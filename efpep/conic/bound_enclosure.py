"""The least theta of a system in whose relations theta occurs in E alone, enclosed by exact witnesses.

Solves with margins on either side propose witnesses; margins grow until the exact check accepts. A solver's status never decides.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from fractions import Fraction

from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.rounding import Rounding
from efpep.conic.solver import Solver, propose
from efpep.conic.status import SolverStatus
from efpep.proof.witness import LowerWitness, UpperWitness

Attempt = tuple[float, float, float]
"""A margin of the primal, one of the dual, and the solver's tolerance."""
Ends = tuple[LowerWitness | None, UpperWitness | None]
_APPROXIMATE = 1e-10
"""The tolerance of solutions that only steer a search."""


def enclosed(lmi: Lmi, solver: Solver, attempts: Sequence[Attempt], close: Fraction) -> Ends:
    """Return the best witnesses of both ends that the attempts give; they end where the ends are relatively ``close``."""
    rounding = Rounding(lmi, solver)
    lower: LowerWitness | None = None
    upper: UpperWitness | None = None
    for sigma, tau, tolerance in attempts:
        solution = propose(solver, lmi.program(Fraction(sigma), Fraction(tau)), tolerance)
        above = rounding.least_upper(solution) if sigma else None
        below = rounding.greatest_lower(solution, Fraction(tau)) if tau else None
        upper = better_upper(upper, above)
        lower = better_lower(lower, below)
        if near((lower, upper), close):
            break
    return lower, upper


def approximate_upper(lmi: Lmi, solver: Solver) -> UpperWitness | None:
    """Return the solver's numbers without any margin, of which nothing is proved, or None where it does not solve."""
    solution = propose(solver, lmi.program(Fraction(0), Fraction(0)), _APPROXIMATE)
    if solution.primal is None or solution.status is not SolverStatus.SOLVED:
        return None
    return lmi.upper(None, [Fraction(float(y)) for y in solution.primal])


def first_ends(lmi: Lmi, solver: Solver, margins: Sequence[float], tolerances: Sequence[float]) -> Ends:
    """Return witnesses of both ends, each from the smallest margin on its side that gives one, by any of the tolerances."""
    rounding = Rounding(lmi, solver)
    lower: LowerWitness | None = None
    upper: UpperWitness | None = None
    for margin, tolerance in itertools.product(margins, tolerances):
        room = Fraction(margin)
        if upper is None:
            upper = rounding.least_upper(propose(solver, lmi.program(room, Fraction(0)), tolerance))
        if lower is None:
            lower = rounding.greatest_lower(propose(solver, lmi.program(Fraction(0), room), tolerance), room)
    return lower, upper


def approximate(lmi: Lmi, solver: Solver) -> float:
    """Return about the least theta, of which nothing is proved; infinity where the solver fails."""
    solution = propose(solver, lmi.program(Fraction(0), Fraction(0)), 1e-9)
    return float(lmi.measures.theta * solution.rationals()[0][HEAD]) if solution.usable else math.inf


def near(ends: Ends, close: Fraction) -> bool:
    """Whether both ends are there, and relatively this close."""
    lower, upper = ends
    return lower is not None and upper is not None and upper.theta - lower.theta <= close * abs(upper.theta)


def better_upper(one: UpperWitness | None, other: UpperWitness | None) -> UpperWitness | None:
    """Return the witness of the smaller number."""
    return min((w for w in (one, other) if w is not None), key=lambda w: w.theta, default=None)


def better_lower(one: LowerWitness | None, other: LowerWitness | None) -> LowerWitness | None:
    """Return the witness of the larger number."""
    return max((w for w in (one, other) if w is not None), key=lambda w: w.theta, default=None)
