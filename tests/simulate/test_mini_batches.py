"""Mini-batches of data in runs: every batch of a tiny data set, by enumeration."""

import itertools
import json

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.simulate.gradient_draws import GradientDraws
from efpep.simulate.mini_batches import batch_noise, bounded, measured, samples_of
from efpep.simulate.problems import LeastAbsoluteDeviations, NeymanPearson, RandomQuadratics, read_problem

RNG = np.random.default_rng(3)
A = [RNG.standard_normal((m, 3)) for m in (5, 2)]
B = [RNG.standard_normal(len(a)) for a in A]
X = np.array([1.0, -2.0, 0.5])
OWN = efpep.problem(least_squares=(A, B))
TINY = [
    OWN,
    LeastAbsoluteDeviations(n=2, m=5, d=3),
    read_problem("logistic:n=80,split=by-label"),
    read_problem("svm:n=80"),
    NeymanPearson(n=80),
    read_problem("neyman-pearson-network:n=80,hidden=2"),
]


def batches(problem, i, batch, x):
    """Every mini-batch's gradient of a client, shape ``(subsets, d)``."""
    count = problem.samples(i)
    return np.array(
        [
            problem.sample_gradients(i, x, np.array(rows)).mean(axis=0)
            for rows in itertools.combinations(range(count), min(batch, count))
        ]
    )


@pytest.mark.parametrize("problem", TINY, ids=lambda problem: type(problem).__name__)
def test_all_mini_batches_average_to_the_gradient_with_the_variance_that_is_measured(problem):
    x = np.resize(X, problem.dimension)
    exact, variances = problem.gradients(x), []
    clients = range(min(len(exact), 5))
    for i in clients:
        found = batches(problem, i, 2, x)
        np.testing.assert_allclose(found.mean(axis=0), exact[i], rtol=0, atol=1e-12 * max(1, np.abs(found).max()))
        variances.append(np.mean(np.sum((found - exact[i]) ** 2, axis=1)))
    assert max(variances) > 0
    if len(exact) == len(clients):
        assert measured(problem, 2, x) ** 2 == pytest.approx(max(variances), rel=1e-12)
    most = bounded(problem, 2)
    assert measured(problem, 2, x) ** 2 >= max(variances) * (1 - 1e-12)
    assert most is None or most >= measured(problem, 2, x)


def test_the_noise_of_constraints_is_measured_and_bounded_too():
    problem = NeymanPearson(n=3)
    one, x = np.arange(problem.constraint_samples(0)), np.resize(X, problem.dimension)
    found = problem.sample_constraint_gradients(0, x, one)
    np.testing.assert_allclose(found.mean(axis=0), problem.constraint_gradient(0, x), atol=1e-12)
    assert measured(problem, 1, x) ** 2 >= np.mean(np.sum((found - found.mean(axis=0)) ** 2, axis=1)) * (1 - 1e-12)
    assert bounded(problem, 1) >= measured(problem, 1, x)


def test_every_mini_batch_is_drawn_equally_often():
    draws, every = GradientDraws(efpep.GradientNoise(batch=2), 5), batches(OWN, 0, 2, X)
    counts = np.zeros(len(every))
    for _ in range(1000):
        found = draws(X, OWN.gradients, samples_of(OWN), 2)
        near = np.flatnonzero(np.all(np.isclose(every, found[0], rtol=1e-12), axis=1))
        counts[near] += 1
        np.testing.assert_array_equal(found[1], OWN.gradients(X)[1])  # all its samples
    assert counts.sum() == 1000
    assert np.all(np.abs(counts - 100) < 5 * np.sqrt(1000 * 0.1 * 0.9))


def test_runs_repeat_and_resume_bit_for_bit(tmp_path):
    given = {"compressor": efpep.RandK(1), "noise": efpep.GradientNoise(batch=2), "seed": 4}
    whole = efpep.simulate(efpep.EF("1/100"), OWN, 9, **given)
    file = tmp_path / "run.npz"
    efpep.simulate(efpep.EF("1/100"), OWN, 4, **given, checkpoint=file)
    resumed = efpep.simulate(efpep.EF("1/100"), OWN, 9, **given, checkpoint=file, resume=True)
    other = efpep.simulate(efpep.EF("1/100"), OWN, 9, **{**given, "seed": 5})
    assert np.array_equal(whole.x, resumed.x)
    assert not np.array_equal(whole.x, other.x)
    assert "measured" in whole.description["sigma"]
    with pytest.raises(efpep.InputError, match="another run"):
        efpep.simulate(
            efpep.EF("1/100"), OWN, 9, **{**given, "noise": efpep.GradientNoise(batch=1)}, checkpoint=file, resume=True
        )


def test_all_samples_are_the_exact_run():
    exact = efpep.simulate(efpep.EF("1/100"), OWN, 9, efpep.TopK(1))
    full = efpep.simulate(efpep.EF("1/100"), OWN, 9, efpep.TopK(1), noise=efpep.GradientNoise(batch=5))
    assert np.array_equal(exact.x, full.x)


class Centres:
    """``f_i(x) = mean_j ||x - c_ij||^2 / 2``: mini-batches have the same noise at every point."""

    def __init__(self, centres):
        self.centres = centres
        self.minimiser = np.mean([c.mean(axis=0) for c in centres], axis=0)
        self.dimension, self.mu, self.L = len(self.minimiser), 1.0, 1.0

    def gradients(self, x):
        return np.array([x - c.mean(axis=0) for c in self.centres])

    def samples(self, i):
        return len(self.centres[i])

    def sample_gradients(self, i, x, rows):
        return x - self.centres[i][rows]

    def sample_bounds(self, i):
        return np.linalg.norm(self.centres[i] - self.centres[i].mean(axis=0), axis=1)


def test_the_same_object_serves_a_run_and_a_proof():
    """The mean over time and seeds of the stationary distance is below the floor that is proved for the noise of the data."""
    problem = Centres([RNG.standard_normal((6, 2)) for _ in range(3)])
    noise = batch_noise(problem, 2)
    assert float(noise.sigma) == pytest.approx(measured(problem, 2, X[:2]), rel=1e-10)  # exact, wherever
    setting = efpep.Setting(efpep.SmoothStronglyConvex(1, 1), efpep.Contractive("1/2"), 3, noise=noise)
    assert setting.noise == efpep.GradientNoise(noise.sigma)  # how it is drawn does not matter to proofs
    runs = [efpep.simulate(efpep.EF("1/5"), problem, 200, efpep.TopK(1), noise=noise, seed=seed) for seed in range(2)]
    reached = np.mean([run["distance"][50:].mean() for run in runs])
    # the stationary variance of gradient descent with the same noise, for scale
    variances = [np.mean(np.sum((c - c.mean(axis=0)) ** 2, axis=1)) * (6 - 2) / (2 * (6 - 1)) for c in problem.centres]
    plain = 0.2**2 * np.sum(variances) / 9 / (1 - 0.8**2)
    assert 0.5 * plain < reached <= float(efpep.noise(efpep.EF("1/5"), setting).floor)


class Wrong(Centres):
    def sample_gradients(self, i, x, rows):
        return x - self.centres[i]


def test_the_command_says_how_large_the_noise_is(capsys):
    words = ["simulate", "gd", "--problem", "least-absolute:n=2,m=5,d=3", "--step-size", "0.1", "--iterations", "3"]
    assert main([*words, "--batch", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert "batch=2" in found["noise"]
    assert "measured; at most" in found["sigma"]
    assert main([*words, "--batch", "2", "--sigma", "1"]) == 2
    assert "leave one of them out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: efpep.GradientNoise(batch=0), "batch"),
        (lambda: efpep.GradientNoise(batch="1/2"), "whole number"),
        (lambda: efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), noise=efpep.GradientNoise(batch=2)), "sigma is missing"),
        (lambda: efpep.simulate(efpep.GD("1/10"), RandomQuadratics(), 2, noise=efpep.GradientNoise(batch=2)), "no samples"),
        (lambda: efpep.simulate(efpep.GD("1/10"), Wrong(A), 2, noise=efpep.GradientNoise(batch=2)), "sample_gradients"),
        (lambda: batch_noise(OWN, 1), "not bounded"),
        (lambda: batch_noise(OWN, 5, at=X), "no noise"),
        (lambda: batch_noise(RandomQuadratics(), 5), "no samples"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(efpep.InputError, match=words) as refused:
        call()
    assert one_sentence(refused.value)
