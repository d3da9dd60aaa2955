"""Brackets: by branch and bound, nothing outside is better, little inside, or everything inside is worse."""

from __future__ import annotations

from fractions import Fraction

from efpep.conic.solver import Solver
from efpep.model.box import Box
from efpep.proof.witness import UpperWitness
from efpep.questions.base import Verdict
from efpep.questions.rate.answer import Rate
from efpep.questions.tune.covering import hull, minus
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.question import BestParameters, Everywhere, StepSizeQuestion, Worse
from efpep.questions.tune.ranges import width
from efpep.questions.tune.search import Excluder, cover

_INSIDE = (Fraction(1, 10**6), Fraction(1, 10**5), Fraction(1, 10**4), Fraction(1, 10**3), Fraction(1, 10**2))
_WORSE = (Fraction(1, 2), Fraction(1, 10), Fraction(1, 100))
_REST = 0.7
"""The share of the time that is left that each branch and bound takes."""


def bracketed(
    question: StepSizeQuestion, witness: UpperWitness, aim: Box, solver: Solver, deadline: Deadline
) -> tuple[Everywhere | None, BestParameters]:
    """Return the proof that nothing outside a bracket is better, which is ``aim`` if that succeeds, and how little inside."""
    excluder = Excluder(question.rate, question.names, solver)
    smallest = [width(side) / 8 for side in aim.sides]
    outside = cover(excluder, minus(question.searched, aim), witness.theta, smallest, deadline=deadline.further(_REST))
    bracket = hull([aim, *outside.rest])
    return _inside(excluder, bracket, witness.theta, deadline.further(_REST)), BestParameters(witness, bracket, outside.witnesses)


def _inside(excluder: Excluder, bracket: Box, upper: Fraction, deadline: Deadline) -> Everywhere | None:
    """Exclude, in the bracket too, all rates that are better by more than a little."""
    if any(side.upper is None for side in bracket.sides):
        return None
    smallest = [width(side) / 64 for side in bracket.sides]
    for k, part in enumerate(_INSIDE):
        lower = upper - part * (1 - upper)
        found = cover(excluder, [bracket], lower, smallest, boxes=64, deadline=deadline.further(1 / (len(_INSIDE) - k)))
        if not found.rest:
            return Everywhere(lower, found.witnesses)
    return None


def worse_within(excluder: Excluder, region: Box, upper: Fraction, at: Rate, deadline: Deadline) -> Worse | None:
    """Exclude in a region rates that are larger than ``upper``; ``at`` is the rate at a point of it."""
    bound = Fraction(1) if at.verdict is Verdict.REFUTED else at.lower
    if bound is None or bound <= upper:
        return None
    smallest = [width(side) / 64 for side in region.sides]
    for k, part in enumerate(_WORSE):
        above = upper + part * (bound - upper)
        found = cover(excluder, [region], above, smallest, boxes=64, deadline=deadline.further(1 / (len(_WORSE) - k)))
        if not found.rest:
            return Worse(region, above, found.witnesses)
    return None
