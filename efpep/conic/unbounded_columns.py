"""Facial reduction of the rate SDP: columns that nothing bounds, and the equations that they stand for.

Where the diagonal entry of a column vanishes in every form of a linear matrix inequality, positive semidefiniteness says that all
of the column's entries vanish: linear equations in the unknowns. The column of ``grad f_i(x*)`` of a method that projects is one,
since it occurs only in products with others (normal cones, function gaps). The equations replace the column, and the remaining
matrix may be positive definite; dually, the diagonal entry of a Gram matrix is free there, and may be as large as needed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from efpep.conic.units import dyadic
from efpep.model.exact import independent, solve
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.system import Matrix, Relation, System
from efpep.proof.conditions import relation_form
from efpep.proof.witness import UpperWitness

Place = tuple[int, int, int]
"""An entry: its block and two columns, in order."""
_TINY = 1e-12


def unbounded_columns(blocks: Mapping[int, Sequence[int]], forms: Collection[Form]) -> dict[int, tuple[int, ...]]:
    """Return for each block the columns, among those given, whose diagonal entries vanish in all forms."""
    bounded = {
        (b, i) for form in forms for b, entries in form.blocks.items() for (i, j), a in entries.items() if i == j and a != 0
    }
    return {b: tuple(j for j in columns if (b, j) not in bounded) for b, columns in blocks.items()}


def equations(unbounded: Mapping[int, Sequence[int]], forms: Sequence[Form]) -> list[Place]:
    """Return entries of unbounded columns whose vanishing in every combination of the forms that has them implies the rest's."""
    if not any(unbounded.values()):
        return []
    places = sorted(
        {
            (b, i, j)
            for form in forms
            for b, entries in form.blocks.items()
            for i, j in entries
            if i in unbounded.get(b, ()) or j in unbounded.get(b, ())
        }
    )
    if not places:
        return []
    rows: list[list[Scalar]] = [[form.blocks.get(b, {}).get((i, j), Fraction(0)) for form in forms] for b, i, j in places]
    return [places[k] for k in independent(rows)]


def with_free_diagonal(kept: Sequence[int], gram: Sequence[Sequence[Fraction]], products: Matrix) -> Matrix:
    """Return a Gram matrix with diagonal entries for the columns that have none, large enough (nearly) to be semidefinite.

    Args:
        kept: the places of the other columns.
        gram: their Gram matrix.
        products: the whole matrix, of which only entries of the columns without a diagonal are read.
    """
    free = [j for j in range(len(products)) if j not in kept]
    whole = [list(row) for row in products]
    for u, i in enumerate(kept):
        for v, j in enumerate(kept):
            whole[i][j] = gram[u][v]
    if free and kept:
        inner = np.array([[float(a) for a in row] for row in gram])
        sides = np.array([[float(products[i][j]) for j in free] for i in kept])
        inner += _TINY * max(float(np.trace(inner)), _TINY) * np.eye(len(kept))
        complement = np.abs(sides.T @ np.linalg.solve(inner, sides))
        among = np.array([[float(abs(products[i][j])) for j in free] for i in free])
        for j, size in zip(free, 2 * np.sum(complement + among, axis=1) + _TINY, strict=True):
            whole[j][j] = Fraction(float(size))
    return tuple(tuple(row) for row in whole)


def on_equations(system: System, witness: UpperWitness) -> UpperWitness:
    """Move the first relation's multipliers onto the equations exactly, where it has columns without a diagonal.

    Multipliers whose sum with positive coefficients has to vanish are set to zero; the others change in proportion to their size.
    """
    relation, rest = system.relations[0], witness.multipliers[1:]
    fixed = relation_form(system, 0, replace(witness, multipliers=((Fraction(0),) * len(relation.rows), *rest)))
    forms = [row.form for row in relation.rows]
    unbounded = unbounded_columns({block.index: block.columns for block in relation.blocks}, [fixed, *forms])
    places = equations(unbounded, [fixed, *forms])
    if not places:
        return witness
    multipliers = list(witness.multipliers[0])
    conditions = [([_entry(form, place) for form in forms], -_entry(fixed, place)) for place in places]
    active = set(range(len(forms)))
    while forced := _forced(relation, conditions, active):
        for c in forced:
            multipliers[c] = Fraction(0)
        active -= forced
    sizes = [dyadic(abs(a)) if a != 0 else Fraction(0) for a in multipliers]
    rows = [[row[c] * sizes[c] for c in range(len(forms))] for row, _ in conditions]
    missing = [goal - sum((a * m for a, m in zip(row, multipliers, strict=True)), Fraction(0)) for row, goal in conditions]
    products = [[sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) for v in rows] for u in rows]
    factors = solve(products, missing)
    for c, size in enumerate(sizes):
        multipliers[c] += size * sum((factor * row[c] for factor, row in zip(factors, rows, strict=True)), Fraction(0))
    return replace(witness, multipliers=(tuple(multipliers), *rest))


def _forced(relation: Relation, conditions: Sequence[tuple[list[Fraction], Fraction]], active: set[int]) -> set[int]:
    """Return the multipliers of inequalities that an equation without a constant, all of one sign, makes zero."""
    for row, goal in conditions:
        used = {c for c in active if row[c] != 0}
        signs = {row[c] > 0 for c in used}
        if goal == 0 and len(signs) == 1 and not any(relation.rows[c].equality for c in used):
            return used
    return set()


def _entry(form: Form, place: Place) -> Fraction:
    block, i, j = place
    return Fraction(form.blocks.get(block, {}).get((i, j), 0))
