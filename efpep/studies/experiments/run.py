"""Run the methods of a study on its problems, and tune them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Unpack

from efpep.report.figure_style import check_drawable
from efpep.studies.engine.figure_keys import FigureKeys
from efpep.studies.engine.study_type import Answering, Drawn, Options, StudyType, Sweep, names_of
from efpep.studies.experiments.experiment import Experiment, cells_of, planned
from efpep.studies.experiments.study import ExperimentStudy, MethodEntry, ParameterChoice, ProblemEntry, read_experiment
from efpep.studies.experiments.task import ExperimentTask


class ExperimentStudies(StudyType[ExperimentStudy, Experiment]):
    """Studies of numeric runs: the files with the key ``experiment``."""

    about: ClassVar[str] = "numeric runs"
    points: ClassVar[str] = "runs"
    answers: ClassVar[str] = "runs"
    function: ClassVar[str] = "efpep.studies.experiments.run.experiment"
    shown: ClassVar[int | None] = 5

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> ExperimentStudy:
        """Return what the tables of a file say."""
        return read_experiment(path, parsed)

    def answer(self, path: str | Path, study: ExperimentStudy, sweep: Sweep) -> Experiment:
        """Make the runs, and choose the best candidates."""
        tasks = tuple(_task(study, p, m, c, seed) for p, m, c in planned(study) for seed in study.experiment.seeds)
        found = sweep(tasks)
        cells = tuple(cells_of(study, found.outcomes))
        return Experiment(study, tasks, found.outcomes, found.stored, found.seconds, found.unchecked, Path(path), cells)

    def settled(self, found: Experiment) -> bool:
        """Return whether no run failed."""
        return not found.failures

    def time(self, found: Experiment) -> str:
        """Return how long the runs took, on one line."""
        return f"time {found.seconds:.1f} s, {found.stored} of {len(found.tasks)} runs from the store."

    def text(self, found: Experiment) -> str:
        """Return the report in Markdown."""
        return found.report()

    def described(self, found: Experiment) -> dict[str, object]:
        """Return the report as a JSON object."""
        from efpep.studies.experiments.report import experiment_object

        return experiment_object(found)

    def check_report(self) -> None:
        """Refuse where nothing can draw the curves, which are part of the report."""
        check_drawable()

    def save(self, found: Experiment, folder: Path) -> str:
        """Write the report and the figure of the curves."""
        from efpep.studies.experiments.report import save_experiment

        return f"report written to {folder}: {names_of(save_experiment(found, folder))}."

    def check_figure(self, path: str | Path, study: ExperimentStudy, keys: FigureKeys) -> None:
        """Refuse where nothing can draw it."""
        study.curves(path, keys)
        check_drawable()

    def draw(self, found: Experiment, output: str | Path, keys: FigureKeys) -> Drawn:
        """Draw the chosen candidates' curves."""
        count, without = len(found.cells), sum(cell.best is None for cell in found.cells)
        left_out = f"{without} of {count} curves are left out, because every candidate diverged or failed."
        remarks = [*([left_out] if without else []), *self.without_answer(found)]
        described = {"curves": count - without, "left_out": without}
        return Drawn(tuple(found.figure(output, keys)), described, remarks, self.settled(found))


EXPERIMENT_STUDIES = ExperimentStudies()
"""The type of studies of numeric runs."""


def experiment(path: str | Path, **options: Unpack[Answering]) -> Experiment:
    """Run every candidate of every method on every problem of a study file, in parallel, and choose the best candidates.

    Args:
        path: the study file; see :mod:`efpep.studies.experiments.study` for its keys.
        options: how it is answered; see :class:`~efpep.studies.engine.study_type.Options`.

    Raises:
        InputError: the file is malformed, or the store is damaged.
        UnavailableError: a method, a problem or Dask is not available here.
    """
    return EXPERIMENT_STUDIES.answer_file(path, Options(**options))


def _task(
    study: ExperimentStudy, problem: ProblemEntry, method: MethodEntry, candidate: ParameterChoice, seed: int
) -> ExperimentTask:
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
        study.record,
        seed,
        method.batch or common.batch,
    )
