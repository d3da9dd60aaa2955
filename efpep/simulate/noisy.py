"""Problems seen through mini-batches: subgradients and constraint values with sub-Gaussian noise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from efpep.errors import InputError
from efpep.simulate.problem import Constrained, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray


class ConstrainedProblem(Problem, Constrained, Protocol):
    """A problem with a constraint."""


class MiniBatches:
    """A problem whose oracle averages ``batch`` samples at every call.

    Each sample has Gaussian noise, independent between clients and calls: of standard deviation ``gradient_noise`` in the norm
    of a subgradient (spread evenly over the coordinates), and ``value_noise`` in a constraint value.

    Attributes:
        problem: the exact problem.
        batch: how many samples a client averages at each call.
        gradient_noise: the size of one sample's noise in subgradients.
        value_noise: the size of one sample's noise in constraint values.
    """

    def __init__(
        self, problem: ConstrainedProblem, batch: int, *, gradient_noise: float = 0.0, value_noise: float = 0.0, seed: int = 0
    ) -> None:
        """Look at ``problem`` through mini-batches.

        Raises:
            InputError: a batch below 1, or noise of negative size.
        """
        if batch < 1:
            raise InputError(
                f"batch is {batch}, the number of samples of a call; give a whole number of at least 1.", argument="batch"
            )
        if gradient_noise < 0 or value_noise < 0:
            raise InputError(
                "noise of a negative size is meant to be positive; give numbers >= 0.", argument=("gradient_noise", "value_noise")
            )
        self.problem = problem
        self.batch = batch
        self.gradient_noise = gradient_noise
        self.value_noise = value_noise
        self._draw = np.random.default_rng(np.random.SeedSequence(seed))

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return noisy subgradients of every client, shape ``(n, d)``."""
        return self._noisy(self.problem.gradients(x))

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return noisy subgradients of every client's constraint, shape ``(n, d)``."""
        return self._noisy(self.problem.constraint_gradients(x))

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return noisy constraint values of every client, shape ``(n,)``."""
        exact = self.problem.constraint_values(x)
        return exact + self.value_noise / math.sqrt(self.batch) * self._draw.normal(size=exact.shape)

    def _noisy(self, exact: NDArray[np.float64]) -> NDArray[np.float64]:
        size = self.gradient_noise / math.sqrt(self.batch * exact.shape[1])
        return exact + size * self._draw.normal(size=exact.shape)


def sample_size(accuracy: float, noise: float, *, rounds: int, clients: int = 1, failure: float = 0.05) -> int:
    """Return a batch with which all constraint values of a run are within ``accuracy`` with probability ``1 - failure``.

    The mean over n clients of averages of N samples, each sub-Gaussian with parameter ``noise``, is off by more than ``accuracy``
    with probability at most ``2 exp(-n N accuracy^2/(2 noise^2))``. A union bound over the rounds gives

        N >= 2 noise^2 log(2 rounds/failure) / (n accuracy^2).

    Derived for efpep (docs/safe_ef.md) for the setting of sub-Gaussian mini-batches of 2505.06053.

    Raises:
        InputError: a number that is not positive, or ``failure`` not in (0, 1).
    """
    if not (accuracy > 0 and noise >= 0 and rounds >= 1 and clients >= 1 and 0 < failure < 1):
        raise InputError(
            "a sample size needs accuracy > 0, noise >= 0, rounds and clients of at least 1, and failure in (0, 1); "
            "change what is out of range.",
            argument=("accuracy", "noise", "rounds", "clients", "failure"),
        )
    return max(1, math.ceil(2 * noise**2 * math.log(2 * rounds / failure) / (clients * accuracy**2)))
