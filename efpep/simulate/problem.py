"""What a problem of a numeric run is: the clients' gradients, and whatever else it can do or knows.

Any object with :class:`Problem`'s one method is a problem. What else it offers it has under the names of the other protocols,
each a capability that is asked for with ``isinstance``: constants, values, a minimiser, a start, a constraint, a feasible set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

from efpep.errors import EfpepError, InputError, reason
from efpep.model.field import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


class Problem(Protocol):
    """The clients' functions, as far as a first-order method sees them."""

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's gradient at the point ``x`` of shape ``(d,)``: an array of shape ``(n, d)``."""
        ...


@runtime_checkable
class Valued(Protocol):
    """A problem that knows the clients' values."""

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's value at the point ``x`` of shape ``(d,)``: an array of shape ``(n,)``."""
        ...


@runtime_checkable
class Curved(Protocol):
    """A problem that knows constants of all clients' functions."""

    @property
    def mu(self) -> float | None:
        """The strong convexity; zero or None where there is none."""
        ...

    @property
    def L(self) -> float | None:
        """The smoothness; None where there is none."""
        ...


@runtime_checkable
class Solved(Protocol):
    """A problem that knows its minimiser."""

    @property
    def minimiser(self) -> NDArray[np.float64] | None:
        """The minimiser, shape ``(d,)``; None where it is not known after all."""
        ...


@runtime_checkable
class Started(Protocol):
    """A problem that names where runs begin."""

    @property
    def start(self) -> ArrayLike | None:
        """The starting point, shape ``(d,)``, or None."""
        ...


@runtime_checkable
class Dimensioned(Protocol):
    """A problem that names its dimension."""

    @property
    def dimension(self) -> int:
        """The dimension d."""
        ...


@runtime_checkable
class DescribedProblem(Protocol):
    """A problem with a name for descriptions."""

    @property
    def description(self) -> str:
        """The name."""
        ...


@runtime_checkable
class Divisible(Protocol):
    """A problem that has the problem of every client alone."""

    def part(self, i: int) -> Problem:
        """Return the problem of client i; its arrays have one row."""
        ...


@runtime_checkable
class Rowwise(Problem, Protocol):
    """A problem that has the gradients of some clients without those of the others."""

    def client_gradients(self, x: NDArray[np.float64], first: int, out: NDArray[np.float64]) -> None:
        """Write the gradients at x of the clients from ``first`` on, as many as ``out`` has rows; threads may call it at once."""
        ...


@runtime_checkable
class Constrained(Protocol):
    """The clients' constraint functions ``g_i``, for methods that keep ``mean_i g_i(x) <= 0`` by looking at it."""

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's ``g_i(x)`` at the point ``x`` of shape ``(d,)``: an array of shape ``(n,)``."""
        ...

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a subgradient of every client's ``g_i`` at the point ``x`` of shape ``(d,)``: an array of shape ``(n, d)``."""
        ...


@runtime_checkable
class Sampled(Protocol):
    """A problem of data: each client's gradient is the average of those of its samples, of which mini-batches are drawn."""

    def samples(self, i: int) -> int:
        """Return how many samples client i has."""
        ...

    def sample_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the gradients of some of client i's samples at ``x``, shape ``(k, d)``.

        The average over all samples is the client's gradient.
        """
        ...

    def sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return for each of them a bound of its norm at every ``x``, but for a part that all share; None where there is none."""
        ...


@runtime_checkable
class SampledConstraint(Protocol):
    """A problem whose constraint is one of data too."""

    def constraint_samples(self, i: int) -> int:
        """Return of how many samples client i's constraint is made."""
        ...

    def sample_constraint_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the constraint's gradients of some of these samples at ``x``, shape ``(k, d)``; their average is ``g_i'``."""
        ...

    def constraint_sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return bounds of their norms at every ``x``; None where there are none."""
        ...


@runtime_checkable
class Interacting(Protocol):
    """A problem whose values and gradients at a point are averages over simulated steps."""

    @property
    def interactions(self) -> int:
        """How many steps all clients make at one point."""
        ...


@runtime_checkable
class Projectable(Protocol):
    """A feasible set onto which one can project."""

    def project(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the nearest feasible point to ``x``, shape ``(d,)``."""
        ...


def gradients_of(problem: Problem, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return every client's gradient at ``x``, shape ``(d,)`` to ``(n, d)``.

    Raises:
        InputError: the problem's ``gradients`` fails, or returns something else.
    """
    import numpy as np

    name = type(problem).__name__
    try:
        found: Any = problem.gradients(x)
    except EfpepError:
        raise
    except MemoryError as error:
        raise InputError(
            f"the gradients of {name} do not fit in memory ({reason(error)}); take less.", argument="problem"
        ) from error
    except (Exception, SystemExit) as error:  # a user's problem may raise anything
        raise InputError(
            f"the gradients of {name} at a point of shape {x.shape} fail ({reason(error)}); give a start of shape (d,), where d "
            "is the problem's dimension, and correct the problem's gradients(x).",
            argument=("start", "problem"),
        ) from error
    if isinstance(found, np.ndarray) and found.shape[1:] == x.shape and found.ndim == 2 and found.dtype.kind in "fiu":
        return cast("NDArray[np.float64]", found)
    what = f"an array of shape {found.shape} and kind {found.dtype}" if isinstance(found, np.ndarray) else shown(found)
    raise InputError(
        f"the gradients of {name} at a point of shape {x.shape} are {what}; give a start of shape (d,), where d is the problem's "
        "dimension, and a problem whose gradients(x) has numbers in shape (n, d).",
        argument=("start", "problem"),
    )


def own_gradients_of(problem: Problem, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gradient of client i at the point in row i, shape ``(n, d)`` to ``(n, d)``.

    Raises:
        InputError: as :func:`gradients_of`.
    """
    import numpy as np

    if len(points) > 1 and (points == points[0]).all():
        return gradients_of(problem, points[0])
    found = np.empty(points.shape, dtype=points.dtype)
    for i, x in enumerate(points):
        if isinstance(problem, Rowwise) and rowwise(problem):
            problem.client_gradients(x, i, found[i : i + 1])
        else:
            found[i] = gradients_of(problem, x)[i]
    return found


def rowwise(problem: Rowwise) -> bool:
    """Whether a problem's ``client_gradients`` gives the rows of its ``gradients``: no subclass has replaced the latter alone."""
    names = ("client_gradients", "gradients")
    return next((name for base in type(problem).__mro__ for name in names if name in vars(base)), names[0]) == names[0]


def require_problem(problem: object) -> None:
    """Refuse what is no problem.

    Raises:
        InputError: it has no ``gradients(x)``.
    """
    if isinstance(problem, type) or not callable(getattr(problem, "gradients", None)):
        raise InputError(
            f"problem is {shown(problem)}, which has no gradients(x); give an object that has, or one such as "
            "efpep.simulate.problems.read_problem('quadratics:n=3,d=10,kappa=10').",
            argument="problem",
        )


def curvatures_of(problem: Problem) -> tuple[float, float] | None:
    """Return ``mu`` and ``L`` of a problem that knows both and is smooth and strongly convex, else None."""
    found = (problem.mu, problem.L) if isinstance(problem, Curved) else (None, None)
    return (found[0], found[1]) if found[0] and found[1] else None


def minimiser_of(problem: Problem) -> NDArray[np.float64] | None:
    """Return the minimiser of a problem, or None where it is not known."""
    return problem.minimiser if isinstance(problem, Solved) else None
