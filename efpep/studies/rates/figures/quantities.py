"""The quantities that axes can show, and the lines into which a table falls."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.model.text import exact
from efpep.studies.rates.figures.spec import Spec
from efpep.studies.rates.table import Table, TableRow

Number = Fraction | int


@dataclass(frozen=True, slots=True)
class HorizontalAxis:
    """A quantity on an axis: its label, its value for a row, and which coordinate of the grid it shows."""

    label: str
    value: Callable[[TableRow], Number | None]
    coordinate: str


def _spread(row: TableRow) -> Fraction | None:
    """Return the largest smoothness constant of the agents by the smallest."""
    constants = [group.functions.smoothness for group in row.setting.populations()]
    known = [constant for constant in constants if constant]
    return max(known) / min(known) if known and len(known) == len(constants) else None


def _step(row: TableRow) -> Fraction | None:
    if row.tuned:
        return None
    return row.step_size if row.step_size_factor is None else row.step_size_factor


X: dict[str, HorizontalAxis] = {
    "delta": HorizontalAxis(r"contraction parameter $\delta$", lambda row: row.delta, "delta"),
    "epsilon": HorizontalAxis(r"$\epsilon = 1 - \delta$", lambda row: None if row.delta is None else 1 - row.delta, "delta"),
    "kappa": HorizontalAxis(r"condition number $\kappa$", lambda row: row.kappa, "kappa"),
    "agents": HorizontalAxis("agents", lambda row: row.agents, "agents"),
    "spread": HorizontalAxis(r"heterogeneity $\max_i L_i / \min_i L_i$", _spread, "L"),
    "step_size": HorizontalAxis(r"step size $\eta$", lambda row: row.step_size, "step"),
    "step_size_factor": HorizontalAxis(r"step size / optimal step size", lambda row: row.step_size_factor, "step"),
}
"""What the horizontal axis can show, besides the parameters of the methods by their names."""


@dataclass(frozen=True, slots=True)
class VerticalAxis:
    """A quantity made of a rate: its label, and its value for a rate in (0, 1]."""

    label: str
    value: Callable[[float], float]
    falls: bool = False


def _complexity(rate: float) -> float:
    if rate <= 0:
        return 0.0
    return math.inf if rate >= 1 else -1 / math.log(rate)


Y: dict[str, VerticalAxis] = {
    "rate": VerticalAxis(r"contraction factor $\rho$", lambda rate: rate),
    "gap": VerticalAxis(r"$1 - \rho$", lambda rate: 1 - rate, falls=True),
    "complexity": VerticalAxis(r"iterations for a factor $e$", _complexity),
}
"""What the vertical axis can show."""

COORDINATES: dict[str, Callable[[TableRow], object]] = {
    "method": lambda row: row.method,
    "kappa": lambda row: row.kappa,
    "L": lambda row: row.L,
    "delta": lambda row: row.delta,
    "agents": lambda row: row.agents,
    "step": _step,
}
"""What tells the rows of a table apart."""

_SYMBOLS = {"kappa": r"$\kappa$", "L": "$L$", "delta": r"$\delta$", "agents": "$n$", "step": r"$\eta$"}


@dataclass(frozen=True, slots=True)
class Series:
    """The rows of one line, in the order of x, with its label in the legend and its name in files."""

    label: str
    name: str
    x: list[Number]
    rows: list[TableRow]


def parameter(row: TableRow, name: str) -> Number | None:
    """Return a parameter of the row's method besides the step size; None where it has none of the name that is a number."""
    value = row.parameters.get(name)
    return value if isinstance(value, Fraction | int) and not isinstance(value, bool) else None


def coordinates(table: Table) -> dict[str, Callable[[TableRow], object]]:
    """Return what tells the rows apart: :data:`COORDINATES`, and the parameters of the methods."""
    names = dict.fromkeys(name for row in table.rows for name in row.parameters)
    return {**COORDINATES, **{name: partial(parameter, name=name) for name in names if name not in COORDINATES}}


def varying(table: Table, *shown: str) -> list[str]:
    """Return the coordinates with several values; of parameters, with several values of one method."""
    known = coordinates(table)
    found: list[str] = []
    for name, value in known.items():
        seen = {(row.method if name not in COORDINATES else "", value(row)) for row in table.rows}
        owners = {owner for owner, _ in seen}
        if len(seen) > len(owners) and name not in shown:
            found.append(name)
    return found


def axis(name: str | None, usual: str, table: Table | None = None) -> HorizontalAxis:
    """Return the quantity of the horizontal axis called ``name``; with a table, it may be a parameter of its methods.

    Raises:
        InputError: there is none.
    """
    name = name or usual
    if name in X:
        return X[name]
    if table is not None and name in coordinates(table) and name not in COORDINATES:
        return HorizontalAxis(name, partial(parameter, name=name), name)
    raise InputError(f"figure.x is {name!r}, which is no quantity of an axis; choose one of {', '.join(X)}.")


def measure(name: str | None, usual: str) -> VerticalAxis:
    """Return the quantity of the vertical axis called ``name``.

    Raises:
        InputError: there is none.
    """
    name = name or usual
    if name not in Y:
        raise InputError(f"figure.y is {name!r}, which is no quantity made of a rate; choose one of {', '.join(Y)}.")
    return Y[name]


def check_names(spec: Spec, parameters: Collection[str]) -> Spec:
    """Return what a figure shows; what it names is known, or a parameter of the study's methods.

    Raises:
        InputError: a quantity or coordinate is neither.
    """
    maps = spec.kind in {"map", "contours", "stability"}
    for key, name, known in (
        ("x", spec.x, X),
        ("y", spec.y, X if maps else Y),
        ("color", spec.color, Y),
    ):
        where = {*known, *(parameters if known is X else ())}
        if name is not None and name not in where:
            what = "quantity of an axis" if known is X else "quantity made of a rate"
            raise InputError(
                f"figure.{key} is {shown(name)}, which is no {what}; choose one of {', '.join(known)}.", argument=key
            )
    for key, names in (("series", spec.series), ("panels", spec.panels)):
        check_coordinates(names or (), dict.fromkeys([*COORDINATES, *sorted(parameters)]), key)
    return spec


def lines(table: Table, x: HorizontalAxis, series: Sequence[str] | None) -> list[Series]:
    """Return the rows by line.

    Args:
        table: the rows.
        x: what the horizontal axis shows.
        series: the coordinates that tell lines apart; None for all that vary besides x.

    Raises:
        InputError: a coordinate is unknown, or another one varies along a line, or a row has no x.
    """
    known = coordinates(table)
    moving = varying(table, x.coordinate)
    chosen = moving if series is None else list(series)
    check_coordinates(chosen, known, "series")
    for name in moving:
        if name not in chosen:
            raise InputError(f"{name} varies in the study, and the figure shows it on no axis; name it in figure.series.")
    found: dict[tuple[object, ...], list[tuple[Number, TableRow]]] = {}
    for row in table.rows:
        place = x.value(row)
        if place is None:
            raise InputError(f"{row.method} has no value for the x axis ({x.label}); leave it out of the figure's study.")
        found.setdefault(tuple(known[name](row) for name in chosen), []).append((place, row))
    made: list[Series] = []
    for key, points in found.items():
        points.sort(key=lambda point: point[0])
        label, name = label_of(chosen, key, symbols=True), label_of(chosen, key)
        made.append(Series(label, name, [place for place, _ in points], [row for _, row in points]))
    return made


def ends(row: TableRow, y: VerticalAxis) -> tuple[float, float]:
    """Return the proved ends of a quantity; a lower end that is not proved is the upper one, NaN where nothing is."""
    if row.upper is None:
        return math.nan, math.nan
    high = float(row.upper)
    low = high if row.lower is None else float(row.lower)
    first, second = y.value(low), y.value(high)
    return (second, first) if y.falls else (first, second)


def text(value: object) -> str:
    """Return an exact number as text for a CSV file."""
    return exact(value) if isinstance(value, Fraction) else "" if value is None else str(value)


def check_coordinates(names: Sequence[str], known: Mapping[str, object], key: str) -> None:
    """Refuse names that are no coordinates.

    Raises:
        InputError: one is not.
    """
    for name in names:
        if name not in known:
            raise InputError(f"figure.{key} names {name!r}, which is no coordinate; choose from {', '.join(known)}.")


_OPEN = {"agents": "any", "step": "tuned"}
"""What coordinates without a number are."""


def label_of(names: Sequence[str], key: Sequence[object], *, symbols: bool = False) -> str:
    """Return the values of coordinates as a label, in the symbols of papers or in plain text.

    One that a method does not have is left out, such as the contraction parameter of gradient descent.
    """
    known = _SYMBOLS if symbols else {}
    values = [(name, _OPEN.get(name) if v is None else v) for name, v in zip(names, key, strict=True)]
    values = [(name, v) for name, v in values if v is not None]
    return ", ".join(str(v) if name == "method" else f"{known.get(name, name)} = {_short(v)}" for name, v in values)


def _short(value: object) -> str:
    return f"{float(value):.6g}" if isinstance(value, Fraction | int) else str(value)
