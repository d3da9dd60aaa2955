"""By how much the iterate of a linear method shrinks: the recurrence that it satisfies, and where its roots lie.

With the matrix A of some steps, the iterate is the first coordinate of ``A^j z``. The shortest recurrence that it satisfies,
whatever z, has those eigenvalues of A as roots that the iterate sees: for a root there is a state from which the iterate is
multiplied by it, for ever. What memories do unseen does not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.model.field import Scalar
from efpep.model.gaussian import Gaussian


def recurrence(matrix: Sequence[Sequence[Scalar]]) -> list[Scalar]:
    """Return the monic polynomial p of least degree with ``e_1' p(A) = 0``, the highest power first."""
    size = range(len(matrix))
    row: list[Scalar] = [Fraction(int(j == 0)) for j in size]
    pivots: list[tuple[int, list[Scalar], list[Scalar]]] = []
    while True:
        # rest = sum_i combination_i e_1' A^i, and it vanishes at all places that are pivots
        rest, combination = list(row), [*[Fraction(0)] * len(pivots), Fraction(1)]
        for place, pivot, known in pivots:
            factor = rest[place] / pivot[place]
            rest = [a - factor * b for a, b in zip(rest, pivot, strict=True)]
            combination = [a - factor * b for a, b in zip(combination, known + [Fraction(0)] * len(pivots), strict=False)]
        place = next((j for j in size if rest[j]), None)
        if place is None:
            return combination[::-1]
        pivots.append((place, rest, combination))
        row = [sum((row[i] * matrix[i][j] for i in size), Fraction(0)) for j in size]


def schur_stable(polynomial: Sequence[Scalar]) -> bool:
    """Whether all roots lie strictly inside the unit circle (Schur and Cohn).

    Args:
        polynomial: rational or Gaussian coefficients, the highest power first, which does not vanish.
    """
    rest = [Gaussian.of(a) for a in polynomial]
    while len(rest) > 1:
        first, last = rest[0], rest[-1]
        if last.norm >= first.norm:
            return False
        backwards = [a.conjugate() for a in reversed(rest)]
        rest = [first.conjugate() * x - last * y for x, y in zip(rest, backwards, strict=True)][:-1]
    return True
