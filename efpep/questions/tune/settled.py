"""Step sizes whose bracket instances on a line prove alone, without a search: where the rate is that of such an instance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.errors import CertificateError
from efpep.model.box import Box, Side
from efpep.questions.common.prefilled import with_inequalities
from efpep.questions.rate.answer import Rate
from efpep.questions.tune.covering import overlap
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.question import STEP, BestParameters, Everywhere, StepSizeQuestion
from efpep.questions.tune.ranges import searched_ranges
from efpep.questions.tune.search import Cover, Excluder, cover

_INSIDE = tuple(Fraction(1, 10**k) for k in range(10, 1, -1))
"""By which part of ``1 - rho`` the lower end of the best rate may be below the upper one; the first that is proved."""

_BOXES = 40
"""How many boxes are asked about, at most, of what instances on a line leave."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A step size with the proof that nothing outside a bracket is better.

    Attributes:
        found: the rate.
        question: the question, about all step sizes that are searched.
        everywhere: how little is better in the bracket, or None.
        best: the bracket with its proof.
        checked: whether that is checked.
    """

    found: Rate
    question: StepSizeQuestion
    everywhere: Everywhere | None
    best: BestParameters
    checked: bool = True

    def around(self, bracket: Box) -> Settled:
        """Return the same about a bracket that contains this one, unchecked; what is outside this one is excluded in that too."""
        everywhere = self.everywhere
        if everywhere is not None:
            near = [witness for witness in self.best.outside if overlap(witness.box, bracket) is not None]
            everywhere = replace(everywhere, inside=(*everywhere.inside, *near))
        return replace(self, everywhere=everywhere, best=replace(self.best, bracket=bracket), checked=False)


def settled(found: Rate, tolerance: Fraction, excluder: Excluder, deadline: Deadline) -> Settled | None:
    """Return the proof that a step size is the best one to within a tolerance, or None where instances on a line do not give it.

    Args:
        found: the rate at the step size.
        tolerance: how wide the bracket may be, relative to the step size.
        excluder: asks about ranges of step sizes.
        deadline: how long it may ask about what instances on a line leave next to 0 and infinity.
    """
    witness = None if found.certificate is None else found.certificate.upper
    lines = excluder.lines
    if witness is None or lines is None:
        return None
    step = Fraction(found.method.step_size)
    outside = lines.outside(step, witness.theta)
    near = [step * (1 + sign * tolerance / 2) for sign in (-1, 1)]
    if outside.lower is None or outside.upper is None or not near[0] <= outside.lower < outside.upper <= near[1]:
        return None
    searched, others = Box((Side(Fraction(0), None),)), Cover((), (), complete=True)
    if outside.rest:
        searched = searched_ranges(excluder, found.method, (STEP,), Box((Side(*near),)), witness.theta)
        parts = (overlap(searched, Box((side,))) for side in outside.rest)
        rest = [part for part in parts if part is not None]
        others = cover(excluder, rest, witness.theta, [step * tolerance], boxes=_BOXES, deadline=deadline)
    if others.rest:
        return None
    question = StepSizeQuestion.of(found.question, (STEP,), searched)
    with_inequalities(question.rate, found.question.inequalities)
    bracket = Side(outside.lower, outside.upper)

    def inside(part: Fraction) -> Everywhere | None:
        lower = witness.theta - part * (1 - witness.theta)
        instance = lines.over(bracket, lower)
        return None if instance is None else Everywhere(lower, (instance,))

    best = BestParameters(witness, Box((bracket,)), (*outside.witnesses, *others.witnesses))
    everywhere = next((end for end in map(inside, _INSIDE) if end is not None), None)
    try:
        question.check(everywhere, best)
    except CertificateError:
        return None
    return Settled(found, question, everywhere, best)
