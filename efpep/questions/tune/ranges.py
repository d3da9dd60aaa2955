"""Which parameters are tuned, which bracket is aimed at, and which ranges are searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Method
from efpep.model.box import Box, Side
from efpep.model.field import shown
from efpep.questions.common.required import require_method
from efpep.questions.tune.question import STEP
from efpep.questions.tune.search import Excluder

_EDGE = 64
"""How many times smaller or larger than the best value the searched range goes where it cannot go to its end."""


def template_of(method: Method | type[Method], parameters: Sequence[str] | None) -> tuple[Method, tuple[str, ...]]:
    """Return a method with a numeric step size, and the names of the parameters to tune."""
    if isinstance(method, type) and issubclass(method, Method):  # pyright: ignore[reportUnnecessaryIsInstance]
        made = method()
        names = made.tunable
    else:
        require_method(method, "one such as efpep.EF21")
        made, names = method, (STEP,)
    names = names if parameters is None else tuple(parameters)
    if not names or len(set(names)) != len(names):
        raise InputError(
            f"the parameters to tune are {', '.join(names) or 'none'}; name each once, such as step_size.", argument="parameters"
        )
    known = made.tunable
    for name in names:
        if name not in known:
            raise InputError(
                f"{shown(name)} is not a parameter of {made.title} with a known range, so it cannot be tuned; "
                f"choose among {', '.join(known)}, or declare its range in the class's ranges.",
                argument="parameters",
            )
    if made.step_size == OPTIMAL and STEP in names:
        made = replace(made, step_size=Fraction(1))
    return made, names


def around(method: Method, values: Mapping[str, Fraction], tolerance: Fraction) -> Box:
    """Return the box of parameters that are ``values`` to within the tolerance: half of it to either side.

    It is relative to the value, and to the range of parameters that have one.
    """
    sides: list[Side] = []
    for name, value in values.items():
        interval = method.ranges.get(name)
        if interval is None or interval.lower is None or interval.upper is None:
            sides.append(Side(value * (1 - tolerance / 2), value * (1 + tolerance / 2)))
            continue
        half = tolerance / 2 * (interval.upper - interval.lower)
        sides.append(Side(max(value - half, Fraction(interval.lower)), min(value + half, Fraction(interval.upper))))
    return Box(tuple(sides))


def searched_ranges(excluder: Excluder, method: Method, names: Sequence[str], core: Box, excluded: Fraction) -> Box:
    """Return the ranges that the claim is about: to their ends, or to a multiple of the value where those cannot be excluded."""
    whole: list[Side] = []
    for name, side in zip(names, core.sides, strict=True):
        interval = method.ranges.get(name)
        if interval is None or interval.lower is None or interval.upper is None:
            whole.append(Side(Fraction(0), None))
            continue
        edge = Fraction(interval.upper - interval.lower, _EDGE)
        low = Fraction(interval.lower) if interval.least is not None else min(interval.lower + edge, side.lower)
        high = Fraction(interval.upper) if interval.most is not None else interval.upper - edge
        whole.append(Side(low, high if side.upper is None else max(high, side.upper)))
    for axis, name in enumerate(names):
        if whole[axis].upper is not None:
            continue
        value: Fraction = getattr(method, name)
        finite = [
            Side(side.lower, 2 * getattr(method, n) if side.upper is None else side.upper)
            for n, side in zip(names, whole, strict=True)
        ]
        small, large = list(finite), list(finite)
        small[axis], large[axis] = Side(Fraction(0), value / 2**20), Side(value * 2**20, None)
        low, high = (
            excluder.still(excluder.question(box), box, excluded) is not None for box in (Box(tuple(small)), Box(tuple(large)))
        )
        whole[axis] = Side(Fraction(0) if low else value / _EDGE, None if high else value * _EDGE)
    return Box(tuple(whole))


def width(side: Side) -> Fraction:
    """Return the width of a range, 0 for a ray."""
    return Fraction(0) if side.upper is None else side.upper - side.lower
