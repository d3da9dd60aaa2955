"""Partial participation in a Trace: who takes part is drawn at random, and all that is selected by one draw is selected alike.

Let ``b_i = 1`` where agent i takes part, and 0 elsewhere, with ``E b_i = p``, drawn independently of all that went before. What
is selected of a client vector v is ``b_i v_i = p v_i + n_i``, where the fluctuation ``n_i = (b_i - p) v_i`` is linear in v. With
``s = p (1 - p)``, and c the covariance of two agents' b (0 where they draw independently; ``-s/(N - 1)`` where a fixed number
of all N agents is drawn without replacement; s where they take part together or not at all, by one coin), for v, w selected by
one draw, with fluctuations n, m, in a group of k agents,

    E <n_i, m_i> = s <v_i, w_i>,   so that   mean_i E <n_i, m_i> = s mean_i <v_i, w_i>,
    E <mean n, mean m> = (s - c)/k mean_i <v_i, w_i> + c <mean v, mean w>,

the second with ``c <mean v, mean w>`` alone between two groups; and n is orthogonal, in expectation, to all that the draw does
not change. These second moments are exact and they are recorded as equations. That later vectors, such as gradients at points
that depend on the draw, are functions of it is more than second moments say: rates and bounds are valid, and their lower ends are
about these inequalities.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from efpep.errors import InputError
from efpep.model.argument import require_whole
from efpep.model.field import Scalar, rational, shown
from efpep.model.form import inner
from efpep.model.node import Node
from efpep.model.row import Origin
from efpep.model.translation import require_difference
from efpep.model.vector import NOTHING, Part, Vector

if TYPE_CHECKING:
    from efpep.model.node import Columns
    from efpep.model.trace import Trace


def read_participation(
    probability: Scalar | None, count: int | None, agents: int | None, *, together: bool = False
) -> tuple[Scalar, bool]:
    """Return the probability with which each agent takes part, and whether a fixed number of them does.

    Args:
        probability: with which each takes part, independently of the others, or None where their number is fixed.
        count: how many of all agents take part, or None where each draws for itself.
        agents: how many agents there are, or None where there is no number.
        together: whether all of them take part with the probability, or none, by one coin.

    Raises:
        InputError: neither or both are given, or they are out of range, or a fixed number is to take part together.
    """
    if (probability is None) == (count is None):
        raise InputError("agents take part with a probability p or as a fixed number count of all; give one of the two.")
    if together and count is not None:
        raise InputError(
            "a fixed number of agents takes part for certain, so that no coin decides whether they do together; give p.",
            argument="together",
        )
    if count is None:
        if not isinstance(probability, int | float | str | Fraction):
            return probability, False  # a symbol, or a number of another field
        p = probability if isinstance(probability, float) else rational(probability, "p")
        if not 0 < p <= 1:
            raise InputError(
                f"p is {shown(p)}, the probability with which an agent takes part; give one in (0, 1].", argument="p"
            )
        return p, False
    require_whole(count, "count", 1)
    if agents is None or count > agents:
        known = "their number is not known" if agents is None else f"there are {agents} of them"
        raise InputError(
            f"{count} agents are to take part, and {known}; give agents as a number of at least that.", argument="count"
        )
    return Fraction(count, agents), True


def server_vector() -> InputError:
    """Return the refusal of a server vector, which nobody can leave out."""
    return InputError("those who take part send client vectors, and this is a server vector; subtract it from one of theirs.")


class Participants(Protocol):
    """Those whom one draw selects, as methods see them."""

    @property
    def others(self) -> Participants:
        """Those whom the same draw does not select."""
        ...

    def __call__(self, v: Any) -> Any:
        """Return what those who take part have of a client vector, a difference, and zero for the others."""
        ...

    def compress(self, v: Any) -> Any:
        """Compress the messages of those who take part; the others send nothing, which counts as zero."""
        ...

    def mean(self, v: Any) -> Any:
        """Average over all clients what those who take part have of a client vector; the others' counts as zero."""
        ...


class Nobody:
    """None of the agents: those who stay away where everybody takes part."""

    def __init__(self, others: Participants) -> None:
        """Take those who take part, all."""
        self.others = others

    def __call__(self, v: Any) -> Any:
        """Return nothing."""
        return 0 * v

    compress = __call__

    def mean(self, v: Any) -> Any:
        """Return nothing at the server."""
        return 0 * self.others.mean(v)


class Everybody:
    """All agents, where a run knows of no draws."""

    def __init__(self, run: Compressing) -> None:
        """Take the run, which compresses and averages."""
        self.compress, self.mean = run.compress, run.mean

    @property
    def others(self) -> Nobody:
        """Nobody."""
        return Nobody(self)

    def __call__(self, v: Any) -> Any:
        """Return the vector."""
        return v


class Compressing(Protocol):
    """A run, as far as it compresses and averages."""

    def compress(self, v: Any) -> Any:
        """Compress a client vector."""
        ...

    def mean(self, v: Any) -> Any:
        """Average a client vector."""
        ...


class Selection:
    """One draw of the agents that take part; calling it selects a client vector.

    Attributes:
        probability: with which an agent takes part, in the Trace's field.
    """

    def __init__(self, trace: Trace, probability: Scalar | None, count: int | None, *, together: bool = False) -> None:
        """Draw in ``trace``; see :func:`read_participation`."""
        counts = [group.count for group in trace.groups]
        total = sum(count for count in counts if count is not None) if None not in counts else None
        p, fixed = read_participation(probability, count, total, together=together)
        self._trace = trace
        self.probability = trace.field(p)
        self._name = str(len(trace.selections))
        self._variance = self.probability * (trace.one - self.probability)
        self._covariance = self._variance if together else trace.field(0)
        if fixed and p != 1:
            self._covariance = -self._variance / trace.field(Fraction((total or 2) - 1))
        self._fixed, self._together = fixed, together
        self._known: set[tuple[int, int]] | None = None
        self._selected: list[dict[Part, tuple[str, Part]]] = [{} for _ in trace.groups]

    def __call__(self, v: Vector) -> Vector:
        """Return ``v_i`` for the agents that take part, and nothing for the others.

        Raises:
            InputError: ``v`` is a server vector, or no difference, or depends on the draw.
        """
        if v.server:
            raise server_vector()
        require_difference(v, "what is kept of those who take part")
        if self.probability == 1:
            return v
        self._require_independent(v)
        return Vector(tuple(self._part(a, v.part(a)) for a in range(len(self._trace.groups))), server=False)

    @property
    def others(self) -> Others | Nobody:
        """Those who do not take part."""
        return Nobody(self) if self.probability == 1 else Others(self)

    def compress(self, v: Vector) -> Vector:
        """Return what those who take part send of ``v``, compressed, and nothing for the others."""
        return self(self.compressed(v))

    def mean(self, v: Vector) -> Vector:
        """Return the average of what is selected; where all take part together, the coin times the average, a server vector."""
        if v.server or not self._together or self.probability == 1:
            return self._trace.mean(self(v))
        require_difference(v, "what is kept of those who take part")
        average = self._trace.mean(v)
        self._require_independent(average)
        return Vector((self._part(0, average.part(0)),), server=True)

    def average(self, v: Vector) -> Vector:
        """Return the average of what everybody has."""
        return self._trace.mean(v)

    def compressed(self, v: Vector) -> Vector:
        """Return what anybody would send of ``v``, compressed, by draws that are independent of who takes part."""
        if self.probability == 1:
            return self._trace.compress(v)
        self._require_independent(v)
        before = [len(block) for block in self._trace.blocks]
        sent = self._trace.compress(v)
        new = [(block, j) for block, columns in enumerate(self._trace.blocks) for j in range(before[block], len(columns))]
        for a, selected in enumerate(self._selected):
            for name, n in selected.values():
                Node(self._trace, a).orthogonal("participation", name, n, [at for at in new if at[0] in (0, a + 1)])
        if self._known is not None:
            self._known |= set(new)
        return sent

    def _require_independent(self, v: Vector) -> None:
        """Refuse a vector of which it is not known that it does not depend on who takes part.

        Raises:
            InputError: it was computed after something had been selected.
        """
        if self._known is None:
            self._known = {(block, j) for block, columns in enumerate(self._trace.blocks) for j in range(len(columns))}
        used = (
            (b, j) for a, part in enumerate(v.parts) for b, form in ((0, part.mean), (a + 1, part.deviation)) for j in form.terms
        )
        if any(place not in self._known for place in used):
            raise InputError(
                "the method selects by one draw what it computed after that draw was first used, which may depend on it; compute "
                "all that is selected before the first selection, or draw again with run.participate."
            )

    def _past(self, group: int) -> Columns:
        """Return the columns of the mean block and a group's own that do not depend on the draw."""
        return sorted(place for place in self._known or () if place[0] in (0, group + 1))

    def _part(self, a: int, v: Part) -> Part:
        """Return what is selected of the vectors of one group's agents."""
        if not v.nonzero:
            return NOTHING
        selected = self._selected[a]
        if v not in selected:
            node, name = Node(self._trace, a), f"{self._name}.{len(selected)}"
            n = self._fluctuation(node, a, f"s{name}", v)
            node.orthogonal("participation", name, n, self._past(a))
            selected[v] = name, n
            for group, others in enumerate(self._selected):
                for w, (other, m) in others.items():
                    self._record(Origin("participation", (name, other), a), group, (v, w), (n, m))
            if not self._fixed and not self._together:
                node.drew(f"s{name}", n)
        return self.probability * v + selected[v][1]

    def _fluctuation(self, node: Node, a: int, name: str, v: Part) -> Part:
        """Add the fluctuation of what is selected of vectors, without what vanishes in it."""
        alike = not v.deviation.nonzero
        if alike and self._together:
            return self._trace.server_part(name if len(self._trace.groups) == 1 else f"{name}[{a + 1}]", None, v)
        if alike and self._fixed and len(self._trace.groups) == 1:
            return self._trace.deviation_part(a, name, v)
        if self._together and not v.mean.nonzero:
            return self._trace.deviation_part(a, name, v)
        return node.noise(name, v, shared=self._together)

    def _record(self, origin: Origin, group: int, vectors: tuple[Part, Part], fluctuations: tuple[Part, Part]) -> None:
        """Record the second moments of two fluctuations, one of the group of ``origin`` and one of ``group``."""
        (v, w), (n, m), trace, a = vectors, fluctuations, self._trace, origin.group or 0
        apart, between = inner(Part(v.mean), Part(w.mean), a), inner(Part(n.mean), Part(m.mean), a)
        if group != a:
            trace.add(replace(origin, other=group), between - self._covariance * apart, equality=True)
            return
        size, count = inner(v, w, a), trace.groups[a].count
        trace.add(origin, inner(n, m, a) - self._variance * size, equality=True)
        differ = v.deviation.nonzero and w.deviation.nonzero if self._together else count is not None and count > 1
        if between.nonzero and differ:
            own = (self._variance - self._covariance) / trace.field(Fraction(count or 1))
            average = between - own * size - self._covariance * apart
            trace.add(replace(origin, part="average"), average, equality=True)


class Others:
    """Those whom one draw does not select."""

    def __init__(self, draw: Selection) -> None:
        """Take the draw."""
        self.others = draw

    def __call__(self, v: Vector) -> Vector:
        """Return ``v_i`` for the agents that stay away, and nothing for the others."""
        return v - self.others(v)

    def compress(self, v: Vector) -> Vector:
        """Return what those who stay away send of ``v``, compressed, and nothing for the others."""
        return self(self.others.compressed(v))

    def mean(self, v: Vector) -> Vector:
        """Return the average over all agents of what those have who stay away."""
        return self.others.average(v) - self.others.mean(v)
