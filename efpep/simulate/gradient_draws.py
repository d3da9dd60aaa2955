"""Stochastic gradients of runs: what a class of noise says, drawn from the normal distribution or from a problem's data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.model.gradient_noise import GradientNoise


class Samples(NamedTuple):
    """The samples that functions are the averages of, client by client; see :class:`~efpep.simulate.problem.Sampled`."""

    size: Callable[[int], int]
    gradients: Callable[[int, NDArray[np.float64], NDArray[np.int64]], Any]
    bounds: Callable[[int], NDArray[np.float64] | None]


@dataclass
class GradientDraws:
    """Gradients with noise: ``E ||xi_i||^2 = sigma^2``, normal and spread evenly over the coordinates, or mini-batches.

    A mini-batch of b of a client's m samples is drawn without replacement, so that its average is unbiased, and exact for
    ``b >= m``. The k-th evaluation draws, for client i, from the stream that ``SeedSequence(seed)`` spawns under ``(k, i)``, so
    that a run can be resumed.

    Attributes:
        noise: the class of the noise.
        seed: the entropy of ``numpy.random.SeedSequence``.
        uses: how many evaluations there were.
    """

    noise: GradientNoise
    seed: int | Sequence[int] = 0
    uses: int = 0

    def __call__(
        self,
        x: NDArray[np.float64],
        exact: Callable[[NDArray[np.float64]], NDArray[np.float64]],
        samples: Samples | None,
        clients: int,
    ) -> NDArray[np.float64]:
        """Return gradients at ``x`` with noise, shape ``(n, d)``.

        Args:
            x: the point, shape ``(d,)``, or the clients' own, shape ``(n, d)``.
            exact: evaluates the exact gradients, shape ``(n, d)``.
            samples: of what these are the averages; needed for mini-batches.
            clients: the number n of clients.

        Raises:
            InputError: mini-batches are meant, and there are no samples, or their gradients have another shape.
        """
        use, self.uses = self.uses, self.uses + 1
        draws = [np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(use, i))) for i in range(clients)]
        if self.noise.batch is None:
            gradients = exact(x)
            size = float(self.noise.sigma) / math.sqrt(gradients.shape[1])
            noise: list[NDArray[np.float64]] = [draw.normal(size=gradients.shape[1]) for draw in draws]
            return gradients + size * np.stack(noise)
        if samples is None:
            raise without_samples(self.noise.batch)
        counts = [samples.size(i) for i in range(clients)]
        full = exact(x) if min(counts) <= self.noise.batch else np.empty((clients, x.shape[-1]))
        for i, (count, draw) in enumerate(zip(counts, draws, strict=True)):
            if count > self.noise.batch:
                rows = np.sort(draw.choice(count, size=self.noise.batch, replace=False))
                full[i] = batch_of(samples, i, x if x.ndim == 1 else x[i], rows).mean(axis=0)
        return full


def batch_of(samples: Samples, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the gradients of some of client i's samples at ``x``, shape ``(k, d)``.

    Raises:
        InputError: they have another shape.
    """
    found: Any = samples.gradients(i, x, rows)
    if isinstance(found, np.ndarray) and found.shape == (len(rows), len(x)):
        return cast("NDArray[np.float64]", found)
    what = f"an array of shape {found.shape}" if isinstance(found, np.ndarray) else shown(found)
    raise InputError(
        f"the gradients of {len(rows)} samples at a point of shape {x.shape} are {what}; correct the problem's "
        "sample_gradients(i, x, rows), which returns one row for each sample.",
        argument="problem",
    )


def without_samples(batch: int) -> InputError:
    """Return the refusal of mini-batches of a problem without data."""
    return InputError(
        f"the noise is that of mini-batches of {batch} samples, and the problem has no samples; give one of data, such as "
        "logistic, or normal noise, GradientNoise(sigma=1).",
        argument=("batch", "noise"),
    )
