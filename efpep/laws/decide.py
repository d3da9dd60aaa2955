"""One verdict: does any Lyapunov function of the class reach a rate for one choice of a method's parameters?

Cheapest first: an instance on a line; an instance of the question strictly inside all its conditions, from one small SDP;
a Lyapunov function; and where those fail the whole search, with extended precision. Every proof has passed its exact check.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.analysis.box_sdp import box_sdp, exclude
from efpep.analysis.enclosure import Enclosure, outward
from efpep.analysis.lyapunov import newton, propose, search
from efpep.analysis.modes import mode
from efpep.analysis.rate_sdp import rate_sdp
from efpep.analysis.rounding import Rounding
from efpep.analysis.scaling import Scaling
from efpep.certify.certificate import Certificate
from efpep.certify.improvement import Proof
from efpep.certify.witness import LowerWitness
from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.laws.units import grouped_units
from efpep.methods.base import Method
from efpep.model.box import Box
from efpep.question.contraction import Contraction, contraction
from efpep.setting import Setting

METRIC = "distance"
NARROW = Fraction(1, 10**3)
"""How wide the interval of a reference rate may be, relative to ``1 - rho``."""
_DISTANCES = (Fraction(1, 20000), Fraction(1, 2200))
_TOLERANCE = 1e-12


@dataclass(frozen=True, slots=True)
class Bounds:
    """The rate at which an improvement is proved, and that below which everything has to be excluded; almost the same."""

    improved: Fraction
    excluded: Fraction


def decide(method: Method, setting: Setting, bounds: Bounds) -> Proof:
    """Return a checked proof that the method's rate is at most ``bounds.improved`` or not below ``bounds.excluded``, or None."""
    found = mode(method, setting, bounds.excluded)
    if found is not None:
        return found
    solver = find_solver(DEFAULT)
    question = contraction(method, setting, METRIC)
    lower = _instance(question, bounds.excluded, grouped_units(question, setting), solver)
    if lower is not None:
        return Certificate(method, setting, METRIC, lower, None)
    best = enclosure(question, setting, solver, 1 - bounds.improved)
    if best.lower is not None and best.lower.rate >= bounds.excluded:
        return Certificate(method, setting, METRIC, best.lower, None)
    if best.upper is not None and best.upper.rate <= bounds.improved:
        return Certificate(method, setting, METRIC, None, best.upper)
    return None


def enclosure(
    question: Contraction, setting: Setting, solver: Solver, guess: Fraction = Fraction(0), width: Fraction = NARROW
) -> Enclosure:
    """Enclose the least rate to ``width`` relative to ``1 - rho``, in double precision where that suffices.

    ``guess`` is where Newton's method starts, an estimate of ``1 - rho``.
    """
    best = Enclosure(None, None, solver.name)
    units = grouped_units(question, setting)
    for choice in units:
        sdp = rate_sdp(question, units=choice)
        estimate = newton(sdp, solver, guess)
        if not estimate.contracts or estimate.q <= 0:
            continue
        rounding = Rounding(sdp, solver)
        for distance in _DISTANCES:
            room = estimate.q * distance
            high = outward(1 - estimate.q + room, room, up=True)
            if high < 1 and not narrow(best, width) and (best.upper is None or high < best.upper.rate):
                upper = rounding.upper(high, propose(solver, sdp.pencil.at(1 - high), _TOLERANCE))
                best = best.better_of(Enclosure(None, upper, solver.name))
            low = max(outward(1 - estimate.q - room, room, up=False), Fraction(0))
            if not narrow(best, width) and (best.lower is None or low > best.lower.rate):
                best = best.better_of(Enclosure(_instance(question, low, units, solver), None, solver.name))
        if narrow(best, width):
            return best
    return best.better_of(search(question, solver))


def narrow(found: Enclosure, width: Fraction = NARROW) -> bool:
    """Whether both ends are proved, and close enough."""
    if found.lower is None or found.upper is None:
        return False
    return found.upper.rate - found.lower.rate <= width * (1 - found.upper.rate)


def _instance(question: Contraction, rate: Fraction, units: list[Scaling], solver: Solver) -> LowerWitness | None:
    """Return a checked witness that excludes rates below ``rate``, from the SDP with the largest margin in all conditions."""
    for choice in units:
        found = exclude(box_sdp(question, choice, Box(()), (), rate), solver)
        if found is not None:
            return LowerWitness(rate, found.grams[0], found.values[0])
    return None
