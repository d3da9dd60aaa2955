"""Brackets of several parameters by instances in a plane, without a semidefinite program.

Where such instances do not attain the rate, what they leave is no point: in all of it their rate is less than that at the best
parameters. A box around that is the bracket, everything else of the searched ranges is excluded, and in the bracket the least
rate of the instances, slightly rounded down, is excluded too. So both ends of the best rate are proved, with a gap.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.outward import places_of
from efpep.errors import CertificateError
from efpep.model.box import Box, Side
from efpep.model.field import rounded
from efpep.proof.witness import UpperWitness
from efpep.questions.tune.covering import hull, within
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.planes import Planes
from efpep.questions.tune.question import BestParameters, Everywhere, StepSizeQuestion
from efpep.questions.tune.search import Excluder
from efpep.questions.tune.sweep import Sweep

_FIRST, _LAST = 8, 64
"""Ranges without an end go from the value divided by such a number to as many times it, and of others such a part is left out
next to ends that do not belong to them: first by this number, then by twice as many, as long as all of it is excluded."""
_GRID = (20, 11, 11)
"""How many values of each parameter are looked at, first everywhere, then around what is left."""
_FINE = 9
"""How many values are looked at where a rate is least, each time around the best ones."""
_AROUND = 0.04
"""How far around what is left boxes begin, relative to its size."""
_SMALLEST = 1 / 512
_BOXES, _FURTHER, _INSIDE = 400, 40, 150
"""How many boxes are asked about, at most: outside the bracket, further away, and in it."""
_PARTS = (Fraction(1, 100), Fraction(1, 25), Fraction(1, 10))
"""By which part of ``1 - rho`` the lower end is below what was found numerically; the first that is proved."""


@dataclass(frozen=True)
class Enclosed:
    """A bracket with its proof, every instance of which is checked.

    Attributes:
        question: the question, about the ranges that are covered.
        everywhere: what no parameters are better than, or None.
        best: the bracket.
    """

    question: StepSizeQuestion
    everywhere: Everywhere | None
    best: BestParameters


def enclosed(
    excluder: Excluder, witness: UpperWitness, values: Sequence[Fraction], aim: Box, deadline: Deadline
) -> Enclosed | None:
    """Return a bracket of several parameters, or None where instances in a plane give none.

    Args:
        excluder: the question at the best parameters.
        witness: their rate.
        values: the best parameters.
        aim: what the bracket contains at least.
        deadline: when the branch and bound ends.
    """
    planes = excluder.planes
    if planes is None:
        return None
    for exact in (False, True):  # instances are checked together, and each one as it is found only where that fails
        found = _Exclusion(excluder, planes, witness, deadline, exact=exact).enclosed(list(_ranges(excluder, values, aim)), aim)
        if found is None:
            return None
        try:
            found.question.check(found.everywhere, found.best)
        except CertificateError:
            continue
        return found
    return None


@dataclass(frozen=True)
class _Exclusion:
    """How brackets are looked for.

    Attributes:
        excluder: the question at the best parameters.
        planes: the instances.
        witness: the rate at the best parameters.
        deadline: when it ends.
        exact: whether each instance is checked as it is found.
    """

    excluder: Excluder
    planes: Planes
    witness: UpperWitness
    deadline: Deadline
    exact: bool

    def enclosed(self, ranges: Sequence[Box], aim: Box) -> Enclosed | None:
        """Return a bracket in the first of ranges that become wider, and as much of the others as is excluded."""
        rate, searched = self.witness.theta, ranges[0]
        core = _left(self.planes, searched, aim, float(rate))
        found = self._sweep(rate, searched, core).cover([searched], _BOXES, self.deadline.part(0.5))
        bracket = hull([core, *found.rest])
        if not found.complete:
            return None
        witnesses, failed = list(found.witnesses), set[tuple[int, bool]]()
        sides = list(itertools.product(range(len(aim.sides)), (False, True)))
        for wider, (axis, upward) in itertools.product(ranges[1:], sides):
            region = None if (axis, upward) in failed else _beyond(searched, wider, axis, upward=upward)
            if region is None:
                continue
            more = self._sweep(rate, wider).cover([region], _FURTHER, self.deadline.part(0.3))
            if more.rest:
                failed.add((axis, upward))
            else:
                witnesses += more.witnesses
                searched = hull([searched, region])
        question = StepSizeQuestion.of(self.excluder.rate, self.excluder.names, searched)
        outside = tuple(one for one in witnesses if not within(one.box, bracket))
        return Enclosed(question, self._everywhere(bracket), BestParameters(self.witness, bracket, outside))

    def _everywhere(self, bracket: Box) -> Everywhere | None:
        """Exclude in the bracket what is below the least rate of the instances there."""
        least, room = _least(self.planes, bracket), 1 - self.witness.theta
        if not 0 < least < math.inf:
            return None
        for part in _PARTS:
            lower = rounded(min(Fraction(least), self.witness.theta) - part * room, 3 + places_of(room, 1))
            if lower > 0:
                sweep = self._sweep(lower, bracket, grows=False)
                found = sweep.cover([bracket], _INSIDE, self.deadline.part(0.5))
                if not found.rest:
                    return Everywhere(lower, found.witnesses)
        return None

    def _sweep(self, rate: Fraction, ranges: Box, core: Box | None = None, *, grows: bool = True) -> Sweep:
        return Sweep(self.planes, self.excluder.polynomial, rate, ranges, _SMALLEST, core, grows, self.exact)


def _ranges(excluder: Excluder, values: Sequence[Fraction], aim: Box) -> Iterator[Box]:
    """Yield the ranges that are searched, wider and wider."""
    part = _FIRST
    while part <= _LAST:
        sides: list[Side] = []
        for name, value, near in zip(excluder.names, values, aim.sides, strict=True):
            interval = excluder.rate.method.ranges.get(name)
            if interval is None or interval.lower is None or interval.upper is None:
                sides.append(Side(value / part, value * part))
                continue
            lower, upper = Fraction(interval.lower), Fraction(interval.upper)
            edge = (upper - lower) / part
            low = lower if interval.least is not None else min(lower + edge, near.lower)
            high = upper if interval.most is not None else max(upper - edge, near.upper or upper)
            sides.append(Side(low, high))
        yield Box(tuple(sides))
        part *= 2


def _beyond(inner: Box, outer: Box, axis: int, *, upward: bool) -> Box | None:
    """Return what a box has beyond another one on one side of it, or None."""
    near, far = inner.sides[axis], outer.sides[axis]
    lower, upper = (near.upper, far.upper) if upward else (far.lower, near.lower)
    if lower is None or upper is None or not lower < upper:
        return None
    return Box((*inner.sides[:axis], Side(lower, upper), *inner.sides[axis + 1 :]))


def _left(planes: Planes, searched: Box, aim: Box, rate: float) -> Box:
    """Return a box around the aim and what seems to have a smaller rate on instances in a plane.

    It goes a little beyond what seems so outside of the aim, and no further than the aim where nothing does.
    """
    found, whole = aim, searched
    for count in _GRID:
        axes = [_values(side, count) for side in whole.sides]
        steps = [max(b - a for a, b in itertools.pairwise(own)) for own in axes]
        points = [point for point in itertools.product(*axes) if planes.rate(point) < rate]
        if points:
            lower, upper = ([bound(point[k] for point in points) for k in range(len(axes))] for bound in (min, max))
            found = hull([found, _box(lower, upper, searched)])
        room = [max(step, _AROUND * float((s.upper or s.lower) - s.lower)) for step, s in zip(steps, found.sides, strict=True)]
        whole = _box(
            [float(s.lower) - r for s, r in zip(found.sides, room, strict=True)],
            [float(s.upper or s.lower) + r for s, r in zip(found.sides, room, strict=True)],
            searched,
        )
    lower: list[float] = []
    upper: list[float] = []
    for side, near in zip(found.sides, aim.sides, strict=True):
        room = _AROUND * float((side.upper or side.lower) - side.lower)
        lower.append(float(side.lower) - (room if side.lower < near.lower else 0))
        upper.append(float(side.upper or side.lower) + (room if side.upper != near.upper else 0))
    return hull([aim, _box(lower, upper, searched)])


def _box(lower: Sequence[float], upper: Sequence[float], searched: Box) -> Box:
    """Return the box with these ends, as far as it is in the searched ranges."""
    sides: list[Side] = []
    for low, high, whole in zip(lower, upper, searched.sides, strict=True):
        ends = [rounded(Fraction(end), 6) for end in (low, high)]
        sides.append(Side(max(ends[0], whole.lower), ends[1] if whole.upper is None else min(ends[1], whole.upper)))
    return Box(tuple(sides))


def _values(side: Side, count: int) -> list[float]:
    """Return values of a range, evenly, or evenly in the logarithm where it goes over orders of magnitude."""
    lower, upper = float(side.lower), float(side.upper or 0)
    parts = [k / (count - 1) for k in range(count)]
    if 0 < 10 * lower < upper:
        return [lower * (upper / lower) ** part for part in parts]
    return [lower + (upper - lower) * part for part in parts]


def _least(planes: Planes, bracket: Box) -> float:
    """Return the least rate of instances in a bracket, numerically."""
    whole, least = bracket, math.inf
    for _ in range(4):
        axes = [_values(side, _FINE) for side in whole.sides]
        found = {point: planes.rate(point) for point in itertools.product(*axes)}
        best = min(found, key=found.__getitem__)
        least = min(least, found[best])
        room = [1.5 * max(b - a for a, b in itertools.pairwise(own)) for own in axes]
        whole = _box([a - r for a, r in zip(best, room, strict=True)], [a + r for a, r in zip(best, room, strict=True)], bracket)
    return least
