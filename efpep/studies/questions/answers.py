"""The answers to a study over a grid."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.report.layout import TableLayout
from efpep.studies.engine.grid import GridStudy, LayoutTable
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.study_type import Answered
from efpep.studies.engine.task import TaskState
from efpep.studies.questions.table import AnsweredQuestion, QuestionTable

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class QuestionAnswers(Answered[GridStudy, QuestionTask]):
    """The answers to a study, in its order; see :class:`~efpep.studies.engine.study_type.Answered`.

    Attributes:
        path: the study file.
        factors: the step sizes as multiples of the optimal ones, or None.
    """

    path: Path
    factors: tuple[Fraction | None, ...]

    def rows(self) -> list[AnsweredQuestion]:
        """Return the questions with their answers, and those that are impossible with the reason.

        Raises:
            InputError: a point failed that could be asked, or none could be.
        """
        none = all(outcome.state is TaskState.FAILED for outcome in self.outcomes)
        for task, outcome in zip(self.tasks, self.outcomes, strict=True):
            if outcome.state is TaskState.FAILED and (none or not task.refused):
                raise InputError(f"{self.path}: {type(task.method).identifier()}: {outcome.reason}")
        return [AnsweredQuestion(*parts) for parts in zip(self.tasks, self.outcomes, self.factors, strict=True)]

    def table(self) -> Any:
        """Return the table, a :class:`~efpep.studies.questions.table.QuestionTable`; of rates another one.

        Raises:
            InputError: as :meth:`rows`, or a stored certificate is not about its question.
        """
        return QuestionTable(self.study, tuple(self.rows()), self.layout)

    @property
    def layout(self) -> TableLayout:
        """How the study file lays the table out."""
        laid_out = self.study.table or LayoutTable()
        return laid_out.layout().changed(command=f"efpep table {self.path}")

    def to_pandas(self) -> pd.DataFrame:
        """Return the table as a data frame; see :meth:`~efpep.studies.engine.rendered.Rendered.to_pandas`.

        Raises:
            InputError: as :meth:`table`.
            UnavailableError: pandas is not installed.
        """
        return self.table().to_pandas()
