"""An enclosed rate, and how close its ends have to be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.outward import outward as outward_to
from efpep.proof.witness import LowerWitness, UpperWitness

WIDTH = Fraction(9, 10**9)
"""How wide an enclosure is at most where nothing else is asked."""
_RELATIVE = Fraction(9, 10**5)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What a search found.

    Attributes:
        lower: the witness of the lower end, or None.
        upper: the witness of the upper end, or None.
        solver: the solvers whose proposals became witnesses.
    """

    lower: LowerWitness | None
    upper: UpperWitness | None
    solver: str

    def sharp(self, width: Fraction) -> bool:
        """Whether both ends are there and as close as ``width`` asks, or no contraction is proved."""
        if self.lower is not None and self.lower.theta >= 1:
            return True
        if self.lower is None or self.upper is None:
            return False
        return self.upper.theta - self.lower.theta <= sharp_width(1 - self.lower.theta, width)

    def better_of(self, other: Enclosure) -> Enclosure:
        """Return the tighter ends of both."""
        lower, upper, names = self.lower, self.upper, [self.solver]
        if other.lower is not None and (lower is None or other.lower.theta > lower.theta):
            lower, names = other.lower, [*names, other.solver]
        if other.upper is not None and (upper is None or other.upper.theta < upper.theta):
            upper, names = other.upper, [*names, other.solver]
        if lower is other.lower and upper is other.upper:
            names = [other.solver]
        return Enclosure(lower, upper, "+".join(dict.fromkeys(names)))


def sharp_width(q: Fraction, width: Fraction) -> Fraction:
    """Return how wide a sharp enclosure of ``rho = 1 - q`` may be: ``width``, and 9e-5 relative to q."""
    return min(width, _RELATIVE * q)


def outward(rate: Fraction, room: Fraction, *, up: bool) -> Fraction:
    """Round ``rate`` up or down to a decimal, by at most a tenth of ``room``."""
    digits = max(12, math.ceil(-math.log10(room)) + 1) if room > 0 else 17
    return outward_to(rate, digits, up=up)
