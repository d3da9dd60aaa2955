"""Exact linear algebra on small matrices of scalars, by Gaussian elimination."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import cast

from efpep.model.field import Scalar
from efpep.model.integers import integer_row
from efpep.model.polynomial import Polynomial

Rows = Sequence[Sequence[Scalar]]
_PRIME = 2**61 - 1


def relations(rows: Rows) -> list[list[Scalar]]:
    """Return a basis of the left null space: the ``c`` with ``sum_i c_i rows[i] = 0``.

    No two basis vectors have the same last nonzero place; over a field each has a 1 there, where the others have zeros.
    """
    if _independent_modulo(rows):
        return []
    count = len(rows)
    width = len(rows[0]) if rows else 0
    work = [[*row, *(Fraction(int(i == j)) for j in range(count))] for i, row in enumerate(rows)]
    found: list[list[Scalar]] = []
    pivots: list[tuple[int, list[Scalar]]] = []
    for current in work:
        row = list(current)
        for place, pivot in pivots:
            if _vanishes(row[place]):
                continue
            if isinstance(pivot[place], Polynomial):  # nothing is divided by a polynomial
                row = [pivot[place] * a - row[place] * b for a, b in zip(row, pivot, strict=True)]
                continue
            factor = row[place] / pivot[place]
            row = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        places = [j for j in range(width) if not _vanishes(row[j])]
        # numbers are preferred as pivots
        place = next((j for j in places if isinstance(row[j], Fraction)), places[0] if places else None)
        if place is None:
            found.append(row[width:])
        else:
            pivots.append((place, row))
    return found


def _independent_modulo(rows: Rows) -> bool:
    """Whether rows of rational numbers are independent modulo a prime, and hence over the rationals; False decides nothing.

    Rational c with ``sum_i c_i rows[i] = 0``, scaled to integers without a common divisor, would do so modulo the prime too.
    """
    pivots: list[tuple[int, list[int]]] = []
    for given in rows:
        if not all(type(a) is int or (type(a) is Fraction and a.denominator % _PRIME) for a in given):
            return False
        rational = cast("Sequence[Fraction | int]", given)
        row = [a % _PRIME for a in integer_row(rational, math.lcm(*{a.denominator for a in rational}))]
        for place, pivot in pivots:
            factor, head = row[place], pivot[place]
            if factor:
                row = [(head * a - factor * b) % _PRIME for a, b in zip(row, pivot, strict=True)]
        place = next((j for j, a in enumerate(row) if a), None)
        if place is None:
            return False
        pivots.append((place, row))
    return True


def _vanishes(value: Scalar) -> bool:
    """Whether a scalar is zero; floats, which only serve for quick looks, may be off by rounding."""
    return abs(value) < 1e-12 if isinstance(value, float) else bool(value == 0)


def independent(rows: Rows) -> list[int]:
    """Return the indices of the first maximal linearly independent subset of ``rows``."""
    dependent = {max(i for i, c in enumerate(relation) if c != 0) for relation in relations(rows)}
    return [i for i in range(len(rows)) if i not in dependent]


def solve(matrix: Rows, right: Sequence[Scalar]) -> list[Scalar]:
    """Return a solution of a consistent square system; variables without a pivot are zero."""
    work = [[*row, b] for row, b in zip(matrix, right, strict=True)]
    size = len(work)
    pivots: list[tuple[int, int]] = []
    row = 0
    for j in range(size):
        found = next((i for i in range(row, size) if work[i][j] != 0), None)
        if found is None:
            continue
        work[row], work[found] = work[found], work[row]
        head = work[row][j]
        work[row] = [a / head for a in work[row]]
        for i in range(size):
            if i != row and work[i][j] != 0:
                factor = work[i][j]
                work[i] = [a - factor * b for a, b in zip(work[i], work[row], strict=True)]
        pivots.append((row, j))
        row += 1
    solution: list[Scalar] = [Fraction(0)] * size
    for i, j in pivots:
        solution[j] = work[i][size]
    return solution
