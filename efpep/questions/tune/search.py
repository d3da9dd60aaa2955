"""Branch and bound over boxes of parameters: where is a rate excluded, with proof?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial

from efpep.conic.solver import Solver
from efpep.conic.units import Units, dyadic
from efpep.errors import CertificateError
from efpep.model.box import Box
from efpep.model.column import Unit
from efpep.model.polynomial import variables
from efpep.proof.moments import single_column
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.question import RateQuestion
from efpep.questions.rate.units import scaling
from efpep.questions.tune.box import BoxWitness, check_box
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.line import LineWitness, check_line
from efpep.questions.tune.lines import Lines
from efpep.questions.tune.lmi import BoxSdp
from efpep.questions.tune.planes import Planes
from efpep.questions.tune.question import STEP, Excluded, polynomial_question, question_on


@dataclass(frozen=True, slots=True)
class Cover:
    """What a branch and bound found.

    Attributes:
        witnesses: boxes on which the rate is excluded, with the proof.
        rest: boxes on which it is not.
        complete: whether every box of ``rest`` is as small as was asked for (rather than that time or boxes ran out).
    """

    witnesses: tuple[Excluded, ...]
    rest: tuple[Box, ...]
    complete: bool


@dataclass(frozen=True)
class Excluder:
    """Asks whether rates are excluded on boxes.

    Attributes:
        rate: a rate's question, which names the method, the setting, the metric and the class of Lyapunov functions.
        names: the parameters that vary.
        solver: the solver that proposes.
    """

    rate: RateQuestion
    names: tuple[str, ...]
    solver: Solver

    def question(self, box: Box) -> StepInequalities:
        """Return the question as polynomials on ``box``."""
        return question_on(self.rate, self.names, box)

    @cached_property
    def lines(self) -> Lines | None:
        """Instances on a line, where the step size alone varies."""
        return Lines.of(self.rate) if self.names == (STEP,) else None

    @cached_property
    def planes(self) -> Planes | None:
        """Instances in a plane, where several parameters vary and the Lyapunov function is the best one."""
        return Planes.of(self.rate, self.names) if len(self.names) > 1 else None

    @cached_property
    def polynomial(self) -> StepInequalities:
        """The question as polynomials in the parameters themselves."""
        return polynomial_question(self.rate, self.names, variables(len(self.names)))

    def _line(self, box: Box, excluded: Fraction) -> LineWitness | None:
        """Return a checked instance on a line that excludes a rate on all of a finite range, or None."""
        if self.lines is None or any(side.upper is None for side in box.sides):
            return None
        witness = self.lines.over(box.sides[0], excluded)
        if witness is not None:
            with suppress(CertificateError):
                check_line(self.polynomial, excluded, witness)
                return witness
        return None

    def proof(self, box: Box, excluded: Fraction) -> Excluded | None:
        """Return a checked witness that no parameters in ``box`` have a rate below ``excluded``, on a line if there is one."""
        if not self.rate.inequalities.separated:
            return None
        return self._line(box, excluded) or self.witness(box, excluded)

    def witness(self, box: Box, excluded: Fraction) -> BoxWitness | None:
        """Return a checked witness by matrices that are polynomials, as the solver proposes them, or None."""
        if not self.rate.inequalities.separated:
            return None
        question = self.question(box)
        still = self.still(question, box, excluded)
        if still is not None or any(side.upper is None for side in box.sides):
            return still
        middle = replace(self.rate.method, **{name: side.middle for name, side in zip(self.names, box.sides, strict=True)})
        units = scaling(rate_inequalities(middle, self.rate.setting, self.rate.metric, lyapunov_class=self.rate.lyapunov_class))
        if [len(sizes) for sizes in units.features] != [len(block.features) for block in question.blocks]:
            return None
        for choice in (stretched(question, units), units):
            found = BoxSdp(question, choice, box, (1,) * len(self.names), excluded).exclude(self.solver)
            if found is not None:
                return found
        return None

    @staticmethod
    def still(question: StepInequalities, box: Box, excluded: Fraction) -> BoxWitness | None:
        """Return the instance in which only the point differs from its limit, if it excludes the rate on the box.

        It is ``f(x) = mu ||x||^2 / 2`` without compression errors, and settles rays, and boxes next to step size zero.
        """
        grams, values = single_column(question.system.relations[0])
        witness = BoxWitness(box, (0,) * len(box.sides), (grams,), (values,))
        try:
            check_box(question, excluded, witness)
        except CertificateError:
            return None
        return witness


def stretched(question: StepInequalities, units: Units) -> Units:
    """Return units that measure points in ``(L - mu)/mu``, as they compare with gradients where a method is slow.

    In the plain units the margins of EF21's instances below its best step size are a thousand times smaller; in these, those of
    EF's above it are.
    """
    size = 1 / dyadic(question.curvature / question.unit)
    columns = tuple(
        tuple(length * size if column.unit is Unit.POINT else length for column, length in zip(names, lengths, strict=True))
        for names, lengths in zip(question.columns, units.columns, strict=True)
    )
    return replace(units, columns=columns)


def cover(
    excluder: Excluder,
    regions: Sequence[Box],
    excluded: Fraction,
    smallest: Sequence[Fraction],
    *,
    boxes: int = 400,
    deadline: Deadline | None = None,
) -> Cover:
    """Exclude rates below ``excluded`` on as much of ``regions`` as possible.

    Args:
        excluder: asks about one box.
        regions: boxes whose interiors are disjoint.
        excluded: the rate.
        smallest: boxes narrower than this, by parameter, are not divided any more.
        boxes: how many boxes are asked about at most.
        deadline: when to stop.
    """
    deadline = deadline or Deadline.after(math.inf)
    todo = list(regions)
    witnesses: list[Excluded] = []
    rest: list[Box] = []
    asked = 0
    complete = True
    while todo:
        box = todo.pop()
        if asked >= boxes or deadline.over:
            complete = False
            rest.append(box)
            continue
        asked += 1
        witness = deadline.timed(partial(excluder.proof, box, excluded))
        if witness is not None:
            witnesses.append(witness)
            continue
        axis = _widest(box, smallest)
        if axis is None:
            rest.append(box)
        else:
            todo += box.halves(axis)
    return Cover(tuple(witnesses), tuple(rest), complete)


def _widest(box: Box, smallest: Sequence[Fraction]) -> int | None:
    """Return the side that is widest in units of the smallest width, or None where none is wider than that."""
    ratios = [
        Fraction(10**9) if side.upper is None else (side.upper - side.lower) / least
        for side, least in zip(box.sides, smallest, strict=True)
    ]
    axis = max(range(len(ratios)), key=ratios.__getitem__)
    return axis if ratios[axis] > 1 else None
