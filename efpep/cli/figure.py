"""``efpep figure``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import ExitCode
from efpep.cli.sweep import SweepOptions
from efpep.model.field import rational

if TYPE_CHECKING:
    from efpep.studies.engine.figure_keys import FigureKeys


@dataclass(frozen=True, kw_only=True)
class FigureCommand(Command, SweepOptions):
    """Draw the figure of a study file as PDF, PNG and SVG, with its numbers as CSV beside them.

    Options take the place of what the file says in its table [figure]. A study of numeric runs is drawn as their curves.
    The exit status is 4 where a rate stayed undecided, or a run failed.
    """

    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file with a table [figure].")]
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where the figure goes (default: the study's name)."),
        Writes(figure=True, makes=True),
    ] = None
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="curves, ratio, landscape, map, contours, stability, roots or laws.")
    ] = None
    x: Annotated[str | None, typer.Option("-x", "--x", metavar="NAME", help="What the horizontal axis shows.")] = None
    y: Annotated[str | None, typer.Option("-y", "--y", metavar="NAME", help="What the vertical axis shows.")] = None
    color: Annotated[str | None, typer.Option(metavar="NAME", help="What the colours of a map show.")] = None
    series: Annotated[str | None, typer.Option(metavar="NAME,...", help="What tells lines apart.")] = None
    panels: Annotated[str | None, typer.Option(metavar="NAME,...", help="What has panels of its own.")] = None
    log: Annotated[str | None, typer.Option(metavar="x|y|x,y", help="The axes with logarithmic scale.")] = None
    size: Annotated[str | None, typer.Option(metavar="NAME", help="The width: icml, neurips, ieee-wide, slide, ...")] = None
    ratio: Annotated[str | None, typer.Option(metavar="NUMBER", help="Height of a panel by its width.")] = None
    dark: Annotated[bool, typer.Option("--dark", help="Light colours on a dark ground, for slides.")] = False
    bracket: Annotated[
        bool,
        typer.Option("--bracket", help="Landscapes and maps: compute the proved bracket of the best step size, and show it."),
    ] = False

    def keys(self) -> FigureKeys:
        """Return the keys of ``[figure]`` that options give."""
        return {
            "kind": self.kind,
            "x": self.x,
            "y": self.y,
            "color": self.color,
            "series": _named(self.series),
            "panels": _named(self.panels),
            "log": _named(self.log),
            "size": self.size,
            "ratio": None if self.ratio is None else float(rational(self.ratio, "--ratio")),
            "dark": self.dark,
            "bracket": self.bracket,
        }

    def run(self) -> int:
        """Answer the study and draw it."""
        from efpep.studies.engine.kinds import read_study

        kind, asked = read_study(self.study)
        keys = self.keys()
        kind.check_figure(self.study, asked, keys)
        with Bar(kind.answers) as bar:
            found = kind.answer(self.study, asked, self.sweep(bar))
            drawn = kind.draw(found, self.study.stem if self.output is None else self.output, keys)
        if self.as_json:
            answer_json({"title": asked.title, "files": [str(file) for file in drawn.files], **drawn.described})
        else:
            for file in drawn.files:
                answer(str(file))
        for remark in drawn.remarks:
            note(remark)
        return ExitCode.ANSWERED if drawn.settled else ExitCode.UNDECIDED


def _named(listed: str | None) -> list[str] | None:
    return None if listed is None else [name.strip() for name in listed.split(",")]
