"""The figure of a study along an axis: what the runs show late, against the axis's values."""

from __future__ import annotations

from pathlib import Path
from statistics import mean, median, stdev
from typing import TYPE_CHECKING

from efpep.report.figure_style import colour, dash, grey, new_figure, save, style
from efpep.report.legend import add_legend
from efpep.studies.experiments.axis import points

if TYPE_CHECKING:
    from efpep.studies.experiments.experiment import Experiment
    from efpep.studies.experiments.measure import Metric
    from efpep.studies.experiments.study import Curves

_NUMBERS = ("value", "seeds", "bits", "mean", "deviation", "least", "most")
_WIDE = 10
"""Positive values whose ends have at least this ratio are drawn on a logarithmic scale."""


def save_axis(found: Experiment, path: Path | str, shown: Curves) -> list[Path]:
    """Draw the mean over the last tenth of the records against the axis, with the range over the seeds; return the files.

    Raises:
        InputError: the path cannot be written.
    """
    quantities, lines, axis = found.study.shown(shown), points(found.study), found.study.axis
    columns: dict[str, list[object]] = {name: [] for name in ("problem", "method", "quantity", *_NUMBERS)}
    problems = list(dict.fromkeys(problem for problem, _, _ in lines))
    places = [(problem, quantity) for problem in problems for quantity in quantities]
    with style(shown.size, dark=shown.dark):
        figure, panels = new_figure(shown.size, ratio=0.62 if len(places) == 1 else 1.0, panels=len(places))
        for axes, (problem, quantity) in zip(panels, places, strict=True):
            for place, (_, method, cells) in enumerate(line for line in lines if line[0] == problem):
                late = ((value, _late(found, own, other, quantity)) for value, own, other in cells)
                rows = [(value, *row) for value, row in late if row is not None]
                if not rows:
                    continue
                value, _, _, middle, _, least, most = zip(*rows, strict=True)
                axes.plot(value, middle, label=method, color=colour(place), linestyle=dash(place), marker=".")
                axes.fill_between(value, least, most, color=colour(place), alpha=0.2, linewidth=0)
                for row in rows:
                    texts = (problem, method, quantity.what)
                    for name, number in zip(columns, (*texts, *row), strict=True):
                        columns[name].append(number)
            values = [value for _, _, cells in lines for value, _, _ in cells]
            if min(values) > 0 and max(values) >= _WIDE * min(values):
                axes.set_xscale("log")
            axes.set_yscale("linear" if quantity.linear else "log")
            axes.set_title(problem)
            axes.set_xlabel("" if axis is None else axis.label)
            axes.set_ylabel(quantity.label)
            if quantity.level is not None:
                axes.axhline(quantity.level, color=grey(0.6), linewidth=0.6)
        add_legend(figure, panels)
        return save(figure, path, columns)


def _late(found: Experiment, problem: str, method: str, quantity: Metric) -> tuple[int, float, float, float, float, float] | None:
    """Return the runs that did not diverge: how many, a client's bits, and mean, deviation, least and most of the quantity."""
    best = found.cell(problem, method).best
    runs = [] if best is None else [run for run in best.runs if run is not None and not run.diverged]
    if not runs:
        return None
    values = [run.late(quantity) for run in runs]
    spread = stdev(values) if len(values) > 1 else 0.0
    return len(runs), float(median(run.bits[-1] for run in runs)), mean(values), spread, min(values), max(values)
