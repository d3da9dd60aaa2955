"""Step-size landscapes: the proved rate against the step size, both ends, with the stability limit and the best step size."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.questions.base import Verdict
from efpep.report.figure_style import grey
from efpep.studies.rates.figures.brackets import NAME, StepBracket, bracket_of
from efpep.studies.rates.figures.known import on_axis, stability_limit
from efpep.studies.rates.figures.lines import draw_line
from efpep.studies.rates.figures.panels import Sheet, columns, lines_of, sheet
from efpep.studies.rates.figures.quantities import Series, axis, ends, measure, text
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DOT = 2.65
"""How far a dot is from the next, in widths of the line."""


def landscape(table: Table, spec: Spec) -> Drawing:
    """Draw the rate against ``x`` (usual: the step size by the optimal one).

    A cross at 1 says that no Lyapunov function of the class contracts there, proved. A dotted line in a line's colour is the
    stability limit of the literature, a grey line at factor 1 the optimal step size; a band in a line's colour is the proved
    bracket of the best step size, and the star in it the best one found, if asked.
    """
    usual = "step_size_factor" if table.rows[0].step_size_factor is not None else "step_size"
    x, y = axis(spec.x, usual, table), measure("rate", "rate")
    if x.coordinate != "step":
        raise InputError(f"figure.x is {spec.x!r}, and a landscape is over step sizes; take step_size or step_size_factor.")
    factors = (spec.x or usual) == "step_size_factor"
    page = sheet(table, spec, spec.panels or (), x.label, y.label)
    found = list(lines_of(page, x, spec))
    limits = [on_axis(line.rows[0], stability_limit, factors=factors) for *_, line in found]
    brackets = [bracket_of(table, line.rows[0], factors=factors) if spec.bracket else None for *_, line in found]
    for k, (panel, place, line) in enumerate(found):
        intervals = [ends(row, y) for row in line.rows]
        color = draw_line(panel.axes, place, line.label, [float(value) for value in line.x], intervals)
        beside = [j for j, (other, *_) in enumerate(found) if other is panel]
        _mark_refuted(panel.axes, line, color, len(beside) - 1 - beside.index(k))
        same = [j for j in beside if limits[j] == limits[k]]
        _mark_limit(panel.axes, limits[k], color, same.index(k), len(same))
        _mark_bracket(panel.axes, line, brackets[k], color)
    _legend(page, table, limits, brackets, factors=factors)
    rows = [(panel, line.name, *point) for panel, _, line in found for point in zip(line.x, line.rows, strict=True)]
    sizes = [len(line.rows) for _, _, line in found]
    more: dict[str, list[object]] = {"stability_limit": _repeated([text(limit) for limit in limits], sizes)}
    if spec.bracket:
        cells = [("", "") if one is None else one.cells() for one in brackets]
        more |= {
            "bracket_lower": _repeated([a for a, _ in cells], sizes),
            "bracket_upper": _repeated([b for _, b in cells], sizes),
        }
    undecided = sum(row.verdict is Verdict.UNDECIDED for row in table.rows)
    return page.drawing(columns(rows, spec.x or usual, more), undecided)


def _mark_refuted(axes: Axes, line: Series, color: str, above: int) -> None:
    """Draw crosses where nothing contracts, larger ones below those of so many other lines, so that all are seen."""
    refuted = [float(place) for place, row in zip(line.x, line.rows, strict=True) if row.verdict is Verdict.REFUTED]
    axes.plot(refuted, [1.0] * len(refuted), color=color, linestyle="", marker="x", markersize=4 + 2.5 * above)


def _mark_limit(axes: Axes, limit: Fraction | None, color: str, place: int, count: int) -> None:
    """Draw a dotted line at a limit; the dots of several lines with the same limit alternate."""
    if limit is not None:
        dots = (_DOT * place, (1, _DOT * count - 1))
        axes.axvline(float(limit), color=color, linestyle=dots, linewidth=0.8)


def _mark_bracket(axes: Axes, line: Series, bracket: StepBracket | None, color: str) -> None:
    if bracket is not None:
        upper = float(line.x[-1]) if bracket.upper is None else float(bracket.upper)
        axes.axvspan(float(bracket.lower), upper, color=color, alpha=0.35, linewidth=0)
        if bracket.rate is not None:
            axes.plot([float(bracket.value)], [float(bracket.rate)], color=color, linestyle="", marker="*", markersize=7)


def _legend(
    page: Sheet, table: Table, limits: list[Fraction | None], brackets: list[StepBracket | None], *, factors: bool
) -> None:
    first = page.panels[0].axes
    if factors:
        for panel in page.panels:
            panel.axes.axvline(1, color=grey(0.4), linewidth=0.6, zorder=0)
    if any(limit is not None for limit in limits):
        first.plot([], [], color=grey(0.6), linestyle=":", label="stability limit")
    if any(row.verdict is Verdict.REFUTED for row in table.rows):
        first.plot([], [], color=grey(0.6), linestyle="", marker="x", label="no contraction, proved")
    if any(bracket is not None for bracket in brackets):
        first.plot([], [], color=grey(0.6), linestyle="", marker="*", markersize=7, label=NAME)


def _repeated(cells: list[str], sizes: list[int]) -> list[object]:
    """Return a cell for each row of its line."""
    return [cell for cell, size in zip(cells, sizes, strict=True) for _ in range(size)]
