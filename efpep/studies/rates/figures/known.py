"""What is known in closed form where a figure looks: step sizes up to which a method converges, and the best ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.functions import SmoothStronglyConvex
from efpep.studies.rates.figures.quantities import HorizontalAxis, X

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.studies.rates.table import TableRow
    from efpep.theory.closed_form import ClosedForm

_SAMPLES = 200
_DIGITS = 10**12

Known = Callable[["TableRow", "Setting"], "ClosedForm | None"]


def stability_limit(row: TableRow, setting: Setting) -> ClosedForm | None:
    """Return the step size up to which the method of a row converges linearly, or None."""
    return row.rate.method.literature.stability_limit(row.rate.method, setting)


def best_step_size(row: TableRow, setting: Setting) -> ClosedForm | None:
    """Return the optimal step size of the literature, or None."""
    return row.rate.method.literature.optimal_step_size(row.rate.method, setting)


def on_axis(row: TableRow, known: Known, *, factors: bool, setting: Setting | None = None) -> Fraction | None:
    """Return a known step size to 12 digits, or None.

    Args:
        row: the method, and the setting.
        known: what is asked.
        factors: whether it is given as a multiple of the optimal step size.
        setting: another setting than the row's.
    """
    where = row.rate.setting if setting is None else setting
    try:
        found = known(row, where)
        unit = best_step_size(row, where) if factors else None
    except InputError:
        return None
    if found is None or (factors and unit is None):
        return None
    return Fraction(round(found.value / (1 if unit is None else unit.value) * _DIGITS), _DIGITS)


@dataclass(frozen=True, slots=True)
class Boundary:
    """A curve of step sizes over another quantity."""

    steps: list[float]
    heights: list[float]


def boundary(
    rows: Sequence[TableRow], known: Known, y: HorizontalAxis, between: tuple[float, float], *, factors: bool
) -> Boundary | None:
    """Return a known step size as a curve over ``y``: everywhere over delta, epsilon and kappa, at the rows over anything else.

    Args:
        rows: rows that differ in the step size and in y only.
        known: what is asked.
        y: the quantity upwards.
        between: the ends of the vertical axis.
        factors: whether step sizes are multiples of the optimal one.
    """
    low, high = Fraction(between[0]), Fraction(between[1])
    found: dict[float, Fraction | None] = {}
    for k in range(_SAMPLES + 1):
        height = (low + (high - low) * k / _SAMPLES).limit_denominator(10**6)
        setting = _moved(rows[0].rate.setting, y, height)
        if setting is not None:
            found[float(height)] = on_axis(rows[0], known, factors=factors, setting=setting)
    if not found:
        found = {float(height): on_axis(row, known, factors=factors) for row in rows if (height := y.value(row)) is not None}
    curve = sorted((height, step) for height, step in found.items() if step is not None)
    return Boundary([float(step) for _, step in curve], [height for height, _ in curve]) if curve else None


def _moved(setting: Setting, y: HorizontalAxis, value: Fraction) -> Setting | None:
    """Return a setting of agents of one kind with another delta or kappa; None where there is none."""
    try:
        if y in {X["delta"], X["epsilon"]} and setting.compressor is not None and isinstance(setting.agents, int):
            delta = value if y == X["delta"] else 1 - value
            return replace(setting, compressor=replace(setting.compressor, delta=delta))  # pyright: ignore[reportCallIssue]
        if y == X["kappa"] and type(setting.functions) is SmoothStronglyConvex and isinstance(setting.agents, int):
            return replace(setting, functions=SmoothStronglyConvex(setting.functions.L / value, setting.functions.L))
    except (InputError, TypeError, ZeroDivisionError):
        return None
    return None
