"""Iteration complexities: how many steps a rate needs, and the ratio of two.

A method that contracts by rho a step is epsilon-accurate after ``log(1/epsilon)/log(1/rho)`` steps up to a constant; the ratio
of two methods' complexities is ``log(1/rho_2)/log(1/rho_1)``, whatever the accuracy.
"""

from __future__ import annotations

import math
from fractions import Fraction

from efpep.errors import InputError

_SAFE = Fraction(1, 10**12)


def iterations(rate: Fraction, accuracy: Fraction) -> Fraction:
    """Return ``log(1/accuracy)/log(1/rate)``, to twelve digits.

    Raises:
        InputError: the rate or the accuracy is not between 0 and 1.
    """
    return _log(accuracy, "the accuracy") / _log(rate, "a rate")


def ratio(slow: Fraction, fast: Fraction, *, up: bool) -> Fraction:
    """Return how many steps at the rate ``slow`` do what one does at ``fast``, rounded up or down at the twelfth digit.

    Raises:
        InputError: a rate is not between 0 and 1.
    """
    value = _log(fast, "a rate") / _log(slow, "a rate")
    return value * (1 + _SAFE if up else 1 - _SAFE)


def _log(value: Fraction, what: str) -> Fraction:
    """Return ``log(1/value)`` to about fifteen digits."""
    if not 0 < value < 1:
        raise InputError(
            f"{what} is {float(value):g}, and complexities are those of numbers between 0 and 1; give such a number.",
        )
    # close to 1 the difference is exact and log1p accurate
    return Fraction(-math.log1p(float(value - 1)) if value > Fraction(1, 2) else -math.log(value))
