"""Proof that a large sparse matrix is positive semidefinite, by an approximate factor and an exact remainder.

With any triangular ``F``, ``A = F F' + R``; where ``R`` is diagonally dominant with a nonnegative diagonal, ``A`` is positive
semidefinite. ``F`` is proposed by Cholesky's method in floating point on ``A`` less a small multiple of its diagonal; ``R`` is
bounded in integers. The cost is that of a sparse factorisation, so banded matrices of any order are cheap. A matrix without
strictly positive eigenvalues in its support is not proved this way; small ones have :mod:`efpep.model.definite`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from efpep.model.definite import is_semidefinite

Sparse = Mapping[tuple[int, int], Fraction | int]

_BITS = 60
"""The factor's entries are multiples of ``2**-_BITS``; the matrix's diagonal is scaled to between 1/4 and 4."""
_LESS = 2.0**-43
_SMALL = 16
"""The order up to which fraction-free elimination decides what the factor cannot."""


def is_sparse_semidefinite(entries: Sparse, columns: tuple[int, ...]) -> bool:
    """Return whether the symmetric matrix with these upper entries is proved positive semidefinite.

    Args:
        entries: the nonzeros ``(i, j)`` with ``i <= j`` by column numbers; off-diagonal entries stand for both places.
        columns: the columns in the order of elimination; entries elsewhere are refused.
    """
    place = {j: k for k, j in enumerate(columns)}
    rows: list[dict[int, Fraction | int]] = [{} for _ in columns]
    for (i, j), a in entries.items():
        if a == 0:
            continue
        if i not in place or j not in place:
            return False
        u, v = place[i], place[j]
        rows[max(u, v)][min(u, v)] = a
    kept = [k for k in range(len(columns)) if k in rows[k]]
    if any(k not in rows[k] or j not in rows[j] for k in range(len(columns)) for j in rows[k]):
        return False  # an entry beside a zero on the diagonal
    if any(rows[k][k] < 0 for k in kept):
        return False
    if any(a * a > rows[j][j] * rows[k][k] for k in kept for j, a in rows[k].items()):
        return False  # a minor of order two is negative
    if _has_factor([rows[k] for k in range(len(columns))], kept):
        return True
    if len(kept) > _SMALL:
        return False
    return is_semidefinite([[Fraction(rows[max(i, j)].get(min(i, j), 0)) for j in kept] for i in kept])


def _has_factor(rows: list[dict[int, Fraction | int]], kept: list[int]) -> bool:
    halves = {k: _half_exponent(rows[k][k]) for k in kept}
    scaled: dict[int, dict[int, int]] = {}
    for k in kept:
        scaled[k] = {j: _fixed(a, 2 * _BITS - halves[k] - halves[j]) for j, a in rows[k].items()}
    factor = _factor(scaled, kept)
    return factor is not None and _dominated(scaled, factor, kept)


def _half_exponent(a: Fraction | int) -> int:
    """Return about ``log2(a) / 2`` for a positive number."""
    return (a.numerator.bit_length() - a.denominator.bit_length()) // 2


def _fixed(a: Fraction | int, exponent: int) -> int:
    """Return ``floor(a 2**exponent)``."""
    if exponent >= 0:
        return (a.numerator << exponent) // a.denominator
    return a.numerator // (a.denominator << -exponent)


def _factor(scaled: Mapping[int, Mapping[int, int]], kept: list[int]) -> dict[int, dict[int, int]] | None:
    """Return rows of a lower triangular factor in multiples of ``2**-_BITS``, or None where a pivot is not positive."""
    unit = 2.0 ** (-2 * _BITS)
    rows: dict[int, dict[int, float]] = {}
    columns: dict[int, dict[int, float]] = {k: {} for k in kept}
    for k in kept:
        work = {j: a * unit for j, a in scaled[k].items()}
        work[k] -= _LESS
        done: dict[int, float] = {}
        waiting = sorted(j for j in work if j < k)
        while waiting:
            j = waiting.pop(0)
            value = work[j] / rows[j][j]
            done[j] = value
            fill = False
            for i, a in columns[j].items():
                if i < k and i not in work:
                    fill = True
                    work[i] = 0.0
                if i < k:
                    work[i] -= a * value
            if fill:
                waiting = sorted(i for i in work if i < k and i not in done)
            work[k] -= value * value
        if not work[k] > 0:
            return None
        done[k] = math.sqrt(work[k])
        for j, value in done.items():
            if j < k:
                columns[j][k] = value
        rows[k] = done
    scale = 2.0**_BITS
    return {k: {j: round(a * scale) for j, a in row.items()} for k, row in rows.items()}


def _dominated(scaled: Mapping[int, Mapping[int, int]], factor: Mapping[int, Mapping[int, int]], kept: list[int]) -> bool:
    """Whether the remainder is diagonally dominant; every entry may be off by the rounding of ``scaled``, less than 1."""
    slack: dict[int, int] = dict.fromkeys(kept, 0)
    columns: dict[int, list[int]] = {k: [] for k in kept}
    for k in kept:
        for j in factor[k]:
            columns[j].append(k)
    products: dict[int, dict[int, int]] = {k: {} for k in kept}
    for j in kept:
        below = columns[j]
        for place, k in enumerate(below):
            a, line = factor[k][j], products[k]
            for i in below[: place + 1]:
                line[i] = line.get(i, 0) + a * factor[i][j]
    for k in kept:
        own = scaled[k]
        for i in {*products[k], *own}:
            remainder = own.get(i, 0) - products[k].get(i, 0)
            if i == k:
                slack[k] += remainder
            elif i in own:
                slack[k] -= abs(remainder) + 1
                slack[i] -= abs(remainder) + 1
            else:
                slack[k] -= abs(remainder)
                slack[i] -= abs(remainder)
    return all(a >= 0 for a in slack.values())
