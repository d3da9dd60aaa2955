"""Stochastic gradients of runs: what a class of noise says, drawn from the normal distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.model.gradient_noise import GradientNoise


@dataclass
class GradientDraws:
    """Noise of gradients with ``E ||xi_i||^2 = sigma^2``, normal and spread evenly over the coordinates.

    The k-th evaluation draws, for client i, from the stream that ``SeedSequence(seed)`` spawns under ``(k, i)``, so that a run
    can be resumed.

    Attributes:
        noise: the class of the noise.
        seed: the entropy of ``numpy.random.SeedSequence``.
        uses: how many evaluations there were.
    """

    noise: GradientNoise
    seed: int | Sequence[int] = 0
    uses: int = 0

    def __call__(self, gradients: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return gradients, shape ``(n, d)``, with noise."""
        use, self.uses = self.uses, self.uses + 1
        size = float(self.noise.sigma) / math.sqrt(gradients.shape[1])
        keys = [(use, client) for client in range(len(gradients))]
        draws = [np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=key)) for key in keys]
        noise: list[NDArray[np.float64]] = [draw.normal(size=gradients.shape[1]) for draw in draws]
        return gradients + size * np.stack(noise)
