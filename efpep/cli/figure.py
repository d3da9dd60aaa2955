"""``efpep figure``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file with a table [figure].")],
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where the figure goes (default: the study's name).")
    ] = None,
    jobs: options.Jobs = None,
    dask: options.DaskAddress = None,
    store: options.StorePath = None,
    recheck: options.Recheck = False,
    trust_store: options.TrustStore = False,
    as_json: options.AsJson = False,
) -> int:
    """Draw the figure of a study file as PDF and PNG, with its numbers as CSV beside them.

    A study of numeric runs is drawn as their curves. The exit status is 4 where a rate stayed undecided, or a run failed.
    """
    from efpep.experiments.study import is_experiment

    if is_experiment(study):
        from efpep.cli.experiment import curves

        return curves(study, output, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, as_json=as_json)
    from efpep.study.figure import figure

    with Bar("rates") as bar:
        found = figure(
            study, output, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, progress=bar.show
        )
    if as_json:
        described = {"files": [str(file) for file in found.files], "points": len(found.table.rows), "left_out": found.left_out}
        answer_json({"title": found.table.title, **described})
    else:
        for file in found.files:
            answer(str(file))
    if found.left_out:
        note(f"{found.left_out} of {len(found.table.rows)} points have no proved value on the axes and are left out.")
    undecided = any(Status.of(row.rate) is Status.UNDECIDED for row in found.table.rows)
    return Status.UNDECIDED if undecided else Status.ANSWERED
