"""The sign without a scale, which belongs to no class of compressors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import ClasslessOperator
from efpep.compressors.packing import alike, packed_size

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class BareSign(ClasslessOperator):
    """The signs of the entries (1802.04434), with ``sign(0) = 1`` and the sign of zeros that floats carry: one bit an entry.

    It belongs to no class of compressors, because the length of what is received does not depend on that of the message; it
    runs, and nothing is proved. :class:`~efpep.compressors.sign.Sign` has a scale and a class.
    """

    key: ClassVar[str] = "bare-sign"
    classless: ClassVar[str] = (
        "the bare sign belongs to no class of compressors, because the length of what is received does not depend on the "
        "message; take the scaled one, 'sign' or Sign(), or run it with a step size of your own."
    )

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del draws
        return np.copysign(v.dtype.type(1), v)

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del seeded, use
        ones = arrays.xp.ones_like(v)
        return arrays.xp.where(arrays.xp.signbit(v), -ones, ones)

    def pack(self, compressed: NDArray[np.float64]) -> bytes:
        """Return the packed signs."""
        return np.packbits(np.signbit(compressed)).tobytes()

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the signs."""
        negative = np.unpackbits(np.frombuffer(message, np.uint8), count=dimension)
        return np.where(negative == 1, -1.0, 1.0)

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return ``ceil(d/8)`` for each row."""
        n, d = compressed.shape
        return alike(n, packed_size(d, 1))
