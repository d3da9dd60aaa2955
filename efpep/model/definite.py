"""Exact tests of positive semidefiniteness, fraction-free over the integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from efpep.model.integers import common_denominator, integer_rows


def integer_matrix(matrix: Sequence[Sequence[Fraction]]) -> list[list[int]]:
    """Return a positive multiple of a rational matrix with integer entries."""
    return integer_rows(matrix, common_denominator(a for row in matrix for a in row))


def is_symmetric(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether a matrix is square and symmetric."""
    size = len(matrix)
    square = all(len(line) == size for line in matrix)
    return square and all(matrix[i][j] == matrix[j][i] for i in range(size) for j in range(i))


def is_semidefinite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Return whether a symmetric rational matrix is positive semidefinite, by Bareiss elimination (LDL' without fractions).

    A zero pivot is allowed only where its whole remaining row is zero. A matrix that is not symmetric is refused.
    """
    size = len(matrix)
    if any(len(row) != size for row in matrix):
        return False
    work = integer_matrix(matrix)
    if any(work[i][j] != work[j][i] for i in range(size) for j in range(i)):
        return False
    return is_integer_semidefinite(work)


def is_integer_semidefinite(matrix: Sequence[Sequence[int]]) -> bool:
    """Return whether a symmetric integer matrix is positive semidefinite; only its upper triangle is read."""
    divisor = math.gcd(*(a for row in matrix for a in row)) if matrix else 1
    work = [[a // divisor for a in row] for row in matrix] if divisor > 1 else [list(row) for row in matrix]
    size, previous = len(work), 1
    for k in range(size):
        row = work[k]
        pivot = row[k]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(row[k + 1 :]):
                return False
            continue
        for i in range(k + 1, size):
            factor, line = row[i], work[i]
            for j in range(i, size):
                line[j] = (line[j] * pivot - factor * row[j]) // previous
        previous = pivot
    return True
