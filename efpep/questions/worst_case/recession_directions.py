"""Directions in which nothing bounds the runs of a question, such as a translation of all iterates where only the gap is bounded.

Let a vector z over the columns of the mean block be such that every gradient and message vanishes on it, and ``z' Q z = 0`` for
the objective and every row. Then a remainder that is positive semidefinite vanishes on z: the multipliers of the rows with
``Q z != 0`` satisfy linear equations, and where those vectors are independent, all of them are zero. (The inequality
``f* >= f(x) + <g, x* - x>`` with the minimiser is one, because x may be as far away as one likes.) All that is left sees
differences only, so that one column of z may be set to zero: a smaller question, which has an interior, and whose multipliers
prove the same of the whole one.

Likewise a constant may be added to all function values where their differences alone are bounded from above: all that is left
sees these differences.

Where rows that see z may balance each other they stay: normal cones, along the gradient at x* of a method that projects. Then z
becomes a column of its own, which has no diagonal entry, and the equations ``(sum_c multiplier_c Q_c) z = Q z``, with Q that of
the objective, stand for it in the program (:mod:`efpep.conic.unbounded_columns`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from efpep.model.exact import independent, relations
from efpep.model.field import Scalar
from efpep.model.form import Form, inner, square
from efpep.model.linear import Linear
from efpep.model.system import BEST
from efpep.model.vector import Part
from efpep.questions.worst_case.rows import Place, stripped
from efpep.questions.worst_case.shift import lines_of

if TYPE_CHECKING:
    from efpep.model.sample import Sample
    from efpep.questions.worst_case.inequalities import TimedBlock, WorstCaseInequalities

Direction = Mapping[int, Scalar]


def bounded(question: WorstCaseInequalities) -> WorstCaseInequalities:
    """Return the question without its rows that no proof can use and a column for each direction; itself where there is none.

    Directions that balanced rows see have a column of their own.
    """
    for z in _directions(question):
        found = _without(question, z) or _straightened(question, z)
        if found is not None:
            return bounded(found)
    found = _without_level(question) or _without_unseen(question)
    return question if found is None else bounded(found)


def _directions(question: WorstCaseInequalities) -> list[Direction]:
    """Return a basis of the vectors on which every gradient and every message vanishes, or gradients by their differences."""
    (columns,) = [block.columns for block in question.blocks if block.index == 0] or [()]
    forms = [sample.shape.mean for samples in question.samples for sample in samples]
    if question.differences:
        groups = enumerate(question.samples)
        shapes = [[_bend(question, group, sample).mean for sample in own if sample.value.values] for group, own in groups]
        forms = [shape - own[0] for own in shapes for shape in own]
    for message in question.messages:
        place = message.group or 0
        sent, received = (question.trace.elimination.part(place, part).mean for part in (message.sent, message.received))
        lost = sent != received
        if lost and sent.terms.keys() | received.terms.keys() <= set(columns):  # nothing is asked about others
            forms += [sent, received]
    found = _vanishing(forms, columns)
    if question.asked.runs > 1 and len(found) > 1:  # what moves one run alone is seen by how far both are apart
        lines = [line for form in (question.objective, *(row.form for row in question.fixed)) for line in lines_of(form, 0)]
        found += _vanishing([*forms, *lines], columns)
    return found


def _vanishing(forms: Sequence[Linear], columns: Sequence[int]) -> list[Direction]:
    """Return a basis of the vectors over some columns on which all linear forms vanish."""
    rows = [[form.terms.get(j, Fraction(0)) for form in forms] for j in columns]
    return [{j: a for j, a in zip(columns, line, strict=True) if a} for line in relations(rows)] if columns else []


def _bend(question: WorstCaseInequalities, group: int, sample: Sample) -> Part:
    """Return by what a sample's gradient differs from that of a parabola of the class's least curvature."""
    if sample.shape != sample.gradient:
        return sample.shape
    return sample.shape - question.trace.field(question.trace.groups[group].functions.tilt) * sample.x


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
    gone = frozenset({(0, min(z))})
    kept = tuple(row for row, image in zip(question.fixed, images[1:], strict=True) if not image)
    return without_columns(
        replace(question, fixed=kept, void=question.void | {pair for pair, image in pairs.items() if image}), gone
    )


def _without_level(question: WorstCaseInequalities) -> WorstCaseInequalities | None:
    """Return the question without its rows that hold once a constant is added to all function values; None where any is violated.

    In the others, and in a remainder, function values occur by their differences alone.
    """
    functions = {k for samples in question.samples for sample in samples for k in sample.value.values}
    best = {k for k, name in enumerate(question.values) if name == BEST}

    def level(form: Form) -> Scalar:
        return sum((a for k, a in form.values.items() if k in functions), Fraction(0))

    if question.differences or not functions or set(question.occurring_values()) - functions - best - {question.unity}:
        return None
    pairs = {pair: level(question.pair(pair).form) for pair in question.pairs()}
    if level(question.objective) or any(a > 0 for a in pairs.values()):
        return None
    if any(level(row.form) > 0 or (row.equality and level(row.form)) for row in question.fixed):
        return None
    fixed = tuple(row for row in question.fixed if not level(row.form))
    void = question.void | {pair for pair, a in pairs.items() if a}
    tilts = _tilts(question) if question.asked.runs > 1 else {}

    def tilted(form: Form) -> Form:
        return stripped(sum((a * tilts[k] for k, a in form.values.items() if k in tilts), form), question.gone)

    fixed = tuple(replace(row, form=tilted(row.form)) for row in fixed)
    return replace(question, objective=tilted(question.objective), fixed=fixed, void=void, differences=True, tilts=tilts)


def _without_unseen(question: WorstCaseInequalities) -> WorstCaseInequalities | None:
    """Return the question about two runs without a column along a direction that nothing sees; None where all is seen."""
    if question.asked.runs == 1:
        return None
    forms = [question.objective, *(row.form for row in question.fixed), *(question.pair(pair).form for pair in question.pairs())]
    for block in question.blocks:
        lines = {line for form in forms for line in lines_of(form, block.index)}
        for z in _vanishing(list(lines), block.columns):
            return without_columns(question, frozenset({(block.index, min(z))}))
    return None


def _tilts(question: WorstCaseInequalities) -> dict[int, Form]:
    """Return for each function value the affine part ``tilt |x|^2/2 + <u, x>``, u the first sample's bent gradient.

    Written for values less these, inequalities see gradients by their differences alone, and multipliers that leave no function
    value leave none of these forms either.
    """
    found: dict[int, Form] = {}
    for group, samples in enumerate(question.samples):
        tilt = question.trace.field(question.trace.groups[group].functions.tilt)
        own = [sample for sample in samples if list(sample.value.values.values()) == [1]]
        for sample in own:
            bent = _bend(question, group, own[0])
            form = (tilt / 2) * square(sample.x, group) + inner(bent, sample.x, group)
            found[next(iter(sample.value.values))] = form - Form(sample.value.blocks)
    return found


def _straightened(question: WorstCaseInequalities, z: Direction) -> WorstCaseInequalities | None:
    """Return the question in a basis in which z is a column, or None where it is one or something bounds it."""
    few, many = (question.objective, *(row.form for row in question.fixed)), map(question.pair, question.pairs())
    if len(z) == 1 or any(_along(_image(form, z), z) for form in chain(few, (row.form for row in many))):
        return None
    own = min(z)

    def linear(form: Linear) -> Linear:
        along = sum((a * z[j] for j, a in form.terms.items() if j in z), Fraction(0))
        return Linear({**{j: a for j, a in form.terms.items() if j != own}, own: along})

    def quadratic(form: Form) -> Form:
        kept = {key: a for key, a in form.blocks.get(0, {}).items() if own not in key}
        kept |= {(min(j, own), max(j, own)): a for j, a in _image(form, z).items() if j != own}
        others = {b: entries for b, entries in form.blocks.items() if b}
        return Form({0: kept, **others} if kept else others, form.values)

    def part(whole: Part) -> Part:
        return Part(linear(whole.mean), whole.deviation)

    def sample(old: Sample) -> Sample:
        vectors = {"x": part(old.x), "gradient": part(old.gradient), "shape": part(old.shape)}
        return replace(old, **vectors, value=quadratic(old.value), excess=quadratic(old.excess))

    settled = question.trace.elimination.part
    messages = (
        replace(m, sent=part(settled(m.group or 0, m.sent)), received=part(settled(m.group or 0, m.received)))
        for m in question.messages
    )
    return replace(
        question,
        objective=quadratic(question.objective),
        fixed=tuple(replace(row, form=quadratic(row.form)) for row in question.fixed),
        samples=tuple(tuple(map(sample, samples)) for samples in question.samples),
        messages=tuple(messages),
    )


def without_columns(question: WorstCaseInequalities, gone: frozenset[Place]) -> WorstCaseInequalities:
    """Return the question where these columns are zero."""
    blocks: list[TimedBlock] = []
    for block in question.blocks:
        kept = [(j, name) for j, name in zip(block.columns, block.names, strict=True) if (block.index, j) not in gone]
        if kept:
            columns, names = zip(*kept, strict=True)
            blocks.append(replace(block, columns=columns, names=names))
    fixed = [replace(row, form=stripped(row.form, gone)) for row in question.fixed]
    return replace(
        question,
        blocks=tuple(blocks),
        objective=stripped(question.objective, gone),
        fixed=tuple(row for row in fixed if row.form.nonzero),
        gone=question.gone | gone,
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
