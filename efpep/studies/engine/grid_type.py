"""Studies of questions over a grid: how all kinds of them are summed up for a reader and as a JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, TypeVar

from efpep.errors import InputError
from efpep.methods import Method
from efpep.studies.engine.grid import GridStudy
from efpep.studies.engine.question_task import AnyQuestionTask
from efpep.studies.engine.study_type import Answered, StudyType
from efpep.studies.engine.task import VERDICTS, State

G = TypeVar("G", bound=GridStudy)
A = TypeVar("A", bound=Answered[GridStudy, AnyQuestionTask])


class GridStudies(StudyType[G, A]):
    """Base of the types whose studies ask one kind of question over a grid."""

    points: ClassVar[str] = "points"
    goes_on: ClassVar[str] = "they are in the store, and the same command goes on from there"
    named: ClassVar[tuple[State, ...]] = ()
    shown: ClassVar[int | None] = 5
    more: ClassVar[str] = "; --json lists all of them."

    def settled(self, found: A) -> bool:
        """Return whether every point has an answer."""
        return not found.count(State.UNDECIDED) + found.count(State.FAILED)

    def text(self, found: A) -> str:
        """Return how many points are in each state, and how long it took."""
        counts = ", ".join(f"{found.count(state)} {state.value}" for state in VERDICTS)
        how = ", unchecked" if found.unchecked else ""
        where = f" ({found.stored} from the store{how})" if found.stored else ""
        return f"{found.study.title}\n{len(found.tasks)} points: {counts}{where}\ntime  {found.seconds:.1f} s"

    def remarks(self, found: A, *, as_json: bool) -> list[str]:
        """Return the points without an answer, where the JSON object does not list them."""
        return [] if as_json else self.without_answer(found)

    def described(self, found: A) -> dict[str, object]:
        """Return all points with their intervals."""
        from efpep.report.answer import method_object, setting_object

        listed: list[dict[str, object]] = [
            {
                **method_object(_method(task)),
                **setting_object(task.setting),
                **task.further(),
                "state": outcome.state.value,
                task.ends: task.shown(outcome),
                "reason": outcome.reason or None,
                "seconds": round(outcome.seconds, 6),
            }
            for task, outcome in zip(found.tasks, found.outcomes, strict=True)
        ]
        return {
            "title": found.study.title,
            **found.study.about(),
            "total": len(listed),
            **{state.value: found.count(state) for state in VERDICTS},
            "stored": found.stored,
            "seconds": round(found.seconds, 6),
            "points": listed,
        }

    def check_report(self) -> None:
        """Refuse: the table is the report."""
        raise InputError(
            "--report is for studies of laws, of constants and of numeric runs; print the table of this study with 'efpep table'."
        )


def check_answered(path: Path, found: Answered[GridStudy, AnyQuestionTask]) -> None:
    """Refuse to print a table of a study with a point that failed.

    Raises:
        InputError: there is one; its reason.
    """
    for task, outcome in zip(found.tasks, found.outcomes, strict=True):
        if outcome.state is State.FAILED:
            raise InputError(f"{path}: {type(task.method).identifier()}: {outcome.reason}")


def _method(task: AnyQuestionTask) -> Method:
    """Return the method with its step size; as it stands where that is not known."""
    try:
        return task.method.resolved(task.setting)
    except InputError:
        return task.method
