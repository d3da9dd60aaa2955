"""Answers: a question, what is proved of it, and who proposed the proof."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from efpep.conic.solver_attempts import unproved
from efpep.errors import InputError
from efpep.model.field import shown
from efpep.proof.provenance import Provenance
from efpep.questions.base import Certificate, Question, Verdict
from efpep.questions.kinds import KINDS, answer_display
from efpep.report.display import Display, Displayed

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.setting import Setting


Q_co = TypeVar("Q_co", bound="Question[Any, Any]", covariant=True)
L = TypeVar("L")
U = TypeVar("U")


@dataclass(frozen=True, slots=True, repr=False)
class Answer(Displayed, Generic[Q_co, L, U]):
    """What became of a question.

    Attributes:
        question: the question, about the method with its exact parameters.
        certificate: what is proved with its exact proof, or None where nothing is.
        solver: whose proposals became certificates.
        seconds: how long the answer took.
    """

    question: Q_co
    certificate: Certificate[Q_co, L, U] | None
    solver: str
    seconds: float

    @property
    def method(self) -> Method:
        """The method, with the exact step size that the claims are about."""
        return self.question.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.question.setting

    @property
    def verdict(self) -> Verdict:
        """Whether something is proved or refuted; what, the kind of question says."""
        return Verdict.UNDECIDED if self.certificate is None else self.certificate.verdict

    @property
    def finding(self) -> str:
        """The verdict as words."""
        return self.verdict.value

    def display(self) -> Display:
        """Return what notebooks and prompts show."""
        return answer_display(self)

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: undecided, for {unproved(self.solver)}."
        return self.certificate.sentence()


@dataclass(frozen=True, slots=True, repr=False)
class Interval(Answer[Q_co, L, U]):
    """The answer to a question about a number: an interval with proved ends."""

    @property
    def lower(self) -> Fraction | None:
        """The lower end, proved; None where undecided."""
        return None if self.certificate is None else self.certificate.ends[0]

    @property
    def upper(self) -> Fraction | None:
        """The upper end, proved; None where undecided."""
        return None if self.certificate is None else self.certificate.ends[1]

    @property
    def certified(self) -> bool:
        """Whether both ends are proved."""
        return self.lower is not None and self.upper is not None


def proved(question: Q_co, lower: L | None, upper: U | None, solver: str | None) -> Certificate[Q_co, L, U] | None:
    """Return the certificate of two ends that a solver (None: no solver) proposed, or None where neither is proved."""
    return None if lower is None and upper is None else Certificate(question, lower, upper, Provenance(solver))


def ask(question: Question[L, U], solver: str = "clarabel", **options: Any) -> Answer[Any, L, U]:
    """Answer a question of whatever kind, with proof.

    Args:
        question: what is asked, such as :class:`efpep.questions.rate.question.RateQuestion`.
        solver: who proposes; see :func:`efpep.rate`.
        options: how it is searched, as far as the kind knows any: ``width`` of rates, and ``instances``, false where rates are to
            be searched though a theorem or an instance gives them; ``pairs`` and ``attained`` of worst cases, ``jobs`` and
            ``every`` of switching patterns, ``tolerance`` and ``seconds`` of step sizes, and ``choices``, which questions about
            improvements need.

    Raises:
        InputError: the question is not well posed, or there is no such solver.
    """
    from efpep.conic.solver import find_solver

    if not isinstance(question, Question):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"question is {shown(question)}, which is none; give one such as RateQuestion(method, setting, metric).",
            argument="question",
        )
    return KINDS[question.KIND].module("answer").ask(question, find_solver(solver), **options)
