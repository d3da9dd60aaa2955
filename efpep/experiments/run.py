"""``efpep.experiment``: run the methods of a study on its problems, and tune them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from efpep.experiments.measure import METRICS, Measured, Metric, Summary
from efpep.experiments.study import Candidate, ExperimentStudy, MethodEntry, ProblemEntry, load_experiment
from efpep.experiments.task import ExperimentTask
from efpep.study.run import workers_for
from efpep.study.store import Store
from efpep.study.sweep import Progress, swept
from efpep.study.task import Outcome, State


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate with its runs.

    Attributes:
        candidate: the step size and the parameters.
        runs: what each seed's run did; None for one that failed.
        summary: the medians.
    """

    candidate: Candidate
    runs: tuple[Measured | None, ...]
    summary: Summary


@dataclass(frozen=True, slots=True)
class Cell:
    """A method on a problem.

    Attributes:
        problem: the problem.
        method: the method.
        tried: its candidates.
        best: the best of them by the study's criterion; None where every one of them diverged or failed.
    """

    problem: ProblemEntry
    method: MethodEntry
    tried: tuple[Tried, ...]
    best: Tried | None

    @property
    def diverged(self) -> int:
        """How many runs diverged."""
        return sum(run is not None and run.diverged for tried in self.tried for run in tried.runs)

    @property
    def failed(self) -> int:
        """How many runs failed."""
        return sum(run is None for tried in self.tried for run in tried.runs)

    @property
    def runs(self) -> int:
        """How many runs there are."""
        return sum(len(tried.runs) for tried in self.tried)


@dataclass(frozen=True, slots=True)
class Experiment:
    """What the methods of a study do on its problems.

    Attributes:
        path: the study file.
        study: what it says.
        cells: problem by problem, each method.
        tasks: the runs.
        outcomes: what became of each.
        stored: how many came from the store.
        seconds: how long the sweep took.
    """

    path: Path
    study: ExperimentStudy
    cells: tuple[Cell, ...]
    tasks: tuple[ExperimentTask, ...]
    outcomes: tuple[Outcome, ...]
    stored: int
    seconds: float

    @property
    def metric(self) -> Metric:
        """What is compared."""
        return METRICS[self.study.experiment.metric]

    @property
    def failures(self) -> list[tuple[ExperimentTask, str]]:
        """The runs that failed, with the reason."""
        pairs = zip(self.tasks, self.outcomes, strict=True)
        return [(task, outcome.reason) for task, outcome in pairs if outcome.state is State.FAILED]

    def cell(self, problem: str, method: str) -> Cell:
        """Return the method called ``method`` on the problem called ``problem``.

        Raises:
            KeyError: there is none.
        """
        for cell in self.cells:
            if (cell.problem.label, cell.method.label) == (problem, method):
                return cell
        raise KeyError((problem, method))

    def report(self) -> str:
        """Return the report in Markdown."""
        from efpep.report.experiment import experiment_markdown

        return experiment_markdown(self)

    def figure(self, output: str | Path) -> list[Path]:
        """Draw the chosen candidates' curves to a PDF and a PNG, with their numbers as CSV beside them; return the paths.

        Raises:
            InputError: a file cannot be written.
        """
        from efpep.report.experiment_figure import save_curves

        return save_curves(self, output)


def experiment(
    path: str | Path,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    store: str | Path | None = None,
    recheck: bool = False,
    trust_store: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> Experiment:
    """Run every candidate of every method on every problem of a study file, in parallel, and choose the best candidates.

    Args:
        path: the study file; see :mod:`efpep.experiments.study` for its keys.
        jobs: how many processes; the machine's cores without it.
        dask: run on a Dask cluster instead: ``"local:N"``, or the address of a scheduler.
        store: the results store, from which an interrupted experiment goes on; the one in the user's cache folder without it.
        recheck: whether runs from the store are made again and compared.
        trust_store: whether answers from the store are used without a check of their certificates.
        progress: called before the first run and after every batch.

    Raises:
        InputError: the file is malformed, or the store is damaged.
        UnavailableError: a method, a problem or Dask is not available here.
    """
    study = load_experiment(path)
    workers = workers_for(jobs, dask)
    plan = [(p, m, c) for p in study.problems for m in study.methods for c in m.candidates()]
    seeds = study.experiment.seeds
    tasks = tuple(_task(study, p, m, c, seed) for p, m, c in plan for seed in seeds)
    with Store(store) as kept:
        answered = swept(tasks, workers, kept, progress, recheck=recheck, trust_store=trust_store)
    tried: dict[tuple[str, str], list[Tried]] = {}
    metric = METRICS[study.experiment.metric]
    for k, (problem, method, candidate) in enumerate(plan):
        part = answered.outcomes[k * len(seeds) : (k + 1) * len(seeds)]
        runs = tuple(None if outcome.state is State.FAILED else Measured.of(outcome, metric) for outcome in part)
        found = Tried(candidate, runs, Summary.of(runs, study.experiment.accuracy))
        tried.setdefault((problem.label, method.label), []).append(found)
    cells = tuple(
        Cell(p, m, tuple(candidates), _best(study.experiment.tune, candidates))
        for p in study.problems
        for m in study.methods
        if (candidates := tried[p.label, m.label])
    )
    return Experiment(Path(path), study, cells, tasks, answered.outcomes, answered.stored, answered.seconds)


def _best(criterion: str, tried: Sequence[Tried]) -> Tried | None:
    """Return the candidate with the least criterion, then the least final metric; the first of equal ones."""
    able = [candidate for candidate in tried if math.isfinite(candidate.summary.final)]
    return min(able, key=lambda found: (getattr(found.summary, criterion), found.summary.final), default=None)


def _task(study: ExperimentStudy, problem: ProblemEntry, method: MethodEntry, candidate: Candidate, seed: int) -> ExperimentTask:
    common = study.experiment
    server = method.server_compressor or common.server_compressor
    return ExperimentTask(
        candidate.method,
        candidate.rule,
        problem.seeded(seed),
        method.compressor or problem.compressor or common.compressor or "",
        server or "",
        common.iterations,
        common.record_every,
        METRICS[common.metric].columns,
        seed,
    )
