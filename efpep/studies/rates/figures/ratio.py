"""Ratios of iteration complexities: how many times more iterations than a reference method's guarantee a method's needs."""

from __future__ import annotations

import math
from dataclasses import replace

from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.report.figure_style import grey
from efpep.studies.rates.figures.lines import draw_line
from efpep.studies.rates.figures.panels import columns, lines_of, sheet
from efpep.studies.rates.figures.quantities import COORDINATES, Y, axis, ends
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow


def ratio(table: Table, spec: Spec) -> Drawing:
    """Draw ``log rho_reference / log rho`` against ``x`` (usual: delta), with the interval that both proved intervals leave.

    The complexity is the number of iterations for a factor e, ``1/log(1/rho)``; above 1 the reference is faster.
    """
    x = axis(spec.x, "delta", table)
    reference = table.rows[0].method if spec.reference is None else _title(spec.reference)
    known = {_place(row): row for row in table.rows if row.method == reference}
    if not known:
        raise InputError(f"figure.reference is {spec.reference}, which is no method of the study; name one of its methods.")
    rows = tuple(row for row in table.rows if row.method != reference)
    if not rows:
        raise InputError(f"the study has no method besides {reference}, so there is no ratio; add one to its methods.")
    others = list(dict.fromkeys(row.method for row in rows))
    upwards = f"iterations: {others[0] if len(others) == 1 else 'method'} / {reference}"
    page = sheet(replace(table, rows=rows), spec, spec.panels or (), x.label, upwards)
    found = [
        (panel, line, [_ratio(row, known.get(_place(row))) for row in line.rows], place)
        for panel, place, line in lines_of(page, x, spec)
    ]
    for panel, line, pairs, place in found:
        draw_line(panel.axes, place, line.label, [float(value) for value in line.x], pairs)
    for panel in page.panels:
        panel.axes.axhline(1, color=grey(0.6), linewidth=0.6)
    listed = [(panel, line.name, *point) for panel, line, *_ in found for point in zip(line.x, line.rows, strict=True)]
    values = [pair for _, _, pairs, _ in found for pair in pairs]
    more = {"ratio_lower": [a for a, _ in values], "ratio_upper": [b for _, b in values]}
    return page.drawing(columns(listed, spec.x or "delta", more), sum(math.isnan(high) for _, high in values))


def _place(row: TableRow) -> tuple[object, ...]:
    return tuple(get(row) for name, get in COORDINATES.items() if name != "method")


def _ratio(row: TableRow, reference: TableRow | None) -> tuple[float, float]:
    if reference is None:
        return math.nan, math.nan
    (low, high), (least, most) = ends(row, Y["complexity"]), ends(reference, Y["complexity"])
    if not least > 0:
        return math.nan, math.nan
    return low / most, high / least


def _title(key: str) -> str:
    found = METHODS.find(key)
    return found.title or found.__name__
