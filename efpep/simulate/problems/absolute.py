"""Sums of absolute deviations, a nonsmooth problem."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.errors import UnavailableError
from efpep.model.field import Scalar
from efpep.simulate.problems.clientwise import Clientwise

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ACTIVE = 1e-7


@dataclass(frozen=True)
class LeastAbsoluteDeviations(Clientwise):
    """``f_i(x) = ||A_i x - b_i||_1 / m`` with Gaussian m x d matrices ``A_i`` and ``b_i = A_i x_i``.

    The ``x_i`` lie around one random point.
    It stands in for the synthetic problem of 2505.06053, whose data cannot be recovered.

    Attributes:
        n: number of clients.
        m: rows of each ``A_i``.
        d: dimension.
        heterogeneity: how far the ``x_i`` are from their centre, in each coordinate.
        seed: of the random numbers.

    Raises:
        InputError: a parameter is impossible.
    """

    key: ClassVar[str] = "least-absolute"

    n: int = 10
    m: int = 20
    d: int = 10
    heterogeneity: Scalar = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_whole("n", "m", "d")
        self.read_whole("seed", least=0)
        self.read_number("heterogeneity", least=0)

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return self.n

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.d

    @cached_property
    def parts(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Each client's ``A_i`` and ``b_i``."""
        rng = np.random.default_rng(self.seed)
        centre = rng.standard_normal(self.d)
        found: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        for _ in range(self.n):
            a = rng.standard_normal((self.m, self.d)) / self.d**0.5
            found.append((a, a @ (centre + float(self.heterogeneity) * rng.standard_normal(self.d))))
        return found

    def bound_subgradients(self) -> float:
        """A bound on all subgradients ``A_i' s / m``, ``|s_j| <= 1``: by the sum of row norms, or by the spectral norm."""
        return max(
            min(float(np.linalg.norm(a, axis=1).sum()) / self.m, float(np.linalg.norm(a, 2)) / self.m**0.5) for a, _ in self.parts
        )

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        a, b = self.parts[i]
        return float(np.sum(np.abs(a @ x - b)) / self.m)

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the subgradient ``A_i' sign(A_i x - b_i) / m``."""
        a, b = self.parts[i]
        return (np.sign(a @ x - b) @ a) / self.m

    def samples(self, i: int) -> int:
        """Return m, as each row is a sample."""
        del i
        return self.m

    def sample_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the rows of ``A_i`` with the signs of their residuals."""
        a, b = self.parts[i][0][rows], self.parts[i][1][rows]
        return np.sign(a @ x - b)[:, None] * a

    def sample_bounds(self, i: int) -> NDArray[np.float64]:
        """Return the norms of the rows."""
        return np.linalg.norm(self.parts[i][0], axis=1)

    def minimise(self) -> NDArray[np.float64]:
        """The vertex that scipy's linear programming (HiGHS) finds, from the residuals that vanish there.

        Raises:
            UnavailableError: the solver fails.
        """
        from efpep.simulate.problems.solvers import linear_minimum

        a, b = np.vstack([a for a, _ in self.parts]), np.concatenate([b for _, b in self.parts])
        rows = len(b)
        matrix = np.block([[a, -np.eye(rows)], [-a, -np.eye(rows)]])
        cost = np.concatenate([np.zeros(self.d), np.ones(rows)])
        bounds: list[tuple[int | None, int | None]] = [*([(None, None)] * self.d), *([(0, None)] * rows)]
        found = linear_minimum(cost, matrix, np.concatenate([b, -b]), bounds)
        if found is None:
            raise UnavailableError("the linear program of the minimiser is not solved; take other data.")
        x = found[: self.d]
        active = np.abs(a @ x - b) <= _ACTIVE * max(1.0, float(np.max(np.abs(b))))
        exact = np.linalg.lstsq(a[active], b[active], rcond=None)[0]
        return np.asarray(exact if np.linalg.matrix_rank(a[active]) == self.d else x, dtype=np.float64)
