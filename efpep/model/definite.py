"""Exact tests of positive semidefiniteness, fraction-free over the integers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction


def integer_matrix(matrix: Sequence[Sequence[Fraction]]) -> list[list[int]]:
    """Return a positive multiple of a rational matrix with integer entries."""
    denominator = math.lcm(*(Fraction(a).denominator for row in matrix for a in row)) if matrix else 1
    return [[Fraction(a).numerator * (denominator // Fraction(a).denominator) for a in row] for row in matrix]


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
    previous = 1
    for k in range(size):
        pivot = work[k][k]
        if pivot < 0:
            return False
        if pivot == 0:
            if any(work[k][j] for j in range(k + 1, size)):
                return False
            continue
        for i in range(k + 1, size):
            for j in range(i, size):
                work[i][j] = work[j][i] = (work[i][j] * pivot - work[i][k] * work[k][j]) // previous
        previous = pivot
    return True
