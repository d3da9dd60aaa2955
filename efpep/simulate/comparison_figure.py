"""A run's Lyapunov function beside the proved bound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from efpep.report.figure_style import colour, dash, new_figure, save, style
from efpep.report.legend import add_legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from efpep.simulate.follow import Comparison


def draw(found: Comparison, axes: Axes) -> Axes:
    """Draw ``V_k`` and ``rho^k V_0``, both relative to ``V_0``, on a logarithmic scale down to rounding error."""
    first = float(found.energies[found.first])
    steps = np.arange(len(found.energies))
    energies = np.where(found.energies > found.level, found.energies / first, np.nan)
    axes.plot(steps, energies, color=colour(0), label=f"{found.rate.method.title}, measured")
    axes.plot(steps, found.bound / first, color=colour(1), linestyle=dash(1), label=f"proved, {found.proved:.4g} a step")
    axes.set_yscale("log")
    axes.set_xlabel("iteration")
    axes.set_ylabel(r"$V_k / V_0$")
    add_legend(axes.get_figure(root=True), [axes])  # pyright: ignore[reportArgumentType]
    return axes


def save_comparison(found: Comparison, path: str | Path, size: str = "neurips") -> list[Path]:
    """Write the figure as PDF, PNG and SVG with CSV beside them; return the paths.

    Raises:
        InputError: there is no such size, or the path cannot be written.
    """
    with style():
        figure, (axes,) = new_figure(size)
        draw(found, axes)
        columns = {
            "iteration": list(range(len(found.energies))),
            "V": [float(v) for v in found.energies],
            "bound": [float(v) for v in found.bound],
            "squared_distance": [float(v) for v in found.distances],
        }
        return save(figure, path, columns)
