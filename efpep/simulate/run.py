"""A plain numeric run: what a distributed method may do, done on NumPy arrays.

The same ``step`` that the analyses record runs here. A server vector is an array of shape ``(d,)``, a client vector one of
shape ``(n, d)``, row i being what client i holds; sums of the two broadcast the server vector.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from efpep.compressors.arrays import USUAL, Arrays
from efpep.compressors.operator_protocols import WireFormat
from efpep.compressors.seeded import Seeded
from efpep.errors import EfpepError, InputError, reason
from efpep.methods.called import called, no_state
from efpep.model.decisions import read_factor
from efpep.model.field import FLOATS, shown
from efpep.model.participation import server_vector
from efpep.simulate.memory import NUMBER
from efpep.simulate.participation import Choices, NumericParticipants
from efpep.simulate.problem import Constrained, Projectable, gradients_of, own_gradients_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from efpep.compressors.operator_protocols import Operator
    from efpep.methods.base import Method, Run
    from efpep.simulate.problem import Problem


class NumericRun:
    """The :class:`~efpep.methods.base.Run` protocol on NumPy arrays.

    Attributes:
        problem: whose gradients are evaluated; one that is also :class:`~efpep.simulate.problem.Constrained` or
            :class:`~efpep.simulate.problem.Projectable` for methods that evaluate constraints or project.
        operator: the clients' compression operator, or None for a method that does not compress.
        server_operator: the server's compression operator, or None for a method that does not compress there.
        arrays: what kind of arrays these are.
        decisions: the outcomes of all comparisons so far, in order.
        choices: who takes part, where methods ask.
        finite: whether all gradients so far were finite, without which a run has diverged, whatever compressors make of them.
    """

    arrays: Arrays = USUAL

    def __init__(self, problem: Problem, operator: Operator | None = None, server_operator: Operator | None = None) -> None:
        """Run on ``problem``, compressing with ``operator`` and, at the server, with ``server_operator``."""
        self.problem = problem
        self.operator = operator
        self.server_operator = server_operator
        self.decisions: list[bool] = []
        self.finite = True
        self.choices = Choices()
        self._clients: int | None = None

    def local(self, x: Any) -> Any:
        """Give every client its own copy of the server point ``x``: shape ``(d,)`` to ``(n, d)``.

        Raises:
            InputError: ``x`` is a client vector.
        """
        if x.ndim != 1:
            raise InputError("clients have copies of server points, and this is a client vector; use it as it is.")
        if self._clients is None:
            self._clients = len(gradients_of(self.problem, self.arrays.host(x)))
        return self.arrays.xp.stack([x] * self._clients)

    def gradient(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Evaluate every client's gradient at the server point ``x``, or at its own: ``(d,)`` or ``(n, d)`` to ``(n, d)``."""
        return self.checked(gradients_of(self.problem, x) if x.ndim == 1 else own_gradients_of(self.problem, x))

    def checked(self, gradients: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return gradients, shape ``(n, d)``, after looking whether they are finite."""
        with np.errstate(all="ignore"):
            self.finite = self.finite and bool(np.isfinite(np.sum(gradients)))
        return gradients

    def participate(self, p: float | None = None, *, count: int | None = None, together: bool = False) -> NumericParticipants:
        """Draw who takes part."""
        return NumericParticipants.drawn(self, p, count, together=together)

    def exceeding(self, v: Any, u: Any, factor: float) -> NumericParticipants:
        """Let every client compare two of its own vectors: those with ``||v_i||^2 > factor ||u_i||^2`` send ``v_i``.

        Raises:
            InputError: a vector is one at the server, or the factor is negative.
        """
        bound, squares = float(read_factor(factor)), [self._squares(w) for w in (v, u)]
        senders = squares[0] > bound * squares[1]
        return NumericParticipants(self, lambda _: senders)

    def _squares(self, v: Any) -> NDArray[np.float64]:
        """Return ``||v_i||^2`` of a client vector, shape ``(n,)``."""
        rows = self.whole(v)
        if rows.ndim == 1:
            raise server_vector()
        return self.arrays.host(self.arrays.xp.sum(rows * rows, axis=1))

    def selected(self, v: Any, senders: NDArray[np.bool_] | None) -> Any:
        """Return the rows of the senders of a client vector, and zero for the others; all of them where there is no mask."""
        return v if senders is None else v * self.arrays.asarray(senders[:, None])

    def compress(self, v: NDArray[np.float64], senders: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
        """Compress each row of the client vector ``v``, shape ``(n, d)``; with a mask of senders the others are zero.

        Raises:
            InputError: the run has no operator.
        """
        if self.operator is None:
            raise InputError(
                "the method compresses, but the run has no operator; give one such as TopK(1).", argument="compressor"
            )
        return self.selected(compressed(self.operator, v), senders)

    def compress_at_server(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress the server vector ``v``, shape ``(d,)``.

        Raises:
            InputError: the run has no server operator.
        """
        if self.server_operator is None:
            raise InputError(
                "the method compresses at the server, but the run has no server operator; give one such as TopK(1).",
                argument="server_compressor",
            )
        return compressed(self.server_operator, v[None, :])[0]

    def constraint_value(self, x: NDArray[np.float64]) -> float:
        """Evaluate ``mean_i g_i(x)`` at the server point ``x``, shape ``(d,)``.

        Raises:
            InputError: the problem has no constraint.
        """
        return float(self._constrained().constraint_values(x).mean())

    def constraint_gradient(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Evaluate a subgradient of every ``g_i`` at the server point ``x``: shape ``(d,)`` to ``(n, d)``.

        Raises:
            InputError: the problem has no constraint.
        """
        return self._constrained().constraint_gradients(x)

    def at_most(self, value: float, threshold: float) -> bool:
        """Whether ``value <= threshold``; the outcome is kept in :attr:`decisions`."""
        self.decisions.append(bool(value <= threshold))
        return self.decisions[-1]

    def positive_part(self, value: float) -> float:
        """Return ``max(0, value)``."""
        return max(0.0, value)

    def project(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project the server point ``x`` of shape ``(d,)`` onto the problem's feasible set.

        Raises:
            InputError: the problem has no feasible set.
        """
        if not isinstance(self.problem, Projectable):
            raise InputError(
                f"the method projects, but the problem {type(self.problem).__name__} has no feasible set; "
                "give one with a method project(x).",
                argument="problem",
            )
        return self.problem.project(x)

    def _constrained(self) -> Constrained:
        if not isinstance(self.problem, Constrained):
            raise InputError(
                f"the method evaluates constraints, but the problem {type(self.problem).__name__} has none; "
                "give one with methods constraint_values(x) and constraint_gradients(x).",
                argument="problem",
            )
        return self.problem

    def server(self, v: Any) -> Any:
        """Return the numbers of a server vector, shape ``(d,)``."""
        return v

    def whole(self, v: Any) -> Any:
        """Return all rows of a client vector, shape ``(n, d)``."""
        return v

    def settled(self, values: list[Any]) -> list[Any]:
        """Return the numbers of the vectors of a new state."""
        return values

    def sizes(self, operator: Operator | None, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the bytes of each row's message."""
        return wire_sizes(operator, compressed)

    def mean(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average the client vector ``v`` over the clients: shape ``(n, d)`` to ``(d,)``."""
        return v.mean(axis=0)


def compressed(operator: Operator, v: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what an operator makes of each row of ``v``.

    Raises:
        InputError: it fails, or does not return an array of the same shape.
    """
    name = getattr(operator, "__name__", type(operator).__name__)
    try:
        found: Any = operator(v)
    except (EfpepError, MemoryError):
        raise
    except (Exception, SystemExit) as error:  # a user's operator may raise anything
        raise InputError(f"the operator {name} fails ({reason(error)}); correct it.", argument="compressor") from error
    if isinstance(found, np.ndarray) and found.shape == v.shape:
        return cast("NDArray[np.float64]", found if v.dtype == np.float64 else found.astype(v.dtype, copy=False))
    what = f"an array of shape {found.shape}" if isinstance(found, np.ndarray) else shown(found)
    raise InputError(
        f"the operator {name} makes {what} of an array of shape {v.shape}; let it return one row for each row.",
        argument="compressor",
    )


def wire_sizes(operator: Operator | None, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the bytes of each row's message: those of the operator's wire format, or all values where it has none."""
    bare = operator.operator if isinstance(operator, Seeded) else operator
    if isinstance(bare, WireFormat):
        return bare.sizes(compressed)
    n, d = compressed.shape
    return np.zeros(n, dtype=np.int64) + NUMBER * d


def iterate(method: Method, run: Run, x0: ArrayLike, iterations: int) -> Iterator[Any]:
    """Yield the state in which ``method`` starts at ``x0`` and the states after each of ``iterations`` steps.

    The method's exact parameters are rounded to doubles once, before the first step.

    Args:
        method: the method, with numbers as its parameters.
        run: what the method talks to.
        x0: the starting point, shape ``(d,)``.
        iterations: how many steps are taken; ``iterations + 1`` states are yielded.

    Raises:
        InputError: a parameter is still ``"optimal"``.
    """
    for name in method.unresolved():
        what = "the step size" if name == "step_size" else name
        raise InputError(
            f"{what} is 'optimal', which depends on a setting that a numeric run does not know; "
            "give a number, or method.resolved(setting).",
            argument=name,
        )
    numeric, x = method.over(FLOATS), np.asarray(x0, dtype=np.float64)
    yield from resume(method, run, called(method, "start", lambda: numeric.start(x, run)), iterations)


def resume(method: Method, run: Run, state: Any, iterations: int) -> Iterator[Any]:
    """Yield ``state`` and the states after each of ``iterations`` steps of ``method`` (with a numeric step size) from there."""
    numeric = method.over(FLOATS)
    for k in range(iterations + 1):
        if k:
            state = called(method, "step", partial(numeric.step, state, run))
        if np.ndim(getattr(state, "x", 0)) != 1:
            what, x = "step" if k else "start", getattr(state, "x", state)
            raise no_state(method, what, "x", f"it is {shown(x)}", server=True)
        yield state
