"""One pass over the rows of client vectors: what concerns a few clients is computed before the next ones."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Condition
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.compressors.operator import CompressionOperator
from efpep.compressors.packing import row_sizes
from efpep.simulate.deferred import Deferred, numbers_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.seeded import Seeded

_WIDE = 512
"""Rows of at least this length are added one by one."""


@dataclass(frozen=True, eq=False)
class RowGradients:
    """The gradients of some clients: ``fill(first, out)`` writes those of the clients from ``first`` on."""

    fill: Callable[[int, NDArray[Any]], None]

    def __call__(self, first: int, out: NDArray[Any]) -> NDArray[Any]:
        """Write the rows of ``out``."""
        self.fill(first, out)
        return out


@dataclass(frozen=True, eq=False)
class RowCompression:
    """One use of an operator by all clients.

    Attributes:
        seeded: the operator.
        use: which use it is.
        sent: where the sizes of messages are added, shape ``(n,)``.
        who: which clients send theirs, shape ``(n,)``.
    """

    seeded: Seeded
    use: int
    sent: NDArray[np.int64]
    who: NDArray[np.bool_]

    def __call__(self, v: NDArray[Any], first: int) -> NDArray[Any] | Scattered:
        """Compress the rows of some clients, from ``first`` on."""
        kept = self.seeded.kept(v, self.use, first)
        operator = self.seeded.operator
        if kept is not None and type(operator).sizes is CompressionOperator.sizes:
            self._add(first, row_sizes([values for _, values in kept], v.shape[1]))
            return Scattered(kept)
        found = self.seeded.rows(v, self.use, first)
        if np.may_share_memory(found, v):  # rows that are written over while the message is still needed
            found = found.copy()
        self._add(first, operator.sizes(found))
        return found

    def _add(self, first: int, sizes: NDArray[np.int64]) -> None:
        rows = slice(first, first + len(sizes))
        self.sent[rows] += sizes * self.who[rows]


@dataclass(frozen=True, eq=False)
class Scattered:
    """Rows that are zero but at some places: for each row, where, and the values there."""

    rows: list[tuple[NDArray[np.intp], NDArray[Any]]]

    def within(self, shape: tuple[int, ...], dtype: Any) -> NDArray[Any]:
        """Return the whole rows."""
        found = np.zeros(shape, dtype)
        for row, (where, values) in zip(found, self.rows, strict=True):
            row[where] = values
        return found


@dataclass(eq=False)
class _Step:
    """How one vector of the pass is computed.

    Attributes:
        vector: the vector.
        places: for each argument, which vector of the pass it is; None for others.
        held: for each argument that is none, its array or number.
        output: the array that its rows are kept in, where they can be computed there.
        copied: the array that they are copied to at the end of a block.
        slot: which array for a few rows it is computed in.
    """

    vector: Deferred
    places: list[int | None]
    held: list[Any]
    output: NDArray[Any] | None = None
    copied: NDArray[Any] | None = None
    slot: int | None = None


class RowPass:
    """Computes client vectors, block by block.

    Attributes:
        outputs: the arrays of the vectors that are stored, shape ``(n, d)``.
        means: the averages that were asked for, shape ``(d,)``; sums run over clients in order, as those of whole arrays.
        finite: whether all gradients were.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        order: list[Deferred],
        stored: list[Deferred],
        averaged: list[Deferred],
        spare: list[NDArray[Any]],
        *,
        dtype: Any = np.float64,
    ) -> None:
        """Plan a pass.

        Args:
            shape: the shape ``(n, d)`` of client vectors.
            order: what is computed, each after what it comes from; server vectors that it comes from have their numbers.
            stored: the vectors whose rows are kept.
            averaged: the vectors whose averages are wanted.
            spare: arrays that rows may be kept in; the pass may read them too.
            dtype: of all arrays.
        """
        self.shape = shape
        self.dtype = dtype
        self.finite = True
        self.means: dict[Deferred, NDArray[Any]] = {}
        self._averaged = {v: order.index(v) for v in averaged}
        self._steps = [_step(v, order) for v in order]
        self.outputs = self._places(order, stored, spare)
        self._slots = self._share_slots()
        self._sums: dict[Deferred, NDArray[Any]] = {}
        self._total = 0.0

    def _places(self, order: list[Deferred], stored: list[Deferred], spare: list[NDArray[Any]]) -> dict[Deferred, NDArray[Any]]:
        """Choose arrays for what is stored: what a vector is a correction of, where it may be overwritten."""
        left = list(spare)
        outputs: dict[Deferred, NDArray[Any]] = {}
        for k in sorted(map(order.index, stored)):
            step = self._steps[k]
            corrected = next((i for i, old in enumerate(left) if step.held and step.held[0] is old), len(left) - 1)
            output = left.pop(corrected) if left else np.empty(self.shape, self.dtype)
            readers = [j for j, other in enumerate(self._steps) if any(held is output for held in other.held)]
            if isinstance(step.vector.operation, np.ufunc) and max(readers, default=-1) <= k:
                step.output = output
            else:
                step.copied = output
            outputs[step.vector] = output
        return outputs

    def _share_slots(self) -> int:
        """Choose arrays for a few rows of the other vectors, which take the places of those that are not needed any more."""
        last = dict.fromkeys(range(len(self._steps)), -1)
        for k, step in enumerate(self._steps):
            last.update((place, k) for place in step.places if place is not None)
            if step.copied is not None:
                last[k] = len(self._steps)
        last.update((place, len(self._steps)) for place in self._averaged.values())
        free: list[int] = []
        slots = 0
        for k, step in enumerate(self._steps):
            over = [j for j in set(step.places) if j is not None and last[j] == k]
            released = [slot for j in over if (slot := self._steps[j].slot) is not None]
            elementwise = isinstance(step.vector.operation, np.ufunc)
            free += released if elementwise else []
            if step.output is None and not isinstance(step.vector.operation, RowCompression):
                if not free:
                    free, slots = [slots], slots + 1
                step.slot = free.pop()
            free += [] if elementwise else released
        return slots

    def run(self, threads: int, rows: int) -> None:
        """Compute everything, so many rows at a time, in so many threads."""
        blocks = itertools.count()
        turns = _InTurn()

        def work() -> None:
            scratch = [np.empty((rows, self.shape[1]), self.dtype) for _ in range(self._slots)]
            try:
                with np.errstate(all="ignore"):
                    while (first := next(blocks) * rows) < self.shape[0]:
                        found, total = self._block(first, min(first + rows, self.shape[0]), scratch)
                        if not turns.reach(first // rows):
                            return
                        self._add(found, total, first)
                        turns.end()
            except BaseException as error:  # noqa: BLE001  raised below, whichever thread it comes from
                turns.fail(error)

        if threads == 1:
            work()
        else:
            with ThreadPoolExecutor(threads) as pool:
                wait([pool.submit(work) for _ in range(threads)])
        if turns.error is not None:
            raise turns.error
        self.means = {v: total / self.shape[0] for v, total in self._sums.items()}
        self.finite = bool(np.isfinite(self._total))

    def _block(self, first: int, last: int, scratch: list[NDArray[Any]]) -> tuple[list[Any], float]:
        """Compute the rows of the clients from ``first`` to before ``last``; also return the sum of all gradients."""
        found: list[Any] = []
        total = 0.0
        for step in self._steps:
            arguments = [
                found[place] if place is not None else (held[first:last] if np.ndim(held) == 2 else held)
                for place, held in zip(step.places, step.held, strict=True)
            ]
            out: Any = None if step.output is None else step.output[first:last]
            out = scratch[step.slot][: last - first] if step.slot is not None else out
            operation = step.vector.operation
            if isinstance(operation, RowGradients):
                found.append(operation(first, out))
                total += float(np.sum(out))
            elif isinstance(operation, RowCompression):
                found.append(operation(arguments[0], first))
            else:
                found.append(_elementwise(operation, arguments, out))
        for step, rows in zip(self._steps, found, strict=True):
            if step.copied is not None:
                target = step.copied[first:last]
                target[...] = rows.within(target.shape, target.dtype) if isinstance(rows, Scattered) else rows
        return found, total

    def _add(self, found: list[Any], total: float, first: int) -> None:
        """Add the rows of a block to the sums, after those of the blocks before it."""
        self._total += total
        for vector, place in self._averaged.items():
            rows = found[place]
            if isinstance(rows, Scattered):
                sums = self._sums.setdefault(vector, np.zeros(self.shape[1], self.dtype))
                for where, values in rows.rows:
                    sums[where] += values
            elif first and len(rows) > 1 and self.shape[1] < _WIDE:
                self._sums[vector] = np.add.reduce(np.concatenate([self._sums[vector][None], rows]), axis=0)
            else:
                sums = self._sums[vector] if first else self._sums.setdefault(vector, rows[0].copy())
                for row in rows if first else rows[1:]:
                    np.add(sums, row, out=sums)


@dataclass(eq=False)
class _InTurn:
    """Whose turn it is to add to the sums, which go over clients in order whichever thread computes them."""

    next: int = 0
    error: BaseException | None = None
    changed: Condition = field(default_factory=Condition)

    def reach(self, turn: int) -> bool:
        """Wait for a turn; False where it never comes, because a thread failed."""
        with self.changed:
            self.changed.wait_for(lambda: self.next == turn or self.error is not None)
            return self.error is None

    def end(self) -> None:
        """Let the next one have its turn."""
        with self.changed:
            self.next += 1
            self.changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Let nobody have a turn any more."""
        with self.changed:
            self.error = self.error or error
            self.changed.notify_all()


def _step(vector: Deferred, order: list[Deferred]) -> _Step:
    places = [order.index(a) if isinstance(a, Deferred) and a.array is None else None for a in vector.arguments]
    return _Step(vector, places, [numbers_of(a) for a in vector.arguments])


def _elementwise(operation: Callable[..., Any], arguments: list[Any], out: NDArray[Any]) -> NDArray[Any]:
    """Apply a ufunc to rows, of which some may be scattered."""
    whole = arguments[0]
    if operation in {np.add, np.subtract} and isinstance(arguments[1], Scattered) and not isinstance(whole, Scattered):
        if whole.ctypes.data != out.ctypes.data:
            np.copyto(out, whole)
        for row, (where, values) in zip(out, arguments[1].rows, strict=True):
            row[where] = operation(row[where], values)
        return out
    return operation(*(a.within(out.shape, out.dtype) if isinstance(a, Scattered) else a for a in arguments), out=out)
