"""The quantities that axes can show, and the lines into which a table falls."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.text import exact
from efpep.studies.rates.table import Table, TableRow

Number = Fraction | int


@dataclass(frozen=True, slots=True)
class HorizontalAxis:
    """A quantity on an axis: its label, its value for a row, and which coordinate of the grid it shows."""

    label: str
    value: Callable[[TableRow], Number | None]
    coordinate: str


def _step(row: TableRow) -> Fraction:
    return row.step_size if row.step_size_factor is None else row.step_size_factor


X: dict[str, HorizontalAxis] = {
    "delta": HorizontalAxis(r"contraction parameter $\delta$", lambda row: row.delta, "delta"),
    "epsilon": HorizontalAxis(r"$\epsilon = 1 - \delta$", lambda row: None if row.delta is None else 1 - row.delta, "delta"),
    "kappa": HorizontalAxis(r"condition number $\kappa$", lambda row: row.kappa, "kappa"),
    "agents": HorizontalAxis("agents", lambda row: row.agents, "agents"),
    "step_size": HorizontalAxis(r"step size $\eta$", lambda row: row.step_size, "step"),
    "step_size_factor": HorizontalAxis(r"step size / optimal step size", lambda row: row.step_size_factor, "step"),
}
"""What the horizontal axis can show."""


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


def axis(name: str | None, usual: str) -> HorizontalAxis:
    """Return the quantity of the horizontal axis called ``name``.

    Raises:
        InputError: there is none.
    """
    name = name or usual
    if name not in X:
        raise InputError(f"figure.x is {name!r}, which is no quantity of an axis; choose one of {', '.join(X)}.")
    return X[name]


def measure(name: str | None, usual: str) -> VerticalAxis:
    """Return the quantity of the vertical axis called ``name``.

    Raises:
        InputError: there is none.
    """
    name = name or usual
    if name not in Y:
        raise InputError(f"figure.y is {name!r}, which is no quantity made of a rate; choose one of {', '.join(Y)}.")
    return Y[name]


def lines(table: Table, x: HorizontalAxis, series: Sequence[str] | None) -> list[Series]:
    """Return the rows by line.

    Args:
        table: the rows.
        x: what the horizontal axis shows.
        series: the coordinates that tell lines apart; None for all that vary besides x.

    Raises:
        InputError: a coordinate is unknown, or another one varies along a line, or a row has no x.
    """
    for name in series or ():
        if name not in COORDINATES:
            raise InputError(f"figure.series names {name!r}, which is no coordinate; choose from {', '.join(COORDINATES)}.")
    values = {name: list(dict.fromkeys(get(row) for row in table.rows)) for name, get in COORDINATES.items()}
    varying = [name for name, seen in values.items() if len(seen) > 1 and name != x.coordinate]
    chosen = varying if series is None else list(series)
    for name in varying:
        if name not in chosen:
            raise InputError(f"{name} varies in the study, and the figure shows it on no axis; name it in figure.series.")
    found: dict[tuple[object, ...], list[tuple[Number, TableRow]]] = {}
    for row in table.rows:
        place = x.value(row)
        if place is None:
            raise InputError(f"{row.method} has no value for the x axis ({x.label}); leave it out of the figure's study.")
        found.setdefault(tuple(COORDINATES[name](row) for name in chosen), []).append((place, row))
    made: list[Series] = []
    for key, points in found.items():
        points.sort(key=lambda point: point[0])
        label, name = _label(chosen, key, _SYMBOLS), _label(chosen, key, {})
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


def _label(names: Sequence[str], key: Sequence[object], symbols: Mapping[str, str]) -> str:
    values = zip(names, key, strict=True)
    return ", ".join(str(v) if name == "method" else f"{symbols.get(name, name)} = {_short(v)}" for name, v in values)


def _short(value: object) -> str:
    return f"{float(value):.6g}" if isinstance(value, Fraction | int) else "any" if value is None else str(value)


def columns(
    rows: Sequence[tuple[str, Number, TableRow]], name: str, more: Mapping[str, Sequence[object]]
) -> dict[str, list[object]]:
    """Return the columns of a CSV file: the line, x, the exact ends of the rate, the verdict, and ``more``."""
    return {
        "series": [label for label, _, _ in rows],
        name: [text(place) for _, place, _ in rows],
        "lower": [text(row.lower) for _, _, row in rows],
        "upper": [text(row.upper) for _, _, row in rows],
        "verdict": [row.verdict.name.lower() for _, _, row in rows],
        **{key: list(values) for key, values in more.items()},
    }
