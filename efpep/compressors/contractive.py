"""Deterministic contractive compressors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.base import Compressor
from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic
from efpep.model.form import square

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.model.vector import Part


@dataclass(frozen=True)
class Contractive(Compressor):
    """Maps with ``||C(v) - v||^2 <= (1 - delta) ||v||^2`` for all ``v`` (Top-K on R^d has ``delta = K/d``).

    One inequality a use; exact for arbitrary deterministic contractive maps, because any data that satisfy it at distinct
    inputs extend to such a map. ``delta = 1`` is the identity, a structural case without residual.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    key: ClassVar[str] = "contractive"

    delta: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        self.read(delta=self.delta)
        if not is_symbolic(self.delta) and not 0 < self.delta <= 1:
            raise InputError(
                f"delta is {self.delta}, outside (0, 1], where compressors contract; give 0 < delta <= 1 (1 is no compression)."
            )

    def record(self, trace: Trace, group: int, v: Part, label: str) -> Part:
        """Return ``v - r`` with a new residual ``r`` and the row ``||r||^2 - (1 - delta) ||v||^2 <= 0``."""
        delta = trace.field(self.delta)
        if delta == 1:
            return v
        residual = trace.client_part(group, f"r{label}", None, like=v)
        trace.add(f"compression({label})", group, square(residual, group) - (1 - delta) * square(v, group))
        return v - residual
