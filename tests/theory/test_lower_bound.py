"""The lower bound: its function, runs against it, and the restriction to server-determined queries."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.compressors.rand_k import RandK
from efpep.simulate.against_bound import INSTANCES, against_bound
from efpep.simulate.worst_function import WorstFunction
from efpep.theory import safe_ef as theory
from efpep.theory.lower_bound import lower_bound

TENTH = Fraction(1, 10)


def test_the_worst_function_is_what_the_proof_says():
    problem = WorstFunction(5, 8, R=2.0, M=3.0, clients=2)
    assert problem.value(problem.minimiser) == pytest.approx(problem.optimum) == pytest.approx(-6 / sqrt(5))
    assert np.linalg.norm(problem.minimiser) == pytest.approx(2)
    draw = np.random.default_rng(0)
    for _ in range(300):
        x, y = draw.normal(size=(2, 8)) * draw.exponential(size=(2, 1))
        g = problem.gradients(x)[1]
        assert problem.value(y) >= problem.value(x) + g @ (y - x) - 1e-9
        assert np.linalg.norm(g) <= 3 + 1e-9
        assert problem.value(x) >= problem.optimum - 1e-9
        assert problem.constraint_values(x)[0] == pytest.approx(problem.value(x) - problem.optimum)
    ahead = np.zeros(8)
    ahead[:4] = -1e-3
    assert problem.value(ahead) - problem.optimum >= 6 / sqrt(5) - 1e-12


def test_the_oracle_returns_the_smallest_active_index():
    problem = WorstFunction(3, 4)
    assert problem.gradients(np.zeros(4))[0].tolist() == [1, 0, 0, 0]
    assert problem.gradients(np.array([-0.1, 0, 0, 0]))[0].tolist() == [0, 1, 0, 0]
    assert problem.gradients(np.array([-10.0, -10, -10, 0]))[0] == pytest.approx(np.array([-1, -1, -1, 0]) / sqrt(3))


@pytest.mark.parametrize("instance", list(INSTANCES))
def test_a_coordinate_passes_with_probability_delta_the_same_for_all_clients(instance):
    made = INSTANCES[instance](TENTH, 14, 2)
    compress = made.compressor.seeded(3)
    passed = []
    for _ in range(2000):
        sent = compress(np.ones((2, made.problem.dimension)))
        assert (sent[0] == sent[1]).all()
        passed.append(sent[0, 3])
    assert np.mean(passed) == pytest.approx(0.1, abs=0.025)


def methods(delta, T):
    gamma = theory.guarantee(theory.constant(delta), T).step_size
    constrained = efpep.SafeEF(gamma, theory.guarantee(theory.constant(delta), T).threshold)
    return [efpep.SafeEF(gamma), constrained, efpep.CGD(gamma), efpep.EF21(gamma)]


@pytest.mark.parametrize("instance", list(INSTANCES))
def test_no_method_falls_below_the_bound(instance):
    delta, T = Fraction(1, 5), 40
    for method in methods(delta, T):
        found = against_bound(method, delta, T, runs=60, instance=instance, clients=2)
        spread = found.best.std() / sqrt(60)
        assert found.best.mean() >= float(found.bound.value) - 3 * spread
        assert found.mean >= float(found.bound.value) - 3 * spread


@pytest.mark.slow
@pytest.mark.parametrize("instance", list(INSTANCES))
def test_two_thousand_runs_do_not_fall_below_the_bound(instance):
    for method in methods(TENTH, 400):
        found = against_bound(method, TENTH, 400, runs=2000, instance=instance)
        assert found.best.mean() >= float(found.bound.value) - 3 * found.best.std() / sqrt(2000)


def test_error_feedback_is_between_the_bounds_in_expectation():
    c = theory.guarantee(theory.constant(TENTH), 100)
    found = against_bound(efpep.SafeEF(c.step_size), TENTH, 100, runs=40)
    assert float(found.bound.value) - 0.01 <= found.mean <= float(c.threshold)


def test_clients_that_query_at_local_iterates_beat_the_bound():
    # All f_i are equal, so a client learns from itself: local subgradient steps, whose average is sent by compressed differences.
    T = 400
    bound = lower_bound(TENTH, T)
    problem = WorstFunction(bound.dimension, 60)
    compress = RandK(6, shared=True).seeded(0)
    local, total, received = np.zeros(60), np.zeros(60), np.zeros((1, 60))
    for t in range(T):
        local = local - problem.gradients(local)[0] / sqrt(T)
        total = total + local
        received = received + compress(total[None, :] / (t + 1) - received)
    assert float(bound.value) == pytest.approx(0.1331, abs=5e-5)
    assert problem.value(received[0]) - problem.optimum < 0.05


def test_the_instances_are_in_the_catalogue_of_problems():
    from efpep.simulate.problems import read_problem

    worst = read_problem("lower-bound:n=2,active=5,d=8")
    same = WorstFunction(5, 8, clients=2)
    x = np.linspace(-0.2, 0.3, 8)
    assert worst.values(x) == pytest.approx(same.values(x))
    assert (worst.gradients(x) == same.gradients(x)).all()
    assert worst.constraint_values(x) == pytest.approx(same.constraint_values(x))
    assert pytest.approx(1) == worst.R
    assert worst.M == 1
    small = read_problem("counterexample:b=0.9")
    run = efpep.simulate(efpep.CGD("1/20"), small, iterations=101, compressor=efpep.TopK(1))
    assert run.x == pytest.approx(np.array([-0.025, 1.0]))
    assert small.value(0, small.minimiser) == 0


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: WorstFunction(3, 2), "active"),
        (lambda: against_bound(efpep.CGD(1), TENTH, 3, instance="top-k"), "instance"),
        (lambda: against_bound(efpep.CGD(1), TENTH, 3, runs=0), "runs"),
    ],
)
def test_bad_questions_get_one_sentence(attempt, expected):
    with pytest.raises(efpep.InputError, match=expected) as caught:
        attempt()
    assert one_sentence(caught.value)
