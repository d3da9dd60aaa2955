"""Unbiased compressors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.randomized import read_variance, varied
from efpep.model.compressor_class import Compressor
from efpep.model.field import Scalar

if TYPE_CHECKING:
    from efpep.model.node import Columns, Node
    from efpep.model.vector import Part


@dataclass(frozen=True)
class Unbiased(Compressor):
    """Random maps with ``E C(v) = v`` and ``E ||C(v) - v||^2 <= omega ||v||^2`` (scaled Rand-K has ``omega = d/K - 1``).

    Rates are in expectation. Fluctuations of different agents are orthogonal in L2 where the agents draw independently; with
    shared randomness nothing is assumed about the correlation between agents.

    Attributes:
        omega: relative variance, ``omega >= 0``.
        shared: whether all agents use the same random draw (``"yes"``) or independent ones (``"no"``, the default).

    Raises:
        InputError: ``omega`` negative, or ``shared`` neither yes nor no.
    """

    key: ClassVar[str] = "unbiased"
    random: ClassVar[bool] = True

    omega: Scalar
    shared: bool | str = False

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        read_variance(self, self.omega, self.shared)

    @property
    def lossless(self) -> bool:
        """Whether omega is 0."""
        return bool(self.omega == 0)

    def within(self, other: Compressor) -> bool:
        """Return whether ``other`` is the same class with the same or a larger omega."""
        return isinstance(other, Unbiased) and bool(self.omega <= other.omega) and replace(self, omega=other.omega) == other

    @property
    def bias_and_variance(self) -> tuple[Scalar, Scalar] | None:
        """Zero and omega."""
        return 0 * self.omega, self.omega

    @property
    def averages(self) -> bool:
        """Whether the agents draw independently."""
        return not self.shared

    def record(self, node: Node, v: Part, label: str) -> Part:
        """Return the expectation ``v``."""
        del node, label
        return v

    def add_noise(self, node: Node, v: Part, expected: Part, label: str, past: Columns) -> Part:
        """Return ``v + n`` with the row ``||n||^2 - omega ||v||^2 <= 0``."""
        return varied(node, v, expected, label, past, self.omega, shared=bool(self.shared))
