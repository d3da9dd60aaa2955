"""Vectors of a run that are computed later: how each comes from others, so that all rows need not be at hand at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Deferred:
    """A server or client vector that stands for ``operation(*arguments)``, with ``+``, ``-``, ``*`` and ``/``.

    Sums, differences and multiples are ufuncs, which give the very bits that they give on whole arrays.

    Attributes:
        operation: a ufunc, or what :class:`~efpep.simulate.blocked_run.BlockedRun` computes.
        arguments: arrays, numbers and other vectors.
        client: whether it has a row for each client.
        array: its numbers, once they are computed; whoever computes them sets it.
    """

    __array_ufunc__ = None
    __slots__ = ("arguments", "array", "client", "operation")

    def __init__(self, operation: Callable[..., Any], arguments: tuple[Any, ...], *, client: bool) -> None:
        """Stand for ``operation(*arguments)``."""
        self.operation = operation
        self.arguments: tuple[Any, ...] = arguments
        self.client = client
        self.array: NDArray[Any] | None = None

    def hold(self, array: NDArray[Any]) -> None:
        """Have these numbers from now on, and forget where they came from."""
        self.array, self.arguments = array, ()

    def __add__(self, other: Any) -> Deferred:
        return _combined(np.add, self, other)

    def __radd__(self, other: Any) -> Deferred:
        return _combined(np.add, other, self)

    def __sub__(self, other: Any) -> Deferred:
        return _combined(np.subtract, self, other)

    def __rsub__(self, other: Any) -> Deferred:
        return _combined(np.subtract, other, self)

    def __mul__(self, other: Any) -> Deferred:
        return _combined(np.multiply, self, other)

    def __truediv__(self, other: Any) -> Deferred:
        return _combined(np.divide, self, other)

    def __neg__(self) -> Deferred:
        return _combined(np.negative, self)


def has_rows(value: Any) -> bool:
    """Whether a value has a row for each client."""
    return value.client if isinstance(value, Deferred) else np.ndim(value) == 2


def numbers_of(value: Any) -> Any:
    """Return the array of what is computed, a number as it is, and None for what is not computed yet."""
    return value.array if isinstance(value, Deferred) else value


def _combined(operation: np.ufunc, *arguments: Any) -> Deferred:
    return Deferred(operation, arguments, client=any(map(has_rows, arguments)))
