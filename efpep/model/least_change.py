"""Moving Gram matrices and values onto linear equations exactly, by the least change."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.model.exact import solve
from efpep.model.form import Form, form_product
from efpep.model.system import Matrix


def least_change(forms: Sequence[Form], amounts: Sequence[Fraction]) -> Form:
    """Return the combination of the forms whose inner products with them are the amounts, the least change that has these."""
    products = [[form_product(u, v) for v in forms] for u in forms]
    change = Form()
    for factor, form in zip(solve(products, amounts), forms, strict=True):
        change = change + factor * form
    return change


def matrix_sum(a: Sequence[Sequence[Fraction]], b: Sequence[Sequence[Fraction]]) -> Matrix:
    """Return the sum of two matrices."""
    return tuple(tuple(x + y for x, y in zip(left, right, strict=True)) for left, right in zip(a, b, strict=True))
