"""Where a rate is least over one or several parameters, numerically: a proposal that proofs start from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

Objective = Callable[[tuple[float, ...]], float]
T = TypeVar("T")
_ACROSS = 40
_GRID = 7
_WIDE, _EVALUATIONS = 0.05, 30
"""The size of a simplex that begins on a grid, and how many values a parameter one may look at that begins near its end."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter of a search.

    Attributes:
        lower: the least value.
        upper: the largest value that makes sense to try.
        logarithmic: whether values are compared by their ratio; then ``lower`` is only approached.
        ends: the ends of the range that belong to it, which are tried too.
    """

    lower: float
    upper: float
    logarithmic: bool
    ends: tuple[float, ...] = ()

    def value(self, u: float) -> float:
        """Return the value at the coordinate u in [0, 1]."""
        u = min(max(u, 0.0), 1.0)
        if not self.logarithmic:
            return self.lower + u * (self.upper - self.lower)
        start = max(self.lower, self.upper * 1e-7)
        return start * (self.upper / start) ** u

    def coordinate(self, value: float) -> float:
        """Return the coordinate of a value."""
        if not self.logarithmic:
            return (value - self.lower) / (self.upper - self.lower)
        start = max(self.lower, self.upper * 1e-7)
        return math.log(max(value, start) / start) / math.log(self.upper / start)


def minimum(
    objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]], kept: Sequence[Sequence[float]] | None = None
) -> tuple[float, ...]:
    """Return parameters at which the objective (1 where there is no contraction) is least, as far as was found.

    What is simple comes first, so that it is known where a search is ended early: the starts, then single values with the other
    parameters tuned.

    Args:
        objective: the rate, or something that grows with it.
        axes: the parameters.
        starts: parameters that are tried besides the search's own.
        kept: for each parameter the values at which the others are tuned, besides its ends.
    """
    free = [k for k, axis in enumerate(axes) if axis.upper > axis.lower]
    if not free:
        return tuple(axis.lower for axis in axes)
    found = sorted(starts, key=objective)
    if len(axes) == 1:
        return min([_line(objective, axes, starts), *found], key=objective)
    fixed: Sequence[Sequence[float]] = [()] * len(axes) if kept is None else kept
    for k in free if len(free) > 1 else ():
        for value in dict.fromkeys((*fixed[k], *axes[k].ends)):
            face = _Face(objective, k, value)
            inner = [tuple(_others(start, k)) for start in starts]
            found.append(face.whole(minimum(face, _others(axes, k), inner, _others(fixed, k))))
    return min([_simplex(objective, axes, sorted(found, key=objective)[:1]), *found], key=objective)


def screened(
    objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]], kept: Sequence[Sequence[float]]
) -> list[tuple[float, ...]]:
    """Return where an objective that costs little is least: with each parameter at values that are kept or ends, and anywhere.

    Args:
        objective: as for :func:`minimum`, of which it may be a lower bound.
        axes: the parameters.
        starts: parameters to begin with.
        kept: as for :func:`minimum`.
    """
    found: list[tuple[float, ...]] = []
    for k, axis in enumerate(axes):
        for value in dict.fromkeys((*kept[k], *axis.ends)):
            face = _Face(objective, k, value)
            inner = [tuple(_others(start, k)) for start in starts]
            found.append(face.whole(minimum(face, _others(axes, k), inner, _others(kept, k))))
    grid = itertools.product(*([axis.value((k + 0.5) / _GRID) for k in range(_GRID)] for axis in axes))
    return [*found, *(descend(objective, axes, [start], _WIDE) for start in sorted([*found, *grid], key=objective)[:2])]


def descend(
    objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]], size: float = 0.01
) -> tuple[float, ...]:
    """Return the best parameters that a simplex of some size finds from the best of some starts, which ends early."""
    from scipy import optimize

    best = min(starts, key=objective)
    start = [axis.coordinate(value) for axis, value in zip(axes, best, strict=True)]
    corners = [
        start,
        *([u + (size if u + size <= 1 else -size) * (k == j) for k, u in enumerate(start)] for j in range(len(axes))),
    ]
    backend: Any = optimize

    def at(u: Sequence[float]) -> float:
        return objective(tuple(axis.value(float(c)) for axis, c in zip(axes, u, strict=True)))

    options = {"initial_simplex": corners, "xatol": 1e-6, "fatol": 1e-9, "maxfev": _EVALUATIONS * len(axes)}
    answer = backend.minimize(at, start, method="Nelder-Mead", options=options)
    return tuple(axis.value(float(c)) for axis, c in zip(axes, answer.x, strict=True))


@dataclass(frozen=True, slots=True)
class _Face:
    """The objective where one parameter is fixed."""

    objective: Objective
    fixed: int
    value: float

    def whole(self, values: tuple[float, ...]) -> tuple[float, ...]:
        """Return all parameters from the others."""
        return (*values[: self.fixed], self.value, *values[self.fixed :])

    def __call__(self, values: tuple[float, ...]) -> float:
        """Return the objective at the others."""
        return self.objective(self.whole(values))


def _others(parts: Sequence[T], fixed: int) -> list[T]:
    return [part for k, part in enumerate(parts) if k != fixed]


def _line(objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Search one parameter: a grid, then golden sections and parabolas around its best point."""
    from scipy import optimize

    axis = axes[0]
    grid = sorted({*(k / _ACROSS for k in range(_ACROSS + 1)), *(axis.coordinate(start[0]) for start in starts)})
    values = {k: objective((axis.value(grid[k]),)) for k in _coarse_first(len(grid))}
    best = min(values, key=values.__getitem__)
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    backend: Any = optimize

    def at(u: float) -> float:
        return objective((axis.value(float(u)),))

    answer = backend.minimize_scalar(at, bounds=bounds, method="bounded", options={"xatol": 1e-8})
    return (axis.value(float(answer.x)),) if float(answer.fun) < values[best] else (axis.value(grid[best]),)


def _coarse_first(count: int) -> list[int]:
    """Return the places of a grid, coarse ones first and from the largest down, so that a search that is ended early is good."""
    return list(dict.fromkeys(k for stride in (8, 4, 2, 1) for k in range(count - 1, -1, -stride)))


def _simplex(objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Search several parameters: a grid, then Nelder and Mead's simplex from the starts and from its two best points."""
    from scipy import optimize

    points = list(itertools.product(*([(k + 0.5) / _GRID for k in reversed(range(_GRID))] for _ in axes)))

    def at(u: Sequence[float]) -> float:
        return objective(tuple(axis.value(float(c)) for axis, c in zip(axes, u, strict=True)))

    points.sort(key=at)
    given = [tuple(axis.coordinate(value) for axis, value in zip(axes, start, strict=True)) for start in starts]
    backend: Any = optimize
    answers = [
        backend.minimize(at, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12, "maxfev": 120 * len(axes)})
        for start in (*given, *points[:2])
    ]
    best = min(answers, key=lambda answer: float(answer.fun))
    return tuple(axis.value(float(c)) for axis, c in zip(axes, best.x, strict=True))
