"""What is proved about the questions of a study, one row a question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from efpep.errors import InputError
from efpep.methods import Method
from efpep.methods.base import OPTIMAL
from efpep.questions.base import AnyCertificate, Verdict
from efpep.report.entry import Entry
from efpep.report.layout import PLAIN, TableLayout
from efpep.setting import Setting
from efpep.studies.engine.grid import GridStudy
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.rendered import Rendered
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.questions.written import RENDERERS, csv_cells


@dataclass(frozen=True, slots=True)
class AnsweredQuestion(Entry):
    """One question and what is proved about it.

    Attributes:
        task: the question.
        outcome: what became of it.
        step_size_factor: the step size as a multiple of the method's optimal one, or None where a number was given.
    """

    task: QuestionTask
    outcome: Outcome
    step_size_factor: Fraction | None

    @property
    def asked(self) -> Method:
        """The method with its step size, as it stands where that is not known."""
        return self.task.shown_method(self.outcome)

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.task.setting

    @property
    def lower(self) -> Fraction | None:
        """The proved lower end, or None; kinds without a number have none."""
        return self.outcome.interval()[0]

    @property
    def upper(self) -> Fraction | None:
        """The proved upper end, or None; kinds without a number have none."""
        return self.outcome.interval()[1]

    @property
    def verdict(self) -> Verdict:
        """Proved, refuted or undecided; undecided where the question is impossible."""
        return Verdict.UNDECIDED if self.impossible else Verdict[self.outcome.state.name]

    @property
    def tuned(self) -> bool:
        """Whether the step size is the best one that was found."""
        return self.task.tuned

    @property
    def chosen(self) -> bool:
        """Whether the step size is no number of the question's, but follows from the rest: the optimal or the best one found."""
        return self.tuned or self.step_size_factor is not None or self.task.method.step_size == OPTIMAL

    @property
    def impossible(self) -> str:
        """Why the question cannot be asked; nothing where it can be."""
        return self.outcome.reason if self.outcome.state is TaskState.FAILED else ""

    @property
    def word(self) -> str:
        """The verdict for tables."""
        return "impossible" if self.impossible else self.outcome.state.value

    @property
    def certificate(self) -> AnyCertificate | None:
        """The proof, which the sweep has checked unless its store was trusted; None where nothing is proved."""
        return self.task.certificate(self.outcome)


@dataclass(frozen=True, slots=True, repr=False)
class QuestionTable(Rendered):
    """The answers of a study.

    Attributes:
        study: what the study file says.
        rows: the answers in the study's order.
        layout: how readers' tables are laid out.
    """

    FORMS: ClassVar[Mapping[str, Callable[[Any], str]]] = RENDERERS

    study: GridStudy
    rows: tuple[AnsweredQuestion, ...]
    layout: TableLayout = PLAIN

    @property
    def title(self) -> str:
        """What the table is called."""
        return self.study.title

    @property
    def called(self) -> str:
        """The caption: the layout's, or the title."""
        return self.layout.caption or self.title

    @property
    def decimals(self) -> int:
        """How many significant digits are asked for: the layout's, or the study's."""
        return self.layout.digits or self.study.digits

    @property
    def cells(self) -> list[dict[str, object]]:
        """The rows as CSV has them."""
        return csv_cells(self)

    @property
    def notes(self) -> list[str]:
        """The notes below the table, where the layout has any."""
        return self.layout.told(row.certificate for row in self.rows)

    @classmethod
    def check_layout(cls, layout: TableLayout) -> None:
        """Refuse what only tables of rates have."""
        if layout.columns is not None or layout.best:
            raise InputError(
                "columns and best are for tables of rates, and this study asks something else; leave them out.",
                argument="columns" if layout.columns is not None else "best",
            )
        if layout.reference is not None:
            raise InputError(
                "reference is for tables of rates, and this study asks something else; leave it out.", argument="reference"
            )
