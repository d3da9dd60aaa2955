"""Random sparsification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator, Kept
from efpep.compressors.randomized import Randomized
from efpep.compressors.unbiased import Unbiased
from efpep.model.field import Scalar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class Sparsification(CompressionOperator):
    """Keeps each entry with a probability, independently of the other entries.

    Belongs to ``Randomized(probability)``. Scaled by ``1/probability`` it is unbiased with ``omega = 1/probability - 1``.

    Attributes:
        probability: how likely an entry is kept, in ``(0, 1]``.
        shared: whether all clients keep the same entries.
        scaled: whether what is kept is divided by the probability.

    Raises:
        InputError: the probability is outside ``(0, 1]``, or a switch is neither yes nor no.
    """

    key: ClassVar[str] = "sparsification"
    random: ClassVar[bool] = True

    probability: Scalar
    shared: bool = False
    scaled: bool = False

    def __post_init__(self) -> None:
        """Check the parameters."""
        self.read_probability("probability")
        self.read_switch("shared", "scaled")

    def belongs_to(self, dimension: int) -> Randomized | Unbiased:
        """Return ``Randomized(probability)``, or ``Unbiased(1/probability - 1)`` where scaled."""
        del dimension
        p = self.probability
        return Unbiased(1 / p - 1, shared=self.shared) if self.scaled else Randomized(p, shared=self.shared)

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``."""
        return self.scattered(v, draws)

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``."""
        kept = seeded.uniform(arrays, (v.shape[0], self._outcomes(v.shape[1])), use) < float(self.probability)
        return arrays.xp.where(kept, v / float(self.probability) if self.scaled else v, arrays.xp.zeros_like(v))

    def _outcomes(self, dimension: int) -> int:
        """Return how many outcomes a row has."""
        return dimension

    def keeps(self, dimension: int) -> bool:
        """Whether entries are dropped."""
        del dimension
        return True

    def kept(self, row: NDArray[np.float64], draw: np.random.Generator | None) -> Kept:
        """Draw the places of entries, and return them with what is sent."""
        assert draw is not None  # noqa: S101
        places = np.flatnonzero(self._passes(draw, len(row)))
        return places, row[places] / float(self.probability) if self.scaled else row[places]

    def _passes(self, draw: np.random.Generator, dimension: int) -> NDArray[np.bool_]:
        """Draw which entries pass."""
        return draw.random(dimension) < float(self.probability)


@dataclass(frozen=True)
class Bernoulli(Sparsification):
    """Sends a vector whole with a probability, and nothing otherwise.

    Belongs to ``Randomized(probability)``. Scaled by ``1/probability`` it is unbiased with ``omega = 1/probability - 1``.

    Attributes:
        probability: how likely the vector is sent, in ``(0, 1]``.
        shared: whether all clients send at the same times.
        scaled: whether what is sent is divided by the probability.

    Raises:
        InputError: the probability is outside ``(0, 1]``, or a switch is neither yes nor no.
    """

    key: ClassVar[str] = "bernoulli"

    def _outcomes(self, dimension: int) -> int:
        del dimension
        return 1

    def _passes(self, draw: np.random.Generator, dimension: int) -> NDArray[np.bool_]:
        return np.full(dimension, draw.random() < float(self.probability))
