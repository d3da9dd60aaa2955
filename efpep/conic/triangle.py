"""Symmetric matrices as their upper triangles, column by column: the one place that knows where an entry stands."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.system import Matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def place(i: int, j: int) -> int:
    """Return where the entry (i, j) stands, ``i <= j``."""
    return j * (j + 1) // 2 + i


def diagonal(j: int) -> int:
    """Return where the entry (j, j) stands."""
    return j * (j + 3) // 2


def length(order: int) -> int:
    """Return how many entries the triangle of a matrix of this order has."""
    return order * (order + 1) // 2


def places(i: NDArray[np.intp], j: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return where the entries (i, j) stand, ``i <= j``."""
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
