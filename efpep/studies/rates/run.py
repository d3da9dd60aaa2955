"""``efpep.run`` and ``efpep.table``: answer a study of rates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import ClassVar

from efpep.conic.solver import find_solver
from efpep.errors import InputError
from efpep.report.figure_style import check_drawable
from efpep.studies.engine.grid_type import GridStudies
from efpep.studies.engine.kinds import type_of
from efpep.studies.engine.load import validated
from efpep.studies.engine.points import Point, points
from efpep.studies.engine.store import Store
from efpep.studies.engine.study_type import Drawn, Options, Sweep
from efpep.studies.engine.sweep import Progress, swept
from efpep.studies.engine.workers import Serial, Workers
from efpep.studies.rates.answers import Answers
from efpep.studies.rates.schema import TABLES, Study
from efpep.studies.rates.table import Table, find_renderer
from efpep.studies.rates.task import RateTask


class RateStudies(GridStudies[Study, Answers]):
    """Studies of rates: the files that no other type takes."""

    about: ClassVar[str] = "rates"

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> Study:
        """Return what the tables of a file say; a file of another type is refused by name."""
        found = type_of(parsed)
        if found is not self:
            raise found.of_no_rates(path)
        return validated(path, parsed, Study, TABLES)

    def answer(self, path: str | Path, study: Study, sweep: Sweep) -> Answers:
        """Prove the rates."""
        try:
            find_solver(study.solver)
            questions = tuple(points(study))
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        tasks = tuple(_task(point, study) for point in questions)
        found = sweep(tasks)
        return Answers(study, tasks, found.outcomes, found.stored, found.seconds, found.unchecked, Path(path), questions)

    def renderer(self, path: str | Path, form: str) -> Callable[[Answers], str]:
        """Return what writes the rate table."""
        del path
        render = find_renderer(form)
        return lambda found: render(found.table())

    def check_figure(self, path: str | Path, study: Study) -> None:
        """Refuse where the file has no table ``[figure]``, or nothing can draw it."""
        study.declared(path)
        check_drawable()

    def draw(self, found: Answers, output: str | Path) -> Drawn:
        """Draw the figure that the study declares."""
        from efpep.studies.rates.figure import drawn

        files = drawn(found, output)
        count = len(files.table.rows)
        left_out = f"{files.left_out} of {count} points have no proved value on the axes and are left out."
        described = {"points": count, "left_out": files.left_out}
        return Drawn(files.files, described, [left_out] if files.left_out else [], self.settled(found))


RATE_STUDIES = RateStudies()
"""The type of studies of rates."""


def run(
    path: str | Path,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    store: str | Path | None = None,
    recheck: bool = False,
    trust_store: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Answers:
    """Compute and prove the rates that a study file asks for, in parallel, and keep them in a results store.

    Args:
        path: the study file; see :mod:`efpep.studies.rates.schema` for its keys.
        jobs: how many processes; the machine's cores without it.
        dask: answer on a Dask cluster instead: ``"local:N"``, or the address of a scheduler.
        store: the results store; the one in the user's cache folder without it.
        recheck: whether answers from the store are checked again in exact arithmetic.
        trust_store: whether answers from the store are used without a check of their certificates.
        progress: called before the first question and after every batch.

    Raises:
        InputError: the file is malformed or asks an impossible question, or the store is damaged.
        UnavailableError: a method, a solver or Dask is not available here.
    """
    return RATE_STUDIES.answer_file(path, Options(jobs, dask, store, recheck, trust_store, progress))


def table(
    path: str | Path,
    progress: Callable[[int, int], None] | None = None,
    *,
    store: str | Path | None = None,
    recheck: bool = False,
    trust_store: bool = False,
) -> Table:
    """Compute and prove the rates that a study file asks for, one after the other.

    Args:
        path: the study file; see :mod:`efpep.studies.rates.schema` for its keys.
        progress: called with the number of answers so far and the number of questions.
        store: a results store where answers are looked up and kept; nothing is stored without it.
        recheck: whether answers from the store are checked again in exact arithmetic.
        trust_store: whether answers from the store are used without a check of their certificates.

    Raises:
        InputError: the file is malformed, or asks an impossible question, or the store is damaged.
        UnavailableError: a method or solver is not available here.
    """

    def show(now: Progress) -> None:
        if progress is not None:
            progress(now.done, now.total)

    with nullcontext() if store is None else Store(store) as kept:
        return answers(path, Serial(), kept, recheck=recheck, trust_store=trust_store, progress=show).table()


def answers(
    path: str | Path,
    workers: Workers,
    store: Store | None,
    *,
    recheck: bool = False,
    trust_store: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Answers:
    """Answer a study file by given workers with a given store; see :func:`run`."""
    sweep = partial(swept, workers=workers, store=store, progress=progress, recheck=recheck, trust_store=trust_store)
    return RATE_STUDIES.answer(path, RATE_STUDIES.load(path), sweep)


def _task(point: Point, study: Study) -> RateTask:
    features = None if study.features is None else tuple(study.features)
    return RateTask(
        point.method,
        point.setting,
        study.metric,
        study.solver,
        study.lyapunov,
        study.memory,
        features,
        positivity=study.positivity,
    )
