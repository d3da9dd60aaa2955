"""Exclusion of a rate on all but a small box of parameters, by instances in a plane."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

from efpep.errors import CertificateError
from efpep.model.box import Box, Side
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.tune.covering import hull, within
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.line import LineWitness, check_line
from efpep.questions.tune.planes import Planes
from efpep.questions.tune.search import Cover

_FACTOR = 3
"""A range whose ends differ by more than such a factor is cut at their geometric mean."""
_ALIKE = 32
"""A box is cut along its widest side where that is wider than the others by more than such a factor."""


@dataclass
class Sweep:
    """Branch and bound over boxes, the largest first.

    Attributes:
        planes: the instances.
        question: the one-step question, polynomial in the parameters.
        excluded: the rate.
        ranges: the ranges of the parameters, in which sizes are measured.
        smallest: boxes smaller than this part of the ranges are not divided any more.
        core: what is not asked about; it grows by what cannot be excluded, if ``grows``.
        grows: whether it does; otherwise nothing is asked after something that cannot be excluded.
        exact: whether instances are checked at once, rather than all of them by who asks.
    """

    planes: Planes
    question: StepInequalities
    excluded: Fraction
    ranges: Box
    smallest: float
    core: Box | None = None
    grows: bool = True
    exact: bool = False
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def cover(self, regions: Sequence[Box], boxes: int, deadline: Deadline) -> Cover:
        """Exclude the rate on as much of regions as possible; no more than so many boxes are asked about."""
        todo = [self._entry(box) for box in regions]
        heapq.heapify(todo)
        witnesses: list[LineWitness] = []
        rest: list[Box] = []
        asked = 0
        while todo:
            box = heapq.heappop(todo)[-1]
            if self.core is not None and within(box, self.core):
                rest.append(box)
                continue
            if asked >= boxes or deadline.over:
                return Cover(tuple(witnesses), (*rest, box, *(entry[-1] for entry in todo)), complete=False)
            asked += 1
            witness = deadline.timed(partial(self._witness, box))
            if witness is not None:
                witnesses.append(witness)
                continue
            sizes = [self._size(side, whole) for side, whole in zip(box.sides, self.ranges.sides, strict=True)]
            if self.planes.rate([float(side.middle) for side in box.sides]) < self.excluded:
                if not self.grows:
                    return Cover(tuple(witnesses), (box, *(entry[-1] for entry in todo)), complete=False)
                self._grow(box)
            if max(sizes) <= self.smallest:
                self.core = box if self.core is None else hull([self.core, box])
                rest.append(box)
                continue
            for part in _halves(box, self._axis(box, sizes)):
                heapq.heappush(todo, self._entry(part))
        return Cover(tuple(witnesses), tuple(rest), complete=True)

    def _axis(self, box: Box, sizes: list[float]) -> int:
        """Return the parameter along which a box is cut: the widest, or of those about as wide the one that matters."""
        widest = max(range(len(sizes)), key=sizes.__getitem__)
        return widest if sizes[widest] > _ALIKE * min(sizes) else self.planes.axis(box, self.excluded)

    def _entry(self, box: Box) -> tuple[float, int, Box]:
        sizes = [self._size(side, whole) for side, whole in zip(box.sides, self.ranges.sides, strict=True)]
        return -max(sizes), next(self._numbers), box

    def _grow(self, box: Box) -> None:
        """Extend the core to the middle of a box, where the rate is not excluded."""
        middles = [side.middle for side in box.sides]
        if self.core is None:
            return
        sides = [(side.lower, side.upper or side.lower) for side in self.core.sides]
        self.core = Box(tuple(Side(min(low, m), max(high, m)) for (low, high), m in zip(sides, middles, strict=True)))

    def _witness(self, box: Box) -> LineWitness | None:
        witness = self.planes.over(box, self.excluded)
        if witness is None or not self.exact:
            return witness
        try:
            check_line(self.question, self.excluded, witness)
        except CertificateError:
            return None
        return witness

    @staticmethod
    def _size(side: Side, whole: Side) -> float:
        """Return the size of a range relative to the whole one, in the logarithm where that one goes over orders of magnitude."""
        lower, upper = float(side.lower), float(side.upper or 0)
        if whole.lower > 0 and whole.upper is not None and whole.upper > 10 * whole.lower:
            return math.log(upper / lower) / math.log(float(whole.upper / whole.lower))
        return (upper - lower) / float((whole.upper or 0) - whole.lower)


def _halves(box: Box, axis: int) -> list[Box]:
    """Return two parts of a box, cut along one parameter."""
    side = box.sides[axis]
    if side.upper is None or not 0 < _FACTOR * side.lower < side.upper:
        return box.halves(axis)
    cut = Fraction(math.sqrt(float(side.lower) * float(side.upper))).limit_denominator(10**4)
    if not side.lower < cut < side.upper:
        return box.halves(axis)
    return [Box((*box.sides[:axis], part, *box.sides[axis + 1 :])) for part in (Side(side.lower, cut), Side(cut, side.upper))]
