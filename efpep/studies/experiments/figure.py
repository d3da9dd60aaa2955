"""The figure of an experiment: the metric against what was sent or the iterations, a panel a problem."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.report.figure_style import colour, dash, new_figure, save, style
from efpep.report.legend import add_legend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.studies.experiments.experiment import Cell, Experiment
    from efpep.studies.experiments.study import Curves

_LABELS = {"bits": "bits sent by a client", "iterations": "iteration"}


def save_curves(found: Experiment, path: Path | str, shown: Curves) -> list[Path]:
    """Draw the chosen candidates' curves, medians over the seeds with the range as a band; return the written files.

    Raises:
        InputError: the path cannot be written.
    """
    study = found.study
    columns: dict[str, list[object]] = {
        name: [] for name in ("problem", "method", "iteration", "bits", "server_bits", "metric", "least", "most")
    }
    with style(shown.size, dark=shown.dark):
        figure, panels = new_figure(shown.size, ratio=0.62 if len(study.problems) == 1 else 1.0, panels=len(study.problems))
        for axes, entry in zip(panels, study.problems, strict=True):
            for place, cell in enumerate(cell for cell in found.cells if cell.problem is entry):
                curve = _curve(cell)
                if curve is None:
                    continue
                x = curve["bits" if shown.x == "bits" else "iteration"]
                look: dict[str, Any] = {"color": colour(place), "linestyle": dash(place)}
                axes.plot(x, _positive(curve["metric"]), label=cell.method.label, **look)
                band = _positive(curve["least"]), _positive(curve["most"])
                axes.fill_between(x, *band, color=colour(place), alpha=0.2, linewidth=0)
                for name, column in curve.items():
                    columns[name] += [int(v) if name == "iteration" else float(v) for v in column]
                columns["problem"] += [entry.label] * len(x)
                columns["method"] += [cell.method.label] * len(x)
            axes.set_yscale("log")
            axes.set_title(entry.label)
            axes.set_xlabel(_LABELS[shown.x])
        panels[0].set_ylabel(found.metric.label)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Data has no positive values")
            add_legend(figure, panels)
            return save(figure, path, columns)


def _curve(cell: Cell) -> dict[str, NDArray[np.float64]] | None:
    """Return the medians and the range of the runs that did not diverge, at each recorded iteration."""
    runs = [] if cell.best is None else [run for run in cell.best.runs if run is not None and not run.diverged]
    if not runs:
        return None
    values = np.array([run.values for run in runs])
    return {
        "iteration": runs[0].iterations.astype(np.float64),
        "bits": np.median([run.bits for run in runs], axis=0),
        "server_bits": np.median([run.server_bits for run in runs], axis=0),
        "metric": np.median(values, axis=0),
        "least": values.min(axis=0),
        "most": values.max(axis=0),
    }


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(values > 0, values, np.nan)
