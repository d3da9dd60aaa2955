"""Landscapes: rates against step sizes, as CSV and as a figure."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.text import exact
from efpep.questions.base import Verdict
from efpep.report.answer import interval_object
from efpep.report.figure_style import colour, new_figure, style
from efpep.report.figure_style import save as save_figure
from efpep.report.legend import add_legend

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from efpep.questions.tune.landscape import Landscape
    from efpep.questions.tune.result import StepSize


def columns(landscape: Landscape) -> dict[str, list[str]]:
    """Return exact step sizes, ends rounded outward (empty where undecided), and verdicts."""
    ends = [interval_object(rate.lower, rate.upper) for rate in landscape.rates]
    return {
        "step_size": [exact(rate.method.step_size) for rate in landscape.rates],
        "lower": [end["lower"] or "" for end in ends],
        "upper": [end["upper"] or "" for end in ends],
        "verdict": [rate.verdict.name.lower() for rate in landscape.rates],
    }


def write_csv(landscape: Landscape, path: str | Path) -> Path:
    """Write the columns to a CSV file, and return its path.

    Raises:
        InputError: the file cannot be written.
    """
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    found = columns(landscape)
    table.writerow(found)
    table.writerows(zip(*found.values(), strict=True))
    try:
        Path(path).write_text(text.getvalue(), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(
            f"the table cannot be written to {str(path)!r} ({getattr(error, 'strerror', None) or error}); give a path that can "
            "be written.",
            argument="path",
        ) from error
    return Path(path)


def plot(landscape: Landscape, size: str = "neurips", *, dark: bool = False, tuned: StepSize | None = None) -> Figure:
    """Return the figure; see :meth:`efpep.questions.tune.landscape.Landscape.plot`."""
    with style(size, dark=dark):
        figure, (axes, *_) = new_figure(size)
        proved = [rate for rate in landscape.rates if rate.verdict is Verdict.PROVED]
        refuted = [rate for rate in landscape.rates if rate.verdict is Verdict.REFUTED]
        axes.plot([float(r.method.step_size) for r in proved], [float(r.upper or 1) for r in proved], label="upper end")
        below = [rate for rate in proved if rate.lower is not None]
        axes.plot(
            [float(r.method.step_size) for r in below],
            [float(r.lower or 0) for r in below],
            linestyle="none",
            marker=".",
            label="lower end",
        )
        if refuted:
            places = [float(r.method.step_size) for r in refuted]
            axes.plot(places, [1.0] * len(places), linestyle="none", marker="x", color=colour(6), label="no contraction")
        limit = landscape.limit
        if limit.stable is not None and limit.unstable is not None:
            axes.axvspan(float(limit.stable), float(limit.unstable), color=colour(1), label="stability limit")
        if landscape.literature is not None:
            axes.axvline(float(landscape.literature.value), color=colour(2), linestyle=":", label="literature's step size")
        if tuned is not None and tuned.certificate is not None:
            last = axes.get_xlim()[1] if tuned.upper is None else float(tuned.upper)
            axes.axvspan(
                float(tuned.lower), last, color=colour(3), alpha=0.5, linewidth=0, label="best step size, proved bracket"
            )
        axes.set_xlabel("step size")
        axes.set_ylabel("rate")
        add_legend(figure, [axes])
    return figure


def save(
    landscape: Landscape, path: str | Path, size: str = "neurips", *, dark: bool = False, tuned: StepSize | None = None
) -> list[Path]:
    """Write the figure with the numbers as CSV beside it, and return the paths."""
    with style(size, dark=dark):
        return save_figure(plot(landscape, size, dark=dark, tuned=tuned), path, columns(landscape))
