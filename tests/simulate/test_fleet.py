"""The fleet: dynamics against mechanics and gymnasium, gradients against differences, and runs that depend on x alone."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import one_sentence
from support.constrained import method_for
from support.shipped import ran

import efpep
from efpep.compressors.operators import read_operator
from efpep.methods import METHODS
from efpep.simulate.problems import read_problem
from efpep.simulate.problems.cart_pole import CartPoles, costs, rewards, upright
from efpep.simulate.problems.policy import Policy

STUDIES = Path(__file__).parents[2] / "problems" / "fleet"
TINY = "fleet:n=3,trajectories=4,steps=6,hidden=3"


def wild(count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (4, count)) * np.array([1, 2, 0.4, 2])[:, None], rng


def test_the_power_of_the_force_is_the_change_of_the_energy():
    state, rng = wild(50)
    mass, force = rng.uniform(0.05, 0.3, 50), rng.uniform(-13, 13, 50)
    _, velocity, angle, omega = state
    _, speeding, _, turning = (CartPoles(mass, np.ones(50)).step(state, force) - state) / 0.02
    # a uniform rod of half length l on a cart: 1/2 (1 + m) v^2 + m l v w cos + 2/3 m l^2 w^2 + m g l cos
    arm = mass * 0.5
    power = (
        (1 + mass) * velocity * speeding
        + arm * (speeding * omega * np.cos(angle) + velocity * turning * np.cos(angle) - velocity * omega**2 * np.sin(angle))
        + 4 / 3 * arm * 0.5 * omega * turning
        - 9.8 * arm * omega * np.sin(angle)
    )
    np.testing.assert_allclose(power, force * velocity, atol=1e-9)


def test_dynamics_are_those_of_gymnasium():
    gymnasium = pytest.importorskip("gymnasium")
    env = gymnasium.make("CartPole-v1").unwrapped
    states, rng = wild(200, 1)
    for state in states.T:
        mass, force = rng.uniform(0.05, 0.3), rng.uniform(-13, 13)
        env.reset(seed=0)
        env.masspole, env.total_mass, env.polemass_length = mass, mass + env.masscart, mass * env.length
        env.force_mag, env.state = force, state.copy()
        env.step(1)
        found = CartPoles(np.array(mass), np.array(1.0)).step(state, np.array(force))
        np.testing.assert_allclose(found, env.state, rtol=0, atol=1e-12)


def test_environments_are_the_agents():
    pytest.importorskip("gymnasium")
    fleet = read_problem("fleet:n=2,trajectories=1,steps=40,hidden=3")
    found = fleet.run(fleet.start)
    for i in range(2):
        env = fleet.environment(i)
        assert np.all(np.abs(env.reset(seed=1)[0]) <= 0.1)
        env.reset(options={"state": found.seen[i, 0, 0] / [1, 1, 5, 1]})
        for t in range(40):
            _, reward, fallen, late, info = env.step(np.tanh(found.actions[i, t]))
            assert (reward, info["cost"]) == pytest.approx((found.rewards[i, t, 0], found.costs[i, t, 0]), abs=1e-12)
            assert late == (t == 39)
            if fallen:
                assert not found.rewards[i, t:].any()
                break


def test_an_environment_asks_for_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "gymnasium", None)
    with pytest.raises(efpep.UnavailableError, match=r"efpep\[fleet\]") as refused:
        read_problem(TINY).environment(0)
    assert one_sentence(refused.value)


def test_what_steps_bring_and_cost():
    state = np.zeros((4, 5))
    state[0] = [0, 0.2, -0.3, 2, 3]
    alive = upright(state).astype(float)
    assert alive.tolist() == [1, 1, 1, 1, 0]
    assert rewards(state, alive).tolist() == [1, 1.1, 0.85, 1.5, 0]
    assert costs(state, alive).tolist() == [0, 0, 1, 1, 1]
    state[2] = [0.49, 0.51, -0.51, 0, 0]
    assert upright(state).tolist() == [True, False, False, True, False]


@pytest.mark.parametrize("surrogate", ["plain", "clipped"])
@pytest.mark.parametrize("hidden", ["5", "4 3 5"])
def test_gradients_of_the_surrogate_are_differences(hidden, surrogate):
    fleet = read_problem(f"{TINY.replace('hidden=3', 'hidden=' + hidden)},surrogate={surrogate}")
    rng = np.random.default_rng(4)
    x = fleet.start + 0.3 * rng.standard_normal(fleet.dimension)
    seen, actions, standing, gained, _ = (part[0] for part in fleet.run(x))
    advantages = fleet.advantages(gained + rng.standard_normal(gained.shape), standing)
    outside = 0
    for size in (0, 0.05, 0.3):
        y = x + size * rng.standard_normal(fleet.dimension)
        v, h = rng.standard_normal(fleet.dimension), 1e-5
        ends = [fleet.surrogate_value(x, z, seen, actions, advantages) for z in (y + h * v, y - h * v)]
        slope = fleet.surrogate_gradient(x, y, seen, actions, advantages) @ v
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-6, abs=1e-9)
        plain = replace(fleet, surrogate="plain").surrogate_gradient(x, y, seen, actions, advantages) @ v
        outside += abs(plain - slope) > 1e-6
    assert (outside > 0) == (surrogate == "clipped")


def test_gradients_are_those_of_the_surrogate_with_discounted_advantages():
    fleet = read_problem(TINY)
    found, x = fleet.run(fleet.start), fleet.start
    for gains, gradients in ((found.rewards, fleet.gradients(x)), (-found.costs, fleet.constraint_gradients(x))):
        for i in range(3):
            weights = np.triu(0.98 ** np.maximum(0, np.arange(6)[None, :] - np.arange(6)[:, None]))
            returns, standing = weights @ gains[i], found.standing[i]
            away = (returns - (returns * standing).sum(1, keepdims=True) / standing.sum(1, keepdims=True)) * standing
            away /= np.sqrt((away**2).mean()) + 1e-8
            expected = fleet.surrogate_gradient(x, x, found.seen[i], found.actions[i], away)
            np.testing.assert_allclose(gradients[i], -expected, atol=1e-12)


def test_what_follows_a_fall_counts_as_fallen_and_has_no_advantage():
    fleet = read_problem("fleet:n=1,trajectories=8,steps=120,hidden=3")
    found = fleet.run(fleet.start)
    fallen = found.standing[0] == 0
    assert fallen.any()
    assert not found.rewards[0][fallen].any()
    assert found.costs[0][fallen].all()
    assert not fleet.advantages(found.rewards[0], found.standing[0])[fallen].any()


def test_epochs_are_local_steps_along_the_surrogate():
    one, two = (read_problem(f"{TINY},surrogate=clipped,epochs={k},local_step=1/2") for k in (1, 2))
    x = one.start
    assert one.gradients(x).tolist() == read_problem(TINY).gradients(x).tolist()
    seen, actions, standing, gained, _ = (part[1] for part in one.run(x))
    advantages = one.advantages(gained, standing)
    first = one.surrogate_gradient(x, x, seen, actions, advantages)
    second = one.surrogate_gradient(x, x + first / 2, seen, actions, advantages)
    np.testing.assert_allclose(two.gradients(x)[1], -(first + second) / 2, rtol=1e-12)


def test_everything_is_a_function_of_the_point_and_an_agent_alone_gets_the_same_bits():
    fleet, again = read_problem(f"{TINY},seed=2"), read_problem(f"{TINY},seed=2")
    x, near = fleet.start, fleet.start + 1e-12
    values, gradients = fleet.values(x), fleet.constraint_gradients(x)
    assert not np.array_equal(fleet.values(near), values)
    assert np.array_equal(fleet.values(x), values)
    for i in range(3):
        assert again.value(i, x) == values[i]
        assert again.gradient(i, x).tolist() == fleet.gradients(x)[i].tolist()
        assert again.constraint_value(i, x) == fleet.constraint_values(x)[i]
        assert again.constraint_gradient(i, x).tolist() == gradients[i].tolist()
    other = read_problem(f"{TINY},seed=3")
    assert not np.array_equal(other.values(x), values)
    assert np.array_equal(other.poles.gain, fleet.poles.gain)
    assert len(set(fleet.poles.gain.ravel())) == 3
    assert set(read_problem(f"{TINY},perturbation=0").poles.pole_mass.ravel()) == {0.1}


def test_a_budget_for_each_agent_counts_what_it_exceeds():
    fleet = read_problem("fleet:n=3,trajectories=4,steps=80,hidden=3")
    x = fleet.start
    cost = fleet.constraint_values(x) + 10
    middle = np.median(cost)
    assert cost.min() < middle < cost.max()
    each = replace(fleet, limit="each", budget=middle)
    assert each.constraint_values(x) == pytest.approx(np.maximum(cost - middle, 0))
    for row, free, own in zip(each.constraint_gradients(x), fleet.constraint_gradients(x), cost, strict=True):
        assert np.array_equal(row, free if own > middle else 0 * free)


def test_evaluations_have_no_exploration_noise():
    fleet = read_problem(TINY)
    x = fleet.start
    found, other = fleet.evaluate(x), replace(fleet, noise=3).evaluate(x)
    assert np.array_equal(found.returns, other.returns)
    assert found.returns.shape == found.costs.shape == (3,)
    assert not np.array_equal(fleet.values(x), replace(fleet, noise=3).values(x))


def test_the_networks_of_the_paper():
    assert Policy((32, 32)).dimension == read_problem("fleet").dimension == 4 * 32 + 32 + 32 * 32 + 32 + 32 + 1
    assert read_problem("fleet:hidden=128 128 128").dimension == 4 * 128 + 128 + 2 * (128 * 128 + 128) + 128 + 1
    assert read_problem(TINY).interactions == 3 * 4 * 6


@pytest.mark.parametrize("key", [key for key in METHODS.members if key != "projected-ef21"])
def test_every_method_runs(key):
    method = method_for(key)
    method = replace(method, threshold=0) if hasattr(method, "threshold") else method
    found = efpep.simulate(method, read_problem(TINY), 3, efpep.TopK(4), efpep.TopK(4))
    assert found.diverged is None
    assert np.isfinite(found["value"]).all()
    assert len(found["constraint"]) == 4


@pytest.mark.parametrize("operator", ["identity", "rand-k:k=3", "sign", "bernoulli:probability=1/2"])
def test_every_compressor_runs(operator):
    method = efpep.SafeEF("1/10", threshold=0)
    assert efpep.simulate(method, read_problem(TINY), 3, read_operator(operator), read_operator(operator)).diverged is None


def test_runs_are_continued_bit_for_bit(tmp_path):
    method, told = efpep.SafeEF("1/10", threshold=0), []
    ends = efpep.RandK(3), efpep.Identity()
    whole = efpep.simulate(method, read_problem(TINY), 6, *ends, progress=lambda k, of: told.append((k, of)))
    efpep.simulate(method, read_problem(TINY), 3, *ends, checkpoint=tmp_path / "c.npz")
    rest = efpep.simulate(method, read_problem(TINY), 6, *ends, checkpoint=tmp_path / "c.npz", resume=True)
    assert rest.x.tolist() == whole.x.tolist()
    assert rest["constraint"].tolist() == whole["constraint"].tolist()
    assert told == [(k, 6) for k in range(1, 7)]


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("hidden=", "hidden"),
        ("hidden=3 x", "hidden"),
        ("hidden=0", "hidden"),
        ("noise=0", "noise"),
        ("limit=all", "limit"),
        ("surrogate=trust", "surrogate"),
        ("discount=2", "discount"),
        ("perturbation=3/2", "perturbation"),
        ("epochs=0", "epochs"),
        ("budget=-1", "budget"),
    ],
)
def test_impossible_parameters_are_refused(text, argument):
    with pytest.raises(efpep.InputError, match=argument) as refused:
        read_problem(f"fleet:{text}")
    assert one_sentence(refused.value)


def quick(tmp_path):
    return {row["method"]: row for row in ran(STUDIES / "quick.toml", tmp_path)["rows"]}


@pytest.mark.slow
def test_safe_ef_keeps_near_its_budget_where_ef14_leaves_it(tmp_path):
    rows = quick(tmp_path)
    assert abs(rows["Safe-EF"]["constraint_mean"]) <= 2  # a fifth of the budget 10
    assert rows["Safe-EF"]["return_mean"] > 140
    assert rows["EF14"]["constraint_mean"] > 40


@pytest.mark.slow
@pytest.mark.parametrize("study", ["compression", "threshold", "agents", "batch", "dual_start"])
def test_small_studies_along_an_axis_run(tmp_path, study):
    rows = ran(STUDIES / "quick" / f"{study}.toml", tmp_path)["rows"]
    assert all(row["diverged"] == row["failed"] == 0 and np.isfinite(row["return_mean"]) for row in rows)
