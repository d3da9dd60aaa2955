"""What experiments measure of a run, and when a run has reached an accuracy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.studies.engine.task import Outcome

_BITS = 8
"""Bits of a byte."""
_LATE = 10
"""What part of the records is late."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A number that a run makes small.

    Attributes:
        columns: the recorded columns it is made of.
        what: what it is, for readers.
        label: the same in the notation of figures.
        combine: makes it of the columns.
        linear: whether it is drawn on a linear scale, because it has no sign.
        level: a number that it is compared with in figures, or None.
    """

    columns: tuple[str, ...]
    what: str
    label: str
    combine: Callable[..., Any] = np.asarray
    linear: bool = False
    level: float | None = None


METRICS: Mapping[str, Metric] = {
    "gap": Metric(("gap",), "f(x) - f*", r"$f(x) - f^\star$"),
    "distance": Metric(("distance",), "||x - x*||^2", r"$\|x - x^\star\|^2$"),
    "gradient": Metric(("gradient",), "||grad f(x)||^2", r"$\|\nabla f(x)\|^2$"),
    "value": Metric(("value",), "f(x)", r"$f(x)$"),
    "constrained-gap": Metric(("gap", "constraint"), "max{f(x) - f*, g(x)}", r"$\max\{f(x) - f^\star, g(x)\}$", np.maximum),
}
"""The metrics by name. ``constrained-gap`` is positive wherever x is not optimal: a feasible x has a gap, others g(x) > 0."""

QUANTITIES: Mapping[str, Metric] = {
    **METRICS,
    "return": Metric(("value",), "-f(x)", r"$-f(x)$", np.negative, linear=True),
    "constraint": Metric(("constraint",), "g(x)", r"$g(x)$", linear=True, level=0),
}
"""What figures show: the metrics, and numbers that are no metrics, because a run is not to make them small."""


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """What a run did, in one metric.

    Attributes:
        iterations: the recorded iterations, shape ``(m,)``.
        values: the metric there; infinite where it is no number.
        bits: what a client had sent by then on average, in bits.
        server_bits: what the server had broadcast.
        columns: what the metric is made of.
        step_size: the step size.
        diverged: whether the run ended early because it went far away, or what it reached is no number.
    """

    iterations: NDArray[np.int64]
    values: NDArray[np.float64]
    bits: NDArray[np.float64]
    server_bits: NDArray[np.float64]
    columns: Mapping[str, NDArray[np.float64]]
    step_size: float
    diverged: bool

    @classmethod
    def of(cls, outcome: Outcome, metric: Metric) -> MeasuredRun:
        """Return a stored run in a metric."""
        value: Any = outcome.value
        columns = {name: np.array([math.inf if v is None else v for v in column]) for name, column in value["columns"].items()}
        values = np.asarray(metric.combine(*(columns[name] for name in metric.columns)), dtype=np.float64)
        diverged = value["diverged"] is not None or not math.isfinite(values[-1])
        sent, broadcast = _BITS * columns["bytes_client"], _BITS * columns["bytes_server"]
        return cls(
            np.array(value["iteration"], dtype=np.int64), values, sent, broadcast, columns, float(value["step_size"]), diverged
        )

    @property
    def final(self) -> float:
        """The metric at the end; infinite for a run that diverged."""
        return math.inf if self.diverged else float(self.values[-1])

    @property
    def best(self) -> float:
        """The least recorded metric; infinite for a run that diverged."""
        return math.inf if self.diverged else float(self.values.min())

    def measured(self, quantity: Metric) -> NDArray[np.float64]:
        """Return a quantity at the recorded iterations, shape ``(m,)``."""
        return np.asarray(quantity.combine(*(self.columns[name] for name in quantity.columns)), dtype=np.float64)

    def late(self, quantity: Metric) -> float:
        """Return the mean of a quantity over the last tenth of the records."""
        values = self.measured(quantity)
        return float(values[-max(1, len(values) // _LATE) :].mean())

    def reached(self, accuracy: float) -> tuple[float, float]:
        """Return the iterations and the bits of a client until the metric was first recorded at ``accuracy`` of its start.

        Both are infinite where it never was, or where the run diverged.
        """
        inside = np.flatnonzero(self.values <= accuracy * self.values[0])
        if self.diverged or not len(inside):
            return math.inf, math.inf
        return float(self.iterations[inside[0]]), float(self.bits[inside[0]])


@dataclass(frozen=True, slots=True)
class Summary:
    """Medians over the seeds; infinite where more than half of the runs diverged or did not reach the accuracy.

    Attributes:
        final: the metric at the end.
        best: the least recorded metric.
        iterations: iterations to the accuracy.
        bits: bits of a client to the accuracy.
    """

    final: float
    best: float
    iterations: float
    bits: float

    @classmethod
    def of(cls, runs: Sequence[MeasuredRun | None], accuracy: float) -> Summary:
        """Return the medians of runs; None is a run that failed, and counts like one that diverged."""
        reached = [(math.inf, math.inf) if run is None else run.reached(accuracy) for run in runs]
        return cls(
            _median([math.inf if run is None else run.final for run in runs]),
            _median([math.inf if run is None else run.best for run in runs]),
            _median([iterations for iterations, _ in reached]),
            _median([bits for _, bits in reached]),
        )


def _median(numbers: list[float]) -> float:
    """Return the median; for an even count the greater of the two in the middle, if one of them is infinite."""
    return float(median(numbers)) if numbers else math.inf
