"""Units for the solver: powers of two in which the vectors of every link of a chain have about the size that they have in runs.

Points keep the size 1. Function values decrease like ``1/A_t`` and gradients like ``sqrt(L/A_t)``. What a step makes of them,
errors for instance, is as large as the largest of its terms, and begins the next step with that size.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from efpep.analysis.scaling import dyadic
from efpep.model.column import Unit
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.question.growing import Chain, Link

Sizes = dict[tuple[int, str], Fraction]


@dataclass(frozen=True)
class LinkUnits:
    """The sizes in one link.

    Attributes:
        columns: for each block of the trace, the size of each column.
        value: the size of function values.
        features: the sizes of the features before the step, by block and name.
    """

    columns: tuple[tuple[Fraction, ...], ...]
    value: Fraction
    features: Sizes

    def form(self, form: Form) -> Form:
        """Return a form in scaled columns and values."""
        blocks = {
            b: {(i, j): a * self.columns[b][i] * self.columns[b][j] for (i, j), a in entries.items()}
            for b, entries in form.blocks.items()
        }
        return Form(blocks, {k: a * self.value for k, a in form.values.items()})

    def linear(self, block: int, form: Linear, size: Fraction) -> Linear:
        """Return a linear form over scaled columns, itself measured in ``size``."""
        return Linear({j: a * self.columns[block][j] / size for j, a in form.terms.items()})


def link_units(question: Chain) -> list[LinkUnits]:
    """Return the units of every link."""
    found: list[LinkUnits] = []
    features: Sizes = {}
    for s, link in enumerate(question.links):
        grown = max(Fraction(1), question.totals[max(s - 1, 0)] * question.unit)
        sizes = {Unit.POINT: Fraction(1), Unit.GRADIENT: dyadic(question.unit) / _root(grown)}
        columns = _columns(link, sizes, features)
        found.append(LinkUnits(columns, dyadic(question.unit) / dyadic(grown), features))
        features = {(place.index, d.name): _largest(d.form, columns[place.index]) for place in link.places for d in place.after}
    return found


def _root(number: Fraction) -> Fraction:
    """Return about the square root of a number, a power of two."""
    return Fraction(2) ** round(math.log2(number) / 2)


def _columns(link: Link, sizes: Mapping[Unit, Fraction], features: Sizes) -> tuple[tuple[Fraction, ...], ...]:
    own = {
        (place.index, next(iter(d.form.terms))): features[place.index, d.name]
        for place in link.places
        for d in place.before
        if len(d.form.terms) == 1
    }
    found: list[tuple[Fraction, ...]] = []
    for b, columns in enumerate(link.columns):
        measured: list[Fraction] = []
        for j, column in enumerate(columns):
            if (b, j) in own:
                measured.append(own[b, j])
            elif column.unit is not None:
                measured.append(sizes[column.unit])
            else:
                measured.append(_largest(column.like, measured))
        found.append(tuple(measured))
    return tuple(found)


def _largest(form: Linear, sizes: list[Fraction] | tuple[Fraction, ...]) -> Fraction:
    largest: Scalar = max((abs(a) * sizes[j] for j, a in form.terms.items()), default=Fraction(0))
    return dyadic(largest) if largest else Fraction(1)
