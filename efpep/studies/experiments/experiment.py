"""What the methods of a study do on its problems."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from efpep.studies.engine.figure_keys import FigureKeys
from efpep.studies.engine.study_type import Answered
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.experiments.measure import METRICS, MeasuredRun, Metric, Summary
from efpep.studies.experiments.study import ExperimentStudy, MethodEntry, ParameterChoice, ProblemEntry
from efpep.studies.experiments.task import ExperimentTask


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate with its runs.

    Attributes:
        candidate: the step size and the parameters.
        runs: what each seed's run did; None for one that failed.
        summary: the medians.
    """

    candidate: ParameterChoice
    runs: tuple[MeasuredRun | None, ...]
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
class Experiment(Answered[ExperimentStudy, ExperimentTask]):
    """What the methods of a study do on its problems.

    Attributes:
        path: the study file.
        cells: problem by problem, each method.
    """

    path: Path
    cells: tuple[Cell, ...]

    @property
    def metric(self) -> Metric:
        """What is compared."""
        return METRICS[self.study.experiment.metric]

    @property
    def failures(self) -> list[tuple[ExperimentTask, str]]:
        """The runs that failed, with the reason."""
        pairs = zip(self.tasks, self.outcomes, strict=True)
        return [(task, outcome.reason) for task, outcome in pairs if outcome.state is TaskState.FAILED]

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
        from efpep.studies.experiments.report import experiment_markdown

        return experiment_markdown(self)

    def figure(self, output: str | Path, keys: FigureKeys | None = None) -> list[Path]:
        """Draw the chosen candidates' curves as PDF, PNG and SVG, with their numbers as CSV beside them; return the paths.

        Args:
            output: where it goes.
            keys: keys of ``[figure]`` (``x``, ``size``, ``dark``) that take the place of the study's.

        Raises:
            InputError: a file cannot be written, or a key does not fit.
        """
        from efpep.studies.experiments.figure import save_curves

        return save_curves(self, output, self.study.curves(self.path, keys))


def planned(study: ExperimentStudy) -> list[tuple[ProblemEntry, MethodEntry, ParameterChoice]]:
    """Return every candidate of every method on every problem."""
    return [(p, m, c) for p in study.problems for m in study.methods for c in m.candidates()]


def cells_of(study: ExperimentStudy, outcomes: Sequence[Outcome]) -> Iterator[Cell]:
    """Yield each method on each problem, with its best candidate; ``outcomes`` are those of all seeds of all that is planned."""
    common = study.experiment
    count, metric = len(common.seeds), METRICS[common.metric]
    tried: dict[tuple[str, str], list[Tried]] = {}
    for k, (problem, method, candidate) in enumerate(planned(study)):
        part = outcomes[k * count : (k + 1) * count]
        runs = tuple(None if outcome.state is TaskState.FAILED else MeasuredRun.of(outcome, metric) for outcome in part)
        found = Tried(candidate, runs, Summary.of(runs, common.accuracy))
        tried.setdefault((problem.label, method.label), []).append(found)
    for problem in study.problems:
        for method in study.methods:
            candidates = tried[problem.label, method.label]
            yield Cell(problem, method, tuple(candidates), _best(common.tune, candidates))


def _best(criterion: str, tried: Sequence[Tried]) -> Tried | None:
    """Return the candidate with the least criterion, then the least final metric; the first of equal ones."""
    able = [candidate for candidate in tried if math.isfinite(candidate.summary.final)]
    return min(able, key=lambda found: (getattr(found.summary, criterion), found.summary.final), default=None)
