"""Messages in a Trace: what agents and the server compress, and what becomes of it.

A deterministic compressor is a map, so that equal vectors have equal results, and nothing becomes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.node import Node
from efpep.model.sample import Message
from efpep.model.translation import require_difference
from efpep.model.vector import NOTHING, Part, Vector

if TYPE_CHECKING:
    from efpep.model.compressor_class import Compressor
    from efpep.model.linear import Linear
    from efpep.model.trace import Trace


class Messages:
    """The uses of compressors in one Trace.

    Attributes:
        made: the uses, in order; what is compressed is not identically zero.
    """

    def __init__(self, trace: Trace) -> None:
        """Start without any message."""
        self.made: list[Message] = []
        self._trace = trace
        self._uses = 0
        self._received: dict[tuple[int | None, Linear, Linear], Part] = {}

    def compress(self, v: Vector) -> Vector:
        """Compress a client vector with each group's compressor.

        Raises:
            InputError: ``v`` is a server vector, or no difference, or an agent has no compressor.
        """
        if v.server:
            raise InputError("clients compress client vectors, and this is a server vector; use run.compress_at_server.")
        require_difference(v, "what clients compress")
        trace, label = self._trace, self._use()
        compressors = [self._compressor(a) for a in range(len(trace.groups))]
        known = [self._known(compressor, a, v.part(a)) for a, compressor in enumerate(compressors)]
        if all(part is not None for part in known):
            return Vector(tuple(part for part in known if part is not None), server=False)
        kept = [
            compressor.record(Node(trace, a, v.part(a)), v.part(a), label) if part is None else part
            for a, (compressor, part) in enumerate(zip(compressors, known, strict=True))
        ]
        if len(compressors) > 1 and all(c == compressors[0] for c in compressors):
            compressors[0].record_together(trace, v, Vector(tuple(kept), server=False), label)
        past = [Node(trace, a).past() for a in range(len(trace.groups))]
        for a, compressor in enumerate(compressors):
            if known[a] is None:
                received = compressor.add_noise(Node(trace, a), v.part(a), kept[a], label, past[a])
                self._keep(Message(label, a, v.part(a), received, received - kept[a]))
                kept[a] = received
        return Vector(tuple(kept), server=False)

    def compress_at_server(self, v: Vector) -> Vector:
        """Compress a server vector with the server's compressor.

        Raises:
            InputError: ``v`` is a client vector, or no difference, or the server has no compressor.
        """
        if not v.server:
            raise InputError("the server compresses server vectors, and this is a client vector; average it first with run.mean.")
        require_difference(v, "what the server compresses")
        label, compressor = self._use(), self._trace.server_compressor
        if compressor is None:
            raise InputError(
                "the method compresses at the server, but the setting has no server_compressor; give one such as "
                "Contractive(delta='1/2').",
                argument="server_compressor",
            )
        received = self._known(compressor, None, v.part(0))
        if received is None:
            node = Node(self._trace, None, v.part(0))
            kept = compressor.record(node, v.part(0), label)
            received = compressor.add_noise(node, v.part(0), kept, label, node.past())
            self._keep(Message(label, None, v.part(0), received, received - kept))
        return Vector((received,), server=True)

    def _compressor(self, group: int) -> Compressor:
        """Return the compressor class of a group.

        Raises:
            InputError: it has none.
        """
        found = self._trace.groups[group].compressor
        if found is None:
            raise InputError(
                "the method compresses, but the setting has no compressor; give one such as Contractive(delta='1/2').",
                argument="compressor",
            )
        return found

    def _use(self) -> str:
        self._uses += 1
        return str(self._uses - 1)

    def _known(self, compressor: Compressor, group: int | None, v: Part) -> Part | None:
        """Return what ``v`` is known to be compressed to at a place: nothing to nothing, and a map has one result."""
        if not v.nonzero:
            return NOTHING
        return None if compressor.random else self._received.get((group, v.mean, v.deviation))

    def _keep(self, message: Message) -> None:
        self.made.append(message)
        self._received[message.group, message.sent.mean, message.sent.deviation] = message.received
