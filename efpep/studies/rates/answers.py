"""What is proved about the rates of a study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from efpep.errors import CertificateError, InputError
from efpep.questions.rate.study import RateForm
from efpep.studies.questions.answers import QuestionAnswers
from efpep.studies.questions.table import AnsweredQuestion
from efpep.studies.rates.table import Table, TableRow
from efpep.studies.rates.task import RateTask


@dataclass(frozen=True, slots=True)
class Answers(QuestionAnswers):
    """The answers to a study of rates; see :class:`~efpep.studies.questions.answers.QuestionAnswers`."""

    def table(self) -> Table:
        """Return the rate table.

        Raises:
            InputError: a point failed, or a stored certificate is not about its question.
        """
        rows = tuple(self._row(row) for row in self.rows())
        form = cast("RateForm", self.tasks[0].form)
        features = None if form.features is None else tuple(form.features)
        digits = self.study.digits
        return Table(
            self.study.title, form.metric, digits, rows, form.lyapunov, form.memory, features, form.positivity, self.layout
        )

    def _row(self, row: AnsweredQuestion) -> TableRow:
        if not self.unchecked:
            return TableRow(row, row.step_size_factor, row.impossible, row.tuned)
        task = cast("RateTask", row.task)
        try:
            return TableRow(task.rate(row.outcome), row.step_size_factor, row.impossible, row.tuned)
        except CertificateError as error:
            raise InputError(
                f"{self.path}: the stored answer to {task.label()} does not fit it ({str(error).rstrip('.')}); delete the store."
            ) from error
