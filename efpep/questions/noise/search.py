"""The least constant of a question about noise, enclosed by exact witnesses, and the units of such questions."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.bound_enclosure import Ends, approximate_upper
from efpep.conic.lmi import Lmi
from efpep.conic.several_units import enclosed_in_units
from efpep.conic.solver import Solver
from efpep.conic.units import Measures, Units, dyadic, linear_size
from efpep.model.column import Unit
from efpep.questions.common.memory_sizes import sizes_with_memories

if TYPE_CHECKING:
    from efpep.proof.witness import UpperWitness
    from efpep.questions.noise.question import NoiseQuestion


def least_constant(question: NoiseQuestion, solver: Solver, none: Callable[[], bool]) -> tuple[Ends, str]:
    """Enclose the least constant, and say whose proposals the ends rest on; ``none`` says whether there is none.

    Points are measured by the noise over the curvature, then by the root of the constant, then the constant by itself too.
    """
    natural = Lmi(question.system, measures(question))
    return enclosed_in_units(
        natural, lambda size: [Lmi(question.system, measures(question, size, theta)) for theta in (None, size**2)], solver, none
    )


def approximate_witness(question: NoiseQuestion, solver: Solver) -> UpperWitness | None:
    """Return about the witness of the least constant, of which nothing is proved, or None where the solver does not solve."""
    return approximate_upper(Lmi(question.system, measures(question)), solver)


def measures(question: NoiseQuestion, point: Fraction | None = None, theta: Fraction | None = None) -> Measures:
    """Measure gradients by the noise, memories by what steps leave in them, points and theta by what is given, or by curvature.

    Moments are measured by ``sigma^2``: gradients have the size 1, and so has ``sigma^2`` times the constant 1.
    """
    step = question.inequalities
    curvature = dyadic(step.curvature)
    sizes = {Unit.POINT: 1 / curvature if point is None else point, Unit.GRADIENT: Fraction(1)}
    memories = [memory.feature for memory in question.method.memories]
    columns = sizes_with_memories(step.columns, step.blocks, memories, sizes)
    features = tuple(tuple(linear_size(f.before, columns[block.index]) for f in block.features) for block in step.blocks)
    units = Units(columns, (), 1 / curvature, {step.values.index("1"): 1 / dyadic(question.sigma) ** 2})
    return Measures((units,) * len(question.system.relations), features, 1 / curvature**2 if theta is None else theta)
