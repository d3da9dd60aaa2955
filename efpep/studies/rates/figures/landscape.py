"""Step-size landscapes: the proved rate against the step size, both ends, with the stability limit."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.questions.base import Verdict
from efpep.report.figure_style import new_figure
from efpep.studies.rates.figures.lines import draw_line, finish
from efpep.studies.rates.figures.quantities import Series, axis, columns, ends, lines, measure, text
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def landscape(table: Table, spec: Spec) -> Drawing:
    """Draw the rate against ``x`` (usual: the step size by the optimal one).

    A cross at 1 says that no Lyapunov function of the class contracts there, proved. A dotted line in a line's colour is the
    stability limit of the literature, a grey line at factor 1 the optimal step size.
    """
    usual = "step_size_factor" if table.rows[0].step_size_factor is not None else "step_size"
    x, y = axis(spec.x, usual), measure("rate", "rate")
    if x.coordinate != "step":
        raise InputError(f"figure.x is {spec.x!r}, and a landscape is over step sizes; take step_size or step_size_factor.")
    found = lines(table, x, spec.series)
    factors = (spec.x or usual) == "step_size_factor"
    figure, (axes,) = new_figure(spec.size, spec.ratio)
    limits: dict[str, Fraction | None] = {}
    for position, line in enumerate(found):
        both = [ends(row, y) for row in line.rows]
        color = draw_line(axes, position, line.label, [float(place) for place in line.x], both)
        limits[line.name] = _limit(line, factors)
        _mark(axes, line, limits[line.name], color)
    if factors:
        axes.axvline(1, color="0.6", linewidth=0.6, zorder=0)
    if any(limit is not None for limit in limits.values()):
        axes.plot([], [], color="0.4", linestyle=":", label="stability limit")
    if any(row.verdict is Verdict.REFUTED for row in table.rows):
        axes.plot([], [], color="0.4", linestyle="", marker="x", label="no contraction, proved")
    axes.set_xlabel(x.label)
    axes.set_ylabel(y.label)
    finish(axes, spec.log, len(found))
    rows = [(line.name, place, row) for line in found for place, row in zip(line.x, line.rows, strict=True)]
    more = {"stability_limit": [text(limits[name]) for name, _, _ in rows]}
    undecided = sum(row.verdict is Verdict.UNDECIDED for row in table.rows)
    return Drawing(figure, columns(rows, spec.x or usual, more), undecided)


def _mark(axes: Axes, line: Series, limit: Fraction | None, color: str) -> None:
    refuted = [float(place) for place, row in zip(line.x, line.rows, strict=True) if row.verdict is Verdict.REFUTED]
    axes.plot(refuted, [1.0] * len(refuted), color=color, linestyle="", marker="x")
    if limit is not None:
        axes.axvline(float(limit), color=color, linestyle=":", linewidth=0.8)


def _limit(line: Series, factors: bool) -> Fraction | None:
    """Return the stability limit on the x axis, to 12 digits."""
    row = line.rows[0]
    try:
        known = row.rate.method.literature.stability_limit(row.rate.method, row.rate.setting)
    except InputError:
        return None
    if known is None:
        return None
    unit = row.step_size / row.step_size_factor if factors and row.step_size_factor else Fraction(1)
    return Fraction(round(known.value / unit * 10**12), 10**12)
