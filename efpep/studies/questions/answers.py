"""What is proved about the questions of a study."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from efpep.errors import InputError
from efpep.methods import Method
from efpep.report.entry import Entry
from efpep.setting import Setting
from efpep.studies.engine.grid_type import check_answered
from efpep.studies.engine.question_task import AnyQuestionTask
from efpep.studies.engine.study_type import Answered
from efpep.studies.engine.task import Outcome
from efpep.studies.questions.schema import QuestionStudy


@dataclass(frozen=True, slots=True)
class AnsweredQuestion(Entry):
    """One question and what is proved about it.

    Attributes:
        task: the question.
        outcome: what became of it.
        step_size_factor: the step size as a multiple of the method's optimal one, or None where a number was given.
    """

    task: AnyQuestionTask
    outcome: Outcome
    step_size_factor: Fraction | None

    @property
    def asked(self) -> Method:
        """The method with its step size, as it stands where that is not known."""
        try:
            return self.task.method.resolved(self.task.setting)
        except InputError:
            return self.task.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.task.setting


@dataclass(frozen=True, slots=True)
class QuestionAnswers(Answered[QuestionStudy, AnyQuestionTask]):
    """The answers to a study, in its order.

    Attributes:
        study: what the study file says.
        tasks: the questions.
        outcomes: what became of each.
        stored: how many came from the store.
        seconds: how long the sweep took.
        unchecked: whether answers from the store were used without a check of their certificates.
        path: the study file.
        factors: the step sizes as multiples of the optimal ones, or None.
    """

    path: Path
    factors: tuple[Fraction | None, ...]

    def rows(self) -> list[AnsweredQuestion]:
        """Return the questions with their answers.

        Raises:
            InputError: a point failed.
        """
        check_answered(self.path, self)
        return [AnsweredQuestion(*parts) for parts in zip(self.tasks, self.outcomes, self.factors, strict=True)]
