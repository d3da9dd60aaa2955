"""Exact linear algebra on small matrices of scalars, by Gaussian elimination."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.model.field import Scalar

Rows = Sequence[Sequence[Scalar]]


def relations(rows: Rows) -> list[list[Scalar]]:
    """Return a basis of the left null space: the ``c`` with ``sum_i c_i rows[i] = 0``.

    Each basis vector has a 1 at its last nonzero place, and no other basis vector has an entry there.
    """
    count = len(rows)
    width = len(rows[0]) if rows else 0
    work = [[*row, *(Fraction(int(i == j)) for j in range(count))] for i, row in enumerate(rows)]
    found: list[list[Scalar]] = []
    pivots: list[tuple[int, list[Scalar]]] = []
    for current in work:
        row = list(current)
        for place, pivot in pivots:
            if row[place] != 0:
                factor = row[place] / pivot[place]
                row = [a - factor * b for a, b in zip(row, pivot, strict=True)]
        place = next((j for j in range(width) if row[j] != 0), None)
        if place is None:
            found.append(row[width:])
        else:
            pivots.append((place, row))
    return found


def independent(rows: Rows) -> list[int]:
    """Return the indices of the first maximal linearly independent subset of ``rows``."""
    dependent = {max(i for i, c in enumerate(relation) if c != 0) for relation in relations(rows)}
    return [i for i in range(len(rows)) if i not in dependent]
