"""``efpep.asymptotic_lower_bound``: how slow can the method itself be? Lower bounds on its asymptotic rate by explicit instances.

The lower end of :func:`efpep.rate` says that no Lyapunov function of the class does better; the method might. Here functions and
compressors of the classes are constructed on which the method shrinks ``||x - x*||^2`` by a given factor a step and no faster:
closed trajectories with ``state_{k+K} = r state_k`` (:mod:`efpep.questions.cycle.inequalities`), found by an SDP for each r, and
quadratics in the plane (:mod:`efpep.questions.quadratic.question`). Both are checked exactly, and start from states, memories
included, of their own choice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import shown
from efpep.questions.common.required import require
from efpep.questions.cycle.answer import checked_period
from efpep.questions.cycle.question import CycleCertificate, CycleQuestion, proved
from efpep.questions.cycle.search import OrbitSearch
from efpep.questions.quadratic.answer import ask as ask_quadratic
from efpep.questions.quadratic.question import QuadraticCertificate, QuadraticInstance, QuadraticQuestion
from efpep.questions.rate.answer import Rate, rate
from efpep.questions.rate.report import own_rate
from efpep.setting import Setting

WIDTH = Fraction(1, 10**7)
"""How close to the largest factor of a kind the search comes."""
PERIODS = (1, 2)
"""The periods that are tried: agents of different kinds, and compressors in both directions, are slowest with two steps."""
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
        certificate: the proof: a closed trajectory, or a quadratic.
        rate: the certified rate of the same question: its upper end is a guarantee for every instance. What it says of itself
            includes the lower bound.
        seconds: how long the answer took.
    """

    method: Method
    setting: Setting
    lower: Fraction | None
    certificate: CycleCertificate | QuadraticCertificate | None
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

    @property
    def finding(self) -> str | None:
        """Whether the certified rate is that of the method, in words; None where no instance was found."""
        own = own_rate(self.rate)
        return None if own is None else own.said

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: no instance was found."
        return self.certificate.sentence()


def asymptotic_lower_bound(
    method: Method,
    setting: Setting,
    *,
    periods: Sequence[int] = PERIODS,
    solver: str = DEFAULT,
    certified: Rate | None = None,
) -> AsymptoticLowerBound:
    """Bound the method's own asymptotic rate from below by an explicit instance.

    Tried are closed trajectories just below the certified rate, which is often attained; then the slowest quadratic; then
    trajectories that are slower.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor and agents.
        periods: the numbers of steps K after which the state is a multiple ``r`` or ``-r`` of what it was.
        solver: who proposes the instances; see :func:`efpep.rate`.
        certified: a certified rate of this method in this setting to set it beside, with memory for instance; asked for where it
            is None.

    Raises:
        InputError: the question is not well posed, for instance because compressors are random, or ``certified`` is about another
            method or setting.
    """
    require(method, setting, "EF21(step_size='1/10')")
    if not periods:
        raise InputError("periods is empty; give at least one number of steps, such as periods=(1,).", argument="periods")
    steps = [checked_period(period) for period in periods]
    backend = find_solver(solver)
    begin = time.perf_counter()
    method = method.resolved(setting)
    if certified is None:
        certified = rate(method, setting, solver=solver)
    elif not isinstance(certified, Rate):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"certified is {shown(certified)}, which is no rate; give an answer of rate.", argument="certified")
    elif (certified.method, certified.setting) != (method, setting):
        raise InputError("certified is the rate of another method or setting; give one of the same.", argument="certified")
    cases = [SelfSimilarCase(method, setting, period, sign) for period in steps for sign in (1, -1)]
    found = _slowest(cases, backend, certified.upper)
    lower = None if found is None else slowness(found)
    beside = replace(certified, method_lower=lower)
    return AsymptoticLowerBound(method, setting, lower, found, beside, time.perf_counter() - begin)


def slowness(certificate: CycleCertificate | QuadraticCertificate) -> Fraction:
    """Return the factor a step that squares contract by no less than, by a certificate of either kind."""
    if isinstance(certificate.lower, QuadraticInstance):
        return certificate.lower.rate
    return cast("CycleCertificate", certificate).question.rate


def _slowest(
    cases: Sequence[SelfSimilarCase], solver: Solver, ceiling: Fraction | None
) -> CycleCertificate | QuadraticCertificate | None:
    """Return the slowest instance that is found; nothing is slower than ``ceiling``, where one is known."""
    best: CycleCertificate | None = None
    high = _LARGEST if ceiling is None else ceiling
    for case in cases if ceiling is not None else ():
        best = close_cycle(case, solver, Fraction(0) if best is None else best.question.rate, high) or best
    if best is not None:
        return best
    quadratic = _quadratic(cases[0])
    floor = Fraction(0) if quadratic is None else slowness(quadratic)
    for case in cases:
        best = slowest_cycle(case, solver, floor if best is None else best.question.rate, high) or best
    return best or quadratic


def _quadratic(case: SelfSimilarCase) -> QuadraticCertificate | None:
    """Return the slowest quadratic, or None where quadratics say nothing of the method or the classes."""
    try:
        question = QuadraticQuestion(case.method, case.setting)
        return ask_quadratic(question).certificate
    except InputError:
        return None


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


def close_cycle(case: SelfSimilarCase, solver: Solver, floor: Fraction, ceiling: Fraction) -> CycleCertificate | None:
    """Return a trajectory of a kind that is slower than ``floor`` and just below ``ceiling``, or None."""
    distances = ((1 - ceiling) / 10**5, ceiling / 10**7, ceiling / 10**6, ceiling / 10**5)
    trials = sorted({ceiling - distance for distance in distances}, reverse=True)
    found = (case.prove(trial, solver) for trial in trials if floor + WIDTH < trial < ceiling)
    return next((certificate for certificate in found if certificate is not None), None)


def slowest_cycle(case: SelfSimilarCase, solver: Solver, floor: Fraction, ceiling: Fraction) -> CycleCertificate | None:
    """Return the slowest trajectory of a kind between ``floor`` and ``ceiling`` that bisection finds, or None."""
    low, high = floor + WIDTH, ceiling
    best = case.prove(low, solver) if low < high else None
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
