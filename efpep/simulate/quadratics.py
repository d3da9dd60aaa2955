"""Client quadratics, the smallest problem on which constants and minimiser are known in closed form."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from efpep.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_ASYMMETRY = 1e-12
"""How far a Hessian may be from its transpose, relative to its largest entry."""


@dataclass(frozen=True, init=False, eq=False)
class Quadratics:
    """The functions ``f_i(x) = <x - m_i, H_i (x - m_i)> / 2`` of n clients on R^d.

    Attributes:
        hessians: the symmetric positive definite ``H_i``, shape ``(n, d, d)``.
        minimisers: the clients' own minimisers ``m_i``, shape ``(n, d)``; one row for all where they share it.

    Raises:
        InputError: shapes that do not fit, or a Hessian that is not symmetric and positive definite.
    """

    hessians: NDArray[np.float64]
    minimisers: NDArray[np.float64]

    def __init__(self, hessians: ArrayLike, minimisers: ArrayLike) -> None:
        """Take the clients' Hessians and minimisers; anything that NumPy reads as numbers, fractions included."""
        h = np.asarray(hessians, dtype=np.float64)
        m = np.asarray(minimisers, dtype=np.float64)
        if h.ndim != 3 or h.shape[1] != h.shape[2] or m.shape not in {h.shape[:2], h.shape[1:2]}:
            raise InputError(
                f"hessians of shape {h.shape} and minimisers of shape {m.shape} do not fit; give shapes (n, d, d) and (n, d).",
                argument=("hessians", "minimisers"),
            )
        if float(np.max(np.abs(h - h.swapaxes(1, 2)))) > _ASYMMETRY * float(np.max(np.abs(h))):
            raise InputError("a Hessian is not symmetric, so it is no Hessian; give (H + H')/2.", argument="hessians")
        object.__setattr__(self, "hessians", h)
        object.__setattr__(self, "minimisers", np.broadcast_to(m, h.shape[:2]))
        if not self.mu > 0:
            raise InputError(
                f"the smallest eigenvalue of the Hessians is {self.mu:.3g}, so f_i may have no minimiser; give positive ones.",
                argument="hessians",
            )

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return len(self.hessians)

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.hessians.shape[1]

    @cached_property
    def _spectra(self) -> NDArray[np.float64]:
        return np.asarray(np.linalg.eigvalsh(self.hessians), dtype=np.float64)

    @property
    def mu(self) -> float:
        """The strong convexity that all clients have: the smallest eigenvalue of all Hessians."""
        return float(self._spectra.min())

    @property
    def L(self) -> float:
        """The smoothness that all clients have: the largest eigenvalue of all Hessians."""
        return float(self._spectra.max())

    @cached_property
    def minimiser(self) -> NDArray[np.float64]:
        """The minimiser of the average, ``(sum H_i)^-1 sum H_i m_i``, shape ``(d,)``."""
        pull = np.einsum("nij,nj->i", self.hessians, self.minimisers)
        return np.asarray(np.linalg.solve(self.hessians.sum(axis=0), pull), dtype=np.float64)

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``H_i (x - m_i)`` for each client: shape ``(d,)`` to ``(n, d)``."""
        return np.einsum("nij,nj->ni", self.hessians, x - self.minimisers)

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f_i(x)`` for each client, shape ``(n,)``."""
        return np.einsum("ni,ni->n", self.gradients(x), x - self.minimisers) / 2
