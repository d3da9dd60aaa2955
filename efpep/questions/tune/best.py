"""Which parameters of a method may be the best ones, numerically: proposals that proofs start from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.conic.extended import ExtendedSolver
from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method, Range
from efpep.model.field import rounded
from efpep.questions.rate.answer import ask, estimated
from efpep.questions.rate.question import RateQuestion
from efpep.questions.tune.deadline import Deadline, TimeIsOver
from efpep.questions.tune.optimum import Axis, Objective, descend, minimum, screened
from efpep.questions.tune.question import STEP

_DIGITS = 12
_SLOW = Fraction(1, 10**6)
"""Where a rate seems to be this close to 1, that is good enough for the search."""

Values = dict[str, Fraction]
Posed = Callable[[Method], RateQuestion]


@dataclass(frozen=True, slots=True)
class Candidate:
    """Parameters that were tried, with what their rate seems to be: 1 where there seems to be no contraction."""

    values: Values
    estimate: float


class _Tried:
    """What the rates seem to be at all parameters that were tried, each of which is asked about once."""

    def __init__(self, template: Method, names: tuple[str, ...], posed: Posed, deadline: Deadline) -> None:
        self.template, self.names, self.posed, self.deadline = template, names, posed, deadline
        self.solver = find_solver(DEFAULT)
        self.estimates: dict[tuple[Fraction, ...], float] = {}

    def __call__(self, values: Sequence[float]) -> float:
        """Return what the rate seems to be.

        Raises:
            TimeIsOver: something has been tried, and there is no more time.
        """
        key = tuple(rounded(Fraction(value), _DIGITS) for value in values)
        if key not in self.estimates:
            if self.estimates and self.deadline.over:
                raise TimeIsOver
            self.estimates[key] = self.deadline.timed(lambda: self._estimate(self._question(key)))
        return self.estimates[key]

    def _question(self, values: Sequence[Fraction]) -> RateQuestion:
        return self.posed(replace(self.template, **dict(zip(self.names, values, strict=True))))

    def _estimate(self, question: RateQuestion) -> float:
        """Return double precision's opinion, or a proved rate where that is in doubt and may be among the best."""
        found, alone = estimated(question, self.solver), len(self.names) == 1
        doubtful = not found.confident and found.q > _SLOW
        best = 1 - min(self.estimates.values(), default=1.0)
        if doubtful and (found.q > best / 2 if alone else found.q > best):
            sure = ask(question, ExtendedSolver()).upper
            return 1.0 if sure is None else float(sure)
        return found.rate

    def ranked(self) -> list[Candidate]:
        """Return all that were tried, the best ones first."""
        found = [Candidate(dict(zip(self.names, key, strict=True)), rate) for key, rate in self.estimates.items()]
        return sorted(found, key=lambda candidate: candidate.estimate)


def candidates(  # noqa: PLR0917 - the search, and what it starts from
    template: Method,
    names: tuple[str, ...],
    posed: Posed,
    starts: Sequence[Values],
    deadline: Deadline | None = None,
    screen: Objective | None = None,
) -> list[Candidate]:
    """Return all parameters that were tried, to 12 digits, the numerically best ones first.

    Args:
        template: the method, whose other parameters are kept; its own values of those that are chosen are tried with the others
            tuned.
        names: the parameters to choose.
        posed: returns the question at which rate a method contracts.
        starts: parameters that are tried first.
        deadline: when the search ends.
        screen: a lower bound of the rate that costs little; then it is what is searched first, and rates around what it finds.
    """
    largest = max(float(group.functions.smoothness) for group in posed(template).setting.populations())
    axes = [_axis(template.ranges.get(name), 8 / largest) for name in names]
    kept = [[] if name == STEP else [float(getattr(template, name))] for name in names]
    for start in starts:
        for values, name in zip(kept, names, strict=True):
            values.append(float(start[name]))
    tried = _Tried(template, names, posed, deadline or Deadline.after(math.inf))
    given = [tuple(float(start[name]) for name in names) for start in starts]
    with suppress(TimeIsOver):
        if screen is None:
            minimum(tried, axes, given, kept)
        else:
            descend(tried, axes, [*given, *screened(screen, axes, given, kept)])
    return tried.ranked()


def _axis(interval: Range | None, longest: float) -> Axis:
    if interval is None:
        return Axis(0.0, longest, logarithmic=True)
    lower, upper = interval.lower, interval.upper
    if lower is None or upper is None:
        raise InputError(f"a parameter's range is {interval}, which is infinite, so it cannot be searched; give it both ends.")
    margin = (upper - lower) / 1000
    ends = tuple(float(end) for end in (interval.least, interval.most) if end is not None)
    low = float(lower) if interval.least is not None else lower + margin
    high = float(upper) if interval.most is not None else upper - margin
    return Axis(low, high, logarithmic=False, ends=ends)
