"""``efpep table``."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli.command import Command
from efpep.cli.output import answer
from efpep.cli.progress import Bar
from efpep.cli.status import ExitCode
from efpep.cli.sweep import SweepOptions

if TYPE_CHECKING:
    from efpep.report.layout import Keys


@dataclass(frozen=True, kw_only=True)
class TableCommand(Command, SweepOptions):
    """Print the proved rate table of a study file, from the results store where it has the answers.

    The exit status is 4 where a rate stayed undecided.
    """

    form: Annotated[str, typer.Option("--format", metavar="md|html|csv|latex|json|text", help="How the table is printed.")] = "md"
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Of rates: step, rho, iterations (1/log(1/rho)), ratio, difference (to --reference), lower, upper, theory,"
            " standing, verdict.",
        ),
    ] = None
    pivot: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What stands across: method, kappa, delta, agents, step_size, ...; or none."),
    ] = None
    reference: Annotated[
        str | None, typer.Option(metavar="NAME", help="What ratios are taken to: a method, or a value such as kappa=10.")
    ] = None
    digits: Annotated[int | None, typer.Option(metavar="N", help="Decimals that are printed, where they are proved.")] = None
    best: Annotated[bool, typer.Option("--best", help="Print the smallest bound of each setting in bold.")] = False
    notes: Annotated[bool, typer.Option("--notes", help="Below the table: the digest of the certificates, and this command.")] = (
        False
    )
    caption: Annotated[str | None, typer.Option(metavar="TEXT", help="A caption instead of the title.")] = None
    short_caption: Annotated[
        str | None, typer.Option("--short-caption", metavar="TEXT", help="The caption in LaTeX's list of tables.")
    ] = None
    label: Annotated[str | None, typer.Option(metavar="NAME", help="The LaTeX label.")] = None
    standalone: Annotated[
        bool, typer.Option("--standalone", help="LaTeX as a whole document, not as a fragment for \\input.")
    ] = False

    def layout(self) -> Keys:
        """Return how the table is laid out, where options say it, and the command that makes it."""
        named = None if self.columns is None else [name.strip() for name in self.columns.split(",")]
        texts = {"format": self.form, "columns": self.columns, "digits": self.digits, "pivot": self.pivot}
        texts |= {"reference": self.reference, "caption": self.caption, "short-caption": self.short_caption, "label": self.label}
        given = [piece for name, value in texts.items() if value is not None for piece in (f"--{name}", str(value))]
        flags = {"--best": self.best, "--notes": self.notes, "--standalone": self.standalone}
        command = ["efpep", "table", str(self.study), *given, *(name for name, said in flags.items() if said)]
        return {
            "columns": named,
            "digits": self.digits,
            "pivot": self.pivot,
            "reference": self.reference,
            "best": self.best,
            "notes": self.notes,
            "caption": self.caption,
            "short_caption": self.short_caption,
            "label": self.label,
            "standalone": self.standalone,
            "command": shlex.join(command),
        }

    def run(self) -> int:
        """Answer the study and print its table."""
        from efpep.studies.engine.kinds import read_study

        kind, asked = read_study(self.study)
        form = "json" if self.as_json else self.form
        render = kind.renderer(self.study, asked, form, **self.layout())
        with Bar(kind.answers) as bar:
            found = kind.answer(self.study, asked, self.sweep(bar))
            table = render(found)
        answer(table)
        return ExitCode.ANSWERED if kind.settled(found) else ExitCode.UNDECIDED
