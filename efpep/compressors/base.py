"""What compressor classes offer to the Trace, and what operators offer to a numeric run."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Protocol

from efpep.component import Component

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.trace import Trace
    from efpep.model.vector import Part


class Compressor(Component):
    """A class of compressors, described by inequalities between a message and its compressed form."""

    @abstractmethod
    def record(self, trace: Trace, group: int, v: Part, label: str) -> Part:
        """Compress ``v`` for the agents of one group: add columns and inequalities, and return the compressed vectors."""


class Operator(Protocol):
    """A compression operator for numeric runs."""

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress each row of ``v``, an array of shape ``(n, d)``; the result has the same shape."""
        ...
