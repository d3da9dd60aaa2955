"""One end of a connection between the server and a client: framed messages over TCP, counted.

A frame is a kind (one byte), a length (four bytes, little-endian) and the payload. Payloads of kind ``DATA`` are the messages of
the method; all else, the headers included, is overhead.
"""

from __future__ import annotations

import enum
import socket
import struct
import time

from efpep.errors import UnavailableError

HEADER = struct.Struct("<BI")
_ROOM = 4096
_SHOWN = 300


def largest_frame(dimension: int) -> int:
    """Return how long the payload of a frame may be in a run in so many dimensions.

    Messages are vectors, whole or compressed: no operator needs eight times the bytes of the vector itself; what is said besides
    is short.
    """
    return _ROOM + 64 * dimension


class FrameKind(enum.IntEnum):
    """What a frame is."""

    DATA = 0
    HELLO = 1
    GO = 2
    STOP = 3
    FAILED = 4


class Channel:
    """A connection.

    Attributes:
        peer: how messages call the other end.
        sent: bytes of the method's messages that were sent.
        received: bytes of the method's messages that were received.
        overhead: bytes of everything else, both ways.
    """

    def __init__(self, connection: socket.socket, peer: str, timeout: float, limit: int) -> None:
        """Use an open connection; no frame takes longer than ``timeout`` seconds, or has a payload longer than ``limit``."""
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._timeout = timeout
        self._limit = limit
        self.peer = peer
        self.sent = 0
        self.received = 0
        self.overhead = 0

    def send(self, payload: bytes = b"", kind: FrameKind = FrameKind.DATA) -> None:
        """Send a frame.

        Raises:
            UnavailableError: the other end is gone or does not take it in time.
        """
        try:
            self._connection.settimeout(self._timeout)
            self._connection.sendall(HEADER.pack(kind, len(payload)) + payload)
        except TimeoutError as error:
            raise self._late() from error
        except OSError as error:
            raise self._lost() from error
        self._count(payload, kind, sent=True)

    def receive(self) -> tuple[FrameKind, bytes]:
        """Receive a frame.

        Raises:
            UnavailableError: the other end is gone, does not send a whole frame in time, sends none of a run, or reports that it
                failed.
        """
        deadline = time.monotonic() + self._timeout
        number, length = HEADER.unpack(self._exactly(HEADER.size, deadline))
        if number not in FrameKind.__members__.values() or length > self._limit:
            raise UnavailableError(f"{self.peer} sends what is no message of a run, so the run is ended; start it again.")
        kind = FrameKind(number)
        payload = self._exactly(length, deadline)
        self._count(payload, kind, sent=False)
        if kind is FrameKind.FAILED:
            raise UnavailableError(f"{self.peer} failed: {_cleaned(payload)}")
        return kind, payload

    def data(self) -> bytes:
        """Receive a message of the method.

        Raises:
            UnavailableError: the other end is gone, sends nothing in time, or something else.
        """
        kind, payload = self.receive()
        if kind is not FrameKind.DATA:
            raise UnavailableError(f"{self.peer} is at another place of the run ({kind.name}), so the run is ended.")
        return payload

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _exactly(self, size: int, deadline: float) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._late()
            try:
                self._connection.settimeout(left)
                piece = self._connection.recv(min(size - len(pieces), 1 << 20))
            except TimeoutError as error:
                raise self._late() from error
            except OSError as error:
                raise self._lost() from error
            if not piece:
                raise self._lost()
            pieces += piece
        return bytes(pieces)

    def _count(self, payload: bytes, kind: FrameKind, *, sent: bool) -> None:
        self.overhead += HEADER.size
        if kind is not FrameKind.DATA:
            self.overhead += len(payload)
        elif sent:
            self.sent += len(payload)
        else:
            self.received += len(payload)

    def _lost(self) -> UnavailableError:
        return UnavailableError(f"{self.peer} is gone, so the run is ended; start it again.")

    def _late(self) -> UnavailableError:
        return UnavailableError(
            f"{self.peer} did not answer within {self._timeout:g} s, so the run is ended; try a longer timeout."
        )


def _cleaned(payload: bytes) -> str:
    """Return text from the other end as messages show it: one line of printable characters, not too long."""
    text = " ".join("".join(c if c.isprintable() else " " for c in payload.decode(errors="replace")).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
