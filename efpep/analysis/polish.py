"""Lower witnesses whose violated inequalities are mended by the least change of their Gram matrices' factors.

A solver leaves inequalities violated by some 1e-10. With ``Z_b = V_b V_b'`` they are quadratic in the factors and linear in the
values; Gauss-Newton steps of least norm bring those that are violated to just below zero. The products ``V_b V_b'`` of the
doubles are formed exactly, so that the Gram matrices stay positive semidefinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.certify.check import occurring_values
from efpep.certify.witness import LowerWitness, Matrix

if TYPE_CHECKING:
    from efpep.analysis.scaling import Scaling
    from efpep.conic.status import Floats
    from efpep.model.form import Form
    from efpep.question.contraction import Contraction

_STEPS = 6
_BELOW = 1e-15
"""How far below zero violated rows are brought, relative to the largest entry of the Gram matrices."""


def polished(question: Contraction, units: Scaling, witness: LowerWitness) -> LowerWitness:
    """Return the witness with (nearly) no inequality violated; equalities are left to others."""
    scales = [np.array([float(units.columns[b.index][j]) for j in b.columns]) for b in question.blocks]
    factors = [_factor(gram, size) for gram, size in zip(witness.grams, scales, strict=True)]
    values = np.array([float(a / units.value) for a in witness.values])
    rows = [_Row(question, units, row.form) for row in question.rows if not row.equality]
    largest = max((float(np.max(v @ v.T)) for v in factors if v.size), default=1.0)
    target = -_BELOW * largest
    held: set[int] = set()
    for _ in range(_STEPS):
        numbers = [row.value(factors, values) for row in rows]
        new = {c for c, a in enumerate(numbers) if a > 0}
        if not new:
            break
        held |= new
        chosen = sorted(held)
        slopes = np.array([rows[c].slope(factors) for c in chosen])
        wanted = np.array([target - numbers[c] for c in chosen])
        step: Floats = np.asarray(np.linalg.lstsq(slopes, wanted, rcond=1e-12)[0], dtype=np.float64)
        factors, values = _moved(factors, values, step)
    lengths = [[units.columns[b.index][j] for j in b.columns] for b in question.blocks]
    grams = tuple(_product(v, sizes) for v, sizes in zip(factors, lengths, strict=True))
    return replace(witness, grams=grams, values=tuple(max(Fraction(float(a)), Fraction(0)) * units.value for a in values))


class _Row:
    """An inequality in scaled units, normalised by its largest coefficient."""

    def __init__(self, question: Contraction, units: Scaling, form: Form) -> None:
        scaled = units.form(form)
        self.matrices: list[Floats] = [
            np.array([[float(a) for a in line] for line in scaled.matrix(b.index, b.columns)]).reshape(len(b.columns), -1)
            for b in question.blocks
        ]
        self.values: Floats = np.array([float(scaled.values.get(k, 0)) for k in occurring_values(question)])
        size = max([1e-300, *(float(np.max(np.abs(m), initial=0.0)) for m in [*self.matrices, self.values])])
        self.matrices = [m / size for m in self.matrices]
        self.values = self.values / size

    def value(self, factors: Sequence[Floats], values: Floats) -> float:
        """Return the row's value."""
        return float(sum(np.sum((q @ v) * v) for q, v in zip(self.matrices, factors, strict=True)) + self.values @ values)

    def slope(self, factors: Sequence[Floats]) -> Floats:
        """Return the derivative in the factors, one after the other, and the values."""
        return np.concatenate([*((2 * q @ v).ravel() for q, v in zip(self.matrices, factors, strict=True)), self.values])


def _factor(gram: Matrix, size: Floats) -> Floats:
    scaled = np.array([[float(a) for a in row] for row in gram]).reshape(len(gram), -1) / np.outer(size, size)
    eigenvalues, vectors = np.linalg.eigh(scaled)
    return vectors * np.sqrt(np.maximum(eigenvalues, 0.0))


def _moved(factors: Sequence[Floats], values: Floats, step: Floats) -> tuple[list[Floats], Floats]:
    place = 0
    moved: list[Floats] = []
    for v in factors:
        moved.append(v + step[place : place + v.size].reshape(v.shape))
        place += v.size
    return moved, values + step[place:]


def _product(factor: Floats, sizes: Sequence[Fraction]) -> Matrix:
    """Return ``V V'`` exactly, in the question's units."""
    rows = [[Fraction(float(a)) * size for a in row] for row, size in zip(factor, sizes, strict=True)]
    return tuple(tuple(sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) for v in rows) for u in rows)
