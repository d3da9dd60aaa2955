"""Boxes of parameters, and polynomials on them in a basis that is nonnegative there.

On an interval ``[a, b]`` a parameter is ``a + (b - a) s`` with s in [0, 1] and the basis is Bernstein's,
``C(d, i) s^i (1 - s)^(d - i)``; on a ray ``[a, oo)`` it is ``a + s`` with s >= 0 and the basis is ``s^i``. Over several
parameters the bases are multiplied. A polynomial (or a symmetric matrix of them) whose *controls*, its coefficients in this
basis, are all nonnegative (positive semidefinite) is so on the whole box: that is how a box is checked exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.model.field import Scalar
from efpep.model.polynomial import Polynomial, variables

Index = tuple[int, ...]


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
        if not isinstance(value, Polynomial):
            terms: dict[Index, Fraction] = {(0,) * len(degrees): Fraction(value)}
        else:
            terms = value.terms
        table = {index: terms.get(index, Fraction(0)) for index in self.indices(degrees)}
        for axis, side in enumerate(self.sides):
            for index in self.indices(tuple(0 if a == axis else d for a, d in enumerate(degrees))):
                line = [(*index[:axis], i, *index[axis + 1 :]) for i in range(degrees[axis] + 1)]
                table.update(zip(line, side.controls([table[place] for place in line]), strict=True))
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
