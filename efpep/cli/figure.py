"""``efpep figure``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import ExitCode
from efpep.cli.sweep import SweepOptions


@dataclass(frozen=True, kw_only=True)
class FigureCommand(Command, SweepOptions):
    """Draw the figure of a study file as PDF and PNG, with its numbers as CSV beside them.

    A study of numeric runs is drawn as their curves. The exit status is 4 where a rate stayed undecided, or a run failed.
    """

    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file with a table [figure].")]
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where the figure goes (default: the study's name)."),
        Writes(figure=True, makes=True),
    ] = None

    def run(self) -> int:
        """Answer the study and draw it."""
        from efpep.studies.engine.kinds import read_study

        kind, asked = read_study(self.study)
        kind.check_figure(self.study, asked)
        with Bar(kind.answers) as bar:
            found = kind.answer(self.study, asked, self.sweep(bar))
            drawn = kind.draw(found, self.study.stem if self.output is None else self.output)
        if self.as_json:
            answer_json({"title": asked.title, "files": [str(file) for file in drawn.files], **drawn.described})
        else:
            for file in drawn.files:
                answer(str(file))
        for remark in drawn.remarks:
            note(remark)
        return ExitCode.ANSWERED if drawn.settled else ExitCode.UNDECIDED
