"""``efpep figure``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli.command import Command
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status
from efpep.cli.sweep import Sweep


@dataclass(frozen=True, kw_only=True)
class FigureCommand(Command, Sweep):
    """Draw the figure of a study file as PDF and PNG, with its numbers as CSV beside them.

    A study of numeric runs is drawn as their curves. The exit status is 4 where a rate stayed undecided, or a run failed.
    """

    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file with a table [figure].")]
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where the figure goes (default: the study's name).")
    ] = None

    def run(self) -> int:
        """Answer the study and draw it."""
        from efpep.experiments.study import is_experiment

        if is_experiment(self.study):
            from efpep.cli.experiment import curves

            return curves(self, self.output)
        from efpep.study.figure import figure

        with Bar("rates") as bar:
            found = figure(self.study, self.output, **self.how(), progress=bar.show)
        points = len(found.table.rows)
        if self.as_json:
            described = {"files": [str(file) for file in found.files], "points": points, "left_out": found.left_out}
            answer_json({"title": found.table.title, **described})
        else:
            for file in found.files:
                answer(str(file))
        if found.left_out:
            note(f"{found.left_out} of {points} points have no proved value on the axes and are left out.")
        undecided = any(Status.of(row.rate) is Status.UNDECIDED for row in found.table.rows)
        return Status.UNDECIDED if undecided else Status.ANSWERED
