"""Problems whose arrays live where a run wants them: in single precision, in another array library, on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from efpep.compressors.arrays import Arrays
    from efpep.simulate.problem import Problem

_OF_POINTS = ("gradients", "values", "project", "constraint_values", "constraint_gradients")
"""What problems have that makes arrays of a point."""
_SAMPLES = ("samples", "sample_bounds", "constraint_samples", "constraint_sample_bounds")
_OF_SAMPLES = ("sample_gradients", "sample_constraint_gradients")
_ROWS = 256
"""How many clients' values are computed at a time."""


@runtime_checkable
class Placeable(Protocol):
    """A problem that can compute with the arrays of any library."""

    def on(self, arrays: Arrays) -> Problem:
        """Return the problem whose methods take and return these arrays; what is random in it is the same."""
        ...


def placed(problem: Problem, arrays: Arrays) -> Problem:
    """Return a problem that takes and returns arrays of another kind; one that has no ``on`` goes on computing with NumPy."""
    if arrays.usual:
        return problem
    if isinstance(problem, Placeable):
        return problem.on(arrays)
    whole = cast("Any", problem)

    def at_points(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def converted(x: Any) -> Any:
            return arrays.asarray(function(arrays.host(x)))

        return converted

    def at_samples(function: Callable[[int, Any, Any], Any]) -> Callable[[int, Any, Any], Any]:
        def converted(i: int, x: Any, rows: Any) -> Any:
            return function(i, arrays.host(x), rows)

        return converted

    found = {name: at_points(getattr(whole, name)) for name in _OF_POINTS if hasattr(whole, name)}
    found |= {name: getattr(whole, name) for name in _SAMPLES if hasattr(whole, name)}
    found |= {name: at_samples(getattr(whole, name)) for name in _OF_SAMPLES if hasattr(whole, name)}
    best = getattr(whole, "minimiser", None)
    return cast("Problem", SimpleNamespace(**found, minimiser=None if best is None else arrays.asarray(best)))


class PlacedDiagonal:
    """The functions ``f_i(x) = sum_j h_j (x_j - m_ij)^2 / 2`` on the arrays of any library.

    Attributes:
        arrays: the library.
        minimiser: the minimiser of the average, shape ``(d,)``.
    """

    def __init__(self, arrays: Arrays, curvatures: Any, minimisers: Any, minimiser: Any) -> None:
        """Take the curvatures, shape ``(d,)``, the clients' minimisers, shape ``(n, d)``, and that of the average."""
        self.arrays = arrays
        self._curvatures, self._minimisers = arrays.asarray(curvatures), arrays.asarray(minimisers)
        self.minimiser = arrays.asarray(minimiser)

    def gradients(self, x: Any) -> Any:
        """Return every client's gradient ``h (x - m_i)`` at x, shape ``(n, d)``."""
        return self._curvatures * (x - self._minimisers)

    def client_gradients(self, x: Any, first: int, out: Any) -> None:
        """Write the gradients at x of the clients from ``first`` on, as many as ``out`` has rows; of NumPy's arrays."""
        np.subtract(x, self._minimisers[first : first + len(out)], out=out)
        np.multiply(out, self._curvatures, out=out)

    def values(self, x: Any) -> Any:
        """Return every ``f_i(x)``, shape ``(n,)``."""
        n, xp = self._minimisers.shape[0], self.arrays.xp
        pieces = [self._values(x, self._minimisers[i : min(i + _ROWS, n), :]) for i in range(0, n, _ROWS)]
        return (np.concatenate if self.arrays.numpy else xp.concat)(pieces)

    def _values(self, x: Any, minimisers: Any) -> Any:
        away = x - minimisers
        return self.arrays.xp.sum(self._curvatures * away * away, axis=1) / 2
