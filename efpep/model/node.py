"""The places where messages are compressed: a group of agents, or the server."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from efpep.model.form import Form, inner, product, square
from efpep.model.linear import ZERO, Linear, column
from efpep.model.row import Origin
from efpep.model.vector import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from efpep.model.field import Field, Scalar
    from efpep.model.trace import Trace


Columns: TypeAlias = "Sequence[tuple[int, int]]"
"""Columns, each by its block and its number there."""


class Node:
    """What a compressor class may do with the Trace at one place.

    Attributes:
        group: the number of the group, or None for the server.
        count: how many agents compress here (1 for the server), or None for a share of an arbitrarily large population.
    """

    def __init__(self, trace: Trace, group: int | None, message: Part | None = None) -> None:
        """Look at ``trace`` from a group or from the server, where ``message`` is compressed."""
        self._trace = trace
        self.group = group
        self._message = message
        self.count: int | None = 1 if group is None else trace.groups[group].count
        self._block = 0 if group is None else group

    @property
    def field(self) -> Field:
        """The number field."""
        return self._trace.field

    def vector(self, name: str, like: Part) -> Part:
        """Add vectors of the size of ``like`` that the agents here compute from their messages."""
        draws = self._trace.draws
        return self.free(name, like) if draws is None else draws.computed(self, name, self._message, like)

    def free(self, name: str, like: Part) -> Part:
        """Add vectors of the size of ``like``."""
        if self.group is None:
            return self._trace.server_part(f"{name}s", None, like)
        return self._trace.client_part(self.group, name, None, like)

    def square(self, u: Part) -> Form:
        """Return ``mean_i ||u_i||^2`` over the agents here."""
        return square(u, self._block)

    def inner(self, u: Part, v: Part) -> Form:
        """Return ``mean_i <u_i, v_i>`` over the agents here."""
        return inner(u, v, self._block)

    def require(self, inequality: str, label: str, form: Form, *, part: str = "") -> None:
        """Record ``form <= 0``, an inequality about the message ``label``, or about a ``part`` of it (``"mean"``, ...)."""
        self._trace.add(self._origin(inequality, label, part=part), form)

    def equate(self, inequality: str, label: str, form: Form) -> None:
        """Record ``form == 0``, an inequality about the message ``label`` that holds with equality."""
        self._trace.add(self._origin(inequality, label), form, equality=True)

    def past(self) -> Columns:
        """Return the columns that the mean block and this group's deviation block have now."""
        blocks = (0,) if self.group is None else (0, self.group + 1)
        return [(block, j) for block in blocks for j in range(len(self._trace.blocks[block]))]

    def orthogonal(self, inequality: str, label: str, u: Part, columns: Columns) -> None:
        """Record that ``u_i`` is orthogonal to these columns of the mean block and this group's deviation block."""
        for block, j in columns:
            form = u.mean if block == 0 else u.deviation
            if not form.nonzero:
                continue
            entries = self._pairing(form, column(j, self._trace.one))
            earlier = ("mean" if block == 0 else "deviation", self._trace.blocks[block][j].name)
            self._trace.add(replace(self._origin(inequality, label), past=earlier), Form({block: entries}), equality=True)

    def uncorrelated(self, names: tuple[str, str], u: Part, w: Part, group: int) -> None:
        """Record that ``u_i`` here and ``w_j`` of the agents of ``group`` are uncorrelated where these agents differ.

        In this group: ``dev(u, w) = (count - 1) <mean u, mean w>``.
        """
        own = Origin("independence", names if u is not w else names[:1], self.group)
        mean = inner(Part(u.mean), Part(w.mean), self._block)
        if group != self.group:
            self._trace.add(replace(own, other=group), mean, equality=True)
        elif self.count is not None and self.count > 1:
            apart = inner(Part(ZERO, u.deviation), Part(ZERO, w.deviation), self._block)
            self._trace.add(own, apart - self.field(Fraction(self.count - 1)) * mean, equality=True)

    def independent(self, inequality: str, label: str, u: Part) -> None:
        """Record that the ``u_i`` of different agents are orthogonal, here and to those of other groups of the same message.

        Here: ``dev(u, u) = (count - 1) ||mean u||^2``.
        """
        own = self._origin(inequality, label)
        for group, other in self._trace.independent.setdefault(label, []):
            entries: dict[tuple[int, int], Scalar] = {}
            product(u.mean, other.mean, entries)
            self._trace.add(replace(own, other=group), Form({0: entries}), equality=True)
        if self.group is not None and u.mean.nonzero:
            self._trace.independent[label].append((self.group, u))
        if self.count is None or self.count == 1:
            return
        mean = square(Part(u.mean), self._block)
        apart = square(Part(ZERO, u.deviation), self._block)
        self._trace.add(own, apart - self.field(Fraction(self.count - 1)) * mean, equality=True)

    def drew(self, name: str, u: Part) -> None:
        """Take note that the agents here drew ``u``, each for itself."""
        if self._trace.draws is not None and self.group is not None:
            self._trace.draws.draw(self.group, name, u)

    def noise(self, name: str, like: Part, *, shared: bool) -> Part:
        """Add fluctuations of the size of ``like``; independent ones of an arbitrarily large population average to zero."""
        if shared or self.group is None:
            return self.free(name, like)
        if self.count is None:
            return self._trace.deviation_part(self.group, name, like)
        return self.free(name, self.averaged(like))

    def averaged(self, v: Part) -> Part:
        """Return ``v`` with its mean shrunk by about ``1/sqrt(count)``, the size of an average of independent vectors."""
        shrink = self.field(Fraction(1))
        remaining = self.count or 1
        while remaining >= 4:
            shrink, remaining = shrink / 2, remaining // 4
        return Part(shrink * v.mean, v.deviation)

    def _origin(self, inequality: str, label: str, part: str = "") -> Origin:
        return Origin(inequality, (label,), self.group, part, server=self.group is None)

    def _pairing(self, u: Linear, v: Linear) -> dict[tuple[int, int], Scalar]:
        found: dict[tuple[int, int], Scalar] = {}
        for i, a in u.terms.items():
            for j in v.terms:
                found[(i, j) if i <= j else (j, i)] = a
        return found


def nodes(trace: Trace) -> Sequence[Node]:
    """Return the groups of a trace as nodes."""
    return [Node(trace, a) for a in range(len(trace.groups))]
