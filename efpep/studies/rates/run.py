"""``efpep.table``, and the type of studies of rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Unpack, cast

from efpep.report.figure_style import check_drawable
from efpep.studies.engine.figure_keys import FigureKeys
from efpep.studies.engine.grid import GridStudy
from efpep.studies.engine.kinds import type_of
from efpep.studies.engine.load import validated
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.rendered import Rendered
from efpep.studies.engine.store import Store
from efpep.studies.engine.study_type import Drawn, Storing
from efpep.studies.engine.sweep import Progress, swept
from efpep.studies.engine.workers import Serial, Workers
from efpep.studies.questions.answers import QuestionAnswers
from efpep.studies.questions.run import QuestionStudies
from efpep.studies.rates.answers import Answers
from efpep.studies.rates.schema import TABLES, RateStudy, Study
from efpep.studies.rates.table import Table
from efpep.studies.rates.task import RateTask


class RateStudies(QuestionStudies[Answers]):
    """Studies of rates: the files that no other type takes."""

    about: ClassVar[str] = "rates"
    answers: ClassVar[str] = "rates"
    function: ClassVar[str] = ""
    ANSWERS: ClassVar[type[QuestionAnswers]] = Answers
    TABLE: ClassVar[type[Rendered]] = Table
    TASK: ClassVar[type[QuestionTask]] = RateTask

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> GridStudy:
        """Return what the tables of a file say; a file of another type is refused by name."""
        found = type_of(parsed)
        if found is not self:
            raise found.of_no_rates(path)
        return validated(path, parsed, Study, TABLES)

    def check_figure(self, path: str | Path, study: GridStudy, keys: FigureKeys) -> None:
        """Refuse where the file has no table ``[figure]``, or nothing can draw it."""
        cast("RateStudy", study).declared(path, keys)
        check_drawable()

    def draw(self, found: Answers, output: str | Path, keys: FigureKeys) -> Drawn:
        """Draw the figure that the study declares."""
        from efpep.studies.rates.figure import drawn

        files = drawn(found, output, keys)
        count = len(files.table.rows)
        left_out = f"{files.left_out} of {count} points have no proved value on the axes and are left out."
        described = {"points": count, "left_out": files.left_out}
        return Drawn(files.files, described, [left_out] if files.left_out else [], self.settled(found))


RATE_STUDIES = RateStudies()
"""The type of studies of rates."""


def table(path: str | Path, progress: Callable[[int, int], None] | None = None, **options: Unpack[Storing]) -> Table:
    """Compute and prove the rates that a study file asks for, one after the other.

    Args:
        path: the study file; see :mod:`efpep.studies.rates.schema` for its keys.
        progress: called with the number of answers so far and the number of questions.
        options: ``store`` (without it nothing is stored), ``recheck`` and ``trust_store``, as
            :class:`~efpep.studies.engine.study_type.Options` says.

    Raises:
        InputError: the file is malformed, or asks an impossible question, or the store is damaged.
        UnavailableError: a method or solver is not available here.
    """

    def show(now: Progress) -> None:
        if progress is not None:
            progress(now.done, now.total)

    how = {name: value for name, value in options.items() if name != "store"}
    store = options.get("store")
    with nullcontext() if store is None else Store(store) as kept:
        return answers(path, Serial(), kept, progress=show, **how).table()


def answers(path: str | Path, workers: Workers, store: Store | None, **options: Any) -> Answers:
    """Answer a study file by given workers with a given store; the options are those of a sweep."""
    return RATE_STUDIES.answer(path, RATE_STUDIES.load(path), partial(swept, workers=workers, store=store, **options))
