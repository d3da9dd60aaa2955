"""The adversarial operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.contractive import Contractive
from efpep.compressors.identity import Dense
from efpep.errors import InputError
from efpep.model.field import Scalar, rational

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class Adversarial(Dense):
    """Errs as much as a contractive compressor may, in a chosen direction u: ``C(v) = v - q ||v|| u``, ``q = sqrt(1 - delta)``.

    Belongs to ``Contractive(delta)``, on its boundary. Without a direction ``u = -v/||v||`` and ``C(v) = (1 + q) v``, the
    worst compressor for EF and EF21 on functions of one variable (2506.05271). All d values are sent.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.
        direction: u, d numbers, scaled to length 1; or their text separated by spaces or semicolons; or empty.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``, or the direction is zero or no list of numbers.
    """

    key: ClassVar[str] = "adversarial"

    delta: Scalar
    direction: Any = ()

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_probability("delta")
        given: Any = self.direction
        pieces = given.replace(";", " ").split() if isinstance(given, str) else list(given)
        numbers = tuple(float(rational(piece, "a number of the direction")) for piece in pieces)
        if numbers and not any(numbers):
            raise InputError(
                "direction is zero, which points nowhere; give a nonzero one, or none for that of the vector.",
                argument="direction",
            )
        object.__setattr__(self, "direction", numbers)

    def belongs_to(self, dimension: int) -> Contractive:
        """Return ``Contractive(delta)``."""
        del dimension
        return Contractive(self.delta)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``.

        Raises:
            InputError: the direction has not d entries.
        """
        del draws
        q = float(1 - Fraction(self.delta)) ** 0.5
        if not self.direction:
            return (1 + q) * v
        if len(self.direction) != v.shape[1]:
            raise InputError(
                f"direction has {len(self.direction)} entries, and vectors have {v.shape[1]}; give as many.", argument="direction"
            )
        u = np.array(self.direction) / np.linalg.norm(self.direction)
        return v - (q * np.sqrt(np.sum(v * v, axis=1, keepdims=True))) * u

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``."""
        if self.direction:
            return super().apply_on(arrays, v, seeded, use)
        return (1 + float(1 - Fraction(self.delta)) ** 0.5) * v
