"""Directions in which nothing bounds the runs of a question, such as a translation of all iterates where only the gap is bounded.

Let a vector z over the columns of the mean block be such that every gradient and message vanishes on it, and ``z' Q z = 0`` for
the objective and every row. Then a remainder that is positive semidefinite vanishes on z: the multipliers of the rows with
``Q z != 0`` satisfy linear equations, and where those vectors are independent, all of them are zero. (The inequality
``f* >= f(x) + <g, x* - x>`` with the minimiser is one, because x may be as far away as one likes.) All that is left sees
differences only, so that one column of z may be set to zero: a smaller question, which has an interior, and whose multipliers
prove the same of the whole one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.exact import independent, relations
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.vector import Part

if TYPE_CHECKING:
    from efpep.model.sample import Sample
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities

Direction = Mapping[int, Scalar]


def bounded(question: WorstCaseInequalities) -> WorstCaseInequalities:
    """Return the question without its rows that no proof can use and a column for each direction; itself where there is none."""
    for z in _directions(question):
        found = _without(question, z)
        if found is not None:
            return bounded(found)
    return question


def _directions(question: WorstCaseInequalities) -> list[Direction]:
    """Return a basis of the vectors on which every gradient and every message vanishes."""
    (columns,) = [block.columns for block in question.blocks if block.index == 0] or [()]
    forms = [sample.shape.mean for samples in question.samples for sample in samples]
    for message in question.messages:
        place = message.group or 0
        parts = (question.trace.elimination.part(place, part) for part in (message.sent, message.received))
        forms += [part.mean for part in parts]
    rows = [[form.terms.get(j, Fraction(0)) for form in forms] for j in columns]
    return [{j: a for j, a in zip(columns, line, strict=True) if a} for line in relations(rows)] if columns else []


def _without(question: WorstCaseInequalities, z: Direction) -> WorstCaseInequalities | None:
    """Return the question without a direction, or None where a row bounds it or its rows may balance each other."""
    images = [_image(form, z) for form in (question.objective, *(row.form for row in question.fixed))]
    if any(_along(image, z) for image in images) or images[0]:
        return None
    pairs = {pair: _image(question.pair(pair).form, z) for pair in question.pairs()}
    seen = [image for image in (*images, *pairs.values()) if image]
    columns = sorted({j for image in seen for j in image})
    lines = [[image.get(j, Fraction(0)) for j in columns] for image in seen]
    if any(_along(image, z) for image in pairs.values()) or len(independent(lines)) < len(seen):
        return None
    if any(row.equality and image for row, image in zip(question.fixed, images[1:], strict=True)):
        return None
    gone = min(z)
    blocks = (
        replace(
            block,
            columns=tuple(j for j in block.columns if block.index or j != gone),
            names=tuple(name for j, name in zip(block.columns, block.names, strict=True) if block.index or j != gone),
        )
        for block in question.blocks
    )
    return replace(
        question,
        blocks=tuple(block for block in blocks if block.columns),
        objective=_stripped(question.objective, gone),
        fixed=tuple(
            replace(row, form=_stripped(row.form, gone))
            for row, image in zip(question.fixed, images[1:], strict=True)
            if not image
        ),
        samples=tuple(tuple(_moved(sample, gone) for sample in samples) for samples in question.samples),
        void=question.void | {pair for pair, image in pairs.items() if image},
    )


def _image(form: Form, z: Direction) -> Direction:
    """Return ``Q z`` in the mean block."""
    total: dict[int, Scalar] = {}
    for (i, j), a in form.blocks.get(0, {}).items():
        for u, v in {(i, j), (j, i)}:
            if v in z:
                total[u] = total.get(u, Fraction(0)) + a * z[v]
    return {j: a for j, a in total.items() if a}


def _along(image: Direction, z: Direction) -> Scalar:
    return sum((a * z[j] for j, a in image.items() if j in z), Fraction(0))


def _stripped(form: Form, gone: int) -> Form:
    kept = {key: a for key, a in form.blocks.get(0, {}).items() if gone not in key}
    return Form({**form.blocks, 0: kept} if kept else {b: e for b, e in form.blocks.items() if b}, form.values)


def _moved(sample: Sample, gone: int) -> Sample:
    def part(whole: Part) -> Part:
        return Part(Linear({j: a for j, a in whole.mean.terms.items() if j != gone}), whole.deviation)

    return replace(
        sample,
        x=part(sample.x),
        gradient=part(sample.gradient),
        shape=part(sample.shape),
        value=_stripped(sample.value, gone),
        excess=_stripped(sample.excess, gone),
    )
