"""``efpep run``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status

_INTERRUPTED = 130


def command(
    study: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="A study file.")],
    *,
    jobs: options.Jobs = None,
    dask: options.DaskAddress = None,
    store: options.StorePath = None,
    recheck: options.Recheck = False,
    trust_store: options.TrustStore = False,
    report: options.ReportFolder = None,
    as_json: options.AsJson = False,
) -> int:
    """Answer all questions of a study in parallel and keep the answers; a sweep that was stopped goes on where it was.

    A study of a law, of constants or of numeric runs prints its report. The exit status is 4 where a point stayed undecided or
    failed.
    """
    from efpep.studies.engine.kinds import read_study
    from efpep.studies.engine.study_type import Options

    kind, asked = read_study(study)
    if report is not None:
        kind.check_report()
    bar = Bar(kind.points)
    try:
        with bar:
            found = kind.answer(study, asked, Options(jobs, dask, store, recheck, trust_store, bar.show).sweep)
    except KeyboardInterrupt:
        note(f"interrupted after {bar.done} of {bar.total} {kind.points}; {kind.goes_on}.")
        return _INTERRUPTED
    if report is not None:
        note(kind.save(found, report))
    if as_json:
        answer_json(kind.described(found))
    else:
        answer(kind.text(found))
    for remark in kind.remarks(found, as_json=as_json):
        note(remark)
    return Status.ANSWERED if kind.settled(found) else Status.UNDECIDED
