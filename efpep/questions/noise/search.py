"""The least constant of a question about noise, enclosed by exact witnesses."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.bound_enclosure import Ends, better_lower, better_upper, enclosed
from efpep.conic.lmi import Lmi
from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.conic.units import Measures, Units, column_sizes, dyadic, linear_size
from efpep.model.column import Unit

if TYPE_CHECKING:
    from efpep.questions.noise.question import NoiseQuestion

_MARGINS = (1e-11, 1e-10, 1e-9, 1e-8, 1e-12)
_ATTEMPTS = [
    *((margin, margin, 1e-12) for margin in _MARGINS),
    *((sigma, tau, tolerance) for tolerance in (1e-12, 1e-10) for m in _MARGINS for sigma, tau in ((m, 0.0), (0.0, m))),
    *((margin, margin, 1e-8) for margin in (1e-7, 1e-6)),
]
_PRECISE = [(1e-11, 0.0, 1e-12), (0.0, 1e-11, 1e-12), (1e-13, 0.0, 1e-12), (0.0, 1e-13, 1e-12), (1e-9, 1e-9, 1e-12)]
_CLOSE = Fraction(1, 10**7)
_STEPS = 3
"""After how many steps the sizes of memories are taken."""


def least_constant(question: NoiseQuestion, solver: Solver) -> tuple[Ends, str]:
    """Enclose the least constant, and say whose proposals the ends rest on.

    Extended precision takes over where the default solver leaves the ends apart.
    """
    lmi = Lmi(question.system, natural_measures(question))
    lower, upper = enclosed(lmi, solver, _PRECISE if solver.name == "extended" else _ATTEMPTS, _CLOSE)
    near = lower is not None and upper is not None and upper.theta - lower.theta <= _CLOSE * upper.theta
    if near or solver.name != DEFAULT:
        return (lower, upper), solver.name
    extended = find_solver("extended")
    below, above = enclosed(lmi, extended, _PRECISE, _CLOSE)
    return (better_lower(lower, below), better_upper(upper, above)), f"{solver.name}+{extended.name}"


def natural_measures(question: NoiseQuestion) -> Measures:
    """Measure gradients by the noise, points by what the least curvature makes of it, memories by what steps leave in them."""
    step = question.inequalities
    gradient, curvature = dyadic(question.sigma), dyadic(step.curvature)
    sizes = {Unit.POINT: gradient / curvature, Unit.GRADIENT: gradient}
    memories = {memory.feature for memory in question.method.memories}
    columns = [column_sizes(block, sizes) for block in step.columns]
    for block in step.blocks:
        own = [feature for feature in block.features if feature.name.partition("[")[0] in memories]
        held = {j: gradient / 2**20 for feature in own for j in feature.before.terms}
        for _ in range(_STEPS):
            columns[block.index] = column_sizes(step.columns[block.index], sizes, held)
            held = {j: linear_size(feature.after, columns[block.index]) for feature in own for j in feature.before.terms}
    features = tuple(tuple(linear_size(f.before, columns[block.index]) for f in block.features) for block in step.blocks)
    units = Units(tuple(columns), (), gradient**2 / curvature, {step.values.index("1"): Fraction(1)})
    return Measures((units,) * len(question.system.relations), features, 1 / curvature**2)
