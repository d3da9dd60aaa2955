"""Symmetric matrices as their upper triangles, column by column: the one place that knows where an entry stands."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.model.system import Matrix


def place(i: int, j: int) -> int:
    """Return where the entry (i, j) stands, ``i <= j``; for ``(0, k)`` that is the length of the triangle of order k."""
    return j * (j + 1) // 2 + i


def entry(i: int, j: int) -> int:
    """Return where the entry (i, j) stands, in whichever order."""
    return place(i, j) if i <= j else place(j, i)


def symmetric(triangle: Sequence[Fraction], first: int, sizes: Sequence[Fraction], lift: Fraction = Fraction(0)) -> Matrix:
    """Return a symmetric matrix from its triangle, with ``lift`` on the diagonal and rows and columns multiplied by sizes."""
    order = range(len(sizes))

    def number(i: int, j: int) -> Fraction:
        return (triangle[first + entry(i, j)] + (lift if i == j else 0)) * sizes[i] * sizes[j]

    return tuple(tuple(number(i, j) for j in order) for i in order)
