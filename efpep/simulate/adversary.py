"""Adversaries: explicit functions and compressors on which a method behaves as in a recorded worst case.

A recording's columns get coordinates: those of the mean block in ``R^{d_0}``, the deviations of group a in ``R^{d_a}`` times the
vertices ``w_i`` of a regular simplex, so that ``u_i = mean u + dev u (x) w_i`` and averages over agents are what the blocks say.
Functions interpolate the recorded points (:mod:`efpep.functions.interpolating_function`); compressors send what is close to a
recorded message where that message went, and everything else to itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError
from efpep.functions.interpolating_function import Floats, simplex_minimum
from efpep.methods.base import Method
from efpep.model.field import FLOATS
from efpep.model.form import Form
from efpep.model.function_class import Interpolant
from efpep.model.linear import Linear
from efpep.model.sample import Message, Sample
from efpep.model.vector import Part, Vector
from efpep.setting import Setting
from efpep.simulate.run import NumericRun

if TYPE_CHECKING:
    from efpep.model.compressor_class import Compressor

LARGEST = 12
"""The largest number of agents that are built one by one; of more, exchangeable, agents two of a kind behave the same."""


class Coordinates:
    """Vectors for the columns of a recording.

    Attributes:
        counts: how many agents of each group are built.
        dimension: the dimension of the space.
    """

    def __init__(self, factors: Mapping[int, Mapping[int, Floats]], counts: Sequence[int]) -> None:
        """Take the vectors of each block's columns, all of one length a block."""
        self.counts = tuple(counts)
        self._factors = factors
        self._widths = {b: len(next(iter(columns.values()))) if columns else 0 for b, columns in factors.items()}
        self._simplices = [simplex(count) for count in self.counts]
        self._starts: list[int] = []
        self.dimension = self._widths.get(0, 0)
        for a, count in enumerate(self.counts):
            self._starts.append(self.dimension)
            self.dimension += self._widths.get(a + 1, 0) * (count - 1)

    def _combine(self, block: int, form: Linear) -> Floats:
        columns = self._factors.get(block, {})
        total = np.zeros(self._widths.get(block, 0))
        for j, a in form.terms.items():
            if j in columns:
                total += float(a) * columns[j]
        return total

    def server(self, form: Linear) -> Floats:
        """Return a server vector, shape ``(dimension,)``; columns that were left out are zero."""
        found = np.zeros(self.dimension)
        mean = self._combine(0, form)
        found[: len(mean)] = mean
        return found

    def clients(self, part: Part, group: int) -> Floats:
        """Return the vectors of one group's agents, shape ``(count, dimension)``."""
        found = np.tile(self.server(part.mean), (self.counts[group], 1))
        deviation = self._combine(group + 1, part.deviation)
        if self.counts[group] > 1 and len(deviation):
            start, end = self._starts[group], self._starts[group] + len(deviation) * (self.counts[group] - 1)
            found[:, start:end] += np.einsum("ni,j->nij", self._simplices[group], deviation).reshape(self.counts[group], -1)
        return found

    def value(self, form: Form, values: Mapping[int, float]) -> float:
        """Return the value of a form whose function values are given by column."""
        total = sum(float(a) * values.get(k, 0.0) for k, a in form.values.items())
        for block, entries in form.blocks.items():
            for (i, j), a in entries.items():
                u, v = (self._combine(block, Linear({k: 1})) for k in (i, j))
                total += float(a if i == j else 2 * a) * float(u @ v)
        return total

    def vector(self, vector: Vector) -> Floats:
        """Return a server vector of shape ``(dimension,)``, or a client vector of shape ``(n, dimension)``."""
        if vector.server:
            return self.server(vector.mean)
        return np.concatenate([self.clients(vector.part(a), a) for a in range(len(self.counts))])


def simplex(count: int) -> Floats:
    """Return the vertices of a regular simplex around zero, of length one: shape ``(count, count - 1)``."""
    if count == 1:
        return np.zeros((1, 0))
    centred = np.eye(count) - 1 / count
    basis = np.linalg.eigh(centred)[1][:, 1:]
    return np.asarray(basis * np.sqrt(count / (count - 1)), dtype=np.float64)


def agents_built(setting: Setting) -> list[int]:
    """Return how many agents of each group an adversary has: all, or few with the same shares.

    Raises:
        InputError: the shares need too many agents.
    """
    populations = setting.populations()
    counts = [group.count for group in populations]
    total = sum(count for count in counts if count is not None)
    if None not in counts and total <= LARGEST:
        return [count for count in counts if count is not None]
    if len(populations) == 1:
        return [2]
    least = np.lcm.reduce([group.share.denominator for group in populations])
    built = [int(group.share * int(least)) for group in populations]
    while any(count == 1 and not group.single for count, group in zip(built, populations, strict=True)):
        built = [2 * count for count in built]
    if sum(built) > LARGEST:
        raise InputError(
            f"the groups' shares need {sum(built)} agents, and adversaries have at most {LARGEST}; change the groups."
        )
    return built


@dataclass(frozen=True, eq=False)
class Record:
    """What a recording says about functions and compressors, over columns that have coordinates.

    Attributes:
        samples: for each group, what its functions return; the minimiser is first where there is one.
        messages: the uses of compressors.
        rest: the agents' gradients at the minimiser.
        start: the vectors of the first state that are given: the point, and memories where the method does not begin as usual.
        iterations: how many steps are recorded.
        feasible: points of the set that the method projects onto.
    """

    samples: tuple[tuple[Sample, ...], ...]
    messages: tuple[Message, ...]
    rest: Vector
    start: Mapping[str, Vector]
    iterations: int
    feasible: tuple[Vector, ...] = ()


@dataclass(frozen=True, eq=False)
class GroupData:
    """What the functions and compressors of one group's agents do at the recorded places.

    Attributes:
        points: the points, shape ``(N, d)``, or ``(n, N, d)`` where agents have points of their own; the minimiser, zero, is the
            first.
        gradients: the gradients there, shape ``(n, N, d)``.
        values: the values there, shape ``(n, N)``.
        sent: the messages, shape ``(n, M, d)``.
        received: what becomes of them, the same shape.
    """

    points: Floats
    gradients: Floats
    values: Floats
    sent: Floats
    received: Floats


@dataclass(frozen=True, eq=False)
class Recorded:
    """A compression operator that sends each row close to a recorded message where that went, and any other to itself.

    Attributes:
        compressors: each agent's class, which says how the image continues nearby.
        sent: the messages of each agent, each of shape ``(M, d)``.
        received: what becomes of them.
    """

    compressors: tuple[Compressor | None, ...]
    sent: tuple[Floats, ...]
    received: tuple[Floats, ...]

    @cached_property
    def radii(self) -> tuple[Floats, ...]:
        """How close is close: so that the map stays in its class, and balls stay apart."""
        found: list[Floats] = []
        for compressor, sent, received in zip(self.compressors, self.sent, self.received, strict=True):
            room = np.zeros(len(sent))
            for k, (v, image) in enumerate(zip(sent, received, strict=True)):
                apart = [float(np.linalg.norm(v - other)) for j, other in enumerate(sent) if j != k]
                slack = compressor.slack(v, image) if compressor is not None else 0.0
                room[k] = min([max(slack, 1e-12 * float(np.linalg.norm(v))), *(a / 2 for a in apart)])
            found.append(room)
        return tuple(found)

    def __call__(self, v: Floats) -> Floats:
        """Compress each row of ``v``, shape ``(n, d)``."""
        compressed = v.copy()
        for i, (compressor, row) in enumerate(zip(self.compressors, v, strict=True)):
            if compressor is None or not len(self.sent[i]):
                continue
            apart = np.linalg.norm(self.sent[i] - row, axis=1)
            k = int(np.argmin(apart))
            if apart[k] <= self.radii[i][k]:
                compressed[i] = compressor.near(self.sent[i][k], self.received[i][k], row)
        return compressed


@dataclass(frozen=True, eq=False)
class Adversary:
    """A problem instance: functions, compressors and a starting state that make a method behave as recorded.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting whose classes the functions and compressors belong to.
        iterations: how many steps are recorded.
        groups: what is recorded of each group.
        server: the server's messages and what becomes of them, each of shape ``(M, d)``.
        state: the starting point, and the memories where the method does not begin in its usual state; arrays by name.
        feasible: points whose convex hull is the set that the method projects onto, shape ``(K, d)``; none where it does not.
    """

    method: Method
    setting: Setting
    iterations: int
    groups: tuple[GroupData, ...]
    server: tuple[Floats, Floats]
    state: Mapping[str, Floats]
    feasible: Floats = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def dimension(self) -> int:
        """The dimension of the space."""
        return len(self.start)

    @property
    def start(self) -> Floats:
        """The starting point, shape ``(d,)``."""
        return self.state["x"]

    @property
    def minimiser(self) -> Floats | None:
        """The minimiser, zero; None where the functions need not have one."""
        has = all(group.functions.has_minimiser for group in self.setting.populations())
        return np.zeros(self.dimension) if has else None

    @property
    def agents(self) -> int:
        """The number of agents that are built."""
        return sum(len(group.gradients) for group in self.groups)

    @cached_property
    def functions(self) -> tuple[Interpolant, ...]:
        """Each agent's function; all have their minimiser, on average, at zero."""
        return tuple(
            population.functions.through(points, gradients, values)
            for population, data in zip(self.setting.populations(), self.groups, strict=True)
            for points, gradients, values in zip(
                np.broadcast_to(data.points, data.gradients.shape), data.gradients, data.values, strict=True
            )
        )

    def gradients(self, x: Floats) -> Floats:
        """Return every agent's gradient at ``x``: shape ``(d,)`` to ``(n, d)``."""
        return np.array([function.gradient(x) for function in self.functions])

    def values(self, x: Floats) -> Floats:
        """Return every agent's value at ``x``: shape ``(d,)`` to ``(n,)``."""
        return np.array([function.value(x) for function in self.functions])

    def project(self, x: Floats) -> Floats:
        """Return the nearest point to ``x`` of the convex hull of the feasible points, shape ``(d,)``.

        Raises:
            InputError: there are none.
        """
        if not len(self.feasible):
            raise InputError("this instance has no feasible set to project onto; run a method that does not project.")
        return simplex_minimum(self.feasible, np.zeros(len(self.feasible)), x) @ self.feasible

    @cached_property
    def operator(self) -> Recorded:
        """The agents' compression operator."""
        pairs = list(zip(self.setting.populations(), self.groups, strict=True))
        return Recorded(
            tuple(group.compressor for group, data in pairs for _ in data.sent),
            tuple(sent for _, data in pairs for sent in data.sent),
            tuple(received for _, data in pairs for received in data.received),
        )

    @cached_property
    def server_operator(self) -> Recorded:
        """The server's compression operator."""
        return Recorded((self.setting.server_compressor,), (self.server[0],), (self.server[1],))

    def run(self) -> NumericRun:
        """Return an ordinary numeric run on these functions and compressors."""
        return NumericRun(self, self.operator, self.server_operator)

    def first_state(self, run: NumericRun) -> Any:
        """Return the state in which the recorded run begins."""
        method = self.method.over(FLOATS)
        if len(self.state) == 1:
            return method.start(self.start, run)
        return method.State(**self.state)


def build(method: Method, setting: Setting, record: Record, coordinates: Coordinates, values: Mapping[int, float]) -> Adversary:
    """Give coordinates to a recording of ``method`` in ``setting``; ``values`` are the function values by column."""
    groups: list[GroupData] = []
    for a in range(len(coordinates.counts)):
        rest = record.rest.part(a)
        samples = [replace(sample, gradient=rest) if sample.label == "*" else sample for sample in record.samples[a]]
        own = np.stack([coordinates.clients(sample.x, a) for sample in samples], axis=1)
        points = own if any(sample.x.deviation.nonzero for sample in samples) else own[0]
        gradients = np.stack([coordinates.clients(sample.gradient, a) for sample in samples], axis=1)
        # recorded values leave out <grad f_i(x*), x - x*>
        tilts = np.einsum("nd,nkd->nk", coordinates.clients(rest, a), own)
        above = np.array([coordinates.value(sample.value, values) for sample in samples])
        sent, received = _messages(record, coordinates, a)
        groups.append(GroupData(points, gradients, above + tilts, sent, received))
    at_server = [message for message in record.messages if message.group is None]
    width = coordinates.dimension
    server = (
        np.array([coordinates.server(message.sent.mean) for message in at_server]).reshape(-1, width),
        np.array([coordinates.server(message.received.mean) for message in at_server]).reshape(-1, width),
    )
    start = {name: coordinates.vector(vector) for name, vector in record.start.items()}
    feasible = np.array([coordinates.server(point.mean) for point in record.feasible]).reshape(-1, width)
    return Adversary(method, setting, record.iterations, tuple(groups), server, start, feasible)


def _messages(record: Record, coordinates: Coordinates, group: int) -> tuple[Floats, Floats]:
    """Return the messages of one group and what becomes of them, each of shape ``(n, M, d)``."""
    own = [message for message in record.messages if message.group == group]
    if not own:
        empty = np.zeros((coordinates.counts[group], 0, coordinates.dimension))
        return empty, empty
    return (
        np.stack([coordinates.clients(message.sent, group) for message in own], axis=1),
        np.stack([coordinates.clients(message.received, group) for message in own], axis=1),
    )
