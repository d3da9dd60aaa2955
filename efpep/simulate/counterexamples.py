"""Two small functions on which compressed gradients without error feedback fail, with their trajectories in closed form.

On ``f(x) = |x_1| + b |x_2|``, ``0 < b <= 1``, with Top-1 compression (delta = 1/2; ties, which occur at b = 1, go to the first
coordinate) and step size gamma:

- compressed gradient descent from ``(gamma/2, 1)`` visits ``((-1)^t gamma/2, 1)`` for ever;
- EF21 from there with the estimate ``(1, -b)`` visits ``((-1)^t gamma/2, 1 + t gamma b)``, diverging linearly;
- error feedback converges at the rate of its theorem.

Derived for efpep (docs/safe_ef.md), in the style of the counterexamples of 2505.06053.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.compressors.identity import Identity
from efpep.compressors.top_k import TopK
from efpep.methods.cgd import CGD
from efpep.methods.ef21 import EF21
from efpep.methods.ef21 import State as EF21State
from efpep.methods.safe_ef import SafeEF
from efpep.model.field import FLOATS
from efpep.simulate.output import switching_run
from efpep.simulate.run import NumericRun

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class TwoAbsoluteValues:
    """``f(x) = |x_1| + b |x_2|`` of one client.

    Attributes:
        b: the weight of the second coordinate, ``0 < b <= 1``.
    """

    b: float = 1.0

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f(x)``, shape ``(1,)``."""
        return np.array([abs(float(x[0])) + self.b * abs(float(x[1]))])

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a subgradient, shape ``(1, 2)``."""
        return np.array([[np.sign(x[0]), self.b * np.sign(x[1])]])


def start(gamma: float) -> NDArray[np.float64]:
    """Return the starting point ``(gamma/2, 1)``."""
    return np.array([gamma / 2, 1.0])


def misleading_estimate(b: float) -> NDArray[np.float64]:
    """Return EF21's first estimate ``(1, -b)``, shape ``(1, 2)``."""
    return np.array([[1.0, -b]])


def cgd_trajectory(gamma: float, iterations: int) -> NDArray[np.float64]:
    """Return the points of compressed gradient descent, shape ``(iterations + 1, 2)``."""
    points = np.ones((iterations + 1, 2))
    points[:, 0] = gamma / 2
    points[1::2, 0] = -gamma / 2
    return points


def ef21_trajectory(gamma: float, b: float, iterations: int) -> NDArray[np.float64]:
    """Return the points of EF21 with the estimate ``(1, -b)``, shape ``(iterations + 1, 2)``."""
    points = cgd_trajectory(gamma, iterations)
    points[:, 1] += gamma * b * np.arange(iterations + 1)
    return points


def counterexample_curves(gamma: float, b: float, iterations: int) -> dict[str, NDArray[np.float64]]:
    """Return ``f`` at the running average of the iterates of EF14, CGD and EF21, each of shape ``(iterations,)``.

    All start at ``(gamma/2, 1)`` with Top-1 compression; EF21 with the estimate ``(1, -b)``.
    """
    problem = TwoAbsoluteValues(b)
    curves: dict[str, NDArray[np.float64]] = {}
    for name, method in (("EF14", SafeEF(Fraction(gamma))), ("CGD", CGD(Fraction(gamma)))):
        run = NumericRun(problem, TopK(1), Identity())
        curves[name] = _at_averages(problem, switching_run(method, run, start(gamma), iterations).iterates)
    ef21 = EF21(Fraction(gamma)).over(FLOATS)
    run = NumericRun(problem, TopK(1))
    state = EF21State(start(gamma), misleading_estimate(b))
    points: list[NDArray[np.float64]] = []
    for _ in range(iterations):
        points.append(state.x)
        state = ef21.step(state, run)
    curves["EF21"] = _at_averages(problem, np.array(points))
    return curves


def _at_averages(problem: TwoAbsoluteValues, points: NDArray[np.float64]) -> NDArray[np.float64]:
    averages = np.cumsum(points, axis=0) / np.arange(1, len(points) + 1)[:, None]
    return np.array([problem.values(x)[0] for x in averages], dtype=np.float64)
