"""Operators with streams of random numbers: the same draws wherever and in whatever portion they are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.compressors.operator import CompressionOperator, Kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.model.compressor_class import Compressor


@dataclass
class Seeded:
    """An operator whose k-th use draws, for client i, from the stream that ``SeedSequence(seed)`` spawns under ``(k, i)``.

    With shared randomness all clients draw from the stream under ``(k,)``. A stream depends on nothing but the seed, the use and
    the client, so a run can be resumed, and a client that computes its own row alone draws what it would draw in the company
    of the others. Operators that do not draw are passed through.

    Attributes:
        operator: the operator.
        seed: the entropy of ``numpy.random.SeedSequence``.
        first: which client the first row belongs to.
        uses: how often the operator was used.
    """

    operator: CompressionOperator
    seed: int | Sequence[int] = 0
    first: int = 0
    uses: int = 0

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        return self.rows(v, self.next_use())

    def message(self, v: NDArray[np.float64]) -> bytes:
        """Compress the vector ``v`` of client ``first``, shape ``(d,)``, and return what is sent of it."""
        return self.operator.message(v, self._draws(self.next_use(), self.first, 1))

    def next_use(self) -> int:
        """Begin a use, and return which one it is."""
        self.uses += 1
        return self.uses - 1

    def rows(self, v: NDArray[np.float64], use: int, first: int = 0) -> NDArray[np.float64]:
        """Compress the rows of some clients, from the ``first`` row on, in the use that :meth:`next_use` began."""
        return self.operator.apply(v, self._draws(use, self.first + first, len(v)))

    def on(self, arrays: Arrays, v: Any) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``, an array of another library."""
        return self.operator.apply_on(arrays, v, self, self.next_use())

    def uniform(self, arrays: Arrays, shape: tuple[int, int], use: int) -> Any:
        """Return random numbers in [0, 1) of all clients, which the library draws, or one row that they share."""
        rows = 1 if getattr(self.operator, "shared", False) else shape[0]
        key = [self.seed] if isinstance(self.seed, int) else [*self.seed]
        return arrays.uniform((rows, shape[1]), [*key, use])

    def kept(self, v: NDArray[np.float64], use: int, first: int = 0) -> list[Kept] | None:
        """Return :meth:`rows` as what :meth:`~efpep.compressors.operator.CompressionOperator.kept` says of each row."""
        if not self.operator.keeps(v.shape[1]):
            return None
        draws = self._draws(use, self.first + first, len(v))
        return [self.operator.kept(row, draws[i] if draws else None) for i, row in enumerate(v)]

    def belongs_to(self, dimension: int) -> Compressor:
        """Return the class of compressors on ``R^dimension`` that the operator belongs to."""
        return self.operator.belongs_to(dimension)

    def _draws(self, use: int, first: int, rows: int) -> list[np.random.Generator]:
        if not self.operator.random:
            return []
        shared = bool(getattr(self.operator, "shared", False))
        keys = [(use,) if shared else (use, first + row) for row in range(rows)]
        return [np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key)) for key in keys]
