"""Figures of several panels, one a value of a quantity such as kappa, with the same axes in all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from efpep.report.figure_style import fit_labels, new_figure
from efpep.report.legend import add_legend
from efpep.studies.rates.figures.quantities import (
    HorizontalAxis,
    Number,
    Series,
    check_coordinates,
    coordinates,
    label_of,
    lines,
    text,
)
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: where it is drawn, which part of the table it shows, and what it is called in files."""

    axes: Axes
    table: Table
    name: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure with its panels, whose axes have their labels and scales."""

    figure: Figure
    panels: Sequence[Panel]

    def drawing(self, columns: Mapping[str, Sequence[object]], left_out: int, *, inside: bool = True) -> Drawing:
        """Return the figure with its legend, and the numbers in it."""
        fit_labels(self.figure)
        add_legend(self.figure, [panel.axes for panel in self.panels], inside=inside)
        return Drawing(self.figure, columns, left_out)


def sheet(table: Table, spec: Spec, names: Sequence[str], across: str, upwards: str) -> Sheet:
    """Return the panels of a table, one for each value of the coordinates ``names``, or one without any.

    Args:
        table: the rows.
        spec: size, shape and scales.
        names: the coordinates whose values have panels of their own.
        across: the label of the horizontal axis.
        upwards: that of the vertical axis.

    Raises:
        InputError: a name is no coordinate.
    """
    known = coordinates(table)
    check_coordinates(names, known, "panels")
    parts: dict[tuple[object, ...], list[TableRow]] = {}
    for row in table.rows:
        parts.setdefault(tuple(known[name](row) for name in names), []).append(row)
    figure, found = new_figure(spec.size, spec.ratio, len(parts), share=True)
    per_row = found[0].get_gridspec().ncols  # pyright: ignore[reportOptionalMemberAccess]
    made: list[Panel] = []
    for place, (axes, (key, rows)) in enumerate(zip(found, parts.items(), strict=True)):
        axes.set_title(label_of(names, key, symbols=True))
        axes.set_xlabel(across if place >= len(found) - per_row else "")
        axes.set_ylabel(upwards if place % per_row == 0 else "")
        if "x" in spec.log:
            axes.set_xscale("log")
        if "y" in spec.log:
            axes.set_yscale("log")
        made.append(Panel(axes, replace(table, rows=tuple(rows)), label_of(names, key)))
    return Sheet(figure, made)


def lines_of(page: Sheet, x: HorizontalAxis, spec: Spec) -> Iterator[tuple[Panel, int, Series]]:
    """Return the lines of all panels, each with its position among the colours, which is that of its name.

    Raises:
        InputError: as for :func:`efpep.studies.rates.figures.quantities.lines`.
    """
    found = [(panel, line) for panel in page.panels for line in lines(panel.table, x, spec.series)]
    names = list(dict.fromkeys(line.name for _, line in found))
    return ((panel, names.index(line.name), line) for panel, line in found)


def columns(
    rows: Sequence[tuple[Panel, str, Number, TableRow]], name: str, more: Mapping[str, Sequence[object]]
) -> dict[str, list[object]]:
    """Return the columns of a CSV file: panel and line, x, the exact ends of the rate, the verdict, and ``more``."""
    panels: dict[str, list[object]] = (
        {"panel": [panel.name for panel, *_ in rows]} if any(panel.name for panel, *_ in rows) else {}
    )
    return {
        **panels,
        "series": [label for _, label, _, _ in rows],
        name: [text(place) for *_, place, _ in rows],
        "lower": [text(row.lower) for *_, row in rows],
        "upper": [text(row.upper) for *_, row in rows],
        "verdict": [row.verdict.name.lower() for *_, row in rows],
        **{key: list(values) for key, values in more.items()},
    }
