"""``efpep run`` on the study of a law."""

from __future__ import annotations

from pathlib import Path

from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status
from efpep.cli.sweep import Sweep

_INTERRUPTED = 130


def examine(sweep: Sweep, report: Path | None) -> int:
    """Test the law, print the report and write it where asked."""
    from efpep.laws.run import examine as run
    from efpep.report.law import law_markdown, law_object, save_report
    from efpep.study.task import State

    bar = Bar("configurations")
    try:
        with bar:
            found = run(sweep.study, **sweep.how(), progress=bar.show)
    except KeyboardInterrupt:
        note(f"interrupted after {bar.done} of {bar.total} configurations; the same command goes on from there.")
        return _INTERRUPTED
    if report is not None:
        paths = save_report(found, report)
        note(f"report written to {report}: {', '.join(path.name for path in paths)}.")
    if sweep.as_json:
        answer_json(law_object(found))
    else:
        answer(law_markdown(found))
        note(f"time {found.seconds:.1f} s, {found.stored} of {len(found.tasks)} from the store.")
    for task, outcome in zip(found.tasks, found.outcomes, strict=True):
        if outcome.state is State.FAILED:
            note(f"failed: {task.label()}: {outcome.reason}")
    return Status.UNDECIDED if found.count(State.UNDECIDED) + found.count(State.FAILED) else Status.ANSWERED
