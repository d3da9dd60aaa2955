"""The worst-case function of the lower bound, with its resisting oracle.

    f(x) = max{ M max_{j<=d} x_j,  M ||x|| - M R (1 + 1/sqrt d) },    x^0 = 0,    x* = -(R/sqrt d) (1, ..., 1, 0, ...),

``f* = -M R/sqrt d``. The oracle returns the smallest active index. A coordinate that has not passed a compressor is zero at the
server, so f is at least zero until d coordinates have passed: the gap is at least ``R M/sqrt d`` (docs/safe_ef.md). Every
client has this function.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from efpep.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class WorstFunction:
    """The worst-case function for all clients, also as their constraint ``g_i = f_i - f*``.

    Attributes:
        active: the number d of coordinates that matter.
        dimension: the dimension, at least d; Rand-K with ``k = delta dimension`` lets a coordinate pass with probability delta.
        R: the distance of the minimiser from the starting point 0.
        M: the bound of the subgradients.
        clients: the number of clients.

    Raises:
        InputError: ``active`` below 1 or above ``dimension``.
    """

    active: int
    dimension: int
    R: float = 1.0
    M: float = 1.0
    clients: int = 1

    def __post_init__(self) -> None:
        """Check the sizes."""
        if not 1 <= self.active <= self.dimension:
            raise InputError(
                f"active is {self.active} in dimension {self.dimension}, of which it is a part; give 1 <= active <= dimension.",
                argument="active",
            )

    @cached_property
    def optimum(self) -> float:
        """The minimum ``-M R/sqrt d``."""
        return -self.M * self.R / self.active**0.5

    @cached_property
    def minimiser(self) -> NDArray[np.float64]:
        """The minimiser, shape ``(dimension,)``."""
        x = np.zeros(self.dimension)
        x[: self.active] = -self.R / self.active**0.5
        return x

    def value(self, x: NDArray[np.float64]) -> float:
        """Return ``f(x)``."""
        far = float(np.linalg.norm(x)) - self.R * (1 + self.active**-0.5)
        return self.M * max(float(x[: self.active].max()), far)

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f_i(x)`` for each client, shape ``(n,)``."""
        return np.full(self.clients, self.value(x))

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the subgradient of the smallest active index, shape ``(n, dimension)``."""
        size = float(np.linalg.norm(x))
        index = int(np.argmax(x[: self.active]))
        g = np.zeros(self.dimension)
        if float(x[index]) >= size - self.R * (1 + self.active**-0.5):
            g[index] = self.M
        else:
            g[:] = self.M / size * x
        return np.broadcast_to(g, (self.clients, self.dimension))

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f_i(x) - f*`` for each client, shape ``(n,)``."""
        return self.values(x) - self.optimum

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same subgradients, shape ``(n, dimension)``."""
        return self.gradients(x)
