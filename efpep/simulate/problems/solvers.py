"""The scipy solvers that minimisers come from, behind plain types."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg
import scipy.optimize

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LINEAR: Any = scipy.linalg
_OPTIMIZE: Any = scipy.optimize
_POLISH = 3


def least_squares(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the x of least ``||a x - b||``."""
    return np.asarray(_LINEAR.lstsq(a, b)[0], dtype=np.float64)


def smooth_minimum(
    value: Callable[[NDArray[np.float64]], float],
    gradient: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    hessian: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the minimiser of a strongly convex function, by a trust region with exact Hessians.

    Function values in doubles end its descent early, so a few steps of Newton's method on the gradient follow.
    """
    found = _OPTIMIZE.minimize(value, start, jac=gradient, hess=hessian, method="trust-exact", options={"gtol": 1e-9})
    x = np.asarray(found.x, dtype=np.float64)
    for _ in range(_POLISH):
        x = x - np.linalg.solve(hessian(x), gradient(x))
    return x


def root(function: Callable[[float], float], least: float, most: float) -> float:
    """Return a root between two numbers at which the function has different signs (Brent's method)."""
    return float(_OPTIMIZE.brentq(function, least, most, xtol=1e-9))


def linear_minimum(
    cost: NDArray[np.float64],
    matrix: NDArray[np.float64],
    limits: NDArray[np.float64],
    bounds: list[tuple[int | None, int | None]],
) -> NDArray[np.float64] | None:
    """Return a minimiser of ``<cost, x>`` subject to ``matrix x <= limits`` and bounds (HiGHS), or None where none is found."""
    found = _OPTIMIZE.linprog(cost, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs").x
    return None if found is None else np.asarray(found, dtype=np.float64)
