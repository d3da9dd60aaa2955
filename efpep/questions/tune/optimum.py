"""Where a rate is least over one or several parameters, numerically: a proposal that proofs start from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Objective = Callable[[tuple[float, ...]], float]
_ACROSS = 40
_GRID = 7


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


def minimum(objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Return parameters at which the objective (1 where there is no contraction) is least, as far as was found.

    Args:
        objective: the rate, or something that grows with it.
        axes: the parameters.
        starts: parameters that are tried besides the search's own.
    """
    free = [k for k, axis in enumerate(axes) if axis.upper > axis.lower]
    if not free:
        return tuple(axis.lower for axis in axes)
    found = _line(objective, axes, starts) if len(axes) == 1 else _simplex(objective, axes, starts)
    candidates = [found, *starts]
    for k, axis in enumerate(axes) if len(free) > 1 else ():
        for end in axis.ends if axis.upper > axis.lower else ():
            face = [Axis(end, end, logarithmic=False) if j == k else other for j, other in enumerate(axes)]
            candidates.append(_on_face(objective, face, k, starts))
    return min(candidates, key=objective)


def _on_face(objective: Objective, axes: Sequence[Axis], fixed: int, starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    end = axes[fixed].lower
    rest = [axis for k, axis in enumerate(axes) if k != fixed]

    def reduced(values: tuple[float, ...]) -> float:
        return objective((*values[:fixed], end, *values[fixed:]))

    values = minimum(reduced, rest, [(*start[:fixed], *start[fixed + 1 :]) for start in starts])
    return (*values[:fixed], end, *values[fixed:])


def _line(objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Search one parameter: a grid, then golden sections and parabolas around its best point."""
    from scipy import optimize

    axis = axes[0]
    grid = sorted({*(k / _ACROSS for k in range(_ACROSS + 1)), *(axis.coordinate(start[0]) for start in starts)})
    values = [objective((axis.value(u),)) for u in grid]
    best = min(range(len(grid)), key=values.__getitem__)
    bounds = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    backend: Any = optimize

    def at(u: float) -> float:
        return objective((axis.value(float(u)),))

    answer = backend.minimize_scalar(at, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return (axis.value(float(answer.x)),) if float(answer.fun) < values[best] else (axis.value(grid[best]),)


def _simplex(objective: Objective, axes: Sequence[Axis], starts: Sequence[tuple[float, ...]]) -> tuple[float, ...]:
    """Search several parameters: a grid, then Nelder and Mead's simplex from its two best points and from the starts."""
    from scipy import optimize

    points = list(itertools.product(*([(k + 0.5) / _GRID for k in range(_GRID)] for _ in axes)))

    def at(u: Sequence[float]) -> float:
        return objective(tuple(axis.value(float(c)) for axis, c in zip(axes, u, strict=True)))

    points.sort(key=at)
    given = [tuple(axis.coordinate(value) for axis, value in zip(axes, start, strict=True)) for start in starts]
    backend: Any = optimize
    answers = [
        backend.minimize(at, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12, "maxfev": 120 * len(axes)})
        for start in (*points[:2], *given)
    ]
    best = min(answers, key=lambda answer: float(answer.fun))
    return tuple(axis.value(float(c)) for axis, c in zip(axes, best.x, strict=True))
