"""The Top-K operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONG = 4096
"""Rows of at least this length are thinned by a threshold from a sample before the exact selection."""
_STRIDE = 16
"""Every so-manieth entry is in the sample."""


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
            return np.where(_largest(np.abs(v), self.k), v, 0.0)
        compressed = np.zeros(v.shape)  # pages that stay zero are never written
        magnitudes = np.empty(d)
        for i in range(n):
            kept = _positions(np.abs(v[i], out=magnitudes), self.k)
            compressed[i, kept] = v[i, kept]
        return compressed


def _largest(magnitudes: NDArray[np.float64], k: int) -> NDArray[np.bool_]:
    """Mark the k largest entries of each row, the first of equal ones."""
    d = magnitudes.shape[1]
    least = np.partition(magnitudes, d - k, axis=1)[:, d - k, None]
    above, ties = magnitudes > least, magnitudes == least
    wanted = k - above.sum(axis=1, keepdims=True)
    return above | (ties & (ties.cumsum(axis=1) <= wanted))


def _positions(magnitudes: NDArray[np.float64], k: int) -> NDArray[np.intp]:
    """Return where the k largest entries of a long vector are, the first of equal ones.

    An entry below a threshold that at least k entries reach is not among them; the threshold comes from a sample.
    """
    sample = magnitudes[::_STRIDE]
    rank = k // _STRIDE + 3 * int((k / _STRIDE) ** 0.5) + 3
    if rank < len(sample):
        threshold = np.partition(sample, len(sample) - rank)[len(sample) - rank]
        candidates = np.flatnonzero(magnitudes >= threshold)
        if len(candidates) >= k:
            return candidates[_largest(magnitudes[candidates][None, :], k)[0]] if len(candidates) > k else candidates
    return np.flatnonzero(_largest(magnitudes[None, :], k)[0])
