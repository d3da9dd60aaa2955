"""The laws by name, and how their parameters are read from study files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, cast

from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.model.field import rational, shown, whole
from efpep.questions.improvement.question import Improvement, Measure
from efpep.studies.laws.comparisons import CgdLaw, EarlierLaw, LinearLaw
from efpep.studies.laws.econtrol import EControlLaw
from efpep.studies.laws.law import Law
from efpep.studies.laws.lyapunov import CubicLaw, LyapunovLaw
from efpep.studies.laws.step_size import StepSizeLaw

LAWS: dict[str, type[Law]] = {
    law.key: law for law in (StepSizeLaw, LyapunovLaw, CubicLaw, EControlLaw, LinearLaw, EarlierLaw, CgdLaw)
}
"""The laws by the name that study files use."""

_BOTH = ("ef", "ef21")


def build_law(described: object) -> Law:
    """Return the law that a study file describes: its name, or a table with ``name`` and parameters.

    Raises:
        InputError: the law or a parameter is unknown, or a parameter is impossible.
    """
    table = dict(cast("Mapping[str, object]", described)) if isinstance(described, Mapping) else {"name": described}
    name = table.pop("name", None)
    if not isinstance(name, str) or name not in LAWS:
        raise InputError(f"{shown(name)} is not a law; choose one of {', '.join(LAWS)}.")
    law = LAWS[name]
    known = [field.name for field in fields(law)]
    if "improvement" in known:
        known.append("measure")
    for key in table:
        if key not in known:
            raise InputError(
                f"the law {name} has no parameter {shown(key)}; "
                + (f"its parameters are {', '.join(known)}." if known else "it has none.")
            )
    values: dict[str, Any] = {key: _READERS[key](value) for key, value in table.items() if key in _READERS}
    if "improvement" in table or "measure" in table:
        values["improvement"] = Improvement(
            rational(table.get("improvement", "1/100"), "improvement"), _measure(table.get("measure", Measure.EITHER.value))
        )
    return law(**values)


def _measure(value: object) -> Measure:
    try:
        return Measure(value)
    except ValueError as error:
        names = ", ".join(measure.value for measure in Measure)
        raise InputError(f"{shown(value)} is not a measure of improvements; choose one of {names}.") from error


def _method(value: object) -> str:
    if value not in _BOTH:
        raise InputError(f"{shown(value)} is not a method that the law is about; choose one of {', '.join(_BOTH)}.")
    METHODS.find(str(value))
    return str(value)


def _steps(value: object) -> int:
    count = whole(value, "steps")
    if count < 0:
        raise InputError(f"steps is {count}, a number of step sizes; give 0 for none, or more.")
    return count


def _numbers(value: object) -> tuple[object, ...]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return tuple(rational(item, "a factor or a weight") for item in items)


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"a parameter is {shown(value)}, which is neither true nor false; give one of these.")
    return value


_READERS: dict[str, Callable[[object], object]] = {
    "method": _method,
    "steps": _steps,
    "factors": _numbers,
    "weights": _numbers,
    "search": _truth,
    "theorems": _truth,
}
