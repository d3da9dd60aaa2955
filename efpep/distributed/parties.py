"""The server and a client as parties of a run: what the protocol asks to be sent goes through channels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from efpep.compressors.packing import VALUE, unpack_values
from efpep.compressors.seeded import Seeded
from efpep.errors import InputError
from efpep.simulate.protocol import ProtocolRun
from efpep.simulate.protocol_vector import Piece, ProtocolVector
from efpep.simulate.run import NumericRun

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.distributed.channel import Channel
    from efpep.simulate.problem import Problem


class ClientRun(ProtocolRun):
    """One client: its vectors have one row."""

    def __init__(self, part: Problem, operator: Seeded | None, server_operator: Seeded | None, channel: Channel) -> None:
        """Run with the client's own functions ``part``, and a channel to the server."""
        super().__init__(NumericRun(part, operator, server_operator))
        self.operator = operator
        self.server_operator = server_operator
        self.channel = channel

    def _evaluated(
        self, x: ProtocolVector, evaluate: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    ) -> NDArray[np.float64]:
        return evaluate(x.value)

    @property
    def rows(self) -> int:
        """One."""
        return 1

    def _compressed(self, v: ProtocolVector, senders: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        operator = needed(self.operator)
        row = v.value[0]
        message = operator.message(row)
        if senders is not None and not senders[0]:
            return np.zeros_like(v.value)
        self.channel.send(message)
        return operator.operator.decode(message, len(row))[None, :]

    def _compressed_at_server(self, v: ProtocolVector) -> NDArray[np.float64]:
        del v
        message = self.channel.data()
        return needed(self.server_operator).operator.decode(message, self.dimension)

    def _average(self, v: ProtocolVector) -> None:
        del v

    def _constraint(self, x: ProtocolVector) -> float:
        self.channel.send(_packed(self.numeric.constraint_value(x.value)))
        return float(unpack_values(self.channel.data(), 1)[0])

    def _send_up(self, piece: Piece) -> None:
        assert piece.value is not None  # noqa: S101
        if piece.senders is None or piece.senders[0]:
            self.channel.send(_packed(piece.value[0]))

    def _send_down(self, piece: Piece) -> None:
        piece.value = unpack_values(self.channel.data(), -1)

    def point(self, x: NDArray[np.float64]) -> ProtocolVector:
        """Return the starting point, which all parties know."""
        self.dimension = len(x)
        return super().point(x)


class ServerRun(ProtocolRun):
    """The server: it has a row of each client in those client vectors only that messages make known."""

    def __init__(
        self,
        problem: Problem,
        operator: Seeded | None,
        server_operator: Seeded | None,
        channels: Sequence[Channel],
        dimension: int,
    ) -> None:
        """Run with channels to all clients; ``problem`` is used for what is recorded, and for its feasible set."""
        super().__init__(NumericRun(problem, operator, server_operator))
        self.problem = problem
        self.operator = operator
        self.server_operator = server_operator
        self.channels = channels
        self.dimension = dimension

    @property
    def client_bytes(self) -> NDArray[np.int64]:
        """The bytes of the messages that came from each client, shape ``(n,)``."""
        return np.array([channel.received for channel in self.channels], dtype=np.int64)

    @property
    def server_bytes(self) -> int:
        """The bytes of the messages that went to each client, the same to all."""
        return self.channels[0].sent

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the clients' gradients, for what is recorded."""
        return self.problem.gradients(x)

    def _evaluated(self, x: ProtocolVector, evaluate: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> None:
        del x, evaluate

    @property
    def rows(self) -> int:
        """The number of clients."""
        return len(self.channels)

    def _compressed(self, v: ProtocolVector, senders: NDArray[np.bool_] | None) -> NDArray[np.float64]:
        del v
        decode = needed(self.operator).operator.decode
        return self._received(senders, lambda message: decode(message, self.dimension))

    def _received(self, senders: NDArray[np.bool_] | None, read: Callable[[bytes], NDArray[np.float64]]) -> NDArray[np.float64]:
        """Return what comes from the senders, and zero for the others."""
        found = np.zeros((len(self.channels), self.dimension))
        for i, channel in enumerate(self.channels):
            if senders is None or senders[i]:
                found[i] = read(channel.data())
        return found

    def _compressed_at_server(self, v: ProtocolVector) -> NDArray[np.float64]:
        operator = needed(self.server_operator)
        message = operator.message(v.value)
        self._broadcast(message)
        return operator.operator.decode(message, self.dimension)

    def _average(self, v: ProtocolVector) -> NDArray[np.float64]:
        return self.numeric.mean(v.value)

    def _constraint(self, x: ProtocolVector) -> float:
        del x
        values = np.array([unpack_values(channel.data(), 1)[0] for channel in self.channels])
        mean = float(values.mean())
        self._broadcast(_packed(mean))
        return mean

    def _send_up(self, piece: Piece) -> None:
        piece.value = self._received(piece.senders, lambda message: unpack_values(message, self.dimension))

    def _send_down(self, piece: Piece) -> None:
        assert piece.value is not None  # noqa: S101
        self._broadcast(_packed(piece.value))

    def _broadcast(self, message: bytes) -> None:
        for channel in self.channels:
            channel.send(message)


def needed(operator: Seeded | None) -> Seeded:
    """Return an operator that a method turns out to need.

    Raises:
        InputError: there is none.
    """
    if operator is None:
        raise InputError(
            "the method compresses, but an operator is missing; give compressor or server_compressor.",
            argument=("compressor", "server_compressor"),
        )
    return operator


def _packed(values: NDArray[np.float64] | float) -> bytes:
    return np.asarray(values, dtype=VALUE).tobytes()
