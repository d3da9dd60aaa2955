"""The figure of an experiment: the metric, or what ``panels`` names, against what was sent, iterations, or samples."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.report.figure_style import colour, dash, grey, new_figure, save, style
from efpep.report.legend import add_legend
from efpep.simulate.problem import Interacting
from efpep.simulate.problems import read_problem
from efpep.studies.experiments.axis_figure import save_axis

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.studies.experiments.experiment import Cell, Experiment
    from efpep.studies.experiments.measure import Metric
    from efpep.studies.experiments.study import Curves

_LABELS = {"bits": "bits sent by a client", "iteration": "iteration", "samples": "samples"}
_NUMBERS = ("iteration", "bits", "server_bits", "samples", "metric", "least", "most", "mean", "deviation")


def save_curves(found: Experiment, path: Path | str, shown: Curves) -> list[Path]:
    """Draw the chosen candidates' curves, with the range over the seeds as a band; return the written files.

    Metrics are drawn as medians on a logarithmic scale, quantities on a linear one as means; the CSV has both.

    Raises:
        InputError: the path cannot be written.
    """
    if shown.x == "axis":
        return save_axis(found, path, shown)
    quantities = found.study.shown(shown)
    columns: dict[str, list[object]] = {name: [] for name in ("problem", "method", "quantity", *_NUMBERS)}
    places = [(entry, quantity) for entry in found.study.problems for quantity in quantities]
    with style(shown.size, dark=shown.dark):
        figure, panels = new_figure(shown.size, ratio=0.62 if len(places) == 1 else 1.0, panels=len(places))
        for axes, (entry, quantity) in zip(panels, places, strict=True):
            for place, cell in enumerate(cell for cell in found.cells if cell.problem is entry):
                curve = _curve(cell, quantity)
                if curve is None:
                    continue
                x = curve[{"iterations": "iteration"}.get(shown.x, shown.x)]
                look: dict[str, Any] = {"color": colour(place), "linestyle": dash(place)}
                band = curve["least"], curve["most"]
                middle = curve["mean" if quantity.linear else "metric"]
                if not quantity.linear:
                    middle, band = _positive(middle), (_positive(band[0]), _positive(band[1]))
                axes.plot(x, middle, label=cell.method.label, **look)
                axes.fill_between(x, *band, color=colour(place), alpha=0.2, linewidth=0)
                for name, column in curve.items():
                    columns[name] += [int(v) if name == "iteration" else float(v) for v in column]
                columns["problem"] += [entry.label] * len(x)
                columns["method"] += [cell.method.label] * len(x)
                columns["quantity"] += [quantity.what] * len(x)
            axes.set_yscale("linear" if quantity.linear else "log")
            axes.set_title(entry.label)
            axes.set_xlabel(_LABELS[{"iterations": "iteration"}.get(shown.x, shown.x)])
            if quantity.level is not None:
                axes.axhline(quantity.level, color=grey(0.6), linewidth=0.6)
            if entry is found.study.problems[0] or len(quantities) > 1:
                axes.set_ylabel(quantity.label)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Data has no positive values")
            add_legend(figure, panels)
            return save(figure, path, columns)


def _curve(cell: Cell, quantity: Metric) -> dict[str, NDArray[np.float64]] | None:
    """Return the runs that did not diverge at each recorded iteration: median, range, mean and standard deviation."""
    runs = [] if cell.best is None else [run for run in cell.best.runs if run is not None and not run.diverged]
    if not runs:
        return None
    values = np.array([run.measured(quantity) for run in runs])
    problem, iterations = read_problem(cell.problem.problem), runs[0].iterations.astype(np.float64)
    return {
        "iteration": iterations,
        "bits": np.median([run.bits for run in runs], axis=0),
        "server_bits": np.median([run.server_bits for run in runs], axis=0),
        "samples": iterations * (problem.interactions if isinstance(problem, Interacting) else np.nan),
        "metric": np.median(values, axis=0),
        "least": values.min(axis=0),
        "most": values.max(axis=0),
        "mean": values.mean(axis=0),
        "deviation": values.std(axis=0, ddof=1) if len(runs) > 1 else np.zeros(values.shape[1]),
    }


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values > 0, values, np.nan)
