"""A plain numeric run: what a distributed method may do, done on NumPy arrays.

The same ``step`` that the analyses record runs here. A server vector is an array of shape ``(d,)``, a client vector one of
shape ``(n, d)``, row i being what client i holds; sums of the two broadcast the server vector.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from efpep.errors import InputError
from efpep.methods.base import OPTIMAL
from efpep.model.field import FLOATS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from efpep.compressors.base import Operator
    from efpep.methods.base import Method, Run


class Problem(Protocol):
    """The clients' functions, as far as a first-order method sees them."""

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's gradient at the point ``x`` of shape ``(d,)``: an array of shape ``(n, d)``."""
        ...


class NumericRun:
    """The :class:`~efpep.methods.base.Run` protocol on NumPy arrays.

    Attributes:
        problem: whose gradients are evaluated.
        operator: the clients' compression operator, or None for a method that does not compress.
        server_operator: the server's compression operator, or None for a method that does not compress there.
    """

    def __init__(self, problem: Problem, operator: Operator | None = None, server_operator: Operator | None = None) -> None:
        """Run on ``problem``, compressing with ``operator`` and, at the server, with ``server_operator``."""
        self.problem = problem
        self.operator = operator
        self.server_operator = server_operator

    def gradient(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Evaluate every client's gradient at the server point ``x``: shape ``(d,)`` to ``(n, d)``.

        Raises:
            InputError: ``x`` is a client vector.
        """
        if x.ndim != 1:
            raise InputError("gradients are evaluated at a server point; average the client vector first with run.mean.")
        return self.problem.gradients(x)

    def compress(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress each row of the client vector ``v``, shape ``(n, d)``.

        Raises:
            InputError: the run has no operator.
        """
        if self.operator is None:
            raise InputError("the method compresses, but the run has no operator; give one such as TopK(1).")
        return self.operator(v)

    def compress_at_server(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress the server vector ``v``, shape ``(d,)``.

        Raises:
            InputError: the run has no server operator.
        """
        if self.server_operator is None:
            raise InputError("the method compresses at the server, but the run has no server operator; give one such as TopK(1).")
        return self.server_operator(v[None, :])[0]

    def mean(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average the client vector ``v`` over the clients: shape ``(n, d)`` to ``(d,)``."""
        return v.mean(axis=0)


def iterate(method: Method, run: Run, x0: ArrayLike, iterations: int) -> Iterator[Any]:
    """Yield the state in which ``method`` starts at ``x0`` and the states after each of ``iterations`` steps.

    The method's exact parameters are rounded to doubles once, before the first step.

    Args:
        method: the method, with a numeric step size.
        run: what the method talks to.
        x0: the starting point, shape ``(d,)``.
        iterations: how many steps are taken; ``iterations + 1`` states are yielded.

    Raises:
        InputError: the step size is still ``"optimal"``.
    """
    if method.step_size == OPTIMAL:
        raise InputError(
            "the step size is 'optimal', which depends on a setting that a numeric run does not know; "
            "give a number, or method.resolved(setting)."
        )
    method = method.over(FLOATS)
    state = method.start(np.asarray(x0, dtype=np.float64), run)
    yield state
    for _ in range(iterations):
        state = method.step(state, run)
        yield state
