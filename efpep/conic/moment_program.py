"""Programs in moments: Gram matrices and values of a relation that satisfy what is asked of them by the largest margin.

    maximise  t   subject to   Z >= t I,   phi >= t,   forms(Z, phi) >= t  or  = 0,   matrices of forms >= t I,   tr Z <= 1.

There may be several copies of the moments, such as the controls of polynomials, and forms of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.conic.family import Triangle
from efpep.conic.program import Affine, Cones, Program
from efpep.conic.triangle import diagonal, entry, length, symmetric
from efpep.conic.units import Units
from efpep.model.exact import solve
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.system import Relation
from efpep.proof.moments import Numbers

ROOM = 0
"""The variable t is the first, then come for each copy the triangles of Z by block, then phi."""


class MomentProgram:
    """What is asked of the moments of a relation while it is collected, and the way back from a solution.

    Attributes:
        zero: the linear forms in the variables that vanish.
        positive: those that are at least t.
        semidefinite: matrices of them that are at least ``t I``.
    """

    def __init__(self, relation: Relation, units: Units, copies: int = 1) -> None:
        """Number the variables of so many copies."""
        self.zero: list[Affine] = []
        self.positive: list[Affine] = []
        self.semidefinite: list[Triangle] = []
        self._sizes = [[units.columns[block.index][j] for j in block.columns] for block in relation.blocks]
        self._value_sizes = [units.of_value(k) for k in relation.values]
        self._local: dict[int, tuple[int, dict[int, int]]] = {}
        width = 0
        for block in relation.blocks:
            self._local[block.index] = width, {j: i for i, j in enumerate(block.columns)}
            width += length(len(block.columns))
        self._values = {k: width + i for i, k in enumerate(relation.values)}
        width += len(relation.values)
        self._starts = [1 + copy * width for copy in range(copies)]
        self.count = 1 + copies * width

    def value(self, form: Form, copy: int = 0) -> dict[int, Scalar]:
        """Return a form, in scaled units, as a linear form in the variables of a copy."""
        first = self._starts[copy]
        found: dict[int, Scalar] = {first + self._values[k]: a for k, a in form.values.items()}
        for b, entries in form.blocks.items():
            if b in self._local:
                offset, local = self._local[b]
                found |= {first + offset + entry(local[i], local[j]): a if i == j else 2 * a for (i, j), a in entries.items()}
        return found

    def program(self) -> Program:
        """Return the program of the largest margin."""
        positive = [{**row, ROOM: Fraction(-1)} for row in self.positive]
        trace: Affine = {}
        own: list[Triangle] = []
        for first in self._starts:
            positive += [{first + v: Fraction(1), ROOM: Fraction(-1)} for v in self._values.values()]
            for sizes, (offset, _) in zip(self._sizes, self._local.values(), strict=True):
                own.append(([{first + offset + v: Fraction(1)} for v in range(length(len(sizes)))], len(sizes)))
                trace |= {first + offset + diagonal(j): Fraction(-1) for j in range(len(sizes))}
        rows = [*self.zero, *positive, trace]
        for triangle, order in (*own, *self.semidefinite):
            ends = {diagonal(j) for j in range(order)}
            rows += [{**row, ROOM: Fraction(-1)} if v in ends else row for v, row in enumerate(triangle)]
        cones = Cones(len(self.zero), len(positive) + 1, tuple(order for _, order in (*own, *self.semidefinite)))
        bound = {len(self.zero) + len(positive): Fraction(1)}
        return Program({ROOM: Fraction(1)}, bound, cones, self.count, rows)

    def moments(self, primal: Sequence[Fraction]) -> list[Numbers]:
        """Return the copies of Gram matrices and values in the relation's units, by the least change onto the equalities."""
        numbers = self._on_equalities(primal)
        found: list[Numbers] = []
        for first in self._starts:
            offsets = (first + offset for offset, _ in self._local.values())
            grams = tuple(symmetric(numbers, place, sizes) for place, sizes in zip(offsets, self._sizes, strict=True))
            values = zip(self._values.values(), self._value_sizes, strict=True)
            found.append((grams, tuple(numbers[first + v] * size for v, size in values)))
        return found

    def _on_equalities(self, numbers: Sequence[Fraction]) -> Sequence[Fraction]:
        rows = [row for row in self.zero if row]
        if not rows:
            return numbers
        products = [[sum((a * v.get(j, 0) for j, a in u.items()), Fraction(0)) for v in rows] for u in rows]
        amounts = solve(products, [-sum((a * numbers[j] for j, a in row.items()), Fraction(0)) for row in rows])
        moved = list(numbers)
        for amount, row in zip(amounts, rows, strict=True):
            for j, a in row.items():
                moved[j] += amount * a
        return moved
