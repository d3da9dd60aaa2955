"""Server and client vectors of a population of exchangeable agents.

A client vector ``u_i`` of the agents of one group is carried as its mean over the group and its deviation from it,

    mean_i <u_i, v_i> = <mean u, mean v> + dev(u, v),

so that a group of any size costs one deviation block (2403.11724; exact, because a worst case of exchangeable agents can be
taken symmetric). Block 0 holds server vectors and group means, block ``a + 1`` the deviations of group ``a``.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.model.field import Scalar
from efpep.model.linear import ZERO, Linear


@dataclass(frozen=True, slots=True)
class Part:
    """The vectors of one group's agents: their mean (over block 0) and their deviation (over the group's own block)."""

    mean: Linear
    deviation: Linear = ZERO

    def __add__(self, other: Part) -> Part:
        """Return the sum."""
        return Part(self.mean + other.mean, self.deviation + other.deviation)

    def __sub__(self, other: Part) -> Part:
        """Return the difference."""
        return Part(self.mean - other.mean, self.deviation - other.deviation)

    def __neg__(self) -> Part:
        """Return the negative."""
        return Part(-self.mean, -self.deviation)

    def __rmul__(self, factor: Scalar) -> Part:
        """Return the multiple by a scalar."""
        return Part(factor * self.mean, factor * self.deviation)

    @property
    def nonzero(self) -> bool:
        """Whether the vector is not identically zero."""
        return self.mean.nonzero or self.deviation.nonzero


NOTHING = Part(ZERO)


class Vector:
    """A vector of the analysis: one :class:`Part` a group (client vector), or one for the server (server vector).

    Sums of a server and a client vector broadcast the server vector to all agents. Scalars multiply from the left or right.
    """

    __slots__ = ("parts", "server")

    def __init__(self, parts: tuple[Part, ...], *, server: bool) -> None:
        """Take one part for each group; a server vector has exactly one part, with no deviation."""
        self.parts = parts
        self.server = server

    def part(self, group: int) -> Part:
        """Return what the agents of ``group`` hold."""
        return self.parts[0 if self.server else group]

    @property
    def mean(self) -> Linear:
        """The linear form of a server vector."""
        return self.parts[0].mean

    def _with(self, other: Vector, sign: int) -> Vector:
        if self.server and other.server:
            pairs = [(self.parts[0], other.parts[0])]
        else:
            groups = range(max(len(self.parts), len(other.parts)))
            pairs = [(self.part(a), other.part(a)) for a in groups]
        joined = tuple(u + v if sign > 0 else u - v for u, v in pairs)
        return Vector(joined, server=self.server and other.server)

    def __add__(self, other: Vector) -> Vector:
        """Return the sum, broadcasting server vectors."""
        return self._with(other, 1)

    def __sub__(self, other: Vector) -> Vector:
        """Return the difference, broadcasting server vectors."""
        return self._with(other, -1)

    def __neg__(self) -> Vector:
        """Return the negative."""
        return Vector(tuple(-u for u in self.parts), server=self.server)

    def __mul__(self, factor: Scalar) -> Vector:
        """Return the multiple by a scalar."""
        return Vector(tuple(factor * u for u in self.parts), server=self.server)

    def __rmul__(self, factor: Scalar) -> Vector:
        """Return the multiple by a scalar."""
        return self * factor

    def __truediv__(self, divisor: Scalar) -> Vector:
        """Return the vector divided by a scalar."""
        return self * (1 / (Fraction(divisor) if isinstance(divisor, int) else divisor))

    def __repr__(self) -> str:
        """Show the parts."""
        return f"Vector({self.parts}, server={self.server})"
