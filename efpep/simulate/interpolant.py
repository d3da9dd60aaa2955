"""Explicit functions through recorded points, gradients and values: members of a class, defined everywhere.

Smooth functions of curvature at least mu, with ``l = L - mu``, ``h_k = g_k - mu x_k``, ``z_k = x_k - h_k / l`` and
``phi_k = f_k - mu ||x_k||^2 / 2 - ||h_k||^2 / (2 l)``:

    f(x) = mu ||x||^2 / 2 + min over the simplex of  l/2 ||x - sum_k a_k z_k||^2 + sum_k a_k phi_k,
    grad f(x) = mu x + l (x - sum_k a*_k z_k),

which has curvature between mu and L everywhere and passes through the data wherever these satisfy the interpolation inequalities
(1502.05666, Theorem 4 and its proof). Convex functions with bounded subgradients: ``max_k f_k + <g_k, x - x_k>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TOLERANCE = 1e-13
_STEPS = 1000


class Interpolant(Protocol):
    """A function that can be evaluated anywhere."""

    def value(self, x: Floats) -> float:
        """Return the value at ``x``, shape ``(d,)``."""
        ...

    def gradient(self, x: Floats) -> Floats:
        """Return the gradient, or a subgradient, at ``x``: shape ``(d,)`` to ``(d,)``."""
        ...


@dataclass(frozen=True, eq=False)
class SmoothInterpolant:
    """A smooth function through data; see the module.

    Attributes:
        mu: the least curvature, of either sign.
        L: the largest curvature.
        points: the points, shape ``(N, d)``.
        gradients: the gradients there, shape ``(N, d)``.
        values: the values there, shape ``(N,)``.
    """

    mu: float
    L: float
    points: Floats
    gradients: Floats
    values: Floats

    @cached_property
    def _bent(self) -> tuple[Floats, Floats]:
        """The points ``z_k`` and numbers ``phi_k``."""
        gap = self.L - self.mu
        h = self.gradients - self.mu * self.points
        phi = self.values - self.mu * _squares(self.points) / 2 - _squares(h) / (2 * gap)
        return self.points - h / gap, phi

    def _weights(self, x: Floats) -> Floats:
        points, phi = self._bent
        return simplex_minimum(points, phi / (self.L - self.mu), x)

    def value(self, x: Floats) -> float:
        """Return ``f(x)``."""
        if self.mu == self.L:
            apart = x - self.points[0]
            return float(self.values[0] + self.gradients[0] @ apart + self.mu * (apart @ apart) / 2)
        points, phi = self._bent
        weights = self._weights(x)
        rest = x - weights @ points
        return float(self.mu * (x @ x) / 2 + (self.L - self.mu) * (rest @ rest) / 2 + weights @ phi)

    def gradient(self, x: Floats) -> Floats:
        """Return ``grad f(x)``."""
        if self.mu == self.L:
            return self.gradients[0] + self.mu * (x - self.points[0])
        return self.mu * x + (self.L - self.mu) * (x - self._weights(x) @ self._bent[0])


@dataclass(frozen=True, eq=False)
class MaximumOfCuts:
    """A convex function, ``max_k f_k + <g_k, x - x_k>``.

    Attributes:
        points: the points, shape ``(N, d)``.
        gradients: the subgradients there, shape ``(N, d)``.
        values: the values there, shape ``(N,)``.
    """

    points: Floats
    gradients: Floats
    values: Floats

    def _cuts(self, x: Floats) -> Floats:
        return self.values + np.sum(self.gradients * (x - self.points), axis=1)

    def value(self, x: Floats) -> float:
        """Return ``f(x)``."""
        return float(np.max(self._cuts(x)))

    def gradient(self, x: Floats) -> Floats:
        """Return the subgradient of the first cut that attains the maximum."""
        return self.gradients[int(np.argmax(self._cuts(x)))]


def simplex_minimum(points: Floats, costs: Floats, x: Floats) -> Floats:
    """Return the ``a`` on the simplex that minimises ``||x - sum_k a_k points_k||^2 / 2 + sum_k a_k costs_k``.

    An active-set method in the manner of Wolfe's for the nearest point of a polytope: a support grows by the vertex of the most
    negative reduced cost, and the minimum over its affine hull is approached until a weight vanishes.
    """
    count = len(points)
    apart = points - x
    start = int(np.argmin(_squares(apart) / 2 + costs))
    weights = np.zeros(count)
    weights[start] = 1.0
    support = [start]
    scale = 1.0 + float(np.max(_squares(apart))) + float(np.max(np.abs(costs)))
    for _ in range(_STEPS):
        reduced = apart @ (weights @ apart) + costs
        entering = int(np.argmin(reduced))
        if entering in support or reduced[entering] >= float(weights @ reduced) - _TOLERANCE * scale:
            return weights
        support.append(entering)
        while True:
            target = _affine_minimum(apart[support], costs[support])
            current = weights[support]
            if np.all(target >= 0):
                weights[support] = target
                break
            falling = target < 0
            steps = current[falling] / (current[falling] - target[falling])
            step = float(np.min(steps))
            moved = current + step * (target - current)
            leaving = np.flatnonzero(falling)[int(np.argmin(steps))]
            moved[leaving] = 0.0
            weights[support] = np.maximum(moved, 0.0)
            del support[int(leaving)]
    return weights


def _affine_minimum(apart: Floats, costs: Floats) -> Floats:
    """Return the weights, of sum one and any sign, that minimise the same over an affine hull."""
    count = len(apart)
    system = np.ones((count + 1, count + 1))
    system[:count, :count] = apart @ apart.T
    system[count, count] = 0.0
    right = np.append(-costs, 1.0)
    solution = np.linalg.lstsq(system, right, rcond=1e-14)[0]
    return np.asarray(solution[:count], dtype=np.float64)


def _squares(rows: Floats) -> Floats:
    return np.sum(rows * rows, axis=1)
