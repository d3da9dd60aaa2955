"""Rational functions through exact values: coefficients of closed forms over the parameters from those at rational settings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import flint

from efpep.theorems.functions import Function, FunctionField

_flint: Any = flint
SPARE = 4
"""At least so many values have to be met beyond those that determine a function."""
_DEGREES = 6


def interpolated(points: Sequence[Mapping[str, Fraction]], values: Sequence[Fraction], field: FunctionField) -> Function | None:
    """Return the rational function of least degrees that has these values, or None where they are too few for one.

    ``p - f q = 0`` at every point is a linear system for the coefficients of p and q. The fewest coefficients are tried first;
    there have to be :data:`SPARE` more points than coefficients, and one solution.

    Args:
        points: the parameters by name, one mapping a value.
        values: the values.
        field: the field of the parameters.
    """
    degrees = sorted(itertools.product(range(_DEGREES), repeat=2), key=lambda pair: sum(_count(field, d) for d in pair))
    for top, bottom in degrees:
        above, below = _monomials(field, top), _monomials(field, bottom)
        if len(above) + len(below) + SPARE - 1 > len(points):
            continue
        rows = [
            [*(_at(m, point, field) for m in above), *(-value * _at(m, point, field) for m in below)]
            for point, value in zip(points, values, strict=True)
        ]
        found = _only_solution(rows)
        if found is not None:
            numerator = sum((field(a) * _function(m, field) for a, m in zip(found, above, strict=False)), field(0))
            rest = found[len(above) :]
            denominator = sum((field(a) * _function(m, field) for a, m in zip(rest, below, strict=True)), field(0))
            if denominator != 0 and _meets(function := numerator / denominator, points, values):
                return function
    return None


def _only_solution(rows: Sequence[Sequence[Fraction]]) -> list[Fraction] | None:
    """Return the vector that all rows are orthogonal to, with one entry 1, or None where there is none or more than one."""
    width = len(rows[0])
    matrix = _flint.fmpq_mat(len(rows), width, [_flint.fmpq(a.numerator, a.denominator) for row in rows for a in row])
    reduced, rank = matrix.rref()
    if width - rank != 1:
        return None
    pivots = [next(j for j in range(width) if reduced[i, j] != 0) for i in range(rank)]
    free = next(j for j in range(width) if j not in pivots)
    found = [Fraction(int(j == free)) for j in range(width)]
    for i, j in enumerate(pivots):
        found[j] = -Fraction(int(reduced[i, free].p), int(reduced[i, free].q))
    return found


def _meets(function: Function, points: Sequence[Mapping[str, Fraction]], values: Sequence[Fraction]) -> bool:
    """Whether a function has these values; p and q can vanish together where it has not."""
    try:
        return all(function(**point) == value for point, value in zip(points, values, strict=True))
    except ZeroDivisionError:
        return False


def coefficients_of(function: Function) -> int:
    """Return how many coefficients a rational function of its degrees can have, but a common factor."""
    field = function.field
    degrees = [max((sum(map(int, powers)) for powers in side.to_dict()), default=0) for side in _sides(function)]
    return sum(_count(field, degree) for degree in degrees) - 1


def _sides(function: Function) -> tuple[Any, Any]:
    return function.numerator, function.denominator


def _count(field: FunctionField, degree: int) -> int:
    return len(_monomials(field, degree))


def _monomials(field: FunctionField, degree: int) -> list[tuple[int, ...]]:
    powers = itertools.product(range(degree + 1), repeat=len(field.names))
    return [power for power in powers if sum(power) <= degree]


def _at(powers: Sequence[int], point: Mapping[str, Fraction], field: FunctionField) -> Fraction:
    value = Fraction(1)
    for name, k in zip(field.names, powers, strict=True):
        value *= point[name] ** k
    return value


def _function(powers: Sequence[int], field: FunctionField) -> Function:
    value = field(1)
    for name, k in zip(field.names, powers, strict=True):
        value = value * field.symbols[name] ** k
    return value
