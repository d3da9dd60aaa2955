"""``efpep table``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from efpep.cli.command import Command
from efpep.cli.output import answer
from efpep.cli.progress import Bar
from efpep.cli.status import ExitCode
from efpep.cli.sweep import SweepOptions


@dataclass(frozen=True, kw_only=True)
class TableCommand(Command, SweepOptions):
    """Print the proved rate table of a study file, from the results store where it has the answers.

    The exit status is 4 where a rate stayed undecided.
    """

    form: Annotated[str, typer.Option("--format", metavar="md|csv|latex|json", help="How the table is printed.")] = "md"

    def run(self) -> int:
        """Answer the study and print its table."""
        from efpep.studies.engine.kinds import read_study

        kind, asked = read_study(self.study)
        render = kind.renderer(self.study, "json" if self.as_json else self.form)
        with Bar(kind.answers) as bar:
            found = kind.answer(self.study, asked, self.sweep(bar))
            table = render(found)
        answer(table)
        return ExitCode.ANSWERED if kind.settled(found) else ExitCode.UNDECIDED
