"""What compressor classes with a contraction parameter have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.compressor_class import Compressor
from efpep.model.field import Scalar, is_symbolic, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class ContractiveBase(Compressor):
    """Base of the classes with ``||C(v) - v||^2 <= (1 - delta) ||v||^2`` in one sense or another.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``; 1 is the identity, a structural case without residual.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    delta: Scalar

    @property
    def contraction(self) -> Scalar | None:
        """Delta."""
        return self.delta

    @property
    def bias_and_variance(self) -> tuple[Scalar, Scalar] | None:
        """``1 - delta`` and zero; None for random maps, of which bias and variance together are bounded."""
        return None if self.random else (1 - self.delta, 0 * self.delta)

    @property
    def lossless(self) -> bool:
        """Whether delta is 1."""
        return bool(self.delta == 1)

    def within(self, other: Compressor) -> bool:
        """Return whether ``other`` is the same class with the same or a smaller delta."""
        delta = other.contraction
        return delta is not None and bool(self.delta >= delta) and replace(self, delta=delta) == other

    def slack(self, sent: NDArray[np.float64], received: NDArray[np.float64]) -> float:
        """Return ``(s ||v|| - ||v - C(v)||)/(1 + s)`` for ``v = sent``, ``s = sqrt(1 - delta)``."""
        s = math.sqrt(float(1 - self.delta))
        loss = sent - received
        return (s * math.sqrt(float(sent @ sent)) - math.sqrt(float(loss @ loss))) / (1 + s)

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        self.read(delta=self.delta)
        if not is_symbolic(self.delta) and not 0 < self.delta <= 1:
            raise InputError(
                f"delta is {shown(self.delta)}, outside (0, 1], where compressors contract; "
                "give 0 < delta <= 1 (1 is no compression).",
                argument="delta",
            )
