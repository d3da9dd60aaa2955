"""From a finite-horizon question with a numeric solution to an adversary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from efpep.model.sample import Message
from efpep.model.vector import Vector
from efpep.questions.worst_case.conditions import terms
from efpep.simulate.adversary import Adversary, Coordinates, Record, agents_built, build

if TYPE_CHECKING:
    from efpep.functions.interpolating_function import Floats
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities


def record_of(question: WorstCaseInequalities) -> Record:
    """Return the samples and messages of a question over the columns of its blocks."""
    part = question.trace.elimination.part
    asked = question.asked
    populations = asked.setting.populations()
    samples = tuple(
        found if population.functions.has_minimiser else found[1:]
        for population, found in zip(populations, question.samples, strict=True)
    )
    messages = [
        Message(message.label, message.group, part(message.group or 0, message.sent), part(message.group or 0, message.received))
        for message in question.messages
    ]
    memories = {memory.feature for memory in asked.method.memories}
    given = any(name in memories for condition in asked.initial for name in terms(condition))
    first = question.states[0]._asdict()
    start = {name: _reduced(question, held) for name, held in first.items() if given or name == "x"}
    rest = _reduced(question, question.trace.gradient_at_minimiser)
    feasible = tuple(_reduced(question, point) for point in question.trace.feasible_points)
    return Record(samples, tuple(messages), rest, start, asked.iterations, feasible)


def adversary_of(
    question: WorstCaseInequalities, vectors: Mapping[int, Mapping[int, Floats]], values: Mapping[int, float]
) -> Adversary:
    """Return the adversary whose columns are these vectors by block, and whose function values are these by column."""
    setting = question.asked.setting
    coordinates = Coordinates(vectors, agents_built(setting))
    return build(question.asked.method, setting, record_of(question), coordinates, values)


def _reduced(question: WorstCaseInequalities, held: Vector) -> Vector:
    part = question.trace.elimination.part
    return Vector(tuple(part(a, u) for a, u in enumerate(held.parts)), server=held.server)
