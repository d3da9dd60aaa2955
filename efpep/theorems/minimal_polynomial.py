"""Minimal polynomials of numbers that are known to many digits, by lattice reduction (Lenstra, Lenstra, Lovasz 1982)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import flint

_flint: Any = flint
_DEGREES = (1, 2, 3, 4, 6, 8, 12, 16, 20, 24)
MOST = _DEGREES[-1]
"""The largest degree that is looked for."""
_SHARE = Fraction(3, 2)
_MORE = 10
"""A polynomial counts where it holds to more digits than 3/2 of those in its coefficients, by so many."""


@dataclass(frozen=True)
class MinimalPolynomial:
    """An irreducible polynomial that a number satisfies to many more digits than its coefficients have: a conjecture.

    Attributes:
        coefficients: integers without a common factor, the constant first; the leading one is positive.
        digits: to how many digits the number is known, and a root.
        free: how many digits the coefficients have: about so many digits any polynomial of this size can be made to fit.
    """

    coefficients: tuple[int, ...]
    digits: int
    free: int

    @property
    def degree(self) -> int:
        """The degree."""
        return len(self.coefficients) - 1

    def written(self, name: str) -> str:
        """Return the polynomial in a variable of this name."""
        return written(self.coefficients, name)

    def separates(self, lower: Fraction, upper: Fraction) -> bool:
        """Whether the polynomial changes its sign on an interval, so that it has a root there: exact arithmetic decides."""
        return self._at(lower) * self._at(upper) <= 0

    def _at(self, x: Fraction) -> Fraction:
        return sum((a * x**k for k, a in enumerate(self.coefficients)), Fraction(0))


def minimal_polynomial(value: Any, digits: int, most: int = MOST) -> MinimalPolynomial | None:
    """Return the minimal polynomial of a number, or None where there is none of few enough digits.

    Degrees are tried from small to large. For each, the reduced basis of the lattice of ``(a_0, ..., a_d, 10^digits p(x))`` has a
    short vector where there is a relation, the factor of which that vanishes is the polynomial.

    Args:
        value: a number or a ball, known to ``digits`` digits.
        digits: how many digits are right.
        most: the largest degree.
    """
    with _flint.ctx.workprec(int(3.33 * digits) + 64):
        number = _flint.arb(_flint.fmpq(value.numerator, value.denominator)) if isinstance(value, Fraction) else value
        size = _flint.arb(10) ** digits
        powers = [_flint.arb(1)]
        for degree in [d for d in (*_DEGREES, most) if d <= most]:
            while len(powers) <= degree:
                powers.append(powers[-1] * number)
            rows = [
                [int(i == j) for j in range(degree + 1)] + [int((power * size).mid().floor().unique_fmpz())]
                for i, power in enumerate(powers[: degree + 1])
            ]
            reduced = _flint.fmpz_mat(rows).lll()
            found = _vanishing([int(reduced[0, j]) for j in range(degree + 1)], number, digits)
            if found is not None:
                return found
    return None


def _vanishing(coefficients: Sequence[int], number: Any, digits: int) -> MinimalPolynomial | None:
    polynomial = _flint.fmpz_poly(list(coefficients))
    for factor, _ in polynomial.factor()[1]:
        own = [int(a) for a in factor.coeffs()]
        own = own if own[-1] > 0 else [-a for a in own]
        free = math.ceil(sum(math.log10(abs(a) + 1) for a in own))
        if len(own) < 2 or digits < _SHARE * free + _MORE:
            continue
        rest: Any = sum((a * number**k for k, a in enumerate(own)), _flint.arb(0))
        if abs(rest.mid()) < max(map(abs, own)) * len(own) * _flint.arb(10) ** (2 - digits):
            return MinimalPolynomial(tuple(own), digits, free)
    return None


def written(coefficients: Sequence[int], name: str) -> str:
    """Return a polynomial with these coefficients, the constant first, as text."""
    terms: list[str] = []
    for k in reversed(range(len(coefficients))):
        a = coefficients[k]
        if a == 0:
            continue
        power = "" if k == 0 else name if k == 1 else f"{name}^{k}"
        size = power if abs(a) == 1 and power else f"{abs(a)} {power}".strip()
        terms.append(("- " if a < 0 else "+ ") + size)
    text = " ".join(terms) or "0"
    return text.removeprefix("+ ") if not text.startswith("- ") else "-" + text[2:]
