"""Rate tables: one row for each question of a study, with its proved answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

from efpep.report.answer import shares_minimiser
from efpep.report.cells import Parameter, method_names
from efpep.report.entry import Entry
from efpep.report.layout import COMPARISONS, PLAIN, TableLayout
from efpep.studies.engine.rendered import Rendered
from efpep.studies.questions.table import AnsweredQuestion
from efpep.studies.rates.as_csv import as_csv, csv_cells
from efpep.studies.rates.as_json import as_json
from efpep.studies.rates.as_latex import as_latex
from efpep.studies.rates.as_markdown import as_html, as_markdown, as_text
from efpep.studies.rates.compared import references

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.questions.base import Verdict
    from efpep.questions.rate.answer import Rate
    from efpep.setting import Setting
    from efpep.studies.rates.task import RateTask


@dataclass(frozen=True)
class TableRow(Entry):
    """One question and its answer.

    Attributes:
        answer: the answer of :func:`efpep.rate`, or the question of a study with its outcome, whose certificate was checked.
        step_size_factor: the step size as a multiple of the method's optimal one, or None where a number was given.
        refused: why the question cannot be asked; the rate is undecided then, and nothing was tried.
        searched: whether the step size is the best one that was found.
    """

    answer: Rate | AnsweredQuestion
    step_size_factor: Fraction | None
    refused: str = ""
    searched: bool = False

    @cached_property
    def rate(self) -> Rate:
        """The answer of :func:`efpep.rate`, with method, setting, interval and certificate, which is read when it is needed."""
        answer = self.answer
        return cast("RateTask", answer.task).rate(answer.outcome) if isinstance(answer, AnsweredQuestion) else answer

    @property
    def tuned(self) -> bool:
        """Whether the step size is the best one that was found."""
        return self.searched

    @property
    def impossible(self) -> str:
        """Why the question cannot be asked; nothing where it can be."""
        return self.refused

    @property
    def word(self) -> str:
        """The verdict for tables."""
        return "impossible" if self.impossible else self.verdict.name.lower()

    @property
    def asked(self) -> Method:
        """The method with its step size."""
        return self.answer.asked if isinstance(self.answer, AnsweredQuestion) else self.answer.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.answer.setting

    @cached_property
    def lower(self) -> Fraction | None:
        """The proved lower end, or None."""
        return self.answer.lower

    @cached_property
    def upper(self) -> Fraction | None:
        """The proved upper end, or None."""
        return self.answer.upper

    @property
    def verdict(self) -> Verdict:
        """Proved, refuted or undecided."""
        return self.answer.verdict


RENDERERS: dict[str, Callable[[Table], str]] = {
    "md": as_markdown,
    "html": as_html,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
    "text": as_text,
}


@dataclass(frozen=True, slots=True, repr=False)
class Table(Rendered):
    """The answers of a study.

    Attributes:
        title: the study's title.
        metric: the metric that all Lyapunov functions control.
        digits: how many decimals the renderers for readers ask for; see :mod:`efpep.report.digits`.
        rows: the answers in the study's order.
        lyapunov: the Lyapunov function that all answers are about (``"literature"``, or a formula), or None where every answer
            is about the best one.
        memory: how many past states Lyapunov functions may depend on.
        features: what Lyapunov functions may be made of, or None for everything.
        positivity: what makes them nonnegative; None for what each method says.
        layout: how readers' tables are laid out.
    """

    FORMS: ClassVar[Mapping[str, Callable[[Any], str]]] = RENDERERS

    title: str
    metric: str
    digits: int
    rows: tuple[TableRow, ...]
    lyapunov: str | None = None
    memory: int = 0
    features: tuple[str, ...] | None = None
    positivity: str | None = None
    layout: TableLayout = PLAIN

    @classmethod
    def check_asked(cls, rows: Sequence[Entry], further: Sequence[Mapping[str, Parameter]], layout: TableLayout) -> None:
        """Refuse a layout that does not fit what is asked; a reference has to be there as well."""
        super(Table, cls).check_asked(rows, further, layout)
        if layout.reference is not None or set(layout.columns or ()) & set(COMPARISONS):
            references(rows, method_names(rows), layout.reference)

    @property
    def decimals(self) -> int:
        """How many decimals are asked for: the layout's, or the study's."""
        return self.layout.digits or self.digits

    @property
    def called(self) -> str:
        """The caption: the layout's, or the title."""
        return self.layout.caption or self.title

    @property
    def cells(self) -> list[dict[str, object]]:
        """The rows as CSV has them."""
        return csv_cells(self)

    @property
    def notes(self) -> list[str]:
        """The notes below the table, where the layout has any."""
        return self.layout.told(row.rate.certificate for row in self.rows)

    @property
    def shared_minimiser(self) -> tuple[str, ...]:
        """The names of the methods whose answers hold for several agents that share one minimiser."""
        return tuple(dict.fromkeys(row.method for row in self.rows if not row.impossible and shares_minimiser(row.rate)))
