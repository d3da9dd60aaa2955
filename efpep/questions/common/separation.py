"""Whether the messages of a recording can differ wherever their linear forms do.

A deterministic compressor is a map: messages that coincide have one result. A recording gives every linear form a result of its
own, so what it leaves open comes from compressors of the class only where different forms are different vectors, or are so in the
limit. They are in the limit if one instance of the class separates them: mixing a little of it into any other, which keeps all
inequalities, separates them there too. Here the instance is made of quadratic functions ``f_i(x) = a_i ||x - x_i*||^2/2``,
compressors ``C(v) = c_i v`` and a random state of every agent, all in exact numbers. The agents of a group are one and the rest.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.model.column import Column
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.sample import Sample
from efpep.model.trace import Trace
from efpep.model.vector import NOTHING, Part, Vector

if TYPE_CHECKING:
    from collections.abc import Callable

    from efpep.model.compressor_class import Compressor
    from efpep.model.field import Scalar
    from efpep.model.population import Population
    from efpep.model.sample import Message

Combination = Mapping[str, Any]
Places = dict[int | None, list[int]]
"""For each place where messages are compressed, a group's number or None for the server, the places of the instance."""


def separated(trace: Trace, again: Callable[[SeparatingInstance, Places], object]) -> bool:
    """Return whether an instance separates the messages of a recording; False where none is known.

    Args:
        trace: the recording.
        again: records the same steps in the trace that it is given, whose groups are the instance's; it is told which groups of
            the instance make up which of the recording.
    """
    pairs = list(_pairs(trace))
    if not pairs:
        return True
    instance, places = _instance(trace)
    if instance is None:
        return False
    again(instance, places)
    return all(instance.sent[p.label, place] != instance.sent[q.label, place] for p, q in pairs for place in places[p.group])


def _pairs(trace: Trace) -> Iterator[tuple[Message, Message]]:
    """Yield the pairs of messages of one place with a deterministic compressor."""
    for k, q in enumerate(trace.messages):
        for p in trace.messages[:k]:
            compressor = trace.server_compressor if p.group is None else trace.groups[p.group].compressor
            if p.group == q.group and compressor is not None and not compressor.random:
                yield p, q


def _instance(trace: Trace) -> tuple[SeparatingInstance | None, Places]:
    """Return a trace of one or two agents a group that records an instance, or None where a class is not efpep's own."""
    groups: list[Population] = []
    places: Places = {None: [-1]}
    if trace.mean_functions is not None:  # the average of the agents' quadratics need not be of its class
        return None, places
    for a, group in enumerate(trace.groups):
        compressor = group.compressor
        known = group.functions.catalogued() or group.functions.arbitrary
        if not known or (compressor is not None and not compressor.catalogued()):
            return None, places
        share = group.share if group.single else group.share / (group.count or 2)
        parts = [share] if group.single else [share, group.share - share]
        places[a] = list(range(len(groups), len(groups) + len(parts)))
        groups += [replace(group, share=part, count=1) for part in parts]
    if trace.server_compressor is not None and not trace.server_compressor.catalogued():
        return None, places
    return SeparatingInstance(groups, like=trace), places


class SeparatingInstance(Trace):
    """A trace whose columns are random multiples of one, and whose functions and compressors are those of the module.

    Attributes:
        sent: the messages, by the number of the use and the place (a group of the instance, or -1 for the server).
    """

    def __init__(self, groups: list[Population], like: Trace) -> None:
        """Draw an instance for ``groups``, each one agent, in the setting of the trace ``like``."""
        self._draws = random.Random(1)  # noqa: S311
        self.sent: dict[tuple[str, int], Linear] = {}
        self._uses = 0
        super().__init__(
            groups,
            common_minimiser=not any(part.nonzero for part in like.gradient_at_minimiser.parts),
            server_compressor=like.server_compressor,
        )

    def gradient(self, x: Vector) -> Vector:
        """Return ``grad f_i(x*) + a_i (x - x*)``."""
        return Vector(tuple(sample.gradient for sample in self.samples(x)), server=False)

    def compress(self, v: Vector) -> Vector:
        """Return ``c_i v_i``."""
        label = self._use()
        found: list[Part] = []
        for a, group in enumerate(self.groups):
            self.sent[label, a] = v.part(a).mean
            found.append(self._factor(group.compressor) * v.part(a))
        return Vector(tuple(found), server=False)

    def participate(self, p: Scalar | None = None, *, count: int | None = None, together: bool = False) -> _Expected:
        """Return what is selected in expectation: where expectations differ, vectors do."""
        del together
        return _Expected(self, Fraction(1) if count is not None else p)

    def compress_at_server(self, v: Vector) -> Vector:
        """Return ``c v``."""
        label = self._use()
        self.sent[label, -1] = v.mean
        return Vector((self._factor(self.server_compressor) * v.part(0),), server=True)

    def project(self, x: Vector) -> Vector:
        """Return the point itself: the set is the whole space."""
        self.include(x)
        return x

    def constraint_value(self, x: Vector) -> Form:
        """Return nothing: where a method compares, it does the same either way."""
        del x
        return Form()

    def constraint_gradient(self, x: Vector) -> Vector:
        """Return what :meth:`gradient` returns."""
        return self.gradient(x)

    def at_most(self, value: Form, threshold: Scalar) -> bool:
        """Return True."""
        del value, threshold
        return True

    def _use(self) -> str:
        self._uses += 1
        return str(self._uses - 1)

    def _factor(self, compressor: Compressor | None) -> Fraction:
        """Return a factor of the class: the identity's, but for contractive maps one with a loss, the same at every use."""
        free = None if compressor is None else compressor.free_losses
        return Fraction(1) if free is None else 1 - Fraction(free) / 2

    def _column(self, block: int, new: Column) -> Linear:
        super()._column(block, new)
        return Linear({0: Fraction(self._draws.randint(1, 10**9), self._draws.randint(1, 10**9))})

    def _sample(self, group: int, x: Part) -> Sample:
        functions, rest = self.groups[group].functions, self.gradient_at_minimiser.part(group)
        if functions.arbitrary:
            return Sample("", x, Part(self._column(0, Column("", None))), NOTHING, Form(), Form())
        a = (functions.curvature + functions.smoothness) / 2 + (functions.smoothness - functions.curvature) / (3 + group)
        return Sample("", x, rest + min(a, functions.smoothness) * x, NOTHING, Form(), Form())


class _Expected:
    """Selections in expectation."""

    def __init__(self, instance: SeparatingInstance, p: Scalar) -> None:
        self._instance, self._p = instance, p

    @property
    def others(self) -> _Expected:
        return _Expected(self._instance, 1 - self._p)

    def __call__(self, v: Vector) -> Vector:
        return self._p * v

    def compress(self, v: Vector) -> Vector:
        return self(self._instance.compress(v))

    def mean(self, v: Vector) -> Vector:
        return self._instance.mean(self(v))


def places_of(
    bound: Mapping[tuple[str, int], Mapping[str, object]], places: Places
) -> dict[tuple[str, int], Mapping[str, object]]:
    """Return what memories are bound to, for the groups of an instance."""
    return {(name, a): combination for (name, group), combination in bound.items() for a in places[group]}
