"""The scaled sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import VALUE, alike, packed_size, unpack_values
from efpep.compressors.projection import Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class Sign(CompressionOperator):
    """The scaled sign ``C(v) = (||v||_1 / d) sign(v)``, with ``sign(0) = 1`` and the sign of zeros that floats carry.

    Belongs to ``Projection(1/d)``: it projects on the direction of the signs, and the share ``||v||_1^2 / (d ||v||^2)`` of the
    energy that is kept is at least ``1/d``. A message is the scale (8 bytes) and one bit an entry.
    """

    key: ClassVar[str] = "sign"

    def belongs_to(self, dimension: int) -> Projection:
        """Return ``Projection(1/d)``."""
        return Projection(Fraction(1, dimension))

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del draws
        compressed = np.empty_like(v)
        for i, row in enumerate(v):
            np.copysign(np.abs(row).sum() / len(row), row, out=compressed[i])
        return compressed

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del seeded, use
        scales = arrays.xp.mean(arrays.xp.abs(v), axis=1, keepdims=True)
        return arrays.xp.where(arrays.xp.signbit(v), -scales, scales)

    def pack(self, compressed: NDArray[np.float64]) -> bytes:
        """Return the scale and the packed signs."""
        return np.abs(compressed[:1]).astype(VALUE).tobytes() + np.packbits(np.signbit(compressed)).tobytes()

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the scale with the signs."""
        scale = unpack_values(message, 1)
        negative = np.unpackbits(np.frombuffer(message[VALUE.itemsize :], np.uint8), count=dimension)
        return np.where(negative == 1, -scale, scale)

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return ``8 + ceil(d/8)`` for each row."""
        n, d = compressed.shape
        return alike(n, VALUE.itemsize + packed_size(d, 1))
