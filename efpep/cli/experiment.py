"""``efpep run`` and ``efpep figure`` on a study of numeric runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status
from efpep.cli.sweep import Sweep

if TYPE_CHECKING:
    from efpep.experiments.task import ExperimentTask

_INTERRUPTED = 130
_SHOWN = 5
"""How many failures are named one by one."""


def experiment(sweep: Sweep, report: Path | None) -> int:
    """Make the runs, print the report and write it with its figure where asked."""
    from efpep.experiments.run import experiment as run
    from efpep.report.experiment import experiment_markdown, experiment_object, save_experiment

    bar = Bar("runs")
    try:
        with bar:
            found = run(sweep.study, **sweep.how(), progress=bar.show)
    except KeyboardInterrupt:
        note(f"interrupted after {bar.done} of {bar.total} runs; the same command goes on from there.")
        return _INTERRUPTED
    if report is not None:
        paths = save_experiment(found, report)
        note(f"report written to {report}: {', '.join(path.name for path in paths)}.")
    if sweep.as_json:
        answer_json(experiment_object(found))
    else:
        answer(experiment_markdown(found))
        note(f"time {found.seconds:.1f} s, {found.stored} of {len(found.tasks)} runs from the store.")
    return _status(found.failures)


def curves(sweep: Sweep, output: Path | None) -> int:
    """Make the runs, and draw their curves."""
    from efpep.experiments.run import experiment as run
    from efpep.report.experiment_figure import save_curves

    with Bar("runs") as bar:
        found = run(sweep.study, **sweep.how(), progress=bar.show)
    files = save_curves(found, sweep.study.stem if output is None else output)
    without = sum(cell.best is None for cell in found.cells)
    if sweep.as_json:
        described = {"files": [str(file) for file in files], "curves": len(found.cells) - without, "left_out": without}
        answer_json({"title": found.study.title, **described})
    else:
        for file in files:
            answer(str(file))
    if without:
        note(f"{without} of {len(found.cells)} curves are left out, because every candidate diverged or failed.")
    return _status(found.failures)


def _status(failures: Sequence[tuple[ExperimentTask, str]]) -> int:
    for task, reason in failures[:_SHOWN]:
        note(f"failed: {task.label()}: {reason}")
    if len(failures) > _SHOWN:
        note(f"... and {len(failures) - _SHOWN} more.")
    return Status.UNDECIDED if failures else Status.ANSWERED
