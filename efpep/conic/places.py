"""Where the entries of a relation's forms stand, and forms as lists of numbers in a program's units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from efpep.conic.triangle import entry, length
from efpep.conic.units import Units, dyadic
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.system import Relation

_TINY = 1e-200
"""Products of numbers between this and its inverse are neither lost nor infinite."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A form in the units of a program.

    Attributes:
        places: where its entries stand: values first, then the upper triangles of the blocks, column by column.
        numbers: the entries; off-diagonal ones occur once and count twice.
        constant: the coefficient of ``"1"``.
        unit: the power of two that the form was divided by.
    """

    places: list[int]
    numbers: list[float]
    constant: float
    unit: Fraction


class Places:
    """The places of one relation: its values, then the upper triangles of its blocks.

    Attributes:
        units: the sizes of everything.
        values: the values, without that which is ``"1"``.
        unity: the value that is ``"1"`` and has no place, or None.
        sizes: for each block, the sizes of its columns.
        value_sizes: the sizes of the values.
        offsets: for each block, its first place.
        count: the number of places.
    """

    def __init__(self, relation: Relation, units: Units, unity: int | None = None) -> None:
        """Number the places."""
        self.unity = unity
        self.values = [k for k in relation.values if k != unity]
        self.sizes = [[units.columns[block.index][j] for j in block.columns] for block in relation.blocks]
        self.value_sizes = [units.of_value(k) for k in self.values]
        self.offsets: list[int] = []
        self.units = units
        self._value = {k: place for place, k in enumerate(self.values)}
        self._local = [(block.index, {j: i for i, j in enumerate(block.columns)}) for block in relation.blocks]
        self._factors = [_double(size) for size in self.value_sizes]
        self.count = len(self.values)
        for sizes in self.sizes:
            self.offsets.append(self.count)
            self.count += length(len(sizes))
            doubles = np.array([_double(size) for size in sizes])
            with np.errstate(over="ignore"):
                self._factors += np.outer(doubles, doubles)[np.tril_indices(len(sizes))].tolist()
        self._seen: dict[int, tuple[Form, Scaled]] = {}

    def entries(self, form: Form) -> dict[int, Scalar]:
        """Return the entries of a form by place, as they are."""
        found = {self._value[k]: a for k, a in form.values.items() if k != self.unity}
        for (b, local), offset in zip(self._local, self.offsets, strict=True):
            if b in form.blocks:
                found |= {offset + entry(local[i], local[j]): a for (i, j), a in form.blocks[b].items()}
        return found

    def scaled(self, form: Form) -> Scaled:
        """Return a form in scaled columns and values, divided by the power of two next to its largest entry."""
        if id(form) not in self._seen:
            self._seen[id(form)] = form, self._scaled(form)  # which keeps the form, so that no other has its id
        return self._seen[id(form)][1]

    def measured(self, form: Form, size: Fraction) -> Scaled:
        """Return a form in scaled columns and values, divided by ``size``."""
        found = self._scaled(form)
        factor = float(found.unit / size)
        return Scaled(found.places, [a * factor for a in found.numbers], found.constant * factor, size)

    def _scaled(self, form: Form) -> Scaled:
        entries = self.entries(form)
        numbers = [_double(a) * self._factors[place] for place, a in entries.items()]
        if all(_TINY < abs(a) < 1 / _TINY for a in numbers):
            unit = 2.0 ** round(math.log2(max(map(abs, numbers), default=1.0)))
            size, numbers = Fraction(unit), [a / unit for a in numbers]
        else:
            exact = self.entries(self.units.form(form)).values()
            size = dyadic(max(abs(a) for a in exact))
            numbers = [float(a / size) for a in exact]
        constant = 0.0 if self.unity is None else float(form.values.get(self.unity, 0) * self.units.of_value(self.unity) / size)
        return Scaled(list(entries), numbers, constant, size)


def _double(number: Scalar) -> float:
    """Return the double next to a number, zero for those that are too large."""
    try:
        return float(number)
    except OverflowError:
        return 0.0
