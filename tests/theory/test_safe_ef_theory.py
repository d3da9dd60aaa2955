"""Constants, guarantees and lower bounds of Safe-EF: closed forms, a symbolic proof, and runs against them."""

from fractions import Fraction
from math import sqrt

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.simulate.ef14_instance import WorstEF14Instance
from efpep.simulate.output import switching_run
from efpep.simulate.piecewise_linear import PiecewiseLinear
from efpep.simulate.run import NumericRun
from efpep.theory import safe_ef as theory
from efpep.theory.lower_bound import lower_bound, markov_bound

DELTAS = ["1/20", "1/10", "1/2", "9/10", "99/100"]


@pytest.mark.parametrize(("delta", "known"), [("1/10", 37.9737), ("1/2", 5.82843), ("9/10", 1.92495)])
def test_the_constant_of_one_direction(delta, known):
    assert float(theory.constant(delta).value) == pytest.approx(known, rel=2e-6)
    assert theory.constant(delta).value == theory.uplink(delta).value


@pytest.mark.parametrize(("delta", "known"), [("1/10", 1442.0), ("1/2", 33.97), ("9/10", 3.705)])
def test_the_constant_of_both_directions(delta, known):
    assert float(theory.constant(delta, delta).value) == pytest.approx(known, rel=2e-4)


def test_without_compression_the_constants_are_one():
    assert theory.constant(1, 1).value == theory.projection_constant(1, 1).value == theory.transient_constant(9, 1, 1).value == 1


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("server", [*DELTAS, 1])
def test_time_averages_increase_to_the_constant_and_projection_helps(delta, server):
    K = theory.constant(delta, server).value
    values = [theory.transient_constant(T, delta, server).value for T in (1, 2, 5, 40, 1000)]
    assert values[0] == 1
    assert values == sorted(values)
    assert values[-1] < K
    u = theory.uplink(delta).value
    assert u <= theory.projection_constant(delta, server).value <= K * (1 + Fraction(1, 10**30))


def test_time_averages_tend_to_the_constant():
    assert float(theory.transient_constant(20000, "1/2", "1/2").value / theory.constant("1/2", "1/2").value) > 0.999


def test_the_potential_of_one_direction_is_an_identity_for_every_number_of_clients():
    # K |h|^2 + (|e|^2 - |e+|^2)/q - (q^2 |e+h|^2 - |e+|^2)/q, in the mean block less |h|^2 + 2 <h, e>; n does not occur
    import sympy

    q = sympy.symbols("q", positive=True)
    h, e, p = sympy.symbols("h e e_plus")
    K = (1 + q) ** 2 / (1 - q**2)
    common = sympy.expand(K * h**2 + (e**2 - p**2) / q - (q**2 * (e + h) ** 2 - p**2) / q)
    assert p not in common.free_symbols
    mean = common - h**2 - 2 * h * e
    assert sympy.simplify(q * (1 - q**2) * mean - ((1 - q**2) * e - q * (1 + q) * h) ** 2) == 0
    deviation = sympy.hessian(common, (h, e)) / 2
    assert sympy.simplify(deviation[1, 1] - (1 - q**2) / q) == 0
    assert sympy.simplify(deviation.det() - (1 + q + q**2) / q) == 0


@pytest.mark.parametrize("delta", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("T", [1, 3, 8, 40])
def test_the_tight_instance_attains_the_finite_bound(delta, T):
    for tau in sorted({1, 2, (T + 1) // 2, T}):
        if tau > T:
            continue
        gamma, M = 0.3, 2.0
        instance = WorstEF14Instance(T, tau, delta, gamma, M)
        outcome = switching_run(
            efpep.SafeEF(Fraction("0.3")), NumericRun(instance, instance, efpep.Identity()), instance.start, T
        )
        average = np.mean([instance.values(x)[0] for x in outcome.iterates])
        K = float(theory.transient_constant(T, str(delta)).value)
        assert average == pytest.approx(instance.R**2 / (2 * gamma * T) + gamma * M**2 * K / 2, rel=1e-9)


def test_the_tight_instance_obeys_its_classes():
    instance = WorstEF14Instance(8, 3, 0.5, 0.1)
    draw = np.random.default_rng(0)
    for _ in range(100):
        x, y = draw.normal(size=(2, 6))
        assert instance.values(y)[0] >= instance.values(x)[0] + instance.gradients(x)[0] @ (y - x) - 1e-12
        assert np.linalg.norm(instance.gradients(x)) <= 1
        v = draw.normal(size=(1, 6))
        assert np.linalg.norm(instance(v) - v) <= sqrt(0.5) * np.linalg.norm(v) * (1 + 1e-12)


def test_both_directions_approach_their_constant():
    # f = M |x|, C(y) = (1+q) y, C_0(z) = (1+q_s) z
    class Absolute:
        def gradients(self, x):
            return np.sign(x)[None, :]

    q = s = sqrt(0.5)
    T, ratios = 4000, []
    K = float(theory.constant("1/2", "1/2").value)
    gamma = 1 / sqrt(K * T)
    run = NumericRun(Absolute(), lambda v: (1 + q) * v, lambda v: (1 + s) * v)
    outcome = switching_run(efpep.SafeEF(Fraction(gamma)), run, [1.0], T)
    ratios.append(np.abs(outcome.iterates).mean() / sqrt(K / T))
    assert 0.9 < ratios[0] <= 1


class Turned:
    """The largest loss that is allowed, in random directions, or against what is sent."""

    def __init__(self, delta, seed):
        self.q = sqrt(1 - delta)
        self.draw = np.random.default_rng(seed)

    def __call__(self, v):
        u = self.draw.normal(size=v.shape)
        u = u / np.linalg.norm(u, axis=1, keepdims=True)
        if self.draw.random() < 0.3:
            return (1 + self.q) * v
        return v - self.q * np.linalg.norm(v, axis=1, keepdims=True) * u


def low_rank(v):
    """The best rank-1 approximation of each row as a 2 x d/2 matrix: delta = 1/2."""
    rows = v.reshape(len(v), 2, -1)
    left, sizes, right = np.linalg.svd(rows, full_matrices=False)
    return (left[:, :, :1] * sizes[:, None, :1] @ right[:, :1]).reshape(v.shape)


def random_run(seed):
    """A random problem, compressors and horizon: gap, constraint value and threshold of the output, or None."""
    draw = np.random.default_rng(seed)
    n, d, T = int(draw.integers(1, 9)), 2 * int(draw.integers(1, 4)), int(draw.integers(1, 60))
    problem = PiecewiseLinear.random(n, d, seed, M=float(draw.uniform(0.5, 2)))

    def pick(kind):
        if kind == "top-k":
            k = int(draw.integers(1, d + 1))
            return efpep.TopK(k), Fraction(k, d)
        if kind == "low-rank":
            return low_rank, Fraction(1, 2)
        delta = Fraction(int(draw.integers(5, 100)), 100)
        return Turned(float(delta), seed), delta

    kinds = ["top-k", "low-rank", "adversarial"]
    (up, delta), (down, server) = pick(kinds[seed % 3]), pick(kinds[int(draw.integers(3))])
    K = theory.transient_constant(T, delta, server) if seed % 2 else theory.constant(delta, server)
    x0 = problem.solution + draw.normal(size=d) * draw.exponential()
    R = float(np.linalg.norm(x0 - problem.solution))
    promise = theory.guarantee(K, T, R=R, M=problem.M)
    method = efpep.SafeEF(promise.step_size, promise.threshold)
    outcome = switching_run(method, NumericRun(problem, up, down), x0, T)
    return problem, outcome, float(promise.threshold)


def check_random_runs(count):
    tightest = 0
    for seed in range(count):
        problem, outcome, c = random_run(seed)
        assert outcome.output is not None, seed
        gap = problem.values(outcome.output).mean()
        level = problem.constraint_values(outcome.output).mean()
        assert gap <= c * (1 + 1e-9), seed
        assert level <= c * (1 + 1e-9), seed
        tightest = max(tightest, gap / c, level / c)
    return tightest


def test_random_runs_keep_the_guarantee():
    assert check_random_runs(300) > 0.3


@pytest.mark.slow
def test_ten_thousand_random_runs_keep_the_guarantee():
    check_random_runs(10_000)


def test_random_problems_have_the_solution_they_claim():
    from scipy.optimize import linprog

    for seed in range(5):
        problem = PiecewiseLinear.random(3, 2, seed)
        n, pieces, d = problem.slopes.shape
        # variables (x, s_i, t_i): minimise mean s, s_i >= f_i pieces, t_i >= g_i pieces, mean t <= 0
        rows, right = [], []
        for i in range(n):
            for k in range(pieces):
                for slopes, offset, first in ((problem.slopes, 0.0, d), (problem.constraint_slopes, problem.offsets[i], d + n)):
                    row = np.zeros(d + 2 * n)
                    row[:d], row[first + i] = slopes[i, k], -1
                    rows.append(row)
                    right.append(slopes[i, k] @ problem.solution - offset)
        rows.append(np.concatenate([np.zeros(d + n), np.ones(n)]))
        right.append(0.0)
        cost = np.concatenate([np.zeros(d), np.ones(n) / n, np.zeros(n)])
        found = linprog(cost, A_ub=np.array(rows), b_ub=right, bounds=(None, None))
        assert found.fun == pytest.approx(0, abs=1e-9)
        assert problem.values(problem.solution).mean() == pytest.approx(0, abs=1e-12)
        assert problem.constraint_values(problem.solution).mean() == pytest.approx(0, abs=1e-12)


def test_lower_bounds():
    bound = lower_bound("1/10", 400)
    assert float(bound.value) == pytest.approx(0.1331, abs=5e-5)
    assert bound.value <= Fraction(1, 7)
    import scipy.stats

    sup = max(scipy.stats.binom.cdf(d - 2, 400, 0.1) / sqrt(d) for d in range(2, 403))
    assert float(bound.value) == pytest.approx(sup, rel=1e-12)
    assert markov_bound("1/10", 400) < bound.value
    assert markov_bound("1/10", 9) is None
    assert float(lower_bound(1, 10).value) == pytest.approx(1 / sqrt(12), rel=1e-12)
    assert float(lower_bound("1/3", 50, R=2, M=3).value) == pytest.approx(6 * float(lower_bound("1/3", 50).value))


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("delta", ["1/20", "1/10", "1/2", "9/10"])
def test_lower_and_upper_bound_differ_by_the_constant_that_is_proved(delta):
    T, d = 40_000, Fraction(delta)
    ratio = float(theory.guarantee(theory.constant(d), T).threshold / lower_bound(d, T).value)
    assert 1 <= ratio <= (1 + sqrt(1 - d)) * 1.06


def test_the_bound_of_markov_holds_everywhere():
    for delta in ("1/10", "1/2", "9/10"):
        for T in (1, 2, 3, 10, 33, 100):
            simple = markov_bound(delta, T)
            assert simple is None or simple <= lower_bound(delta, T).value


def test_expectations_get_markov_s_guarantee():
    sure = theory.guarantee(theory.constant("1/10"), 100)
    promise = theory.in_expectation(theory.constant("1/10"), 100, "1/20")
    assert promise.probability == Fraction(19, 20)
    assert float(promise.threshold / sure.threshold) == pytest.approx(20)
    assert sure.threshold**2 >= sure.K.value / 100


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: theory.constant(0), "delta"),
        (lambda: theory.constant("1/2", 2), "delta_server"),
        (lambda: theory.transient_constant(0, "1/2"), "T is"),
        (lambda: theory.guarantee(theory.constant(1), 3, R=0), "R is"),
        (lambda: theory.guarantee(theory.constant(1), 3, step_size=0), "step_size"),
        (lambda: theory.in_expectation(theory.constant(1), 3, 1), "failure"),
        (lambda: WorstEF14Instance(3, 4, 0.5, 1), "tau"),
        (lambda: PiecewiseLinear.random(0, 1, 1), "at least one"),
    ],
)
def test_bad_numbers_get_one_sentence(attempt, expected):
    with pytest.raises(efpep.InputError, match=expected) as caught:
        attempt()
    assert one_sentence(caught.value)
