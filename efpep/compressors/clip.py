"""Clipping, which belongs to no class of compressors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.identity import Dense
from efpep.compressors.operator import ClasslessOperator
from efpep.errors import InputError
from efpep.model.field import Scalar, rational, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class Clip(ClasslessOperator, Dense):
    """Clips vectors to a length: ``C(v) = min(1, threshold/||v||) v``. All d values are sent.

    It belongs to no class of compressors, because it loses nearly everything of a long vector; it runs, and nothing is proved.
    EF21 with this operator is Clip21-GD (2305.01588).

    Attributes:
        threshold: the largest length of what is received, a positive number.

    Raises:
        InputError: ``threshold`` is not positive.
    """

    key: ClassVar[str] = "clip"
    classless: ClassVar[str] = (
        "clipping belongs to no class of compressors, because it loses nearly everything of a long vector; run it with a "
        "step size of your own."
    )

    threshold: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        threshold = rational(self.threshold, "threshold")
        if threshold <= 0:
            raise InputError(
                f"threshold is {shown(threshold)}, so that nothing would be received; give a positive length.",
                argument="threshold",
            )
        object.__setattr__(self, "threshold", threshold)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del draws
        most = v.dtype.type(float(self.threshold))
        return v * (most / np.maximum(np.sqrt(np.sum(v * v, axis=1, keepdims=True)), most))

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``."""
        del seeded, use
        most, lengths = float(self.threshold), arrays.xp.sqrt(arrays.xp.sum(v * v, axis=1, keepdims=True))
        return v * (most / arrays.xp.where(lengths > most, lengths, most * arrays.xp.ones_like(lengths)))
