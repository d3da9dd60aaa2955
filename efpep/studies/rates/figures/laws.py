"""The rate law for agents of different kinds beside the theorem for one kind and the rate with a common linear compressor."""

from __future__ import annotations

import math
from collections.abc import Sequence

from efpep.errors import InputError
from efpep.functions import SmoothStronglyConvex
from efpep.model.function_class import Convexity
from efpep.report.figure_style import colour, dash, grey
from efpep.setting import Setting
from efpep.studies.rates.figures.panels import Panel, columns, sheet
from efpep.studies.rates.figures.quantities import HorizontalAxis, Number, axis, ends, measure
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow
from efpep.theory.closed_form import ClosedForm
from efpep.theory.constants import averages
from efpep.theory.error_feedback import cubic_rate, rate

CURVES = {
    "hull": "theorem, one class for all agents",
    "law": "law for these agents (cubic)",
    "linear": "theorem, common linear compressor",
}
"""The closed forms that are drawn, by their names in files."""


def laws(table: Table, spec: Spec) -> Drawing:
    """Draw three closed forms against ``x`` (usual: epsilon), and the proved rates as circles; all at optimal step sizes.

    *Theorem, one class for all agents*: the rate of EF and EF21 for functions with the least mu and the largest L, which holds
    for all agents. *Law*: :func:`efpep.theory.error_feedback.cubic_rate` of the agents as they are. *Common linear compressor*:
    the theorem with the averages of mu and L, which alone matter there (2605.31594).
    """
    x, y = axis(spec.x, "epsilon", table), measure(spec.y, "rate")
    _check(table.rows)
    page = sheet(table, spec, spec.panels or (), x.label, y.label)
    written: list[tuple[Panel, str, Number, TableRow]] = []
    more: dict[str, list[str]] = {name: [] for name in CURVES}
    for panel in page.panels:
        rows = sorted(panel.table.rows, key=lambda row: _place(row, x))
        shown = [float(_place(row, x)) for row in rows]
        if len(set(shown)) < len(shown):
            raise InputError(
                "several points of the study have one place on the horizontal axis; name what varies in figure.panels."
            )
        known = [closed_forms(row) for row in rows]
        for k, (name, label) in enumerate(CURVES.items()):
            values = [y.value(forms[name]) for forms in known]
            panel.axes.plot(shown, values, color=colour(k), linestyle=dash(k), label=label)
            more[name] += [f"{value:.12g}" for value in values]
        uppers = [ends(row, y)[1] for row in rows]
        panel.axes.plot(shown, uppers, "o", color=grey(1), fillstyle="none", markersize=4, label="proved rate")
        written += [(panel, row.method, _place(row, x), row) for row in rows]
    left_out = sum(row.upper is None for *_, row in written)
    return page.drawing(columns(written, spec.x or "epsilon", more), left_out)


def closed_forms(row: TableRow) -> dict[str, float]:
    """Return the three rates at a row's agents, by the keys of :data:`CURVES`."""
    setting = row.rate.setting
    groups = setting.populations()
    compressor = groups[0].compressor
    least = min(group.functions.curvature for group in groups)
    largest = max(group.functions.smoothness for group in groups)
    mean = averages(setting)
    one = {
        "hull": rate(Setting(SmoothStronglyConvex(least, largest), compressor)),
        "law": cubic_rate(setting),
        "linear": rate(Setting(SmoothStronglyConvex(mean.mu, mean.L), compressor)),
    }
    return {name: _value(form) for name, form in one.items()}


def _value(form: ClosedForm | None) -> float:
    return math.nan if form is None else float(form.value)


def _place(row: TableRow, x: HorizontalAxis) -> Number:
    place = x.value(row)
    if place is None:
        raise InputError(f"{row.method} has no value for the x axis ({x.label}); leave it out of the figure's study.")
    return place


def _check(rows: Sequence[TableRow]) -> None:
    for row in rows:
        if not all(group.functions.convexity is Convexity.STRONG for group in row.rate.setting.populations()):
            raise InputError("the laws are about smooth strongly convex functions; choose another kind of figure.")
        if row.delta is None or row.delta == 1:
            raise InputError("the laws need one delta below 1 for all agents; give it in the study's grid.")
        if row.asked.key not in {"ef", "ef21"}:
            raise InputError(f"the laws are about EF and EF21, not {row.method}; leave it out of the figure's study.")
        if row.step_size_factor != 1:
            raise InputError("the laws are about the optimal step size; leave step sizes out of the study.")
