"""Growing potentials with stochastic gradients: exact worst cases, and runs that stay below what is proved, link by link."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from support import one_sentence
from support.copies import OPERATORS, Copies

import efpep
from efpep.model.field import FLOATS
from efpep.simulate.run import NumericRun

ERRORS = 4
"""How many standard errors a measured mean may be above what is proved."""


def setting(agents=1, sigma=1, delta="1/2"):
    return efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive(delta), agents, noise=efpep.GradientNoise(sigma))


@pytest.mark.parametrize(("sigma", "radius"), [(1, 1), ("1/10", 3)])
@pytest.mark.parametrize("agents", [1, 4])
def test_a_step_of_gradient_descent_has_its_exact_worst_case(agents, sigma, radius):
    """``L R^2/6 + L eta^2 sigma^2/(2 n)`` with step 1/L.

    Attained by the function on which exact gradients are worst in one coordinate (Drori, Teboulle 2014) plus a quadratic of
    curvature L in another, in which the noise is; no more by the descent lemma, as f is L-smooth and the noise unbiased.
    """
    found = efpep.potential(efpep.GD(1), setting(agents, sigma), 1, radius=radius)
    worst = Fraction(radius) ** 2 / 6 + Fraction(sigma) ** 2 / (2 * agents)
    assert found.certified
    assert worst <= found.details["bound"] <= worst * (1 + Fraction(1, 10**6))
    assert found.lower * radius**2 >= worst * (1 - Fraction(1, 10**6))


@pytest.mark.parametrize("agents", [1, 4])
def test_what_is_proved_of_more_steps_is_no_less_than_the_worst_case(agents):
    """The same instance: ``L R^2/(4 T + 2) + L eta^2 sigma^2/(2 n)``."""
    found = efpep.potential(efpep.GD(1), setting(agents), 3)
    assert found.certified
    assert found.details["bound"] >= Fraction(1, 14) + Fraction(1, 2 * agents)


def test_little_noise_is_no_noise():
    exact = efpep.potential(efpep.ADEF("1/40"), replace(setting(2), noise=None), 3)
    small = efpep.potential(efpep.ADEF("1/40"), setting(2, "1/1000"), 3)
    assert exact.lower <= small.upper <= exact.upper * Fraction(1001, 1000)


def test_the_split_holds_for_other_noise_and_other_starts():
    """What is proved for one sigma and one radius bounds every other, and is the best for its own alone."""
    found = efpep.potential(efpep.ADEF("1/20"), setting(3), 3)
    other = efpep.potential(efpep.ADEF("1/20"), setting(3, "1/4"), 3, radius=2)
    start, c = found.details["start"], found.details["c"]
    assert sum(found.details["constants"]) == c
    assert found.upper == start + c
    bound = start * 4 + c / 16
    assert other.lower * 4 < bound
    assert bound > other.details["bound"] * other.details["total"]


def test_points_and_noise_have_one_unit():
    one = efpep.potential(efpep.ADEF("1/20"), setting(2, "1/2"), 2)
    other = efpep.potential(efpep.ADEF("1/20"), setting(2, 500), 2, radius=1000)
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)
    assert other.upper <= one.upper * Fraction(10001, 10000)


def test_agents_of_one_kind_in_two_groups_are_one_group():
    together = efpep.potential(efpep.ADEF("1/20"), setting(3), 2)
    apart = efpep.potential(efpep.ADEF("1/20"), replace(setting(), agents=[efpep.Group(count=1), efpep.Group(count=2)]), 2)
    assert together.certified
    assert apart.certified
    assert max(together.lower, apart.lower) <= min(together.upper, apart.upper)


def test_more_agents_have_less_noise():
    alone, few = (efpep.potential(efpep.ADEF("1/20"), setting(agents), 2) for agents in (1, 10))
    assert few.upper < alone.lower


# --- beside runs -----------------------------------------------------------------------------------------------------------


@cache
def proved(agents, radius, steps):
    return efpep.potential(efpep.ADEF("1/10"), setting(agents), steps, radius=radius)


def potential_of(found, state, problem, weights, features):
    """The potential at a state on every copy: ``A_t`` times the gap, and the quadratic."""
    copies, agents = problem.copies, len(problem.curvatures)
    gradient = problem.exact(found.method.over(FLOATS).query(state))
    held = {"x": state.x, "g": gradient}
    held |= {m.feature: m.error_of(getattr(state, m.name), state.x, gradient) for m in found.method.memories}
    vectors = {name: np.broadcast_to(v, (agents, v.shape[-1])).reshape(agents, copies, -1) for name, v in held.items()}
    total = float(found.method.total(state.t)) * gap_of(state, problem)
    for matrix, (block, names) in zip(weights, features.items(), strict=True):
        for i, left in enumerate(names):
            for j, right in enumerate(names):
                mean = np.sum(vectors[left].mean(axis=0) * vectors[right].mean(axis=0), axis=-1)
                whole = np.sum(vectors[left] * vectors[right], axis=-1).mean(axis=0)
                total += float(matrix[i][j]) * (mean if block == "mean" else whole - mean)
    return total


def gap_of(state, problem):
    x = state.x.reshape(problem.copies, -1)
    return sum(np.sum(a * x**2, axis=-1) / 2 for a in problem.curvatures) / len(problem.curvatures)


def links(found, operator, copies, seed=3):
    """Run all copies from the radius: of every link by how much the potential grows and what is proved, then of the last gap."""
    draw, agents = np.random.default_rng(seed), found.setting.agents
    problem = Copies(draw.choice([0.1, 0.3, 1.0], size=(agents, 5)), copies, draw, turns=operator == "biased")
    x = np.zeros((copies, 5))
    x[:, 0] = float(found.details["radius"])
    method, run = found.method.over(FLOATS), NumericRun(problem, OPERATORS[operator](problem))
    state, upper = method.start(x.ravel(), run), found.certificate.upper
    features, constants, weights = found.question.inequalities.features, found.details["constants"], iter(upper.weights)
    before = float(found.details["start"] * found.details["radius"] ** 2)
    for t, constant in enumerate(constants):
        names = features[t] if t < len(features) else {}
        after = potential_of(found, state, problem, [next(weights) for _ in names], names)
        yield after - before, float(constant)
        before = after
        if t < len(features):
            state = method.step(state, run)
    yield gap_of(state, problem), float(found.details["bound"])


def runs_stay_below(found, operator, copies):
    """Compare every mean with what is proved, and return what part of the bound is attained."""
    for measured, allowed in links(found, operator, copies):
        assert measured.mean() <= allowed + ERRORS * measured.std() / np.sqrt(copies) + 1e-9
    return measured.mean() / allowed


@pytest.mark.parametrize("operator", ["constant", "echoed"])
def test_runs_stay_below_what_is_proved(operator):
    assert 0.05 < runs_stay_below(proved(2, 1, 3), operator, 2000) < 1


@pytest.mark.slow
@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize(("agents", "radius", "steps"), [(1, 1, 4), (2, "1/10", 4), (3, 1, 6)])
def test_many_runs_stay_below_what_is_proved(agents, radius, steps, operator):
    runs_stay_below(proved(agents, radius, steps), operator, 10**5)


# --- what is asked ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: efpep.potential(efpep.ADEF("1/40"), setting(), 3, radius=0), "radius"),
        (lambda: efpep.potential(efpep.ADEF("1/40"), replace(setting(), noise=None), 3, radius=2), "radius"),
        (lambda: efpep.potential(efpep.SafeEF(), efpep.Setting(efpep.BoundedSubgradients(1)), radius=2), "radius"),
        (
            lambda: efpep.potential(efpep.SafeEF(), efpep.Setting(efpep.BoundedSubgradients(1), noise=efpep.GradientNoise(1))),
            "noise",
        ),
        (
            lambda: efpep.potential(efpep.EF21("1/4"), replace(setting(), functions=efpep.SmoothWeaklyConvex(-1, 1))),
            "noise",
        ),
    ],
)
def test_what_is_no_question_is_said_in_one_sentence(call, argument):
    with pytest.raises(efpep.InputError) as refused:
        call()
    assert one_sentence(refused.value)
    assert argument in refused.value.arguments
