"""The largest decrease of a nonconvex potential, enclosed by exact witnesses."""

from __future__ import annotations

from fractions import Fraction

from efpep.conic.bound_enclosure import Ends, approximate, better_lower, better_upper, enclosed, near
from efpep.conic.lmi import Lmi
from efpep.conic.solver import DEFAULT, Solver, find_solver
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
_CLOSE = Fraction(1, 10**7)  # ends that are relatively this close are not improved any more


def approximate_decrease(question: NonconvexQuestion, solver: Solver) -> float:
    """Return about the largest decrease, of which nothing is proved; minus infinity where the solver fails."""
    return -approximate(_lmi(question), solver)


def largest_decrease(question: NonconvexQuestion, solver: Solver) -> tuple[Ends, str]:
    """Enclose minus the largest decrease, and say whose proposals the ends rest on."""
    lmi = _lmi(question)
    ends = enclosed(lmi, solver, _PRECISE if solver.name == "extended" else _ATTEMPTS, _CLOSE)
    if solver.name != DEFAULT or near(ends, 100 * _CLOSE):
        return ends, solver.name
    lower, upper = enclosed(lmi, find_solver("extended"), _PRECISE, _CLOSE)
    return (better_lower(ends[0], lower), better_upper(ends[1], upper)), f"{solver.name}+extended"


def _lmi(question: NonconvexQuestion) -> Lmi:
    """Measure gradients by 1, points, values and theta by 1/L."""
    step = question.inequalities
    point = 1 / dyadic(step.unit)
    columns = tuple(column_sizes(block, {Unit.POINT: point, Unit.GRADIENT: Fraction(1)}) for block in step.columns)
    features = tuple(tuple(linear_size(f.before, columns[block.index]) for f in block.features) for block in step.blocks)
    return Lmi(question.system, Measures((Units(columns, features, point),) * 2, features, point))
