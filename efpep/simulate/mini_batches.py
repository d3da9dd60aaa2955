"""How large the noise of mini-batches of a problem's data is.

Of m samples of a client, with the gradients ``s_j`` at x and their average ``s``, the average of b that are drawn without
replacement has the variance

    E ||xi||^2 = (m - b)/(b (m - 1)) (1/m) sum_j ||s_j - s||^2        (b < m; 0 for b >= m),

as of every finite population (Cochran, Sampling Techniques, Theorem 2.2). At a point it is computed from the data: a
measurement, which says nothing of other points. Where the samples' gradients are bounded by ``G_j``, but for a part that all
share, it is at most ``(m - b)/(b (m - 1)) (1/m) sum_j G_j^2`` at every point. A constraint's gradients count as well.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.errors import InputError
from efpep.model.argument import require_whole
from efpep.model.field import rounded
from efpep.model.gradient_noise import GradientNoise
from efpep.simulate.gradient_draws import Samples, batch_of, without_samples
from efpep.simulate.prepare import starting_point
from efpep.simulate.problem import Problem, Sampled, SampledConstraint, gradients_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_ROUNDING = 1 + 1e-12


def batch_noise(problem: Problem, batch: int, at: ArrayLike | None = None) -> GradientNoise:
    """Return the noise of mini-batches of a problem's data, with the standard deviation of the noisiest client.

    Runs draw these mini-batches, and a setting takes the same object for what is proved about them.

    Args:
        problem: one of data (:class:`~efpep.simulate.problem.Sampled`).
        batch: how many of its samples a client averages in an evaluation, drawn without replacement.
        at: a point, shape ``(d,)``, at which sigma is measured; what is proved with it holds for runs while their noise is no
            larger. Without it sigma is a bound at every point, where the samples' gradients are bounded.

    Raises:
        InputError: the problem has no samples, nothing bounds their gradients and no point is given, or there is no noise.
    """
    require_whole(batch, "batch", 1)
    sigma = bounded(problem, batch) if at is None else measured(problem, batch, np.asarray(at, dtype=np.float64))
    if sigma is None:
        raise InputError(
            f"the gradients of the samples of {type(problem).__name__} are not bounded, so that no sigma holds at every point; "
            "give a point at which it is measured, such as at=problem.minimiser.",
            argument="at",
        )
    if sigma == 0:
        raise InputError(
            f"mini-batches of {batch} samples have no noise here; take smaller ones, or exact gradients.", argument="batch"
        )
    return GradientNoise(rounded(Fraction(sigma * _ROUNDING), 12), batch)


def measured(problem: Problem, batch: int, x: NDArray[np.float64]) -> float:
    """Return the root of the largest variance of a client's mini-batches at ``x``, shape ``(d,)``, as computed from the data.

    Raises:
        InputError: the problem has no samples.
    """
    clients = len(gradients_of(problem, x))
    return math.sqrt(max(_variance(of, i, x, batch) for of in _averages(problem, batch) for i in range(clients)))


def bounded(problem: Problem, batch: int) -> float | None:
    """Return a bound of :func:`measured` at every point; None where nothing bounds the samples' gradients.

    Raises:
        InputError: the problem has no samples.
    """
    clients = len(gradients_of(problem, starting_point(problem, None)))
    largest = 0.0
    for of in _averages(problem, batch):
        for i in range(clients):
            bounds = of.bounds(i)
            if bounds is None:
                return None
            largest = max(largest, _factor(len(bounds), batch) * float(np.sum(bounds**2)))
    return math.sqrt(largest)


def told(problem: Problem, batch: int, x: NDArray[np.float64]) -> str:
    """Return what is known of the standard deviation of a run's mini-batches that ends in ``x``, and how."""
    most = bounded(problem, batch)
    return f"{measured(problem, batch, x):.6g} at the last iterate, measured" + ("" if most is None else f"; at most {most:.6g}")


def samples_of(problem: Problem) -> Samples | None:
    """Return the samples of the clients' functions, or None."""
    if not isinstance(problem, Sampled):
        return None
    return Samples(problem.samples, problem.sample_gradients, problem.sample_bounds)


def constraint_samples_of(problem: Problem) -> Samples | None:
    """Return the samples of the clients' constraints, or None."""
    if not isinstance(problem, SampledConstraint):
        return None
    return Samples(problem.constraint_samples, problem.sample_constraint_gradients, problem.constraint_sample_bounds)


def _averages(problem: Problem, batch: int) -> list[Samples]:
    """Return the samples of everything that is drawn in mini-batches."""
    samples, constraint = samples_of(problem), constraint_samples_of(problem)
    if samples is None:
        raise without_samples(batch)
    return [samples] if constraint is None else [samples, constraint]


def _factor(count: int, batch: int) -> float:
    """Return by what the sum of squared distances from the average is multiplied."""
    return (count - batch) / (batch * (count - 1) * count) if count > batch else 0.0


def _variance(samples: Samples, i: int, x: NDArray[np.float64], batch: int) -> float:
    count = samples.size(i)
    if count <= batch:
        return 0.0
    gradients = batch_of(samples, i, x, np.arange(count))
    return _factor(count, batch) * float(np.sum((gradients - gradients.mean(axis=0)) ** 2))
