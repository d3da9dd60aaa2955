"""Natural compression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import alike, pack_codes, packed_size, unpack_codes
from efpep.compressors.unbiased import Unbiased

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FRACTION = np.uint64(52)
_MASK = np.uint64(2**52 - 1)
_BITS = 12


@dataclass(frozen=True)
class NaturalCompression(CompressionOperator):
    """Random rounding of each entry to one of the two neighbouring powers of two (1905.10988), unbiased.

    Belongs to ``Unbiased(1/8)``: between ``2^a`` and ``2^(a+1)`` the variance is at most ``v^2/8``, attained at
    ``v = 2^a 4/3``. A message has the sign and the exponent of each entry, 12 bits. Entries below ``2^-1022`` are rounded to 0 or
    ``2^-1022``, still unbiased, but with a larger variance.

    Attributes:
        shared: whether all clients draw the same numbers.

    Raises:
        InputError: ``shared`` is neither yes nor no.
    """

    key: ClassVar[str] = "natural"
    random: ClassVar[bool] = True

    shared: bool = False

    def __post_init__(self) -> None:
        """Check the parameter."""
        self.read_switch("shared")

    def belongs_to(self, dimension: int) -> Unbiased:
        """Return ``Unbiased(1/8)``."""
        del dimension
        return Unbiased(Fraction(1, 8), shared=self.shared)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        compressed = np.empty_like(v)
        for i, row in enumerate(v):
            bits = np.ascontiguousarray(row, dtype=np.float64).view(np.uint64)
            up = draws[i].random(len(row)) < (bits & _MASK) * 2.0**-52
            compressed[i] = ((bits & ~_MASK) + (up.astype(np.uint64) << _FRACTION)).view(np.float64)
        return compressed

    def pack(self, compressed: NDArray[np.float64]) -> bytes:
        """Return the packed signs and exponents."""
        return pack_codes(compressed.view(np.uint64) >> _FRACTION, _BITS)

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the powers of two."""
        found: NDArray[np.float64] = (unpack_codes(message, dimension, _BITS) << _FRACTION).view(np.float64)
        return found

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return ``ceil(3 d/2)`` for each row."""
        n, d = compressed.shape
        return alike(n, packed_size(d, _BITS))
