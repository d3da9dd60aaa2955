"""Rates, or what is made of them, against a quantity of the grid: one line a series."""

from __future__ import annotations

import math

from efpep.report.figure_style import new_figure
from efpep.studies.rates.figures.lines import draw_line, finish
from efpep.studies.rates.figures.quantities import axis, columns, ends, lines, measure
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table


def curves(table: Table, spec: Spec) -> Drawing:
    """Draw the proved upper ends of ``y`` (usual: the rate) against ``x`` (usual: delta), with the intervals as bands.

    Points that are refuted or undecided leave gaps in the lines.
    """
    x, y = axis(spec.x, "delta"), measure(spec.y, "rate")
    found = lines(table, x, spec.series)
    figure, (axes,) = new_figure(spec.size, spec.ratio)
    both = [[ends(row, y) for row in line.rows] for line in found]
    for position, (line, intervals) in enumerate(zip(found, both, strict=True)):
        draw_line(axes, position, line.label, [float(place) for place in line.x], intervals)
    axes.set_xlabel(x.label)
    axes.set_ylabel(y.label)
    finish(axes, spec.log, len(found))
    rows = [(line.name, place, row) for line in found for place, row in zip(line.x, line.rows, strict=True)]
    values = [pair for intervals in both for pair in intervals]
    name = spec.y or "rate"
    more = {} if name == "rate" else {f"{name}_lower": [a for a, _ in values], f"{name}_upper": [b for _, b in values]}
    return Drawing(figure, columns(rows, spec.x or "delta", more), sum(math.isnan(high) for _, high in values))
