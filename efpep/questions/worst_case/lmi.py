"""The dual of a finite-horizon question as a conic program in its multipliers.

With a multiplier for each row (nonnegative unless the row is an equality) and ``S = sum_c multiplier_c row_c - objective``,

    minimise  -(coefficient of "1" in S)   subject to   S positive semidefinite in each block, nonnegative in every other value.

Vectors, values, rows and the objective are measured in powers of two that make them about 1. The program asks for
``S - shift I`` instead, which gives points inside the feasible set, and it may credit ``margin`` for every multiplier, so that
the primal solution keeps that distance from every inequality.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.program import Cones, Indices, Program
from efpep.conic.terms import Scaled
from efpep.conic.triangle import diagonal as diagonal_place
from efpep.conic.triangle import entry, length
from efpep.conic.triangle import places as triangle_places
from efpep.questions.worst_case.units import units

if TYPE_CHECKING:
    from efpep.conic.status import Floats
    from efpep.model.form import Form
    from efpep.model.row import Row
    from efpep.questions.worst_case.horizon import Horizon


@dataclass(frozen=True)
class Assembled(Program):
    """A program whose entries are floats from the beginning; exact rows are nobody's business here.

    Attributes:
        triples: the nonzeros as arrays ``(row, variable, coefficient)``.
    """

    triples: tuple[Indices, Indices, Floats]

    @cached_property
    def entries(self) -> tuple[Indices, Indices, Floats]:
        """The nonzeros."""
        return self.triples

    def least(self, variables: Floats, first: int) -> float:
        """Return the least eigenvalue of ``S`` less the shift, or the least value (from the stacked row ``first`` on)."""
        rows, columns, data = self.triples
        total = self.offset + np.bincount(rows, data * variables[columns], minlength=self.cones.rows)
        found = [float(np.min(total[first : self.cones.nonnegative], initial=np.inf))]
        return min([*found, *(float(np.linalg.eigvalsh(matrix)[0]) for matrix in symmetric(total, self.cones))])


class WorstCaseSdp:
    """Assembles programs for one question, and reads their solutions.

    Attributes:
        question: the question.
        values: the value columns that occur, other than ``"1"``.
        sizes: the units of vectors and values.
        target: the objective.
    """

    def __init__(self, question: Horizon) -> None:
        """Number the entries of blocks and the values."""
        self.question = question
        self.values = [k for k in question.occurring_values() if k != question.unity]
        self.sizes = units(question)
        self._place = {k: i for i, k in enumerate(self.values)}
        self._local = [{j: i for i, j in enumerate(block.columns)} for block in question.blocks]
        self._seen: dict[str, Scaled] = {}
        self.target = self._scaled(question.objective, self.sizes.objective)

    def program(self, rows: Sequence[Row], shift: float, margin: float = 0.0) -> Assembled:
        """Return the program with these rows; its variables are multipliers in units of ``objective unit / row unit``."""
        question = self.question
        signed = [c for c, row in enumerate(rows) if not row.equality]
        sizes = tuple(len(block.columns) for block in question.blocks)
        cones = Cones(0, len(signed) + len(self.values), sizes)
        first = len(signed)
        lines, variables, data = list(range(first)), list(signed), [1.0] * first
        objective: dict[int, float] = {}
        for c, row in enumerate(rows):
            scaled = self.scaled(row)
            lines += [first + k for k in scaled.places]
            variables += [c] * len(scaled.places)
            data += scaled.numbers
            objective[c] = scaled.constant + (0.0 if row.equality else margin)
        constants = {first + k: -a for k, a in zip(self.target.places, self.target.numbers, strict=True)}
        diagonal = [first + k for k in range(len(self.values))]
        for offset, size in zip(cones.offsets(), sizes, strict=True):
            diagonal += [offset + diagonal_place(j) for j in range(size)]
        for place in diagonal:
            constants[place] = constants.get(place, 0.0) - shift
        arrays = np.array(lines, dtype=np.intp), np.array(variables, dtype=np.intp), np.array(data)
        return Assembled(objective, constants, cones, len(rows), (), arrays)

    def multipliers(self, rows: Sequence[Row], variables: Floats) -> list[Fraction]:
        """Return the multipliers of the rows as short rationals, negative ones of inequalities clipped to zero."""
        found: list[Fraction] = []
        for row, y in zip(rows, variables, strict=True):
            number = float(y) if row.equality else max(float(y), 0.0)
            unit = Fraction(self.sizes.objective) / Fraction(self.scaled(row).unit)
            found.append(Fraction(round(math.ldexp(number, 66)), 2**66) * unit)
        return found

    def primal(self, program: Program, dual: Floats, rows: Sequence[Row]) -> tuple[list[Floats], Floats]:
        """Return the Gram matrices and the values (in the order of :attr:`values`) of a solution, in the program's units."""
        first = sum(not row.equality for row in rows)
        return symmetric(dual, program.cones), dual[first : first + len(self.values)]

    def scaled(self, row: Row) -> Scaled:
        """Return a row in the units of the program, divided by the power of two next to its largest entry."""
        if row.name not in self._seen:
            self._seen[row.name] = self._scaled(row.form, None)
        return self._seen[row.name]

    def _scaled(self, form: Form, unit: float | None) -> Scaled:
        unity, value = self.question.unity, self.sizes.value
        places: list[int] = []
        numbers: list[float] = []
        best = next(iter(self.question.objective.values), -1) if self.question.asked.at == "best" else -1
        for k, a in form.values.items():
            if k != unity:
                places.append(self._place[k])
                numbers.append(float(a) * (self.sizes.objective if k == best else value))
        offset = len(self.values)
        for block, local, sizes in zip(self.question.blocks, self._local, self.sizes.columns, strict=True):
            for (i, j), a in form.blocks.get(block.index, {}).items():
                u, v = local[i], local[j]
                places.append(offset + entry(u, v))
                numbers.append(float(a) * sizes[u] * sizes[v])
            offset += length(len(sizes))
        if unit is None:
            largest = max((abs(a) for a in numbers), default=1.0)
            unit = 2.0 ** round(math.log2(largest)) if largest > 0 else 1.0
        return Scaled(places, [a / unit for a in numbers], float(form.values.get(unity, 0)) / unit, unit)


def symmetric(stacked: Floats, cones: Cones) -> list[Floats]:
    """Return the semidefinite blocks of a stacked vector as symmetric matrices."""
    found: list[Floats] = []
    for offset, size in zip(cones.offsets(), cones.semidefinite, strict=True):
        matrix = np.zeros((size, size))
        upper = np.triu_indices(size)
        matrix[upper] = stacked[offset + triangle_places(*upper)]
        found.append(np.triu(matrix) + np.triu(matrix, 1).T)
    return found
