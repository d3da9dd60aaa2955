"""Clarabel, called directly."""

from __future__ import annotations

import functools
from typing import Any

import clarabel
import numpy as np
from scipy import sparse

from efpep.conic.program import Program
from efpep.conic.status import Solution, SolverStatus

_STATUS = {
    "Solved": SolverStatus.SOLVED,
    "AlmostSolved": SolverStatus.INACCURATE,
    "MaxIterations": SolverStatus.INACCURATE,
    "MaxTime": SolverStatus.INACCURATE,
    "InsufficientProgress": SolverStatus.INACCURATE,
    "NumericalError": SolverStatus.INACCURATE,
    "PrimalInfeasible": SolverStatus.INFEASIBLE,
    "DualInfeasible": SolverStatus.INFEASIBLE,
    "AlmostPrimalInfeasible": SolverStatus.INFEASIBLE,
    "AlmostDualInfeasible": SolverStatus.INFEASIBLE,
}
_clarabel: Any = clarabel


class ClarabelSolver:
    """The interior-point solver Clarabel (Apache 2.0), the default.

    Attributes:
        chordal: whether large sparse blocks are decomposed along a chordal extension of their pattern.
    """

    name = "clarabel"

    def __init__(self, *, chordal: bool = False) -> None:
        """Choose whether blocks are decomposed."""
        self.chordal = chordal

    def solve(self, program: Program, tolerance: float) -> Solution:
        """Solve with all of Clarabel's tolerances set to ``tolerance``."""
        cones, pattern = program.cones, program.pattern
        data = program.entries[2][pattern.order] * -pattern.scale
        shape = (cones.rows, program.variables)
        matrix: Any = sparse.csc_matrix((data, pattern.rows, pattern.starts), shape=shape)
        listed = [_clarabel.ZeroConeT(cones.zero)] if cones.zero else []
        listed += [_clarabel.NonnegativeConeT(cones.nonnegative)] if cones.nonnegative else []
        listed += [_clarabel.PSDTriangleConeT(k) for k in cones.semidefinite]
        quadratic: Any = sparse.csc_matrix((program.variables, program.variables))
        offset = program.offset * pattern.row_scale
        solver = _clarabel.DefaultSolver(quadratic, -program.cost, matrix, offset, listed, _settings(tolerance, self.chordal))
        try:
            answer = solver.solve()
        except BaseException as error:  # a panic of the solver's own code, which is no Exception
            if type(error).__name__ != "PanicException":
                raise
            return Solution(SolverStatus.FAILED)
        status = _STATUS.get(str(answer.status), SolverStatus.FAILED)
        return Solution(status, np.array(answer.x), np.array(answer.z) / pattern.row_scale)


@functools.cache
def _settings(tolerance: float, chordal: bool) -> Any:
    settings = _clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.presolve_enable = False
    settings.chordal_decomposition_enable = chordal
    settings.chordal_decomposition_merge_method = "none"  # merging by the clique graph does not end for some patterns
    for name in ("tol_gap_abs", "tol_gap_rel", "tol_feas", "tol_infeas_abs", "tol_infeas_rel"):
        setattr(settings, name, tolerance)
    settings.tol_ktratio = min(1e-6, tolerance)
    return settings
