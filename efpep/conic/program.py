"""Conic programs in one stacked form, exact and in floating point.

    maximise  c'y   subject to   G y + g  in  {0}^a x R_+^b x S_+^k1 x S_+^k2 x ...

A positive semidefinite block contributes its upper triangle, column by column, one row of ``G`` an entry. Coefficients are
exact; the arrays for solvers are derived from them. A :class:`Pencil` is a family ``G(q) = G0 - q G1`` on one pattern.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from efpep.conic.status import Floats
from efpep.conic.triangle import length, places
from efpep.model.field import Scalar

Affine = Mapping[int, Scalar]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Cones:
    """The cones of the stacked rows: zeros, nonnegatives, then the orders of the semidefinite blocks."""

    zero: int
    nonnegative: int
    semidefinite: tuple[int, ...]

    @property
    def rows(self) -> int:
        """The number of stacked rows."""
        return self.zero + self.nonnegative + sum(length(k) for k in self.semidefinite)

    def offsets(self) -> list[int]:
        """Return the first row of each semidefinite block."""
        first = self.zero + self.nonnegative
        found: list[int] = []
        for k in self.semidefinite:
            found.append(first)
            first += length(k)
        return found

    def off_diagonal(self) -> NDArray[np.bool_]:
        """Return which stacked rows are off-diagonal entries of semidefinite blocks."""
        flags = [False] * (self.zero + self.nonnegative)
        for k in self.semidefinite:
            flags += [i != j for j in range(k) for i in range(j + 1)]
        return np.array(flags, dtype=bool)

    def matrices(self, stacked: Sequence[Scalar] | Floats) -> list[list[list[Scalar]]]:
        """Return the semidefinite blocks of a stacked vector as symmetric matrices."""
        return [matrix.tolist() for matrix in self.arrays(np.asarray(stacked))]

    def arrays(self, stacked: Floats) -> list[Floats]:
        """Return the semidefinite blocks of a stacked vector as arrays."""
        found: list[Floats] = []
        for offset, k in zip(self.offsets(), self.semidefinite, strict=True):
            i, j = np.indices((k, k))
            found.append(stacked[offset + places(np.minimum(i, j), np.maximum(i, j))])
        return found


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sparsity pattern by columns.

    Attributes:
        order: the permutation from the entries to their order by columns.
        rows: the row of each entry, by columns.
        starts: where each column starts.
        scale: the factor of each entry, sqrt 2 off the diagonals of semidefinite blocks.
        row_scale: that factor by row.
    """

    order: Indices
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    scale: Floats
    row_scale: Floats


@dataclass(frozen=True)
class Program:
    """One conic program.

    Attributes:
        objective: the coefficients ``c`` by variable.
        constants: the stacked constants ``g`` by row; absent ones are zero.
        cones: the cones of the rows.
        variables: the number of variables.
        given: the coefficients of each stacked row by variable.
    """

    objective: Affine
    constants: Affine
    cones: Cones
    variables: int
    given: Sequence[Affine]

    def rows(self) -> Sequence[Affine]:
        """Return the exact coefficients of each stacked row."""
        return self.given

    @cached_property
    def entries(self) -> tuple[Indices, Indices, Floats]:
        """The nonzeros of ``G`` as arrays ``(row, variable, coefficient)``."""
        triples = [(i, j, float(a)) for i, row in enumerate(self.rows()) for j, a in row.items()]
        rows, columns, data = zip(*triples, strict=True)
        return np.array(rows, dtype=np.intp), np.array(columns, dtype=np.intp), np.array(data, dtype=np.float64)

    @cached_property
    def pattern(self) -> Pattern:
        """The sparsity pattern of ``G`` by columns, as solvers take it."""
        rows, columns, _ = self.entries
        return _pattern(rows, columns, self.cones, self.variables)

    @cached_property
    def cost(self) -> Floats:
        """The vector ``c``."""
        return _dense(self.objective, self.variables)

    @cached_property
    def offset(self) -> Floats:
        """The vector ``g``."""
        return _dense(self.constants, self.cones.rows)


@dataclass(frozen=True)
class Assembled(Program):
    """A program whose doubles are there from the beginning; exact rows are formed when they are asked for.

    Attributes:
        triples: the nonzeros.
        exact: returns the rows.
    """

    triples: tuple[Indices, Indices, Floats]
    exact: Callable[[], Sequence[Affine]]

    def rows(self) -> Sequence[Affine]:
        """Return the exact coefficients of each stacked row."""
        return self.exact()

    @cached_property
    def entries(self) -> tuple[Indices, Indices, Floats]:
        """The nonzeros."""
        return self.triples


@dataclass(frozen=True)
class Pencil:
    """The programs ``G0 - q G1`` for a number q.

    Attributes:
        base: the program at q = 0, with every entry that any q has (explicit zeros where needed).
        slope: the rows of ``G1``.
    """

    base: Program
    slope: Sequence[Affine]

    def slopes(self) -> Sequence[Affine]:
        """Return the rows of ``G1``."""
        return self.slope

    @cached_property
    def slope_data(self) -> Floats:
        """The entries of ``G1`` at the pattern of ``base``."""
        pairs = zip(self.base.rows(), self.slope, strict=True)
        return np.array([float(slope.get(j, 0)) for row, slope in pairs for j in row], dtype=np.float64)

    def at(self, q: Fraction) -> Program:
        """Return the program at ``q``; its exact rows are formed only when asked for."""
        base = self.base
        return _Slice(base.objective, base.constants, base.cones, base.variables, (), self, q)

    def derivative(self, q_dual: Floats, primal: Floats) -> float:
        """Return the derivative in q of the optimal value, ``-dual' G1 primal``, from an optimal pair."""
        rows, columns, _ = self.base.entries
        weights = np.where(self.base.cones.off_diagonal(), 2.0, 1.0)
        return -float(np.sum(weights[rows] * q_dual[rows] * self.slope_data * primal[columns]))


@dataclass(frozen=True)
class AssembledPencil(Pencil):
    """A pencil whose doubles are there from the beginning; the rows of ``G1`` are formed when they are asked for.

    Attributes:
        slope_numbers: the entries of ``G1`` at the pattern of ``base``.
        exact: returns the rows of ``G1``.
    """

    slope_numbers: Floats
    exact: Callable[[], Sequence[Affine]]

    def slopes(self) -> Sequence[Affine]:
        """Return the rows of ``G1``."""
        return self.exact()

    @cached_property
    def slope_data(self) -> Floats:
        """The entries of ``G1`` at the pattern of ``base``."""
        return self.slope_numbers


@dataclass(frozen=True)
class _Slice(Program):
    """A pencil at one q."""

    pencil: Pencil
    q: Fraction

    def rows(self) -> Sequence[Affine]:
        pairs = zip(self.pencil.base.rows(), self.pencil.slopes(), strict=True)
        return [{j: a - self.q * slope.get(j, 0) for j, a in row.items()} for row, slope in pairs]

    @cached_property
    def entries(self) -> tuple[Indices, Indices, Floats]:
        rows, columns, data = self.pencil.base.entries
        return rows, columns, data - float(self.q) * self.pencil.slope_data

    @cached_property
    def pattern(self) -> Pattern:
        return self.pencil.base.pattern

    @cached_property
    def cost(self) -> Floats:
        return self.pencil.base.cost

    @cached_property
    def offset(self) -> Floats:
        return self.pencil.base.offset


def _pattern(rows: Indices, columns: Indices, cones: Cones, variables: int) -> Pattern:
    order = np.lexsort((rows, columns))
    scale = np.where(cones.off_diagonal(), math.sqrt(2.0), 1.0)
    starts = np.searchsorted(columns[order], np.arange(variables + 1))
    return Pattern(order, rows[order].astype(np.int64), starts.astype(np.int64), scale[rows[order]], scale)


def _dense(sparse: Affine, length: int) -> Floats:
    vector = np.zeros(length)
    for j, a in sparse.items():
        vector[j] = float(a)
    return vector
