"""An instance on which EF14 attains the finite-T bound of averaged values exactly.

    f(x) = max(0, M max_{0<=j<=k} x_j),   k = T - tau,   x^0 = gamma M (tau, 1, ..., 1),   x* = 0,   R = gamma M sqrt(tau^2 + k),

with a compressor whose loss has the largest norm that is allowed, ``q ||e + h||``, and points along the coordinate that is active
next: ``e^t = r_t M u``, ``f(x^t) = gamma M^2 (tau - t + r_t)`` for t < tau and ``gamma M^2 (1 + r_t)`` afterwards
(docs/safe_ef.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from efpep.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass
class WorstEF14Instance:
    """The problem, the compressor and the starting point; one instance serves one run.

    Attributes:
        T: the number of rounds.
        tau: how many rounds the first coordinate stays active, ``1 <= tau <= T``.
        delta: contraction parameter of the compressor.
        gamma: the step size.
        M: the bound of the subgradients.
        uses: how often the compressor was used.

    Raises:
        InputError: ``tau`` outside 1 to T.
    """

    T: int
    tau: int
    delta: float
    gamma: float
    M: float = 1.0
    uses: int = 0

    def __post_init__(self) -> None:
        """Check the sizes."""
        if not 1 <= self.tau <= self.T:
            raise InputError(
                f"tau is {self.tau} with T = {self.T}, the rounds of the first coordinate; give 1 <= tau <= T.", argument="tau"
            )

    @property
    def start(self) -> NDArray[np.float64]:
        """The starting point, shape ``(T - tau + 1,)``."""
        x = np.ones(self.T - self.tau + 1)
        x[0] = self.tau
        return self.gamma * self.M * x

    @property
    def R(self) -> float:
        """The distance of the starting point from the minimiser 0."""
        return float(np.linalg.norm(self.start))

    def active(self, t: int) -> int:
        """Return the coordinate that is active in round t; the last one stays active after the end."""
        return min(max(0, t - self.tau + 1), self.T - self.tau)

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f(x)``, shape ``(1,)``."""
        return np.array([max(0.0, self.M * float(x.max()))])

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the subgradient of the first largest coordinate, or zero where f vanishes; shape ``(1, d)``."""
        g = np.zeros((1, len(x)))
        index = int(np.argmax(x))
        if x[index] >= 0:
            g[0, index] = self.M
        return g

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress: lose ``sqrt(1 - delta) ||v||`` along the coordinate that is active next."""
        self.uses += 1
        lost = np.zeros_like(v)
        lost[:, self.active(self.uses)] = (1 - self.delta) ** 0.5 * np.linalg.norm(v, axis=1)
        return v - lost
