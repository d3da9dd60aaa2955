"""The search for the slowest quadratic: global optimisation in floating point, over curvatures and angles.

The spectral radius of a matrix that is affine in each theta is subharmonic in it, so it is largest on the circle
``|theta|^2 = 1 - delta``: a theta is an angle. All members of a population are stepped at once, as arrays.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from efpep.model.field import RATIONALS
from efpep.model.gaussian import Gaussian, turn
from efpep.questions.common.roots import root_below
from efpep.questions.quadratic.question import QuadraticInstance, QuadraticQuestion, loop, squared_losses

_GRID = 10**9
_CLOSE = 1e-4
"""An angle that is so close to a multiple of pi is tried there as well."""
_TRIALS = (1e-13, 1e-12, 1e-11, 1e-10, 1e-8, 1e-6, 1e-4)
"""By how much a radius is at last below what floating point says, relatively."""


class PlaneSearch:
    """Finds points: each group's curvature, then for each step and each compressor an angle."""

    def __init__(self, question: QuadraticQuestion) -> None:
        """Take the question.

        Raises:
            InputError: the quadratics of a function class are not known.
        """
        self.question = question
        self.curvatures = question.curvatures()
        self.losses = squared_losses(question.setting)
        self._method = question.method.over(float)  # overflows are named by who asks

    def radii(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the spectral radius of the steps at each column of ``points``."""
        angles = points[len(self.curvatures) :].reshape(self.question.period, len(self.losses), -1)
        sizes = np.sqrt(np.array([float(loss) for loss in self.losses]))
        thetas = sizes[:, None] * np.exp(1j * angles)
        curvatures = [h.astype(complex) for h in points[: len(self.curvatures)]]
        together = loop(self._method, self.question.setting, curvatures, [list(step) for step in thetas], float)
        matrices = np.array(together, dtype=complex).transpose(2, 0, 1)
        return np.max(np.abs(np.linalg.eigvals(matrices)), axis=1)

    def slowest(self, seed: int) -> NDArray[np.float64]:
        """Return the point with the largest radius that is found."""
        from scipy import optimize

        search: Any = optimize
        ranges = [(float(low), float(high)) for low, high in self.curvatures]
        ranges += [(-math.pi, math.pi) for _ in range(self.question.period * len(self.losses))]

        def shrinking(points: NDArray[np.float64]) -> Any:
            return -self.radii(points.reshape(len(ranges), -1))

        options: dict[str, Any] = {"tol": 1e-12, "maxiter": 300, "popsize": 12, "vectorized": True, "updating": "deferred"}
        return search.differential_evolution(shrinking, ranges, seed=seed, **options).x

    def instances(self, point: Sequence[float] | NDArray[np.float64]) -> list[QuadraticInstance]:
        """Return exact instances at a point, the slowest first, with the radii that floating point says.

        They are the point's own, and the one whose almost real angles are real, which is preferred where it is as slow.
        """
        count = len(self.curvatures)
        pairs = zip(point[:count], self.curvatures, strict=True)
        curvatures = tuple(_inside(float(h), low, high) for h, (low, high) in pairs)
        found: list[QuadraticInstance] = []
        for close in (0.0, _CLOSE):
            steps = np.array(point[count:]).reshape(self.question.period, -1)
            losses = tuple(
                tuple(_theta(loss, float(a), close) for loss, a in zip(self.losses, step, strict=True)) for step in steps
            )
            complex_losses = [[complex(theta) for theta in step] for step in losses]
            together = loop(self._method, self.question.setting, [float(h) for h in curvatures], complex_losses, float)
            radius = float(np.max(np.abs(np.linalg.eigvals(np.array(together, dtype=complex)))))
            found.append(QuadraticInstance(curvatures, losses, Fraction(radius)))
        own, straight = found
        return [straight, own] if float(straight.radius) >= float(own.radius) * (1 - 1e-11) else [own, straight]


def lowered(instance: QuadraticInstance) -> list[QuadraticInstance]:
    """Return the instance with smaller and smaller radii of few digits."""
    scale = 10**15
    radii = [Fraction(math.floor(float(instance.radius) * (1 - loss) * scale), scale) for loss in _TRIALS]
    return [QuadraticInstance(instance.curvatures, instance.losses, radius) for radius in radii]


def _inside(value: float, low: Fraction, high: Fraction) -> Fraction:
    """Round to a grid, and to an end that is close."""
    for end in (low, high):
        if abs(value - float(end)) <= 1e-7 * float(high - low):
            return Fraction(end)
    return RATIONALS(min(max(Fraction(round(value * _GRID), _GRID), low), high))


def _theta(loss: Fraction, angle: float, close: float) -> Gaussian:
    """Return a theta with this angle, and with at most the square of its absolute value that is allowed."""
    size = root_below(loss, 2)
    turned = math.remainder(angle, math.pi)
    sign = 1 if math.cos(angle) * math.cos(turned) > 0 else -1
    half = Fraction(0) if abs(turned) <= close else Fraction(round(math.tan(turned / 2) * _GRID), _GRID)
    return sign * size * turn(half)
