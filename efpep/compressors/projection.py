"""Compressors of orthogonal-projection type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.contractive_base import ContractiveBase
from efpep.model.compressor_class import Loss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.compressor_class import Compressor
    from efpep.model.node import Node
    from efpep.model.vector import Part


@dataclass(frozen=True)
class Projection(ContractiveBase):
    """Contractive maps whose loss is orthogonal to the result: ``<C(v), v - C(v)> = 0`` (Top-K, and Rand-K draw by draw).

    The contraction inequality and the equality are necessary and sufficient for single uses at distinct inputs.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    key: ClassVar[str] = "projection"
    exact: ClassVar[bool] = True
    loss: ClassVar[Loss | None] = Loss.ORTHOGONAL

    def within(self, other: Compressor) -> bool:
        """Return whether ``other`` is the same class with the same or a smaller delta, or has all maps with such losses."""
        free = other.free_losses
        return super().within(other) or (free is not None and bool(1 - self.delta <= free))

    def near(self, sent: NDArray[np.float64], received: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the projection of ``v`` onto the line of ``received``, which that of ``sent`` is."""
        del sent
        square = float(received @ received)
        return received * (float(v @ received) / square if square else 0.0)

    def record(self, node: Node, v: Part, label: str) -> Part:
        """Return ``v - r`` with ``||r||^2 <= (1 - delta) ||v||^2`` and ``<v - r, r> = 0``."""
        delta = node.field(self.delta)
        if delta == 1:
            return v
        residual = node.vector(f"r{label}", v)
        node.require("compression", label, node.square(residual) - (1 - delta) * node.square(v))
        node.equate("projection", label, node.inner(v - residual, residual))
        return v - residual
