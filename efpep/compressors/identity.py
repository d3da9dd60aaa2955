"""The identity operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Identity:
    """No compression; belongs to ``Contractive(1)``."""

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``v``."""
        return v
