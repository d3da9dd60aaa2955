"""Step sizes of functions without a minimiser: which one has the largest decrease a, and up to which a is positive.

The search looks at approximate values of a; what it finds is asked again with proof (:mod:`efpep.questions.nonconvex`). That a
has one maximum is not proved: what is, are the decreases at the step sizes that the answer names.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.questions.base import Verdict
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.minimum import Minimum
from efpep.questions.common.required import require
from efpep.questions.nonconvex.answer import approximate_decrease
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.questions.tune.step import FINER, TOLERANCE, WIDER, Found, TunedStep, answered, at, checked, tuned
from efpep.setting import Setting

_DOUBLINGS = 20
_SHARPER = 16
"""How much closer than the tolerance the ends of the largest step size are."""


@dataclass(frozen=True, slots=True, repr=False)
class TunedDecrease(TunedStep):
    """The best step size of a method for functions without a minimiser, with proved decreases.

    Attributes:
        limit: the answers at the ends of a bracket: some a > 0 is proved at the first, and that there is none at the second.
    """

    limit: tuple[Found | None, Found | None] = (None, None)

    @property
    def complete(self) -> bool:
        """Whether every part of the answer is proved."""
        return self.best.verdict is Verdict.PROVED and None not in (*self.sides, *self.limit)


@within_doubles
def tune_decrease(
    method: Method, setting: Setting, tolerance: object = TOLERANCE, *, memory: int = 0, solver: str = DEFAULT
) -> TunedDecrease:
    """Find the step size with the largest decrease of a nonconvex potential, and the largest step size with any.

    Args:
        method: the method; its step size is what is searched for.
        setting: functions without a minimiser, compressor and agents.
        tolerance: how far from a step size those are that it is compared with, relative to it.
        memory: how many past states take part in the potential.
        solver: the name of a solver, as for :func:`efpep.rate`.

    Raises:
        InputError: the question is not well posed, or no step size with a positive decrease is found.
    """
    begin = time.perf_counter()
    require(method, setting)
    width, backend = checked(tolerance), find_solver(solver)
    question = NonconvexQuestion(method, setting, memory)
    search = Minimum(lambda step: -approximate_decrease(at(question, step), backend))
    inside, outside = _bracket(search, 1 / float(setting.populations()[0].functions.smoothness), float(width) / _SHARPER)
    search.descend(inside / 2, float(width) / FINER)
    found = tuned(search, lambda step: answered(at(question, step), solver), width, begin)
    if found.best.verdict is not Verdict.PROVED:  # approximate values misled the search
        return TunedDecrease(found.best, (None, None), found.tried, found.seconds)

    def decided(end: float, sign: int, verdict: Verdict) -> Found | None:
        """Return the first answer, next to an end of the bracket, that has a verdict."""
        steps = (Fraction(end) * (1 + sign * (k - 1) * width / _SHARPER) for k in WIDER)
        answers = (answered(at(question, search.rounded(step)), solver) for step in steps)
        return next((answer for answer in answers if answer.verdict is verdict), None)

    limit = decided(inside, -1, Verdict.PROVED), decided(outside, 1, Verdict.REFUTED)
    return TunedDecrease(found.best, found.sides, found.tried, time.perf_counter() - begin, limit)


def _bracket(search: Minimum, step: float, tolerance: float) -> tuple[float, float]:
    """Return step sizes, relatively this close, of which the first seems to have a positive decrease and the second none.

    Raises:
        InputError: none with a positive decrease is found.
    """
    for _ in range(_DOUBLINGS):
        if search.at(step) < 0:
            break
        step /= 2
    else:
        raise InputError(
            f"no potential decreases at any step size down to {step:.3g} that was tried; try another method, or past states "
            "in the potential.",
            argument="method",
        )
    low, high = step, 2 * step
    for _ in range(_DOUBLINGS):
        if search.at(high) >= 0:
            break
        low, high = high, 2 * high
    while high - low > tolerance * low:
        middle = (low + high) / 2
        low, high = (middle, high) if search.at(middle) < 0 else (low, middle)
    return low, high
