"""What operators offer to a numeric run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.compressor_class import Compressor


class Operator(Protocol):
    """A compression operator for numeric runs."""

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress each row of ``v``, an array of shape ``(n, d)``; the result has the same shape."""
        ...


@runtime_checkable
class Classified(Protocol):
    """An operator that says to which class it belongs."""

    def belongs_to(self, dimension: int) -> Compressor:
        """Return the class of compressors on ``R^dimension`` that the operator belongs to, with its constants."""
        ...


@runtime_checkable
class WireFormat(Protocol):
    """An operator whose messages have a wire format."""

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return how many bytes the message of each row takes: shape ``(n, d)`` to ``(n,)``."""
        ...
