"""Numbers given by formulas, and square roots to more digits than any answer prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, scalar

DIGITS = 60


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """The value of a formula of the literature.

    Attributes:
        value: the number, read exactly; where roots occur, rounded to about 60 significant digits.
        formula: the formula as text.
        source: the paper and theorem.

    Raises:
        InputError: the value is no number.
    """

    value: Fraction
    formula: str
    source: str

    def __post_init__(self) -> None:
        """Read the value."""
        object.__setattr__(self, "value", scalar(self.value, "the value of a closed form"))


def square_root(value: Scalar) -> Fraction:
    """Return the square root of a rational number, exact where it is rational, else to about 60 significant digits.

    Raises:
        InputError: the number is symbolic, so that a closed form with roots cannot be evaluated.
    """
    if is_symbolic(value):
        raise InputError(
            "a closed form with square roots cannot be evaluated for symbols; give step_size as a symbol of its own.",
            argument="step_size",
        )
    exact = Fraction(value)
    if exact == 0:
        return exact
    numerator, denominator = math.isqrt(exact.numerator), math.isqrt(exact.denominator)
    if numerator**2 == exact.numerator and denominator**2 == exact.denominator:
        return Fraction(numerator, denominator)
    shift = max(0, DIGITS - (len(str(exact.numerator)) - len(str(exact.denominator))) // 2)
    return Fraction(math.isqrt(exact.numerator * 10 ** (2 * shift) // exact.denominator), 10**shift)


def largest_root(coefficients: Sequence[Fraction], above: Fraction) -> Fraction:
    """Return the largest root, to about 40 digits, of a monic polynomial whose roots are all real and at most ``above``.

    Newton's method from the right of the largest root decreases to it monotonically.
    """
    x = above
    scale = 10**45
    while True:
        value, slope = Fraction(0), Fraction(0)
        for a in coefficients:
            slope = slope * x + value
            value = value * x + a
        if slope == 0:
            return x
        new = Fraction(math.ceil((x - value / slope) * scale), scale)
        if new >= x:
            return x
        x = new
