"""Answers to questions about improvements: the rates of the reference and of every choice are asked for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from efpep.conic.solver import Solver
from efpep.errors import InputError
from efpep.model.field import rational, shown
from efpep.proof.provenance import Provenance
from efpep.questions.answer import Answer
from efpep.questions.base import Certificate
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.improvement.question import Choice, Examined, ImprovementCertificate, ImprovementQuestion
from efpep.questions.rate.answer import ask as ask_rate
from efpep.questions.rate.question import RateQuestion

ImprovementAnswer: TypeAlias = Answer[ImprovementQuestion, None, Examined]


@within_doubles
def ask(question: ImprovementQuestion, solver: Solver, *, choices: Sequence[Sequence[object]] = ()) -> ImprovementAnswer:
    """Return the answer to a question: what is proved about each choice of its parameters.

    Args:
        question: the reference, and what is looked for.
        solver: who proposes.
        choices: the choices, each with one number for each of the question's ``names``.

    Raises:
        InputError: there are no choices, one has another length, or the question is not well posed.
    """
    begin = time.perf_counter()
    wrong = [choice for choice in choices if len(choice) != len(question.names)]
    if wrong or not choices:
        raise InputError(
            f"choices has {shown(wrong[0]) if wrong else 'none'}, and what may improve the reference is a list of numbers for "
            f"{', '.join(question.names)}; give choices such as [({', '.join(['1/10'] * len(question.names))},)].",
            argument="choices",
        )
    reference = ask_rate(question.reference, solver)
    certificate: ImprovementCertificate | None = None
    if reference.certificate is not None and reference.lower is not None and reference.upper is not None and reference.upper < 1:
        improved, excluded = question.thresholds((reference.lower, reference.upper))
        examined = [_choice(question, tuple(map(_number, choice)), improved, excluded, solver) for choice in choices]
        certificate = Certificate(question, None, Examined(reference.certificate, tuple(examined)), Provenance(reference.solver))
    return Answer(question, certificate, reference.solver, time.perf_counter() - begin)


def _number(value: object) -> Fraction:
    return rational(value, "a number of choices")


def _choice(
    question: ImprovementQuestion, parameters: tuple[Fraction, ...], improved: Fraction, excluded: Fraction, solver: Solver
) -> Choice:
    """Return one choice with the end of its rate that decides it, or undecided."""
    asked = RateQuestion(question.chosen(parameters), question.setting, question.metric, None, question.lyapunov_class)
    found = ask_rate(asked, solver)
    if found.certificate is not None and found.upper is not None and found.upper < improved:
        return Choice(parameters, replace(found.certificate, lower=None))
    if found.certificate is not None and found.lower is not None and found.lower >= excluded:
        return Choice(parameters, replace(found.certificate, upper=None))
    return Choice(parameters, None)
