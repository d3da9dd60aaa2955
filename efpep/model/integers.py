"""Rational numbers over one common denominator: the integers in which exact checks add up, multiply and compare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import CertificateError
from efpep.model.field import Scalar

_RATIONAL = {Fraction, int}
_NOT_RATIONAL = "a number that an exact check needs is not rational."


def common_denominator(numbers: Iterable[Scalar]) -> int:
    """Return the least common denominator of rational numbers.

    Raises:
        CertificateError: one is not rational: nothing that is rounded, or no number, decides.
    """
    held = list(numbers)
    if not {type(a) for a in held} <= _RATIONAL:
        raise CertificateError(_NOT_RATIONAL)
    return math.lcm(*{a.denominator for a in held})


def numerator_over(a: Scalar, denominator: int) -> int:
    """Return a rational number times a multiple of its denominator."""
    own: int = a.denominator
    return a.numerator * (denominator // own) if own != denominator else a.numerator


def integer_rows(matrix: Sequence[Sequence[Scalar]], denominator: int) -> list[list[int]]:
    """Return a rational matrix times a common denominator."""
    return [integer_row(row, denominator) for row in matrix]


def integer_row(row: Sequence[Scalar], denominator: int) -> list[int]:
    """Return rational numbers times a common denominator."""
    return [numerator_over(a, denominator) if a else 0 for a in row]


@dataclass(frozen=True, slots=True)
class IntegerForm:
    """A form times its least common denominator.

    Attributes:
        denominator: the denominator.
        blocks: for each block, the entries by pairs of columns ``(i, j)`` with ``i <= j``, each of the symmetric matrix.
        values: the coefficients of function values.
    """

    denominator: int
    blocks: tuple[tuple[int, tuple[tuple[tuple[int, int], int], ...]], ...]
    values: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, blocks: Mapping[int, Mapping[tuple[int, int], Scalar]], values: Mapping[int, Scalar]) -> IntegerForm:
        """Take rational entries and coefficients; raises as :func:`common_denominator`."""
        if not {type(a) for entries in (*blocks.values(), values) for a in entries.values()} <= _RATIONAL:
            raise CertificateError(_NOT_RATIONAL)
        ratios = [(b, [(key, a.as_integer_ratio()) for key, a in entries.items()]) for b, entries in blocks.items()]
        others = [(k, a.as_integer_ratio()) for k, a in values.items()]
        shared = math.lcm(*{q for _, entries in ratios for _, (_, q) in entries}, *{q for _, (_, q) in others})
        return cls(
            shared,
            tuple([(b, tuple([(key, p * (shared // q)) for key, (p, q) in entries])) for b, entries in ratios]),
            tuple([(k, p * (shared // q)) for k, (p, q) in others]),
        )


class IntegerSum:
    """A sum of rational multiples of forms, in integers over one denominator.

    Attributes:
        denominator: the denominator.
        blocks: for each block, the entries by pairs of columns.
        values: the coefficients of function values.
    """

    def __init__(self, terms: Sequence[tuple[Fraction, IntegerForm]]) -> None:
        """Add up the multiples."""
        scales = [factor.denominator * form.denominator for factor, form in terms]
        self.denominator = math.lcm(*set(scales))
        self.blocks: dict[int, dict[tuple[int, int], int]] = {}
        self.values: dict[int, int] = {}
        for (factor, form), scale in zip(terms, scales, strict=True):
            by = factor.numerator * (self.denominator // scale)
            if not by:
                continue
            for b, entries in form.blocks:
                total = self.blocks.setdefault(b, {})
                for key, a in entries:
                    total[key] = total.get(key, 0) + by * a
            for k, a in form.values:
                self.values[k] = self.values.get(k, 0) + by * a

    def rationals(self) -> tuple[dict[int, dict[tuple[int, int], Fraction]], dict[int, Fraction]]:
        """Return the entries by block and the coefficients that are not zero, as rational numbers."""
        shared = self.denominator
        blocks = {b: {key: Fraction(a, shared) for key, a in entries.items() if a} for b, entries in self.blocks.items()}
        values = {k: Fraction(a, shared) for k, a in self.values.items() if a}
        return {b: entries for b, entries in blocks.items() if entries}, values
