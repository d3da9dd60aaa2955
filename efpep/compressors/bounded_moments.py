"""Compressors whose bias and variance are bounded one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.randomized import read_variance, varied
from efpep.errors import InputError
from efpep.model.compressor_class import Compressor
from efpep.model.field import Scalar, is_symbolic, shown

if TYPE_CHECKING:
    from efpep.model.node import Columns, Node
    from efpep.model.vector import Part


@dataclass(frozen=True)
class BoundedMoments(Compressor):
    """The class C(eta, omega) of 2205.04180: bias at most ``eta``, variance at most ``omega``, both relative.

    ``||E C(v) - v|| <= eta ||v||`` and ``E ||C(v) - E C(v)||^2 <= omega ||v||^2`` (Top-K' followed by scaled Rand-K has
    ``eta^2 = 1 - K'/d``, ``omega = K'/K - 1``). ``eta = 0`` is :class:`~efpep.compressors.unbiased.Unbiased`, and ``omega = 0``
    is :class:`~efpep.compressors.contractive.Contractive` with ``delta = 1 - eta^2``, recorded as a map that may be random. Rates
    are in expectation; fluctuations of different agents are orthogonal in L2 where the agents draw independently, and with shared
    randomness nothing is assumed about the correlation between agents.

    Attributes:
        eta: relative bias, in [0, 1).
        omega: relative variance, ``omega >= 0``.
        shared: whether all agents use the same random draw (``"yes"``) or independent ones (``"no"``, the default).

    Raises:
        InputError: ``eta`` outside [0, 1), ``omega`` negative, or ``shared`` neither yes nor no.
    """

    key: ClassVar[str] = "bounded-moments"
    random: ClassVar[bool] = True

    eta: Scalar
    omega: Scalar
    shared: bool | str = False

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read(eta=self.eta)
        if not is_symbolic(self.eta) and not 0 <= self.eta < 1:
            raise InputError(
                f"eta is {shown(self.eta)}, outside [0, 1), where compressors keep something; give 0 <= eta < 1 (0 is no bias).",
                argument="eta",
            )
        read_variance(self, self.omega, self.shared)

    @property
    def bias_and_variance(self) -> tuple[Scalar, Scalar] | None:
        """The square of eta, and omega."""
        return self.eta * self.eta, self.omega

    @property
    def lossless(self) -> bool:
        """Whether eta and omega are 0."""
        return bool(self.eta == 0 and self.omega == 0)

    def within(self, other: Compressor) -> bool:
        """Return whether ``other`` is the same class with no smaller eta and omega."""
        return (
            isinstance(other, BoundedMoments)
            and bool(self.eta <= other.eta and self.omega <= other.omega)
            and replace(self, eta=other.eta, omega=other.omega) == other
        )

    @property
    def averages(self) -> bool:
        """Whether the agents draw independently."""
        return not self.shared

    def record(self, node: Node, v: Part, label: str) -> Part:
        """Return the expectation ``v - r`` with the row ``||r||^2 - eta^2 ||v||^2 <= 0``."""
        eta = node.field(self.eta)
        if eta == 0:
            return v
        residual = node.vector(f"r{label}", v)
        node.require("compression", label, node.square(residual) - eta * eta * node.square(v), part="bias")
        return v - residual

    def add_noise(self, node: Node, v: Part, expected: Part, label: str, past: Columns) -> Part:
        """Return the expectation plus ``n`` with the row ``||n||^2 - omega ||v||^2 <= 0``."""
        return varied(node, v, expected, label, past, self.omega, shared=bool(self.shared), part="variance")
