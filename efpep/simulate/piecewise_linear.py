"""Random constrained problems with a known solution: maxima of linear functions, different for every client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from efpep.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class PiecewiseLinear:
    """``f_i(x) = max_k <a_ik, x - x*>`` subject to ``mean_i g_i(x) <= 0``, ``g_i(x) = max_k <b_ik, x - x*> + o_i``.

    The offsets have mean zero, so that ``x*`` is feasible.
    ``x*`` solves the problem with ``f* = 0``, because ``mean_i a_i0 + multiplier mean_i b_i0 = 0``.

    Attributes:
        slopes: ``a_ik``, shape ``(n, pieces, d)``.
        constraint_slopes: ``b_ik``, shape ``(n, pieces, d)``.
        offsets: ``o_i``, shape ``(n,)``.
        solution: ``x*``, shape ``(d,)``.
    """

    slopes: NDArray[np.float64]
    constraint_slopes: NDArray[np.float64]
    offsets: NDArray[np.float64]
    solution: NDArray[np.float64]

    @classmethod
    def random(cls, clients: int, dimension: int, seed: int, *, pieces: int = 4, M: float = 1.0) -> PiecewiseLinear:
        """Draw a heterogeneous problem whose largest subgradient has norm M.

        Raises:
            InputError: fewer than one client, dimension or piece.
        """
        if min(clients, dimension, pieces) < 1:
            raise InputError(
                "a problem has at least one client, one dimension and one piece; give numbers of at least 1.",
                argument=("clients", "dimension", "pieces"),
            )
        draw = np.random.default_rng(np.random.SeedSequence(seed))
        shape = (clients, pieces, dimension)
        a, b = draw.normal(size=shape), draw.normal(size=shape)
        apart = draw.normal(size=(clients, dimension)) * draw.uniform(0, 2)
        a[:, 0] = -draw.uniform(0, 2) * b[:, 0].mean(axis=0) + apart - apart.mean(axis=0)
        largest = max(float(np.linalg.norm(a, axis=2).max()), float(np.linalg.norm(b, axis=2).max()))
        offsets = draw.normal(size=clients)
        return cls(a * (M / largest), b * (M / largest), offsets - offsets.mean(), draw.normal(size=dimension))

    @property
    def M(self) -> float:
        """The largest norm of a subgradient."""
        return max(float(np.linalg.norm(s, axis=2).max()) for s in (self.slopes, self.constraint_slopes))

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f_i(x)``, shape ``(n,)``."""
        return (self.slopes @ (x - self.solution)).max(axis=1)

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the subgradient of the first active piece of each client, shape ``(n, d)``."""
        return _active(self.slopes, x - self.solution)

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``g_i(x)``, shape ``(n,)``."""
        return (self.constraint_slopes @ (x - self.solution)).max(axis=1) + self.offsets

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the subgradient of the first active piece of each client's constraint, shape ``(n, d)``."""
        return _active(self.constraint_slopes, x - self.solution)


def _active(slopes: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    active = (slopes @ x).argmax(axis=1)
    return slopes[np.arange(len(slopes)), active]
