"""Drawing lines with their proved ends, in the style's colours and dashes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from efpep.report.figure_style import DASHES, PALETTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INSIDE = 6
"""Up to so many lines the legend stands inside the axes."""
_MARKED = 12
"""Lines with at most so many points show each of them."""


def draw_line(axes: Axes, position: int, label: str, x: Sequence[float], intervals: Sequence[tuple[float, float]]) -> str:
    """Draw the proved upper ends as a line with the interval as a band, and return its colour."""
    color, dash = PALETTE[position % len(PALETTE)], DASHES[(position // len(PALETTE) + position) % len(DASHES)]
    marker = "o" if len(x) <= _MARKED else ""
    low, high = [least for least, _ in intervals], [most for _, most in intervals]
    axes.plot(x, high, color=color, linestyle=dash, marker=marker, label=label)
    axes.fill_between(x, low, high, color=color, alpha=0.3, linewidth=0)
    return color


def finish(axes: Axes, log: Sequence[str], count: int) -> None:
    """Set the scales and the legend."""
    if "x" in log:
        axes.set_xscale("log")
    if "y" in log:
        axes.set_yscale("log")
    if count > _INSIDE:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    elif count > 1 or axes.get_legend_handles_labels()[0][1:]:
        axes.legend()
