"""What compressor classes with a contraction parameter have in common."""

from __future__ import annotations

from dataclasses import dataclass

from efpep.compressors.base import Compressor
from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, shown


@dataclass(frozen=True)
class Contraction(Compressor):
    """Base of the classes with ``||C(v) - v||^2 <= (1 - delta) ||v||^2`` in one sense or another.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``; 1 is the identity, a structural case without residual.

    Raises:
        InputError: ``delta`` outside ``(0, 1]``.
    """

    delta: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        self.read(delta=self.delta)
        if not is_symbolic(self.delta) and not 0 < self.delta <= 1:
            raise InputError(
                f"delta is {shown(self.delta)}, outside (0, 1], where compressors contract; "
                "give 0 < delta <= 1 (1 is no compression)."
            )
