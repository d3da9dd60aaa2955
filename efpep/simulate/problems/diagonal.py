"""Diagonal quadratics, for runs of many clients in high dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.model.field import Scalar
from efpep.simulate.memory import NUMBER, require_memory
from efpep.simulate.placed import PlacedDiagonal
from efpep.simulate.problems.clientwise import Clientwise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays


@dataclass(frozen=True)
class DiagonalQuadratics(Clientwise):
    """``f_i(x) = sum_j h_j (x_j - m_ij)^2 / 2``, the curvatures h spaced logarithmically from ``L/kappa`` to L.

    The m_ij are standard normal numbers times ``spread`` around 1; memory is one array of shape ``(n, d)``.

    Attributes:
        n: number of clients.
        d: dimension.
        kappa: condition number L/mu, at least 1.
        smoothness: L.
        spread: how far the clients' minimisers are apart.
        seed: of the random numbers.

    Raises:
        InputError: a parameter is impossible.
    """

    key: ClassVar[str] = "diagonal"

    n: int = 10
    d: int = 1000
    kappa: Scalar = 10
    smoothness: Scalar = 1
    spread: Scalar = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_whole("n", "d")
        require_memory(NUMBER * self.n * self.d, f"a problem of n = {self.n} clients in dimension d = {self.d}", "problem")
        self.read_whole("seed", least=0)
        self.read_number("kappa", least=1)
        self.read_number("smoothness", above=0)
        self.read_number("spread", least=0)

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return self.n

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.d

    @property
    def mu(self) -> float:
        """The smallest curvature."""
        return float(self._curvatures.min())

    @property
    def L(self) -> float:
        """The largest curvature."""
        return float(self._curvatures.max())

    def minimise(self) -> NDArray[np.float64]:
        """The average of the clients' minimisers."""
        return self._minimisers.mean(axis=0)

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        away = x - self._minimisers[i]
        return float(np.sum(self._curvatures * away * away) / 2)

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``h (x - m_i)``."""
        return self._curvatures * (x - self._minimisers[i])

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's gradient at x, shape ``(n, d)``."""
        found = np.empty((self.n, self.d))
        self.client_gradients(x, 0, found)
        return found

    def client_gradients(self, x: NDArray[np.float64], first: int, out: NDArray[np.float64]) -> None:
        """Write the gradients at x of the clients from ``first`` on, as many as ``out`` has rows."""
        for row, m in zip(out, self._minimisers[first : first + len(out)], strict=True):
            np.subtract(x, m, out=row)
            np.multiply(row, self._curvatures, out=row)

    def on(self, arrays: Arrays) -> PlacedDiagonal:
        """Return the problem on the arrays of another library or precision."""
        return PlacedDiagonal(arrays, self._curvatures, self._minimisers, self.minimiser)

    @cached_property
    def _curvatures(self) -> NDArray[np.float64]:
        most = float(self.smoothness)
        return np.geomspace(most / float(self.kappa), most, self.d) if self.d > 1 else np.array([most])

    @cached_property
    def _minimisers(self) -> NDArray[np.float64]:
        found = np.random.default_rng(self.seed).standard_normal((self.n, self.d))
        found *= float(self.spread)
        found += 1
        return found
