"""Ratios of iteration complexities: how many times more iterations than a reference method's guarantee a method's needs."""

from __future__ import annotations

import math

from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.report.figure_style import new_figure
from efpep.studies.rates.figures.lines import draw_line, finish
from efpep.studies.rates.figures.quantities import COORDINATES, Y, axis, columns, ends, lines
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow


def ratio(table: Table, spec: Spec) -> Drawing:
    """Draw ``log rho_reference / log rho`` against ``x`` (usual: delta), with the interval that both proved intervals leave.

    The complexity is the number of iterations for a factor e, ``1/log(1/rho)``; above 1 the reference is faster.
    """
    x = axis(spec.x, "delta")
    reference = table.rows[0].method if spec.reference is None else _title(spec.reference)
    known = {_place(row): row for row in table.rows if row.method == reference}
    if not known:
        raise InputError(f"figure.reference is {spec.reference}, which is no method of the study; name one of its methods.")
    rows = tuple(row for row in table.rows if row.method != reference)
    if not rows:
        raise InputError(f"the study has no method besides {reference}, so there is no ratio; add one to its methods.")
    found = lines(Table(table.title, table.metric, table.digits, rows), x, spec.series)
    figure, (axes,) = new_figure(spec.size, spec.ratio)
    names = {row.method for row in rows}
    values: list[tuple[float, float]] = []
    for position, line in enumerate(found):
        pairs = [_ratio(row, known.get(_place(row))) for row in line.rows]
        draw_line(axes, position, line.label, [float(place) for place in line.x], pairs)
        values += pairs
    axes.axhline(1, color="0.4", linewidth=0.6)
    axes.set_xlabel(x.label)
    who = next(iter(names)) if len(names) == 1 else "method"
    axes.set_ylabel(f"iterations: {who} / {reference}")
    finish(axes, spec.log, len(found))
    listed = [(line.name, place, row) for line in found for place, row in zip(line.x, line.rows, strict=True)]
    more = {"ratio_lower": [a for a, _ in values], "ratio_upper": [b for _, b in values]}
    return Drawing(figure, columns(listed, spec.x or "delta", more), sum(math.isnan(high) for _, high in values))


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
