"""Random quantisation (QSGD)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import VALUE, alike, pack_codes, packed_size, unpack_codes, unpack_values
from efpep.compressors.unbiased import Unbiased
from efpep.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded

_MANTISSA = 53
_MOST = 2**16
_MARGIN = 1 + Fraction(1, 2**30)


@dataclass(frozen=True)
class Quantisation(CompressionOperator):
    """Random rounding of ``|v_j|`` to multiples of ``||v|| / levels`` (QSGD, 1610.02132), unbiased.

    The step is rounded up to so few bits that every multiple of it is exact; a message is one step of 8 bytes and, for each
    entry, a signed multiple in ``ceil(log2(2 levels + 1))`` bits. With ``p_j`` the fractional part of ``|v_j| / step``, the
    variance is ``step^2 sum p_j (1 - p_j)``, so ``omega = min(d / (4 levels^2), sqrt(d) / levels)``, times ``1 + 2^-30`` for the
    rounded step.

    Attributes:
        levels: the number of levels, from 1 to 65536.
        shared: whether all clients draw the same numbers.

    Raises:
        InputError: ``levels`` is not a whole number in its range, or ``shared`` neither yes nor no.
    """

    key: ClassVar[str] = "qsgd"
    random: ClassVar[bool] = True

    levels: int
    shared: bool = False

    def __post_init__(self) -> None:
        """Check the parameters."""
        self.read_whole("levels")
        if self.levels > _MOST:
            raise InputError(
                f"levels is {self.levels}, which is more than {_MOST}; give fewer, or do not quantise.", argument="levels"
            )
        self.read_switch("shared")

    def belongs_to(self, dimension: int) -> Unbiased:
        """Return ``Unbiased(min(d/(4 levels^2), sqrt(d)/levels))``, with the square root rounded up."""
        root = Fraction(math.isqrt(dimension * 10**20) + 1, 10**10)
        omega = min(Fraction(dimension, 4 * self.levels**2), root / self.levels)
        return Unbiased(omega * _MARGIN, shared=self.shared)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        compressed = np.zeros_like(v)
        for i, row in enumerate(v):
            step = self._step(float(np.sqrt(np.sum(row * row))))
            if step > 0:
                ratio = np.abs(row) / step
                lower = np.floor(ratio)
                level = np.minimum(lower + (draws[i].random(len(row)) < ratio - lower), self.levels)
                compressed[i] = np.where(row < 0, -1.0, 1.0) * level * step + 0.0
        return compressed

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``."""
        xp = arrays.xp
        norms = arrays.host(xp.sqrt(xp.sum(v * v, axis=1)))
        steps = arrays.asarray([[self._step(float(norm)) or 1.0] for norm in norms])
        ratios = xp.abs(v) / steps
        lower = xp.floor(ratios)
        up = seeded.uniform(arrays, v.shape, use) < ratios - lower
        levels = xp.clip(lower + xp.astype(up, v.dtype), 0.0, float(self.levels))
        return xp.where(v < 0, -levels, levels) * steps

    def _step(self, norm: float) -> float:
        """Return ``norm / levels`` rounded up to a number whose multiples are exact."""
        mantissa, exponent = math.frexp(norm / self.levels)
        bits = _MANTISSA - self.levels.bit_length()
        return math.ldexp(math.ceil(math.ldexp(mantissa, bits)), exponent - bits)

    def pack(self, compressed: NDArray[np.float64]) -> bytes:
        """Return the greatest step of which all entries are multiples, and the packed multiples."""
        exponent = _MANTISSA - math.frexp(float(np.max(np.abs(compressed))))[1]
        whole = np.ldexp(compressed, exponent).astype(np.int64)
        divisor = int(np.gcd.reduce(whole)) or 1
        codes = whole // divisor + self.levels
        step = np.array(math.ldexp(divisor, -exponent), VALUE)
        return step.tobytes() + pack_codes(codes.astype(np.uint64), self._bits)

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the multiples of the step."""
        step = unpack_values(message, 1)
        codes = unpack_codes(message[VALUE.itemsize :], dimension, self._bits)
        return (codes.astype(np.int64) - self.levels) * step

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the size of a step and d codes for each row."""
        n, d = compressed.shape
        return alike(n, VALUE.itemsize + packed_size(d, self._bits))

    @property
    def _bits(self) -> int:
        return (2 * self.levels).bit_length()
