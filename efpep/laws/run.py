"""``efpep.examine``: put a law of the literature to the test on its grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from efpep.laws.law import Cell, Law
from efpep.laws.study import LawStudy, load_law_study
from efpep.laws.task import LawTask
from efpep.study.run import workers_for
from efpep.study.store import Store
from efpep.study.sweep import Progress, swept
from efpep.study.task import Outcome, State


@dataclass(frozen=True, slots=True)
class Examination:
    """What is proved about a law on a grid.

    Attributes:
        study: what was asked.
        tasks: the configurations.
        outcomes: what is proved about each.
        stored: how many came from the store.
        seconds: how long the sweep took.
    """

    study: LawStudy
    tasks: tuple[LawTask, ...]
    outcomes: tuple[Outcome, ...]
    stored: int
    seconds: float

    @property
    def law(self) -> Law:
        """The law."""
        return self.study.law

    def count(self, state: State) -> int:
        """Return how many configurations are in a state."""
        return sum(outcome.state is state for outcome in self.outcomes)

    @property
    def verdicts(self) -> tuple[int, int]:
        """How many verdicts there are in all configurations, and how many of them are open; failed ones are not counted."""
        answered = [outcome.value for outcome in self.outcomes if outcome.state is not State.FAILED]
        return (
            sum(cast("int", value["points"]) for value in answered),
            sum(cast("int", value["open"]) for value in answered),
        )

    def rows(self) -> list[dict[str, Cell]]:
        """Return one row of numbers for each configuration."""
        found: list[dict[str, Cell]] = []
        for task, outcome in zip(self.tasks, self.outcomes, strict=True):
            configuration = task.configuration
            row: dict[str, Cell] = {
                "L": " ".join(str(L) for L, _ in configuration.workers),
                "kappa": " ".join(str(kappa) for _, kappa in configuration.workers),
                "epsilon": str(configuration.epsilon),
                "verdict": outcome.state.value,
            }
            found.append({**row, **cast("dict[str, Cell]", outcome.value.get("row", {}))})
        return found

    def tallies(self) -> dict[str, Counter[str]]:
        """Return, for laws whose rows have verdicts by several measures, how many configurations have each."""
        rows = self.rows()
        names = dict.fromkeys(name for row in rows for name in row if name.startswith("by_"))
        return {name.removeprefix("by_"): Counter(str(row[name]) for row in rows if name in row) for name in names}

    def totals(self) -> dict[str, int]:
        """Return the sums of the counts that rows hold."""
        total: Counter[str] = Counter()
        for row in self.rows():
            total.update({name: cell for name, cell in row.items() if isinstance(cell, int)})
        return dict(total)

    def greatest(self, column: str) -> int | None:
        """Return which configuration has the greatest number in a column, or None where there is none."""
        numbers = [(float(str(row[column])), k) for k, row in enumerate(self.rows()) if row.get(column) is not None]
        return max(numbers, key=lambda pair: pair[0])[1] if numbers else None


def examine(
    path: str | Path,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    store: str | Path | None = None,
    recheck: bool = False,
    trust_store: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Examination:
    """Prove or refute a law of the literature in every configuration of a study file, in parallel, with a results store.

    Args:
        path: the study file; see :mod:`efpep.laws.study` for its keys.
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
    study = load_law_study(path)
    workers = workers_for(jobs, dask)
    tasks = tuple(LawTask(study.law, configuration) for configuration in study.configurations)
    with Store(store) as kept:
        found = swept(tasks, workers, kept, progress, recheck=recheck, trust_store=trust_store)
    return Examination(study, tasks, found.outcomes, found.stored, found.seconds)
