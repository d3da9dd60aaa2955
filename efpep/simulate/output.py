"""The output of constrained subgradient methods: the average of the iterates that counted as feasible."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from efpep.simulate.run import NumericRun, iterate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from efpep.methods.base import Method


@dataclass(frozen=True)
class SwitchingRun:
    """What a run of a switching method returns.

    Attributes:
        iterates: ``x^0, ..., x^{T-1}``, the points at which the rule was applied, shape ``(T, d)``.
        feasible: for each of them whether its constraint value was at most the threshold (all, without a constraint).
    """

    iterates: NDArray[np.float64]
    feasible: NDArray[np.bool_]

    @property
    def output(self) -> NDArray[np.float64] | None:
        """The average of the feasible iterates, shape ``(d,)``; None where there is none."""
        return self.iterates[self.feasible].mean(axis=0) if self.feasible.any() else None


def switching_run(method: Method, run: NumericRun, x0: ArrayLike, iterations: int) -> SwitchingRun:
    """Run ``iterations`` steps of a method that applies the switching rule at most once a step.

    Args:
        method: such as ``SafeEF(step_size, threshold)``, with a numeric step size.
        run: a fresh run; its ``decisions`` are read.
        x0: the starting point, shape ``(d,)``.
        iterations: the number T of steps.

    Raises:
        InputError: the step size is still ``"optimal"``.
    """
    begin = len(run.decisions)
    states = iterate(method, run, x0, iterations)
    points = [state.x for state in islice(states, iterations)]
    for _ in states:
        pass
    decisions = run.decisions[begin:]
    feasible = np.array(decisions, dtype=bool) if decisions else np.ones(iterations, dtype=bool)
    return SwitchingRun(np.array(points), feasible)
