"""Deterministic contractive compressors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.contractive_base import ContractiveBase
from efpep.model.compressor_class import Loss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.field import Scalar
    from efpep.model.node import Node
    from efpep.model.vector import Part


@dataclass(frozen=True)
class Contractive(ContractiveBase):
    """Maps with ``||C(v) - v||^2 <= (1 - delta) ||v||^2`` for all ``v`` (Top-K on R^d has ``delta = K/d``).

    One inequality a use; exact for arbitrary deterministic contractive maps, because any data that satisfy it at distinct
    inputs extend to such a map. ``delta = 1`` is the identity, a structural case without residual.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    key: ClassVar[str] = "contractive"
    exact: ClassVar[bool] = True
    loss: ClassVar[Loss | None] = Loss.ANY

    @property
    def free_losses(self) -> Scalar | None:
        """1 less delta."""
        return 1 - self.delta if self.plain(Contractive) else None

    def near(self, sent: NDArray[np.float64], received: NDArray[np.float64], v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``received``."""
        del sent, v
        return received

    def record(self, node: Node, v: Part, label: str) -> Part:
        """Return ``v - r`` with a new residual ``r`` and the row ``||r||^2 - (1 - delta) ||v||^2 <= 0``."""
        delta = node.field(self.delta)
        if delta == 1:
            return v
        residual = node.vector(f"r{label}", v)
        node.require("compression", label, node.square(residual) - (1 - delta) * node.square(v))
        return v - residual
