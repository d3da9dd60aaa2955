"""``efpep run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status
from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.study.rate_task import RateTask
    from efpep.study.run import Answers

_SHOWN = 5
"""How many failures are named one by one."""


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
    from efpep.laws.study import is_law_study

    if is_law_study(study):
        from efpep.cli.law import examine

        return examine(
            study, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, report=report, as_json=as_json
        )
    from efpep.experiments.study import is_experiment

    if is_experiment(study):
        from efpep.cli.experiment import experiment

        return experiment(
            study, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, report=report, as_json=as_json
        )
    from efpep.constants.study import is_constant_study

    if is_constant_study(study):
        from efpep.cli.constants import constants

        return constants(
            study, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, report=report, as_json=as_json
        )
    if report is not None:
        raise InputError(
            "--report is for studies of laws, of constants and of numeric runs; print the table of this study with 'efpep table'."
        )
    from efpep.study.run import run

    bar = Bar("points")
    try:
        with bar:
            found = run(study, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, progress=bar.show)
    except KeyboardInterrupt:
        note(
            f"interrupted after {bar.done} of {bar.total} points; they are in the store, and the same command goes on from there."
        )
        return 130
    from efpep.study.task import State

    open_points = found.count(State.UNDECIDED) + found.count(State.FAILED)
    if as_json:
        answer_json(_object(found))
    else:
        answer(_sentence(found, unchecked=trust_store))
        _explain(found)
    return Status.UNDECIDED if open_points else Status.ANSWERED


def _sentence(found: Answers, *, unchecked: bool) -> str:
    from efpep.study.task import VERDICTS

    counts = ", ".join(f"{found.count(state)} {state.value}" for state in VERDICTS)
    how = ", unchecked" if unchecked else ""
    where = f" ({found.stored} from the store{how})" if found.stored else ""
    return f"{found.study.title}\n{len(found.points)} points: {counts}{where}\ntime  {found.seconds:.1f} s"


def _explain(found: Answers) -> None:
    """Name points without an answer, with the reason."""
    without = [(task, outcome) for task, outcome in zip(found.tasks, found.outcomes, strict=True) if outcome.reason]
    for task, outcome in without[:_SHOWN]:
        note(f"{outcome.state.value}: {task.label()}: {outcome.reason}")
    if len(without) > _SHOWN:
        note(f"... and {len(without) - _SHOWN} more; --json lists all of them.")


def _resolved(task: RateTask) -> Method:
    try:
        return task.method.resolved(task.setting)
    except InputError:
        return task.method


def _object(found: Answers) -> dict[str, object]:
    from efpep.report.answer import interval_object, method_object, setting_object
    from efpep.study.task import VERDICTS

    points: list[dict[str, object]] = []
    for task, outcome in zip(found.tasks, found.outcomes, strict=True):
        points.append(
            {
                **method_object(_resolved(task)),
                **setting_object(task.setting),
                "state": outcome.state.value,
                "rate": interval_object(*task.interval(outcome)),
                "reason": outcome.reason or None,
                "seconds": round(outcome.seconds, 6),
            }
        )
    return {
        "title": found.study.title,
        "metric": found.study.metric,
        "total": len(points),
        **{state.value: found.count(state) for state in VERDICTS},
        "stored": found.stored,
        "seconds": round(found.seconds, 6),
        "points": points,
    }
