"""The roots of the cubic of the two-agent rate law against epsilon, with the proved rates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.function_class import Convexity
from efpep.report.figure_style import colour, grey, new_figure
from efpep.report.legend import add_legend
from efpep.setting import Setting
from efpep.studies.rates.figures.quantities import axis, text
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow
from efpep.theory.closed_form import square_root
from efpep.theory.error_feedback import cubic

_SAMPLES = 400
_REAL = 1e-9
"""Roots with a smaller imaginary part, relative to 1, are drawn as real."""


def roots(table: Table, spec: Spec) -> Drawing:
    """Draw the three roots of :func:`efpep.theory.error_feedback.cubic` against epsilon, and the proved rates as circles.

    The largest root is the law's rate. The agents are those of the study, which are the same for all its points. Where two roots
    are complex, their real part is dashed.
    """
    x = axis(spec.x, "epsilon")
    if x.coordinate != "delta":
        raise InputError(f"figure.x is {spec.x!r}, and the roots are drawn against epsilon; take epsilon or delta.")
    if spec.panels:
        raise InputError("the roots are those of one cubic, and have one panel; leave panels out.")
    setting = _agents(table)
    name = spec.x or "epsilon"
    figure, (axes,) = new_figure(spec.size, spec.ratio)
    samples = [Fraction(k, _SAMPLES) for k in range(1, _SAMPLES)]
    found = [_roots(setting, epsilon) for epsilon in samples]
    shown = [float(epsilon if name == "epsilon" else 1 - epsilon) for epsilon in samples]
    for k, label in enumerate(("smallest root", "middle root", "largest root: the law")):
        real = [values[k].real if abs(values[k].imag) <= _REAL else math.nan for values in found]
        paired = [values[k].real if abs(values[k].imag) > _REAL else math.nan for values in found]
        axes.plot(shown, real, color=colour((1, 2, 0)[k]), linestyle=("-.", "--", "-")[k], label=label)
        if not all(math.isnan(value) for value in paired):
            axes.plot(shown, paired, color=grey(0.5), linestyle=":", label="_nolegend_")
    proved = [row for row in table.rows if row.upper is not None]
    places = [x.value(row) for row in proved]
    uppers = [float(row.upper) for row in proved if row.upper is not None]
    axes.plot([float(p) for p in places if p is not None], uppers, "o", color=grey(1), fillstyle="none", label="proved rate")
    axes.set_xlabel(x.label)
    axes.set_ylabel(r"roots $\rho$")
    axes.set_xscale("log" if "x" in spec.log else "linear")
    axes.set_yscale("log" if "y" in spec.log else "linear")
    add_legend(figure, [axes])
    return Drawing(figure, _columns(table, setting, name), len(table.rows) - len(proved))


def _columns(table: Table, setting: Setting, name: str) -> dict[str, Sequence[object]]:
    rows = list(table.rows)
    epsilons = [1 - (row.delta or Fraction(0)) for row in rows]
    found = [_roots(setting, epsilon) for epsilon in epsilons]
    listed: dict[str, Sequence[object]] = {name: [text(e if name == "epsilon" else 1 - e) for e in epsilons]}
    for k, which in enumerate(("smallest", "middle", "largest")):
        listed[f"{which}_root_real"] = [values[k].real for values in found]
        listed[f"{which}_root_imaginary"] = [values[k].imag for values in found]
    return {
        **listed,
        "lower": [text(row.lower) for row in rows],
        "upper": [text(row.upper) for row in rows],
        "verdict": [row.verdict.name.lower() for row in rows],
    }


def _roots(setting: Setting, epsilon: Fraction) -> list[complex]:
    import numpy as np

    coefficients = [float(a) for a in cubic(setting, square_root(epsilon))]
    return sorted((complex(root) for root in np.roots(coefficients)), key=lambda root: (root.real, root.imag))


def _agents(table: Table) -> Setting:
    def functions(row: TableRow) -> list[object]:
        return [(group.functions.describe(), group.share) for group in row.rate.setting.populations()]

    first = table.rows[0]
    if not all(group.functions.convexity is Convexity.STRONG for group in first.rate.setting.populations()):
        raise InputError("the cubic is known for smooth strongly convex functions only; choose another kind of figure.")
    if any(row.delta is None for row in table.rows):
        raise InputError("the cubic needs one delta for all agents; give it in the study's grid.")
    if any(functions(row) != functions(first) or type(row.rate.method) is not type(first.rate.method) for row in table.rows):
        raise InputError("the agents or methods of the study differ from point to point, and a figure has one cubic; keep one.")
    return first.rate.setting
