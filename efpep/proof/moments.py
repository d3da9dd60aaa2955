"""Gram matrices and function values of one instance, and what forms evaluate to on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.model.form import Form
from efpep.model.integers import common_denominator, numerator_over
from efpep.model.linear import Linear
from efpep.model.system import Matrix, Relation

Numbers = tuple[tuple[Matrix, ...], tuple[Fraction, ...]]
"""The Gram matrices of a relation, one a block, and its function values."""


def zero_moments(relation: Relation) -> Numbers:
    """Return Gram matrices and values of a relation that vanish."""
    zero = Fraction(0)
    grams = tuple(tuple((zero,) * len(block.columns) for _ in block.columns) for block in relation.blocks)
    return grams, (zero,) * len(relation.values)


def single_column(relation: Relation) -> Numbers:
    """Return the Gram matrices and values of a relation in which only the first column of the first block is not zero, but 1."""
    (first, *others), values = zero_moments(relation)
    one = tuple(tuple(Fraction(int(i == j == 0)) for j in range(len(first))) for i in range(len(first)))
    return (one, *others), values


@dataclass(frozen=True)
class Moments:
    """An instance, in integers over one denominator; columns and values that are not named are zero.

    Attributes:
        denominator: the denominator.
        gram: for each block, the entries of the symmetric Gram matrix by pairs of columns ``(i, j)`` with ``i <= j``.
        values: the function values by column.
    """

    denominator: int
    gram: dict[int, dict[tuple[int, int], int]]
    values: dict[int, int]

    @classmethod
    def of(
        cls,
        blocks: Sequence[tuple[int, Sequence[int]]],
        grams: Sequence[Matrix],
        values: Mapping[int, Fraction],
    ) -> Moments:
        """Take the symmetric Gram matrices of blocks, given by their index and columns, and the function values.

        Raises:
            CertificateError: a number is not rational.
        """
        found: dict[int, dict[tuple[int, int], Fraction]] = {}
        for (index, columns), gram in zip(blocks, grams, strict=True):
            pairs = ((columns[i], columns[j], row[j]) for i, row in enumerate(gram) for j in range(i, len(row)))
            found[index] = {(u, v) if u <= v else (v, u): a for u, v, a in pairs}
        return cls.of_entries(found, values)

    @classmethod
    def of_entries(cls, entries: Mapping[int, Mapping[tuple[int, int], Fraction]], values: Mapping[int, Fraction]) -> Moments:
        """Take the entries of Gram matrices by pairs of columns ``(i, j)`` with ``i <= j``, and the function values.

        Raises:
            CertificateError: a number is not rational.
        """
        shared = common_denominator([a for gram in entries.values() for a in gram.values()] + list(values.values()))
        grams = {b: {key: numerator_over(a, shared) for key, a in gram.items()} for b, gram in entries.items()}
        return cls(shared, grams, {k: numerator_over(a, shared) for k, a in values.items()})

    @classmethod
    def of_relation(cls, relation: Relation, grams: Sequence[Matrix], values: Sequence[Fraction]) -> Moments:
        """Take the numbers of a relation, in the order of its blocks and values."""
        blocks = [(block.index, block.columns) for block in relation.blocks]
        return cls.of(blocks, grams, dict(zip(relation.values, values, strict=True)))

    def numerator(self, form: Form) -> int:
        """Return the value of a form times both denominators: its sign is that of the value."""
        integers, values = form.integers, self.values
        total = sum(a * values.get(k, 0) for k, a in integers.values)
        for b, entries in integers.blocks:
            gram = self.gram.get(b)
            if gram:
                for key, a in entries:
                    entry = gram.get(key)
                    if entry:
                        total += a * entry if key[0] == key[1] else 2 * a * entry
        return total

    def value(self, form: Form) -> Fraction:
        """Return the value of a form."""
        return Fraction(self.numerator(form), self.denominator * form.integers.denominator)

    def function_value(self, k: int) -> Fraction:
        """Return a function value."""
        return Fraction(self.values.get(k, 0), self.denominator)

    def integer_products(self, block: int, forms: Sequence[Linear]) -> tuple[int, list[list[int]]]:
        """Return the inner products of linear forms over the columns of a block, as a denominator and integers."""
        shared = common_denominator(a for form in forms for a in form.terms.values())
        terms = [[(j, numerator_over(a, shared)) for j, a in form.terms.items()] for form in forms]
        gram = self.gram.get(block, {})
        touched = sorted({j for form in terms for j, _ in form})
        found = [[0] * len(forms) for _ in forms]
        for i, form in enumerate(terms):
            image = {v: sum(a * gram.get((j, v) if j <= v else (v, j), 0) for j, a in form) for v in touched}
            for j in range(i, len(terms)):
                found[i][j] = found[j][i] = sum(a * image[v] for v, a in terms[j])
        return self.denominator * shared * shared, found

    def products(self, block: int, forms: Sequence[Linear]) -> list[list[Fraction]]:
        """Return the inner products of linear forms over the columns of a block."""
        shared, found = self.integer_products(block, forms)
        return [[Fraction(a, shared) for a in row] for row in found]
