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

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TOLERANCE = 1e-13
_DEPENDENT = 1e-12
_STEPS = 1000


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

    An active-set method in the manner of Wolfe for the nearest point of a polytope: a support, kept affinely independent, grows
    by the vertex of the least slope, and the minimum over its affine hull is approached until a weight vanishes.
    """
    apart = points - x
    start = int(np.argmin(_squares(apart) / 2 + costs))
    weights = np.zeros(len(points))
    weights[start] = 1.0
    support = [start]
    scale = 1.0 + float(np.max(_squares(apart))) + float(np.max(np.abs(costs)))
    for _ in range(_STEPS):
        slopes = apart @ (weights @ apart) + costs
        entering = int(np.argmin(slopes))
        if entering in support or slopes[entering] >= float(weights @ slopes) - _TOLERANCE * scale:
            return weights
        support.append(entering)
        flat = _dependence(apart[support])
        if flat is not None:  # move along what leaves the point where it is, downhill, until a vertex leaves
            flat = flat if float(flat @ costs[support]) < 0 else -flat
            _move(weights, support, weights[support] + flat, far=True)
        while True:
            target = _affine_minimum(apart[support], costs[support])
            if np.all(target >= 0):
                weights[support] = target
                break
            _move(weights, support, target, far=False)
    return weights


def _move(weights: Floats, support: list[int], target: Floats, *, far: bool) -> None:
    """Move towards the target (or beyond it, if ``far``) until a weight vanishes, and drop that vertex from the support."""
    current = weights[support]
    falling = target < current if far else target < 0
    steps = current[falling] / (current[falling] - target[falling])
    leaving = int(np.flatnonzero(falling)[int(np.argmin(steps))])
    moved = current + float(np.min(steps)) * (target - current)
    moved[leaving] = 0.0
    weights[support] = np.maximum(moved, 0.0)
    del support[leaving]


def _dependence(apart: Floats) -> Floats | None:
    """Return weights of sum zero that combine the points to zero, or None where they are affinely independent."""
    system = np.vstack([apart.T, np.full(len(apart), float(np.max(np.abs(apart), initial=1e-300)))])
    _, numbers, directions = np.linalg.svd(system)
    if len(numbers) == len(apart) and numbers[-1] > _DEPENDENT * numbers[0]:
        return None
    return np.asarray(directions[-1], dtype=np.float64)


def _affine_minimum(apart: Floats, costs: Floats) -> Floats:
    """Return the weights, of sum one and any sign, that minimise the same over the affine hull of independent points."""
    if len(apart) == 1:
        return np.ones(1)
    edges = apart[1:] - apart[0]
    left, numbers, right = np.linalg.svd(edges.T, full_matrices=False)
    rest = -(left.T @ apart[0]) / numbers - (right @ (costs[1:] - costs[0])) / numbers**2
    free = right.T @ rest
    return np.append(1.0 - float(np.sum(free)), free)


def _squares(rows: Floats) -> Floats:
    return np.sum(rows * rows, axis=1)
