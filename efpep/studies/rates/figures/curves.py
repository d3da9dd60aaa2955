"""Rates, or what is made of them, against a quantity of the grid: one line a series."""

from __future__ import annotations

import math

from efpep.studies.rates.figures.lines import draw_line
from efpep.studies.rates.figures.panels import columns, lines_of, sheet
from efpep.studies.rates.figures.quantities import axis, ends, measure
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table


def curves(table: Table, spec: Spec) -> Drawing:
    """Draw the proved upper ends of ``y`` (usual: the rate) against ``x`` (usual: delta), with the intervals as bands.

    Points that are refuted or undecided leave gaps in the lines.
    """
    x, y = axis(spec.x, "delta", table), measure(spec.y, "rate")
    page = sheet(table, spec, spec.panels or (), x.label, y.label)
    found = [(panel, line, [ends(row, y) for row in line.rows], place) for panel, place, line in lines_of(page, x, spec)]
    for panel, line, intervals, place in found:
        draw_line(panel.axes, place, line.label, [float(value) for value in line.x], intervals)
    rows = [(panel, line.name, *point) for panel, line, *_ in found for point in zip(line.x, line.rows, strict=True)]
    values = [pair for _, _, intervals, _ in found for pair in intervals]
    name = spec.y or "rate"
    more = {} if name == "rate" else {f"{name}_lower": [a for a, _ in values], f"{name}_upper": [b for _, b in values]}
    return page.drawing(columns(rows, spec.x or "delta", more), sum(math.isnan(high) for _, high in values))
