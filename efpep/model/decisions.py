"""Clients that decide by their own vectors whether they send, in a Trace.

Agent i sends v_i where ``||v_i||^2 > z ||u_i||^2``, and stays silent else, which counts as zero. With a deterministic compressor,
``||C(v) - v||^2 <= (1 - delta) ||v||^2``, what arrives is ``v_i - r_i`` in either case, where

    ||r_i||^2 <= (1 - delta) ||v_i||^2 + delta z ||u_i||^2:

for those who send by the first term alone, and for the silent because ``r_i = v_i`` and ``||v_i||^2 <= z ||u_i||^2``. This one
inequality, averaged over the agents of a group, is recorded. It does not say which of the two it is, so that rates and bounds are
valid, and their lower ends are about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, rational, shown
from efpep.model.node import Node
from efpep.model.participation import server_vector
from efpep.model.translation import require_difference
from efpep.model.vector import NOTHING, Part, Vector

if TYPE_CHECKING:
    from efpep.model.trace import Trace


def read_factor(factor: Scalar) -> Scalar:
    """Return the factor of a comparison of squares.

    Raises:
        InputError: it is no number, or negative.
    """
    if is_symbolic(factor) or not isinstance(factor, int | str | float):
        number = factor
    else:
        number = factor if isinstance(factor, float) else rational(factor, "factor")
    if not is_symbolic(number) and number < 0:
        raise InputError(f"factor is {shown(number)}, but squares are compared; give one >= 0.", argument="factor")
    return number


class Senders:
    """The agents whose ``||v_i||^2`` exceeds ``factor ||u_i||^2``; calling them keeps their v."""

    def __init__(self, trace: Trace, v: Vector, u: Vector, factor: Scalar) -> None:
        """Compare in ``trace``.

        Raises:
            InputError: a vector is one at the server, or no difference, or the factor is negative.
        """
        for w in (v, u):
            if w.server:
                raise server_vector()
            require_difference(w, "what clients compare")
        self._trace, self._vectors, self._factor = trace, (v, u), trace.field(read_factor(factor))
        self._label = str(trace.decisions)
        self._kept: dict[bool, Vector] = {}

    @property
    def others(self) -> Silent:
        """Those whose does not exceed it."""
        return Silent(self)

    def __call__(self, v: Vector) -> Vector:
        """Return ``v_i`` of those who send it, and zero of the others."""
        return self._sent(v, compressed=False)

    def compress(self, v: Vector) -> Vector:
        """Return what arrives of ``v_i`` of those who send it, compressed, and zero of the others."""
        return self._sent(v, compressed=True)

    def mean(self, v: Vector) -> Vector:
        """Return the average of what :meth:`__call__` returns."""
        return self._trace.mean(self(v))

    def average(self, v: Vector) -> Vector:
        """Return the average of a client vector over all agents."""
        return self._trace.mean(v)

    def _sent(self, v: Vector, *, compressed: bool) -> Vector:
        """Return what arrives of the vector that was compared.

        Raises:
            InputError: it is another one.
        """
        if v.server or v.parts != self._vectors[0].parts:
            raise InputError(
                "clients decide by a vector whether they send it, and nothing bounds what they leave out of another one; send "
                "what run.exceeding compares."
            )
        if compressed not in self._kept:
            parts = tuple(self._part(a, compressed=compressed) for a in range(len(self._trace.groups)))
            self._kept[compressed] = Vector(parts, server=False)
        return self._kept[compressed]

    def _part(self, a: int, *, compressed: bool) -> Part:
        """Return what arrives from the agents of one group."""
        v, u = (w.part(a) for w in self._vectors)
        kept = self._contraction(a) if compressed else self._trace.one
        if not v.nonzero or (kept == 1 and (self._factor == 0 or not u.nonzero)):
            return v if v.nonzero else NOTHING
        node, name = Node(self._trace, a), f"l{self._label}{'' if compressed else '*'}"
        residual = node.free(name, v)
        silent = kept * self._factor
        form = node.square(residual) - (self._trace.one - kept) * node.square(v) - silent * node.square(u)
        node.require("sending", name[1:], form)
        return v - residual

    def _contraction(self, a: int) -> Scalar:
        """Return the ``delta`` of a group's compressor.

        Raises:
            InputError: it has none, or draws.
        """
        compressor = self._trace.groups[a].compressor
        delta = None if compressor is None or compressor.random else compressor.contraction
        if delta is None:
            raise InputError(
                "clients decide whether they send, and what arrives is bounded for deterministic contractive compressors; give "
                "one such as Contractive(delta='1/2').",
                argument="compressor",
            )
        return self._trace.field(delta)


class Silent:
    """Those who do not send."""

    def __init__(self, senders: Senders) -> None:
        """Take those who do."""
        self.others = senders

    def __call__(self, v: Vector) -> Vector:
        """Return ``v_i`` of those who do not send it, and zero of the others."""
        return v - self.others(v)

    def compress(self, v: Vector) -> Vector:
        """Refuse: the silent compress nothing.

        Raises:
            InputError: always.
        """
        del v
        raise InputError("those who decide not to send compress nothing; compress what the senders send.")

    def mean(self, v: Vector) -> Vector:
        """Return the average of what :meth:`__call__` returns."""
        return self.others.average(self(v))
