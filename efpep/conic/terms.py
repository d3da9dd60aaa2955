"""Quadratic forms as functions of coordinates.

A Gram matrix ``G = X X'`` is a configuration X, one row a column of the question, block after block. Forms are linear in Gram
matrices and values, hence quadratic in X.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.triangle import diagonal as diagonal_place
from efpep.conic.triangle import length

if TYPE_CHECKING:
    from efpep.conic.places import Scaled
    from efpep.conic.program import Indices
    from efpep.conic.status import Floats


def lifted(form: Scaled, sizes: Sequence[int], values: int, floors: Sequence[float]) -> Scaled:
    """Return the form at Gram matrices to which these multiples of the identity are added."""
    diagonal: dict[int, float] = {}
    offset = values
    for size, floor in zip(sizes, floors, strict=True):
        diagonal |= {offset + diagonal_place(j): floor for j in range(size)}
        offset += length(size)
    more = sum(a * diagonal.get(k, 0.0) for k, a in zip(form.places, form.numbers, strict=True))
    return replace(form, constant=form.constant + more)


class Terms:
    """Forms in the units of a program, as functions of a configuration together with their derivatives.

    Attributes:
        count: how many forms.
        constants: their constants.
    """

    def __init__(self, sizes: Sequence[int], values: int, forms: Sequence[Scaled]) -> None:
        """Decode the entries of forms over blocks of these sizes and so many values."""
        self.count = len(forms)
        self._values = values
        ends: list[tuple[int, int]] = []
        start = 0
        for size in sizes:
            ends += [(start + i, start + j) for j in range(size) for i in range(j + 1)]
            start += size
        pairs = np.array(ends, dtype=np.intp).reshape(-1, 2)
        form = np.repeat(np.arange(self.count), [len(f.places) for f in forms])
        place = np.array([k for f in forms for k in f.places], dtype=np.intp)
        number = np.array([a for f in forms for a in f.numbers], dtype=np.float64)
        self.constants = np.array([f.constant for f in forms])
        linear = place < self._values
        self._linear = np.zeros((self.count, self._values))
        np.add.at(self._linear, (form[linear], place[linear]), number[linear])
        self._form = form[~linear]
        ends_of = pairs[place[~linear] - self._values]
        self._left, self._right = ends_of[:, 0], ends_of[:, 1]
        self._factor = number[~linear] * np.where(self._left == self._right, 1.0, 2.0)

    def at(self, x: Floats, values: Floats) -> Floats:
        """Return the forms' values, shape ``(count,)``."""
        products = self._factor * np.sum(x[self._left] * x[self._right], axis=1)
        return self._linear @ values + self.constants + np.bincount(self._form, products, self.count)

    def slope(self, x: Floats, chosen: Indices | None = None) -> Floats:
        """Return the derivatives by coordinates and values of all forms, or of some, one row of ``x.size + values`` for each."""
        rows = np.arange(self.count) if chosen is None else chosen
        place = np.full(self.count, -1)
        place[rows] = np.arange(len(rows))
        kept = place[self._form] >= 0
        form, left, right, factor = place[self._form[kept]], self._left[kept], self._right[kept], self._factor[kept, None]
        found = np.zeros((len(rows), *x.shape))
        np.add.at(found, (form, left), factor * x[right])
        np.add.at(found, (form, right), factor * x[left])
        return np.hstack([found.reshape(len(rows), -1), self._linear[rows]])
