"""A numeric run on the arrays of any library of the Python array API, on its devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import counted_sizes
from efpep.compressors.seeded import Seeded
from efpep.errors import EfpepError, InputError, reason
from efpep.model.field import shown
from efpep.simulate.run import NumericRun, wire_sizes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.operator_protocols import Operator
    from efpep.simulate.problem import Problem


class ArrayRun(NumericRun):
    """A :class:`~efpep.simulate.run.NumericRun` whose vectors are arrays of another library.

    Operators of efpep's act where the arrays are; those that do not say how, and a user's, by way of NumPy.
    """

    def __init__(
        self, problem: Problem, operator: Operator | None, server_operator: Operator | None, clients: int, arrays: Arrays
    ) -> None:
        """Run with n clients on a problem that takes and returns these arrays."""
        super().__init__(problem, operator, server_operator)
        self.arrays = arrays
        self._clients: int | None = clients

    def gradient(self, x: Any) -> Any:
        """Evaluate every client's gradient at the server point ``x``, or at its own: ``(d,)`` or ``(n, d)`` to ``(n, d)``.

        Raises:
            InputError: the problem's ``gradients`` fails, or returns something else.
        """
        if x.ndim > 1:
            return self.arrays.xp.stack([self.gradient(x[i, ...])[i, ...] for i in range(x.shape[0])])
        name, shape = type(self.problem).__name__, (self._clients, *x.shape)
        try:
            found: Any = self.problem.gradients(x)
        except EfpepError:
            raise
        except Exception as error:  # a user's problem may raise anything
            raise InputError(
                f"the gradients of {name} on {self.arrays.name} fail ({reason(error)}); correct what its on(arrays) returns, or "
                "leave on out, for gradients by way of NumPy.",
                argument="problem",
            ) from error
        if tuple(getattr(found, "shape", ())) != shape or found.dtype != x.dtype:
            raise InputError(
                f"the gradients of {name} on {self.arrays.name} are {shown(found)}; let them be an array of shape {shape} and "
                f"type {x.dtype}.",
                argument="problem",
            )
        return self.checked(found)

    def checked(self, gradients: Any) -> Any:
        """Return gradients, shape ``(n, d)``, after looking whether they are finite."""
        self.finite = self.finite and bool(np.isfinite(float(self.arrays.xp.sum(gradients))))
        return gradients

    def compress(self, v: Any, senders: NDArray[np.bool_] | None = None) -> Any:
        """Compress each row of the client vector ``v``, shape ``(n, d)``."""
        if isinstance(self.operator, Seeded):
            return self.selected(self.operator.on(self.arrays, v), senders)
        return self.selected(self.arrays.asarray(super().compress(self.arrays.host(v))), senders)

    def compress_at_server(self, v: Any) -> Any:
        """Compress the server vector ``v``, shape ``(d,)``."""
        if isinstance(self.server_operator, Seeded):
            return self.server_operator.on(self.arrays, v[None, :])[0, ...]
        return self.arrays.asarray(super().compress_at_server(self.arrays.host(v)))

    def constraint_value(self, x: Any) -> float:
        """Evaluate ``mean_i g_i(x)`` at the server point ``x``, shape ``(d,)``."""
        return float(self.arrays.xp.mean(self._constrained().constraint_values(x)))

    def mean(self, v: Any) -> Any:
        """Average the client vector ``v`` over the clients: shape ``(n, d)`` to ``(d,)``."""
        return self.arrays.xp.mean(v, axis=0)

    def sizes(self, operator: Operator | None, compressed: Any) -> NDArray[np.int64]:
        """Return the bytes of each row's message; zeros are not sent, whatever their signs."""
        bare = operator.operator if isinstance(operator, Seeded) else operator
        if isinstance(bare, CompressionOperator) and type(bare).sizes is CompressionOperator.sizes:
            counts = self.arrays.host(self.arrays.xp.count_nonzero(compressed, axis=1))
            return counted_sizes((int(count) for count in counts), compressed.shape[1])
        if isinstance(bare, CompressionOperator) and not bare.foreign():
            return bare.sizes(compressed)
        return wire_sizes(operator, self.arrays.host(compressed))
