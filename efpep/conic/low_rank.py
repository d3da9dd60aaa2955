"""A dense interior-point method for programs whose matrices have low rank.

A primal-dual predictor-corrector method in the direction of Helmberg, Kojima and Monteiro. The matrix of a variable in a
semidefinite block is ``sum_r a_r v_r v_r'`` with a few sparse vectors, so that the Schur complement is assembled from the images
``sum_r a_r (X v_r) (S^-1 v_r)'`` of all matrices. It suits programs with many inequalities on blocks of moderate order, where a
decomposition along sparsity does not help.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse

from efpep.conic.program import Program
from efpep.conic.status import Solution, SolverStatus
from efpep.conic.triangle import length, places

linalg: Any = scipy.linalg
numeric: Any = np
sparse: Any = scipy.sparse
_ITERATIONS = 80
_BACK = 0.95
_START = 4.0
_SMALL = 32
"""The order up to which matrices are small."""
_DENSE = 10_000
"""How many entries a matrix may have that is kept dense, zeros included."""
_AT_ONCE = 2_000_000
"""How many entries of images of matrices are kept at once."""


@dataclass(frozen=True)
class _Rank:
    """The variables whose matrices have one number of dyads: ``A_c = sum_r a_r v_r v_r'``, those of a variable together."""

    variables: Any
    vectors: Any
    weights: Any
    number: int


@dataclass(frozen=True)
class _DyadicBlock:
    """One semidefinite block: ``S = C + sum_c y_c A_c``, with the entries of every ``A_c`` in a row, and its dyads."""

    constant: Any
    entries: Any
    columns: Any
    ranks: list[_Rank]

    def matrix(self, y: Any) -> Any:
        """Return ``sum_c y_c A_c``."""
        return numeric.asarray(self.columns @ y).reshape(self.constant.shape)

    def applied(self, x: Any) -> Any:
        """Return the products of all variables' matrices with ``x``."""
        return numeric.asarray(self.entries @ x.ravel())

    def schur(self, x: Any, inverse: Any) -> Any:
        """Return ``<A_c, X A_d S^-1>`` for all pairs of variables."""
        size, count = len(self.constant), self.entries.shape[0]
        total = numeric.zeros((count, count))
        for rank in self.ranks:
            shape = (-1, rank.number, size)
            left = (numeric.asarray(rank.vectors @ x) * rank.weights).reshape(shape).transpose(0, 2, 1)
            right = numeric.asarray(rank.vectors @ inverse).reshape(shape)
            many = max(_AT_ONCE // size**2, 1)
            for begin in range(0, len(rank.variables), many):
                part = slice(begin, begin + many)
                images = (left[part] @ right[part]).reshape(-1, size**2)
                total[:, rank.variables[part]] = self.entries @ images.T
        return (total + total.T) / 2


class LowRankSolver:
    """The interior-point method of this module; programs with equality cones are not its business."""

    name = "low-rank"

    def solve(self, program: Program, tolerance: float) -> Solution:
        """Propose a solution whose relative gap and residuals are below ``tolerance``, or the best one found."""
        if program.cones.zero or not program.cones.semidefinite:
            return Solution(SolverStatus.FAILED)
        try:
            with numeric.errstate(all="ignore"):
                return _Run(program).solve(tolerance)
        except (numeric.linalg.LinAlgError, linalg.LinAlgError, ValueError, FloatingPointError):
            return Solution(SolverStatus.FAILED)


class _Run:
    def __init__(self, program: Program) -> None:
        self.program = program
        cones = program.cones
        entries: Any = program.entries
        rows, variables, data = entries
        self.cost: Any = program.cost
        flat = rows < cones.nonnegative
        shape = (cones.nonnegative, program.variables)
        self.linear: Any = _kept(sparse.csr_array((data[flat], (rows[flat], variables[flat])), shape=shape))
        self.flat: Any = program.offset[: cones.nonnegative]
        self.blocks = [_block(program, offset, size) for offset, size in zip(cones.offsets(), cones.semidefinite, strict=True)]

    def solve(self, tolerance: float) -> Solution:
        count = self.program.cones.nonnegative + sum(self.program.cones.semidefinite)
        y = numeric.zeros(self.program.variables)
        x_flat: Any = numeric.full(len(self.flat), _START)
        s_flat: Any = numeric.full(len(self.flat), _START)
        xs = [_START * numeric.eye(len(block.constant)) for block in self.blocks]
        ss = [_START * numeric.eye(len(block.constant)) for block in self.blocks]
        best: tuple[float, Any, Any, list[Any]] | None = None
        stalled = 0
        for _ in range(_ITERATIONS):
            applied = self.linear.T @ x_flat
            for block, x in _together(self.blocks, xs):
                applied = applied + block.applied(x)
            primal = self.cost + applied
            dual_flat = self.flat + self.linear @ y - s_flat
            duals = [block.constant + block.matrix(y) - s for block, s in _together(self.blocks, ss)]
            gap = float(x_flat @ s_flat) + sum(float(numeric.sum(x * s)) for x, s in _together(xs, ss))
            mu = gap / count
            value = float(self.cost @ y)
            error = max(
                gap / (1 + abs(value)),
                float(numeric.max(numeric.abs(primal), initial=0.0)) / (1 + float(numeric.max(numeric.abs(self.cost)))),
                float(numeric.max(numeric.abs(dual_flat), initial=0.0)),
                *(float(numeric.max(numeric.abs(d))) for d in duals),
            )
            if best is None or error < best[0]:
                best, stalled = (error, y.copy(), x_flat.copy(), [x.copy() for x in xs]), 0
            else:
                stalled += 1
            if error < tolerance or stalled > 4 or not numeric.isfinite(error):
                break
            try:
                inverses = [_inverse(s) for s in ss]
                schur = self._schur(x_flat, s_flat, xs, inverses)
                factor = linalg.cho_factor(schur, check_finite=False)
                right = primal.copy()
                right += self._folded(x_flat / s_flat * dual_flat, [x @ d @ i for x, d, i in _together(xs, duals, inverses)])
                # predictor
                step = self._step(factor, right, 0.0, (x_flat, s_flat, xs, inverses), (dual_flat, duals), before=None)
                ahead = self._lengths((x_flat, s_flat, xs, ss), step)
                gap_ahead = float((x_flat + ahead[0] * step[1]) @ (s_flat + ahead[1] * step[2]))
                for x, s, dx, ds in _together(xs, ss, step[3], step[4]):
                    gap_ahead += float(numeric.sum((x + ahead[0] * dx) * (s + ahead[1] * ds)))
                centre = min(1.0, max(gap_ahead / gap, 1e-6)) ** 2
                if min(ahead) < 0.5:
                    centre = max(centre, 0.1 if min(ahead) >= 0.2 else 0.4)
                step = self._step(factor, right, centre * mu, (x_flat, s_flat, xs, inverses), (dual_flat, duals), before=step)
                lengths = self._lengths((x_flat, s_flat, xs, ss), step)
            except linalg.LinAlgError:
                break
            p, d = (min(1.0, _BACK * a) for a in lengths)
            if max(p, d) < 1e-7:
                break
            y = y + d * step[0]
            x_flat, s_flat = x_flat + p * step[1], s_flat + d * step[2]
            xs = [x + p * dx for x, dx in _together(xs, step[3])]
            ss = [s + d * ds for s, ds in _together(ss, step[4])]
        if best is None:
            return Solution(SolverStatus.FAILED)
        error, y, x_flat, xs = best
        return Solution(SolverStatus.SOLVED if error < tolerance else SolverStatus.INACCURATE, y, self._stacked(x_flat, xs))

    # --- internals ---------------------------------------------------------------------------------------------------

    def _schur(self, x: Any, s: Any, xs: list[Any], inverses: list[Any]) -> Any:
        if isinstance(self.linear, numeric.ndarray):
            total = (self.linear.T * (x / s)) @ self.linear
        else:
            total = numeric.asarray((self.linear.T @ sparse.diags_array(x / s) @ self.linear).todense())
        for block, gram, inverse in zip(self.blocks, xs, inverses, strict=True):
            total += block.schur(gram, inverse)
        total[numeric.diag_indices_from(total)] *= 1 + 1e-14
        return total

    def _folded(self, flat: Any, matrices: list[Any]) -> Any:
        total = self.linear.T @ flat
        for block, matrix in zip(self.blocks, matrices, strict=True):
            total = total + block.applied((matrix + matrix.T) / 2)
        return -total

    def _step(self, factor: Any, right: Any, target: float, point: Any, duals: Any, *, before: Any) -> Any:
        """Return ``(dy, dx, ds, dX, dS)`` towards ``X S = target I``; ``before`` is the predictor's step."""
        x_flat: Any = point[0]
        s_flat: Any = point[1]
        xs: Any = point[2]
        inverses: Any = point[3]
        dual_flat: Any = duals[0]
        dual_blocks: Any = duals[1]
        flat = target / s_flat - x_flat
        matrices = [target * i - x for x, i in zip(xs, inverses, strict=True)]
        if before is not None:
            flat = flat - before[1] * before[2] / s_flat
            matrices = [m - dx @ ds @ i for m, dx, ds, i in zip(matrices, before[3], before[4], inverses, strict=True)]
        dy = linalg.cho_solve(factor, right - self._folded(flat, matrices), check_finite=False)
        ds_flat = dual_flat + self.linear @ dy
        dx_flat = flat - x_flat / s_flat * ds_flat
        ds_blocks = [d + block.matrix(dy) for d, block in zip(dual_blocks, self.blocks, strict=True)]
        dx_blocks: list[Any] = []
        for x, m, ds, i in zip(xs, matrices, ds_blocks, inverses, strict=True):
            dx = m - x @ ds @ i
            dx_blocks.append((dx + dx.T) / 2)
        return dy, dx_flat, ds_flat, dx_blocks, ds_blocks

    @staticmethod
    def _lengths(point: Any, step: Any) -> tuple[float, float]:
        x_flat: Any = point[0]
        s_flat: Any = point[1]
        xs: Any = point[2]
        ss: Any = point[3]
        dx_flat: Any = step[1]
        ds_flat: Any = step[2]
        dxs: Any = step[3]
        dss: Any = step[4]
        found: list[float] = []
        for flat, change, matrices, changes in ((x_flat, dx_flat, xs, dxs), (s_flat, ds_flat, ss, dss)):
            worst = float(numeric.max(-change / flat, initial=0.0))
            for matrix, delta in zip(matrices, changes, strict=True):
                worst = max(worst, -_least_against(delta, matrix))
            found.append(1.0 / worst if worst > 1e-12 else 1e12)
        return found[0], found[1]

    def _stacked(self, flat: Any, xs: list[Any]) -> Any:
        pieces = [flat]
        for x in xs:
            columns, rows = numeric.tril_indices(len(x))  # the upper triangle by columns
            pieces.append(x[rows, columns])
        return numeric.concatenate(pieces)


def _together(*lists: Any) -> Any:
    return zip(*lists, strict=True)


def _inverse(matrix: Any) -> Any:
    lower = linalg.cholesky(matrix, lower=True, check_finite=False)
    found = linalg.cho_solve((lower, True), numeric.eye(len(matrix)), check_finite=False)
    return (found + found.T) / 2


def _least_against(matrix: Any, metric: Any) -> float:
    """Return the least eigenvalue of ``L^-1 A L^-T`` with ``L L'`` the metric."""
    if len(metric) <= _SMALL:  # the calls themselves cost most
        inverse = numeric.linalg.inv(numeric.linalg.cholesky(metric))
        return float(numeric.linalg.eigvalsh(inverse @ matrix @ inverse.T)[0])
    lower = linalg.cholesky(metric, lower=True, check_finite=False)
    half = linalg.solve_triangular(lower, matrix, lower=True, check_finite=False)
    full = linalg.solve_triangular(lower, half.T, lower=True, check_finite=False)
    return float(linalg.eigvalsh(full, subset_by_index=[0, 0], check_finite=False)[0])


def _block(program: Program, offset: int, size: int) -> _DyadicBlock:
    """Collect a block's matrices, and write them as sums of dyads."""
    given: Any = program.entries
    rows, variables, data = given
    inside = (rows >= offset) & (rows < offset + length(size))
    place, owner, numbers = rows[inside] - offset, variables[inside], data[inside]
    j = ((numeric.sqrt(8 * place + 1) - 1) // 2).astype(numeric.intp)
    i = place - j * (j + 1) // 2
    constant = numeric.zeros((size, size))
    upper = numeric.triu_indices(size)
    constant[upper] = program.offset[offset + places(*upper)]
    constant = constant + numeric.triu(constant, 1).T
    twice = i != j
    owners, lines, columns = (numeric.r_[a, b[twice]] for a, b in ((owner, owner), (i, j), (j, i)))
    entries = sparse.csr_array(
        (numeric.r_[numbers, numbers[twice]], (owners, lines * size + columns)), shape=(program.variables, size**2)
    )
    return _DyadicBlock(constant, _kept(entries), _kept(entries.T.tocsr()), _ranks(entries, size))


def _ranks(entries: Any, size: int) -> list[_Rank]:
    """Return the matrices in the rows of ``entries`` as sums of dyads, by their number."""
    owners, where = entries.nonzero()
    keys = numeric.unique(numeric.r_[owners, owners] * size + numeric.r_[where // size, where % size])  # what each occupies
    occupied = numeric.bincount(keys // size, minlength=entries.shape[0])
    begins = numeric.cumsum(occupied) - occupied
    found: list[_Rank] = []
    for support in numeric.unique(occupied[occupied > 0]):
        mine = numeric.flatnonzero(occupied == support)
        columns = keys[begins[mine][:, None] + numeric.arange(support)] % size
        inner = columns[:, :, None] * size + columns[:, None, :]
        local = numeric.asarray(entries[mine[:, None], inner.reshape(len(mine), -1)].todense()).reshape(inner.shape)
        eigenvalues, eigenvectors = numeric.linalg.eigh(local)
        kept = numeric.abs(eigenvalues) > 1e-15 * numeric.max(numeric.abs(eigenvalues), axis=1, keepdims=True)
        for number in numeric.unique(kept.sum(axis=1)):
            these = numeric.flatnonzero(kept.sum(axis=1) == number)
            weights = eigenvalues[these][kept[these]]
            vectors = eigenvectors[these].transpose(0, 2, 1)[kept[these]]
            places_of = numeric.repeat(columns[these], number, axis=0)
            lines = numeric.repeat(numeric.arange(len(vectors)), support)
            matrix = sparse.csr_array((vectors.ravel(), (lines, places_of.ravel())), shape=(len(vectors), size))
            found.append(_Rank(mine[these], _kept(matrix), weights[:, None], int(number)))
    return found


def _kept(matrix: Any) -> Any:
    """Return a sparse matrix as it is, or dense where it is small."""
    return matrix.toarray() if matrix.shape[0] * matrix.shape[1] <= _DENSE else matrix
