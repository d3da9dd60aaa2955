"""Gram matrices and function values of one instance, and what forms evaluate to on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.model.form import Form
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
    """An instance; columns and values that are not named are zero.

    Attributes:
        gram: for each block, the entries of the Gram matrix by pairs of columns, both orders.
        values: the function values by column.
    """

    gram: dict[int, dict[tuple[int, int], Fraction]]
    values: Mapping[int, Fraction]

    @classmethod
    def of(
        cls,
        blocks: Sequence[tuple[int, Sequence[int]]],
        grams: Sequence[Matrix],
        values: Mapping[int, Fraction],
    ) -> Moments:
        """Take the Gram matrices of blocks, given by their index and columns, and the function values."""
        found: dict[int, dict[tuple[int, int], Fraction]] = {}
        for (index, columns), gram in zip(blocks, grams, strict=True):
            found[index] = {(columns[i], columns[j]): a for i, row in enumerate(gram) for j, a in enumerate(row)}
        return cls(found, values)

    @classmethod
    def of_relation(cls, relation: Relation, grams: Sequence[Matrix], values: Sequence[Fraction]) -> Moments:
        """Take the numbers of a relation, in the order of its blocks and values."""
        blocks = [(block.index, block.columns) for block in relation.blocks]
        return cls.of(blocks, grams, dict(zip(relation.values, values, strict=True)))

    def value(self, form: Form) -> Fraction:
        """Return the value of a form."""
        total = sum((a * self.values[k] for k, a in form.values.items() if k in self.values), Fraction(0))
        for b, entries in form.blocks.items():
            gram = self.gram.get(b, {})
            for (i, j), a in entries.items():
                if (i, j) in gram:
                    total += (a if i == j else 2 * a) * gram[i, j]
        return total

    def products(self, block: int, forms: Sequence[Linear]) -> list[list[Fraction]]:
        """Return the inner products of linear forms over the columns of a block."""
        size = len(forms)
        found = [[Fraction(0)] * size for _ in forms]
        if size:
            gram = self.gram.get(block, {})
            for j, v in enumerate(forms):
                for i, u in enumerate(forms[: j + 1]):
                    pairs = ((k, m, a * b) for k, a in u.terms.items() for m, b in v.terms.items())
                    entries = (c * gram[k, m] for k, m, c in pairs if (k, m) in gram)
                    found[i][j] = found[j][i] = sum(entries, Fraction(0))
        return found
