"""The exact linear algebra of a stand-alone script, on vectors and forms by the names of their columns.

:func:`efpep.questions.rate.script.write.write_script` copies everything below the imports, as it does with
:mod:`efpep.questions.rate.script.standalone`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

# --- Exact linear algebra -----------------------------------------------------------------------------------------------------

Linear = Mapping[str, Fraction]  # a vector: its coefficients by column
Matrix = list[list[Fraction]]
Formed = tuple[dict[str, Matrix], dict[str, Fraction]]  # a form: its symmetric matrices by block, and coefficients of values


def is_positive_semidefinite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Decide by symmetric elimination (L D L') whether a symmetric matrix has no negative eigenvalue.

    Every pivot has to be nonnegative; a pivot of zero is allowed only where the rest of its row is zero too.
    """
    work = [list(row) for row in matrix]
    size = len(work)
    if any(len(row) != size for row in work) or any(work[i][j] != work[j][i] for i in range(size) for j in range(i)):
        return False
    for k in range(size):
        pivot = work[k][k]
        if pivot < 0 or (pivot == 0 and any(work[k][j] != 0 for j in range(k + 1, size))):
            return False
        if pivot > 0:
            for i in range(k + 1, size):
                factor = work[i][k] / pivot
                for j in range(k + 1, size):
                    work[i][j] -= factor * work[k][j]
    return True


def add_product(target: Matrix, factor: Fraction, u: Linear, v: Linear, columns: Sequence[str]) -> None:
    """Add ``factor`` times the symmetric matrix of ``<u, v>``, that is ``(u v' + v u')/2``."""
    for i, left in enumerate(columns):
        for j, right in enumerate(columns):
            target[i][j] += factor * (u.get(left, 0) * v.get(right, 0) + v.get(left, 0) * u.get(right, 0)) / 2


def add_form(target: Matrix, factor: Fraction, form: Mapping[str, Any], block: str, columns: Sequence[str]) -> None:
    """Add ``factor`` times the symmetric matrix of a form's part in ``block``; ``(u, v): a`` stands for ``a <u, v>``."""
    for (left, right), a in form.get(block, {}).items():
        i, j = columns.index(left), columns.index(right)
        target[i][j] += factor * a / 2
        target[j][i] += factor * a / 2


def zeros(size: int) -> Matrix:
    """Return the zero matrix."""
    return [[Fraction(0)] * size for _ in range(size)]


def on_gram(u: Linear, v: Linear, gram: Sequence[Sequence[Fraction]], columns: Sequence[str]) -> Fraction:
    """Return ``<u, v>`` for vectors whose inner products are given by a Gram matrix."""
    place = {name: i for i, name in enumerate(columns)}
    return sum((a * b * gram[place[i]][place[j]] for i, a in u.items() for j, b in v.items()), Fraction(0))


def nothing(q: Mapping[str, Any]) -> Formed:
    """Return the form that is zero."""
    return {block: zeros(len(columns)) for block, columns in q["columns"].items()}, {}


def formed(q: Mapping[str, Any], form: Mapping[str, Any]) -> Formed:
    """Return a form that is written out."""
    total = nothing(q)
    for block, columns in q["columns"].items():
        add_form(total[0][block], Fraction(1), form, block, columns)
    add_values(total, 1, form["values"])
    return total


def put(total: Formed, q: Mapping[str, Any], factor: Fraction, u: Mapping[str, Linear], v: Mapping[str, Linear]) -> None:
    """Add ``factor`` times the average of <u_i, v_i> over the agents, block by block."""
    for block, columns in q["columns"].items():
        if u.get(block) and v.get(block):
            add_product(total[0][block], factor, u[block], v[block], columns)


def add_values(total: Formed, factor: int | Fraction, values: Linear) -> None:
    """Add ``factor`` times a combination of function values; what cancels is left out."""
    for name, a in values.items():
        total[1][name] = total[1].get(name, Fraction(0)) + factor * a
        if total[1][name] == 0:
            del total[1][name]


def combined(*pieces: tuple[int | Fraction, Mapping[str, Linear]]) -> dict[str, dict[str, Fraction]]:
    """Return a combination of client vectors, block by block."""
    total: dict[str, dict[str, Fraction]] = {}
    for factor, vector in pieces:
        for block, part in vector.items():
            held = total.setdefault(block, {})
            for column, a in part.items():
                held[column] = held.get(column, Fraction(0)) + factor * a
    return total
