"""Maps of parameter space: where a method converges, where it cycles, and what is open; step size by contraction parameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.optional import optional
from efpep.questions.base import Verdict
from efpep.questions.stability import WORDS, Classification, classify
from efpep.report.figure_style import colour, grey, mixed
from efpep.studies.rates.figures.cells import cells_of, check_map, draw_key, draw_known
from efpep.studies.rates.figures.known import on_axis, stability_limit
from efpep.studies.rates.figures.panels import sheet
from efpep.studies.rates.figures.quantities import axis, text, varying
from efpep.studies.rates.figures.spec import Drawing, Spec
from efpep.studies.rates.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS = {
    Verdict.PROVED: ("converges (proved)", 2, 0.45),
    Verdict.REFUTED: ("cycles (proved)", 1, 0.85),
    Verdict.UNDECIDED: ("open", None, 0.15),
}
"""For each verdict the label, the place of its colour in the style's cycle (None for grey), and how strong the colour is."""


def stability(table: Table, spec: Spec) -> Drawing:
    """Draw a panel for each method, and for all else that varies: each point of the grid is a cell in the verdict's colour.

    Across is the step size, or its multiple of the optimal one; upwards is ``y`` (usual: delta). A point converges where a
    Lyapunov function contracts, proved; it cycles where an exact periodic trajectory of at most three steps proves that the
    method does not converge; all other points are open. Where the literature knows the stability limit, it is a line on top.
    """
    usual = "step_size_factor" if table.rows[0].step_size_factor is not None else "step_size"
    x, y = axis(spec.x, usual, table), axis(spec.y, "delta", table)
    if x.coordinate != "step":
        raise InputError(
            f"figure.x is {spec.x!r}, and a map of stability is over step sizes; take step_size or step_size_factor."
        )
    check_map(spec, x, y)
    factors = (spec.x or usual) == "step_size_factor"
    others = varying(table, x.coordinate, y.coordinate)
    names = list(dict.fromkeys(["method", *others])) if spec.panels is None else spec.panels
    page = sheet(table, spec, names, x.label, y.label)
    answers: dict[int, Classification] = {}
    for panel in page.panels:
        cells = cells_of(panel.table, x, y)
        answers |= {id(row): classify(row.rate) for line in cells.rows for row in line if row is not None}
        order = list(LOOKS)
        values = [[math.nan if row is None else order.index(answers[id(row)].verdict) for row in line] for line in cells.rows]
        colours: Any = optional("matplotlib.colors", "figures").ListedColormap([_shade(verdict) for verdict in LOOKS])
        cells.draw(panel.axes, spec.log, values, cmap=colours, vmin=-0.5, vmax=len(order) - 0.5)
        draw_known(panel.axes, panel.table, x, y, factors=factors, best=False)
    _legend(page.panels[-1].axes, {answer.verdict for answer in answers.values()})
    rows = [(panel, row, answers[id(row)]) for panel in page.panels for row in panel.table.rows]
    limits = [on_axis(row, stability_limit, factors=factors) for _, row, _ in rows]
    columns: dict[str, list[object]] = {
        **({"panel": [panel.name for panel, *_ in rows]} if list(names) != ["method"] else {}),
        "method": [row.method for _, row, _ in rows],
        spec.x or usual: [text(x.value(row)) for _, row, _ in rows],
        spec.y or "delta": [text(y.value(row)) for _, row, _ in rows],
        "stability": [WORDS[answer.verdict] for *_, answer in rows],
        "upper": [text(row.upper) for _, row, _ in rows],
        "period": ["" if answer.certificate is None else answer.certificate.question.period for *_, answer in rows],
        "stability_limit": [text(limit) for limit in limits],
    }
    left_out = sum(answer.verdict is Verdict.UNDECIDED for *_, answer in rows)
    return page.drawing(columns, left_out, inside=False)


def _shade(verdict: Verdict) -> tuple[float, float, float]:
    _, place, strength = LOOKS[verdict]
    return grey(strength) if place is None else mixed(colour(place), strength)


def _legend(axes: Axes, verdicts: set[Verdict]) -> None:
    """Name the colours of the cells that there are."""
    for verdict, (label, *_) in LOOKS.items():
        if verdict in verdicts:
            draw_key(axes, _shade(verdict), label)
