"""PEPit models with every agent written out."""

import contextlib
import io
import warnings

from PEPit import PEP, Expression, Point
from PEPit.functions import SmoothStronglyConvexFunction


def solved(problem):
    """PEPit's value of a problem."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        tight = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
        return float(problem.solve(wrapper="cvxpy", verbose=0, solver="CLARABEL", **tight))


def agents(n, zeta):
    """A PEPit model with n explicit agents, the minimiser at 0 and a start at most 1 away: model, functions, start."""
    problem = PEP()
    functions = [problem.declare_function(SmoothStronglyConvexFunction, mu=0.1, L=1.0) for _ in range(n)]
    origin = Point(is_leaf=False, decomposition_dict={})
    rest = [Point() for _ in range(n - 1)]
    rest.append(-1 * sum(rest[1:], rest[0]) if rest else origin)
    for f, g in zip(functions, rest, strict=True):
        f.add_point((origin, g, Expression(is_leaf=False, decomposition_dict={})))
    x = problem.set_initial_point()
    problem.set_initial_condition(x**2 <= 1)
    if n > 1:
        problem.add_constraint((1 / n) * sum([g**2 for g in rest[1:]], rest[0] ** 2) <= zeta**2)
    return problem, functions, x
