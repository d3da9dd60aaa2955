"""Runs of a method on the worst-case function of the lower bound, with the compressors it is about."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.compressors.identity import Identity
from efpep.compressors.operator import CompressionOperator
from efpep.compressors.rand_k import RandK
from efpep.compressors.sparsification import Bernoulli
from efpep.errors import InputError
from efpep.model.field import shown
from efpep.simulate.output import switching_run
from efpep.simulate.run import NumericRun
from efpep.simulate.worst_function import WorstFunction
from efpep.theory.lower_bound import LowerBound, lower_bound

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.methods.base import Method


@dataclass(frozen=True)
class LowerBoundInstance:
    """A worst-case function with a compressor that lets each coordinate pass with probability delta, the same for all clients."""

    problem: WorstFunction
    compressor: CompressionOperator


def rand_k_instance(delta: Fraction, active: int, clients: int = 1) -> LowerBoundInstance:
    """Return the instance with shared Rand-K: ``k = delta D`` of D entries, D the least possible number of at least d."""
    dimension = math.ceil(active / delta.denominator) * delta.denominator
    k = int(delta * dimension)
    return LowerBoundInstance(WorstFunction(active, dimension, clients=clients), RandK(k, shared=True))


def bernoulli_instance(delta: Fraction, active: int, clients: int = 1) -> LowerBoundInstance:
    """Return the instance with a shared Bernoulli compressor, which sends all or nothing."""
    return LowerBoundInstance(WorstFunction(active, active, clients=clients), Bernoulli(delta, shared=True))


INSTANCES: dict[str, Callable[[Fraction, int, int], LowerBoundInstance]] = {
    "rand-k": rand_k_instance,
    "bernoulli": bernoulli_instance,
}
"""The instances by name."""


@dataclass(frozen=True)
class AgainstBound:
    """Gaps of runs on the worst-case function, in units of ``R M``.

    Attributes:
        bound: the lower bound.
        outputs: ``f(xbar) - f*`` of each run.
        best: the least gap among each run's iterates.
    """

    bound: LowerBound
    outputs: NDArray[np.float64]
    best: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """The mean gap of the output."""
        return float(self.outputs.mean())

    @property
    def error(self) -> float:
        """The standard error of :attr:`mean`."""
        return float(self.outputs.std(ddof=1) / math.sqrt(len(self.outputs))) if len(self.outputs) > 1 else math.inf


def against_bound(
    method: Method, delta: Fraction, T: int, *, runs: int = 100, instance: str = "rand-k", clients: int = 1, seed: int = 0
) -> AgainstBound:
    """Run a method against the lower bound for T rounds, R = M = 1.

    Args:
        method: a method whose query points are determined by what the server sends; its step size is a number.
        delta: the probability with which a coordinate passes in a round.
        T: the number of rounds.
        runs: how many runs, each with random numbers of its own.
        instance: ``"rand-k"`` or ``"bernoulli"``.
        clients: how many clients, all with the same function.
        seed: the seed of the random numbers.

    Raises:
        InputError: an unknown instance, or no run.
    """
    if instance not in INSTANCES:
        raise InputError(
            f"{shown(instance)} is not an instance of the lower bound; choose one of {', '.join(INSTANCES)}.", argument="instance"
        )
    if runs < 1:
        raise InputError(f"runs is {runs}, but there is at least one; give a whole number of at least 1.", argument="runs")
    bound = lower_bound(delta, T)
    made = INSTANCES[instance](delta, bound.dimension, clients)
    problem, outputs, best = made.problem, np.empty(runs), np.empty(runs)
    for k in range(runs):
        run = NumericRun(problem, made.compressor.seeded([seed, k]), Identity())
        outcome = switching_run(method, run, np.zeros(problem.dimension), T)
        gaps = [problem.value(x) - problem.optimum for x in outcome.iterates]
        best[k] = min(gaps)
        outputs[k] = math.inf if outcome.output is None else problem.value(outcome.output) - problem.optimum
    return AgainstBound(bound, outputs, best)
