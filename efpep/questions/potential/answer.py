"""Growing potentials: the answer of :func:`efpep.potential` for methods that name them."""

from __future__ import annotations

import time
from dataclasses import replace
from fractions import Fraction

from efpep.conic.solver import Solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import positive
from efpep.questions.answer import proved
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.potential_answer import Detail, Potential
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.potential.search import search_growing
from efpep.setting import Setting


def growing_potential(method: Method, setting: Setting, iterations: int | None, solver: Solver, radius: object = 1) -> Potential:
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
    found = ask(PotentialQuestion(method.resolved(setting), setting, iterations, positive(radius, "radius")), solver)
    return replace(found, seconds=time.perf_counter() - begin)


@within_doubles
def ask(question: PotentialQuestion, solver: Solver) -> Potential:
    """Return the answer to a question.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    built = question.inequalities
    lower, upper = search_growing(question, solver)
    details: dict[str, Detail] = {"iterations": question.iterations, "total": built.total}
    if question.setting.noise is not None:
        details["radius"] = question.radius
    if upper is not None and question.setting.noise is not None:
        constants = tuple(part * (question.radius / question.sigma) ** 2 for part in upper.gaps)
        details |= {"start": upper.theta - sum(upper.gaps), "c": sum(constants, Fraction(0)), "constants": constants}
    if upper is not None:
        details["bound"] = upper.theta * question.radius**2 / built.total
    certificate = proved(question, lower, upper, solver.name)
    return Potential(question, certificate, solver.name, time.perf_counter() - begin, details)
