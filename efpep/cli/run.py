"""``efpep run``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.output import note, show
from efpep.cli.progress import Bar
from efpep.cli.status import ExitCode
from efpep.cli.sweep import SweepOptions
from efpep.model.field import whole

_INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class RunCommand(Command, SweepOptions):
    """Answer all questions of a study in parallel and keep the answers; a sweep that was stopped goes on where it was.

    A study of a law, of constants or of numeric runs prints its report. The exit status is 4 where a point stayed undecided or
    failed.
    """

    report: options.ReportFolder = None
    sample: Annotated[str | None, typer.Option(metavar="N", help="Of a law, take every N-th configuration of the grid only.")] = (
        None
    )

    def run(self) -> int:
        """Answer the study as its kind is answered."""
        from efpep.studies.engine.kinds import read_study

        kind, asked = read_study(self.study)
        if self.sample is not None:
            asked = kind.sampled(asked, whole(self.sample, "--sample"))
        if self.report is not None:
            kind.check_report()
        bar = Bar(kind.points)
        try:
            with bar:
                found = kind.answer(self.study, asked, self.sweep(bar))
        except KeyboardInterrupt:
            note(f"interrupted after {bar.done} of {bar.total} {kind.points}; {kind.goes_on}.")
            return _INTERRUPTED
        if self.report is not None:
            note(kind.save(found, self.report))
        show(self.as_json, lambda: kind.described(found), lambda: kind.text(found))
        for remark in kind.remarks(found, as_json=self.as_json):
            note(remark)
        return ExitCode.ANSWERED if kind.settled(found) else ExitCode.UNDECIDED
