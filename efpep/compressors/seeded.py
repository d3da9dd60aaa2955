"""Operators with streams of random numbers: the same draws wherever and in whatever portion they are computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from efpep.compressors.operator import CompressionOperator

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        return self.operator.apply(v, self._draws(len(v)))

    def message(self, v: NDArray[np.float64]) -> bytes:
        """Compress the vector ``v`` of client ``first``, shape ``(d,)``, and return what is sent of it."""
        return self.operator.message(v, self._draws(1))

    def belongs_to(self, dimension: int) -> Compressor:
        """Return the class of compressors on ``R^dimension`` that the operator belongs to."""
        return self.operator.belongs_to(dimension)

    def _draws(self, rows: int) -> list[np.random.Generator]:
        use, self.uses = self.uses, self.uses + 1
        if not self.operator.random:
            return []
        shared = bool(getattr(self.operator, "shared", False))
        keys = [(use,) if shared else (use, self.first + row) for row in range(rows)]
        return [np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key)) for key in keys]
