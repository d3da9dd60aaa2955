"""``efpep run`` on a study of least constants."""

from __future__ import annotations

from pathlib import Path

from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status
from efpep.cli.sweep import Sweep

_INTERRUPTED = 130


def constants(sweep: Sweep, report: Path | None) -> int:
    """Prove the constants, print the table and write it with its certificates where asked."""
    from efpep.constants.run import constants as run
    from efpep.report.constants import constants_markdown, constants_object, save_constants
    from efpep.study.task import State

    bar = Bar("constants")
    try:
        with bar:
            found = run(sweep.study, **sweep.how(), progress=bar.show)
    except KeyboardInterrupt:
        note(f"interrupted after {bar.done} of {bar.total} constants; the same command goes on from there.")
        return _INTERRUPTED
    if report is not None:
        paths = save_constants(found, report)
        note(f"table and {len(paths) - 1} certificates written to {report}.")
    if sweep.as_json:
        answer_json(constants_object(found))
    else:
        answer(constants_markdown(found))
        note(f"time {found.seconds:.1f} s, {found.stored} of {len(found.outcomes)} from the store.")
    for task, outcome in zip(found.study.tasks, found.outcomes, strict=True):
        if outcome.reason:
            note(f"{outcome.state.value}: {task.label()}: {outcome.reason}")
    return Status.ANSWERED if all(outcome.state is State.PROVED for outcome in found.outcomes) else Status.UNDECIDED
