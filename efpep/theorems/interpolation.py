"""Rational functions through exact values: coefficients of closed forms over the parameters from those at rational settings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from efpep.questions.common.reduction import relations
from efpep.theorems.functions import Function, FunctionField

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
        columns = [[_at(m, point, field) for point in points] for m in above]
        columns += [[-value * _at(m, point, field) for point, value in zip(points, values, strict=True)] for m in below]
        found = relations(columns)
        if len(found) == 1:
            numerator = sum((field(a) * _function(m, field) for a, m in zip(found[0], above, strict=False)), field(0))
            rest = found[0][len(above) :]
            denominator = sum((field(a) * _function(m, field) for a, m in zip(rest, below, strict=True)), field(0))
            if denominator != 0:
                return numerator / denominator
    return None


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
