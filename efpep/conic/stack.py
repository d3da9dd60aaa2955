"""The stacked rows of a program: every entry of the relations' linear matrix inequalities, with its coefficients by variable.

In order: what vanishes (the normalisation of the unknowns, and equations that stand for columns without a diagonal), the values
of all relations and the signs of variables (signs first where there is no head), the
upper triangles of all blocks, and those of semidefinite unknowns.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.places import Scaled
from efpep.conic.program import Affine, Cones, Indices
from efpep.conic.triangle import diagonal, length, place
from efpep.conic.unbounded_columns import Place, equations, unbounded_columns, with_free_diagonal
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.system import Matrix

if TYPE_CHECKING:
    from efpep.conic.lmi import Lmi
    from efpep.conic.status import Floats

StackedRow = tuple[int, Scaled]
"""The variable that is the multiplier of a row, and the row in scaled units."""
CONSTANT = -1
"""What stands for a variable where there is none."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """A variable (or the constant), what it multiplies in a relation at q = 0 in scaled units, and how that grows with theta."""

    variable: int
    constant: Form
    slope: Form


class Stack:
    """Where everything stands, and the numbers.

    Attributes:
        cones: the cones of the rows.
        constants: the constants by row.
        triples: the nonzeros as arrays ``(row, variable, coefficient)``, at q = 0.
        slopes: the coefficients of q in the same order.
        margined: the rows that a margin on the relations moves.
        first_value: for each relation, the row of its first value.
        differences: for each relation whose function values occur by their differences alone, the rows of all but the last.
        kept: for each relation and block, the columns that no equation stands for.
        vanishing: the entries that equations stand for, by relation.
        normalised_by: the relations whose traces normalise the unknowns.
    """

    def __init__(self, lmi: Lmi, contributions: Sequence[Sequence[Contribution]], *, normalised: bool = False) -> None:
        """Number the rows and collect the coefficients; ``contributions`` are those of unknowns and constants, by relation."""
        self._lmi = lmi
        self._contributions = contributions
        self._normalised = normalised
        self.normalised_by: set[int] = set(range(1, len(lmi.system.relations))) if normalised and lmi.system.free else set()
        self.kept: list[tuple[tuple[int, ...], ...]] = []
        self.vanishing: list[list[Place]] = []
        for i, relation in enumerate(lmi.system.relations):
            unbounded: dict[int, tuple[int, ...]] = {}
            forms: list[Form] = []
            if lmi.reduce and i == 0:
                forms = [form for c in contributions[i] for form in (c.constant, c.slope)] + [row.form for row in relation.rows]
                unbounded = unbounded_columns({block.index: block.columns for block in relation.blocks}, forms)
            kept = (tuple(j for j in block.columns if j not in unbounded.get(block.index, ())) for block in relation.blocks)
            self.kept.append(tuple(kept))
            self.vanishing.append(equations(unbounded, forms))
        self._number()
        self.constants: dict[int, Scalar] = {}
        self.triples, self.slopes = self._collected()

    def _number(self) -> None:
        lmi = self._lmi
        zero = count = int(self._normalised) + sum(map(len, self.vanishing))
        equal = [range(0)] * len(lmi.places)
        for i, (relation, places) in enumerate(zip(lmi.system.relations, lmi.places, strict=True)):
            if relation.differences:
                equal[i] = range(zero, zero + len(relation.differing(places.values)) - 1)  # the last follows from the others
                zero = count = equal[i].stop
        self.differences = equal
        lengths = [
            len(p.values) - len(relation.differing(p.values))
            for relation, p in zip(lmi.system.relations, lmi.places, strict=True)
        ]
        values = count if lmi.unity is None else count + len(lmi.signed)
        self._first_sign = count + sum(lengths) if lmi.unity is None else count
        self.first_value = [values + sum(lengths[:i]) for i in range(len(lengths))]
        self.margined = list(range(values, values + sum(lengths)))
        count += sum(lengths) + len(lmi.signed)
        flat = count - zero
        orders: list[int] = []
        self._where: list[list[int]] = []
        equation = int(self._normalised)
        for i, relation in enumerate(lmi.system.relations):
            unequal, differing = itertools.count(self.first_value[i]), set(relation.differing(lmi.places[i].values))
            vanish = iter([*equal[i], -1])
            where = [next(vanish if k in differing else unequal) for k in lmi.places[i].values]
            stands = {key: equation + n for n, key in enumerate(self.vanishing[i])}
            equation += len(stands)
            for block, kept in zip(relation.blocks, self.kept[i], strict=True):
                where += _rows(block.index, block.columns, kept, stands, count)
                orders += [len(kept)] if kept else []
                self.margined += [count + diagonal(j) for j in range(len(kept))]
                count += length(len(kept))
            self._where.append(where)
        self._first_matrix = count
        orders += [order for _, order in lmi.family.semidefinite if order]
        self.cones = Cones(zero, flat, tuple(orders))

    def _collected(self) -> tuple[tuple[Indices, Indices, Floats], Floats]:
        lines: list[int] = []
        variables: list[int] = []
        data: list[float] = []
        grown: dict[int, float] = {}
        for i, where in enumerate(self._where):
            for variable, constant, slope in self._columns(i):
                for k in constant | slope:
                    if variable == CONSTANT:
                        self.constants |= {where[k]: constant[k]} if where[k] >= 0 else {}
                        continue
                    if k in slope:
                        grown[len(lines)] = float(slope[k])
                    lines.append(where[k])
                    variables.append(variable)
                    data.append(float(constant.get(k, 0)))
            for variable, scaled in self._lmi.rows[i]:
                lines += [where[k] for k in scaled.places]
                variables += [variable] * len(scaled.places)
                data += scaled.numbers
        signed = self._lmi.signed
        lines += range(self._first_sign, self._first_sign + len(signed))
        variables += signed
        data += [1.0] * len(signed)
        for line, affine in self._others():
            lines += [line] * len(affine)
            variables += affine
            data += map(float, affine.values())
        slopes = np.zeros(len(lines))
        slopes[list(grown)] = list(grown.values())
        arrays = np.array(lines, dtype=np.intp), np.array(variables, dtype=np.intp), np.array(data, dtype=np.float64)
        order = np.argsort(arrays[0], kind="stable")
        order = order[arrays[0][order] >= 0]
        return (arrays[0][order], arrays[1][order], arrays[2][order]), slopes[order]

    @cached_property
    def exact(self) -> tuple[list[dict[int, Scalar]], list[dict[int, Scalar]]]:
        """The coefficients of each row by variable, exactly: at q = 0, with zeros where other q have some, and of q."""
        rows: list[dict[int, Scalar]] = [{} for _ in range(self.cones.rows)]
        slopes: list[dict[int, Scalar]] = [{} for _ in range(self.cones.rows)]
        for i, where in enumerate(self._where):
            for variable, constant, slope in (*self._columns(i), *self._exact_rows(i)):
                for k in constant | slope:
                    if where[k] >= 0 and variable != CONSTANT:
                        rows[where[k]][variable] = constant.get(k, Fraction(0))
                        if k in slope:
                            slopes[where[k]][variable] = slope[k]
        for line, v in enumerate(self._lmi.signed, start=self._first_sign):
            rows[line][v] = Fraction(1)
        for line, affine in self._others():
            rows[line] |= affine
        return rows, slopes

    @cached_property
    def margins(self) -> dict[int, Fraction]:
        """The sum of what each variable adds to the rows that a margin on the relations moves."""
        lines, variables, data = self.triples
        moved = np.isin(lines, self.margined)
        sums = np.bincount(variables[moved], data[moved])
        return {v: Fraction(float(a)) for v, a in enumerate(sums) if a != 0}

    def _columns(self, i: int) -> Iterator[tuple[int, dict[int, Scalar], dict[int, Scalar]]]:
        """Yield what contributes to relation i but its rows: the variable, its coefficients by place, and those of q."""
        places = self._lmi.places[i]
        for c in self._contributions[i]:
            yield c.variable, places.entries(c.constant), places.entries(c.slope)

    def _exact_rows(self, i: int) -> Iterator[tuple[int, dict[int, Scalar], dict[int, Scalar]]]:
        """Yield the rows of relation i likewise."""
        for (variable, _), form in zip(self._lmi.rows[i], self._lmi.scaled_rows(i), strict=True):
            yield variable, self._lmi.places[i].entries(form), {}

    def _others(self) -> Iterator[tuple[int, Affine]]:
        """Yield the normalisation and the rows of semidefinite unknowns."""
        if self._normalised:
            yield 0, self._trace()
        line = self._first_matrix
        for triangle, _ in self._lmi.family.semidefinite:
            yield from enumerate(triangle, start=line)
            line += len(triangle)

    def _trace(self) -> dict[int, Scalar]:
        """Return minus the linear form that normalises the unknowns: their trace, or that of what shows them nonnegative."""
        family, lmi = self._lmi.family, self._lmi
        if not self.normalised_by:
            return {v: -a for v, a in (family.trace or dict.fromkeys(lmi.signed, Fraction(1))).items()}
        total: dict[int, Scalar] = dict.fromkeys(family.signed, Fraction(-1))
        signed = set(lmi.signed)
        for i in self.normalised_by:
            ends = set(self.margined) & set(self._where[i])
            for v, entries, _ in (*self._columns(i), *self._exact_rows(i)):
                total[v] = total.get(v, Fraction(0)) - sum(a for k, a in entries.items() if self._where[i][k] in ends)
            for v in {v for v, _ in lmi.rows[i]} & signed:
                total[v] = total.get(v, Fraction(0)) - 1
        return total

    def whole(
        self, index: int, columns: Sequence[int], kept: Sequence[int], inner: Matrix, dual: Sequence[Fraction]
    ) -> Sequence[Sequence[Fraction]]:
        """Return the Gram matrix of a block of the first relation, with the columns that equations stand for."""
        local = {j: u for u, j in enumerate(columns)}
        products = [[Fraction(0)] * len(local) for _ in local]
        for number, (b, u, v) in enumerate(self.vanishing[0], start=int(self._normalised)):
            if b == index:
                products[local[u]][local[v]] = products[local[v]][local[u]] = dual[number] / 2
        return with_free_diagonal([local[j] for j in kept], inner, tuple(tuple(row) for row in products))


def _rows(index: int, columns: Sequence[int], kept: Sequence[int], stands: dict[Place, int], first: int) -> Sequence[int]:
    """Return the rows of a block's triangle, from ``first`` on; -1 for entries whose vanishing follows from the equations'."""
    if len(kept) == len(columns):
        return range(first, first + length(len(kept)))
    local = {j: u for u, j in enumerate(kept)}
    return [
        first + place(local[i], local[j]) if i in local and j in local else stands.get((index, i, j), -1)
        for n, j in enumerate(columns)
        for i in columns[: n + 1]
    ]
