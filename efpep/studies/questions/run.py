"""``efpep.run``: answer a study over a grid, whatever it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, TypeVar, Unpack, cast

from efpep.conic.solver import find_solver
from efpep.errors import InputError
from efpep.questions.common.study_form import AnyForm
from efpep.report.answer import method_object, setting_object
from efpep.report.figure_style import check_drawable
from efpep.report.layout import Keys
from efpep.studies.engine.figure_keys import FigureKeys
from efpep.studies.engine.grid import TABLES, GridStudy, LayoutTable, schema
from efpep.studies.engine.kinds import read_study
from efpep.studies.engine.load import check_points, validated
from efpep.studies.engine.points import Point, points
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.rendered import Rendered
from efpep.studies.engine.study_type import Answering, Drawn, Options, StudyType, Sweep
from efpep.studies.engine.task import VERDICTS, Outcome, TaskState
from efpep.studies.engine.tuned_task import SECONDS, TunedTask, opened, settled
from efpep.studies.questions.answers import QuestionAnswers
from efpep.studies.questions.figure import CurvesTable, QuestionStudy, declared, save_curves
from efpep.studies.questions.table import AnsweredQuestion, QuestionTable
from efpep.studies.questions.written import further

A = TypeVar("A", bound=QuestionAnswers)


class QuestionStudies(StudyType[GridStudy, A]):
    """Studies of questions over a grid: the files with the key ``question``.

    Attributes:
        ANSWERS: the class of their answers.
        TABLE: the class of their tables.
        TASK: the class of their tasks.
    """

    about: ClassVar[str] = "another question"
    points: ClassVar[str] = "points"
    answers: ClassVar[str] = "points"
    function: ClassVar[str] = "'efpep table'"
    goes_on: ClassVar[str] = "they are in the store, and the same command goes on from there"
    named: ClassVar[tuple[TaskState, ...]] = ()
    shown: ClassVar[int | None] = 5
    more: ClassVar[str] = "; --json lists all of them."
    ANSWERS: ClassVar[type[QuestionAnswers]] = QuestionAnswers
    TABLE: ClassVar[type[Rendered]] = QuestionTable
    TASK: ClassVar[type[QuestionTask]] = QuestionTask

    def __init__(self) -> None:
        self._made: tuple[GridStudy, list[tuple[QuestionTask | TunedTask, Fraction | None]]] | None = None

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> GridStudy:
        """Return what the tables of a file say."""
        try:
            form = schema(parsed.get("question"), QuestionStudy)
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        return validated(path, parsed, form, {**TABLES, "figure": CurvesTable})

    def answer(self, path: str | Path, study: GridStudy, sweep: Sweep) -> A:
        """Answer the questions."""
        asked = self._asked(path, study)
        _check_given(path, study, [task for task, _ in asked])
        found, factors = sweep([task for task, _ in asked]), tuple(factor for _, factor in asked)
        tasks = tuple(settled(task, outcome) for (task, _), outcome in zip(asked, found.outcomes, strict=True))
        return cast(
            "A", self.ANSWERS(study, tasks, found.outcomes, found.stored, found.seconds, found.unchecked, Path(path), factors)
        )

    def check_figure(self, path: str | Path, study: GridStudy, keys: FigureKeys) -> None:
        """Refuse where the file has no table ``[figure]``, its questions have no number, or nothing can draw it."""
        declared(path, study, keys)
        check_drawable()

    def draw(self, found: A, output: str | Path, keys: FigureKeys) -> Drawn:
        """Draw the figure that the study declares."""
        table: QuestionTable = found.table()
        files, left_out = save_curves(table, declared(found.path, found.study, keys), output)
        remark = f"{left_out} of {len(table.rows)} points have no proved value on the axes and are left out."
        described = {"points": len(table.rows), "left_out": left_out}
        return Drawn(tuple(files), described, [remark] if left_out else [], self.settled(found))

    def _asked(self, path: str | Path, study: GridStudy) -> list[tuple[QuestionTask | TunedTask, Fraction | None]]:
        """Return the questions, with their step sizes as multiples of the optimal ones, or None; of the same study once made."""
        if self._made is not None and self._made[0] is study:
            return self._made[1]
        try:
            find_solver(study.solver)
            asked = [
                (self._task(study, point, form), point.step_size_factor)
                for point in points(study)
                for form in study.form(type(point.method)).combined(study.given)
            ]
            check_points(len(asked))
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        self._made = (study, asked)
        return asked

    def _task(self, study: GridStudy, point: Point, form: AnyForm) -> QuestionTask | TunedTask:
        """Return the task of a question, or of one whose step size is tuned first."""
        task = self.TASK(point.method, form.setting(point.setting), form, study.solver)
        return TunedTask(task, study.seconds or SECONDS) if point.tuned else task

    def renderer(self, path: str | Path, study: GridStudy, form: str, **layout: Unpack[Keys]) -> Callable[[A], str]:
        """Return what writes the table; a layout that does not fit what is asked is refused before it is."""
        render, laid_out = self.TABLE.renderer(form), (study.table or LayoutTable()).layout().changed(**layout)
        asked = [(opened(task), factor) for task, factor in self._asked(path, study)]
        rows = [AnsweredQuestion(task, Outcome(TaskState.UNDECIDED), factor) for task, factor in asked]
        self.TABLE.check_asked(rows, further(rows), laid_out)
        return lambda found: render(found.table().laid_out(**layout))

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
        """Return all points with what is proved about them."""
        listed: list[dict[str, object]] = [
            {
                **method_object(task.shown_method(outcome)),
                **setting_object(task.setting),
                **task.form.further(),
                "state": outcome.state.value,
                **task.described(outcome),
                "reason": outcome.reason or None,
                "seconds": round(outcome.seconds, 6),
            }
            for task, outcome in zip(found.tasks, found.outcomes, strict=True)
        ]
        return {
            "title": found.study.title,
            "question": found.study.question,
            **found.tasks[0].form.about(),
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


def _check_given(path: str | Path, study: GridStudy, tasks: Sequence[QuestionTask | TunedTask]) -> None:
    """Refuse a value of a study for which none of its questions can be asked, before workers are.

    Raises:
        InputError: with the reason of the first.
    """
    first = tasks[0].refused if tasks else None
    if first is not None and all(task.refused for task in tasks) and set(first.arguments) & {"step_size", *study.given}:
        raise InputError(f"{path}: {type(tasks[0].method).identifier()}: {first}")


QUESTION_STUDIES = QuestionStudies[QuestionAnswers]()
"""The type of studies of other questions than the rate."""


def run(path: str | Path, **options: Unpack[Answering]) -> QuestionAnswers:
    """Answer the questions of a study file in parallel, with proof, and keep the answers in a results store.

    Args:
        path: a study file over a grid; see :mod:`efpep.studies.engine.grid` for its keys.
        options: how it is answered; see :class:`~efpep.studies.engine.study_type.Options`.

    Returns:
        The answers: :class:`~efpep.studies.rates.answers.Answers` for a study of rates, else
        :class:`~efpep.studies.questions.answers.QuestionAnswers`, which have ``rows()`` and a ``table()`` too.

    Raises:
        InputError: the file is malformed or asks an impossible question, or the store is damaged.
        UnavailableError: a method, a solver or Dask is not available here.
    """
    kind, study = read_study(path)
    if not isinstance(kind, QuestionStudies):
        raise kind.of_no_rates(path)
    return kind.answer(path, study, Options(**options).sweep)
