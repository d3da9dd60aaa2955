"""Which digits a table prints: only proved ones, as upper bounds rounded up.

A printed number p is the upper end rounded up, so ``rho <= p`` is proved. It has as many decimals as were asked for (more where
rho is so close to 0 or 1 that fewer than three digits would be left of rho or of 1 - rho), but no more than the proof supports:
the interval is no wider than one unit of the last printed place. So no Lyapunov function of the class proves a factor more than
two units of the last place below p. Where this cannot be said, because the lower end is undecided or the interval is wide, the
number is marked as a mere bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.model.text import up
from efpep.report.answer import places

_LEFT = 3


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as a table prints it.

    Attributes:
        number: the upper end rounded up.
        tight: whether the lower end lies at most two units of the last place below the number.
    """

    number: str
    tight: bool


def printed(lower: Fraction | None, upper: Fraction, digits: int) -> Printed:
    """Return ``upper`` rounded up to the digits that are proved, see the module.

    Args:
        lower: the proved lower end, or None.
        upper: the proved upper end, at most 1.
        digits: how many decimals are asked for.
    """
    wanted = max([digits, *(places(size) + _LEFT - 1 for size in (upper, 1 - upper) if size > 0)])
    decimals = wanted
    if lower is not None:
        while decimals > 0 and (upper - lower) * 10**decimals > 1:
            decimals -= 1
    supported = lower is not None and decimals > 0
    if decimals == 0:
        decimals = wanted
    while upper < 1 and Fraction(up(upper, decimals)) >= 1:
        decimals += 1
    number = up(upper, decimals)
    return Printed(number, supported and lower is not None and Fraction(number) - lower <= Fraction(2, 10**decimals))


def significant(value: Fraction, digits: int) -> str:
    """Return a number of the question rounded to nearest, with so many significant digits (not a claim)."""
    return f"{float(value):.{digits}g}"
