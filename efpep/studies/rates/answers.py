"""What is proved about the rates of a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from efpep.errors import CertificateError, InputError
from efpep.studies.engine.grid_type import check_answered
from efpep.studies.engine.points import Point
from efpep.studies.engine.study_type import Answered
from efpep.studies.rates.schema import Study
from efpep.studies.rates.table import Row, Table
from efpep.studies.rates.task import RateTask


@dataclass(frozen=True, slots=True)
class Answers(Answered[Study, RateTask]):
    """The answers to a study, in its order.

    Attributes:
        study: what the study file says.
        tasks: the questions as the sweep's tasks.
        outcomes: their outcomes.
        stored: how many came from the store.
        seconds: how long the sweep took.
        unchecked: whether answers from the store were used without a check of their certificates.
        path: the study file.
        points: the questions.
    """

    path: Path
    points: tuple[Point, ...]

    def table(self) -> Table:
        """Return the rate table.

        Raises:
            InputError: a point failed, or a stored certificate is not about its question.
        """
        check_answered(self.path, self)
        study = self.study
        rows = tuple(self._row(k) for k in range(len(self.points)))
        features = None if study.features is None else tuple(study.features)
        return Table(study.title, study.metric, study.digits, rows, study.lyapunov, study.memory, features, study.positivity)

    def _row(self, k: int) -> Row:
        task, outcome = self.tasks[k], self.outcomes[k]
        try:
            return Row(task.rate(outcome), self.points[k].step_size_factor)
        except CertificateError as error:
            raise InputError(
                f"{self.path}: the stored answer to {task.label()} does not fit it ({str(error).rstrip('.')}); delete the store."
            ) from error
