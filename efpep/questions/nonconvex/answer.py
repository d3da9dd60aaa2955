"""Nonconvex potentials: the answer of :func:`efpep.potential` for functions without a minimiser."""

from __future__ import annotations

import time

from efpep.conic.solver import Solver
from efpep.methods.base import Method
from efpep.questions.answer import proved
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.potential_answer import Potential
from efpep.questions.common.required import refuse_iterations
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.questions.nonconvex.search import approximate_decrease, largest_decrease
from efpep.setting import Setting

__all__ = ["approximate_decrease", "ask", "nonconvex_potential"]


def nonconvex_potential(method: Method, setting: Setting, iterations: int | None, memory: int, solver: Solver) -> Potential:
    """Enclose the largest decrease a of the method's potential.

    Raises:
        InputError: ``iterations`` are given, on which a single step does not depend, or the question is not well posed.
    """
    refuse_iterations(iterations, "a nonconvex potential")
    return ask(NonconvexQuestion(method.resolved(setting), setting, memory), solver)


@within_doubles
def ask(question: NonconvexQuestion, solver: Solver) -> Potential:
    """Return the answer to a question.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    ends, proposer = largest_decrease(question, solver)
    theory = question.method.literature.known_decrease(question.method, question.setting)
    seconds, details = time.perf_counter() - begin, {"memory": question.memory}
    return Potential(question, proved(question, *ends, proposer), proposer, seconds, details, theory)
