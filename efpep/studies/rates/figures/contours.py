"""Contours of rates: the proved rate, or what is made of it, over two quantities of the grid as filled contours.

At the points of the grid the numbers are proved; between them contours are interpolated, as in any contour figure. Where nothing
contracts, proved, or nothing is known, there is no contour next to the point.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from efpep.errors import InputError
from efpep.optional import optional
from efpep.questions.base import Verdict
from efpep.studies.rates.figures.cells import cells_of, check_map
from efpep.studies.rates.figures.map import map_columns, numbers, width
from efpep.studies.rates.figures.panels import sheet
from efpep.studies.rates.figures.quantities import axis, ends, measure, varying
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table

LEVELS = 12
"""About how many levels there are elsewhere."""
_SPREAD = 30
"""Positive numbers that differ by such a factor have levels at 1, 2 and 5 times powers of ten."""
_LARGEST = 1e6
"""Levels span such a factor at most; what is beyond has the colour of the last one."""


def contours(table: Table, spec: Spec) -> Drawing:
    """Draw the proved upper ends of ``color`` (usual: the rate) over ``x`` (usual: kappa) and ``y`` (usual: delta).

    What else varies, such as the method, has panels of its own, which share the levels and their colours.
    """
    x, y, z = axis(spec.x, "kappa", table), axis(spec.y, "delta", table), measure(spec.color, "rate")
    check_map(spec, x, y)
    if spec.bracket:
        raise InputError("figure.bracket is that of the best step size, which contours do not show; take kind 'map'.")
    names = varying(table, x.coordinate, y.coordinate) if spec.panels is None else spec.panels
    page = sheet(table, spec, names, x.label, y.label)
    shown = [(panel, cells_of(panel.table, x, y)) for panel in page.panels]
    if any(min(len(cells.x), len(cells.y)) < 2 for _, cells in shown):
        raise InputError("contours need two values at least of what is on each axis; give more, or take kind 'map'.")
    values = {id(row): ends(row, z) for row in table.rows}
    highest = {key: high for key, (_, high) in values.items()}
    known = [high for high in highest.values() if math.isfinite(high)]
    look = _levels(known or [0.0, 1.0])
    drawn: Any = None
    for panel, cells in shown:
        held = np.ma.masked_invalid(np.array(numbers(cells, highest), dtype=float))
        drawn = panel.axes.contourf(cells.x, cells.y, held, **look)
        panel.axes.contour(cells.x, cells.y, held, levels=look["levels"], colors="black", linewidths=0.3, alpha=0.5)
    label = f"{z.label}\n(proved to within {width(values):.0e})"
    page.figure.colorbar(drawn, ax=[panel.axes for panel in page.panels], label=label, ticks=look["levels"], format="%g")
    rows = [(panel, row) for panel, _ in shown for row in panel.table.rows]
    left_out = sum(row.verdict is not Verdict.PROVED for _, row in rows)
    return page.drawing(map_columns(rows, {}, spec, "kappa", table), left_out, inside=False)


def _levels(known: list[float]) -> dict[str, Any]:
    """Return the levels, the same in all panels, and their colours: 1, 2 and 5 times powers of ten where numbers span much."""
    ticker: Any = optional("matplotlib.ticker", "figures")
    colors: Any = optional("matplotlib.colors", "figures")
    least, most = min(known), max(known)
    if least > 0 and most / least >= _SPREAD:
        first, last = math.floor(math.log10(max(least, most / _LARGEST))), math.ceil(math.log10(most))
        round_numbers = [digit * 10.0**power for power in range(first, last) for digit in (1, 2, 5)] + [10.0**last]
        inside = [number for number in round_numbers if least < number < most]
        below = [number for number in round_numbers if number < inside[0]][-1:]
        steps = [*below, *inside, next(number for number in round_numbers if number > inside[-1])]
        beyond = "min" if least < steps[0] else "neither"
        return {"levels": steps, "norm": colors.LogNorm(steps[0], steps[-1]), "cmap": "viridis", "extend": beyond}
    steps = ticker.MaxNLocator(LEVELS).tick_values(least, most if most > least else least + 1e-9)
    return {"levels": steps, "cmap": "viridis"}
