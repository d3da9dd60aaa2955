"""Regions of two quantities as filled cells: each cell has the colour of what is proved at its point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.optional import optional
from efpep.report.figure_style import grey
from efpep.studies.rates.figures.brackets import NAME, StepBracket
from efpep.studies.rates.figures.known import best_step_size, boundary, stability_limit
from efpep.studies.rates.figures.quantities import HorizontalAxis, varying
from efpep.studies.rates.figures.spec import Spec
from efpep.studies.rates.table import Table, TableRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LIMIT = "stability limit (closed form)"
BEST = "optimal step size (closed form)"


@dataclass(frozen=True, slots=True)
class Cells:
    """The rows of a panel on their grid: ``rows[i][j]`` is at ``y[i]`` and ``x[j]``, None where nothing is asked.

    ``most`` are the largest values that the two quantities can have; none is negative whose points are not.
    """

    x: list[float]
    y: list[float]
    rows: list[list[TableRow | None]]
    most: tuple[float, float] = (math.inf, math.inf)

    def edges(self, log: Sequence[str]) -> tuple[list[float], list[float]]:
        """Return the edges of the cells, half way between the points, on the scale of the axis, within what is possible."""
        across, upwards = self.most
        return _edges(self.x, across, log="x" in log), _edges(self.y, upwards, log="y" in log)

    def draw(self, axes: Axes, log: Sequence[str], values: Sequence[Sequence[float]], **look: Any) -> Any:
        """Fill the cells, those without a number (NaN) with nothing, and return what was drawn."""
        import numpy as np

        return axes.pcolormesh(*self.edges(log), np.ma.masked_invalid(np.array(values, dtype=float)), rasterized=False, **look)


def cells_of(table: Table, x: HorizontalAxis, y: HorizontalAxis) -> Cells:
    """Return the rows of a panel on the grid of two quantities.

    Raises:
        InputError: something else varies, or a row has no place on the axes.
    """
    others = varying(table, x.coordinate, y.coordinate)
    if others:
        raise InputError(f"{others[0]} varies in the study, and the map shows it on no axis; name it in figure.panels.")
    placed: dict[tuple[float, float], TableRow] = {}
    for row in table.rows:
        across, upwards = x.value(row), y.value(row)
        if across is None or upwards is None:
            missing = x.label if across is None else y.label
            raise InputError(f"{row.method} has no value for an axis of the map ({missing}); leave it out of the figure's study.")
        placed[float(across), float(upwards)] = row
    across, upwards = sorted({place for place, _ in placed}), sorted({place for _, place in placed})
    most = (1.0 if x.coordinate == "delta" else math.inf, 1.0 if y.coordinate == "delta" else math.inf)
    return Cells(across, upwards, [[placed.get((a, b)) for a in across] for b in upwards], most)


def check_map(spec: Spec, x: HorizontalAxis, y: HorizontalAxis) -> None:
    """Refuse a map with one quantity on both axes.

    Raises:
        InputError: it has.
    """
    if x.coordinate == y.coordinate:
        raise InputError(f"figure.x and figure.y are both about {x.coordinate}; name two quantities that vary independently.")
    if spec.series is not None:
        raise InputError("figure.series tells lines apart, and a map has none; name panels instead.")


def draw_known(axes: Axes, table: Table, x: HorizontalAxis, y: HorizontalAxis, *, factors: bool, best: bool) -> None:
    """Draw the stability limit, and the optimal step size if asked, as lines over a map of step sizes, where they are known."""
    if x.coordinate != "step":
        return
    ends, heights = axes.get_xlim(), axes.get_ylim()
    for known, label, line in ((stability_limit, LIMIT, "-"), (best_step_size, BEST, "--")):
        if label == LIMIT or (best and not factors):
            curve = boundary(table.rows, known, y, heights, factors=factors)
            if curve is not None:
                axes.plot(curve.steps, curve.heights, linestyle=line, label=label, **_seen())
    axes.set_xlim(ends)
    axes.set_ylim(heights)


def _seen() -> dict[str, Any]:
    """Return the look of lines that are seen on dark cells and on light ones: black with a white edge."""
    edge: Any = optional("matplotlib.patheffects", "figures").withStroke(linewidth=2.4, foreground="white")
    return {"color": "black", "linewidth": 1.2, "path_effects": [edge]}


def draw_key(axes: Axes, color: tuple[float, float, float], label: str) -> None:
    """Draw nothing in a colour of cells, so that the legend names it."""
    axes.plot([], [], linestyle="", marker="s", markersize=7, color=color, markeredgecolor=grey(0.5), label=label)


def draw_brackets(axes: Axes, heights: Sequence[float], brackets: Sequence[StepBracket | None]) -> None:
    """Draw the bracket of each row of a map: the best step size as a point, its bracket as a bar through it."""
    ends = axes.get_xlim()
    for height, bracket in zip(heights, brackets, strict=True):
        if bracket is not None:
            upper = ends[1] if bracket.upper is None else float(bracket.upper)
            axes.plot(
                [float(bracket.lower), float(bracket.value), upper],
                [height] * 3,
                marker="|",
                markersize=7,
                markeredgewidth=1.2,
                label=NAME,
                **_seen(),
            )
    axes.set_xlim(ends)


def _edges(points: Sequence[float], most: float, *, log: bool) -> list[float]:
    scaled = [math.log(point) for point in points] if log else list(points)
    inner = [(a + b) / 2 for a, b in itertools.pairwise(scaled)]
    if not inner:
        width = max(abs(scaled[0]), 1.0) / 2
        edges = [scaled[0] - width, scaled[0] + width]
    else:
        edges = [2 * scaled[0] - inner[0], *inner, 2 * scaled[-1] - inner[-1]]
    edges = [math.exp(edge) for edge in edges] if log else edges
    return [max(edges[0], min(points[0], 0.0)), *edges[1:-1], min(edges[-1], most)]
