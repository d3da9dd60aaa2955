"""``efpep.table``: answer a study file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from efpep.analysis.rate import rate
from efpep.conic.solver import find_solver
from efpep.errors import InputError
from efpep.report.table import Row, Table
from efpep.study.load import load_study
from efpep.study.points import Point, points
from efpep.study.schema import Study


def table(path: str | Path, progress: Callable[[int, int], None] | None = None) -> Table:
    """Compute and prove the rates that a study file asks for.

    Args:
        path: the study file; see :mod:`efpep.study.schema` for its keys.
        progress: called with the number of answers so far and the number of questions.

    Raises:
        InputError: the file is malformed, or asks an impossible question.
        UnavailableError: a method or solver is not available here.
    """
    study = load_study(path)
    try:
        find_solver(study.solver)
        questions = points(study)
        answers: list[Row] = []
        for done, point in enumerate(questions):
            if progress is not None:
                progress(done, len(questions))
            answers.append(_row(point, study))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if progress is not None:
        progress(len(questions), len(questions))
    features = None if study.features is None else tuple(study.features)
    return Table(study.title, study.metric, study.digits, tuple(answers), study.lyapunov, study.memory, features)


def _row(point: Point, study: Study) -> Row:
    try:
        answer = rate(
            point.method,
            point.setting,
            study.metric,
            study.solver,
            lyapunov=study.lyapunov,
            memory=study.memory,
            features=study.features,
        )
    except InputError as error:
        raise InputError(f"{type(point.method).identifier()}: {error}") from error
    return Row(answer, point.step_size_factor)
