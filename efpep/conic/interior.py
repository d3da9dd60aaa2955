"""A point of moments strictly inside all inequalities of a relation, which repairs others that are not.

maximise  t   subject to   Z >= t I,   phi >= t,   row(Z, phi) <= -t  (scaled; = 0 for equalities),   tr Z <= 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.conic.program import Cones, Program
from efpep.conic.triangle import diagonal, entry, length, place, symmetric
from efpep.conic.units import Units
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.system import Matrix, Relation
from efpep.proof.moments import Numbers

_ROOM = 0
"""The variable t is the first, then come the triangles of Z by block, then phi."""


def interior(relation: Relation, scaled_rows: Sequence[Form]) -> Program:
    """Return the program, for a relation's rows in scaled units."""
    sizes = [len(block.columns) for block in relation.blocks]
    starts: list[int] = []
    count = 1
    for k in sizes:
        starts.append(count)
        count += length(k)
    values = {k: count + i for i, k in enumerate(relation.values)}
    count += len(values)
    zero: list[dict[int, Scalar]] = []
    positive: list[dict[int, Scalar]] = []
    for row, form in zip(relation.rows, scaled_rows, strict=True):
        affine: dict[int, Scalar] = {values[k]: -a for k, a in form.values.items()}
        for block, start in zip(relation.blocks, starts, strict=True):
            local = {j: i for i, j in enumerate(block.columns)}
            for (i, j), a in form.blocks.get(block.index, {}).items():
                affine[start + entry(local[i], local[j])] = -(a if i == j else 2 * a)
        if row.equality:
            zero.append(affine)
        else:
            positive.append({**affine, _ROOM: Fraction(-1)})
    positive += [{v: Fraction(1), _ROOM: Fraction(-1)} for v in values.values()]
    trace: dict[int, Scalar] = {}
    blocks: list[dict[int, Scalar]] = []
    for k, start in zip(sizes, starts, strict=True):
        for j in range(k):
            for i in range(j + 1):
                variable = start + place(i, j)
                blocks.append({variable: Fraction(1), _ROOM: Fraction(-1)} if i == j else {variable: Fraction(1)})
            trace[start + diagonal(j)] = Fraction(-1)
    positive.append(trace)
    cones = Cones(len(zero), len(positive), tuple(sizes))
    bound = {len(zero) + len(positive) - 1: Fraction(1)}
    return Program({_ROOM: Fraction(1)}, bound, cones, count, [*zero, *positive, *blocks])


def interior_moments(relation: Relation, units: Units, primal: Sequence[Fraction]) -> Numbers:
    """Return the variables of :func:`interior` as Gram matrices and values in the relation's units."""
    grams: list[Matrix] = []
    first = 1
    for block in relation.blocks:
        sizes = [units.columns[block.index][j] for j in block.columns]
        grams.append(symmetric(primal, first, sizes))
        first += length(len(sizes))
    return tuple(grams), tuple(a * units.of_value(k) for k, a in zip(relation.values, primal[first:], strict=True))
