"""The search for growing potentials: the least constant K of a chain, enclosed by exact witnesses."""

from __future__ import annotations

from fractions import Fraction

from efpep.conic.bound_enclosure import Ends, enclosed
from efpep.conic.lmi import Lmi
from efpep.conic.solver import Solver
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.potential.units import chain_measures

_ATTEMPTS = (
    (1e-8, 1e-8, 1e-9),
    (1e-8, 1e-8, 1e-8),
    (1e-8, 0.0, 1e-8),
    (0.0, 1e-8, 1e-8),
    (1e-7, 1e-7, 1e-9),
    (1e-7, 1e-7, 1e-8),
    (0.0, 1e-7, 1e-8),
    (1e-6, 1e-6, 1e-8),
    (0.0, 1e-6, 1e-8),
    (1e-5, 1e-5, 1e-7),
)
"""Margins of the primal and of the dual with the solver's tolerances, tightest first."""
_CLOSE = Fraction(1, 10**5)
"""Ends that are relatively this close are not improved any more."""


def search_growing(question: PotentialQuestion, solver: Solver) -> Ends:
    """Enclose the least constant of ``question``."""
    measures = chain_measures(question.inequalities, question.sigma, question.radius)
    return enclosed(Lmi(question.system, measures), solver, _ATTEMPTS, _CLOSE)
