"""The least constant of a question about noise, enclosed by exact witnesses."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from efpep.conic.bound_enclosure import Ends
from efpep.conic.lmi import Lmi
from efpep.conic.several_units import enclosed_in_units
from efpep.conic.solver import Solver
from efpep.questions.noise.units import measures

if TYPE_CHECKING:
    from efpep.questions.noise.question import NoiseQuestion


def least_constant(question: NoiseQuestion, solver: Solver, none: Callable[[], bool]) -> tuple[Ends, str]:
    """Enclose the least constant, and say whose proposals the ends rest on; ``none`` says whether there is none.

    Points are measured by the noise over the curvature, then by the root of the constant, then the constant by itself too.
    """
    natural = Lmi(question.system, measures(question))
    return enclosed_in_units(
        natural, lambda size: [Lmi(question.system, measures(question, size, theta)) for theta in (None, size**2)], solver, none
    )
