"""The one search over step sizes: about where a value that has one minimum is least.

Values are asked of numbers rounded to a few digits, and every number once. That there is one minimum is not proved, nor that
the number found is it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from efpep.model.field import rounded

GOLDEN = (math.sqrt(5) - 1) / 2
_DOUBLINGS = 20


def _never() -> bool:
    return False


class Minimum:
    """A search for where a value is least.

    Attributes:
        tried: the values that were asked for, infinite where there is none.
    """

    def __init__(self, value: Callable[[Fraction], float], *, digits: int = 12, over: Callable[[], bool] = _never) -> None:
        """Ask for ``value`` at positive numbers of so many ``digits``, until it is ``over``."""
        self.tried: dict[Fraction, float] = {}
        self._value, self._digits, self._over = value, digits, over

    def rounded(self, number: float | Fraction) -> Fraction:
        """Return a number as it is asked for."""
        return rounded(Fraction(number), self._digits)

    def at(self, number: float | Fraction) -> float:
        """Return the value at a number."""
        asked = self.rounded(number)
        if asked not in self.tried:
            self.tried[asked] = self._value(asked)
        return self.tried[asked]

    @property
    def best(self) -> Fraction:
        """The number with the least value of those that were tried, the smallest of these."""
        return min(self.tried, key=lambda number: (self.tried[number], number))

    def descend(self, start: float | Fraction, tolerance: float) -> bool:
        """Look from ``start`` for where the value is least, to a relative ``tolerance``, and return whether that is enclosed.

        It is not where no value is finite, or where values still fall a million times as far.
        """
        near = (float(start) * 2.0**k for distance in range(_DOUBLINGS + 1) for k in sorted({-distance, distance}))
        middle = next((number for number in near if math.isfinite(self.at(number))), None)
        if middle is None:
            return False
        for factor in (0.5, 2.0):
            for _ in range(_DOUBLINGS):
                if self.at(factor * middle) >= self.at(middle):
                    break
                middle *= factor
            else:
                return False
        self.close_in(math.log(middle / 2), math.log(2 * middle), tolerance)
        return True

    def close_in(self, low: float, high: float, tolerance: float) -> None:
        """Ask at numbers whose logarithms close in between two, by golden sections; of equal values the smaller number counts."""
        while high - low > tolerance and not self._over():
            left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
            if self.at(math.exp(left)) <= self.at(math.exp(right)):
                high = right
            else:
                low = left
