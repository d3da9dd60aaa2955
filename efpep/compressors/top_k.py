"""The Top-K operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator, Kept
from efpep.compressors.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded

LONG = 4096
"""Rows of at least this length are thinned by a threshold from a sample before the exact selection."""
_STRIDE = 16
"""Every so-manieth entry is in the sample."""
_PIECE = 8192
"""How many entries are compared with the threshold at a time."""


@dataclass(frozen=True)
class TopK(CompressionOperator):
    """Keeps the ``k`` entries of largest magnitude of each row; ties go to the lowest index.

    Belongs to ``Projection(k/d)`` on ``R^d``: the discarded entries carry at most the share ``1 - k/d`` of the energy, and are
    orthogonal to the kept ones.

    Attributes:
        k: how many entries are kept, ``k >= 1``.

    Raises:
        InputError: ``k`` is not a whole number of at least 1.
    """

    key: ClassVar[str] = "top-k"

    k: int

    def __post_init__(self) -> None:
        """Check the parameter."""
        self.read_whole("k")

    def belongs_to(self, dimension: int) -> Projection:
        """Return ``Projection(k/d)``."""
        return Projection(Fraction(min(self.k, dimension), dimension))

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del draws
        n, d = v.shape
        if self.k >= d:
            return v
        if d < LONG:
            return np.where(_largest(np.abs(v), self.k), v, v.dtype.type(0))
        compressed = np.zeros(v.shape, v.dtype)  # pages that stay zero are never written
        for i in range(n):
            kept = _positions(v[i], self.k)
            compressed[i, kept] = v[i, kept]
        return compressed

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``, with the same ties."""
        del seeded, use
        if self.k >= v.shape[1]:
            return v
        return arrays.xp.where(arrays.largest(arrays.xp.abs(v), self.k), v, arrays.xp.zeros_like(v))

    def keeps(self, dimension: int) -> bool:
        """Whether rows are long and some of their entries are not kept."""
        return dimension >= LONG and self.k < dimension

    def kept(self, row: NDArray[np.float64], draw: np.random.Generator | None) -> Kept:
        """Return the places and values of the k largest entries."""
        del draw
        places = _positions(row, self.k)
        return places, row[places]


def _largest(magnitudes: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
    """Mark the k largest entries of each row, the first of equal ones."""
    d = magnitudes.shape[1]
    least = np.partition(magnitudes, d - k, axis=1)[:, d - k, None]
    above, ties = magnitudes > least, magnitudes == least
    wanted = k - above.sum(axis=1, keepdims=True)
    return above | (ties & (ties.cumsum(axis=1) <= wanted))


def _positions(v: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """Return where the k entries of largest magnitude of a long vector are, the first of equal ones.

    An entry below a threshold that at least k entries reach is not among them; the threshold comes from a sample.
    """
    sample = np.abs(v[::_STRIDE])
    rank = k // _STRIDE + 3 * int((k / _STRIDE) ** 0.5) + 3
    if rank < len(sample):
        threshold = np.partition(sample, len(sample) - rank)[len(sample) - rank]
        candidates = np.flatnonzero(_reaching(v, threshold))
        if len(candidates) >= k:
            return candidates[_largest(np.abs(v[candidates])[None, :], k)[0]] if len(candidates) > k else candidates
    return np.flatnonzero(_largest(np.abs(v)[None, :], k)[0])


def _reaching(v: NDArray[np.float64], threshold: float) -> NDArray[np.bool_]:
    """Mark the entries whose magnitude is at least a threshold, piece by piece in a core's cache."""
    found = np.empty(len(v), np.bool_)
    magnitudes = np.empty(_PIECE, v.dtype)
    for i in range(0, len(v), _PIECE):
        piece = v[i : i + _PIECE]
        np.greater_equal(np.abs(piece, out=magnitudes[: len(piece)]), threshold, out=found[i : i + _PIECE])
    return found
