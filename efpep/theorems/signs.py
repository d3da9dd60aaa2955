"""Signs of rational functions: by coefficients on the image of an orthant, by Bernstein coefficients on a box.

On an orthant whose coordinates are positive, or nonnegative, a polynomial none of whose coefficients is negative is nonnegative,
and positive where a positive one belongs to a monomial in the positive coordinates alone. On a box a polynomial lies between the
least and the largest of its Bernstein coefficients; the box is bisected where they do not decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import comb
from typing import Any

from efpep.theorems.functions import Function, FunctionField

POSITIVE, NONNEGATIVE, ZERO = 2, 1, 0
"""Signs are these, their negatives, or None for an unknown one."""

Box = Mapping[str, tuple[Fraction, Fraction]]


def product_sign(factors: Sequence[int | None]) -> int | None:
    """Return the sign of a product."""
    size, sign = POSITIVE, 1
    for factor in factors:
        if factor is None:
            return None
        if factor == 0:
            return 0
        size, sign = min(size, abs(factor)), sign if factor > 0 else -sign
    return sign * size


def orthant_sign(function: Function, field: FunctionField, images: Mapping[str, Function], closed: Sequence[str]) -> int | None:
    """Return the sign of a function on the image of an orthant, its coordinates the symbols of ``field``.

    Args:
        function: the function.
        field: the orthant's own field.
        images: the symbols of the function as functions of the coordinates.
        closed: the coordinates that are nonnegative; the others are positive.
    """
    if function == 0:
        return ZERO
    places = [field.names.index(name) for name in closed]
    top, bottom = field.composed(function, images)
    below = _orthant(bottom, places)
    return None if below is None or abs(below) < POSITIVE else product_sign((_orthant(top, places), below))


def _orthant(polynomial: Any, closed: Sequence[int]) -> int | None:
    found = _by_coefficients(polynomial, closed)
    if found is not None:
        return found
    constant, factors = polynomial.factor()
    signs = [(_by_coefficients(p, closed), int(k)) for p, k in factors]
    return product_sign(
        [1 if k % 2 == 0 and s is None else (s and abs(s)) if k % 2 == 0 else s for s, k in signs] + [_sign(constant)]
    )


def _sign(number: Any) -> int:
    return POSITIVE if number > 0 else -POSITIVE if number < 0 else ZERO


def _by_coefficients(polynomial: Any, closed: Sequence[int]) -> int | None:
    strict = False
    sign = 0
    for powers, value in polynomial.to_dict().items():
        here = 1 if value > 0 else -1
        if sign == -here:
            return None
        sign = here
        strict = strict or not any(powers[i] for i in closed)
    return sign * (POSITIVE if strict else NONNEGATIVE)


def box_sign(function: Function, box: Box, depth: int = 6) -> int | None:
    """Return the strict sign of a function on a box, one interval a symbol, or None where bisection does not show one."""
    if function == 0:
        return ZERO
    ranges = [box[name] for name in function.field.names]
    signs: list[int | None] = []
    for side in (function.numerator, function.denominator):
        constant, factors = side.factor()
        signs.append(_sign(constant))
        for factor, power in factors:
            found = _on_box(factor, ranges, depth)
            signs.append(found if power % 2 or found is None else abs(found))
    return product_sign(signs)


def _on_box(polynomial: Any, ranges: Sequence[tuple[Fraction, Fraction]], depth: int) -> int | None:
    coefficients = list(bernstein(polynomial, ranges).values())
    if all(c > 0 for c in coefficients):
        return POSITIVE
    if all(c < 0 for c in coefficients):
        return -POSITIVE
    if depth == 0:
        return None
    widest = max(range(len(ranges)), key=lambda i: ranges[i][1] - ranges[i][0])
    low, high = ranges[widest]
    middle = (low + high) / 2
    halves = [[*ranges[:widest], half, *ranges[widest + 1 :]] for half in ((low, middle), (middle, high))]
    found = {_on_box(polynomial, half, depth - 1) for half in halves}
    return found.pop() if len(found) == 1 else None


def bernstein(polynomial: Any, ranges: Sequence[tuple[Fraction, Fraction]]) -> dict[tuple[int, ...], Fraction]:
    """Return the Bernstein coefficients of a polynomial on a box."""
    terms = {
        tuple(int(k) for k in powers): Fraction(int(value.p), int(value.q)) for powers, value in polynomial.to_dict().items()
    }
    for i, (low, high) in enumerate(ranges):
        degree = max(powers[i] for powers in terms)
        lines: dict[tuple[int, ...], list[Fraction]] = {}
        for powers, value in terms.items():
            key = (*powers[:i], 0, *powers[i + 1 :])
            lines.setdefault(key, [Fraction(0)] * (degree + 1))[powers[i]] = value
        terms = {
            (*key[:i], j, *key[i + 1 :]): value
            for key, line in lines.items()
            for j, value in enumerate(_bernstein(line, low, high))
        }
    return terms


def _bernstein(line: Sequence[Fraction], low: Fraction, high: Fraction) -> list[Fraction]:
    """Return the Bernstein coefficients on an interval of a polynomial with these coefficients, the lowest power first."""
    degree = len(line) - 1
    shifted = [Fraction(0)] * (degree + 1)
    for value in reversed(line):  # Horner's scheme in t, for low + (high - low) t
        for j in range(degree, -1, -1):
            shifted[j] = shifted[j] * low + (shifted[j - 1] * (high - low) if j else Fraction(0))
        shifted[0] += value
    return [
        sum((Fraction(comb(j, i), comb(degree, i)) * shifted[i] for i in range(j + 1)), Fraction(0)) for j in range(degree + 1)
    ]
