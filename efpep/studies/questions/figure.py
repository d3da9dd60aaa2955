"""The figure of a study of questions: the proved upper ends of their number against a quantity, one line a series."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.studies.engine.figure_keys import FigureKeys, FigureLook, changed
from efpep.studies.engine.grid import GridStudy, Text
from efpep.studies.engine.load import listed, validated

if TYPE_CHECKING:
    from efpep.studies.questions.table import QuestionTable

_NAMES = {"step_size": "step size", "agents": "agents", "rho": r"$\rho$", "kappa": r"$\kappa$", "delta": r"$\delta$"}
_GIVEN = ("x", "log", "size", "ratio", "dark", "kind")


class CurvesTable(FigureLook):
    """What the figure shows.

    Attributes:
        kind: curves.
        x: the horizontal axis, a quantity of the grid or a key of the question.
        log: the axes with logarithmic scale.
        ratio: height by width.
    """

    kind: Literal["curves"] = "curves"
    x: Text
    log: Annotated[list[Literal["x", "y"]], BeforeValidator(listed)] = Field(default=[])
    ratio: float = Field(default=0.62, gt=0, strict=False)


class QuestionStudy(GridStudy):
    """A study file of questions.

    Attributes:
        figure: what ``efpep figure`` draws; None for nothing.
    """

    figure: CurvesTable | None = None


def declared(path: str | Path, study: GridStudy, keys: FigureKeys) -> CurvesTable:
    """Return what the figure shows that a study file declares, with other ``keys`` instead of its own.

    Raises:
        InputError: it declares none, or keys do not fit.
    """
    own: CurvesTable | None = getattr(study, "figure", None)
    merged = changed({} if own is None else own.model_dump(exclude_unset=True), keys)
    for name in merged:
        if name not in _GIVEN:
            raise InputError(f"{name} is for figures of rates, and this study asks something else; leave it out.", argument=name)
    if "x" not in merged:
        raise InputError(
            f'{path} declares no figure; add a table [figure] with an x, such as x = "agents", or answer it with '
            "'efpep run' or 'efpep table'.",
            argument="path",
        )
    return validated(path, merged, CurvesTable, {})


def save_curves(table: QuestionTable, shown_as: CurvesTable, output: str | Path) -> tuple[list[Path], int]:
    """Draw the upper ends, with the proved intervals as bands; return the files, and how many points are left out.

    Raises:
        InputError: the rows do not have the x, or the path cannot be written.
    """
    from efpep.report.figure_style import colour, dash, new_figure, save, style
    from efpep.report.legend import add_legend

    cells, value = table.cells, table.rows[0].task.form.VALUE
    lower, upper, x = "lower", "upper", shown_as.x
    if not all(x in row and upper in row for row in cells):
        names = ", ".join(name for name in cells[0] if name not in {lower, upper})
        raise InputError(f"x is {shown(x)}, which the rows of this study do not have; choose one of {names}.", argument="x")
    series = _varying(cells, {lower, upper, x, "verdict"})
    lines: dict[str, list[tuple[float, float, float]]] = {}
    left_out = 0
    for row in cells:
        point = _number(row[x]), _number(row[lower]), _number(row[upper])
        left_out += math.isnan(point[0]) or math.isnan(point[2])
        label = ", ".join(str(row[name]) if name == "method" else f"{name} = {row[name]}" for name in series)
        lines.setdefault(label, []).append(point)
    with style(shown_as.size, dark=shown_as.dark):
        figure, (axes,) = new_figure(shown_as.size, ratio=shown_as.ratio)
        for place, (label, points) in enumerate(lines.items()):
            places, low, high = zip(*sorted(points), strict=True)
            look: dict[str, Any] = {"color": colour(place), "linestyle": dash(place)}
            axes.plot(places, high, marker="o", markersize=2.5, label=label, **look)
            axes.fill_between(places, low, high, color=colour(place), alpha=0.2, linewidth=0)
        axes.set_xscale("log" if "x" in shown_as.log else "linear")
        if "x" not in shown_as.log:
            axes.locator_params(axis="x", nbins=4)
        axes.set_yscale("log" if "y" in shown_as.log else "linear")
        axes.set_xlabel(_NAMES.get(x, x.replace("_", " ")))
        axes.set_ylabel(value)
        if len(lines) > 1:
            add_legend(figure, [axes])
        columns = {name: [row[name] for row in cells] for name in dict.fromkeys(["method", *series, x, lower, upper])}
        return save(figure, output, columns), left_out


def _varying(cells: list[dict[str, object]], without: set[str]) -> list[str]:
    """Return what tells lines apart: the method where there are several, and what varies for one of them."""
    methods = {str(row["method"]) for row in cells}

    def varies(name: str) -> bool:
        return any(len({str(row.get(name)) for row in cells if str(row["method"]) == method}) > 1 for method in methods)

    several = ["method"] if len(methods) > 1 else []
    return several + [name for name in cells[0] if name not in without | {"method"} and varies(name)]


def _number(text: object) -> float:
    """Return a cell as a number, which it is not where nothing is proved."""
    numerator, _, denominator = str(text or "nan").partition("/")
    return float(numerator) / float(denominator or 1)
