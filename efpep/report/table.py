"""Rate tables: one row for each question of a study, with its proved answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.report.answer import shares_minimiser
from efpep.report.as_csv import as_csv
from efpep.report.as_json import as_json
from efpep.report.as_latex import as_latex
from efpep.report.as_markdown import as_markdown

if TYPE_CHECKING:
    from efpep.questions.base import Verdict
    from efpep.questions.rate.answer import Rate
    from efpep.setting import Population


@dataclass(frozen=True, slots=True)
class Row:
    """One question and its answer.

    Attributes:
        rate: the answer of :func:`efpep.rate`, with method, setting, interval and certificate.
        step_size_factor: the step size as a multiple of the method's optimal one, or None where a number was given.
    """

    rate: Rate
    step_size_factor: Fraction | None

    @property
    def method(self) -> str:
        """The method's name."""
        return self.rate.method.title or type(self.rate.method).__name__

    @property
    def mu(self) -> Fraction | None:
        """The agents' strong convexity, or None where it differs between them."""
        return self._common(lambda group: group.functions.curvature)

    @property
    def L(self) -> Fraction | None:
        """The agents' smoothness, or None where it differs between them."""
        return self._common(lambda group: group.functions.smoothness)

    @property
    def delta(self) -> Fraction | None:
        """The agents' contraction parameter; None without compression or where it differs between them."""
        return self._common(lambda group: group.compressor and group.compressor.parameters().get("delta"))

    @property
    def agents(self) -> int | None:
        """How many agents, or None for an arbitrarily large population."""
        counts = [group.count for group in self.rate.setting.populations()]
        return None if None in counts else sum(count for count in counts if count is not None)

    @property
    def kappa(self) -> Fraction | None:
        """The condition number ``L/mu``."""
        return None if not self.mu or self.L is None else self.L / self.mu

    @property
    def step_size(self) -> Fraction:
        """The exact step size that the answer is about."""
        return self.rate.method.step_size

    @property
    def lower(self) -> Fraction | None:
        """The proved lower end, or None."""
        return self.rate.lower

    @property
    def upper(self) -> Fraction | None:
        """The proved upper end, or None."""
        return self.rate.upper

    @property
    def verdict(self) -> Verdict:
        """Proved, refuted or undecided."""
        return self.rate.verdict

    def _common(self, constant: Callable[[Population], Fraction | None]) -> Fraction | None:
        values = {constant(group) for group in self.rate.setting.populations()}
        return values.pop() if len(values) == 1 else None


@dataclass(frozen=True, slots=True)
class Table:
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
        positivity: what makes them nonnegative.
    """

    title: str
    metric: str
    digits: int
    rows: tuple[Row, ...]
    lyapunov: str | None = None
    memory: int = 0
    features: tuple[str, ...] | None = None
    positivity: str = WEIGHTS

    @property
    def shared_minimiser(self) -> tuple[str, ...]:
        """The names of the methods whose answers hold for several agents that share one minimiser."""
        return tuple(dict.fromkeys(row.method for row in self.rows if shares_minimiser(row.rate)))

    def render(self, form: str = "md") -> str:
        """Return the table as text.

        Args:
            form: ``"md"``, ``"csv"``, ``"latex"`` (a complete document that compiles as it stands) or ``"json"``.

        Raises:
            InputError: there is no such form.
        """
        return find_renderer(form)(self)

    def __str__(self) -> str:
        """Return the table in Markdown."""
        return self.render()

    def _repr_markdown_(self) -> str:
        """Return the table for notebooks."""
        return self.render()


RENDERERS: dict[str, Callable[[Table], str]] = {"md": as_markdown, "csv": as_csv, "latex": as_latex, "json": as_json}


def find_renderer(form: str) -> Callable[[Table], str]:
    """Return the renderer called ``form``.

    Raises:
        InputError: there is no such renderer.
    """
    if form not in RENDERERS:
        raise InputError(f"{form!r} is not a format of tables; choose one of {', '.join(RENDERERS)}.", argument="form")
    return RENDERERS[form]
