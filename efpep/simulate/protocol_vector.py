"""Vectors that parties hold: what a vector is made of, and which of it the other side has been told.

A *client* vector has one row for each client, a *server* vector belongs to the server. A party may lack the value of a vector:
the server does not see gradients until they are sent, clients do not see an average until it is broadcast. Such a vector
remembers the *pieces* that it is made of, and how, so that both sides agree on what has to be sent before it can be used.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from efpep.model.field import coefficient, double
from efpep.model.vector import UnknownTruth

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Recipe = Callable[..., Any]


@dataclass(eq=False, slots=True)
class Piece:
    """Something that one side computed by itself, and that the other side knows once it was sent.

    Attributes:
        number: its place among the pieces of a run; all parties count alike.
        value: the numbers, where this party has them.
        sent: whether both sides have them.
        senders: the clients whose rows are sent, the others' being zero; None for all.
    """

    number: int
    value: NDArray[np.float64] | None
    sent: bool = False
    senders: NDArray[np.bool_] | None = None

    @property
    def available(self) -> bool:
        """Whether this party has the value."""
        return self.value is not None


class Sharing(Protocol):
    """What a vector asks of its run."""

    def share(self, vector: ProtocolVector) -> None:
        """See that the clients know a server vector."""
        ...


class ProtocolVector(UnknownTruth):
    """A client or server vector, with ``+``, ``-``, and multiplication and division by numbers.

    Attributes:
        run: the run that it belongs to.
        client: whether it is a client vector.
        pieces: what it is made of that was unknown to the other side when it was made.
    """

    __array_ufunc__ = None
    __slots__ = ("_arguments", "_recipe", "_value", "client", "pieces", "run")

    def __init__(
        self,
        run: Sharing,
        value: NDArray[np.float64] | None = None,
        *,
        client: bool,
        pieces: frozenset[Piece] = frozenset(),
        recipe: Recipe | None = None,
        arguments: tuple[Any, ...] = (),
    ) -> None:
        """Hold a value, or a recipe for it; the recipe is followed at once where all its arguments have values."""
        self.run = run
        self.client = client
        self.pieces = pieces
        self._value = value
        self._recipe = recipe
        self._arguments = arguments
        if recipe is not None and all(a.available for a in arguments if isinstance(a, ProtocolVector | Piece)):
            self._follow()

    @classmethod
    def of_piece(cls, run: Sharing, piece: Piece, *, client: bool) -> ProtocolVector:
        """Return the vector that consists of one piece."""
        return cls(run, client=client, pieces=frozenset([piece]), recipe=_same, arguments=(piece,))

    @property
    def available(self) -> bool:
        """Whether this party has the value."""
        return self._value is not None

    @property
    def value(self) -> NDArray[np.float64]:
        """The numbers, shape ``(rows, d)`` for a client vector and ``(d,)`` for a server vector."""
        if self._value is None:
            self._follow()
        assert self._value is not None  # noqa: S101
        return self._value

    def hold(self, value: NDArray[np.float64]) -> None:
        """Have these numbers for its value, which was deferred."""
        self._value = value

    def missing(self) -> list[Piece]:
        """Return the pieces that have not been sent, in order."""
        return sorted((piece for piece in self.pieces if not piece.sent), key=lambda piece: piece.number)

    def map(self, function: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> ProtocolVector:
        """Return the vector of the same side that is a known function of this one."""
        return ProtocolVector(self.run, client=self.client, pieces=self.pieces, recipe=function, arguments=(self,))

    def __add__(self, other: ProtocolVector) -> ProtocolVector:
        return self._combine(operator.add, self, other)

    def __sub__(self, other: ProtocolVector) -> ProtocolVector:
        return self._combine(operator.sub, self, other)

    def __radd__(self, other: object) -> ProtocolVector:
        return self if isinstance(other, int) and other == 0 else NotImplemented  # ``sum`` begins with 0

    def __neg__(self) -> ProtocolVector:
        return self.map(operator.neg)

    def __mul__(self, factor: float) -> ProtocolVector:
        return self._scaled(_times, factor)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> ProtocolVector:
        return self._scaled(_over, divisor)

    def _scaled(self, function: Recipe, number: float) -> ProtocolVector:
        if isinstance(number, ProtocolVector):
            return NotImplemented
        factor = float(number) if isinstance(number, float) else double(coefficient(number, 0.0))
        return ProtocolVector(self.run, client=self.client, pieces=self.pieces, recipe=function, arguments=(self, factor))

    def _combine(self, function: Recipe, left: ProtocolVector, right: ProtocolVector) -> ProtocolVector:
        if not isinstance(right, ProtocolVector):  # pyright: ignore[reportUnnecessaryIsInstance]
            return NotImplemented
        pieces = left.pieces | right.pieces
        if left.client != right.client:
            ours, servers = (left, right) if left.client else (right, left)
            self.run.share(servers)
            pieces = ours.pieces
        return ProtocolVector(
            self.run, client=left.client or right.client, pieces=pieces, recipe=function, arguments=(left, right)
        )

    def _follow(self) -> None:
        recipe, arguments = self._recipe, self._arguments
        assert recipe is not None  # noqa: S101
        self._value = recipe(*(a.value if isinstance(a, ProtocolVector | Piece) else a for a in arguments))
        self._recipe, self._arguments = None, ()


def _same(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return value


def _times(value: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    return value * factor


def _over(value: NDArray[np.float64], divisor: float) -> NDArray[np.float64]:
    return value / divisor
