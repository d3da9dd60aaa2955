"""The sizes of a finite-horizon question's vectors and values, as powers of two: solvers work in such units."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.model.column import Unit
from efpep.questions.worst_case.trace import DIAMETER

if TYPE_CHECKING:
    from efpep.questions.worst_case.horizon import Horizon


@dataclass(frozen=True)
class HorizonUnits:
    """About how large things are.

    Attributes:
        columns: for each block of the question, the size of each of its columns.
        value: the size of function values.
        objective: the size of the objective.
    """

    columns: tuple[tuple[float, ...], ...]
    value: float
    objective: float


def units(question: Horizon) -> HorizonUnits:
    """Return the sizes that follow from the initial conditions and the functions' gradients."""
    asked = question.asked
    groups = question.trace.groups

    def gradient_at(distance: float) -> float:
        return max(group.functions.gradient_size(distance) for group in groups)

    distances: list[float] = []
    for name, bound in asked.initial.items():
        limit = float(bound)
        if name in {"distance", DIAMETER}:
            distances.append(math.sqrt(limit))
        elif name in {"gap", "gradient"}:
            distances.append(_distance(name, limit, gradient_at))
    point = _dyadic(max(distances, default=1.0))
    zeta = 0.0 if asked.setting.heterogeneity is None else float(asked.setting.heterogeneity)
    gradient = _dyadic(max(gradient_at(point), zeta))
    sizes: list[tuple[float, ...]] = []
    for block in question.blocks:
        found: list[float] = []
        for new in question.trace.blocks[block.index]:
            if new.like.nonzero:
                found.append(_dyadic(max(abs(float(a)) * found[j] for j, a in new.like.terms.items())))
            else:
                found.append(point if new.unit is not Unit.GRADIENT else gradient)
        sizes.append(tuple(found[j] for j in block.columns))
    names = {"distance": point * point, "gradient": gradient * gradient}
    objective = names.get(asked.metric, point * gradient) if isinstance(asked.metric, str) else point * gradient
    return HorizonUnits(tuple(sizes), point * gradient, objective)


def _distance(name: str, limit: float, slope: Callable[[float], float]) -> float:
    """Return the distance at which the gap (distance times gradient) or the squared gradient is about ``limit``."""
    distance = 1.0
    for _ in range(60):
        if name == "gap":
            distance = math.sqrt(distance * limit / slope(distance))
        else:
            reached = slope(distance)
            distance = distance * min(max(math.sqrt(limit) / reached, 0.5), 2.0) if reached != slope(2 * distance) else distance
    return distance


def _dyadic(size: float) -> float:
    return 2.0 ** round(math.log2(size)) if size > 0 else 1.0
