"""What agents draw at random when they evaluate gradients, and what it does to all that they compute from it.

Vectors are square integrable. Draws come in *rounds*: given all that went before a round, the agents' draws in it are
independent, and so is whatever each of them computes from its own. A vector of agent i in a round is a conditional mean given
that past plus a *fluctuation*. Noise of gradients is all fluctuation. What a compressor makes of a message that contains the
agent's own draws is ``a + b``: a conditional mean a, and a fluctuation b that may depend on the agent's noise in whatever way.
Recorded is that

- fluctuations are orthogonal to all that was determined before the round, and to the conditional means of the round;
- fluctuations t, t' of different agents are uncorrelated: ``dev(t, t') = (n - 1) <mean t, mean t'>`` in a group of n agents.

A message that contains what others drew in the round has a result of which nothing is recorded but its compressor's inequalities;
one that contains no draws is determined by the past. Noise that is drawn where the round's own draws have come back from the
server begins a new round. Where there is one agent alone, nothing is split: with no one to be independent of, ``a + b`` is any
vector.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from efpep.model.linear import ZERO, column
from efpep.model.node import Node
from efpep.model.vector import Part, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from efpep.model.field import Scalar
    from efpep.model.gradient_noise import GradientNoise
    from efpep.model.node import Columns
    from efpep.model.trace import Trace


@dataclass
class _Round:
    """A round of draws.

    Attributes:
        past: how many columns each block had before it.
        determined: the later columns, by block and number, that the past determines.
        drawn: the fluctuations, each with its group and its name.
    """

    past: list[int]
    determined: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    drawn: list[tuple[int, str, Part]] = field(default_factory=list[tuple[int, str, Part]])

    def before(self, group: int) -> Columns:
        """Return the columns of the mean block and a group's own that the past determines."""
        past = [(block, j) for block in (0, group + 1) for j in range(self.past[block])]
        return [*past, *((block, j) for block, j in self.determined if block in (0, group + 1))]

    def determines(self, u: Part, group: int) -> bool:
        """Return whether the past determines the vectors ``u`` of a group's agents."""
        return not any(self._open(u, group))

    def own(self, u: Part, group: int) -> bool:
        """Return whether all that the past leaves open of ``u`` are the agents' own draws."""
        mean, deviation = self._open(u, group)
        for drawn_group, _, part in self.drawn:
            if drawn_group == group:
                pairs = ((mean, part.mean), (deviation, part.deviation))
                factors = [terms.pop(j, 0) for terms, form in pairs for j in form.terms]
                if any(factor != factors[0] for factor in factors):
                    return False
        return not mean and not deviation

    def _open(self, u: Part, group: int) -> tuple[dict[int, Scalar], dict[int, Scalar]]:
        """Return the terms of the mean and of the deviation that the past leaves open."""
        known = set(self.before(group))
        mean, deviation = (
            {j: a for j, a in form.terms.items() if (block, j) not in known}
            for block, form in ((0, u.mean), (group + 1, u.deviation))
        )
        return mean, deviation


class Draws:
    """The rounds of a Trace whose gradients are noisy.

    Attributes:
        noise: the class of the noise.
    """

    def __init__(self, trace: Trace, noise: GradientNoise) -> None:
        """Begin before the first round."""
        self.noise = noise
        self._trace = trace
        self._round: _Round | None = None
        self._count = 0
        self._alone = len(trace.groups) == 1 and trace.groups[0].count == 1

    def noisy(self, x: Vector, gradient: Vector) -> Vector:
        """Return the ``gradient`` at ``x`` with noise; see :class:`~efpep.model.gradient_noise.GradientNoise`."""
        trace, name = self._trace, f"xi{self._count}"
        self._count += 1
        if self._round is None or not self._determines(self._round, x):
            self._round = _Round([len(block) for block in trace.blocks])
        earlier = [Node(trace, a).past() for a in range(len(trace.groups))]
        found: list[Part] = []
        for a, past in enumerate(earlier):
            node = Node(trace, a)
            xi = node.noise(name, gradient.part(a), shared=False)
            node.orthogonal("noise", name, xi, past)
            size = node.square(xi) - trace.constant(trace.field(self.noise.square()))
            node.require("size", name, size)
            self._uncorrelated(a, name, xi, [drawn for drawn in self._round.drawn if drawn[1] == name])
            self._round.drawn.append((a, name, xi))
            found.append(gradient.part(a) + xi)
        return Vector(tuple(found), server=False)

    def computed(self, node: Node, name: str, message: Part | None, like: Part) -> Part:
        """Return free vectors, of the size of ``like``, that the agents at a node compute from ``message``."""
        now, group = self._round, 0 if node.group is None else node.group
        if now is None or message is None:
            return node.free(name, like)
        if now.determines(message, group):
            return self._fixed(now, node, name, node.free(name, like))
        if node.group is None or self._alone or not now.own(message, group):
            return node.free(name, like)
        mean = self._fixed(now, node, name, node.free(name, like))
        drawn = node.noise(f"~{name}", like, shared=False)
        node.orthogonal("fluctuation", name, drawn, now.before(group))
        self._uncorrelated(group, f"~{name}", drawn, now.drawn)
        now.drawn.append((group, f"~{name}", drawn))
        return mean + drawn

    def evaluated(self, x: Vector, before: Sequence[int]) -> None:
        """Take note of gradients at the point or points ``x``, whose columns are those that come after the first so many."""
        now = self._round
        if now is None or not self._determines(now, x):
            return
        for block, columns in enumerate(self._trace.blocks):
            for j in range(before[block], len(columns)):
                u = column(j, self._trace.one)
                node = Node(self._trace, max(block - 1, 0))
                self._fixed(now, node, columns[j].name, Part(u) if block == 0 else Part(ZERO, u))

    def draw(self, group: int, name: str, drawn: Part) -> None:
        """Take note of what the agents of a group drew, orthogonal to all columns before it and independent of others'."""
        if self._round is not None:
            self._round.drawn.append((group, name, drawn))

    def _determines(self, now: _Round, x: Vector) -> bool:
        """Return whether the past of a round determines a server vector, or all agents' vectors."""
        return all(now.determines(x.part(a), a) for a in range(len(self._trace.groups)))

    @staticmethod
    def _fixed(now: _Round, node: Node, name: str, u: Part) -> Part:
        """Return new vectors after it is recorded that the past of the round determines them."""
        group = 0 if node.group is None else node.group
        drawn = _columns(now.drawn)
        node.orthogonal("conditional mean", name, u, [(block, j) for block, j in drawn if block in (0, group + 1)])
        now.determined += _columns([(group, name, u)])
        return u

    def _uncorrelated(self, group: int, name: str, drawn: Part, others: Sequence[tuple[int, str, Part]]) -> None:
        """Record that fluctuations are uncorrelated with other agents', those of their own kind among them."""
        for other_group, other, part in [*others, (group, name, drawn)]:
            Node(self._trace, group).uncorrelated((name, other), drawn, part, other_group)


def _columns(drawn: Sequence[tuple[int, str, Part]]) -> list[tuple[int, int]]:
    """Return the block and number of the columns of vectors."""
    return [(block, j) for a, _, u in drawn for block, form in ((0, u.mean), (a + 1, u.deviation)) for j in form.terms]
