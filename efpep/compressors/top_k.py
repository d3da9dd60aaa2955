"""The Top-K operator."""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.compressors.contractive import Contractive
from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class TopK:
    """Keeps the ``k`` entries of largest magnitude of each row; ties go to the lowest index.

    Belongs to ``Contractive(k/d)`` on ``R^d``: the discarded entries carry at most the share ``1 - k/d`` of the energy.

    Attributes:
        k: how many entries are kept, ``k >= 1``.

    Raises:
        InputError: ``k`` is not a whole number of at least 1.
    """

    k: int

    def __post_init__(self) -> None:
        """Check the parameter."""
        if isinstance(self.k, bool) or not isinstance(self.k, numbers.Integral):
            raise InputError(f"k is {shown(self.k)}, which is not a whole number; give an integer of at least 1.")
        if self.k < 1:
            raise InputError(f"k is {shown(self.k)}, so nothing would be sent; give k >= 1.")

    def belongs_to(self, dimension: int) -> Contractive:
        """Return the compressor class on ``R^dimension``."""
        return Contractive(Fraction(min(self.k, dimension), dimension))

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        import numpy as np

        if self.k >= v.shape[1]:
            return v
        kept = np.argsort(-np.abs(v), axis=1, kind="stable")[:, : self.k]
        compressed = np.zeros_like(v)
        np.put_along_axis(compressed, kept, np.take_along_axis(v, kept, axis=1), axis=1)
        return compressed
