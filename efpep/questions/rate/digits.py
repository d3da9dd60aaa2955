"""Rates to many digits: the ordinary search goes on in as much precision as they need, and exact arithmetic decides as ever."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from efpep.conic.complementarity import Complementarity
from efpep.conic.extended import ExtendedSolver
from efpep.conic.family import FreeFamily
from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.rounding import Rounding
from efpep.conic.solver import Solver
from efpep.errors import InputError, UndecidedError
from efpep.model.field import shown
from efpep.questions.common.step_inequalities import StepInequalities, Weights
from efpep.questions.rate.enclosure import Enclosure
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.refine import refine

MOST = 200
"""How many digits may be asked for: doubles stand for the size of margins on the way."""
_GUARD = 12
"""By how many digits residuals are smaller than the width of the interval."""
_DOUBLINGS = 3
_ROUGH = 20
"""The digits from which on Newton's method on the complementarity says where the ends are."""


def checked_digits(digits: object) -> int:
    """Return a number of digits.

    Raises:
        InputError: it is none, or out of range.
    """
    if not isinstance(digits, int) or isinstance(digits, bool) or not 1 <= digits <= MOST:
        raise InputError(
            f"digits is {shown(digits)}, and rates have 1 to {MOST} digits on demand; give a whole number such as 50.",
            argument="digits",
        )
    return digits


def sharpened(question: StepInequalities, found: Enclosure, solver: Solver, digits: int) -> Enclosure:
    """Return an enclosure at most ``10**-digits`` wide, or as narrow a one as there is.

    Args:
        question: the one-step question.
        found: an enclosure with both ends.
        solver: who repairs lower witnesses.
        digits: how many digits are wanted.
    """
    lmi = rate_lmi(question)
    for sdp in (lmi, rate_lmi(question, reduce=False)) if lmi.reduced else (lmi,):
        precise, last = ExtendedSolver(digits + _GUARD, _DOUBLINGS), None
        for wanted in (_ROUGH, digits):
            width = Fraction(1, 10 ** min(wanted, digits))
            if found.lower is None or found.upper is None or found.sharp(width):
                continue
            start = 1 - (found.lower.theta + found.upper.theta) / 2
            if wanted > _ROUGH:
                last = start
                with contextlib.suppress(UndecidedError):
                    start = 1 - rational_of(_root(sdp, found.lower.theta, found.upper.theta, digits + _GUARD, precise).rate)
            found = found.better_of(refine(sdp, Rounding(sdp, solver), precise, start, width, last=last))
    return found


def shortfall(found: Enclosure, digits: int) -> str | None:
    """Return one sentence that says why an enclosure is wider than ``10**-digits``, or None where it is not."""
    if found.lower is not None and found.lower.theta >= 1:
        return None
    if found.lower is None or found.upper is None:
        return f"{digits} digits were asked for, but an end of the rate is undecided."
    width = found.upper.theta - found.lower.theta
    if width <= Fraction(1, 10**digits):
        return None
    return (
        f"{digits} digits were asked for, but the solver stops at the width {float(width):.1e}: the problem is degenerate here, "
        "as it is where a Lyapunov function with this rate exists in the limit only."
    )


@dataclass(frozen=True, slots=True)
class Root:
    """The rate to many digits, which are found and not proved.

    Attributes:
        rate: the rate, as a ball.
        weights: the weights of the Lyapunov function by block, and of gaps, where they are unique up to a factor; else None.
    """

    rate: Any
    weights: Weights | None


def root(question: StepInequalities, lower: Fraction, upper: Fraction, digits: int) -> Root:
    """Return the rate with many more digits than its proved ends have.

    Args:
        question: the one-step question.
        lower: the proved lower end.
        upper: the proved upper end, close to it.
        digits: how many digits are wanted.

    Raises:
        UndecidedError: the equations of the solution do not determine the rate.
    """
    problem = UndecidedError("there is no rate.")
    lmi = rate_lmi(question)
    for sdp in (lmi, rate_lmi(question, reduce=False)) if lmi.reduced else (lmi,):
        try:
            return _root(sdp, lower, upper, digits, ExtendedSolver(_places(upper - lower) + _GUARD, _DOUBLINGS))
        except UndecidedError as error:
            problem = error
    raise problem


def _root(sdp: Lmi, lower: Fraction, upper: Fraction, digits: int, solver: ExtendedSolver) -> Root:
    """Return the root for one form of the program; the solver may have solved it nearby.

    Raises:
        UndecidedError: the equations of the solution do not determine it.
    """
    import flint

    backend: Any = flint
    known = _places(upper - lower)
    try:
        equations = Complementarity(sdp.pencil, 1 - (lower + upper) / 2, solver, known, float(upper - lower))
        q: Any = equations.root(digits, known=known // 2)
    except (ArithmeticError, ValueError) as error:
        raise UndecidedError(f"the rate has no more digits than are proved, because {error}.") from error
    with backend.ctx.workprec(int(3.33 * digits) + 50):
        found = 1 - q
        if not (found > _ball(lower) and found < _ball(upper)):
            raise UndecidedError("the rate has no more digits than are proved, because Newton's method leaves the proved ends.")
    return Root(found, _weights(sdp, equations))


def _places(width: Fraction) -> int:
    return next(k for k in range(2 * MOST) if width * 10**k >= 1)


def _weights(sdp: Lmi, equations: Complementarity) -> Weights | None:
    family = sdp.family
    if not isinstance(family, FreeFamily) or not equations.settled.issuperset(range(HEAD + 1, family.end)):
        return None
    blocks, gaps, _ = family.unknowns([rational_of(a) for a in equations.values[: family.end]])
    return Weights(blocks, gaps)


def rational_of(ball: Any) -> Fraction:
    """Return the midpoint of a ball."""
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    return Fraction(mantissa * 2**exponent) if exponent >= 0 else Fraction(mantissa, 2**-exponent)


def _ball(value: Fraction) -> Any:
    import flint

    backend: Any = flint
    return backend.arb(backend.fmpq(value.numerator, value.denominator))
