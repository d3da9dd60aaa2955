"""The least constant of a question about noise, enclosed by exact witnesses."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.bound_enclosure import Ends, better_lower, better_upper, enclosed
from efpep.conic.lmi import Lmi
from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.conic.units import Measures, Units, column_sizes, dyadic, linear_size
from efpep.model.column import Unit

if TYPE_CHECKING:
    from efpep.questions.noise.question import NoiseQuestion

_ATTEMPTS = [
    *((margin, margin, 1e-12) for margin in (1e-11, 1e-10, 1e-9)),
    *((sigma, tau, tol) for m in (1e-11, 1e-10, 1e-9, 1e-8) for tol in (1e-12, 1e-10) for sigma, tau in ((m, 0.0), (0.0, m))),
    *((margin, margin, 1e-8) for margin in (1e-7, 1e-6)),
]
_PRECISE = [(0.0, 1e-11, 1e-12), (1e-11, 0.0, 1e-12), (1e-12, 1e-12, 1e-12)]
_CLOSE = Fraction(1, 10**6)
_STEPS = 3
"""After how many steps the sizes of memories are taken."""


def least_constant(question: NoiseQuestion, solver: Solver) -> tuple[Ends, str]:
    """Enclose the least constant, and say whose proposals the ends rest on.

    Points are measured by the noise over the curvature, then by the root of the constant, and the constant by itself. Extended
    precision takes over where the default solver leaves the ends apart.
    """
    attempts = _PRECISE if solver.name == "extended" else _ATTEMPTS
    plain, scale = Lmi(question.system, _measures(question)), Fraction(1)
    ends = enclosed(plain, solver, attempts, _CLOSE)
    for end in ends:
        scale = scale if end is None or end.theta <= 0 else Fraction(2) ** round(math.log2(end.theta) / 2)
    scaled, both = (Lmi(question.system, _measures(question, scale, theta)) for theta in (None, scale**2))
    nothing = ends == (None, None)  # perhaps no constant proves anything, and then no units help
    for lmi in () if nothing else (scaled, both):
        if not _near(ends):
            ends = _better(ends, enclosed(lmi, solver, attempts, _CLOSE))
    if _near(ends) or solver.name != DEFAULT:
        return ends, solver.name
    extended = find_solver("extended")
    for lmi, precise in [(scaled, _PRECISE[2:]), *([] if nothing else [(plain, _PRECISE[:2])])]:
        if not _near(ends):
            ends = _better(ends, enclosed(lmi, extended, precise, _CLOSE))
    return ends, f"{solver.name}+{extended.name}"


def _near(ends: Ends) -> bool:
    lower, upper = ends
    return lower is not None and upper is not None and upper.theta - lower.theta <= _CLOSE * upper.theta


def _better(one: Ends, other: Ends) -> Ends:
    return better_lower(one[0], other[0]), better_upper(one[1], other[1])


def _measures(question: NoiseQuestion, point: Fraction | None = None, theta: Fraction | None = None) -> Measures:
    """Measure gradients by the noise, memories by what steps leave in them, points and theta by what is given, or by curvature.

    Moments are measured by ``sigma^2``: gradients have the size 1, and so has ``sigma^2`` times the constant 1.
    """
    step = question.inequalities
    curvature = dyadic(step.curvature)
    sizes = {Unit.POINT: 1 / curvature if point is None else point, Unit.GRADIENT: Fraction(1)}
    memories = {memory.feature for memory in question.method.memories}
    columns = [column_sizes(block, sizes) for block in step.columns]
    for block in step.blocks:
        own = [feature for feature in block.features if feature.name.partition("[")[0] in memories]
        held = {j: Fraction(1, 2**20) for feature in own for j in feature.before.terms}
        for _ in range(_STEPS):
            columns[block.index] = column_sizes(step.columns[block.index], sizes, held)
            held = {j: linear_size(feature.after, columns[block.index]) for feature in own for j in feature.before.terms}
    features = tuple(tuple(linear_size(f.before, columns[block.index]) for f in block.features) for block in step.blocks)
    units = Units(tuple(columns), (), 1 / curvature, {step.values.index("1"): 1 / dyadic(question.sigma) ** 2})
    return Measures((units,) * len(question.system.relations), features, 1 / curvature**2 if theta is None else theta)
