"""Low-rank approximation of a vector that is a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import VALUE, alike, unpack_values
from efpep.compressors.projection import Projection
from efpep.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LowRank(CompressionOperator):
    """Projects a matrix M of a x b entries on r directions, found by power iteration: ``C(M) = P P' M`` (after 1905.13727).

    Power iteration begins with the span of the r rows of M of largest norm (of its transpose, where a > b), whose energy is at
    least the share ``r/min(a, b)``, and no half-step of it loses energy: ``||P' M|| >= ||M Q||`` for ``P = orth(M Q)``. So the
    operator belongs to ``Projection(r/min(a, b))``, and needs no randomness. A message has two factors, ``8 r (a + b)`` bytes.

    Attributes:
        rank: r, from 1 to ``min(a, b)``.
        rows: a.
        columns: b; vectors have dimension ``a b``.
        iterations: the number of power iterations, at least 1.

    Raises:
        InputError: a parameter is not a whole number in its range.
    """

    key: ClassVar[str] = "low-rank"

    rank: int
    rows: int
    columns: int
    iterations: int = 1

    def __post_init__(self) -> None:
        """Check the parameters."""
        for name in ("rank", "rows", "columns", "iterations"):
            self.read_whole(name)
        if self.rank > min(self.rows, self.columns):
            raise InputError(
                f"rank is {self.rank}, more than a matrix of {self.rows} rows and {self.columns} columns has; give a smaller "
                "one.",
                argument="rank",
            )

    def belongs_to(self, dimension: int) -> Projection:
        """Return ``Projection(r/min(a, b))``.

        Raises:
            InputError: the dimension is not ``a b``.
        """
        self._check(dimension)
        return Projection(Fraction(self.rank, min(self.rows, self.columns)))

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``.

        Raises:
            InputError: d is not ``a b``.
        """
        del draws
        return np.array([_product(*self._factors(row)) for row in v])

    def message(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator] = ()) -> bytes:
        """Return the two factors of the compressed matrix.

        Raises:
            InputError: d is not ``a b``.
        """
        del draws
        return b"".join(factor.astype(VALUE).tobytes() for factor in self._factors(v))

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the product of the two factors."""
        self._check(dimension)
        flat = unpack_values(message, -1)
        cut = self.rows * self.rank
        return _product(flat[:cut].reshape(self.rows, self.rank), flat[cut:].reshape(self.rank, self.columns))

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return ``8 r (a + b)`` for each row."""
        return alike(compressed.shape[0], VALUE.itemsize * self.rank * (self.rows + self.columns))

    def _factors(self, v: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return factors of shapes ``(a, r)`` and ``(r, b)``."""
        self._check(len(v))
        m = v.reshape(self.rows, self.columns)
        wide = m if self.rows <= self.columns else m.T
        largest = np.argsort(-np.sum(wide * wide, axis=1), kind="stable")[: self.rank]
        q = _orthonormal(wide[largest].T)
        p = _orthonormal(wide @ q)
        for _ in range(self.iterations - 1):
            q = _orthonormal(wide.T @ p)
            p = _orthonormal(wide @ q)
        other = p.T @ wide
        left, right = (p, other) if wide is m else (other.T, p.T)
        return np.ascontiguousarray(left), np.ascontiguousarray(right)

    def _check(self, dimension: int) -> None:
        if dimension != self.rows * self.columns:
            raise InputError(
                f"a vector of dimension {dimension} is no matrix of {self.rows} x {self.columns}; give rows and columns that "
                "fit.",
                argument=("rows", "columns"),
            )


def _orthonormal(m: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.linalg.qr(m)[0], dtype=np.float64)


def _product(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    return (left @ right).ravel()
