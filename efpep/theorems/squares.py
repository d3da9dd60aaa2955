"""Quadratic forms over rational functions as sums of squares, by elimination."""

from __future__ import annotations

from collections.abc import Sequence

from efpep.model.exact import solve
from efpep.model.form import Form
from efpep.questions.common.features import FeatureBlock
from efpep.questions.common.reduction import independent
from efpep.theorems.equations import dot
from efpep.theorems.functions import FunctionField
from efpep.theorems.support import Rows
from efpep.theory.statement import SquaredVector


def squared(matrix: Rows, names: Sequence[str], last: str = "") -> tuple[SquaredVector, ...] | None:
    """Return a symmetric matrix over named vectors as squares, the simplest pivots first, or None where a pivot is missing.

    Args:
        matrix: the matrix.
        names: the vectors.
        last: the vector to eliminate last.
    """
    n = len(matrix)
    rest: Rows = [list(row) for row in matrix]
    todo = set(range(n))
    found: list[SquaredVector] = []
    while todo:
        places = [i for i in todo if rest[i][i] != 0]
        if not places:
            return tuple(found) if all(rest[i][j] == 0 for i in todo for j in todo) else None
        i = min(places, key=lambda i: (names[i] == last, rest[i][i].size))
        pivot = rest[i][i]
        line = [value / pivot for value in rest[i]]
        found.append(SquaredVector(str(pivot), {name: str(value) for name, value in zip(names, line, strict=True) if value != 0}))
        todo.remove(i)
        rest = [[value - pivot * line[a] * line[b] for b, value in enumerate(row)] for a, row in enumerate(rest)]
    return tuple(found)


def form_squares(form: Form, block: FeatureBlock, field: FunctionField) -> tuple[SquaredVector, ...] | None:
    """Return a form in one block as squares of combinations of features before and after the step, or None."""
    named = [(f.name, f.before) for f in block.features] + [(f"{f.name}+", f.after) for f in block.features]
    used = sorted({j for _, vector in named for j in vector.terms})
    named = [named[i] for i in independent([vector.row(used) for _, vector in named])]
    n = len(used)
    inside = {(i, j) for i in used for j in used}
    if len(named) != n or not set(form.blocks.get(block.index, {})) <= inside:
        return None
    # the columns as combinations of the named vectors: the inverse of their matrix
    system = [[field(value) for value in row] for row in zip(*(vector.row(used) for _, vector in named), strict=True)]
    inverse = [solve(system, [field(int(i == j)) for i in range(n)]) for j in range(n)]
    change = [[field(value) for value in row] for row in inverse]
    matrix = [[field(value) for value in row] for row in form.matrix(block.index, used)]
    columns = [list(column) for column in zip(*change, strict=True)]
    half = [[dot(row, column, field) for column in columns] for row in matrix]
    turned = [list(column) for column in zip(*half, strict=True)]
    return squared([[dot(a, b, field) for b in turned] for a in columns], [name for name, _ in named])
