"""Exact repairs of witnesses: onto equalities, and over values with a negative coefficient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from efpep.conic.units import Measures, Units
from efpep.model.field import Scalar
from efpep.model.form import Form, paired
from efpep.model.least_change import least_change, matrix_sum
from efpep.model.system import Matrix, Relation, System, affine
from efpep.proof.conditions import relation_form
from efpep.proof.moments import Moments
from efpep.proof.witness import LowerWitness, UpperWitness


def covered(system: System, witness: UpperWitness) -> UpperWitness:
    """Raise multipliers where a function value has a negative coefficient in a relation."""
    multipliers = [list(numbers) for numbers in witness.multipliers]
    for i, relation in enumerate(system.relations):
        for k, a in relation_form(system, i, witness).values.items():
            c = _covering(relation, k) if a < 0 else None
            if c is not None:
                multipliers[i][c] -= a / relation.rows[c].form.values[k]
        if relation.differences:
            for c, amount in _balancing(relation, relation_form(system, i, witness).values):
                multipliers[i][c] += amount
    return replace(witness, multipliers=tuple(tuple(numbers) for numbers in multipliers))


def _balancing(relation: Relation, values: Mapping[int, Scalar]) -> Iterator[tuple[int, Fraction]]:
    """Yield inequalities about two values each, and by how much to raise their multipliers so that no coefficient is left.

    What a value lacks comes from the nearest one with some left, over those between.
    """
    left = dict(values)
    entering: dict[int, dict[int, int]] = {}
    for c, row in enumerate(relation.rows):
        if len(row.form.values) == 2 and not row.equality:
            lower, upper = sorted(row.form.values, key=row.form.values.__getitem__)
            entering.setdefault(upper, {})[lower] = c
    for k in [k for k, a in values.items() if a < 0]:
        while left[k] < 0 and (path := _nearest(k, entering, left)):
            source = path[-1][0]
            moved = min(-left[k], left[source])
            for (_, c), upper in zip(path, [k, *(m for m, _ in path)], strict=False):
                yield c, moved / relation.rows[c].form.values[upper]
            left |= {k: left[k] + moved, source: left[source] - moved}


def _nearest(k: int, entering: Mapping[int, Mapping[int, int]], left: Mapping[int, Scalar]) -> list[tuple[int, int]]:
    """Return the way from a value to the nearest one with something left: values and the inequalities that lead to them."""
    ways: dict[int, list[tuple[int, int]]] = {k: []}
    for at in (reached := [k]):
        for m, c in entering.get(at, {}).items():
            if m not in ways:
                ways[m] = [*ways[at], (m, c)]
                if left.get(m, 0) > 0:
                    return ways[m]
                reached.append(m)
    return []


def _covering(relation: Relation, value: int) -> int | None:
    """Return the first inequality whose only function value is this one, with a positive coefficient."""
    for c, row in enumerate(relation.rows):
        if list(row.form.values) == [value] and row.form.values[value] > 0 and not row.equality:
            return c
    return None


def on_equalities(system: System, measures: Measures, witness: LowerWitness) -> LowerWitness:
    """Move the moments of every relation onto its equalities exactly, by the least change in scaled units."""
    found = witness
    for i in range(len(witness.grams)):
        relation = system.relations[i]
        forms = [row.form for row in relation.rows if row.equality]
        if forms:
            moments = Moments.of_relation(relation, found.grams[i], found.values[i])
            found = _moved(found, i, (relation, measures.relations[i]), forms, [-moments.value(form) for form in forms])
    return found


def on_free_unknowns(system: System, measures: Measures, witness: LowerWitness) -> LowerWitness:
    """Move the second relation's moments exactly to where free unknowns are paired with zero, by the least change."""
    if len(witness.grams) < 2 or not system.free:
        return witness
    first, second = system.relations
    given = Moments.of_relation(first, witness.grams[0], witness.values[0])
    moved = Moments.of_relation(second, witness.grams[1], witness.values[1])
    forms: list[Form] = []
    amounts: list[Scalar] = []
    for square in second.squares:
        size = range(len(square.forms))
        gained = [[Fraction(0)] * len(size) for _ in size]
        for other in [other for other in first.squares if other.unknown == square.unknown]:
            factor = Fraction(-affine(other.constant, other.slope, witness.theta)) / square.constant
            products = given.products(other.block, other.forms)
            gained = [[a + factor * b for a, b in zip(u, v, strict=True)] for u, v in zip(gained, products, strict=True)]
        for j in size:
            for i in range(j + 1):
                form = paired(square.block, square.forms[i], square.forms[j])
                forms.append(form)
                amounts.append(gained[i][j] - moved.value(form))
    for share in second.shares:
        mine = [other for other in first.shares if other.unknown == share.unknown]
        gained_value = -sum((given.value(s.constant) + witness.theta * given.value(s.slope) for s in mine), Fraction(0))
        forms.append(share.constant)
        amounts.append(gained_value - moved.value(share.constant))
    for row in second.rows:
        if row.equality:
            forms.append(row.form)
            amounts.append(-moved.value(row.form))
    return _moved(witness, 1, (second, measures.relations[1]), forms, amounts)


def _moved(
    witness: LowerWitness, i: int, where: tuple[Relation, Units], forms: Sequence[Form], amounts: Sequence[Fraction]
) -> LowerWitness:
    """Add to the moments of relation i the least change, in scaled units, that adds these amounts to the forms' values."""
    relation, units = where
    change = units.form(least_change([units.form(form) for form in forms], amounts))
    pairs = zip(witness.grams[i], relation.blocks, strict=True)
    grams = tuple(matrix_sum(gram, change.matrix(block.index, block.columns)) for gram, block in pairs)
    numbers = zip(relation.values, witness.values[i], strict=True)
    values = tuple(a + change.values.get(k, Fraction(0)) for k, a in numbers)
    return with_moments(witness, i, grams, values)


def with_moments(witness: LowerWitness, i: int, grams: tuple[Matrix, ...], values: tuple[Fraction, ...]) -> LowerWitness:
    """Return the witness with other moments of relation i."""
    return replace(
        witness,
        grams=(*witness.grams[:i], grams, *witness.grams[i + 1 :]),
        values=(*witness.values[:i], values, *witness.values[i + 1 :]),
    )
