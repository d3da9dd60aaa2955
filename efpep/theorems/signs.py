"""Signs of rational functions: by coefficients on the image of an orthant, by Bernstein coefficients on a box.

On an orthant whose coordinates are positive, or nonnegative, a polynomial none of whose coefficients is negative is nonnegative,
and positive where a positive one belongs to a monomial in the positive coordinates alone. On a box a polynomial lies between the
least and the largest of its Bernstein coefficients. With ``a = u/(1-u)`` the coefficients of a polynomial in a, over binomial
coefficients, are the Bernstein coefficients of its numerator in u: the orthant is a box too. Where coefficients do not decide,
the box is bisected.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import comb, prod
from typing import Any, NamedTuple

from efpep.theorems.functions import Function, FunctionField

POSITIVE, NONNEGATIVE, ZERO = 2, 1, 0
"""Signs are these, their negatives, or None for an unknown one."""

Box = Mapping[str, tuple[Fraction, Fraction]]
Tensor = dict[tuple[int, ...], Fraction]
"""The Bernstein coefficients of a polynomial, zeros included."""
_DEPTH = 8
_LARGEST = 5000
"""Tensors with more coefficients are not looked at."""


class BoxSide(NamedTuple):
    """What a variable ranges over: ``[low, high]``, or where ``high`` is None what is larger than 0 (with 0 where ``closed``)."""

    low: Fraction = Fraction(0)
    high: Fraction | None = None
    closed: bool = True


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
    axes = [BoxSide(closed=name in closed) for name in field.names]
    return quotient_sign(*field.composed(function, images), axes)


def box_sign(function: Function, box: Box) -> int | None:
    """Return the sign of a function on a closed box, one interval a symbol; symbols without one are positive."""
    if function == 0:
        return ZERO
    axes = [BoxSide(*box[name]) if name in box else BoxSide(closed=False) for name in function.field.names]
    return quotient_sign(function.numerator, function.denominator, axes)


def _unknown(factor: Any) -> int | None:
    del factor


def quotient_sign(top: Any, bottom: Any, axes: Sequence[BoxSide], known: Callable[[Any], int | None] = _unknown) -> int | None:
    """Return the sign of a quotient of polynomials, as :func:`polynomial_sign`, or None where the divisor may vanish."""
    below = polynomial_sign(bottom, axes, known)
    return None if below is None or abs(below) < POSITIVE else product_sign((polynomial_sign(top, axes, known), below))


def polynomial_sign(polynomial: Any, axes: Sequence[BoxSide], known: Callable[[Any], int | None] = _unknown) -> int | None:
    """Return the sign of a polynomial where its variables range over the axes, or None where coefficients do not show it.

    Args:
        polynomial: the polynomial.
        axes: what its variables range over.
        known: what is known otherwise of the sign of a factor.
    """
    rays = all(axis.high is None for axis in axes)
    found = _by_coefficients(polynomial, axes) if rays else None
    if found is not None:
        return found
    constant, factors = polynomial.factor()
    signs: list[int | None] = [_number(constant)]
    for factor, power in factors:
        sign = known(factor)
        sign = _by_coefficients(factor, axes) if rays and sign is None else sign
        sign = sign if sign is not None else _on_box(factor, axes)
        signs.append(sign if power % 2 else NONNEGATIVE if sign is None else abs(sign))
    return product_sign(signs)


def _number(number: Any) -> int:
    return POSITIVE if number > 0 else -POSITIVE if number < 0 else ZERO


def _by_coefficients(polynomial: Any, axes: Sequence[BoxSide]) -> int | None:
    strict = False
    sign = 0
    for powers, value in polynomial.to_dict().items():
        here = 1 if value > 0 else -1
        if sign == -here:
            return None
        sign = here
        strict = strict or not any(power and axis.closed for power, axis in zip(powers, axes, strict=False))
    return sign * (POSITIVE if strict else NONNEGATIVE)


def _on_box(polynomial: Any, axes: Sequence[BoxSide]) -> int | None:
    degrees = [max(int(powers[i]) for powers in polynomial.to_dict()) for i in range(len(axes))]
    if prod(degree + 1 for degree in degrees) > _LARGEST:
        return None
    ends = [(axis.high is not None or axis.closed, axis.high is not None) for axis in axes]
    return _decided(bernstein(polynomial, axes), degrees, ends, _DEPTH)


def _decided(tensor: Tensor, degrees: Sequence[int], ends: Sequence[tuple[bool, bool]], depth: int) -> int | None:
    """Return the sign of what has these coefficients on a box; ``ends`` are those of its sides that belong to the region."""
    values = tensor.values()
    least, largest = min(values), max(values)
    if least >= 0 or largest <= 0:
        sign = 1 if largest > 0 else -1
        return sign * (POSITIVE if _strict(tensor, degrees, ends) else NONNEGATIVE)
    corners = [tensor[key] for key in itertools.product(*({0, degree} for degree in degrees))]
    if depth == 0 or (min(corners) < 0 < max(corners)):  # corners are values
        return None
    cut = [i for i, degree in enumerate(degrees) if degree]
    axis = cut[depth % len(cut)]
    low, high = ends[axis]
    left, right = _halves(tensor, degrees, axis)
    first = _decided(left, degrees, [*ends[:axis], (low, True), *ends[axis + 1 :]], depth - 1)
    second = None if first is None else _decided(right, degrees, [*ends[:axis], (True, high), *ends[axis + 1 :]], depth - 1)
    if first is None or second is None or first * second <= 0:
        return None
    return min(first, second) if first > 0 else max(first, second)


def _strict(tensor: Tensor, degrees: Sequence[int], ends: Sequence[tuple[bool, bool]]) -> bool:
    """Whether coefficients of one sign leave no zero: each least face that belongs to the region has one that is not zero."""
    choices: list[list[range]] = []
    for degree, (low, high) in zip(degrees, ends, strict=True):
        fixed = [range(1)] * low + [range(degree, degree + 1)] * high
        choices.append(fixed or [range(degree + 1)])
    return all(any(tensor[key] != 0 for key in itertools.product(*face)) for face in itertools.product(*choices))


def _halves(tensor: Tensor, degrees: Sequence[int], axis: int) -> tuple[Tensor, Tensor]:
    """Return the coefficients on both halves of a box, by the algorithm of de Casteljau."""
    degree = degrees[axis]
    left, right = Tensor(), Tensor()
    for key in tensor:
        if key[axis]:
            continue
        line = [tensor[(*key[:axis], k, *key[axis + 1 :])] for k in range(degree + 1)]
        for k in range(degree + 1):
            left[(*key[:axis], k, *key[axis + 1 :])] = line[0]
            right[(*key[:axis], degree - k, *key[axis + 1 :])] = line[-1]
            line = [(a + b) / 2 for a, b in itertools.pairwise(line)]
    return left, right


def bernstein(polynomial: Any, axes: Sequence[BoxSide]) -> Tensor:
    """Return the Bernstein coefficients of a polynomial on a box, for half-lines in ``u = a/(1+a)`` up to powers of 1 - u."""
    terms = {
        tuple(int(k) for k in powers): Fraction(int(value.p), int(value.q)) for powers, value in polynomial.to_dict().items()
    }
    for i, axis in enumerate(axes):
        degree = max(powers[i] for powers in terms)
        lines: dict[tuple[int, ...], list[Fraction]] = {}
        for powers, value in terms.items():
            key = (*powers[:i], 0, *powers[i + 1 :])
            lines.setdefault(key, [Fraction(0)] * (degree + 1))[powers[i]] = value
        terms = {(*key[:i], j, *key[i + 1 :]): value for key, line in lines.items() for j, value in enumerate(_line(line, axis))}
    missing = itertools.product(*(range(1 + max(powers[i] for powers in terms)) for i in range(len(axes))))
    return dict.fromkeys(missing, Fraction(0)) | terms


def _line(line: Sequence[Fraction], axis: BoxSide) -> list[Fraction]:
    """Return the Bernstein coefficients of a polynomial in one variable with these coefficients, the lowest power first."""
    degree = len(line) - 1
    if axis.high is None:
        return [value / comb(degree, k) for k, value in enumerate(line)]
    shifted = [Fraction(0)] * (degree + 1)
    for value in reversed(line):  # Horner's scheme in t, for low + (high - low) t
        for j in range(degree, -1, -1):
            shifted[j] = shifted[j] * axis.low + (shifted[j - 1] * (axis.high - axis.low) if j else Fraction(0))
        shifted[0] += value
    return [
        sum((Fraction(comb(j, i), comb(degree, i)) * shifted[i] for i in range(j + 1)), Fraction(0)) for j in range(degree + 1)
    ]
