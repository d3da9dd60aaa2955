"""Randomised compressors, contractive in expectation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors.contractive_base import ContractiveBase
from efpep.errors import InputError
from efpep.model.compressor_class import Compressor, Loss
from efpep.model.field import Scalar, is_symbolic, shown

if TYPE_CHECKING:
    from efpep.model.node import Columns, Node
    from efpep.model.vector import Part


@dataclass(frozen=True)
class Randomized(ContractiveBase):
    """Random maps with ``E ||C(v) - v||^2 <= (1 - delta) ||v||^2`` (Rand-K has ``delta = K/d``); rates are in expectation.

    With ``r = v - E C(v)`` and the fluctuation ``n = C(v) - E C(v)``, orthogonal in L2 to everything drawn before,
    ``||r||^2 + E ||n||^2 <= (1 - delta) ||v||^2``. Fluctuations of different agents are orthogonal where the agents draw
    independently, so that their average has a ``1/n``-th of the energy: n is a coefficient, not a size. With shared randomness
    nothing is assumed about the correlation between agents.

    Attributes:
        delta: contraction parameter, ``0 < delta <= 1``.
        shared: whether all agents use the same random draw (``"yes"``) or independent ones (``"no"``, the default).

    Raises:
        InputError: ``delta`` outside ``(0, 1]``, or ``shared`` neither yes nor no.
    """

    key: ClassVar[str] = "randomized"
    random: ClassVar[bool] = True
    loss: ClassVar[Loss | None] = Loss.EXPECTED

    shared: bool | str = False

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        super().__post_init__()
        object.__setattr__(self, "shared", read_shared(self.shared))

    @property
    def averages(self) -> bool:
        """Whether the agents draw independently."""
        return not self.shared

    def record(self, node: Node, v: Part, label: str) -> Part:
        """Return the expectation ``v - r``."""
        if node.field(self.delta) == 1:
            return v
        return v - node.vector(f"r{label}", v)

    def add_noise(self, node: Node, v: Part, expected: Part, label: str, past: Columns) -> Part:
        """Return ``v - r + n`` with the row ``||r||^2 + ||n||^2 - (1 - delta) ||v||^2 <= 0``."""
        delta = node.field(self.delta)
        if delta == 1:
            return v
        noise = fluctuation(node, v, label, past, shared=bool(self.shared))
        lost = node.square(v - expected) + node.square(noise) - (1 - delta) * node.square(v)
        node.require("compression", label, lost)
        return expected + noise


def read_shared(shared: object, name: str = "shared") -> bool:
    """Read a switch: whether randomness is shared.

    Raises:
        InputError: it is neither yes nor no.
    """
    known = {True: True, False: False, "True": True, "False": False, "yes": True, "no": False}
    if not isinstance(shared, bool | str) or shared not in known:
        raise InputError(f"{name} is {shown(shared)}, which is neither yes nor no; give one of them.", argument=name)
    return known[shared]


def read_variance(compressor: Compressor, omega: Scalar, shared: object) -> None:
    """Store a relative variance ``omega``, and whether randomness is shared, after reading them; for use in ``__post_init__``.

    Raises:
        InputError: ``omega`` is negative or no number, or ``shared`` neither yes nor no.
    """
    compressor.read(omega=omega)
    known: Scalar = compressor.parameters()["omega"]
    if not is_symbolic(known) and known < 0:
        raise InputError(f"omega is {shown(known)}, but a variance is not negative; give omega >= 0.", argument="omega")
    object.__setattr__(compressor, "shared", read_shared(shared))


def varied(  # noqa: PLR0917 - a message, and how it varies
    node: Node, v: Part, expected: Part, label: str, past: Columns, omega: Scalar, *, shared: bool, part: str = ""
) -> Part:
    """Return the expectation plus a fluctuation ``n`` with the row ``||n||^2 - omega ||v||^2 <= 0``."""
    variance = node.field(omega)
    if variance == 0:
        return expected
    noise = fluctuation(node, v, label, past, shared=shared)
    node.require("compression", label, node.square(noise) - variance * node.square(v), part=part)
    return expected + noise


def fluctuation(node: Node, v: Part, label: str, past: Columns, *, shared: bool) -> Part:
    """Add a fluctuation of the size of ``v``, orthogonal to the past, and between agents unless ``shared``."""
    noise = node.noise(f"n{label}", v, shared=shared)
    node.orthogonal("noise", label, noise, past)
    if not shared:
        node.independent("independence", label, noise)
        node.drew(f"n{label}", noise)
    return noise
