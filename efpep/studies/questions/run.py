"""Answer a study of a kind of question over a grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from efpep.conic.solver import find_solver
from efpep.errors import InputError
from efpep.studies.engine.grid import TABLES
from efpep.studies.engine.grid_type import GridStudies
from efpep.studies.engine.load import check_points, validated
from efpep.studies.engine.points import points
from efpep.studies.engine.study_type import Sweep
from efpep.studies.questions.answers import QuestionAnswers
from efpep.studies.questions.schema import QuestionStudy, find_question


class QuestionStudies(GridStudies[QuestionStudy, QuestionAnswers]):
    """Studies of other questions than the rate: the files with the key ``question``."""

    about: ClassVar[str] = "another question"
    answers: ClassVar[str] = "points"
    function: ClassVar[str] = "'efpep table'"

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> QuestionStudy:
        """Return what the tables of a file say."""
        try:
            schema = find_question(parsed.get("question"))
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        return validated(path, parsed, schema, TABLES)

    def answer(self, path: str | Path, study: QuestionStudy, sweep: Sweep) -> QuestionAnswers:
        """Answer the questions."""
        try:
            find_solver(study.solver)
            asked = [(task, point.step_size_factor) for point in points(study) for task in study.tasks(point)]
            check_points(len(asked))
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        tasks, factors = tuple(task for task, _ in asked), tuple(factor for _, factor in asked)
        found = sweep(tasks)
        return QuestionAnswers(study, tasks, found.outcomes, found.stored, found.seconds, found.unchecked, Path(path), factors)

    def renderer(self, path: str | Path, form: str) -> Callable[[QuestionAnswers], str]:
        """Return what writes the table."""
        del path
        from efpep.studies.questions.table import RENDERERS

        if form not in RENDERERS:
            raise InputError(f"{form!r} is not a format of tables; choose one of {', '.join(RENDERERS)}.", argument="form")
        return RENDERERS[form]


QUESTION_STUDIES = QuestionStudies()
"""The type of studies of other questions than the rate."""
