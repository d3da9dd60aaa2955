"""Answers to questions about a least number of which there may be none (:mod:`efpep.questions.common.refutable`)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeVar

from efpep.conic.solver import Solver
from efpep.proof.witness import UpperWitness
from efpep.questions.answer import Interval
from efpep.questions.base import AnyCertificate, Certificate, Verdict
from efpep.questions.common.refutable import Excluded, RefutableQuestion
from efpep.questions.kinds import KINDS

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
