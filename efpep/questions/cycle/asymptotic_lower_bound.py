"""``efpep.asymptotic_lower_bound``: how slow can the method itself be? Lower bounds on its asymptotic rate by explicit instances.

The lower end of :func:`efpep.rate` says that no Lyapunov function of the class does better; the method might. Here functions and
compressors of the classes are constructed on which the method shrinks ``||x - x*||^2`` by a given factor a step and no faster:
closed trajectories with ``state_{k+K} = r state_k`` (:mod:`efpep.questions.cycle.inequalities`), found by an SDP for each r,
checked exactly. They start from states, memories included, of their own choice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.questions.common.required import require
from efpep.questions.cycle.answer import checked_period
from efpep.questions.cycle.question import CycleCertificate, CycleQuestion, proved
from efpep.questions.cycle.search import OrbitSearch
from efpep.questions.rate.answer import Rate, rate
from efpep.setting import Setting

WIDTH = Fraction(1, 10**7)
"""How close to the largest factor of a kind the search comes."""
_LARGEST = Fraction(4)
_BITS = 44


@dataclass(frozen=True, slots=True)
class AsymptoticLowerBound:
    """The answer of :func:`asymptotic_lower_bound`.

    Attributes:
        method: the method, with the exact step size that the claims are about.
        setting: the setting.
        lower: on some instance ``||x - x*||^2`` shrinks by no less than this factor a step, on average over each period; proved.
            None where no instance was found.
        certificate: the proof.
        rate: the certified rate of the same question: its upper end is a guarantee for every instance.
        seconds: how long the answer took.
    """

    method: Method
    setting: Setting
    lower: Fraction | None
    certificate: CycleCertificate | None
    rate: Rate
    seconds: float

    @property
    def upper(self) -> Fraction | None:
        """The certified upper rate, or None."""
        return self.rate.upper

    @property
    def gap(self) -> Fraction | None:
        """Upper minus lower: what is open about the method's own asymptotic rate."""
        return None if self.lower is None or self.upper is None else self.upper - self.lower

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: no instance was found."
        return self.certificate.sentence()


def asymptotic_lower_bound(
    method: Method, setting: Setting, *, periods: Sequence[int] = (1,), solver: str = DEFAULT
) -> AsymptoticLowerBound:
    """Bound the method's own asymptotic rate from below by an explicit instance.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor and agents.
        periods: the numbers of steps K after which the state is a multiple ``r`` or ``-r`` of what it was.
        solver: who proposes the instances; see :func:`efpep.rate`.

    Raises:
        InputError: the question is not well posed, for instance because compressors are random.
    """
    require(method, setting, "EF21(step_size='1/10')")
    if not periods:
        raise InputError("periods is empty; give at least one number of steps, such as periods=(1,).", argument="periods")
    steps = [checked_period(period) for period in periods]
    backend = find_solver(solver)
    begin = time.perf_counter()
    method = method.resolved(setting)
    certified = rate(method, setting, solver=solver)
    best: CycleCertificate | None = None
    for period in steps:
        for sign in (1, -1):
            floor = Fraction(0) if best is None else best.question.rate
            best = slowest_cycle(SelfSimilarCase(method, setting, period, sign), backend, floor, certified.upper) or best
    lower = None if best is None else best.question.rate
    return AsymptoticLowerBound(method, setting, lower, best, certified, time.perf_counter() - begin)


@dataclass(frozen=True, slots=True)
class SelfSimilarCase:
    """A kind of closed trajectory: the period and the sign of the factor."""

    method: Method
    setting: Setting
    period: int
    sign: int

    def prove(self, contraction: Fraction, solver: Solver) -> CycleCertificate | None:
        """Return a trajectory that shrinks squares by this factor a step, if the solver's proposal rounds to one."""
        size = Fraction(round(float(contraction) ** (self.period / 2) * 2**_BITS), 2**_BITS)
        factor = self.sign * (Fraction(1) if contraction == 1 else size)
        if factor == 0:
            return None
        question = CycleQuestion(self.method, self.setting, self.period, factor)
        witness = OrbitSearch(question.inequalities, solver).trajectory()
        return None if witness is None else proved(question, witness, solver.name)


def slowest_cycle(case: SelfSimilarCase, solver: Solver, floor: Fraction, ceiling: Fraction | None) -> CycleCertificate | None:
    """Return the slowest trajectory of a kind that is slower than ``floor``, or None.

    Nothing is slower than ``ceiling``, where one is known; just below it is tried first, because the bound is often attained.
    """
    low, high = floor + WIDTH, _LARGEST if ceiling is None else ceiling
    if low >= high:
        return None
    best: CycleCertificate | None = None
    distances = () if ceiling is None else ((1 - ceiling) / 10**5, high / 10**7, high / 10**6, high / 10**5)
    for trial in sorted({high - distance for distance in distances if low < high - distance < high}, reverse=True):
        best = case.prove(trial, solver)
        if best is not None:
            return best
        high = trial
    best = case.prove(low, solver)
    if best is None and floor > 0:
        return None
    while high - low > WIDTH:
        middle = (low + high) / 2
        found = case.prove(middle, solver)
        if found is None:
            high = middle
        else:
            best, low = found, middle
    return best
