"""Units for solvers: exact powers of two in which the numbers of a system have about the size 1."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from efpep.model.column import Column, Unit
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.system import System


def dyadic(value: Scalar) -> Fraction:
    """Return the power of two nearest to a positive number, in the logarithm; 1 for 0."""
    return Fraction(2) ** round(_log2(value))


def dyadic_root(value: Scalar) -> Fraction:
    """Return the power of two nearest to the square root of a positive number, in the logarithm; 1 for 0."""
    return Fraction(2) ** round(_log2(value) / 2)


def _log2(value: Scalar) -> float:
    """Return the logarithm of a number that may be beyond the range of doubles; 0 for 0."""
    return math.log2(value.numerator) - math.log2(value.denominator) if value else 0.0


def largest(form: Form) -> Fraction:
    """Return the power of two nearest to the largest coefficient of a form, 1 for the void form."""
    return dyadic(largest_number(form))


def largest_number(form: Form) -> Fraction:
    """Return the largest coefficient of a form, 1 for the void form."""
    entries = [abs(a) for block in form.blocks.values() for a in block.values()]
    return max([*entries, *(abs(a) for a in form.values.values())], default=Fraction(1))


@dataclass(frozen=True, slots=True)
class Units:
    """Powers of two by which the columns, features and values of one relation are measured.

    Attributes:
        columns: for each block of the trace, the size of each column.
        features: for each block of the relation, the size of each feature.
        value: the size of function values.
        special: the values that have another size, such as the constant 1, and that size.
    """

    columns: tuple[tuple[Fraction, ...], ...]
    features: tuple[tuple[Fraction, ...], ...]
    value: Fraction
    special: Mapping[int, Fraction] = field(default_factory=dict[int, Fraction])

    def of_value(self, k: int) -> Fraction:
        """Return the size of a value."""
        return self.special.get(k, self.value)

    def form(self, form: Form) -> Form:
        """Return a form in scaled columns and values."""
        if self.trivial:
            return form
        blocks = {
            b: {(i, j): a * self.columns[b][i] * self.columns[b][j] for (i, j), a in entries.items()}
            for b, entries in form.blocks.items()
        }
        return Form(blocks, {k: a * self.of_value(k) for k, a in form.values.items()})

    @property
    def trivial(self) -> bool:
        """Whether every column and value is measured in 1."""
        return self.value == 1 and not self.special and all(size == 1 for sizes in self.columns for size in sizes)

    def linear(self, block: int, form: Linear, size: Fraction) -> Linear:
        """Return a linear form over scaled columns, itself measured in ``size``."""
        return Linear({j: a * (self.columns[block][j] / size) for j, a in form.terms.items()})


@dataclass(frozen=True)
class Measures:
    """The units of a whole system.

    Attributes:
        relations: the units of each relation.
        features: for each shared matrix, the size of each feature.
        theta: the size of theta, and with it of all unknowns and multipliers.
        shifts: for each shared matrix, of what multiple of the first feature each feature is freed before it is solved for (for
            gradients, mu times the distance); none where nothing is said.
    """

    relations: tuple[Units, ...]
    features: tuple[tuple[Fraction, ...], ...]
    theta: Fraction = Fraction(1)
    shifts: tuple[tuple[Scalar, ...], ...] = field(default=())

    @classmethod
    def plain(cls, system: System) -> Measures:
        """Measure everything in 1."""
        units: list[Units] = []
        for relation in system.relations:
            lengths = [0] * (1 + max(block.index for block in relation.blocks))
            for block in relation.blocks:
                lengths[block.index] = 1 + max(block.columns, default=-1)
            units.append(Units(tuple((Fraction(1),) * k for k in lengths), (), Fraction(1)))
        return cls(tuple(units), tuple((Fraction(1),) * len(unknown.features) for unknown in system.matrices))


def column_sizes(
    columns: Sequence[Column], sizes: Mapping[Unit, Fraction], known: Mapping[int, Fraction] | None = None
) -> tuple[Fraction, ...]:
    """Return the sizes of columns by their units, or by what they are as large as: what they are residuals of, or equal.

    Args:
        columns: the columns.
        sizes: the size of each unit.
        known: the sizes of columns that are known, by their numbers.
    """
    found: list[Fraction] = []
    for j, column in enumerate(columns):
        unit = None if column.like.nonzero else column.unit
        size = linear_size(column.like, found) if unit is None else sizes[unit]
        found.append(size if known is None else known.get(j, size))
    return tuple(found)


def linear_size(form: Linear, sizes: Sequence[Fraction]) -> Fraction:
    """Return the size of the largest term of a linear form over columns of these sizes, 1 for the void form."""
    most: Scalar = max((abs(a) * sizes[j] for j, a in form.terms.items()), default=Fraction(0))
    return dyadic(most) if most else Fraction(1)


def root(square: Fraction) -> Fraction:
    """Return a power of two near the square root of a number, 1 where it is tiny or negative."""
    if square < Fraction(1, 10**6):
        return Fraction(1)
    near = dyadic(square)
    return Fraction(2) ** ((near.numerator.bit_length() - near.denominator.bit_length()) // 2)
