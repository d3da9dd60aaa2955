"""``efpep run``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.output import answer, answer_json, note
from efpep.cli.progress import Bar
from efpep.cli.status import Status
from efpep.cli.sweep import Sweep
from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.study.rate_task import RateTask
    from efpep.study.run import Answers

_SHOWN = 5
"""How many failures are named one by one."""


@dataclass(frozen=True, kw_only=True)
class RunCommand(Command, Sweep):
    """Answer all questions of a study in parallel and keep the answers; a sweep that was stopped goes on where it was.

    A study of a law, of constants or of numeric runs prints its report. The exit status is 4 where a point stayed undecided or
    failed.
    """

    report: options.ReportFolder = None

    def run(self) -> int:
        """Answer the study as its kind is answered."""
        from efpep.laws.study import is_law_study

        if is_law_study(self.study):
            from efpep.cli.law import examine

            return examine(self, self.report)
        from efpep.experiments.study import is_experiment

        if is_experiment(self.study):
            from efpep.cli.experiment import experiment

            return experiment(self, self.report)
        from efpep.constants.study import is_constant_study

        if is_constant_study(self.study):
            from efpep.cli.constants import constants

            return constants(self, self.report)
        if self.report is not None:
            raise InputError(
                "--report is for studies of laws, of constants and of numeric runs; print the table of this study with "
                "'efpep table'."
            )
        from efpep.study.run import run

        bar = Bar("points")
        try:
            with bar:
                found = run(self.study, **self.how(), progress=bar.show)
        except KeyboardInterrupt:
            note(
                f"interrupted after {bar.done} of {bar.total} points; they are in the store, and the same command goes on from "
                "there."
            )
            return 130
        from efpep.study.task import State

        open_points = found.count(State.UNDECIDED) + found.count(State.FAILED)
        if self.as_json:
            answer_json(_object(found))
        else:
            answer(_sentence(found, unchecked=self.trust_store))
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
