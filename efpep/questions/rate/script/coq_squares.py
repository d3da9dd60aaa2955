"""Positive semidefinite matrices of rationals as sums of squares with short numbers.

The squares of an elimination have numbers that grow with the order. Where a matrix stays positive definite less a small multiple
of its diagonal, the squares of that elimination are rounded, and what is missing is diagonally dominant: squares of multiples of
one coordinate and of differences and sums of two. Otherwise the squares of the elimination are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.errors import CertificateError

Squares = list[tuple[Fraction, list[Fraction]]]
"""Coefficients, and the coordinates of the vectors that are squared."""
_LESS = Fraction(1, 2**60)
_BITS = 100
_ZERO = Fraction(0)


def squares(matrix: Sequence[Sequence[Fraction]]) -> Squares:
    """Return a positive semidefinite matrix as a sum of squares.

    Raises:
        CertificateError: it is not positive semidefinite.
    """
    size = range(len(matrix))
    less = [[a * (1 - _LESS) if i == j else a for j, a in enumerate(row)] for i, row in enumerate(matrix)]
    try:
        found = [(_short(pivot), [_short(a) for a in line]) for pivot, line in eliminated(less)]
    except CertificateError:
        return eliminated(matrix)
    rest = [list(row) for row in matrix]
    for pivot, line in found:
        rest = [[a - pivot * line[i] * b for a, b in zip(rest[i], line, strict=True)] for i in size]
    for i in size:
        for j in range(i):
            missing = rest[i][j]
            if missing == 0:
                continue
            scale = _power_of_two((matrix[i][i], matrix[j][j]))
            line = [_ZERO] * len(matrix)
            line[i], line[j] = Fraction(1), (scale if missing > 0 else -scale)
            found.append((abs(missing) / scale, line))
            rest[i][i] -= abs(missing) / scale
            rest[j][j] -= abs(missing) * scale
    alone = [(rest[i][i], [Fraction(int(i == j)) for j in size]) for i in size]
    if any(a < 0 for a, _ in alone):
        return eliminated(matrix)
    return found + [(a, line) for a, line in alone if a > 0]


def eliminated(matrix: Sequence[Sequence[Fraction]]) -> Squares:
    """Return the pivots and rows of ``L D L'`` of a positive semidefinite matrix.

    Raises:
        CertificateError: it is not positive semidefinite.
    """
    work = [list(row) for row in matrix]
    size = range(len(work))
    found: Squares = []
    for k in size:
        pivot = work[k][k]
        if pivot < 0 or (pivot == 0 and any(work[k])):
            raise CertificateError("the numbers prove no upper end: a matrix is not positive semidefinite.")
        if pivot == 0:
            continue
        line = [a / pivot for a in work[k]]
        found.append((pivot, line))
        work = [[a - pivot * line[i] * b for a, b in zip(work[i], line, strict=True)] for i in size]
    return found


def _short(number: Fraction) -> Fraction:
    """Return a number close to another, of few bits."""
    exponent = number.numerator.bit_length() - number.denominator.bit_length() - _BITS
    unit = Fraction(2) ** exponent
    return round(number / unit) * unit


def _power_of_two(sizes: tuple[Fraction, Fraction]) -> Fraction:
    """Return about the square root of a quotient."""
    bits = [a.numerator.bit_length() - a.denominator.bit_length() for a in sizes]
    return Fraction(2) ** ((bits[0] - bits[1]) // 2)
