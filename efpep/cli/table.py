"""``efpep table``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer
from efpep.cli.progress import Bar
from efpep.cli.status import Status


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file.")],
    form: Annotated[str, typer.Option("--format", metavar="md|csv|latex|json", help="How the table is printed.")] = "md",
    *,
    jobs: options.Jobs = None,
    dask: options.DaskAddress = None,
    store: options.StorePath = None,
    recheck: options.Recheck = False,
    trust_store: options.TrustStore = False,
    as_json: options.AsJson = False,
) -> int:
    """Print the proved rate table of a study file, from the results store where it has the answers.

    The exit status is 4 where a rate stayed undecided.
    """
    from efpep.studies.engine.kinds import read_study
    from efpep.studies.engine.study_type import Options

    kind, asked = read_study(study)
    render = kind.renderer(study, "json" if as_json else form)
    with Bar(kind.answers) as bar:
        found = kind.answer(study, asked, Options(jobs, dask, store, recheck, trust_store, bar.show).sweep)
        table = render(found)
    answer(table)
    return Status.ANSWERED if kind.settled(found) else Status.UNDECIDED
