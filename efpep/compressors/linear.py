"""Linear compressors that all agents share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.contractive_base import ContractiveBase
from efpep.model.compressor_class import Loss
from efpep.model.linear import ZERO
from efpep.model.row import Origin
from efpep.model.vector import Part

if TYPE_CHECKING:
    from efpep.model.node import Node
    from efpep.model.trace import Trace
    from efpep.model.vector import Vector


@dataclass(frozen=True)
class LinearContractive(ContractiveBase):
    """One linear map C for all agents of a group, with ``||C v - v||^2 <= (1 - delta) ||v||^2``.

    Linearity lets the mean and the deviations contract one by one:
    ``||C mean v - mean v||^2 <= (1 - delta) ||mean v||^2`` and ``dev(C v - v, C v - v) <= (1 - delta) dev(v, v)``. For agents of
    one group and a single use in each step these are necessary and sufficient; that all groups share C, and that C is the same
    in different uses, is not used (a relaxation). Source: 2605.31594 (linear compressors).

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    key: ClassVar[str] = "linear"
    loss: ClassVar[Loss | None] = Loss.LINEAR

    def record(self, node: Node, v: Part, label: str) -> Part:
        """Return ``v - r`` with the contraction of the mean and that of the deviations."""
        delta = node.field(self.delta)
        if delta == 1:
            return v
        residual = node.vector(f"r{label}", v)
        epsilon = 1 - delta
        mean = node.square(Part(residual.mean)) - epsilon * node.square(Part(v.mean))
        deviation = node.square(Part(ZERO, residual.deviation)) - epsilon * node.square(Part(ZERO, v.deviation))
        node.require("compression", label, mean, part="mean")
        node.require("compression", label, deviation, part="deviation")
        return v - residual


@dataclass(frozen=True)
class CommonLinear(LinearContractive):
    """One linear map C for all agents of all groups, with ``||C v - v||^2 <= (1 - delta) ||v||^2``.

    Besides what :class:`LinearContractive` says of every group, the average over all agents contracts:
    ``||C mean v - mean v||^2 <= (1 - delta) ||mean v||^2``. A relaxation still (other combinations of the groups contract too).
    Source: 2605.31594 (linear compressors).

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    key: ClassVar[str] = "common-linear"

    def record_together(self, trace: Trace, v: Vector, compressed: Vector, label: str) -> None:
        """Record the contraction of the average over all agents."""
        residual, message = trace.mean(v - compressed), trace.mean(v)
        epsilon = 1 - trace.field(self.delta)
        origin = Origin("compression", (label,), part="average")
        trace.add(origin, trace.square(residual) - epsilon * trace.square(message))
