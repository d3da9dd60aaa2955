"""Safe-EF with stochastic subgradients: the constant's limits, and runs."""

import json
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.theory import safe_ef as theory


def setting(sigma, agents=4, delta="1/2", **more):
    noise = None if sigma is None else efpep.GradientNoise(sigma)
    return efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive(delta), agents, noise=noise, **more)


@pytest.mark.parametrize("server", [1, "1/3"])
def test_without_noise_it_is_the_constant_of_almost_surely_contractive_compressors(server):
    plain = theory.transient_constant(50, "1/2", server).value
    assert theory.noisy_constant(50, "1/2", server).value == plain
    assert plain < theory.noisy_constant(50, "1/2", server, sigma="1/1000").value < plain * (1 + Fraction(1, 10**5))


@pytest.mark.parametrize(("sigma", "agents", "delta"), [(2, 4, 0.5), (0.3, 1, 0.1), (10, 100, 0.9)])
def test_the_limit_is_that_of_the_potential_with_its_best_weight(sigma, agents, delta):
    """Minimised numerically over alpha, and below its value at ``alpha = 1/q``."""
    q = np.sqrt(1 - delta)

    def potential(alpha):
        return 1 + alpha * q**2 + (1 + alpha * q**2) ** 2 / (alpha * delta) + (1 / agents + alpha * q**2) * sigma**2

    best = min(potential(alpha) for alpha in np.geomspace(1e-3, 1e3, 20001))
    found = [
        float(theory.noisy_constant(T, Fraction(str(delta)), sigma=Fraction(str(sigma)), agents=agents).value)
        for T in (500, 1000)
    ]
    assert found[0] < found[1] < best < potential(1 / q)
    limit = 2 * found[1] - found[0]  # the transient is a sum over T
    assert limit == pytest.approx(best, rel=1e-6)


class Absolute:
    """``f_i(x) = ||x||_1 / sqrt(d)`` for all clients, subject to ``x_1 >= 1``."""

    def __init__(self, clients, dimension):
        self.clients, self.dimension, self.minimiser = clients, dimension, np.zeros(dimension)

    def values(self, x):
        return np.full(self.clients, np.abs(x).sum() / np.sqrt(self.dimension))

    def gradients(self, x):
        return np.tile(np.sign(x) / np.sqrt(self.dimension), (self.clients, 1))

    def constraint_values(self, x):
        return np.full(self.clients, (1 - x[0]) / 2)

    def constraint_gradients(self, x):
        return np.tile(-np.eye(self.dimension)[0] / 2, (self.clients, 1))


def averages(problem, method, T, seed, x0):
    """The share of rounds in B, and the gap of their average (0 where there are none)."""
    visited = []

    class Watched(type(problem)):
        def constraint_values(self, x):
            visited.append(x.copy())
            return problem.constraint_values(x)

    watched = Watched(problem.clients, problem.dimension)
    efpep.simulate(
        method,
        watched,
        T,
        efpep.TopK(2),
        efpep.TopK(4),
        noise=efpep.GradientNoise(1),
        seed=seed,
        start=x0,
        record=["bytes_client"],
    )
    points = np.array(visited[:T])
    good = points[[problem.constraint_values(x).mean() <= float(method.threshold) for x in points]]
    return len(good) / T, (problem.values(good.mean(axis=0)).mean() if len(good) else 0.0)


def test_the_mean_over_seeds_is_below_the_bound():
    """The constrained minimum of the sum of absolute values is 1/2, at the first unit vector."""
    problem, T, x0 = Absolute(3, 4), 100, np.array([1.5, 0.5, 0.5, 0.5])
    radius = Fraction(1)  # from (1, 0, 0, 0)
    found = efpep.guarantee(efpep.SafeEF, setting(1, 3), T, radius=radius)
    assert found.probability is None
    assert found.in_expectation == found.bound
    pairs = [averages(problem, found.method, T, seed, x0) for seed in range(6)]
    c = float(found.bound)
    excess = np.mean([share * (value - 0.5 - c) for share, value in pairs])
    assert all(share > 0 for share, _ in pairs)
    assert -c < excess <= 0
    assert min(value for _, value in pairs) < 0.5 + c


def test_mini_batches_of_data_run_and_are_bounded():
    from efpep.simulate.mini_batches import batch_noise
    from efpep.simulate.problems import LeastAbsoluteDeviations

    problem = LeastAbsoluteDeviations(n=3, m=6, d=4)
    noise = batch_noise(problem, 2)
    functions = efpep.BoundedSubgradients(Fraction(problem.M).limit_denominator(10**6) + Fraction(1, 10**6))
    asked = efpep.Setting(functions, efpep.Contractive("1/2"), 3, noise=noise)
    found = efpep.guarantee(efpep.SafeEF, asked, 200, radius=Fraction(problem.R) + 1)
    gaps = []
    for seed in range(3):
        run = efpep.simulate(
            efpep.EF(found.method.step_size), problem, 200, efpep.TopK(2), noise=noise, seed=seed, record=["gap"]
        )
        gaps.append(run["gap"][:-1].mean())  # at least that of the average
    assert 0 < np.mean(gaps) <= float(found.bound)


def test_the_command(capsys):
    words = ["tune", "safe-ef", "--iterations", "100", "--delta", "0.5", "--agents", "4", "--sigma", "2"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["probability"] is None
    assert found["guarantee"] == found["in_expectation"]
    K = theory.noisy_constant(100, "1/2", sigma=2, agents=4).value
    assert float(found["guarantee"]) == pytest.approx(np.sqrt(float(K) / 100), rel=1e-9)
    assert main(words) == 0
    assert "in expectation over the noise" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: efpep.guarantee(efpep.SafeEF, setting(1), 10, failure="1/10"), "leave it out"),
        (
            lambda: efpep.guarantee(efpep.SafeEF, efpep.Setting(efpep.SmoothConvex(1), None, noise=efpep.GradientNoise(1)), 10),
            "bounded",
        ),
        (lambda: theory.noisy_constant(0, "1/2", sigma=1), "whole number"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(efpep.InputError, match=words) as refused:
        call()
    assert one_sentence(refused.value)
