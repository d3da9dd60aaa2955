"""SCS, a first-order solver: low accuracy, useful for cross-checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import scs
from scipy import sparse

from efpep.conic.program import Cones, Indices, Program
from efpep.conic.status import Solution, SolverStatus
from efpep.conic.triangle import place

_scs: Any = scs


class ScsSolver:
    """The operator-splitting solver SCS (MIT)."""

    name = "scs"

    def solve(self, program: Program, tolerance: float) -> Solution:
        """Solve to ``tolerance``, with at most 20,000 iterations."""
        cones = program.cones
        order = _lower_triangles(cones)
        rows, columns, data = program.entries
        scale = np.where(cones.off_diagonal(), np.sqrt(2.0), 1.0)
        shape = (cones.rows, program.variables)
        matrix: Any = sparse.csc_matrix((-data * scale[rows], (rows, columns)), shape=shape)
        given = {"A": matrix[order].tocsc(), "b": (program.offset * scale)[order], "c": -program.cost}
        cone = {"z": cones.zero, "l": cones.nonnegative, "s": list(cones.semidefinite)}
        answer = _scs.SCS(
            given, cone, eps_abs=max(tolerance, 1e-10), eps_rel=max(tolerance, 1e-10), max_iters=20_000, verbose=False
        ).solve()
        dual = np.empty(cones.rows)
        dual[order] = answer["y"]
        code = int(answer["info"]["status_val"])
        if code in {-2, -7, -1, -6}:
            return Solution(SolverStatus.INFEASIBLE, np.array(answer["x"]), dual / scale)
        status = SolverStatus.SOLVED if code == 1 else SolverStatus.INACCURATE if code == 2 else SolverStatus.FAILED
        return Solution(status, np.array(answer["x"]), dual / scale)


def _lower_triangles(cones: Cones) -> Indices:
    """Return where SCS's rows (lower triangles by column) stand among ours (upper triangles by column)."""
    order = list(range(cones.zero + cones.nonnegative))
    for offset, k in zip(cones.offsets(), cones.semidefinite, strict=True):
        order += [offset + place(j, i) for j in range(k) for i in range(j, k)]
    return np.array(order, dtype=np.intp)
