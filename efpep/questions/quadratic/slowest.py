"""Quadratics on a line with linear, periodically switching compressors: instances whose rate is a spectral radius.

On ``f_i(x) = h_i x^2 / 2`` with ``C(v) = (1 - theta) v``, ``|theta| <= s = sqrt(1 - delta)``, a method is linear in its state.
With one theta for each of K steps and each group, K steps are one rational matrix, whose spectral radius bounds from below how
fast the state, memories included, can shrink. The instance is found by global optimisation in floating point; that its spectral
radius is at least ``radius`` is decided exactly by the Schur-Cohn recursion on the characteristic polynomial.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from efpep.errors import CertificateError, InputError
from efpep.methods.base import Method
from efpep.model.argument import require_whole
from efpep.model.field import FLOATS, RATIONALS, Scalar
from efpep.model.text import down
from efpep.questions.common.required import require
from efpep.questions.cycle.question import root_below
from efpep.questions.quadratic.line import matrix
from efpep.setting import Setting

_GRID = 10**9
_LARGEST = 6


@dataclass(frozen=True, slots=True)
class QuadraticInstance:
    """Quadratics and compressors on which K steps of a method have a spectral radius of at least ``radius``.

    Attributes:
        method: the method with its exact step size.
        setting: the setting.
        curvatures: each group's h.
        losses: for each of K steps, each group's theta.
        radius: a lower bound on the spectral radius of K steps.
    """

    method: Method
    setting: Setting
    curvatures: tuple[Fraction, ...]
    losses: tuple[tuple[Fraction, ...], ...]
    radius: Fraction

    @property
    def rate(self) -> Fraction:
        """By what factor squares shrink a step on this instance at best, rounded down: ``radius^(2/K)``."""
        return root_below(self.radius * self.radius, len(self.losses))

    def check(self) -> str:
        """Check in exact arithmetic that the instance belongs to the classes and that its spectral radius is as claimed.

        Raises:
            CertificateError: naming the condition that fails.
        """
        for group, h in zip(self.setting.populations(), self.curvatures, strict=True):
            if h < 0 or not group.functions.curvature <= h <= group.functions.smoothness:
                raise CertificateError("a quadratic does not belong to its function class.")
        for losses in self.losses:
            for epsilon, theta in zip(_epsilons(self.setting), losses, strict=True):
                if theta * theta > epsilon:
                    raise CertificateError("a compressor does not belong to its class.")
        steps_matrix = loop(self.method.over(RATIONALS), self.setting, self.curvatures, self.losses)
        if self.radius <= 0 or schur_stable(characteristic([[a / self.radius for a in row] for row in steps_matrix])):
            raise CertificateError("the spectral radius is below the claimed one.")
        steps = "every step" if len(self.losses) == 1 else f"every {len(self.losses)} steps"
        return f"On these quadratics the state does not shrink by more than the factor {down(self.radius, 12)} {steps}."


def loop(
    method: Method, setting: Setting, curvatures: Sequence[Scalar], losses: Sequence[Sequence[Scalar]]
) -> list[list[Scalar]]:
    """Return the matrix of the given steps over the iterate and the memories."""
    return matrix(method, setting, curvatures, [[1 - theta for theta in step] for step in losses])


def characteristic(matrix: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Return the characteristic polynomial, the highest power first (Faddeev and LeVerrier)."""
    size = len(matrix)
    found, current = [Fraction(1)], [[Fraction(0)] * size for _ in range(size)]
    for k in range(1, size + 1):
        for i in range(size):
            current[i][i] += found[-1]
        current = [
            [sum((matrix[i][m] * current[m][j] for m in range(size)), Fraction(0)) for j in range(size)] for i in range(size)
        ]
        found.append(-sum((current[i][i] for i in range(size)), Fraction(0)) / k)
    return found


def schur_stable(polynomial: Sequence[Fraction]) -> bool:
    """Whether all roots lie strictly inside the unit circle (Schur and Cohn); coefficients with the highest power first."""
    rest: list[Fraction] = list(polynomial)
    while len(rest) > 1:
        first, last = rest[0], rest[-1]
        if abs(last) >= abs(first):
            return False
        backwards = rest[::-1]
        rest = [first * x - last * y for x, y in zip(rest, backwards, strict=True)]
        del rest[-1]
    return True


def slowest_quadratic(method: Method, setting: Setting, period: int = 1, *, seed: int = 0) -> QuadraticInstance:
    """Return quadratics and compressors of the classes on which the method is slow, with an exact bound.

    Args:
        method: the method with its parameters.
        setting: functions, contractive compressors and agents.
        period: after how many steps the compressors repeat, 1 to 6.
        seed: of the global optimisation.

    Raises:
        InputError: the compressors are not contractive, or the period is too long.
    """
    from scipy import optimize

    require(method, setting)
    require_whole(period, "period", 1, _LARGEST)
    method = method.resolved(setting)
    epsilons = _epsilons(setting)
    groups = setting.populations()
    ranges = [(max(float(group.functions.curvature), 0.0), float(group.functions.smoothness)) for group in groups]
    ranges += [(-math.sqrt(epsilon), math.sqrt(epsilon)) for _ in range(period) for epsilon in epsilons]
    floats = method.over(FLOATS)
    count = len(groups)

    def split(point: Sequence[Scalar]) -> tuple[list[Scalar], list[list[Scalar]]]:
        return list(point[:count]), [list(point[count * k : count * (k + 1)]) for k in range(1, period + 1)]

    def shrinking(point: Any) -> float:
        together = np.array(loop(floats, setting, *split([float(a) for a in point])), dtype=np.float64)
        return -float(np.max(np.abs(np.linalg.eigvals(together))))

    search: Any = optimize
    best = search.differential_evolution(shrinking, ranges, seed=seed, tol=1e-12, maxiter=300, popsize=12, polish=True)
    point = [_inside(float(a), low, high) for a, (low, high) in zip(best.x, ranges, strict=True)]
    curvatures, losses = split(point)
    exact = [[_capped(theta, epsilon) for theta, epsilon in zip(step, epsilons, strict=True)] for step in losses]
    curvatures = [
        min(max(h, group.functions.curvature, Fraction(0)), group.functions.smoothness)
        for h, group in zip(curvatures, groups, strict=True)
    ]
    together = loop(method.over(RATIONALS), setting, curvatures, exact)
    estimate = float(np.max(np.abs(np.linalg.eigvals(np.array([[float(a) for a in row] for row in together])))))
    for loss in (1e-12, 1e-10, 1e-8, 1e-6, 1e-4):
        radius = Fraction(math.floor(estimate * (1 - loss) * 10**13), 10**13)
        found = QuadraticInstance(method, setting, tuple(curvatures), tuple(tuple(step) for step in exact), radius)
        try:
            found.check()
        except CertificateError:
            continue
        return found
    raise InputError(
        "no quadratic of the class was found whose spectral radius could be proved; try another period.", argument="period"
    )


def _inside(value: float, low: float, high: float) -> Fraction:
    """Round to a grid, and to an end that is close."""
    for end in (low, high):
        if abs(value - end) <= 1e-7 * (high - low):
            return Fraction(end)
    return Fraction(round(value * _GRID), _GRID)


def _capped(theta: Fraction, epsilon: Fraction) -> Fraction:
    """Return theta, or the largest rational of 15 decimals of its sign whose square is at most epsilon."""
    if theta * theta <= epsilon:
        return theta
    root = root_below(epsilon, 2)
    return root if theta > 0 else -root


def _epsilons(setting: Setting) -> list[Fraction]:
    found: list[Fraction] = []
    for group in setting.populations():
        free = Fraction(0) if group.compressor is None else group.compressor.free_losses
        if free is None:
            raise InputError(
                "quadratics on a line take linear maps of contractive classes; give Contractive(delta).", argument="compressor"
            )
        found.append(free)
    return found
