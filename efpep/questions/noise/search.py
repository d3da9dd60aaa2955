"""The least constant of a question about noise, enclosed by exact witnesses."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.bound_enclosure import better_lower, better_upper, first_ends
from efpep.conic.lmi import Lmi
from efpep.conic.measured import measured
from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.conic.units import Measures, Units, column_sizes, dyadic
from efpep.model.column import Unit

if TYPE_CHECKING:
    from efpep.proof.witness import LowerWitness, UpperWitness
    from efpep.questions.noise.question import NoiseQuestion

_MARGINS = (1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
_TOLERANCES = (1e-12, 1e-10, 1e-8)
_CLOSE = Fraction(1, 10**7)


@dataclass(frozen=True, slots=True)
class Ends:
    """What was proved, and whose proposals it rests on."""

    lower: LowerWitness | None
    upper: UpperWitness | None
    solver: str

    @property
    def sharp(self) -> bool:
        """Whether both ends are there and relatively close."""
        if self.lower is None or self.upper is None:
            return False
        return self.upper.theta - self.lower.theta <= _CLOSE * self.upper.theta


def least_constant(question: NoiseQuestion, solver: Solver) -> Ends:
    """Enclose the least constant; extended precision takes over where the default solver leaves the ends apart."""
    lmi = Lmi(question.system, measured(question.system, solver, _by_units(question)))
    ends = Ends(*first_ends(lmi, solver, _MARGINS, _TOLERANCES), solver.name)
    if ends.sharp or solver.name != DEFAULT:
        return ends
    extended = find_solver("extended")
    lower, upper = first_ends(lmi, extended, _MARGINS, _TOLERANCES)
    return Ends(better_lower(ends.lower, lower), better_upper(ends.upper, upper), f"{solver.name}+{extended.name}")


def _by_units(question: NoiseQuestion) -> Measures:
    """Measure gradients by the noise, points by what the least curvature makes of it."""
    step = question.inequalities
    gradient = dyadic(question.sigma)
    sizes = {Unit.POINT: gradient / dyadic(step.curvature), Unit.GRADIENT: gradient}
    columns = tuple(column_sizes(block, sizes) for block in step.columns)
    value = gradient**2 / dyadic(step.curvature)
    units = Units(columns, (), value, {step.values.index("1"): Fraction(1)})
    features = tuple(tuple(sizes[feature.unit] for feature in block.features) for block in step.blocks)
    relations = (units,) * len(question.system.relations)
    return Measures(relations, features, sizes[Unit.POINT] ** 2 / gradient**2)
