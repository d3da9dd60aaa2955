"""The Rand-K operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator, Kept
from efpep.compressors.randomized import Randomized
from efpep.compressors.unbiased import Unbiased

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


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
        return self.scattered(v, draws)

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``: what it keeps has the k largest of d random numbers."""
        n, d = v.shape
        if self.k >= d:
            return v
        kept = arrays.largest(seeded.uniform(arrays, (n, d), use), self.k)
        return arrays.xp.where(kept, v * (d / self.k) if self.scaled else v, arrays.xp.zeros_like(v))

    def keeps(self, dimension: int) -> bool:
        """Whether some entries are not kept."""
        return self.k < dimension

    def kept(self, row: NDArray[np.float64], draw: np.random.Generator | None) -> Kept:
        """Draw the places of k entries, and return them with what is sent."""
        assert draw is not None  # noqa: S101
        d = len(row)
        k = min(self.k, d)
        places = draw.choice(d, k, replace=False, shuffle=False)
        return places, row[places] * (d / k) if self.scaled else row[places]
