"""Accelerated EF21: its parameters, its members, and what is proved of it beside EF21."""

import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.compressors.operators import read_operator
from efpep.methods import AcceleratedEF21
from efpep.simulate.problems import read_problem
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate, resume

F = Fraction
GIVEN = {"beta": "1/2", "gamma": "1/3", "a": "1/5"}


def problem(n, seed=3):
    rng = np.random.default_rng(seed)
    return Quadratics([np.diag(rng.uniform(0.1, 1, 4)) for _ in range(n)], rng.standard_normal((n, 4)))


def run(n):
    return NumericRun(problem(n), efpep.TopK(2), None)


# --- parameters ----------------------------------------------------------------------------------------------------------


def test_parameters_that_are_not_given_come_from_the_setting():
    # delta = 3/4: s = 1/2 and C = 1/3; kappa = 100: x = (5/6)(1/3)/10 = 1/36
    found = AcceleratedEF21().resolved(uniform(100, "1/4", 5, scale=2))
    expected = {"step_size": F(29, 360), "beta": F(35, 36) ** 2 / F(37, 36), "gamma": F(333, 200), "a": F(8, 33)}
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-16), name
    assert found.unresolved() == []


def test_given_parameters_are_kept():
    method = AcceleratedEF21("1/10", beta="1/2")
    assert method.unresolved() == ["gamma", "a"]
    found = method.resolved(uniform(100, "1/4"))
    assert (found.step_size, found.beta) == (F(1, 10), F(1, 2))
    assert found.a == pytest.approx(F(8, 33), rel=1e-16)


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: AcceleratedEF21("1/10", beta=1), "beta is 1, outside [0, 1)"),
        (lambda: AcceleratedEF21("1/10", gamma="-1/2"), "gamma is -1/2"),
        (lambda: AcceleratedEF21("1/10", a="3/2"), "a is 3/2, outside [0, 1]"),
        (lambda: AcceleratedEF21("1/10", a="most"), "most"),
        (lambda: efpep.rate(AcceleratedEF21(), efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"))), "mu"),
        (lambda: efpep.tune(AcceleratedEF21(), uniform(10, "1/2")), "efpep.rate"),
        (lambda: list(iterate(AcceleratedEF21("1/10"), run(2), np.ones(4), 1)), "beta is 'optimal'"),
    ],
)
def test_refusals(make, part):
    with pytest.raises(efpep.InputError) as caught:
        make()
    assert one_sentence(caught.value)
    assert part in str(caught.value)


# --- members -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "parameters"),
    [
        (efpep.EF21("1/5"), {"beta": 0, "gamma": 0}),
        (efpep.EF21HeavyBall("1/5", beta="1/3"), {"beta": "1/3", "gamma": 0}),
        (efpep.EF21Nesterov("1/5", beta="1/3"), {"beta": "1/3", "gamma": "1/3"}),
    ],
    ids=lambda given: getattr(given, "key", ""),
)
def test_members_without_errors_make_the_same_steps(member, parameters):
    runs = [iterate(method, run(3), np.ones(4), 20) for method in (member, AcceleratedEF21("1/5", a=0, **parameters))]
    for one, other in zip(*runs, strict=True):
        np.testing.assert_allclose(other.x, one.x, rtol=0, atol=1e-13)
        np.testing.assert_allclose(other.d, one.d, rtol=0, atol=1e-13)


def test_econtrol_is_the_member_without_momentum_in_another_order():
    states = list(iterate(efpep.EControl("1/5", eta="1/7"), run(3), np.ones(4), 20))
    start = AcceleratedEF21.State(states[0].x, np.zeros(4), states[1].h, states[1].e)
    member = AcceleratedEF21("1/5", beta=0, gamma=0, a="1/7")
    for one, other in zip(states[1:-1], list(resume(member, run(3), start, 18))[1:], strict=False):
        np.testing.assert_allclose(other.x, one.x, rtol=0, atol=1e-13)


def test_a_step_by_hand():
    # f = |x|^2/2 on the plane, Top-1, x = (4, 1): d0 = (4, 0), p1 = -d0/2 = (-2, 0), x1 = x0 + (4/3) p1 = (4/3, 1);
    # v = (4/3, 1) - (4, 0) = (-8/3, 1), c = (-8/3, 0), d1 = (4/3, 0), e1 = (0, 1)
    plain = NumericRun(Quadratics([np.eye(2)], [0.0, 0.0]), efpep.TopK(1), None)
    *_, first, second = iterate(AcceleratedEF21("1/2", **GIVEN), plain, [4, 1], 2)
    np.testing.assert_allclose(first.x, [4 / 3, 1], atol=1e-15)
    np.testing.assert_allclose(first.d, [[4 / 3, 0]], atol=1e-15)
    np.testing.assert_allclose(first.e, [[0, 1]], atol=1e-15)
    # p2 = p1/2 - d1/2 = (-5/3, 0), x2 = x1 - p1/3 + (4/3) p2 = (4/3 + 2/3 - 20/9, 1) = (-2/9, 1);
    # v = (-2/9, 1) - (4/3, 0) + (0, 1/5) = (-14/9, 6/5), c = (-14/9, 0), e2 = (4/5)(0, 1) + (0, 6/5) = (0, 2)
    np.testing.assert_allclose(second.x, [-2 / 9, 1], atol=1e-15)
    np.testing.assert_allclose(second.e, [[0, 2]], atol=1e-15)


# --- rates ---------------------------------------------------------------------------------------------------------------

FACTORS = {(100, "1/2"): "3.5", (1000, "1/2"): "12", (1000, "1/10"): "12", (10000, "9/10"): "36"}
"""By kappa and 1 - delta: how many times as large 1 - rho is at least as that of EF21."""


def check_factor(rate, kappa, epsilon, least):
    setting = uniform(kappa, epsilon, 2)
    plain = efpep.EF21().literature.rate(efpep.EF21(), setting)
    assert plain.attained  # EF21's best rate is exact for the method
    assert 1 - rate.upper >= F(least) * (1 - plain.value)


@pytest.mark.parametrize(
    ("kappa", "epsilon", "agents"),
    [
        pytest.param(*setting, n, marks=[] if (setting, n) == ((100, "1/2"), 2) else pytest.mark.slow)
        for setting in FACTORS
        for n in (1, 2, 10**6)
    ],
)
def test_the_rate_is_far_below_that_of_ef21(kappa, epsilon, agents, tmp_path):
    rate = efpep.rate(AcceleratedEF21(), uniform(kappa, epsilon, agents))
    check_factor(rate, kappa, epsilon, FACTORS[kappa, epsilon])
    rate.certificate.save(tmp_path / "rate.json")
    assert main(["verify", str(tmp_path / "rate.json")]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("epsilon", ["1/20", "1/2", "19/20"])
@pytest.mark.parametrize("kappa", [10, 10**3, 10**6])
def test_it_is_faster_than_ef21_from_the_condition_number_10_on(kappa, epsilon):
    check_factor(efpep.rate(AcceleratedEF21(), uniform(kappa, epsilon, 2)), kappa, epsilon, "1")


def test_it_contracts_for_small_condition_numbers_too():
    for kappa in (1, 2):
        rate = efpep.rate(AcceleratedEF21(), uniform(kappa, "1/2", 2))
        assert rate.upper < 1
    assert rate.lower > efpep.EF21().literature.rate(efpep.EF21(), rate.setting).value  # EF21 is faster there


@pytest.mark.slow
@pytest.mark.parametrize(("kappa", "epsilon"), [(10, "1/2"), (100, "1/10")])
def test_pepit_agrees_on_a_step_of_the_function_that_was_found(kappa, epsilon):
    found = efpep.crosscheck(AcceleratedEF21(), uniform(kappa, epsilon, 2))
    assert found.agents == 2
    assert found.agrees, str(found)


def test_the_command_line_takes_weights_of_any_sign_unless_told(capsys):
    assert main(["rate", "accelerated-ef21", "--kappa", "10", "--L", "1", "--delta", "0.9"]) == 0
    printed = capsys.readouterr().out
    assert "V nonnegative by interpolation" in printed
    assert "proved in exact arithmetic" in printed


# --- runs ----------------------------------------------------------------------------------------------------------------

STUDY = Path(__file__).parents[2] / "problems" / "experiments" / "accelerated_ef21.toml"
RUNS = tomllib.loads(STUDY.read_text(encoding="utf-8"))
"""The study of runs."""


def check_run(problem, compressor, iterations):
    run = efpep.compare(AcceleratedEF21(), read_problem(problem), iterations, read_operator(compressor))
    steps = np.arange(iterations + 1 - run.first)
    rounding = 1e-9 * steps + run.level / run.energies[run.first]
    assert np.all(run.energies[run.first :] <= run.energies[run.first] * (float(run.rate.upper) ** steps + rounding))
    assert run.worst <= run.proved * (1 + 1e-9)


@pytest.mark.parametrize("compressor", ["top-k:k=2", "adversarial:delta=0.3"])
def test_runs_keep_the_proved_bound(compressor):
    check_run("diagonal:n=3,d=6,kappa=100,spread=1,seed=1", compressor, 300)


@pytest.mark.slow
@pytest.mark.parametrize("problem", [entry["problem"] for entry in RUNS["problems"]])
def test_runs_of_the_study_keep_the_proved_bound(problem):
    check_run(problem, RUNS["experiment"]["compressor"], RUNS["experiment"]["iterations"])


@pytest.mark.parametrize("agents", [1, pytest.param(3, marks=pytest.mark.slow)])
def test_runs_attain_the_worst_case_of_some_steps(agents):
    zeta = None if agents == 1 else "1/2"
    plain = uniform(100, "1/2", agents)
    worst = efpep.worst_case(AcceleratedEF21(), efpep.Setting(plain.functions, plain.compressor, agents, heterogeneity=zeta), 2)
    assert 1 - 1e-6 <= efpep.replay(worst).ratio <= 1 + 1e-9


def test_it_overtakes_ef21_at_its_best_step_on_ill_conditioned_quadratics():
    problem = read_problem("diagonal:n=3,d=10,kappa=1000,spread=1,seed=1")
    left = {}
    for method in (AcceleratedEF21(), efpep.EF21()):
        given = method.resolved(efpep.Setting(efpep.SmoothStronglyConvex("1/1000", 1), efpep.Contractive("1/2"), agents=3))
        left[method.key] = float(efpep.simulate(given, problem, 1000, efpep.TopK(5), record_every=1000)["distance"][-1])
    assert left["accelerated-ef21"] < 1e-3 * left["ef21"]
