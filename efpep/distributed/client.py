"""What a client's process does."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.distributed.channel import Channel, FrameKind, largest_frame
from efpep.distributed.door import greeting
from efpep.distributed.parties import ClientRun
from efpep.errors import InputError, UnavailableError, reason
from efpep.simulate.participation import Choices
from efpep.simulate.prepare import CLIENTS, PARTICIPATION, SERVER, seeded
from efpep.simulate.problem import Divisible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.methods.base import Method
    from efpep.simulate.problem import Problem


_LONGEST = 1000
"""Bytes of what is said about a failure."""


@dataclass(frozen=True)
class ClientRow:
    """Client i of a problem that computes all clients together."""

    whole: Any
    i: int

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the client's gradient, shape ``(1, d)``."""
        return self.whole.gradients(x)[self.i : self.i + 1]

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the client's constraint value, shape ``(1,)``."""
        return self.whole.constraint_values(x)[self.i : self.i + 1]

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the client's subgradient of the constraint, shape ``(1, d)``."""
        return self.whole.constraint_gradients(x)[self.i : self.i + 1]

    def project(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project onto the feasible set, which all clients know."""
        return self.whole.project(x)


@dataclass(frozen=True)
class Order:
    """What a client is told when its process begins; everything after comes over the network."""

    index: int
    address: tuple[str, int]
    token: bytes
    timeout: float
    method: Method
    problem: Problem
    compressor: CompressionOperator | None
    server_compressor: CompressionOperator | None
    seed: int
    clients: int
    start: NDArray[np.float64]


def work(order: Order) -> None:
    """Connect to the server, and take part in the run until it ends or the server is gone."""
    with contextlib.suppress(UnavailableError, OSError), np.errstate(all="ignore"):
        connection = socket.create_connection(order.address, order.timeout)
        channel = Channel(connection, "the server", order.timeout, largest_frame(len(order.start)))
        try:
            channel.send(greeting(order.token, order.index), FrameKind.HELLO)
            _take_part(order, channel)
        except (UnavailableError, KeyboardInterrupt):
            raise
        except Exception as error:  # noqa: BLE001  # whatever it is, the server has to hear of it
            text = str(error).rstrip(".") if hasattr(error, "with_traceback") and str(error) else reason(error)
            channel.send(f"{text}.".encode(errors="replace")[:_LONGEST], FrameKind.FAILED)
        finally:
            channel.close()


def _take_part(order: Order, channel: Channel) -> None:
    part = order.problem.part(order.index) if isinstance(order.problem, Divisible) else ClientRow(order.problem, order.index)
    operator = seeded(order.compressor, order.seed, CLIENTS, first=order.index)
    run = ClientRun(part, operator, seeded(order.server_compressor, order.seed, SERVER), channel)
    run.numeric.choices = Choices((order.seed, PARTICIPATION), order.clients, order.index)
    state = run.begun(order.method, order.start)
    while channel.receive()[0] is FrameKind.GO:
        state = run.stepped(order.method, state)
        if not run.numeric.finite:
            raise InputError(
                f"the gradients of client {order.index + 1} are not finite, so that the run diverged; take smaller steps."
            )
