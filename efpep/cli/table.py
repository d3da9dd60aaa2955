"""``efpep table``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer
from efpep.cli.status import Status


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file.")],
    form: Annotated[str, typer.Option("--format", metavar="md|csv|latex|json", help="How the table is printed.")] = "md",
    as_json: options.AsJson = False,
) -> int:
    """Print the proved rate table of a study file; the exit status is 4 where a rate stayed undecided."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from efpep.report.table import find_renderer
    from efpep.study.run import table

    render = find_renderer("json" if as_json else form)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task("rates", total=None)

    with ExitStack() as shown:

        def progress(done: int, total: int) -> None:
            if done == 0:
                shown.enter_context(bar)
            bar.update(task, completed=done, total=total)

        found = table(study, progress)
    answer(render(found))
    undecided = any(Status.of(row.rate) is Status.UNDECIDED for row in found.rows)
    return Status.UNDECIDED if undecided else Status.ANSWERED
