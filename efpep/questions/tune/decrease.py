"""Step sizes of functions without a minimiser: which one has the largest decrease a, and up to which a is positive.

The search looks at approximate values of a; what it finds is asked again with proof (:mod:`efpep.questions.nonconvex`). That a
has one maximum is not proved: what is, are the decreases at the step sizes that the answer names.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import rounded, shown
from efpep.questions.base import Verdict
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.potential_answer import Potential
from efpep.questions.common.required import require
from efpep.questions.nonconvex.answer import approximate_decrease, ask
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.setting import Setting

_DIGITS = 12
_DOUBLINGS = 20
_WIDER = (1, 2, 4, 8)
_SHRINK = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class TunedDecrease:
    """The best step size of a method for functions without a minimiser, with proved decreases.

    Attributes:
        best: the answer at the step size with the largest decrease that was found.
        sides: the answers at a smaller and a larger step size, whose decreases are proved to be smaller; None where not proved.
        limit: the answers at the ends of a bracket: some a > 0 is proved at the first, and that there is none at the second.
        seconds: how long the search took.
    """

    best: Potential
    sides: tuple[Potential | None, Potential | None]
    limit: tuple[Potential | None, Potential | None]
    seconds: float

    @property
    def method(self) -> Method:
        """The method with its best step size."""
        return self.best.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.best.setting

    @property
    def complete(self) -> bool:
        """Whether every part of the answer is proved."""
        return self.best.verdict is Verdict.PROVED and None not in (*self.sides, *self.limit)


@within_doubles
def tune_decrease(
    method: Method, setting: Setting, tolerance: Fraction = Fraction(1, 1000), *, memory: int = 0, solver: str = DEFAULT
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
    if not 0 < tolerance < 1:
        raise InputError(f"tolerance is {shown(tolerance)}; give a number between 0 and 1.", argument="tolerance")
    backend = find_solver(solver)

    def question(step: float | Fraction) -> NonconvexQuestion:
        return NonconvexQuestion(replace(method, step_size=rounded(Fraction(step), _DIGITS)), setting, memory)

    def value(step: float) -> float:
        return approximate_decrease(question(step), backend)

    inside, outside = _bracket(value, 1 / float(setting.populations()[0].functions.smoothness), float(tolerance) / 16)
    peak = _peak(value, inside, float(tolerance) / 16)
    best = ask(question(peak), backend)
    if best.verdict is not Verdict.PROVED:  # approximate values misled the search
        return TunedDecrease(best, (None, None), (None, None), time.perf_counter() - begin)
    sides = [_beside(lambda k, sign=sign: question(peak * (1 + sign * k * tolerance)), best, backend) for sign in (-1, 1)]
    limit = [
        _decided(lambda k, sign=sign, end=end: question(end * (1 + sign * (k - 1) * tolerance / 16)), verdict, backend)
        for sign, end, verdict in ((-1, inside, Verdict.PROVED), (1, outside, Verdict.REFUTED))
    ]
    return TunedDecrease(best, (sides[0], sides[1]), (limit[0], limit[1]), time.perf_counter() - begin)


def _bracket(value: Callable[[float], float], step: float, tolerance: float) -> tuple[float, float]:
    """Return step sizes, relatively this close, of which the first seems to have a positive decrease and the second none.

    Raises:
        InputError: none with a positive decrease is found.
    """
    for _ in range(_DOUBLINGS):
        if value(step) > 0:
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
        if value(high) <= 0:
            break
        low, high = high, 2 * high
    while high - low > tolerance * low:
        middle = (low + high) / 2
        low, high = (middle, high) if value(middle) > 0 else (low, middle)
    return low, high


def _peak(value: Callable[[float], float], most: float, tolerance: float) -> float:
    """Return about where a value of one maximum is largest, between 0 and the most, by golden sections."""
    low, high = 0.0, most
    left, right = high - _SHRINK * (high - low), low + _SHRINK * (high - low)
    values = value(left), value(right)
    while high - low > tolerance * high and high > tolerance * most:
        if values[0] > values[1]:
            high, right, left = right, left, right - _SHRINK * (right - low)
            values = value(left), values[0]
        else:
            low, left, right = left, right, left + _SHRINK * (high - left)
            values = values[1], value(right)
    return (low + high) / 2


def _beside(question: Callable[[int], NonconvexQuestion], best: Potential, solver: Solver) -> Potential | None:
    """Return the answer nearest to the best one, among some, whose decrease is proved to be smaller."""
    for k in _WIDER:
        found = ask(question(k), solver)
        if found.upper is not None and best.lower is not None and found.upper < best.lower:
            return found
    return None


def _decided(question: Callable[[int], NonconvexQuestion], verdict: Verdict, solver: Solver) -> Potential | None:
    """Return the first answer, among some, that has a verdict."""
    return next((found for k in _WIDER if (found := ask(question(k), solver)).verdict is verdict), None)
