"""A user's own functions: arrays, callables, and cost objects, in runs and beside proved rates."""

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.compressors.operators import TopK

RNG = np.random.default_rng(7)
A = [RNG.standard_normal((m, 3)) for m in (5, 6, 7)]
B = [RNG.standard_normal(len(a)) for a in A]
BEST = np.linalg.lstsq(np.vstack(A), np.concatenate(B), rcond=None)[0]
EIGENVALUES = np.concatenate([np.linalg.svd(a)[1] ** 2 for a in A])
"""Minimiser and curvatures by NumPy."""


def functions():
    return [lambda x, a=a, b=b: np.sum((a @ x - b) ** 2) / 2 for a, b in zip(A, B, strict=True)]


def gradients():
    return [lambda x, a=a, b=b: a.T @ (a @ x - b) for a, b in zip(A, B, strict=True)]


class Cost:
    """One client's cost as benchmarks have it; its argument has the shape (3, 1)."""

    shape = (3, 1)

    def __init__(self, a, b):
        self.a, self.b = a, b
        self.m_cvx, self.m_smooth = np.linalg.eigvalsh(a.T @ a)[[0, -1]]

    def function(self, x):
        return np.sum((self.a @ x[:, 0] - self.b) ** 2) / 2

    def gradient(self, x):
        return (self.a.T @ (self.a @ x[:, 0] - self.b))[:, None]


def every_way():
    hessians, slopes = [a.T @ a for a in A], [a.T @ b for a, b in zip(A, B, strict=True)]
    constants = {"mu": EIGENVALUES.min(), "L": EIGENVALUES.max()}
    return {
        "least squares": efpep.problem(least_squares=(A, B)),
        "quadratics": efpep.problem(quadratics=(hessians, slopes)),
        "callables": efpep.problem(functions(), gradients(), **constants, dimension=3),
        "costs": efpep.problem([Cost(a, b) for a, b in zip(A, B, strict=True)]),
    }


@pytest.mark.parametrize("way", every_way())
def test_constants_and_minimiser_are_those_of_numpy(way):
    problem = every_way()[way]
    assert problem.mu == pytest.approx(EIGENVALUES.min(), rel=1e-10)
    assert pytest.approx(EIGENVALUES.max(), rel=1e-10) == problem.L
    assert problem.minimiser == pytest.approx(BEST, abs=1e-10)
    x = np.array([1.0, -2.0, 0.5])
    assert problem.gradients(x) == pytest.approx(np.array([g(x) for g in gradients()]))
    apart = problem.values(x) - problem.values(BEST)
    assert apart == pytest.approx(np.array([f(x) - f(BEST) for f in functions()]))
    assert problem.part(1).gradients(x)[0] == pytest.approx(gradients()[1](x))


@pytest.mark.parametrize("way", ["least squares", "costs"])
def test_own_problems_have_runs_and_proved_rates(way):
    problem = every_way()[way]
    run = efpep.simulate(efpep.EF21(), problem, 20, TopK(2))
    assert run["distance"][-1] < run["distance"][0] == pytest.approx(BEST @ BEST)
    found = efpep.compare(efpep.EF21(), problem, 20, TopK(2))
    assert found.rate.certified
    assert found.rate.setting.functions.mu <= EIGENVALUES.min()
    assert EIGENVALUES.max() * (1 - 1e-12) <= found.rate.setting.functions.L
    assert max(found.factors) <= found.proved


def test_gradients_alone_run():
    problem = efpep.problem(gradients=gradients(), start=[1, 1, 1])
    run = efpep.simulate(efpep.GD("1/100"), problem, 10)
    assert "gap" not in run.columns
    assert list(problem.start) == [1, 1, 1]
    assert problem.minimiser is None
    with pytest.raises(efpep.InputError, match="lacks mu"):
        efpep.compare(efpep.GD("1/100"), problem)


def test_what_is_rank_deficient_has_no_strong_convexity():
    assert efpep.problem(least_squares=([np.ones((2, 3))], [np.ones(2)])).mu == 0


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ({}, "no function is given"),
        ({"functions": functions()}, "gradients is missing"),
        ({"gradients": gradients()}, "dimension is missing"),
        ({"gradients": [1, 2]}, "no list of functions"),
        ({"functions": functions()[:2], "gradients": gradients(), "dimension": 3}, "2 clients and gradients of 3"),
        ({"gradients": gradients(), "dimension": 3, "mu": 2, "L": 1}, "mu = 2 is above L = 1"),
        ({"gradients": gradients(), "dimension": 3, "L": -1}, "L is -1"),
        ({"gradients": gradients(), "start": [1, 2], "dimension": 3}, r"start has shape \(2,\)"),
        ({"least_squares": (A, B[:2])}, "shapes do not fit"),
        ({"least_squares": (A, [*B[:2], B[0]])}, "shapes do not fit"),
        ({"least_squares": A}, r"least_squares=\(A, b\)"),
        ({"least_squares": ([A[0][0]], [B[0]])}, "2 indices"),
        ({"quadratics": ([np.triu(np.ones((2, 2)))], [np.ones(2)])}, "symmetric"),
        ({"quadratics": ([["a"]], [1])}, "no array of numbers"),
        ({"least_squares": (A, B), "gradients": gradients()}, "functions or gradients and least_squares"),
    ],
)
def test_what_does_not_fit_is_one_sentence(keys, match):
    with pytest.raises(efpep.InputError, match=match) as raised:
        efpep.problem(**keys)
    assert one_sentence(raised.value)


def test_a_gradient_of_another_shape_is_named():
    problem = efpep.problem(gradients=[*gradients()[:2], lambda x: x[:2]], dimension=3)
    with pytest.raises(efpep.InputError, match=r"the gradient of client 3 has shape \(2,\); give one of shape \(3,\)") as raised:
        efpep.simulate(efpep.GD("1/100"), problem, 2)
    assert one_sentence(raised.value)
