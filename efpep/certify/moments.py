"""Gram matrices and function values of one instance, and what forms evaluate to on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.certify.witness import Matrix
from efpep.model.form import Form
from efpep.model.linear import Linear


@dataclass(frozen=True)
class Moments:
    """An instance.

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

    def value(self, form: Form) -> Fraction:
        """Return the value of a form."""
        total = sum((a * self.values[k] for k, a in form.values.items()), Fraction(0))
        for b, entries in form.blocks.items():
            gram = self.gram[b]
            for (i, j), a in entries.items():
                total += (a if i == j else 2 * a) * gram[i, j]
        return total

    def products(self, block: int, forms: Sequence[Linear]) -> list[list[Fraction]]:
        """Return the inner products of linear forms over the columns of a block."""
        gram = self.gram[block]
        images: list[dict[int, Fraction]] = []
        for form in forms:
            image: dict[int, Fraction] = {}
            for j, a in form.terms.items():
                for (u, v), z in gram.items():
                    if u == j:
                        image[v] = image.get(v, Fraction(0)) + a * z
            images.append(image)
        size = range(len(forms))
        return [[sum((a * images[i][k] for k, a in forms[j].terms.items()), Fraction(0)) for j in size] for i in size]
