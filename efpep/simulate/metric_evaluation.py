"""Metrics of numeric runs: the same formulas that a Trace records, on arrays.

:class:`NumericMetric` offers what a metric asks of a Trace (:class:`~efpep.model.metric.MetricAlgebra`, and ``inner``,
``gradient``, ``values``, ``average`` for those of users), with numbers instead of forms. Points are relative to ``x* = 0``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.model.metric import METRICS

if TYPE_CHECKING:
    from efpep.functions.interpolating_function import Floats
    from efpep.simulate.adversary import Adversary


@dataclass(frozen=True, eq=False)
class NumericCourse:
    """What a user's metric sees of a numeric run: its trace and its states."""

    trace: NumericMetric
    states: Sequence[Any]


class NumericMetric:
    """The numbers of one problem instance."""

    def __init__(self, problem: Adversary) -> None:
        """NumericMetric on ``problem``."""
        self._problem = problem
        self._rest = problem.gradients(np.zeros(problem.dimension))
        self._floor = problem.values(np.zeros(problem.dimension))

    def square(self, u: Floats) -> float:
        """Return ``||u||^2``, or its average over the agents."""
        return float(np.sum(u * u, axis=-1).mean())

    def inner(self, u: Floats, v: Floats) -> float:
        """Return ``<u, v>``, or its average over the agents."""
        return float(np.sum(u * v, axis=-1).mean())

    def mean(self, v: Floats) -> Floats:
        """Average a client vector."""
        return v.mean(axis=0)

    def gradient(self, x: Floats) -> Floats:
        """Evaluate every agent's gradient."""
        return self._problem.gradients(x)

    def exact_gradient(self, x: Floats) -> Floats:
        """Evaluate every agent's gradient, which has no noise in the runs that are measured here."""
        return self._problem.gradients(x)

    def values(self, x: Floats) -> Floats:
        """Return every agent's ``f_i(x) - f_i(x*) - <grad f_i(x*), x - x*>``."""
        return self._problem.values(x) - self._floor - self._rest @ x

    def gap(self, x: Floats) -> float:
        """Return ``f(x) - f(x*)`` of the average f."""
        return self.average(self._problem.values(x) - self._floor)

    def average(self, values: Floats) -> float:
        """Average over the agents."""
        return float(np.mean(values))


def measured(metric: str | Callable[[Any], Any], at: str, problem: Adversary, states: Sequence[Any]) -> float:
    """Return what a run attains: a metric (a name, or a function of a :class:`NumericCourse`) at the place ``at``.

    ``at`` is ``"last"``, ``"best"``, ``"average"`` (the metric at the average of all iterates) or ``"mean"`` (its mean).
    """
    trace = NumericMetric(problem)
    if not isinstance(metric, str):
        return float(metric(NumericCourse(trace, states)))
    formula: Callable[[NumericMetric, Floats], float] = METRICS[metric]
    points = [state.x for state in states]
    if at == "last":
        return formula(trace, points[-1])
    if at == "average":
        return formula(trace, np.mean(points, axis=0))
    found = [formula(trace, x) for x in points]
    return min(found) if at == "best" else float(np.mean(found))
