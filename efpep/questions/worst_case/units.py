"""The sizes of a finite-horizon question's vectors and values, as powers of two: solvers work in such units."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.units import Measures, Units, column_sizes
from efpep.model.column import Unit
from efpep.questions.worst_case.conditions import DECREASE, terms
from efpep.questions.worst_case.metric import APART
from efpep.questions.worst_case.trace import DIAMETER

if TYPE_CHECKING:
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities


def horizon_measures(question: WorstCaseInequalities) -> Measures:
    """Return the sizes that follow from the initial conditions and the functions' gradients."""
    asked = question.asked
    point = _point(question)
    given = (asked.setting.heterogeneity, asked.setting.dissimilarity)
    zeta = max((float(bound) for bound in given if bound is not None), default=0.0)
    gradient = _dyadic(max(_gradient_at(question, point), zeta))
    sizes = {Unit.POINT: Fraction(point), Unit.GRADIENT: Fraction(gradient)}
    columns = tuple(column_sizes(block, sizes) for block in question.trace.blocks)
    names = {"distance": point * point, APART: point * point, "gradient": gradient * gradient}
    objective = Fraction(names.get(asked.metric, point * gradient) if isinstance(asked.metric, str) else point * gradient)
    special = {question.unity: Fraction(1)}
    if asked.at == "best":
        special |= dict.fromkeys(list(question.objective.values)[:1], objective)
    return Measures((Units(columns, (), Fraction(point * gradient), special),), (), objective)


def natural_gradient(question: WorstCaseInequalities) -> Fraction:
    """Return the size of gradients that follows from the initial conditions, whatever is known of those at x*."""
    return Fraction(_dyadic(_gradient_at(question, _point(question))))


def _gradient_at(question: WorstCaseInequalities, distance: float) -> float:
    return max(group.functions.gradient_size(distance) for group in question.trace.groups)


def _point(question: WorstCaseInequalities) -> float:
    """Return the distance from x* that the initial conditions allow."""
    distances: list[float] = []
    bounds = [
        (name, float(bound / coefficient))
        for condition, bound in question.asked.initial.items()
        for name, coefficient in terms(condition).items()
    ]
    for name, limit in bounds:
        if name in {"distance", DIAMETER, APART}:
            distances.append(math.sqrt(limit))
        elif name in {"gap", "gradient", DECREASE}:
            distances.append(_distance(name, limit, lambda distance: _gradient_at(question, distance)))
    return _dyadic(min(distances, default=1.0))


def _distance(name: str, limit: float, slope: Callable[[float], float]) -> float:
    """Return the distance at which the gap (distance times gradient) or the squared gradient is about ``limit``."""
    distance = 1.0
    for _ in range(60):
        if name != "gradient":
            distance = math.sqrt(distance * limit / slope(distance))
        else:
            reached = slope(distance)
            distance = distance * min(max(math.sqrt(limit) / reached, 0.5), 2.0) if reached != slope(2 * distance) else distance
    return distance


def _dyadic(size: float) -> float:
    return 2.0 ** round(math.log2(size)) if size > 0 else 1.0
