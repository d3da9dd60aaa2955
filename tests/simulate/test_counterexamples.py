"""Counterexamples, empty sets of feasible iterates, and mini-batches."""

from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.compressors.sparsification import Bernoulli
from efpep.simulate.counterexamples import (
    TwoAbsoluteValues,
    cgd_trajectory,
    counterexample_curves,
    ef21_trajectory,
    misleading_estimate,
    start,
)
from efpep.simulate.noisy import MiniBatches, sample_size
from efpep.simulate.output import switching_run
from efpep.simulate.piecewise_linear import PiecewiseLinear
from efpep.simulate.run import NumericRun
from efpep.theory import safe_ef as theory

GAMMA = 0.05


def ef21(problem, x, estimate, iterations):
    method, run = efpep.EF21(Fraction(1, 20)).over(float), NumericRun(problem, efpep.TopK(1))
    state = method.State(x, estimate)
    points = [state.x]
    for _ in range(iterations):
        state = method.step(state, run)
        points.append(state.x)
    return np.array(points)


@pytest.mark.parametrize("b", [1.0, 0.9, 0.2])
def test_compressed_gradient_descent_cycles(b):
    problem = TwoAbsoluteValues(b)
    run = NumericRun(problem, efpep.TopK(1), efpep.Identity())
    outcome = switching_run(efpep.CGD(Fraction(1, 20)), run, start(GAMMA), 400)
    assert outcome.iterates == pytest.approx(cgd_trajectory(GAMMA, 399), abs=1e-12)


@pytest.mark.parametrize("b", [1.0, 0.9, 0.2])
def test_ef21_diverges(b):
    problem = TwoAbsoluteValues(b)
    points = ef21(problem, start(GAMMA), misleading_estimate(b), 400)
    assert points == pytest.approx(ef21_trajectory(GAMMA, b, 400), abs=1e-11)


@pytest.mark.parametrize("b", [1.0, 0.9, 0.2])
def test_ef21_diverges_from_exact_estimates_too(b):
    problem, x = TwoAbsoluteValues(b), np.array([GAMMA / 2, GAMMA / 2])
    points = ef21(problem, x, problem.gradients(x), 4000)
    values = [problem.values(p)[0] for p in points[::1000]]
    assert values == sorted(values)
    assert values[-1] > 3 * values[1] > 10 * values[0]


def test_error_feedback_converges_and_the_others_do_not():
    problem = TwoAbsoluteValues(1.0)
    curves = counterexample_curves(GAMMA, 1.0, 400)
    assert curves["EF14"][-1] == pytest.approx(0.0449, abs=5e-5)
    assert curves["CGD"][-1] == pytest.approx(1.0, abs=5e-4)
    assert curves["EF21"][-1] == pytest.approx(10.975, abs=5e-4)
    assert problem.values(cgd_trajectory(GAMMA, 400)[-1])[0] == pytest.approx(1.025)
    assert problem.values(ef21_trajectory(GAMMA, 1.0, 400)[-1])[0] == pytest.approx(21.0, abs=0.03)


def test_the_figure_is_written_with_its_numbers(tmp_path):
    from efpep.simulate.counterexample_figure import counterexample_figure

    paths = counterexample_figure(tmp_path / "counterexamples", iterations=50)
    assert [p.suffix for p in paths] == [".pdf", ".png", ".svg", ".csv"]
    lines = paths[-1].read_text().splitlines()
    assert lines[0].split(",")[0] == "round"
    assert len(lines) == 52


def empty_share(delta, T, runs):
    """How often no iterate has ``g(x) <= c``, c the guarantee for almost surely contractive compressors."""
    promise = theory.guarantee(theory.constant(delta), T)
    method = efpep.SafeEF(promise.step_size, promise.threshold)

    class Wall:
        """``f = 0`` subject to ``|x| - x_0 <= 0`` seen from distance 1: the constraint is active until x has moved."""

        def gradients(self, x):
            return np.zeros((1, 1))

        def constraint_values(self, x):
            return np.abs(x)

        def constraint_gradients(self, x):
            return np.sign(x)[None, :]

    empty = 0
    for k in range(runs):
        run = NumericRun(Wall(), Bernoulli(delta).seeded([5, k]), efpep.Identity())
        empty += switching_run(method, run, [1.0], T).output is None
    return empty / runs


def test_in_expectation_the_set_of_feasible_iterates_can_be_empty():
    delta, T = Fraction(1, 10), 50
    nothing_sent = float((1 - delta) ** (T - 1))
    share = empty_share(delta, T, 500)
    assert share > 0
    assert share >= nothing_sent - 3 * (nothing_sent / 500) ** 0.5
    assert share == pytest.approx(0.008, abs=0.01)


def test_markov_s_guarantee_holds_where_compressors_contract_in_expectation():
    delta, T, failure = Fraction(1, 5), 60, Fraction(1, 4)
    failures = 0
    for seed in range(80):
        problem = PiecewiseLinear.random(3, 4, seed)
        x0 = problem.solution + np.ones(4)
        promise = theory.in_expectation(theory.constant(delta), T, failure, R=2, M=problem.M)
        run = NumericRun(problem, Bernoulli(delta).seeded([9, seed]), efpep.Identity())
        found = switching_run(efpep.SafeEF(promise.step_size, promise.threshold), run, x0, T)
        c = float(promise.threshold)
        failures += (
            found.output is None or problem.values(found.output).mean() > c or problem.constraint_values(found.output).mean() > c
        )
    assert failures <= 0.25 * 80


def test_the_weighted_guarantee_holds_in_expectation():
    bounded = efpep.BoundedSubgradients(1)
    setting = efpep.Setting(bounded, efpep.Randomized("1/5"), agents=3)
    weighted = []
    for seed in range(60):
        problem = PiecewiseLinear.random(3, 4, seed)
        promise = efpep.guarantee(efpep.SafeEF, setting, iterations=60, radius=2, failure="1/2")
        c = promise.in_expectation
        assert promise.bound == pytest.approx(2 * c)
        run = NumericRun(problem, Bernoulli(Fraction(1, 5)).seeded([4, seed]), efpep.Identity())
        found = switching_run(efpep.SafeEF(promise.method.step_size, c), run, problem.solution + np.ones(4), 60)
        gap = 0 if found.output is None else problem.values(found.output).mean() - float(c)
        weighted.append(found.feasible.mean() * gap)
    assert np.mean(weighted) <= 3 * np.std(weighted) / np.sqrt(60)


def test_larger_batches_succeed_more_often():
    problem = PiecewiseLinear.random(4, 4, 1)
    x0, T, failure = problem.solution + np.ones(4) / 2, 100, 0.05
    promise = theory.guarantee(theory.transient_constant(T, "1/2"), T, R=1, M=problem.M)
    noise, slack = 40.0, float(promise.threshold)
    needed = sample_size(slack, noise, rounds=T, clients=4, failure=failure)

    def success(batch):
        good = 0
        for seed in range(40):
            noisy = MiniBatches(problem, batch, gradient_noise=noise, value_noise=noise, seed=seed)
            run = NumericRun(noisy, efpep.TopK(2), efpep.Identity())
            found = switching_run(efpep.SafeEF(promise.step_size, promise.threshold), run, x0, T)
            right = found.output is not None and problem.constraint_values(found.output).mean() <= 2 * slack
            good += right and problem.values(found.output).mean() <= 2 * slack
        return good / 40

    shares = [success(batch) for batch in (1, max(2, needed // 8), needed)]
    assert shares == sorted(shares)
    assert shares[-1] >= 1 - failure
    assert shares[0] < 0.9


def test_noise_has_the_size_it_says():
    problem = PiecewiseLinear.random(1, 6, 2)
    noisy = MiniBatches(problem, 4, gradient_noise=2.0, value_noise=3.0)
    x = problem.solution + 1
    apart = [np.linalg.norm(noisy.gradients(x) - problem.gradients(x)) ** 2 for _ in range(3000)]
    assert np.mean(apart) == pytest.approx(1.0, rel=0.1)
    values = [noisy.constraint_values(x)[0] - problem.constraint_values(x)[0] for _ in range(3000)]
    assert np.std(values) == pytest.approx(1.5, rel=0.1)
    assert np.mean([noisy.constraint_gradients(x) for _ in range(2000)], axis=0) == pytest.approx(
        problem.constraint_gradients(x), abs=0.1
    )


def test_the_sample_size_bounds_the_deviation_of_all_rounds():
    N = sample_size(0.5, 2.0, rounds=50, clients=2, failure=0.1)
    draw = np.random.default_rng(0)
    means = draw.normal(size=(4000, 50)) * 2.0 / np.sqrt(2 * N)
    assert (np.abs(means).max(axis=1) > 0.5).mean() <= 0.1
    assert sample_size(0.5, 0.0, rounds=50) == 1


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: MiniBatches(PiecewiseLinear.random(1, 1, 1), 0), "batch"),
        (lambda: MiniBatches(PiecewiseLinear.random(1, 1, 1), 1, value_noise=-1), "noise"),
        (lambda: sample_size(0, 1, rounds=3), "sample size"),
    ],
)
def test_bad_numbers_get_one_sentence(attempt, expected):
    with pytest.raises(efpep.InputError, match=expected) as caught:
        attempt()
    assert one_sentence(caught.value)
