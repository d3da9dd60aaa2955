"""Maps of rates: the proved rate, or what is made of it, over two quantities of the grid as filled cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.optional import optional
from efpep.questions.base import Verdict
from efpep.report.figure_style import grey
from efpep.studies.rates.figures.brackets import StepBracket, bracket_of
from efpep.studies.rates.figures.cells import Cells, cells_of, check_map, draw_brackets, draw_key, draw_known
from efpep.studies.rates.figures.panels import Panel, columns, sheet
from efpep.studies.rates.figures.quantities import axis, ends, measure, text, varying
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rate_map(table: Table, spec: Spec) -> Drawing:
    """Draw the proved upper ends of ``color`` (usual: the rate) over ``x`` (usual: the step size) and ``y`` (usual: delta).

    Cells where it is proved that nothing contracts are grey, undecided ones empty. Over step sizes the literature's stability
    limit and optimal step size are lines over the cells, and the proved bracket of the best one is a bar in each row, if asked.
    """
    usual = "step_size_factor" if table.rows[0].step_size_factor is not None else "step_size"
    x, y, z = axis(spec.x, usual, table), axis(spec.y, "delta", table), measure(spec.color, "rate")
    check_map(spec, x, y)
    factors = (spec.x or usual) == "step_size_factor"
    if spec.bracket and x.coordinate != "step":
        raise InputError("figure.bracket is that of the best step size, which this map does not show; take step_size as x.")
    names = varying(table, x.coordinate, y.coordinate) if spec.panels is None else spec.panels
    page = sheet(table, spec, names, x.label, y.label)
    shown = [(panel, cells_of(panel.table, x, y)) for panel in page.panels]
    values = {id(row): ends(row, z) for row in table.rows}
    known = [high for _, high in values.values() if math.isfinite(high)]
    scale = {"vmin": min(known, default=0.0), "vmax": max(known, default=1.0), "cmap": "viridis"}
    brackets: dict[int, StepBracket | None] = {}
    mesh: Any = None
    for panel, cells in shown:
        mesh = cells.draw(panel.axes, spec.log, numbers(cells, {key: high for key, (_, high) in values.items()}), **scale)
        _refuted(panel.axes, cells, spec)
        draw_known(panel.axes, panel.table, x, y, factors=factors, best=True)
        if spec.bracket:
            found = [_bracket(panel.table, line, factors=factors) for line in cells.rows]
            draw_brackets(panel.axes, cells.y, found)
            brackets |= {id(row): one for line, one in zip(cells.rows, found, strict=True) for row in line if row is not None}
    page.figure.colorbar(
        mesh, ax=[panel.axes for panel in page.panels], label=f"{z.label}\n(proved to within {width(values):.0e})"
    )
    rows = [(panel, row) for panel, _ in shown for row in panel.table.rows]
    return page.drawing(map_columns(rows, brackets, spec, usual, table), _left_out(table), inside=False)


def width(values: Mapping[int, tuple[float, float]]) -> float:
    """Return how wide the widest of some intervals is."""
    return max((high - low for low, high in values.values() if math.isfinite(high - low)), default=0.0) or 1e-16


def map_columns(
    rows: list[tuple[Panel, TableRow]], brackets: dict[int, StepBracket | None], spec: Spec, usual: str, table: Table
) -> dict[str, list[object]]:
    """Return the columns of the CSV file of a map: both quantities, the rates, what the colours show, and brackets if asked."""
    x, y, z = axis(spec.x, usual, table), axis(spec.y, "delta", table), measure(spec.color, "rate")
    more: dict[str, list[object]] = {spec.y or "delta": [text(y.value(row)) for _, row in rows]}
    if (spec.color or "rate") != "rate":
        more |= {
            f"{spec.color}_lower": [ends(row, z)[0] for _, row in rows],
            f"{spec.color}_upper": [ends(row, z)[1] for _, row in rows],
        }
    if spec.bracket:
        found = [brackets.get(id(row)) for _, row in rows]
        more["bracket_lower"] = ["" if one is None else one.cells()[0] for one in found]
        more["bracket_upper"] = ["" if one is None else one.cells()[1] for one in found]
    listed = [(panel, row.method, x.value(row) or 0, row) for panel, row in rows]
    return columns(listed, spec.x or usual, more)


def numbers(cells: Cells, values: Mapping[int, float]) -> list[list[float]]:
    """Return the numbers of rows, given by their identity, on the grid; NaN where nothing is asked."""
    return [[math.nan if row is None else values[id(row)] for row in line] for line in cells.rows]


def _refuted(axes: Axes, cells: Cells, spec: Spec) -> None:
    """Fill the cells where nothing contracts, proved, in grey."""
    marked = [[0.0 if row is not None and row.verdict is Verdict.REFUTED else math.nan for row in line] for line in cells.rows]
    if all(math.isnan(mark) for line in marked for mark in line):
        return
    looks: Any = optional("matplotlib.colors", "figures").ListedColormap([grey(0.3)])
    cells.draw(axes, spec.log, marked, cmap=looks, vmin=-1, vmax=1)
    draw_key(axes, grey(0.3), "no contraction, proved")


def _bracket(table: Table, line: list[TableRow | None], *, factors: bool) -> StepBracket | None:
    first = next(row for row in line if row is not None)
    return bracket_of(table, first, factors=factors)


def _left_out(table: Table) -> int:
    return sum(row.verdict is Verdict.UNDECIDED for row in table.rows)
