"""``efpep.run`` and ``efpep.table``: answer a study file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from efpep.conic.solver import find_solver
from efpep.errors import CertificateError, InputError
from efpep.report.table import Row, Table
from efpep.study.load import load_study
from efpep.study.points import Point, points
from efpep.study.rate_task import RateTask
from efpep.study.schema import Study
from efpep.study.store import Store
from efpep.study.sweep import Progress, swept
from efpep.study.task import Outcome, State
from efpep.study.workers import Dask, Local, Serial, Workers


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to a study, in its order.

    Attributes:
        path: the study file.
        study: what it says.
        points: the questions.
        tasks: the same as the sweep's tasks.
        outcomes: their outcomes.
        stored: how many came from the store.
        seconds: how long the sweep took.
    """

    path: Path
    study: Study
    points: tuple[Point, ...]
    tasks: tuple[RateTask, ...]
    outcomes: tuple[Outcome, ...]
    stored: int
    seconds: float

    def count(self, state: State) -> int:
        """Return how many points are in a state."""
        return sum(outcome.state is state for outcome in self.outcomes)

    def table(self) -> Table:
        """Return the rate table.

        Raises:
            InputError: a point failed, or a stored certificate is not about its question.
        """
        study = self.study
        rows = tuple(self._row(k) for k in range(len(self.points)))
        features = None if study.features is None else tuple(study.features)
        return Table(study.title, study.metric, study.digits, rows, study.lyapunov, study.memory, features, study.positivity)

    def _row(self, k: int) -> Row:
        task, outcome = self.tasks[k], self.outcomes[k]
        if outcome.state is State.FAILED:
            raise InputError(f"{self.path}: {type(task.method).identifier()}: {outcome.reason}")
        try:
            return Row(task.rate(outcome), self.points[k].step_size_factor)
        except CertificateError as error:
            raise InputError(
                f"{self.path}: the stored answer to {task.label()} does not fit it ({str(error).rstrip('.')}); delete the store."
            ) from error


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
        path: the study file; see :mod:`efpep.study.schema` for its keys.
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
    workers = workers_for(jobs, dask)
    with Store(store) as kept:
        return answers(path, workers, kept, recheck=recheck, trust_store=trust_store, progress=progress)


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
        path: the study file; see :mod:`efpep.study.schema` for its keys.
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
    study = load_study(path)
    try:
        find_solver(study.solver)
        questions = points(study)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    tasks = [_task(point, study) for point in questions]
    found = swept(tasks, workers, store, progress, recheck=recheck, trust_store=trust_store)
    return Answers(Path(path), study, tuple(questions), tuple(tasks), found.outcomes, found.stored, found.seconds)


def workers_for(jobs: int | None, dask: str | None) -> Workers:
    """Return who answers: so many processes of this machine, or a Dask cluster.

    Raises:
        InputError: both are given.
    """
    if dask is None:
        return Local(jobs)
    if jobs is not None:
        raise InputError("jobs and dask are both given, and each says who answers; give one of them.", argument=("jobs", "dask"))
    return Dask(dask)


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
