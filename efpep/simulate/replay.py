"""``efpep.replay``: a proved worst case, run for real by the method's ordinary numeric loop."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.certify.orbit import OrbitCertificate
from efpep.certify.orbit_check import Trajectory
from efpep.errors import InputError
from efpep.model.trace import Message, Sample
from efpep.model.vector import Vector
from efpep.question.orbit import Orbit, scaled
from efpep.simulate.adversary import Adversary, Coordinates, Record, agents_built, build
from efpep.simulate.run import resume

if TYPE_CHECKING:
    from efpep.simulate.interpolant import Floats

_PERIODS = 5
"""How many periods of a cycle are run."""
_RANK = 1e-15
"""Directions of a Gram matrix below this part of its largest eigenvalue are left out."""


@dataclass(frozen=True, eq=False)
class Replay:
    """A numeric run beside what was proved.

    Attributes:
        adversary: the functions, compressors and starting state.
        states: the method's states, arrays, first to last.
        lower: the proved lower end, or None.
        upper: the proved upper end, or None.
        attained: what the run attained.
        seconds: how long it took.
    """

    adversary: Adversary
    states: tuple[Any, ...]
    lower: Fraction | None
    upper: Fraction | None
    attained: float
    seconds: float

    @property
    def ratio(self) -> float | None:
        """What was attained, by the upper end (or the lower one where there is none)."""
        proved = self.upper if self.upper is not None else self.lower
        return None if not proved else self.attained / float(proved)

    @property
    def dimension(self) -> int:
        """The dimension of the space."""
        return self.adversary.dimension


def factored(grams: Mapping[int, tuple[Sequence[int], Floats]]) -> dict[int, dict[int, Floats]]:
    """Return vectors with the given Gram matrices, by block and column."""
    found: dict[int, dict[int, Floats]] = {}
    for block, (columns, gram) in grams.items():
        if not len(columns):
            continue
        sizes = np.sqrt(np.maximum(np.diag(gram), 1e-300))
        numbers, directions = np.linalg.eigh(gram / np.outer(sizes, sizes))
        kept = numbers > _RANK * max(float(numbers[-1]), 0.0)
        vectors = sizes[:, None] * directions[:, kept] * np.sqrt(numbers[kept])
        found[block] = dict(zip(columns, vectors, strict=True))
    return found


def replay_orbit(certificate: OrbitCertificate, periods: int = _PERIODS) -> Replay:
    """Run a proved closed trajectory for several periods.

    ``attained`` is ``sum ||x - x*||^2`` over the last period by that over the first; what is proved is ``factor`` to the power
    ``2 (periods - 1)``.

    Raises:
        InputError: the certificate proves that there is no such trajectory.
    """
    begin = time.perf_counter()
    witness, orbit = certificate.witness, certificate.question()
    if not isinstance(witness, Trajectory):
        raise InputError("there is no such trajectory, which is proved, so there is nothing to replay.")
    grams = {
        block.index: (block.columns, np.array([[float(a) for a in row] for row in gram]))
        for block, gram in zip(orbit.blocks, witness.grams, strict=True)
    }
    coordinates = Coordinates(factored(grams), agents_built(certificate.setting))
    values = {k: float(a) for k, a in zip(orbit.values, witness.values, strict=True)}
    adversary = build(certificate.method, certificate.setting, _record(orbit, periods), coordinates, values)
    run = adversary.run()
    states = tuple(resume(adversary.method, run, adversary.first_state(run), adversary.iterations))
    squares = [float(state.x @ state.x) for state in states]
    attained = sum(squares[-orbit.period - 1 : -1]) / sum(squares[: orbit.period])
    proved = orbit.factor ** (2 * (periods - 1))
    return Replay(adversary, states, proved, proved, attained, time.perf_counter() - begin)


def _record(orbit: Orbit, periods: int) -> Record:
    """Return the samples and messages of one period (of several where they are scaled from one to the next)."""
    reduce = orbit.substitution
    powers = [Fraction(1)] if orbit.factor == 1 else [orbit.factor**j for j in range(periods)]
    samples: list[tuple[Sample, ...]] = []
    for a, own in enumerate(orbit.samples):
        free = [
            replace(sample, x=reduce.part(sample.x, a), gradient=reduce.part(sample.gradient, a), value=reduce.form(sample.value))
            for sample in own
        ]
        origin = orbit.trace.history(a)[0]
        samples.append((origin, *(scaled(sample, by) for by in powers for sample in free)))
    messages = [
        Message(
            message.label,
            message.group,
            by * reduce.part(message.sent, message.group or 0),
            by * reduce.part(message.received, message.group or 0),
        )
        for by in powers
        for message in orbit.trace.messages
    ]
    first = orbit.recording.states[0]
    start = {
        name: Vector(tuple(reduce.part(part, a) for a, part in enumerate(held.parts)), server=held.server)
        for name, held in first._asdict().items()
    }
    return Record(tuple(samples), tuple(messages), orbit.trace.gradient_at_minimiser, start, orbit.period * periods)
