"""The identity operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.contractive import Contractive
from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import VALUE, alike, unpack_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class Dense(CompressionOperator):
    """Base of the operators that send all d values, eight bytes each."""

    def pack(self, compressed: NDArray[np.float64]) -> bytes:
        """Return the d values."""
        return compressed.astype(VALUE).tobytes()

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the d values."""
        return unpack_values(message, dimension)

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return ``8 d`` for each row."""
        n, d = compressed.shape
        return alike(n, VALUE.itemsize * d)


@dataclass(frozen=True)
class Identity(Dense):
    """No compression; belongs to ``Contractive(1)``."""

    key: ClassVar[str] = "identity"

    def belongs_to(self, dimension: int) -> Contractive:
        """Return ``Contractive(1)``."""
        del dimension
        return Contractive(1)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Return ``v``."""
        del draws
        return v

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Return ``v``."""
        del arrays, seeded, use
        return v
