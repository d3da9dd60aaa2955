"""One verdict: does any Lyapunov function of the class reach a rate for one choice of a method's parameters?

Cheapest first: an instance on a line; an instance of the question strictly inside all its conditions, from one small SDP;
a Lyapunov function; and where those fail the whole search, with extended precision. Every proof has passed its exact check.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from efpep.conic.rounding import Rounding
from efpep.conic.solver import DEFAULT, Solver, find_solver, propose
from efpep.conic.units import Units
from efpep.methods.base import Method
from efpep.model.box import Box
from efpep.model.field import rounded
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.base import Certificate
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.improvement.question import Proof
from efpep.questions.quadratic.search import eigen_instance
from efpep.questions.rate.enclosure import Enclosure, outward
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.question import RateQuestion
from efpep.questions.rate.search import newton, search
from efpep.questions.tune.lmi import BoxSdp
from efpep.setting import Setting
from efpep.studies.laws.law import METRIC
from efpep.studies.laws.units import grouped_units

NARROW = Fraction(1, 10**3)
"""How wide an interval is, at most, relative to ``1 - rho``, where nothing narrower is asked for."""
_DISTANCES = (Fraction(1, 20), Fraction(10, 22))
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Bounds:
    """The rate at which an improvement is proved, and that below which everything has to be excluded; almost the same."""

    improved: Fraction
    excluded: Fraction


def decide(method: Method, setting: Setting, bounds: Bounds, width: Fraction = NARROW) -> Proof:
    """Return a checked proof that the method's rate is at most ``bounds.improved`` or not below ``bounds.excluded``, or None."""
    found = eigen_instance(method, setting, bounds.excluded)
    if found is not None:
        return found
    solver = find_solver(DEFAULT)
    question = rate_inequalities(method, setting, METRIC)
    lower = instance(question, bounds.excluded, setting, solver)
    if lower is not None:
        return Certificate(RateQuestion(method, setting, METRIC), lower, None)
    best = enclosure(question, setting, solver, 1 - bounds.improved, width=width)
    if best.lower is not None and best.lower.theta >= bounds.excluded:
        return Certificate(RateQuestion(method, setting, METRIC), best.lower, None)
    if best.upper is not None and best.upper.theta < bounds.improved:
        return Certificate(RateQuestion(method, setting, METRIC), best.lower, best.upper)
    return None


def enclosure(
    question: StepInequalities,
    setting: Setting,
    solver: Solver,
    guess: Fraction,
    *,
    known: UpperWitness | None = None,
    width: Fraction = NARROW,
) -> Enclosure:
    """Enclose the least rate to ``width`` relative to ``1 - rho``, in extended precision where double does not suffice."""
    found = quick_enclosure(question, setting, solver, guess, known=known, width=width)
    return found if narrow(found, width) else found.better_of(search(question, solver))


def quick_enclosure(
    question: StepInequalities,
    setting: Setting,
    solver: Solver,
    guess: Fraction,
    *,
    known: UpperWitness | None = None,
    width: Fraction = NARROW,
) -> Enclosure:
    """Enclose the least rate in double precision, as narrowly as that goes.

    ``guess`` is an estimate of ``1 - rho`` (0 for none); where it is good no search is needed. ``known`` is an upper witness.
    """
    best = Enclosure(None, known, solver.name)
    units = grouped_units(question, setting)
    for choice in units:
        sdp = rate_lmi(question, units=choice)
        rounding = Rounding(sdp, solver)
        if guess > 0 and choice is units[0]:
            best = _around(question, best, rounding, guess, units, width)
        if narrow(best, width):
            return best
        estimate = newton(sdp, solver, guess)
        if estimate.contracts and estimate.q > 0:
            best = _around(question, best, rounding, estimate.q, units, width)
        if narrow(best, width):
            return best
    return best


def _around(  # noqa: PLR0917
    question: StepInequalities, best: Enclosure, rounding: Rounding, q: Fraction, units: list[Units], width: Fraction
) -> Enclosure:
    """Try both ends close to the estimate ``q`` of ``1 - rho``, where that makes ``best`` better; the lower end first."""
    solver = rounding.solver
    low = Fraction(0)
    for distance in _DISTANCES:
        room = q * distance * width
        low = max(outward(1 - q - room, room, up=False), Fraction(0))
        if best.lower is None or low > best.lower.theta:
            best = best.better_of(Enclosure(_instance(question, low, units, solver), None, solver.name))
        if best.lower is not None and best.lower.theta >= low:
            break
    if narrow(best, width) or best.lower is None or best.lower.theta < low:
        return best
    for distance in _DISTANCES:
        room = q * distance * width
        high = outward(1 - q + room, room, up=True)
        if high < 1 and (best.upper is None or high < best.upper.theta):
            upper = rounding.upper(high, propose(solver, rounding.lmi.pencil.at(1 - high), _TOLERANCE))
            best = best.better_of(Enclosure(None, upper, solver.name))
        if narrow(best, width):
            break
    return best


def fastest(method: Method, setting: Setting, guess: Fraction) -> float:
    """Return which multiple of the method's step size, between 0.7 and 1.4, is best in floating point: nothing is proved."""
    from scipy import optimize

    solver = find_solver(DEFAULT)

    def rate(factor: float) -> float:
        at = replace(method, step_size=rounded(method.step_size * Fraction(factor), 12))
        question = rate_inequalities(at, setting, METRIC)
        estimates = [newton(rate_lmi(question, units=units), solver, guess) for units in grouped_units(question, setting)[:1]]
        return 1 - max((float(estimate.q) for estimate in estimates if estimate.confident), default=0.0)

    backend: Any = optimize
    return float(backend.minimize_scalar(rate, bounds=(0.7, 1.4), method="bounded", options={"xatol": 1e-4}).x)


def narrow(found: Enclosure, width: Fraction = NARROW) -> bool:
    """Whether both ends are proved, and at most ``width`` times ``1 - rho`` apart."""
    if found.lower is None or found.upper is None:
        return False
    return found.upper.theta - found.lower.theta <= width * (1 - found.upper.theta)


def instance(question: StepInequalities, rate: Fraction, setting: Setting, solver: Solver) -> LowerWitness | None:
    """Return a checked witness that excludes rates below ``rate``, or None."""
    return _instance(question, rate, grouped_units(question, setting), solver)


def _instance(question: StepInequalities, rate: Fraction, units: list[Units], solver: Solver) -> LowerWitness | None:
    """Return a checked witness that excludes rates below ``rate``, from the SDP with the largest margin in all conditions."""
    for choice in units:
        found = BoxSdp(question, choice, Box(()), (), rate).exclude(solver)
        if found is not None:
            return LowerWitness(rate, found.grams[:1], found.values[:1])
    return None
