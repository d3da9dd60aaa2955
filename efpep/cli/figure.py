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
    from efpep.studies.engine.kinds import read_study
    from efpep.studies.engine.study_type import Options

    kind, asked = read_study(study)
    kind.check_figure(study, asked)
    with Bar(kind.answers) as bar:
        found = kind.answer(study, asked, Options(jobs, dask, store, recheck, trust_store, bar.show).sweep)
        drawn = kind.draw(found, study.stem if output is None else output)
    if as_json:
        answer_json({"title": asked.title, "files": [str(file) for file in drawn.files], **drawn.described})
    else:
        for file in drawn.files:
            answer(str(file))
    for remark in drawn.remarks:
        note(remark)
    return Status.ANSWERED if drawn.settled else Status.UNDECIDED
