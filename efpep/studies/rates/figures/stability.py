"""Maps of parameter space: where a method converges, where it cycles, and what is open; step size by contraction parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.questions.base import Verdict
from efpep.questions.stability import WORDS, Classification, classify
from efpep.report.figure_style import PALETTE, new_figure
from efpep.studies.rates.figures.quantities import axis, lines, text
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table, TableRow

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKS = {
    Verdict.PROVED: ("converges (proved)", PALETTE[2], "s"),
    Verdict.REFUTED: ("cycles (proved)", PALETTE[1], "X"),
    Verdict.UNDECIDED: ("open", "0.6", "."),
}


def stability(table: Table, spec: Spec) -> Drawing:
    """Draw one panel a method; ``x`` is the step size or the step size by the optimal one, upwards is the contraction parameter.

    A point converges where a Lyapunov function contracts, proved; it cycles where an exact periodic trajectory of at most three
    steps proves that the method does not converge; all other points are open.
    """
    usual = "step_size_factor" if table.rows[0].step_size_factor is not None else "step_size"
    x = axis(spec.x, usual)
    if x.coordinate != "step":
        raise InputError(
            f"figure.x is {spec.x!r}, and a map of stability is over step sizes; take step_size or step_size_factor."
        )
    found = lines(table, x, spec.series)
    names = list(dict.fromkeys(line.rows[0].method for line in found))
    figure, panels = new_figure(spec.size, spec.ratio, len(names))
    points = [(line.name, place, row, classify(row.rate)) for line in found for place, row in zip(line.x, line.rows, strict=True)]
    for name, axes in zip(names, panels, strict=True):
        _panel(axes, [(float(place), row, answer) for _, place, row, answer in points if row.method == name])
        axes.set_title(name)
        axes.set_xlabel(x.label)
        if "x" in spec.log:
            axes.set_xscale("log")
        if "y" in spec.log:
            axes.set_yscale("log")
    panels[0].set_ylabel(r"contraction parameter $\delta$")
    for label, color, marker in _LOOKS.values():
        panels[-1].plot([], [], color=color, linestyle="", marker=marker, label=label)
    panels[-1].legend(loc="center left", bbox_to_anchor=(1.02, 0.5))
    columns: dict[str, list[object]] = {
        "method": [row.method for _, _, row, _ in points],
        spec.x or usual: [text(place) for _, place, _, _ in points],
        "delta": [text(row.delta) for _, _, row, _ in points],
        "stability": [WORDS[answer.verdict] for *_, answer in points],
        "upper": [text(row.upper) for _, _, row, _ in points],
        "period": ["" if answer.certificate is None else answer.certificate.question.period for *_, answer in points],
    }
    return Drawing(figure, columns, sum(answer.verdict is Verdict.UNDECIDED for *_, answer in points))


def _panel(axes: Axes, points: list[tuple[float, TableRow, Classification]]) -> None:
    for kind, (_, color, marker) in _LOOKS.items():
        here = [(place, row.delta) for place, row, answer in points if answer.verdict is kind]
        known = [(place, float(delta)) for place, delta in here if delta is not None]
        axes.plot([place for place, _ in known], [delta for _, delta in known], color=color, linestyle="", marker=marker)
