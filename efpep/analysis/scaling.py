"""Units for the solver: exact powers of two that make a one-step question dimensionless."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.model.column import Column, Unit
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.question.contraction import Contraction, Feature


def dyadic(value: Scalar) -> Fraction:
    """Return the power of two nearest to a positive number, in the logarithm."""
    exponent = round(math.log2(value.numerator) - math.log2(value.denominator)) if value else 0
    return Fraction(2) ** exponent


@dataclass(frozen=True, slots=True)
class Scaling:
    """Powers of two by which a question's columns, features and values are measured.

    Attributes:
        columns: for each block of the trace, the size of each column.
        features: for each block of the question, the size of each feature.
        value: the size of function values.
    """

    columns: tuple[tuple[Fraction, ...], ...]
    features: tuple[tuple[Fraction, ...], ...]
    value: Fraction

    def form(self, form: Form) -> Form:
        """Return a form in scaled columns and values."""
        if self.trivial:
            return form
        blocks = {
            b: {(i, j): a * self.columns[b][i] * self.columns[b][j] for (i, j), a in entries.items()}
            for b, entries in form.blocks.items()
        }
        return Form(blocks, {k: a * self.value for k, a in form.values.items()})

    @property
    def trivial(self) -> bool:
        """Whether every column and value is measured in 1."""
        return self.value == 1 and all(size == 1 for sizes in self.columns for size in sizes)

    def linear(self, block: int, form: Linear, size: Fraction) -> Linear:
        """Return a linear form over scaled columns, itself measured in ``size``."""
        return Linear({j: a * (self.columns[block][j] / size) for j, a in form.terms.items()})


def scaling(question: Contraction) -> Scaling:
    """Return units in which gradients and points have comparable size.

    Points are measured in 1, gradients and values in the average of L - mu. Where no memory of the method is compared with
    points, the point feature is measured in ``(L - mu)/mu``, that is like ``mu x``, a gradient.
    """
    gradient = dyadic(question.unit)
    sizes = {Unit.POINT: Fraction(1), Unit.GRADIENT: gradient}
    columns = tuple(column_sizes(block, sizes) for block in question.columns)
    point = Fraction(1) if question.point_units else 1 / dyadic(question.curvature / question.unit)
    features = tuple(tuple(_feature_size(feature, sizes, point) for feature in block.features) for block in question.blocks)
    return Scaling(columns, features, gradient)


def column_sizes(columns: Sequence[Column], sizes: Mapping[Unit, Fraction]) -> tuple[Fraction, ...]:
    """Return the sizes of columns by their units; residuals of compressors are as large as what they are residuals of."""
    found: list[Fraction] = []
    for column in columns:
        if column.unit is not None:
            found.append(sizes[column.unit])
            continue
        largest = max((abs(a) * found[j] for j, a in column.like.terms.items()), default=Fraction(0))
        found.append(dyadic(largest) if largest else Fraction(1))
    return tuple(found)


def _feature_size(feature: Feature, sizes: Mapping[Unit, Fraction], point: Fraction) -> Fraction:
    return point if feature.unit is Unit.POINT else sizes[feature.unit]
