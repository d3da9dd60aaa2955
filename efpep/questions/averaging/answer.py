"""Averaging potentials: the answer of :func:`efpep.potential` for methods that name them."""

from __future__ import annotations

import time
from dataclasses import replace

from efpep.conic.solver import Solver
from efpep.methods.base import Method
from efpep.questions.answer import proved
from efpep.questions.averaging.inequalities import prepared
from efpep.questions.averaging.question import AveragingQuestion
from efpep.questions.averaging.search import least_constant
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.potential_answer import Potential
from efpep.questions.common.required import refuse_iterations
from efpep.setting import Setting


def averaging_potential(method: Method, setting: Setting, iterations: int | None, solver: Solver) -> Potential:
    """Enclose the least constant of the method's one-step potential.

    Raises:
        InputError: ``iterations`` are given, on which a single step does not depend, or the question is not well posed.
    """
    begin = time.perf_counter()
    refuse_iterations(iterations, "a one-step potential")
    method, setting = prepared(method, setting)
    found = ask(AveragingQuestion(method, setting), solver)
    return replace(found, seconds=time.perf_counter() - begin)


@within_doubles
def ask(question: AveragingQuestion, solver: Solver) -> Potential:
    """Return the answer to a question.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    ends = least_constant(question.inequalities, solver)
    certificate = proved(question, ends.lower, ends.upper, ends.solver)
    details = {"holds": "in expectation" if question.in_expectation else "always"}
    theory = question.method.literature.averaging_constant(question.setting, None)
    return Potential(question, certificate, ends.solver, time.perf_counter() - begin, details, theory)
