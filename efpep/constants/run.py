"""``efpep.constants``: the least constants of one-step potentials over a grid of contraction parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from efpep.constants.study import ConstantStudy, load_constant_study
from efpep.study.run import workers_for
from efpep.study.store import Store
from efpep.study.sweep import Progress, swept
from efpep.study.task import Outcome


@dataclass(frozen=True, slots=True)
class Constants:
    """What is proved about the constants of a study.

    Attributes:
        study: what was asked.
        outcomes: what is proved about each task of the study.
        stored: how many answers came from the store.
        seconds: how long the sweep took.
    """

    study: ConstantStudy
    outcomes: tuple[Outcome, ...]
    stored: int
    seconds: float

    def intervals(self) -> list[tuple[Fraction | None, Fraction | None]]:
        """Return both ends of K for each task; None where undecided."""
        return [task.interval(outcome) for task, outcome in zip(self.study.tasks, self.outcomes, strict=True)]


def constants(
    path: str | Path,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    store: str | Path | None = None,
    recheck: bool = False,
    trust_store: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Constants:
    """Prove the least constants of a study file, in parallel, with a results store.

    Args:
        path: the study file; see :mod:`efpep.constants.study` for its keys.
        jobs: how many processes; the machine's cores without it.
        dask: answer on a Dask cluster instead: ``"local:N"``, or the address of a scheduler.
        store: the results store; the one in the user's cache folder without it.
        recheck: whether answers from the store are checked again in exact arithmetic.
        trust_store: whether answers from the store are used without a check of their certificates.
        progress: called before the first question and after every batch.

    Raises:
        InputError: the file is malformed, or the store is damaged.
        UnavailableError: Dask is not available here.
    """
    study = load_constant_study(path)
    workers = workers_for(jobs, dask)
    with Store(store) as kept:
        found = swept(study.tasks, workers, kept, progress, recheck=recheck, trust_store=trust_store)
    return Constants(study, found.outcomes, found.stored, found.seconds)
