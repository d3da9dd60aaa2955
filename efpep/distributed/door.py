"""The server's door: of all who connect it lets in the run's own clients, and nobody else delays it.

Before a connection is a client's, only one thing counts: a ``HELLO`` frame of its exact size with the run's token and the
number of a client that is not there yet, within a short time. Connections that send anything else, or nothing, or that close,
are dropped; they are watched all at once, so that a slow one keeps nobody waiting.
"""

from __future__ import annotations

import hmac
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from efpep.distributed.channel import HEADER, FrameKind

INDEX = 4
"""Bytes of a client's number."""
_GREETING = 5.0
"""Seconds that a connection has to say who it is."""
MOST_WAITING = 128
"""How many connections may wait besides the clients that are expected; the oldest is dropped for a new one."""
_LOOK = 0.1


@dataclass(slots=True, eq=False)
class _Waiting:
    """A connection that has not said yet who it is."""

    connection: socket.socket
    until: float
    heard: bytearray = field(default_factory=bytearray)


def greeting(token: bytes, index: int) -> bytes:
    """Return the payload with which client ``index`` greets."""
    return token + index.to_bytes(INDEX, "little")


class Door:
    """The listening socket, and the connections that have not said yet who they are."""

    def __init__(self, listener: socket.socket, token: bytes, clients: int) -> None:
        """Watch a listening socket for so many clients."""
        self._token = token
        self._missing = set(range(clients))
        self._size = HEADER.size + len(token) + INDEX
        self._selector = selectors.DefaultSelector()
        self._listener = listener
        self._waiting: list[_Waiting] = []
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ)

    @property
    def missing(self) -> list[int]:
        """The clients that have not come yet."""
        return sorted(self._missing)

    def admit(self, welcome: Callable[[int, socket.socket], None]) -> None:
        """Look for a moment at everybody who is there, and welcome those who are clients."""
        for key, _ in self._selector.select(_LOOK):
            if key.fileobj is self._listener:
                self._accept()
            elif isinstance(key.data, _Waiting):
                self._hear(key.data, welcome)
        now = time.monotonic()
        for waiting in [waiting for waiting in self._waiting if waiting.until < now]:
            self._drop(waiting)

    def close(self) -> None:
        """Drop everybody who waits."""
        for waiting in list(self._waiting):
            self._drop(waiting)
        self._selector.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # whoever it was has gone again
            return
        connection.setblocking(False)
        waiting = _Waiting(connection, time.monotonic() + _GREETING)
        self._waiting.append(waiting)
        self._selector.register(connection, selectors.EVENT_READ, waiting)
        if len(self._waiting) > MOST_WAITING + len(self._missing):
            self._drop(self._waiting[0])

    def _hear(self, waiting: _Waiting, welcome: Callable[[int, socket.socket], None]) -> None:
        try:
            piece = waiting.connection.recv(self._size - len(waiting.heard))
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        waiting.heard += piece
        if not piece:
            self._drop(waiting)
        elif len(waiting.heard) == self._size:
            index = self._index(bytes(waiting.heard))
            if index is None:
                self._drop(waiting)
                return
            self._forget(waiting)
            self._missing.discard(index)
            welcome(index, waiting.connection)

    def _index(self, heard: bytes) -> int | None:
        """Return which client a greeting is from, or None where it is none of those that are missing."""
        kind, length = HEADER.unpack(heard[: HEADER.size])
        token, number = heard[HEADER.size : -INDEX], heard[-INDEX:]
        known = hmac.compare_digest(token, self._token)
        index = int.from_bytes(number, "little")
        right = known and kind == FrameKind.HELLO and length == self._size - HEADER.size and index in self._missing
        return index if right else None

    def _forget(self, waiting: _Waiting) -> None:
        self._selector.unregister(waiting.connection)
        self._waiting.remove(waiting)

    def _drop(self, waiting: _Waiting) -> None:
        self._forget(waiting)
        waiting.connection.close()
