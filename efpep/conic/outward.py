"""Rounding outward to decimals, so that a claim stays true."""

from __future__ import annotations

import math
from fractions import Fraction


def outward(value: Fraction, places: int, *, up: bool) -> Fraction:
    """Return a decimal with so many places next to a number, above or below it."""
    scale = Fraction(10) ** places
    return (math.ceil(value * scale) if up else math.floor(value * scale)) / scale


def significant(value: Fraction, *, up: bool) -> Fraction:
    """Return a decimal of 15 significant digits next to a number, above or below it."""
    return outward(value, places_of(value, 15), up=up) if value else value


def places_of(value: Fraction, digits: int) -> int:
    """Return the decimal places of so many significant digits of a number that is not zero."""
    size = abs(value)
    power = math.floor((size.numerator.bit_length() - size.denominator.bit_length()) * math.log10(2))
    while Fraction(10) ** power > size:
        power -= 1
    while Fraction(10) ** (power + 1) <= size:
        power += 1
    return digits - 1 - power
