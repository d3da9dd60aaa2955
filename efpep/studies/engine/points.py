"""The questions of a study: every combination of its grid, once."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from efpep.compressors import COMPRESSORS
from efpep.errors import InputError
from efpep.methods import METHODS, Method
from efpep.methods.base import OPTIMAL
from efpep.model.field import rounded
from efpep.model.text import exact
from efpep.questions.kinds import VERBS
from efpep.setting import Setting
from efpep.studies.engine.grid import TUNED, GridStudy
from efpep.studies.engine.load import check_points
from efpep.studies.engine.setting import build_setting

_AXES = ("agents", "kappa", "mu", "L", "delta", "step_size", "step_size_factor")


@dataclass(frozen=True, slots=True)
class Point:
    """One question of a study.

    Attributes:
        method: the method; its step size is a number or ``"optimal"``.
        setting: the setting.
        step_size_factor: the step size as a multiple of the optimal one, or None where a number was given.
        impossible: why it cannot be asked, where no optimal step size is known, which the method then keeps by name.
        tuned: whether the step size is the best one that is found, which the method leaves open.
    """

    method: Method
    setting: Setting
    step_size_factor: Fraction | None
    impossible: str = ""
    tuned: bool = False


def points(study: GridStudy) -> list[Point]:
    """Return the questions: methods one after the other, each over the grid in the order agents, kappa, L, delta, step size.

    Questions that occur twice are asked once; so a method that does not compress is not asked again for every ``delta``.

    Raises:
        InputError: keys of the grid exclude each other, constants are missing or impossible, or optimal step sizes are asked
            and none is known.
    """
    grid = study.grid
    if grid.kappa is not None and grid.mu is not None:
        raise InputError("grid.kappa and grid.mu are both given, and kappa is L/mu; give one of them.")
    if grid.step_size is not None and grid.step_size_factor is not None:
        raise InputError("grid.step_size and grid.step_size_factor are both given; give one of them.")
    axes = [values for name in _AXES if (values := getattr(grid, name)) is not None]
    check_points(len(study.methods) * math.prod(len(values) for values in axes))
    found: dict[tuple[str, str, str], Point] = {}
    for description in study.methods:
        for values in _combinations(study):
            point = _point(study, description, values)
            step = TUNED if point.tuned else str(point.step_size_factor) if point.impossible else ""
            found.setdefault((str(point.method.describe()), str(point.setting.describe()), step), point)
    _check_tuned(study, tuned=any(point.tuned for point in found.values()))
    first = next(iter(found.values()))
    if all(point.impossible for point in found.values()):
        raise InputError(first.impossible)
    return list(found.values())


def _check_tuned(study: GridStudy, *, tuned: bool) -> None:
    """Refuse tuned step sizes where the question is about the best one, and a time for tuning where none is tuned.

    Raises:
        InputError: one of them is given.
    """
    if tuned and "seconds" in VERBS[study.question][0].form().readers():
        raise InputError(
            f"step_size is 'tuned', and question = {study.question!r} asks for the best step size itself; leave step_size out.",
            argument="step_size",
        )
    if not tuned and study.seconds is not None and "seconds" not in study.given:
        raise InputError(
            "seconds is given, the time for tuning a step size, and none is tuned; give step_size = 'tuned', or leave it out.",
            argument="seconds",
        )


def _combinations(study: GridStudy) -> Iterator[dict[str, Any]]:
    axes = {name: values for name in _AXES if (values := getattr(study.grid, name)) is not None}
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _point(study: GridStudy, description: dict[str, Any], values: dict[str, Any]) -> Point:
    try:
        method, tuned = _with_step(description, values)
        constants = {**_constants(values), "functions": study.functions_of(type(method)), "compressor": study.compressor}
        constants["mean"] = study.mean
        groups = [group.model_dump(exclude_none=True) for group in study.groups]
        setting = build_setting(type(method), constants, values.get("agents"), groups, "grid.")
        if study.server_compressor is not None:
            setting = replace(setting, server_compressor=COMPRESSORS.build(study.server_compressor))
        optimal = method.step_size == OPTIMAL and not tuned and study.form(type(method)).RESOLVED
        factor: Fraction | None = values.get("step_size_factor", Fraction(1) if optimal else None)
        impossible = ""
        if factor is not None:
            try:
                best = method.literature.optimal_step_size(method, setting).value
            except InputError as error:
                impossible, best = str(error), Fraction(0)
            if factor != 1 and not impossible:
                method = METHODS.build({**description, "step_size": rounded(best * factor, 17)})
    except InputError as error:
        raise InputError(f"{_place(description, values)}: {error}") from error
    return Point(method, setting, factor, impossible and f"{_place(description, values)}: {impossible}", tuned)


def _place(description: dict[str, Any], values: dict[str, Any]) -> str:
    place = ", ".join(f"{name} = {exact(v) if isinstance(v, Fraction) else v}" for name, v in values.items())
    return f"{description['class']} at {place or 'no values'}"


def _constants(values: dict[str, Any]) -> dict[str, Any]:
    constants = {name: values.get(name) for name in ("mu", "L", "delta")}
    kappa, smoothness = values.get("kappa"), values.get("L")
    if kappa is None:
        return constants
    if kappa < 1:
        raise InputError(f"kappa is {kappa}, but it is L/mu with mu <= L; give kappa >= 1.")
    if smoothness is None:
        raise InputError("L is missing, and kappa is L/mu; give grid.L, such as 1.")
    return {**constants, "mu": smoothness / kappa}


def _with_step(description: dict[str, Any], values: dict[str, Any]) -> tuple[Method, bool]:
    """Return the method, and whether its step size is tuned, which is open then."""
    if "step_size" in description and ("step_size" in values or "step_size_factor" in values):
        raise InputError("the method and the grid both give a step size; give it in one place.")
    step = {"step_size": values["step_size"]} if "step_size" in values else {}
    table = {**description, **step}
    tuned = table.get("step_size") == TUNED
    return METHODS.build({**table, "step_size": OPTIMAL} if tuned else table), tuned
