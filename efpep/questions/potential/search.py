"""The search for growing potentials: the least constant K of a chain, enclosed by exact witnesses."""

from __future__ import annotations

import time
from fractions import Fraction

from efpep.conic.least import Ends, enclosed
from efpep.conic.lmi import Lmi
from efpep.conic.solver import Solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.questions.base import Certificate
from efpep.questions.common.potential_answer import Potential
from efpep.questions.potential.chain import Chain, chain
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.potential.units import chain_measures
from efpep.setting import Setting

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


def search_growing(question: Chain, solver: Solver) -> Ends:
    """Enclose the least constant of ``question``."""
    return enclosed(Lmi(question.system, chain_measures(question)), solver, _ATTEMPTS, _CLOSE)


def growing(method: Method, setting: Setting, iterations: int | None, solver: Solver) -> Potential:
    """Answer the question about growing potentials; see :func:`efpep.questions.potentials.potential`.

    Raises:
        InputError: the number of steps is missing, or the question is not well posed.
    """
    begin = time.perf_counter()
    if iterations is None:
        raise InputError(
            "a growing potential is one for a number of steps, and none is given; give iterations, such as 10.",
            argument="iterations",
        )
    method = method.resolved(setting)
    question = chain(method, setting, iterations)
    try:
        below, above = search_growing(question, solver)
    except OverflowError as error:
        raise InputError(
            "the numbers of the question span too many orders of magnitude for a solver; rescale the problem."
        ) from error
    lower = None if below is None else below.theta
    upper = None if above is None else above.theta
    details: dict[str, Fraction | int | str] = {"iterations": iterations, "total": question.total}
    if upper is not None:
        details["bound"] = upper / question.total
    certificate = Certificate(PotentialQuestion(method, setting, iterations), below, above)
    return Potential(
        method,
        setting,
        lower,
        upper,
        certificate if lower is not None or upper is not None else None,
        solver.name,
        time.perf_counter() - begin,
        details,
    )
