"""Any conic solver that cvxpy finds installed: CLARABEL, SCS, MOSEK, SDPA, ..."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from scipy import sparse

from efpep.conic.program import Program
from efpep.conic.status import Floats, Solution, SolverStatus
from efpep.conic.triangle import length, place
from efpep.errors import InputError


class CvxpySolver:
    """A solver behind cvxpy; cvxpy is imported when this is created."""

    def __init__(self, solver: str) -> None:
        """Take cvxpy's name of the solver.

        Raises:
            InputError: cvxpy does not find it installed.
        """
        import cvxpy

        self._cvxpy: Any = cvxpy
        self._solver = solver.upper()
        self.name = f"cvxpy:{self._solver}"
        installed: list[str] = self._cvxpy.installed_solvers()
        if self._solver not in installed:
            raise InputError(
                f"cvxpy finds no solver {self._solver!r} installed; install it or choose one of {', '.join(installed)}.",
                argument="solver",
            )

    def solve(self, program: Program, tolerance: float) -> Solution:
        """Solve with the solver's own default tolerances (cvxpy has no common option for them)."""
        del tolerance
        cvxpy = self._cvxpy
        cones = program.cones
        rows, columns, data = program.entries
        matrix: Any = sparse.csr_matrix((data, (rows, columns)), shape=(cones.rows, program.variables))
        y = cvxpy.Variable(program.variables)
        image = matrix @ y + program.offset
        free, sign = cones.zero, cones.zero + cones.nonnegative
        constraints: list[Any] = [image[:free] == 0] if free else []
        constraints += [image[free:sign] >= 0] if cones.nonnegative else []
        for offset, k in zip(cones.offsets(), cones.semidefinite, strict=True):
            unfolded = sparse.csr_matrix(_placement(k))
            block = cvxpy.reshape(unfolded @ image[offset : offset + length(k)], (k, k), order="F")
            constraints.append(block >> 0)
        problem = cvxpy.Problem(cvxpy.Maximize(program.cost @ y), constraints)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                problem.solve(solver=self._solver)
        except cvxpy.SolverError:
            return Solution(SolverStatus.FAILED)
        if y.value is None or any(constraint.dual_value is None for constraint in constraints):
            return Solution(SolverStatus.INFEASIBLE if "infeasible" in problem.status else SolverStatus.FAILED)
        pieces: list[Floats] = []
        for constraint in constraints:
            dual = np.atleast_1d(np.asarray(constraint.dual_value, dtype=np.float64))
            if dual.ndim == 2:
                k = len(dual)
                dual = np.array([(dual[i, j] + dual[j, i]) / 2 for j in range(k) for i in range(j + 1)])
            pieces.append(dual)
        if free:
            pieces[0] = -pieces[0]
        status = {"optimal": SolverStatus.SOLVED, "optimal_inaccurate": SolverStatus.INACCURATE}.get(
            problem.status, SolverStatus.FAILED
        )
        return Solution(status, np.asarray(y.value), np.concatenate(pieces))


def _placement(k: int) -> Floats:
    """Return the matrix from an upper triangle by columns to all entries by columns."""
    moved = np.zeros((k * k, length(k)))
    for j in range(k):
        for i in range(j + 1):
            moved[j * k + i, place(i, j)] = 1.0
            moved[i * k + j, place(i, j)] = 1.0
    return moved
