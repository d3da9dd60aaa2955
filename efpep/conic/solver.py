"""The one interface behind which every solver stands, and their catalogue."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from efpep.conic.program import Program
from efpep.conic.status import Solution, SolverStatus
from efpep.errors import InputError
from efpep.model.field import shown

LOGGER = logging.getLogger("efpep.conic")
"""What solvers were asked and what they said."""


class Solver(Protocol):
    """A solver of conic programs in double precision."""

    name: str

    def solve(self, program: Program, tolerance: float) -> Solution:
        """Propose a solution; never raises for numerical reasons."""
        ...


def _clarabel() -> Solver:
    from efpep.conic.clarabel_solver import ClarabelSolver

    return ClarabelSolver()


def _scs() -> Solver:
    from efpep.conic.scs_solver import ScsSolver

    return ScsSolver()


def _extended() -> Solver:
    from efpep.conic.extended import ExtendedSolver

    return ExtendedSolver()


SOLVERS: dict[str, Callable[[], Solver]] = {"clarabel": _clarabel, "scs": _scs, "extended": _extended}
DEFAULT = "clarabel"
AUTOMATIC = "automatic"
"""The default solver, where nothing quicker than a search is known."""


def find_solver(name: str) -> Solver:
    """Return the solver called ``name``: ``clarabel``, ``scs``, ``extended``, or ``cvxpy:NAME`` for any solver of cvxpy.

    ``automatic`` is the default one.

    Raises:
        InputError: there is no such solver, or cvxpy does not find it installed.
    """
    if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"solver is {shown(name)}, which is not a solver; choose one of {', '.join(SOLVERS)}, or cvxpy:NAME.",
            argument="solver",
        )
    if name.startswith("cvxpy:"):
        from efpep.conic.cvxpy_solver import CvxpySolver

        return CvxpySolver(name.removeprefix("cvxpy:"))
    if name == AUTOMATIC:
        return SOLVERS[DEFAULT]()
    if name not in SOLVERS:
        raise InputError(
            f"{shown(name)} is not a solver; choose one of {', '.join(SOLVERS)}, or cvxpy:NAME such as cvxpy:MOSEK.",
            argument="solver",
        )
    return SOLVERS[name]()


def propose(solver: Solver, program: Program, tolerance: float) -> Solution:
    """Ask a solver, and refuse answers of the wrong kind or shape; every attempt is logged, at the level of debugging."""
    solution: object = solver.solve(program, tolerance)
    status: object = getattr(solution, "status", None)
    said = status.value if isinstance(status, SolverStatus) else "something that is no solution"
    LOGGER.debug("%s at tolerance %g, %d variables: %s", solver.name, tolerance, program.variables, said)
    if not isinstance(solution, Solution):  # pyright: ignore[reportUnnecessaryIsInstance]
        return Solution(SolverStatus.FAILED)
    return solution if solution.fits(program.variables, program.cones.rows) else Solution(SolverStatus.FAILED)
