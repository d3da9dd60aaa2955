"""Exact numbers as text: terminating decimals exactly, and decimals rounded outward."""

from __future__ import annotations

from fractions import Fraction

# --- Numbers as text ------------------------------------------------------------------------------------------------------


def exact(value: Fraction) -> str:
    """Return ``value`` exactly: as a decimal where that takes at most 24 digits (``123e-30`` if tiny), else as a fraction."""
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    digits = max(twos, fives)
    if denominator != 1 or digits > 400:
        return str(value)
    scaled = value.numerator * 10**digits // value.denominator
    if digits > 24:
        return f"{scaled}e-{digits}" if abs(scaled) < 10**24 else str(value)
    return str(value.numerator) if digits == 0 else _decimal(scaled, digits)


def down(value: Fraction, digits: int) -> str:
    """Return the largest decimal of ``digits`` places that is at most ``value``."""
    return _decimal(int(value * 10**digits // 1), digits)


def up(value: Fraction, digits: int) -> str:
    """Return the smallest decimal of ``digits`` places that is at least ``value``."""
    return _decimal(-int(-value * 10**digits // 1), digits)


def _decimal(scaled: int, digits: int) -> str:
    text = str(abs(scaled)).rjust(digits + 1, "0")
    sign = "-" if scaled < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"
