"""A numeric run of many clients in high dimension: the rows of client vectors are computed a few at a time.

A step as the method writes it makes a whole ``(n, d)`` array of every sum and difference. Here it records how its vectors come
from the state (:class:`~efpep.simulate.deferred.Deferred`), and at its end they are computed, all that concerns a few rows
before the next ones (:class:`~efpep.simulate.row_pass.RowPass`): what lies between two states stays in a core's cache, the new
state takes the place of the old one, and averages are summed on the way. Every number is that of whole arrays, bit for bit but
for the signs of zeros, with any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from efpep.compressors.arrays import USUAL, Arrays
from efpep.compressors.seeded import Seeded
from efpep.simulate.deferred import Deferred, has_rows, numbers_of
from efpep.simulate.problem import Rowwise, rowwise
from efpep.simulate.row_pass import RowCompression, RowGradients, RowPass
from efpep.simulate.run import NumericRun, wire_sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.operator_protocols import Operator
    from efpep.simulate.problem import Problem

CACHE = 2**17
"""How many numbers of a client vector are computed at a time."""


class BlockedRun(NumericRun):
    """A :class:`~efpep.simulate.run.NumericRun` whose client vectors may be deferred.

    Attributes:
        sent: how many bytes the messages of each client took since this was last set to zero, shape ``(n,)``.
        broadcast: how many the messages of the server took.
    """

    def __init__(
        self,
        problem: Problem,
        operator: Operator | None,
        server_operator: Operator | None,
        shape: tuple[int, int],
        threads: int = 1,
        *,
        arrays: Arrays = USUAL,
    ) -> None:
        """Run with client vectors of this shape ``(n, d)``, in so many threads, in such arrays of NumPy's."""
        super().__init__(problem, operator, server_operator)
        self.arrays = arrays
        self.sent = np.zeros(shape[0], dtype=np.int64)
        self.broadcast = 0
        self._shape = shape
        self._clients = shape[0]
        self._threads = threads
        self._pending: list[Deferred] = []
        self._own: list[NDArray[Any]] = []
        self._state: list[Any] = []
        self._averaged: set[int] = set()
        self._means: list[tuple[NDArray[Any], NDArray[Any]]] = []

    def gradient(self, x: Any) -> Any:
        """Evaluate every client's gradient at the server point ``x``: later, where the problem has them row by row.

        At points of the clients' own they are evaluated at once.
        """
        if has_rows(x):
            return super().gradient(self.whole(x))
        at, problem = self.server(x), self.problem
        if not isinstance(problem, Rowwise) or not rowwise(problem):
            return super().gradient(at)

        def rows(first: int, out: NDArray[Any]) -> None:
            problem.client_gradients(at, first, out)

        return self._later(RowGradients(rows), ())

    def local(self, x: Any) -> Any:
        """Give every client its own copy of the server point ``x``."""
        return super().local(self.server(x))

    def compress(self, v: Any, senders: NDArray[np.bool_] | None = None) -> Any:
        """Compress each row of the client vector ``v``: later, where the operator is known to see one row at a time."""
        operator, who = self.operator, np.ones(self._shape[0], dtype=np.bool_) if senders is None else senders
        if not isinstance(operator, Seeded) or operator.operator.foreign():
            found = super().compress(self.whole(v))
            self.sent += wire_sizes(operator, found) * who
            return self.selected(found, senders)
        return self.selected(self._later(RowCompression(operator, operator.next_use(), self.sent, who), (v,)), senders)

    def compress_at_server(self, v: Any) -> Any:
        """Compress the server vector ``v``, later if need be."""
        operator = self.server_operator
        if not isinstance(v, Deferred) or not isinstance(operator, Seeded):
            return self._compressed_at_server(self.server(v))
        use = operator.next_use()

        def compressed(numbers: NDArray[Any]) -> NDArray[Any]:
            found = operator.rows(numbers[None, :], use)
            self.broadcast += int(wire_sizes(operator, found)[0])
            return found[0]

        return self._later(compressed, (v,), client=False)

    def _compressed_at_server(self, v: NDArray[Any]) -> NDArray[Any]:
        found = super().compress_at_server(v)
        self.broadcast += int(wire_sizes(self.server_operator, found[None, :])[0])
        return found

    def constraint_value(self, x: Any) -> float:
        """Evaluate ``mean_i g_i(x)`` at the server point ``x``."""
        return super().constraint_value(self.server(x))

    def constraint_gradient(self, x: Any) -> NDArray[np.float64]:
        """Evaluate a subgradient of every ``g_i`` at the server point ``x``."""
        return super().constraint_gradient(self.server(x))

    def project(self, x: Any) -> NDArray[np.float64]:
        """Project the server point ``x`` onto the problem's feasible set."""
        return super().project(self.server(x))

    def mean(self, v: Any) -> Any:
        """Average the client vector ``v``; averages of the last state are known where they were asked for before."""
        numbers = numbers_of(v)
        if numbers is None:
            return Deferred(_mean, (v,), client=False)
        self._averaged.update(k for k, held in enumerate(self._state) if held is numbers)
        known = next((mean for held, mean in self._means if held is numbers), None)
        return super().mean(numbers) if known is None else known

    def server(self, v: Any) -> Any:
        """Return the numbers of a server vector."""
        if isinstance(v, Deferred) and v.array is None:
            means = [u for u in _reached([v]) if u.operation is _mean]
            averaged = [u.arguments[0] for u in means]
            drawn = [u for u in _reached(averaged) if isinstance(u.operation, RowGradients | RowCompression)]
            self._average(means, self._compute(averaged, drawn, averaged))
            return self._followed(v)
        return numbers_of(v)

    def whole(self, v: Any) -> NDArray[Any]:
        """Return all rows of a client vector."""
        if isinstance(v, Deferred) and v.array is None:
            self._compute([v], [v], [])
        return cast("NDArray[Any]", numbers_of(v))

    def settled(self, values: list[Any]) -> list[Any]:
        """Return the numbers of the vectors of a new state; client vectors of the last one are overwritten."""
        clients = list(dict.fromkeys(v for v in values if isinstance(v, Deferred) and v.client and v.array is None))
        servers = [v for v in [*values, *self._pending] if isinstance(v, Deferred) and not v.client]
        summed = [v for k, v in enumerate(values) if k in self._averaged and v in clients]
        means = [u for u in _reached(servers) if u.operation is _mean]
        averaged = [u.arguments[0] for u in means]
        staying = [numbers_of(v) for v in values]
        spare = [old for old in self._own if not _among([old], staying)]
        others = [v for v in self._pending if v.client]
        sums = self._compute([*clients, *averaged, *others], clients, [*averaged, *summed], spare)
        self._average(means, sums)
        for v in servers:
            self._followed(v)
        self._pending = []
        self._state = [numbers_of(v) for v in values]
        made = [cast("NDArray[Any]", v.array) for v in clients]
        self._own = list({id(own): own for own in _among([*self._own, *made], self._state)}.values())
        kept = [known for known in self._means if _among([known[0]], self._state) and not _among([known[0]], made)]
        self._means = [*kept, *((cast("NDArray[Any]", v.array), sums[v]) for v in summed)]
        return self._state

    def _later(self, operation: Callable[..., Any], arguments: tuple[Any, ...], *, client: bool = True) -> Deferred:
        """Return a vector that is computed at the end of the step at the latest, whoever needs it."""
        self._pending.append(Deferred(operation, arguments, client=client))
        return self._pending[-1]

    def _average(self, means: list[Deferred], sums: dict[Deferred, NDArray[Any]]) -> None:
        for mean in means:
            if mean.array is None:
                mean.hold(sums[mean.arguments[0]])

    def _followed(self, v: Any) -> Any:
        """Return the numbers of a server vector whose averages are known."""
        if isinstance(v, Deferred) and v.array is None:
            v.hold(v.operation(*map(self._followed, v.arguments)))
        return numbers_of(v)

    def _compute(
        self, wanted: list[Deferred], stored: list[Deferred], averaged: list[Deferred], spare: list[NDArray[Any]] | None = None
    ) -> dict[Deferred, NDArray[Any]]:
        """Compute client vectors in one pass, keep the rows of some, and return the averages of others."""
        for v in [v for v in _reached(wanted, through_servers=False) if not v.client]:
            self.server(v)
        order = _reached(wanted)
        sums = {v: super(BlockedRun, self).mean(v.array) for v in averaged if v.array is not None}
        if not order:
            return sums
        made = RowPass(self._shape, order, stored, [v for v in averaged if v.array is None], spare or [], dtype=self.arrays.dtype)
        made.run(self._threads, max(1, CACHE // self._shape[1]))
        self.finite = self.finite and made.finite
        for v in stored:
            v.hold(made.outputs[v])
        self._pending = [v for v in self._pending if v not in order or v.array is None]
        return {**sums, **made.means}


def _mean(rows: NDArray[Any]) -> NDArray[Any]:
    return rows.mean(axis=0)


def _among(arrays: list[Any], others: list[Any]) -> list[Any]:
    """Return those arrays that are among others."""
    return [array for array in arrays if any(array is other for other in others)]


def _reached(vectors: list[Deferred], *, through_servers: bool = True) -> list[Deferred]:
    """Return what is not computed yet and vectors come from, and they themselves, each after what it comes from."""
    order: dict[Deferred, None] = {}
    for vector in vectors:
        _visit(vector, order, through_servers=through_servers)
    return list(order)


def _visit(v: Any, order: dict[Deferred, None], *, through_servers: bool) -> None:
    if isinstance(v, Deferred) and v.array is None and v not in order:
        for argument in v.arguments if v.client or through_servers else ():
            _visit(argument, order, through_servers=through_servers)
        order[v] = None
