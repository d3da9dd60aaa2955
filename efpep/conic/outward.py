"""Rounding outward to decimals, so that a claim stays true."""

from __future__ import annotations

import math
from fractions import Fraction


def outward(value: Fraction, places: int, *, up: bool) -> Fraction:
    """Return a decimal with so many places next to a number, above or below it."""
    if places < 0:
        scale = 10**-places
        return Fraction((math.ceil(value / scale) if up else math.floor(value / scale)) * scale)
    top, bottom = value.numerator * 10**places, value.denominator
    return Fraction(-(-top // bottom) if up else top // bottom, 10**places)


def significant(value: Fraction, *, up: bool) -> Fraction:
    """Return a decimal of 15 significant digits next to a number, above or below it."""
    return outward(value, places_of(value, 15), up=up) if value else value


def places_of(value: Fraction, digits: int) -> int:
    """Return the decimal places of so many significant digits of a number that is not zero."""
    size = abs(value)
    top, bottom = size.numerator, size.denominator
    power = math.floor((top.bit_length() - bottom.bit_length()) * math.log10(2)) - 1
    while 10 ** max(0, power + 1) * bottom <= 10 ** max(0, -power - 1) * top:
        power += 1
    return digits - 1 - power
