"""Boxes of parameters, and polynomials on them in a basis that is nonnegative there.

On an interval ``[a, b]`` a parameter is ``a + (b - a) s`` with s in [0, 1] and the basis is Bernstein's,
``C(d, i) s^i (1 - s)^(d - i)``; on a ray ``[a, oo)`` it is ``a + s`` with s >= 0 and the basis is ``s^i``. Over several
parameters the bases are multiplied. A polynomial (or a symmetric matrix of them) whose *controls*, its coefficients in this
basis, are all nonnegative (positive semidefinite) is so on the whole box: that is how a box is checked exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from efpep.model.field import Scalar
from efpep.model.polynomial import Polynomial, polynomial, terms_of, variables

Index = tuple[int, ...]
N = TypeVar("N", int, Fraction)


@dataclass(frozen=True, slots=True)
class Side:
    """One parameter's range: the interval ``[lower, upper]``, or the ray from ``lower`` where ``upper`` is None."""

    lower: Fraction
    upper: Fraction | None

    def parameter(self, variable: Polynomial) -> Scalar:
        """Return the parameter as a polynomial in ``variable``."""
        return self.lower + (variable if self.upper is None else (self.upper - self.lower) * variable)

    def controls(self, coefficients: Sequence[Fraction]) -> list[Fraction]:
        """Return the coefficients in the nonnegative basis from those of the powers of s."""
        if self.upper is None:
            return list(coefficients)
        d = len(coefficients) - 1
        return [
            sum((Fraction(math.comb(j, i), math.comb(d, i)) * coefficients[i] for i in range(j + 1)), Fraction(0))
            for j in range(d + 1)
        ]

    def powers(self, controls: Sequence[Fraction]) -> list[Fraction]:
        """Return the coefficients of the powers of s from those in the nonnegative basis."""
        if self.upper is None:
            return list(controls)
        d = len(controls) - 1
        return [
            math.comb(d, i) * sum(((-1) ** (i - j) * math.comb(i, j) * controls[j] for j in range(i + 1)), Fraction(0))
            for i in range(d + 1)
        ]

    def scaled(self, coefficients: Sequence[int]) -> list[int]:
        """Return a positive multiple of the coefficients in the nonnegative basis from those of the powers of the parameter."""
        d = len(coefficients) - 1
        width = Fraction(1) if self.upper is None else self.upper - self.lower
        shared = math.lcm(self.lower.denominator, width.denominator)
        start, step = int(self.lower * shared), int(width * shared)
        found = [0] * (d + 1)
        for power, a in enumerate(reversed(coefficients)):
            found = [start * b + step * below for b, below in zip(found, [0, *found], strict=False)]
            found[0] += a * shared**power
        if self.upper is None:
            return found
        factorial = math.factorial
        return [sum(factorial(j) // factorial(j - i) * factorial(d - i) * found[i] for i in range(j + 1)) for j in range(d + 1)]

    def structure(self, i: int, d: int, j: int, k: int) -> Fraction:
        """Return the factor with which the product of basis elements i of degree d and j of degree k is element i + j."""
        if self.upper is None:
            return Fraction(1)
        return Fraction(math.comb(d, i) * math.comb(k, j), math.comb(d + k, i + j))

    @property
    def middle(self) -> Fraction:
        """A point inside, and one comparable with the end of a ray."""
        return (self.lower + self.upper) / 2 if self.upper is not None else 2 * self.lower + (self.lower == 0)

    def __str__(self) -> str:
        """Write the range."""
        return f"[{float(self.lower):.6g}, {'oo)' if self.upper is None else f'{float(self.upper):.6g}]'}"


@dataclass(frozen=True, slots=True)
class Box:
    """A product of ranges, one a parameter."""

    sides: tuple[Side, ...]

    def parameters(self) -> list[Scalar]:
        """Return the parameters as polynomials in one variable each."""
        return [side.parameter(v) for side, v in zip(self.sides, variables(len(self.sides)), strict=True)]

    @staticmethod
    def indices(degrees: Index) -> list[Index]:
        """Return the indices of the basis of these degrees, in order."""
        return list(itertools.product(*(range(d + 1) for d in degrees)))

    def controls(self, value: Scalar, degrees: Index) -> dict[Index, Fraction]:
        """Return a scalar's coefficients in the basis of these degrees."""
        terms = terms_of(value, len(degrees))
        table = {index: terms.get(index, Fraction(0)) for index in self.indices(degrees)}
        return self._by_axes(table, degrees, Side.controls)

    def polynomial(self, controls: Sequence[Fraction], degrees: Index) -> Scalar:
        """Return the polynomial with these coefficients, in order, in the basis of these degrees."""
        return polynomial(self._by_axes(dict(zip(self.indices(degrees), controls, strict=True)), degrees, Side.powers))

    def scaled_controls(self, value: Scalar, degrees: Index) -> dict[Index, int]:
        """Return a positive multiple of a scalar's controls, of which the parameters themselves are the variables."""
        terms = terms_of(value, len(degrees))
        shared = math.lcm(*(a.denominator for a in terms.values()))
        table = {index: int(terms.get(index, 0) * shared) for index in self.indices(degrees)}
        return self._by_axes(table, degrees, Side.scaled)

    def _by_axes(self, table: dict[Index, N], degrees: Index, change: Callable[[Side, Sequence[N]], list[N]]) -> dict[Index, N]:
        """Change the basis of one parameter after the other."""
        for axis, side in enumerate(self.sides):
            for index in self.indices(tuple(0 if a == axis else d for a, d in enumerate(degrees))):
                line = [(*index[:axis], i, *index[axis + 1 :]) for i in range(degrees[axis] + 1)]
                table.update(zip(line, change(side, [table[place] for place in line]), strict=True))
        return table

    def products(self, degrees: Index, others: Index) -> Iterator[tuple[Index, Index, Index, Fraction]]:
        """Yield ``(i, j, i + j, factor)``: basis element i of ``degrees`` times j of ``others`` is factor times i + j."""
        for i in self.indices(degrees):
            for j in self.indices(others):
                factor = Fraction(1)
                for side, a, d, b, k in zip(self.sides, i, degrees, j, others, strict=True):
                    factor *= side.structure(a, d, b, k)
                yield i, j, tuple(a + b for a, b in zip(i, j, strict=True)), factor

    def halves(self, axis: int) -> list[Box]:
        """Return the two halves along one parameter; a ray is cut at twice its end."""
        side = self.sides[axis]
        parts = (Side(side.lower, side.middle), Side(side.middle, side.upper))
        return [Box((*self.sides[:axis], part, *self.sides[axis + 1 :])) for part in parts]


def degrees_of(values: Iterable[Scalar], count: int) -> Index:
    """Return the largest exponent of each of ``count`` variables in ``values``."""
    found = [0] * count
    for value in values:
        if isinstance(value, Polynomial):
            for exponents in value.terms:
                found = [max(a, b) for a, b in zip(found, exponents, strict=True)]
    return tuple(found)
