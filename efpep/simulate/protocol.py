"""The protocol of methods between clients and a server: what each message carries, whoever computes.

Every party runs the same ``step``. Client vectors live at the clients and server vectors at the server. What is sent:

- ``compress`` and ``compress_at_server``: the operator's messages;
- ``mean`` of a client vector: nothing where the server can compute it from messages that it has received, as for EF21's
  estimates; else the pieces that it lacks, uncompressed, eight bytes a number;
- a server vector that clients use: nothing where they can compute it from what they received; else the averages that they
  lack, uncompressed;
- ``constraint_value``: one number of each client, and the average back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError
from efpep.methods.called import called, no_state
from efpep.model.field import shown
from efpep.model.participation import server_vector
from efpep.simulate.blocked_run import BlockedRun
from efpep.simulate.memory import NUMBER
from efpep.simulate.mini_batches import constraint_samples_of, samples_of
from efpep.simulate.participation import ProtocolParticipants
from efpep.simulate.protocol_vector import Piece, ProtocolVector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.methods.base import Method
    from efpep.simulate.gradient_draws import GradientDraws, Samples
    from efpep.simulate.run import NumericRun


class ProtocolRun(ABC):
    """Base of the runs in which messages are sent or counted: the :class:`~efpep.methods.base.Run` protocol on held vectors.

    Attributes:
        numeric: evaluates the problem and compresses.
    """

    def __init__(self, numeric: NumericRun) -> None:
        """Run with the problem and operators of ``numeric``."""
        self.numeric = numeric
        self._pieces = 0

    def point(self, x: NDArray[np.float64]) -> ProtocolVector:
        """Return a server vector that all parties know, such as the starting point."""
        return ProtocolVector(self, x, client=False)

    def restored(self, value: NDArray[np.float64], *, client: bool, known: bool) -> ProtocolVector:
        """Return a vector of a saved state; ``known`` says whether both sides know it."""
        return (
            ProtocolVector(self, value, client=client)
            if known
            else ProtocolVector.of_piece(self, self._piece(value), client=client)
        )

    def local(self, x: ProtocolVector) -> ProtocolVector:
        """Give every client its own copy of the server point ``x``, after what clients lack of it was sent."""
        if x.client:
            raise InputError("clients have copies of server points, and this is a client vector; use it as it is.")
        self.share(x)
        return ProtocolVector(self, client=True, recipe=self.numeric.local, arguments=(x,))

    def gradient(self, x: ProtocolVector) -> ProtocolVector:
        """Evaluate every client's gradient at the server point ``x``, or at its own."""
        return self._at_clients(x, self.numeric.gradient)

    def constraint_gradient(self, x: ProtocolVector) -> ProtocolVector:
        """Evaluate a subgradient of every client's constraint at the server point ``x``."""
        return self._at_clients(x, self.numeric.constraint_gradient, own=False)

    def participate(self, p: float | None = None, *, count: int | None = None, together: bool = False) -> ProtocolParticipants:
        """Draw who takes part, which all parties know."""
        return ProtocolParticipants.drawn(self, p, count, together=together)

    def exceeding(self, v: ProtocolVector, u: ProtocolVector, factor: float) -> ProtocolParticipants:
        """Let every client compare two of its own vectors: those with ``||v_i||^2 > factor ||u_i||^2`` send ``v_i``.

        Raises:
            InputError: a party does not have the vectors, and would have to be told who sends.
        """
        if not (v.client and u.client):
            raise server_vector()
        if not (v.available and u.available):
            raise InputError(
                "clients decide by vectors that the server does not have whether they send, and the network has no message that "
                "says so; simulate the method.",
                argument="method",
            )
        return ProtocolParticipants(self, self.numeric.exceeding(v.value, u.value, factor).senders(self.rows))

    def selected(self, v: ProtocolVector, senders: NDArray[np.bool_]) -> ProtocolVector:
        """Return the rows of the senders of a client vector, and zero for the others; only theirs are sent if need be."""

        def rows(value: NDArray[np.float64]) -> NDArray[np.float64]:
            return self.numeric.selected(value, senders)

        if not v.missing():
            return v.map(rows)
        piece = self._piece(rows(v.value) if v.available else None)
        piece.senders = senders
        return ProtocolVector.of_piece(self, piece, client=True)

    def compress(self, v: ProtocolVector, senders: NDArray[np.bool_] | None = None) -> ProtocolVector:
        """Compress the row of each client, or of each sender, and send it."""
        if not v.client:
            raise InputError("clients compress client vectors, and this is a server vector; use run.compress_at_server.")
        return ProtocolVector(self, self._compressed(v, senders), client=True)

    def compress_at_server(self, v: ProtocolVector) -> ProtocolVector:
        """Compress a server vector, and broadcast it."""
        if v.client:
            raise InputError("the server compresses server vectors, and this is a client vector; average it first with run.mean.")
        return ProtocolVector(self, self._compressed_at_server(v), client=False)

    def mean(self, v: ProtocolVector) -> ProtocolVector:
        """Average a client vector, after what the server lacks of it was sent."""
        if not v.client:
            raise InputError("the average is over clients, and this is a server vector; use it as it is.")
        for piece in v.missing():
            self._send_up(piece)
            piece.sent = True
        return ProtocolVector.of_piece(self, self._piece(self._average(v)), client=False)

    def share(self, vector: ProtocolVector) -> None:
        """Broadcast what the clients lack of a server vector."""
        for piece in vector.missing():
            self._send_down(piece)
            piece.sent = True

    def project(self, x: ProtocolVector) -> ProtocolVector:
        """Project a server point onto the feasible set, which all parties know."""
        return x.map(self.numeric.project)

    def constraint_value(self, x: ProtocolVector) -> float:
        """Evaluate the constraint ``mean_i g_i(x)`` at the server point ``x``."""
        self.share(x)
        return self._constraint(x)

    def at_most(self, value: float, threshold: float) -> bool:
        """Whether ``value <= threshold``; all parties know both."""
        return self.numeric.at_most(value, threshold)

    def positive_part(self, value: float) -> float:
        """Return ``max(0, value)``."""
        return self.numeric.positive_part(value)

    def begun(self, method: Method, x: NDArray[np.float64]) -> Any:
        """Return the state in which a method, over floats, starts at the point ``x``.

        Raises:
            InputError: ``start`` fails, or returns no state.
        """
        return self._settled_state(method, "start", called(method, "start", lambda: method.start(self.point(x), self)))

    def stepped(self, method: Method, state: Any) -> Any:
        """Return the state of a method, over floats, after one step.

        Raises:
            InputError: ``step`` fails, or returns no state.
        """
        return self._settled_state(method, "step", called(method, "step", lambda: method.step(state, self)))

    def _settled_state(self, method: Method, what: str, state: Any) -> Any:
        for name in ("x", *(memory.name for memory in method.memories)):
            held = getattr(state, name, None)
            if not isinstance(held, ProtocolVector) or (name == "x" and held.client):
                given = (
                    "it is a client vector"
                    if isinstance(held, ProtocolVector)
                    else f"it is {shown(state if held is None else held)}"
                )
                raise no_state(method, what, name, given, server=name == "x")
        return self.settle(state)

    def settle(self, state: Any) -> Any:
        """Return the state with every vector in one piece, so that the next iteration starts without history."""
        settled: dict[int, ProtocolVector] = {}

        def one(field: object) -> object:
            if not isinstance(field, ProtocolVector):
                return field
            if id(field) not in settled:
                settled[id(field)] = self._settled(field)
            return settled[id(field)]

        return type(state)(*(one(field) for field in state))

    def _settled(self, vector: ProtocolVector) -> ProtocolVector:
        if not vector.missing():
            return ProtocolVector(self, vector.value, client=vector.client)
        value = vector.value if vector.available else None
        return ProtocolVector.of_piece(self, self._piece(value), client=vector.client)

    def _at_clients(
        self, x: ProtocolVector, evaluate: Callable[[NDArray[np.float64]], NDArray[np.float64]], *, own: bool = True
    ) -> ProtocolVector:
        if not x.client:
            self.share(x)
        elif not own:
            raise InputError("constraints are evaluated at a server point; average the client vector first with run.mean.")
        return ProtocolVector.of_piece(self, self._piece(self._evaluated(x, evaluate)), client=True)

    def _piece(self, value: NDArray[np.float64] | None) -> Piece:
        self._pieces += 1
        return Piece(self._pieces, value)

    @abstractmethod
    def _evaluated(
        self, x: ProtocolVector, evaluate: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64] | None:
        """Evaluate at the clients; None for a party that has no clients."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows client vectors have here."""

    @abstractmethod
    def _compressed(self, v: ProtocolVector, senders: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        """Compress the rows of senders, all where there is no mask, and send or receive them."""

    @abstractmethod
    def _compressed_at_server(self, v: ProtocolVector) -> NDArray[np.float64]:
        """Compress a server vector, and send or receive it."""

    @abstractmethod
    def _average(self, v: ProtocolVector) -> NDArray[np.float64] | None:
        """Average at the server; None for a client."""

    @abstractmethod
    def _constraint(self, x: ProtocolVector) -> float:
        """Average the clients' constraint values, for all parties."""

    @abstractmethod
    def _send_up(self, piece: Piece) -> None:
        """Send a piece of a client vector from every client to the server."""

    @abstractmethod
    def _send_down(self, piece: Piece) -> None:
        """Broadcast a piece of a server vector."""


class SimulatedRun(ProtocolRun):
    """All parties in one process: every value is at hand, and messages are counted, not sent.

    Attributes:
        client_bytes: what each client has sent, shape ``(n,)``.
        server_bytes: what the server has broadcast.
        remember: whether the latest gradients are kept, for what is recorded.
    """

    def __init__(self, numeric: NumericRun, clients: int, dimension: int, draws: GradientDraws | None = None) -> None:
        """Run ``numeric`` with n clients in R^d; ``draws`` are the noise of what methods get of gradients."""
        super().__init__(numeric)
        self.client_bytes = np.zeros(clients, dtype=np.int64)
        self.server_bytes = 0
        self.dimension = dimension
        self.remember = False
        self._draws = draws
        self._samples = samples_of(numeric.problem), constraint_samples_of(numeric.problem)
        self._latest: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the clients' gradients at ``x``, those at hand where they were asked for just before."""
        if self._latest is not None and self._latest[0] is x:
            return self._latest[1]
        found = self.numeric.whole(self.numeric.gradient(x))
        self._latest = (x, found) if self.remember else None
        return found

    def gradient(self, x: ProtocolVector) -> ProtocolVector:
        """Evaluate every client's gradient at the server point ``x``, or at its own, with noise where there are draws."""
        return self._at_clients(x, self._drawn(self._exact, self._samples[0]))

    def _exact(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if x.ndim > 1:
            return self.numeric.gradient(x)
        whole = self.remember or self._draws is not None or (self._latest is not None and self._latest[0] is x)
        return self.gradients(x) if whole else self.numeric.gradient(x)

    def constraint_gradient(self, x: ProtocolVector) -> ProtocolVector:
        """Evaluate a subgradient of every client's constraint at the server point ``x``, with noise too."""
        return self._at_clients(x, self._drawn(self.numeric.constraint_gradient, self._samples[1]), own=False)

    def _drawn(
        self, exact: Callable[[NDArray[np.float64]], NDArray[np.float64]], samples: Samples | None
    ) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        draws = self._draws
        if draws is None:
            return exact

        arrays = self.numeric.arrays

        def drawn(x: NDArray[np.float64]) -> NDArray[np.float64]:
            noisy = draws(arrays.host(x), lambda _: arrays.host(exact(x)), samples, len(self.client_bytes))
            return self.numeric.checked(arrays.asarray(noisy))

        return drawn

    def _evaluated(
        self, x: ProtocolVector, evaluate: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        return evaluate(self.numeric.whole(x.value) if x.client else self.numeric.server(x.value))

    def settle(self, state: Any) -> Any:
        """Return the state with every vector in one piece and all numbers at hand, and count what its messages took."""
        held = [field for field in state if isinstance(field, ProtocolVector)]
        for field, numbers in zip(held, self.numeric.settled([field.value for field in held]), strict=True):
            field.hold(numbers)
        if isinstance(self.numeric, BlockedRun):
            self.client_bytes += self.numeric.sent
            self.server_bytes += self.numeric.broadcast
            self.numeric.sent[:], self.numeric.broadcast = 0, 0
        return super().settle(state)

    @property
    def rows(self) -> int:
        """The number of clients."""
        return len(self.client_bytes)

    def _compressed(self, v: ProtocolVector, senders: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        found = self.numeric.compress(v.value, senders)
        if isinstance(self.numeric, BlockedRun):
            return found
        sizes = self.numeric.sizes(self.numeric.operator, found)
        self.client_bytes += sizes if senders is None else sizes * senders
        return found

    def _compressed_at_server(self, v: ProtocolVector) -> NDArray[np.float64]:
        found = self.numeric.compress_at_server(v.value)
        if isinstance(self.numeric, BlockedRun):
            return found
        self.server_bytes += int(self.numeric.sizes(self.numeric.server_operator, found[None, :])[0])
        return found

    def _average(self, v: ProtocolVector) -> NDArray[np.float64]:
        return self.numeric.mean(v.value)

    def _constraint(self, x: ProtocolVector) -> float:
        self.client_bytes += NUMBER
        self.server_bytes += NUMBER
        return self.numeric.constraint_value(x.value)

    def _send_up(self, piece: Piece) -> None:
        self.client_bytes += NUMBER * self.dimension * (1 if piece.senders is None else piece.senders)

    def _send_down(self, piece: Piece) -> None:
        del piece
        self.server_bytes += NUMBER * self.dimension
