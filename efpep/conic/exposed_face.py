"""The face of a program that known multipliers expose, and its interior.

Multipliers of the stacked rows of a program ``G y + g`` (:mod:`efpep.conic.program`), nonnegative in their cones, whose pairing
with every solution is zero, say where solutions lie: ``S w = 0`` for the range of a multiplier of a semidefinite block, and rows
with a positive multiplier vanish. These equations are solved for first. On them the other rows may have an interior, although the
whole program has none, and one solve in double precision finds a point of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.program import Assembled, Cones, Program
from efpep.conic.solver import Solver, propose
from efpep.conic.triangle import diagonal, length, places

if TYPE_CHECKING:
    from efpep.conic.status import Floats

_RANK = 1e-10
_SMALL = 1e-9
_SHARE = 0.01
"""How much of the margin every row has that the margin does not enter."""


@dataclass(frozen=True)
class Exposed:
    """What multipliers say of solutions.

    Attributes:
        multipliers: those of all stacked rows.
        vectors: what the first semidefinite block maps to zero, as columns.
        vanishing: the nonnegative rows (counted from the first one) that vanish.
    """

    multipliers: Floats
    vectors: Floats
    vanishing: Sequence[int]


def interior(program: Program, head: int, exposed: Exposed, solver: Solver, tolerance: float) -> Floats | None:
    """Return a point of the face with every row that may be positive positive, by the largest margin ``y[head]``; None without.

    The margin does not enter the equations of the face, and is asked for of every other row.
    """
    matrix, cones = _dense(program), program.cones
    offset, order = program.offset, cones.semidefinite[0]
    first, end = cones.zero + cones.nonnegative, cones.zero + cones.nonnegative + length(order)
    u, v = np.indices((order, order))
    block = matrix[first + places(np.minimum(u, v), np.maximum(u, v))]
    basis, _ = np.linalg.qr(exposed.vectors, mode="complete")
    rank = exposed.vectors.shape[1]
    image, rest = np.tensordot(basis[:, :rank], block, (0, 0)).reshape(-1, matrix.shape[1]), basis[:, rank:]
    gone = cones.zero + np.array(exposed.vanishing, dtype=np.intp)
    kept = np.setdiff1d(np.arange(cones.zero, first), gone)
    equations = np.vstack([matrix[: cones.zero], image, matrix[gone]])
    others = [v for v in range(program.variables) if v != head]
    right = -np.concatenate([offset[: cones.zero], np.zeros(len(image)), offset[gone]])
    within = np.einsum("ua,uvn,vb->abn", rest, block, rest)
    size = order - rank
    lower = np.tril_indices(size)
    sides = np.vstack([matrix[kept], within[lower[1], lower[0]], matrix[end:]])
    inner = Cones(0, len(kept), (size, *cones.semidefinite[1:]) if size else cones.semidefinite[1:])
    _share(sides, head, inner)
    solved = _Solved(equations[:, others], right)
    reduced = np.hstack([sides[:, [head]], sides[:, others] @ solved.null])
    constants = np.concatenate([offset[kept], np.zeros(length(size)), offset[end:]]) + sides[:, others] @ solved.point
    found = propose(solver, _program(reduced, constants, inner), tolerance)
    if not found.usable or found.primal is None or not found.primal[0] > 0:
        return None
    return np.insert(solved.mended(solved.point + solved.null @ found.primal[1:]), head, found.primal[0])


class _Solved:
    """Linear equations with a solution of least length and a basis of what may be added."""

    def __init__(self, matrix: Floats, right: Floats) -> None:
        u, sizes, v = np.linalg.svd(matrix)
        rank = int(np.sum(sizes > _RANK * sizes[0]))
        self.null = v[rank:].T
        self._matrix, self._right = matrix, right
        self._inverse = (v[:rank].T / sizes[:rank]) @ u[:, :rank].T
        self.point = self._inverse @ right

    def mended(self, point: Floats) -> Floats:
        """Return the point with what rounding left of the equations taken away."""
        return point + self._inverse @ (self._right - self._matrix @ point)


def pairings(program: Program, multipliers: Floats) -> Floats:
    """Return what every variable is paired with by multipliers of the stacked rows."""
    rows, columns, data = program.entries
    weights = np.where(program.cones.off_diagonal(), 2.0, 1.0)
    return np.asarray(np.bincount(columns, data * (weights * multipliers)[rows], program.variables), dtype=np.float64)


def _dense(program: Program) -> Floats:
    rows, columns, data = program.entries
    matrix = np.zeros((program.cones.rows, program.variables))
    matrix[rows, columns] = data
    return matrix


def _share(sides: Floats, head: int, cones: Cones) -> None:
    """Ask for some of the margin in the rows that it does not enter, on the diagonals of blocks."""
    lines = list(range(cones.nonnegative))
    for offset, order in zip(cones.offsets(), cones.semidefinite, strict=True):
        own = [offset + diagonal(j) for j in range(order)]
        lines += [] if np.any(sides[own, head]) else own
    sides[lines, head] -= _SHARE


def _program(matrix: Floats, constants: Floats, cones: Cones) -> Program:
    """Return the program of the largest first variable."""
    rows, columns = np.nonzero(matrix)
    triples = rows, columns, matrix[rows, columns]
    given: dict[int, float] = {k: float(a) for k, a in enumerate(constants)}
    return Assembled({0: 1}, given, cones, matrix.shape[1], (), triples, lambda: ())
