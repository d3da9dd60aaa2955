"""Drawing lines with their proved ends, in the style's colours and dashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from efpep.report.figure_style import colour, dash

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKED = 12
"""Lines with at most so many points show each of them."""


def draw_line(axes: Axes, position: int, label: str, x: Sequence[float], intervals: Sequence[tuple[float, float]]) -> str:
    """Draw the proved upper ends as a line with the interval as a band, and return its colour."""
    color = colour(position)
    marker = "o" if len(x) <= _MARKED else ""
    low, high = [least for least, _ in intervals], [most for _, most in intervals]
    axes.plot(x, high, color=color, linestyle=dash(position), marker=marker, label=label)
    axes.fill_between(x, low, high, color=color, alpha=0.3, linewidth=0)
    return color
