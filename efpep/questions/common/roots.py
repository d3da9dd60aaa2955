"""Roots of rational numbers, rounded down."""

from __future__ import annotations

from fractions import Fraction


def root_below(value: Fraction, order: int, digits: int = 15) -> Fraction:
    """Return a decimal of so many places that is at most the root of this order of a nonnegative number."""
    power = value.numerator * 10 ** (digits * order) // value.denominator
    low, high = 0, 1 << (power.bit_length() // order + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**order <= power else (low, middle - 1)
    return Fraction(low, 10**digits)
