"""``efpep.problem``: a user's own functions as a problem, from arrays, callables or cost objects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast, runtime_checkable

import numpy as np

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.simulate.problems.clientwise import ClientProblem

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Vector = Any
"""What NumPy reads as a vector."""

_ROUNDING = 4 * float(np.finfo(np.float64).eps)
_MOST = 100_000
_EXACT = 1e-12
_PATIENCE = 1000


@runtime_checkable
class Cost(Protocol):
    """An object that has one client's function with its constants, as benchmarks of decentralised optimisation have them."""

    @property
    def shape(self) -> Sequence[int]:
        """The shape of its argument."""
        ...

    @property
    def m_smooth(self) -> float:
        """Its smoothness L; infinite or not a number where it has none."""
        ...

    @property
    def m_cvx(self) -> float:
        """Its strong convexity mu; 0 or not a number where it has none."""
        ...

    def function(self, x: Any) -> Any:
        """Return the value at x."""
        ...

    def gradient(self, x: Any) -> Any:
        """Return the gradient at x."""
        ...


@dataclass(frozen=True, eq=False)
class OwnGradients:
    """A problem of a user's own gradients, as numeric runs take it.

    Attributes:
        slopes: each client's gradient as a function of ``x`` of shape ``(d,)``.
        dimension: the dimension d.
        mu: the strong convexity that all clients' functions have; None where it is not known.
        L: the smoothness that all have; None where it is not known.
        start: where runs begin, shape ``(d,)``.
        given: the minimiser, where the user knows it.
        description: what it is called.
    """

    slopes: tuple[Callable[[Any], Any], ...]
    dimension: int
    mu: float | None
    L: float | None
    start: NDArray[np.float64]
    given: NDArray[np.float64] | None
    description: str

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient of client i at x, shape ``(d,)``.

        Raises:
            InputError: it has another shape, or is none.
        """
        return _vector(self.slopes[i](x), self.dimension, f"the gradient of client {i + 1}", "gradients")

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's gradient at x, shape ``(n, d)``."""
        return np.array([self.gradient(i, x) for i in range(len(self.slopes))])

    def part(self, i: int) -> ClientProblem:
        """Return the problem of client i alone."""
        return ClientProblem(self, i)

    @cached_property
    def minimiser(self) -> NDArray[np.float64] | None:
        """The minimiser, as given or found by accelerated gradient steps to rounding error; None where it is not found."""
        return self.given if self.given is not None or not self.mu or self.L is None else self._found(self.mu, self.L)

    def _found(self, mu: float, smoothness: float) -> NDArray[np.float64] | None:
        root = math.sqrt(mu / smoothness)
        momentum = (1 - root) / (1 + root)
        x = y = best = np.zeros(self.dimension)
        least, since = math.inf, 0
        for _ in range(_MOST):
            g = self.gradients(y).mean(axis=0)
            size = float(np.linalg.norm(g))
            since = 0 if size < least else since + 1
            if size < least:
                least, best = size, y
            if size == 0 or since > _PATIENCE:
                break
            before, x = x, y - g / smoothness
            y = x + momentum * (x - before)
        return best if least <= _EXACT * smoothness * max(1.0, float(np.linalg.norm(best))) else None


@dataclass(frozen=True, eq=False)
class OwnFunctions(OwnGradients):
    """A problem of a user's own functions with their gradients.

    Attributes:
        costs: each client's function of ``x`` of shape ``(d,)``.
    """

    costs: tuple[Callable[[Any], Any], ...]

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's value at x, shape ``(n,)``."""
        return np.array([float(np.asarray(cost(x)).reshape(())) for cost in self.costs])


@dataclass(frozen=True, eq=False)
class OwnLeastSquares(OwnFunctions):
    """The problem ``f_i(x) = ||A_i x - b_i||^2 / 2`` of a user's own data, whose rows are samples.

    Attributes:
        data: each client's ``A_i``, shape ``(m_i, d)``, and ``b_i``, shape ``(m_i,)``.
    """

    data: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]

    def samples(self, i: int) -> int:
        """Return how many rows client i has."""
        return len(self.data[i][1])

    def sample_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return ``m_i (<a_j, x> - b_j) a_j`` of some rows, shape ``(k, d)``."""
        a, b = self.data[i][0][rows], self.data[i][1][rows]
        return self.samples(i) * (a @ x - b)[:, None] * a

    def sample_bounds(self, i: int) -> None:
        """Return None, as nothing bounds them."""


def problem(
    functions: Sequence[Callable[[Vector], Any]] | Sequence[Cost] | None = None,
    gradients: Sequence[Callable[[Vector], Any]] | None = None,
    *,
    least_squares: tuple[Sequence[ArrayLike], Sequence[ArrayLike]] | None = None,
    quadratics: tuple[ArrayLike, ArrayLike] | None = None,
    mu: float | None = None,
    L: float | None = None,
    dimension: int | None = None,
    start: ArrayLike | None = None,
    minimiser: ArrayLike | None = None,
    name: str = "own problem",
) -> OwnGradients:
    """Return a user's own problem ``f = mean_i f_i`` on R^d, for :func:`efpep.simulate` and :func:`efpep.compare`.

    It is given in one of four ways:

        efpep.problem(least_squares=(A, b))                    # f_i(x) = ||A_i x - b_i||^2 / 2
        efpep.problem(quadratics=(H, c))                       # f_i(x) = <x, H_i x>/2 - <c_i, x>
        efpep.problem(functions, gradients, mu=0.1, L=1, dimension=3)
        efpep.problem(costs)                                   # objects with function, gradient, m_smooth, m_cvx, shape

    Gradients that PyTorch or JAX differentiate are callables like any other: they take and return what NumPy reads as an array,
    such as ``jax.grad(f)``, or ``lambda x: torch.func.grad(f)(torch.from_numpy(x)).numpy()``.

    Args:
        functions: each client's function, ``x`` of shape ``(d,)`` to a number; without them runs record no gaps, and nothing is
            compared with a proved rate. Or objects that have everything, with ``mu`` and ``L`` their ``m_cvx`` and ``m_smooth``.
        gradients: each client's gradient, shape ``(d,)`` to ``(d,)``.
        least_squares: each client's ``A_i``, shape ``(m_i, d)``, and ``b_i``, shape ``(m_i,)``.
        quadratics: the symmetric ``H_i``, shape ``(n, d, d)``, and ``c_i``, shape ``(n, d)``.
        mu: a strong convexity of every f_i; of arrays the smallest eigenvalue of all Hessians without it. Proofs rely on it.
        L: a smoothness of every f_i; of arrays the largest eigenvalue of all Hessians without it.
        dimension: d, where neither arrays, a start nor a minimiser says it.
        start: where runs begin; zero without it.
        minimiser: x*, where it is known; without it it is found by accelerated gradient steps where mu > 0 and L are known.
        name: what it is called in descriptions.

    Raises:
        InputError: shapes do not fit, a constant is impossible, or what is needed is missing.
    """
    ways = {"functions or gradients": functions or gradients, "least_squares": least_squares, "quadratics": quadratics}
    found = [way for way, value in ways.items() if value is not None]
    if len(found) != 1:
        raise InputError(
            f"{' and '.join(found) if found else 'no function'} is given, and a problem is made of one kind; give gradients with "
            "functions, or least_squares=(A, b), or quadratics=(H, c).",
            argument="functions",
        )
    if least_squares is not None or quadratics is not None:
        hessians, slopes, rest = _least_squares(least_squares) if least_squares is not None else _quadratics(quadratics)
        eigenvalues = np.linalg.eigvalsh(hessians)
        room = _ROUNDING * hessians.shape[1] * float(np.abs(eigenvalues).max())
        computed = max(0.0, float(eigenvalues.min()) - room), float(np.abs(eigenvalues).max()) + room
        functions, gradients = zip(*map(_quadratic, hessians, slopes, rest), strict=True)
        dimension = hessians.shape[1]
    elif gradients is None:
        functions, gradients, dimension, computed = _costs(functions)
    else:
        computed = None, None
    constants = _constant(computed[0] if mu is None else mu, "mu"), _constant(computed[1] if L is None else L, "L")
    if constants[0] is not None and constants[1] is not None and constants[0] > constants[1]:
        raise InputError(f"mu = {constants[0]:g} is above L = {constants[1]:g}; give 0 <= mu <= L.", argument=("mu", "L"))
    slopes = _callables(gradients, "gradients")
    costs = None if functions is None else _callables(functions, "functions")
    if costs is not None and len(costs) != len(slopes):
        raise InputError(
            f"functions are of {len(costs)} clients and gradients of {len(slopes)}; give as many of each.",
            argument=("functions", "gradients"),
        )
    for known in (start, minimiser):
        dimension = len(np.atleast_1d(known)) if dimension is None and known is not None else dimension
    if dimension is None:
        raise InputError("dimension is missing, and gradients do not say it; give dimension or start.", argument="dimension")
    x0 = np.zeros(dimension) if start is None else _vector(start, dimension, "start", "start")
    best = None if minimiser is None else _vector(minimiser, dimension, "minimiser", "minimiser")
    parts = (slopes, dimension, *constants, x0, best, name)
    if least_squares is not None and costs is not None:
        return OwnLeastSquares(*parts, costs, _rows(least_squares))
    return OwnGradients(*parts) if costs is None else OwnFunctions(*parts, costs)


def _callables(given: object, name: str) -> tuple[Callable[[Any], Any], ...]:
    items = list(cast("Iterable[Any]", given)) if isinstance(given, Iterable) else []
    if not items or not all(callable(item) for item in items):
        raise InputError(
            f"{name} is {shown(cast('object', given))}, which is no list of functions of x; give one for each client.",
            argument=name,
        )
    return tuple(items)


def _costs(given: object) -> tuple[Any, Any, int, tuple[float | None, float | None]]:
    """Return functions, gradients, dimension and constants of cost objects."""
    items = list(cast("Iterable[Any]", given)) if isinstance(given, Iterable) else []
    if not items or not all(isinstance(item, Cost) for item in items):
        raise InputError(
            "gradients is missing, and functions are not objects with function, gradient, m_smooth, m_cvx and shape; give "
            "gradients, one for each client.",
            argument="gradients",
        )
    shapes = {tuple(item.shape) for item in items}
    if len(shapes) > 1:
        raise InputError(f"the costs have the shapes {sorted(shapes)}; give costs of one shape.", argument="functions")
    (shape,) = shapes
    functions, gradients = zip(*(_of_cost(item, shape) for item in items), strict=True)
    mu, smoothness = min(float(item.m_cvx) for item in items), max(float(item.m_smooth) for item in items)
    known = mu if math.isfinite(mu) and mu > 0 else None, smoothness if math.isfinite(smoothness) else None
    return functions, gradients, math.prod(shape), known


def _of_cost(cost: Cost, shape: tuple[int, ...]) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    return (
        lambda x: cost.function(x.reshape(shape)),
        lambda x: np.asarray(cost.gradient(x.reshape(shape))).reshape(-1),
    )


def _rows(given: Any) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    """Return each client's matrix and targets."""
    matrices, targets = (list(part) for part in _pair(given, "least_squares", "(A, b)"))
    pairs = tuple((_array(a, 2, "A_i"), _array(b, 1, "b_i")) for a, b in zip(matrices, targets, strict=False))
    widths = {a.shape[1] for a, _ in pairs}
    if len(matrices) != len(targets) or len(widths) != 1 or any(len(a) != len(b) for a, b in pairs):
        raise InputError(
            "least_squares has matrices and targets whose shapes do not fit; give for each client A_i of shape (m_i, d) "
            "and b_i of shape (m_i,), with one d.",
            argument="least_squares",
        )
    return pairs


def _least_squares(given: Any) -> tuple[Any, Any, Any]:
    """Return the Hessians ``A_i' A_i``, the slopes ``A_i' b_i`` and the constants ``||b_i||^2/2``."""
    pairs = _rows(given)
    return (
        np.array([a.T @ a for a, _ in pairs]),
        np.array([a.T @ b for a, b in pairs]),
        np.array([b @ b / 2 for _, b in pairs]),
    )


def _quadratics(given: Any) -> tuple[Any, Any, Any]:
    """Return Hessians, slopes and zeros."""
    matrices, slopes = _pair(given, "quadratics", "(H, c)")
    h, c = _array(matrices, 3, "H"), _array(slopes, 2, "c")
    if h.shape[1] != h.shape[2] or c.shape != h.shape[:2] or np.abs(h - h.transpose(0, 2, 1)).max() > _EXACT * np.abs(h).max():
        raise InputError(
            f"quadratics has H of shape {h.shape} and c of shape {c.shape}; give symmetric H_i, (n, d, d), and c_i, (n, d).",
            argument="quadratics",
        )
    return h, c, np.zeros(len(h))


def _quadratic(hessian: Any, slope: Any, rest: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    return lambda x: x @ (hessian @ x) / 2 - slope @ x + rest, lambda x: hessian @ x - slope


def _pair(given: Any, name: str, example: str) -> tuple[Any, Any]:
    found = list(cast("Iterable[Any]", given)) if isinstance(given, tuple | list) else []
    if len(found) != 2:
        raise InputError(f"{name} is {shown(cast('object', given))}; give two lists of arrays, {name}={example}.", argument=name)
    return found[0], found[1]


def _array(given: Any, dimensions: int, name: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is {shown(given)}, which is no array of numbers; give one.") from error
    if array.ndim != dimensions or not array.size or not np.all(np.isfinite(array)):
        raise InputError(f"{name} of shape {array.shape} is no array of finite numbers with {dimensions} indices; give one.")
    return array


def _vector(given: Any, dimension: int, what: str, argument: str) -> NDArray[np.float64]:
    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        why = f"which is no vector of numbers; give one of shape ({dimension},)"
        raise InputError(f"{what} is {shown(given)}, {why}.", argument=argument) from error
    if array.shape != (dimension,):
        raise InputError(f"{what} has shape {array.shape}; give one of shape ({dimension},).", argument=argument)
    return array


def _constant(given: Any, name: str) -> float | None:
    if given is None:
        return None
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf or (name == "L" and number == 0):
        raise InputError(
            f"{name} is {shown(given)}; give a finite number, {'0 <= mu' if name == 'mu' else 'L > 0'}.", argument=name
        )
    return number
