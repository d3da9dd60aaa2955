"""One end of a connection between the server and a client: framed messages over TCP, counted.

A frame is a kind (one byte), a length (four bytes, little-endian) and the payload. Payloads of kind ``DATA`` are the messages of
the method; all else, the headers included, is overhead.
"""

from __future__ import annotations

import enum
import socket
import struct

from efpep.errors import UnavailableError

_HEADER = struct.Struct("<BI")


class Kind(enum.IntEnum):
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

    def __init__(self, connection: socket.socket, peer: str, timeout: float) -> None:
        """Use an open connection; no operation on it takes longer than ``timeout`` seconds."""
        connection.settimeout(timeout)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._timeout = timeout
        self.peer = peer
        self.sent = 0
        self.received = 0
        self.overhead = 0

    def send(self, payload: bytes = b"", kind: Kind = Kind.DATA) -> None:
        """Send a frame.

        Raises:
            UnavailableError: the other end is gone or does not take it in time.
        """
        try:
            self._connection.sendall(_HEADER.pack(kind, len(payload)) + payload)
        except TimeoutError as error:
            raise self._late() from error
        except OSError as error:
            raise self._lost() from error
        self._count(payload, kind, sent=True)

    def receive(self) -> tuple[Kind, bytes]:
        """Receive a frame.

        Raises:
            UnavailableError: the other end is gone, sends nothing in time, or reports that it failed.
        """
        kind, length = _HEADER.unpack(self._exactly(_HEADER.size))
        payload = self._exactly(length)
        self._count(payload, Kind(kind), sent=False)
        if kind == Kind.FAILED:
            raise UnavailableError(f"{self.peer} failed: {payload.decode(errors='replace')}")
        return Kind(kind), payload

    def data(self) -> bytes:
        """Receive a message of the method.

        Raises:
            UnavailableError: the other end is gone, sends nothing in time, or something else.
        """
        kind, payload = self.receive()
        if kind is not Kind.DATA:
            raise UnavailableError(f"{self.peer} is at another place of the run ({kind.name}), so the run is ended.")
        return payload

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _exactly(self, size: int) -> bytes:
        pieces = bytearray()
        while len(pieces) < size:
            try:
                piece = self._connection.recv(min(size - len(pieces), 1 << 20))
            except TimeoutError as error:
                raise self._late() from error
            except OSError as error:
                raise self._lost() from error
            if not piece:
                raise self._lost()
            pieces += piece
        return bytes(pieces)

    def _count(self, payload: bytes, kind: Kind, *, sent: bool) -> None:
        self.overhead += _HEADER.size
        if kind is not Kind.DATA:
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
