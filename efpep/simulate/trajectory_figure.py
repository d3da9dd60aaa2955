"""The trajectory of a replay: its iterates in the plane where they spread most, and their distance to the minimiser."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from efpep.report.figure_style import colour, new_figure, save, style
from efpep.report.legend import add_legend

if TYPE_CHECKING:
    from efpep.simulate.replay import Replay


def save_trajectory(replay: Replay, path: str | Path, size: str = "neurips") -> list[Path]:
    """Draw a replay's iterates, and write the figure as PDF, PNG and SVG with CSV beside them; return the paths.

    On the left the iterates in the plane of the two largest singular values of their coordinates, the minimiser at the origin; on
    the right ``||x_t - x*||^2``.

    Raises:
        InputError: there is no such size, or the path cannot be written.
    """
    points = np.array([state.x for state in replay.states])
    directions = np.linalg.svd(points, full_matrices=False)[2]
    plane = np.zeros((len(points), 2))
    kept = min(2, len(directions))
    plane[:, :kept] = points @ directions[:kept].T
    squares = np.sum(points * points, axis=1)
    with style():
        figure, (left, right) = new_figure(size, 0.8, 2)
        left.plot(plane[:, 0], plane[:, 1], marker="o", color=colour(0))
        left.plot([0.0], [0.0], marker="*", linestyle="", color=colour(1), label=r"$x^\star$")
        left.set_xlabel("first principal direction")
        left.set_ylabel("second")
        right.plot(range(len(points)), squares, marker="o", color=colour(0))
        right.set_xlabel("iteration")
        right.set_ylabel(r"$\|x - x^\star\|^2$")
        columns = {
            "iteration": list(range(len(points))),
            "first": [float(a) for a in plane[:, 0]],
            "second": [float(a) for a in plane[:, 1]],
            "squared_distance": [float(a) for a in squares],
        }
        add_legend(figure, [left, right])
        return save(figure, path, columns)
