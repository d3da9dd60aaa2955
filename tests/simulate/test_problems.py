"""Problems: gradients by differences, constants by sampling, minimisers by their conditions and by other solvers."""

from pathlib import Path

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.simulate.problems import PROBLEMS, read_problem
from efpep.simulate.problems.data import load, split

NAMES = [
    "quadratics:n=3,d=5,kappa=50,seed=1,heterogeneity=2",
    "quadratics:n=4,d=6,spectrum=extreme,smoothness=3",
    "quadratics:n=2,d=4,spectrum=logarithmic,kappa=1000",
    "quadratics:n=2,d=3,spectrum=1/2 1 4",
    "diagonal:n=3,d=7,kappa=10",
    "ridge",
    "ridge:data=digits,split=by-label,n=4",
    "logistic",
    "logistic:data=digits,split=by-label",
    "logistic:split=dirichlet,alpha=0.1,n=20",
    "svm",
    "svm:data=digits,n=3,split=dirichlet",
    "least-absolute",
    "least-absolute:heterogeneity=0,n=2,m=9,d=4",
    "neyman-pearson:n=5",
    "neyman-pearson:data=digits,split=by-label,budget=0.2",
    "neyman-pearson-network:n=3,hidden=4",
    "neyman-pearson-network:n=3,hidden=5 4 3",
    "lower-bound:n=2,active=5,d=8",
    "counterexample:b=0.9",
    f"adversary:file={Path(__file__).parents[2] / 'problems' / 'adversaries' / 'ef21.json'}",
]

ESTIMATED = {"fleet"}
"""Problems whose values are averages over random trajectories have tests of their own (test_fleet.py)."""


def points(problem, count=4):
    rng = np.random.default_rng(0)
    return [problem.start + rng.standard_normal(problem.dimension) / problem.dimension**0.5 for _ in range(count)]


def difference(function, x, v, step=1e-5):
    return (function(x + step * v) - function(x - step * v)) / (2 * step)


def test_every_problem_is_tested():
    assert {name.partition(":")[0] for name in NAMES} == set(PROBLEMS.members) - ESTIMATED


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_the_values(name):
    problem = read_problem(name)
    rng = np.random.default_rng(1)
    for x in points(problem, 2):
        v = rng.standard_normal(problem.dimension)
        slopes = problem.gradients(x) @ v
        expected = difference(problem.values, x, v)
        assert slopes.shape == (problem.clients,)
        kinks = 0.3 if name.startswith("svm") else 0  # a kink between the two points changes the difference
        np.testing.assert_allclose(slopes, expected, rtol=1e-6, atol=1e-6 + kinks)
        if hasattr(problem, "constraint_values"):
            expected = difference(problem.constraint_values, x, v)
            np.testing.assert_allclose(problem.constraint_gradients(x) @ v, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if "digits" in name else name for name in NAMES])
def test_constants_hold(name):
    problem = read_problem(name)
    x, y, z, w = points(problem)
    for a, b in ((x, y), (y, z), (z, w)):
        change = problem.gradients(a) - problem.gradients(b)
        inner = change @ (a - b)
        square = float(np.sum((a - b) ** 2))
        if not name.startswith("neyman-pearson-network"):
            assert np.all(inner >= problem.mu * square * (1 - 1e-9) - 1e-12)
        if problem.L is not None:
            assert np.all(np.linalg.norm(change, axis=1) <= problem.L * square**0.5 * (1 + 1e-9))
        if problem.M is not None:
            assert np.all(np.linalg.norm(problem.gradients(a), axis=1) <= problem.M)


@pytest.mark.parametrize(
    "name", ["quadratics:n=3,d=5,kappa=50", "quadratics:d=6,n=2,spectrum=extreme", "diagonal:kappa=50,d=9", "ridge"]
)
def test_constants_are_attained(name):
    problem = read_problem(name)
    spectra = []
    for i in range(problem.clients):
        at_zero = problem.gradient(i, np.zeros(problem.dimension))
        hessian = np.array([problem.gradient(i, e) - at_zero for e in np.eye(problem.dimension)])
        spectra.append(np.linalg.eigvalsh((hessian + hessian.T) / 2))
    assert problem.mu == pytest.approx(np.min(spectra), rel=1e-9)
    assert pytest.approx(np.max(spectra), rel=1e-9) == problem.L
    if name != "ridge":
        assert problem.L / problem.mu == pytest.approx(10 if "kappa" not in name else 50, rel=1e-9)


@pytest.mark.parametrize(
    "name", [name for name in NAMES if not name.startswith(("least-absolute", "svm", "neyman", "lower-bound", "counterexample"))]
)
def test_minimisers_of_smooth_problems_have_no_gradient(name):
    problem = read_problem(name)
    slope = np.linalg.norm(problem.gradients(problem.minimiser).mean(axis=0))
    assert slope / problem.mu <= 1e-12
    assert pytest.approx(np.linalg.norm(problem.minimiser - problem.start), rel=1e-12) == problem.R


@pytest.mark.parametrize("name", ["svm", "svm:data=digits,n=3,split=dirichlet"])
def test_the_minimiser_of_the_svm_is_least(name):
    # Strong convexity: a subgradient of norm r at x puts the minimiser within r/mu; scipy finds its weights.
    from scipy.optimize import lsq_linear

    problem = read_problem(name)
    x = problem.minimiser
    a, b = (np.concatenate(arrays) for arrays in zip(*problem.parts, strict=True))
    c = b[:, None] * a
    near = np.abs(c @ x - 1) <= 1e-11
    fixed = c[(c @ x < 1) & ~near].sum(axis=0) / len(b)
    weights = lsq_linear(c[near].T / len(b), problem.mu * x - fixed, bounds=(0, 1), tol=1e-15)
    assert np.linalg.norm(c[near].T @ weights.x / len(b) + fixed - problem.mu * x) / problem.mu <= 1e-10
    best = problem.values(x).mean()
    rng = np.random.default_rng(0)
    for size in (1e-1, 1e-3, 1e-5):
        for _ in range(20):
            v = rng.standard_normal(len(x))
            assert problem.values(x + size * v / np.linalg.norm(v)).mean() >= best + problem.mu / 2 * size**2 * (1 - 1e-3) - 1e-14


@pytest.mark.parametrize("name", [name for name in NAMES if "absolute" in name])
def test_minimisers_of_absolute_deviations_are_least(name):
    problem = read_problem(name)
    x = problem.minimiser
    best = problem.values(x).mean()
    residuals = np.concatenate([a @ x - b for a, b in problem.parts])
    assert np.sum(np.abs(residuals) <= 1e-12) >= problem.dimension  # a vertex
    rng = np.random.default_rng(0)
    for _ in range(200):
        v = rng.standard_normal(len(x))
        assert problem.values(x + 1e-3 * v).mean() >= best - 1e-15
    if "heterogeneity=0" in name:
        assert best <= 1e-14


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("neyman-pearson:")])
def test_constrained_minimisers_meet_their_conditions(name):
    problem = read_problem(name)
    x = problem.minimiser
    f, g = problem.gradients(x).mean(axis=0), problem.constraint_gradients(x).mean(axis=0)
    level = problem.constraint_values(x).mean()
    multiplier = -(f @ g) / (g @ g)
    assert multiplier > 0
    assert abs(level) <= 1e-12
    assert np.linalg.norm(f + multiplier * g) <= 1e-12


@pytest.mark.parametrize("name", NAMES)
def test_a_client_alone_computes_its_row_bit_for_bit(name):
    problem = read_problem(name)
    x = points(problem, 1)[0]
    whole = problem.gradients(x)
    for i in range(problem.clients):
        assert np.array_equal(problem.part(i).gradients(x), whole[i : i + 1])
        if hasattr(problem, "constraint_values"):
            assert np.array_equal(problem.part(i).constraint_values(x), problem.constraint_values(x)[i : i + 1])


def test_heterogeneity_is_what_is_asked_for():
    problem = read_problem("quadratics:n=5,d=4,heterogeneity=3,radius=2")
    at_best = problem.gradients(problem.minimiser)
    assert np.mean(np.sum(at_best**2, axis=1)) == pytest.approx(9, rel=1e-12)
    assert pytest.approx(2, rel=1e-12) == problem.R
    assert np.array_equal(read_problem("quadratics:n=5").gradients(read_problem("quadratics:n=5").minimiser), np.zeros((5, 20)))


@pytest.mark.parametrize("data", ["breast-cancer", "digits", "diabetes"])
@pytest.mark.parametrize("how", ["homogeneous", "by-label", "dirichlet"])
def test_splits_are_partitions(data, how):
    labels = load(data)[2]
    parts = split(labels, 10, how, 0.05, 3)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(labels)))
    assert min(len(part) for part in parts) >= 1
    kinds = np.mean([len(np.unique(labels[part])) for part in parts])
    assert kinds == len(np.unique(labels)) if how == "homogeneous" else kinds < len(np.unique(labels))


def test_the_split_does_not_change_the_average():
    losses = [
        read_problem(f"logistic:split={how}").values(np.ones(31)).mean() for how in ("homogeneous", "by-label", "dirichlet")
    ]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-13)


def test_ef21_reaches_the_minimiser():
    problem = read_problem("logistic:data=breast-cancer,n=4,split=by-label,regularisation=1")
    found = efpep.simulate(efpep.EF21(), problem, 1500, efpep.TopK(15), record_every=100)
    assert found["distance"][-1] < 1e-20
    assert found["gap"][-1] < 1e-13


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("quadratics:n=0", "n is"),
        ("quadratics:kappa=1/2", "kappa"),
        ("quadratics:n=1,heterogeneity=1", "heterogeneity"),
        ("quadratics:spectrum=1 2", "spectrum"),
        ("logistic:data=diabetes", "data"),
        ("logistic:split=fair", "split"),
        ("logistic:n=100000", "more than"),
        ("svm:alpha=0", "alpha"),
        ("ridge:lambda=1", "parameter"),
        ("lasso", "choose"),
        ("least-absolute:seed=-1", "seed"),
    ],
)
def test_refusals_are_one_sentence(name, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        read_problem(name).gradients(np.zeros(31))
    assert one_sentence(refused.value)
