"""Units for the solver: powers of two in which the vectors of every step of a chain have about the size that they have in runs.

Points keep the size 1, or that of the steps that noise alone makes where these are larger. Function values decrease like
``1/A_t`` and gradients like ``sqrt(L/A_t)``. What a step makes of them, errors for instance, is as large as the largest of its
terms, and begins the next step with that size.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction

from efpep.conic.units import Measures, Units, dyadic, dyadic_root, linear_size
from efpep.model.column import Unit
from efpep.questions.potential.inequalities import PotentialInequalities, PotentialStep

Sizes = dict[tuple[int, str], Fraction]


def chain_measures(question: PotentialInequalities, noise: Fraction = Fraction(0), radius: Fraction = Fraction(1)) -> Measures:
    """Return the units of every step, and of the potentials between them, with noise of this standard deviation.

    With noise points are measured by the radius.
    """
    drawn = dyadic(noise / radius) if noise else Fraction(0)
    walk = sum(((b - a) ** 2 for a, b in itertools.pairwise(question.totals)), Fraction(0))
    length = max(Fraction(1), drawn * dyadic_root(walk))
    found: list[Units] = []
    features: Sizes = {}
    for s, step in enumerate(question.steps):
        grown = max(Fraction(1), question.totals[max(s - 1, 0)] * question.unit)
        sizes = {Unit.POINT: length, Unit.GRADIENT: max(length * dyadic(question.unit) / dyadic_root(grown), drawn)}
        columns = _columns(step, sizes, features)
        own = tuple(tuple(features[block.index, d.name] for d in block.before) for block in step.blocks)
        one = {} if step.one is None else {step.one: 1 / dyadic(radius) ** 2}
        found.append(Units(columns, own, length**2 * dyadic(question.unit) / dyadic(grown), one))
        features = {
            (block.index, d.name): linear_size(d.form, columns[block.index]) for block in step.blocks for d in block.after
        }
    return Measures(tuple(found), tuple(sizes for units in found[1:] for sizes in units.features), length**2)


def _columns(step: PotentialStep, sizes: Mapping[Unit, Fraction], features: Sizes) -> tuple[tuple[Fraction, ...], ...]:
    own = {
        (block.index, next(iter(d.form.terms))): features[block.index, d.name]
        for block in step.blocks
        for d in block.before
        if len(d.form.terms) == 1
    }
    found: list[tuple[Fraction, ...]] = []
    for b, columns in enumerate(step.columns):
        measured: list[Fraction] = []
        for j, column in enumerate(columns):
            if (b, j) in own:
                measured.append(own[b, j])
            elif column.unit is not None:
                measured.append(sizes[column.unit])
            else:
                measured.append(linear_size(column.like, measured))
        found.append(tuple(measured))
    return tuple(found)
