"""``efpep.replay``: a proved worst case, run for real by the method's ordinary numeric loop."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError, UnavailableError
from efpep.model.field import shown
from efpep.model.sample import Message, Sample
from efpep.model.vector import Vector
from efpep.questions.cycle.answer import Cycle
from efpep.questions.cycle.asymptotic_lower_bound import AsymptoticLowerBound
from efpep.questions.cycle.inequalities import CycleInequalities, scaled
from efpep.questions.cycle.question import CycleCertificate, CycleQuestion
from efpep.questions.worst_case.answer import WorstCase
from efpep.questions.worst_case.search import Search
from efpep.questions.worst_case.smaller_classes import held
from efpep.simulate.adversary import Adversary, Coordinates, Record, agents_built, build
from efpep.simulate.low_rank_realisation import configuration
from efpep.simulate.metric_evaluation import measured
from efpep.simulate.recorded_horizon import adversary_of
from efpep.simulate.run import resume

if TYPE_CHECKING:
    from efpep.functions.interpolating_function import Floats
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities

LONGEST = 25
"""The largest number of iterations that are replayed."""
_TOLERANCE = 1e-11
PERIODS = 5
"""How many periods of a cycle are run."""
_GAIN = 1e-6
"""Another run has to attain more by this part to be preferred."""
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


def replay(found: WorstCase | Cycle | AsymptoticLowerBound, *, periods: int = PERIODS) -> Replay:
    """Run a proved worst case for real: explicit functions and compressors, and the method's ordinary numeric loop.

    For a worst case ``attained`` is the metric; a solution in few dimensions is sought first. For a cycle, or an instance of
    :func:`efpep.asymptotic_lower_bound`, it is ``sum ||x - x*||^2`` over the last of some periods by that over the first.

    Args:
        found: an answer of :func:`efpep.worst_case`, :func:`efpep.cycle` or :func:`efpep.asymptotic_lower_bound`.
        periods: how many periods of a cycle are run, at least 2.

    Raises:
        InputError: nothing is proved that could be run, there are too many iterations, or functions or compressors of a class
            without a formula.
        UnavailableError: no solution was found that can be run.
    """
    if isinstance(found, WorstCase):
        return replay_worst_case(found)
    if not isinstance(found, Cycle | AsymptoticLowerBound):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"{shown(found)} cannot be replayed; give an answer of worst_case, cycle or adversary.", argument="found"
        )
    if found.certificate is None:
        raise InputError("nothing is proved here, so there is nothing to replay; ask for other parameters.", argument="found")
    if isinstance(periods, bool) or not isinstance(periods, int) or periods < 2:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"periods is {shown(periods)}, the number of periods to run; give at least 2.", argument="periods")
    if not isinstance(found.certificate.question, CycleQuestion):
        raise InputError(
            "the instance is a quadratic whose compressors turn vectors, which is no trajectory of a few points; run it by "
            "efpep.simulate.tightness.check_slow.",
            argument="found",
        )
    return replay_orbit(cast("CycleCertificate", found.certificate), periods)


def replay_worst_case(found: WorstCase) -> Replay:
    """Run a worst case; see :func:`replay`."""
    begin = time.perf_counter()
    question, asked = found.inequalities, found.question
    if asked.iterations > LONGEST:
        raise InputError(
            f"replays solve for all inequalities, which is done for at most {LONGEST} iterations; give fewer.",
            argument="iterations",
        )
    if asked.runs > 1:
        raise InputError(
            "a replay is of one run, and this worst case is about how far two are apart; ask for another metric.",
            argument="metric",
        )
    if not question.exact:
        raise InputError(
            "the inequalities of this question are not sufficient for functions and compressors of its classes, so its worst "
            "case need not exist; use classes such as SmoothStronglyConvex and Contractive."
        )
    candidates = [adversary for adversary in (_small(question), _given(found)) if adversary is not None]
    if not candidates:
        raise UnavailableError("no solution was found that can be run with room to spare; try fewer iterations.")
    best: Replay | None = None
    for adversary in candidates:
        states = _run(adversary)
        attained = measured(asked.metric, asked.at, adversary, states)
        made = Replay(adversary, states, found.lower, found.upper, attained, time.perf_counter() - begin)
        if best is None or attained > best.attained * (1 + _GAIN):
            best = made
        if best.ratio is not None and best.ratio > 1 - _GAIN:
            break
    return cast("Replay", best)


def _small(question: WorstCaseInequalities) -> Adversary | None:
    """Return an adversary in few dimensions."""
    search = Search(held(question), find_solver(DEFAULT), None)
    proposal = search.solve(0.0, _TOLERANCE)
    found = None if proposal is None else configuration(search, proposal.bound / float(search.size))
    if found is None:
        return None
    vectors: dict[int, dict[int, Floats]] = {}
    first = 0
    for block, units in zip(question.blocks, search.places.sizes, strict=True):
        rows = slice(first, first + len(units))
        first += len(units)
        own = found.used[rows].any(axis=0)
        placed = found.coordinates[rows][:, own] * np.array([float(size) for size in units])[:, None]
        vectors[block.index] = dict(zip(block.columns, placed, strict=True))
    numbers = zip(search.places.values, found.values, search.places.value_sizes, strict=True)
    values = {k: float(v) * float(size) for k, v, size in numbers}
    return adversary_of(question, vectors, values)


def _given(found: WorstCase) -> Adversary | None:
    """Return the adversary of the exact Gram matrices of the lower end, in as many dimensions as these have."""
    if found.instance is None:
        return None
    question = found.inequalities
    grams = {
        block.index: (block.columns, np.array([[float(a) for a in row] for row in gram]))
        for block, gram in zip(question.blocks, found.instance.grams, strict=True)
    }
    values = {k: float(a) for k, a in enumerate(found.instance.values)}
    return adversary_of(question, factored(grams), values)


def _run(adversary: Adversary) -> tuple[Any, ...]:
    """Run the ordinary loop."""
    run = adversary.run()
    return tuple(resume(adversary.method, run, adversary.first_state(run), adversary.iterations))


def replay_orbit(certificate: CycleCertificate, periods: int = PERIODS) -> Replay:
    """Run a proved closed trajectory for several periods.

    ``attained`` is ``sum ||x - x*||^2`` over the last period by that over the first; what is proved is ``factor`` to the power
    ``2 (periods - 1)``.

    Raises:
        InputError: the certificate proves that there is no such trajectory.
    """
    begin = time.perf_counter()
    witness, orbit = certificate.lower, certificate.question.inequalities
    if witness is None:
        raise InputError("there is no such trajectory, which is proved, so there is nothing to replay.")
    grams = {
        block.index: (block.columns, np.array([[float(a) for a in row] for row in gram]))
        for block, gram in zip(orbit.blocks, witness.grams, strict=True)
    }
    coordinates = Coordinates(factored(grams), agents_built(certificate.setting))
    values = {k: float(a) for k, a in zip(orbit.values, witness.values, strict=True)}
    adversary = build(certificate.method, certificate.setting, _record(orbit, periods), coordinates, values)
    states = _run(adversary)
    squares = [float(state.x @ state.x) for state in states]
    attained = sum(squares[-orbit.period - 1 : -1]) / sum(squares[: orbit.period])
    proved = orbit.factor ** (2 * (periods - 1))
    return Replay(adversary, states, proved, proved, attained, time.perf_counter() - begin)


def _record(orbit: CycleInequalities, periods: int) -> Record:
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
    feasible = [
        by * Vector((reduce.part(point.part(0), 0),), server=True) for by in powers for point in orbit.trace.feasible_points
    ]
    rest = orbit.trace.gradient_at_minimiser
    return Record(tuple(samples), tuple(messages), rest, start, orbit.period * periods, tuple(feasible))
