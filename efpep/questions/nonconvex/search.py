"""The largest decrease of a nonconvex potential, enclosed by exact witnesses."""

from __future__ import annotations

import math
from fractions import Fraction

from efpep.conic.bound_enclosure import Ends, better_lower, better_upper, enclosed, near
from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.solver import DEFAULT, Solver, find_solver, propose
from efpep.conic.units import Measures, Units, column_sizes, dyadic, linear_size
from efpep.model.column import Unit
from efpep.questions.nonconvex.question import NonconvexQuestion

_ATTEMPTS = (
    (1e-11, 1e-11, 1e-12),
    (1e-10, 1e-10, 1e-10),
    *(
        (sigma, tau, tol)
        for m in (1e-11, 1e-9, 1e-8, 1e-7)
        for tol in (1e-12, 1e-10, 1e-8)
        for sigma, tau in ((m, 0.0), (0.0, m))
    ),
)
_PRECISE = ((1e-14, 1e-14, 1e-16), (1e-12, 1e-12, 1e-14))
"""Margins of the primal and of the dual with the solver's tolerances, tightest first; those for extended precision."""
_CLOSE = Fraction(1, 10**7)
"""Ends that are relatively this close are not improved any more."""


def approximate_decrease(question: NonconvexQuestion, solver: Solver) -> float:
    """Return about the largest decrease, of which nothing is proved; minus infinity where the solver fails."""
    solution = propose(solver, Lmi(question.system, _measures(question)).program(Fraction(0), Fraction(0)), 1e-9)
    return -float(solution.rationals()[0][HEAD] * _measures(question).theta) if solution.usable else -math.inf


def largest_decrease(question: NonconvexQuestion, solver: Solver) -> tuple[Ends, str]:
    """Enclose minus the largest decrease, and say whose proposals the ends rest on."""
    lmi = Lmi(question.system, _measures(question))
    ends = enclosed(lmi, solver, _PRECISE if solver.name == "extended" else _ATTEMPTS, _CLOSE)
    if solver.name != DEFAULT or near(ends, 100 * _CLOSE):
        return ends, solver.name
    lower, upper = enclosed(lmi, find_solver("extended"), _PRECISE, _CLOSE)
    return (better_lower(ends[0], lower), better_upper(ends[1], upper)), f"{solver.name}+extended"


def _measures(question: NonconvexQuestion) -> Measures:
    """Measure gradients by 1, points, values and theta by 1/L."""
    step = question.inequalities
    point = 1 / dyadic(step.unit)
    sizes = {Unit.POINT: point, Unit.GRADIENT: Fraction(1)}
    columns = tuple(column_sizes(block, sizes) for block in step.columns)
    features = tuple(tuple(linear_size(f.before, columns[block.index]) for f in block.features) for block in step.blocks)
    return Measures((Units(columns, features, point),) * 2, features, point)
