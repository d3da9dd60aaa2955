"""The Rand-K operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.randomized import Randomized
from efpep.compressors.unbiased import Unbiased

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RandK(CompressionOperator):
    """Keeps ``k`` entries of each row, drawn uniformly without replacement.

    Belongs to ``Randomized(k/d)`` on ``R^d``; each draw is a projection. Scaled by ``d/k`` it is unbiased with
    ``omega = d/k - 1``.

    Attributes:
        k: how many entries are kept, ``k >= 1``.
        shared: whether all clients keep the same entries.
        scaled: whether what is kept is multiplied by ``d/k``.

    Raises:
        InputError: ``k`` is not a whole number of at least 1, or a switch is neither yes nor no.
    """

    key: ClassVar[str] = "rand-k"
    random: ClassVar[bool] = True

    k: int
    shared: bool = False
    scaled: bool = False

    def __post_init__(self) -> None:
        """Check the parameters."""
        self.read_whole("k")
        self.read_switch("shared", "scaled")

    def belongs_to(self, dimension: int) -> Randomized | Unbiased:
        """Return ``Randomized(k/d)``, or ``Unbiased(d/k - 1)`` where scaled."""
        share = Fraction(min(self.k, dimension), dimension)
        return Unbiased(1 / share - 1, shared=self.shared) if self.scaled else Randomized(share, shared=self.shared)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        n, d = v.shape
        k = min(self.k, d)
        compressed = np.zeros_like(v)
        for i in range(n):
            kept = draws[i].choice(d, k, replace=False, shuffle=False)
            compressed[i, kept] = v[i, kept] * (d / k) if self.scaled else v[i, kept]
        return compressed
