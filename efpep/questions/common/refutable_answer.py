"""Answers to questions about a least number of which there may be none (:mod:`efpep.questions.common.refutable`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import TypeVar

from efpep.conic.bound_enclosure import Ends
from efpep.conic.solver import Solver
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.answer import Interval
from efpep.questions.base import AnyCertificate, Certificate, Verdict
from efpep.questions.common.refutable import Excluded, RefutableQuestion
from efpep.questions.kinds import KINDS

Q = TypeVar("Q", bound=RefutableQuestion)
R_co = TypeVar("R_co", bound=RefutableQuestion, covariant=True)


@dataclass(frozen=True, slots=True, repr=False)
class RefutableInterval(Interval[R_co, Excluded, UpperWitness]):
    """The answer to such a question: an interval with proved ends, or that there is no number."""

    @property
    def needed(self) -> Fraction | None:
        """The lower end of the other question where it proves that there is no number, else None."""
        end = None if self.certificate is None else self.certificate.lower
        return end.lower.theta if isinstance(end, Certificate) and end.lower is not None else None

    @property
    def certified(self) -> bool:
        """Whether nothing is left undecided: both ends are proved, or that there is no number."""
        return self.verdict is Verdict.REFUTED or (self.lower is not None and self.upper is not None)


def refutation(question: RefutableQuestion, solver: Solver) -> AnyCertificate | None:
    """Return a certificate of the other question that proves that there is no number, or None.

    Raises:
        InputError: the other question is not well posed.
    """
    other, least = question.needed
    found = KINDS[other.KIND].module("answer").ask(other, solver).certificate
    return None if found is None or found.lower is None or found.lower.theta < least else replace(found, upper=None)


def enclosed(
    question: Q, solver: Solver, search: Callable[[Q, Solver, Callable[[], bool]], tuple[Ends, str]]
) -> tuple[LowerWitness | AnyCertificate | None, UpperWitness | None, str]:
    """Return both ends of the number, or what proves that there is none, and whose proposals they rest on.

    Args:
        question: the question.
        solver: who proposes.
        search: encloses the number of a question; its last argument says whether there is none, which it may ask when it is slow.

    Raises:
        InputError: the question is not well posed.
    """
    none = cache(lambda: refutation(question, solver))
    (lower, upper), proposer = search(question, solver, lambda: none() is not None)
    return (lower if lower is None or upper is not None else none() or lower), upper, proposer
