"""The methods around EF21 as programs: numeric runs under the certified contraction, PEPit, parameters and refusals."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from support import one_sentence
from support.instances import DIMENSION, FUNCTIONS, Astray, Stretch, energy, quadratics

import efpep
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate

F = Fraction
UP, DOWN = F(1, 2), F(3, 4)
"""Contraction parameters of clients and server; Top-K has them on R^4 with K = 2 and 3."""

FAMILY = [
    efpep.EF21Momentum("1/8", theta="1/2"),
    efpep.EF21Momentum("1/4", theta="9/10"),
    efpep.EF21HeavyBall("1/8", beta="1/5"),
    efpep.EF21HeavyBall("1/8", beta="3/5"),
    efpep.EControl("1/4", eta="1/10"),
    efpep.EControl("1/16", eta="1/5"),
    efpep.EF21P("1/3"),
    efpep.EF21P("3/5"),
    efpep.EF21BC("1/12"),
]


def name_of(method):
    return f"{method.key}-{'-'.join(str(v) for v in vars(method).values())}".replace("/", ":")


def asked(agents, up=UP, down=DOWN):
    return efpep.Setting(FUNCTIONS, efpep.Contractive(up), agents, efpep.Contractive(down))


def operators(kind, rng):
    """A client's and a server's operator of the same kind, each in its class."""
    if kind == "top-k":
        return efpep.TopK(int(UP * DIMENSION)), efpep.TopK(int(DOWN * DIMENSION))
    slack, server = float(1 - UP) ** 0.5, float(1 - DOWN) ** 0.5
    if kind == "stretch":
        return Stretch(slack), Stretch(server)
    return Astray(slack, rng), Astray(server, rng)


# --- numeric runs --------------------------------------------------------------------------------------------------------


@pytest.mark.fast_cases(13)
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 4])
@pytest.mark.parametrize("kind", ["top-k", "stretch", "astray"])
@pytest.mark.parametrize("method", FAMILY, ids=name_of)
def test_no_run_contracts_slower_than_the_certified_rate(method, kind, n):
    rng = np.random.default_rng([n, *kind.encode(), *method.key.encode()])
    rate = efpep.rate(method, asked(n))
    if rate.verdict is not efpep.Verdict.PROVED:
        pytest.fail(f"{method} does not contract here, so the test is void")
    client, server = operators(kind, rng)
    for _ in range(4):
        problem = quadratics(n, rng, common=False)
        run = NumericRun(problem, client, server)
        energies = [energy(rate, s, problem) for s in iterate(rate.method, run, 3 * rng.standard_normal(DIMENSION), 12)]
        for before, after in pairwise(energies):
            assert after <= float(rate.upper) * before + 1e-9 * max(before, 1e-12)
        assert energies[-1] < energies[0]


@pytest.mark.parametrize("method", FAMILY, ids=name_of)
def test_steps_from_any_state_contract(method):
    # The certificate is about every state, not only those that a run from start() visits.
    rng = np.random.default_rng([7, *method.key.encode()])
    rate = efpep.rate(method, asked(4))
    worst = 0.0
    for kind in ("top-k", "stretch", "astray"):
        client, server = operators(kind, rng)
        for _ in range(30):
            problem = quadratics(4, rng, common=False)
            run = NumericRun(problem, client, server)
            x = problem.minimiser + rng.standard_normal(DIMENSION) * 10 ** rng.uniform(-1, 1)
            gradient = problem.gradients(x)
            memories = {}
            for memory in method.memories:
                size = 10 ** rng.uniform(-2, 1)
                error = size * rng.standard_normal(DIMENSION if memory.server else (4, DIMENSION))
                memories[memory.name] = memory.at_rest(x, gradient, error)
            state = method.State(x=x, **memories)
            state, after = iterate_from(method, state, run)
            before, after = energy(rate, state, problem), energy(rate, after, problem)
            assert before > 0
            worst = max(worst, after / before)
    assert worst <= float(rate.upper) + 1e-9
    assert worst > 0.3, "the states are not trivial"


def iterate_from(method, state, run):
    from efpep.model.field import FLOATS

    return state, method.over(FLOATS).step(state, run)


@pytest.mark.fast_cases(7)
@pytest.mark.parametrize("method", FAMILY, ids=name_of)
def test_runs_converge_to_the_minimiser_of_the_average(method):
    rng = np.random.default_rng(3)
    problem = quadratics(4, rng, common=False)
    run = NumericRun(problem, efpep.TopK(2), efpep.TopK(3))
    *_, last = iterate(method, run, rng.standard_normal(DIMENSION), 4000)
    np.testing.assert_allclose(last.x, problem.minimiser, atol=1e-9)


def test_steps_by_hand():
    # f = |x|^2 / 2 on the plane, one agent, Top-1 everywhere, x = (4, 1), from start().
    problem = Quadratics([np.eye(2)], [0.0, 0.0])
    run = NumericRun(problem, efpep.TopK(1), efpep.TopK(1))
    x0 = [4, 1]

    # d0 = (4, 0); x1 = x0 - d0/2 = (2, 1); d1 = d0 + C((2, 1) - (4, 0)) = (2, 0)
    _, momentum = iterate(efpep.EF21Momentum("1/2"), run, x0, 1)
    assert momentum.x.tolist() == [2, 1]
    assert momentum.v.tolist() == [[2, 0]]
    # m0 = (4, 1); m1 = (m0 + (2, 1))/2 = (3, 1); v1 = (4, 0) + C((-1, 1)) = (3, 0): ties go to the first coordinate
    _, momentum = iterate(efpep.EF21Momentum("1/2", theta="1/2"), run, x0, 1)
    assert momentum.m.tolist() == [[3, 1]]
    assert momentum.v.tolist() == [[3, 0]]
    # heavy ball: x1 = (2, 1), d1 = (2, 0); x2 = x1 - d1/2 + (x1 - x0)/2 = (0, 1), y2 = x1
    *_, heavy = iterate(efpep.EF21HeavyBall("1/2", beta="1/2"), run, x0, 2)
    assert heavy.x.tolist() == [0, 1]
    assert heavy.y.tolist() == [2, 1]
    # EControl, eta = 1: h0 = (4, 0), e0 = 0; c = C(g - h) = (0, 1); h1 = (4, 1); x1 = x0 - h1/2 = (2, 1/2); e1 = 0
    *_, first = iterate(efpep.EControl("1/2", eta=1), run, x0, 1)
    assert first.x.tolist() == [2, 0.5]
    assert first.h.tolist() == [[4, 1]]
    assert first.e.tolist() == [[0, 0]]
    # second round: g = (2, 1/2), c = C((-2, -1/2)) = (-2, 0), h2 = (2, 1), e2 = g - h2 = (0, -1/2), x2 = (1, 0)
    *_, second = iterate(efpep.EControl("1/2", eta=1), run, x0, 2)
    assert second.x.tolist() == [1, 0]
    assert second.e.tolist() == [[0, -0.5]]
    # third: g = (1, 0), c = C(e + g - h) = C((-1, -3/2)) = (0, -3/2), h3 = (2, -1/2), x3 = (0, 1/4), e3 = (-1, 0)
    *_, third = iterate(efpep.EControl("1/2", eta=1), run, x0, 3)
    assert third.x.tolist() == [0, 0.25]
    assert third.e.tolist() == [[-1, 0]]
    # EF21-P: w1 = w0 - g/2 = (2, 1/2); x1 = x0 + C((-2, -1/2)) = (2, 1); w2 = (2, 1/2) - (1, 1/2) = (1, 0), x2 = (1, 1)
    _, first, second = iterate(efpep.EF21P("1/2"), NumericRun(problem, None, efpep.TopK(1)), x0, 2)
    assert (first.x.tolist(), first.w.tolist()) == ([2, 1], [2, 0.5])
    assert (second.x.tolist(), second.w.tolist()) == ([1, 1], [1, 0])
    # EF21-BC: w1 = x0 - d0/2 = (2, 1); x1 = x0 + C((-2, 0)) = (2, 1); d1 = (4, 0) + C((-2, 1)) = (2, 0)
    _, both = iterate(efpep.EF21BC("1/2"), run, x0, 1)
    assert both.x.tolist() == [2, 1]
    assert both.d.tolist() == [[2, 0]]


# --- PEPit ---------------------------------------------------------------------------------------------------------------

SMALL = [
    efpep.EF21Momentum("1/4", theta="1/2"),
    efpep.EF21HeavyBall("1/8", beta="1/5"),
    efpep.EControl("1/4", eta="1/20"),
    efpep.EF21P("1/2"),
    efpep.EF21BC("1/10"),
]


def check_pepit(method, setting, metric="distance"):
    rate = efpep.rate(method, setting, metric, "clarabel")  # of functions on faces PEPit's solver is less exact than 1e-6
    assert rate.certified
    found = efpep.crosscheck(method, setting, metric, rate=rate)
    assert found.agrees, str(found)
    assert abs(found.difference) < 1e-6


@pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
@pytest.mark.parametrize("method", SMALL, ids=lambda m: m.key)
def test_pepit_finds_the_same_rate(method, n):
    functions = efpep.SmoothStronglyConvex("1/5", 1)
    check_pepit(method, efpep.Setting(functions, efpep.Contractive("1/2"), n, efpep.Contractive("9/10")))


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["gradient", "gap"])
@pytest.mark.parametrize("delta", ["1/4", "9/10"])
@pytest.mark.parametrize("method", SMALL, ids=lambda m: m.key)
def test_pepit_finds_the_same_rate_elsewhere(method, delta, metric):
    method = type(method)(**vars(method) | {"step_size": F(1, 16)})
    functions = efpep.SmoothStronglyConvex("1/10", 1)
    for n in (1, 2):
        check_pepit(method, efpep.Setting(functions, efpep.Contractive(delta), n, efpep.Contractive("9/10")), metric)


# --- refusals ------------------------------------------------------------------------------------------------------------

PLAIN = efpep.Setting(FUNCTIONS, efpep.Contractive("1/2"), 2)
BAD = {
    "theta 0": (lambda: efpep.EF21Momentum("1/8", theta=0), ["theta is 0", "(0, 1]"]),
    "theta 3/2": (lambda: efpep.EF21Momentum("1/8", theta="3/2"), ["theta is 3/2", "(0, 1]"]),
    "theta -1": (lambda: efpep.EF21Momentum("1/8", theta=-1), ["theta is -1"]),
    "theta junk": (lambda: efpep.EF21Momentum("1/8", theta="much"), ["theta is", "much"]),
    "theta nothing": (lambda: efpep.EF21Momentum("1/8", theta=None), ["theta is None"]),
    "theta nan": (lambda: efpep.EF21Momentum("1/8", theta=float("nan")), ["theta is nan"]),
    "beta 1": (lambda: efpep.EF21HeavyBall("1/8", beta=1), ["beta is 1", "(-1, 1)"]),
    "beta -1": (lambda: efpep.EF21Nesterov("1/8", beta=-1), ["beta is -1", "(-1, 1)"]),
    "beta optimal": (lambda: efpep.EF21HeavyBall("1/8", beta="optimal"), ["beta is"]),
    "eta 2": (lambda: efpep.EControl("1/8", eta=2), ["eta is 2", "[0, 1]"]),
    "eta -1": (lambda: efpep.EControl("1/8", eta=-1), ["eta is -1", "[0, 1]"]),
    "step -1": (lambda: efpep.EF21BC(-1), ["step_size is -1"]),
    "omega -1": (lambda: efpep.Unbiased(-1), ["omega is -1", "not negative"]),
    "omega junk": (lambda: efpep.Unbiased("d/K"), ["omega is", "d/K"]),
    "omega inf": (lambda: efpep.Unbiased(float("inf")), ["omega is inf"]),
    "shared maybe": (lambda: efpep.Unbiased(1, shared="maybe"), ["shared is 'maybe'", "yes", "no"]),
    "shared maybe, randomized": (lambda: efpep.Randomized("1/2", shared="maybe"), ["shared is 'maybe'", "yes", "no"]),
    "shared 2": (lambda: efpep.Randomized("1/2", shared=2), ["shared is 2"]),
    "shared nothing": (lambda: efpep.Randomized("1/2", shared=None), ["shared is None"]),
    "projection 0": (lambda: efpep.Projection(0), ["delta is 0", "(0, 1]"]),
    "linear 2": (lambda: efpep.LinearContractive(2), ["delta is 2", "(0, 1]"]),
    "randomized -1": (lambda: efpep.Randomized(-1), ["delta is -1", "(0, 1]"]),
    "no server compressor": (lambda: efpep.rate(efpep.EF21P("1/8"), PLAIN), ["server_compressor"]),
    "no server compressor, both ways": (lambda: efpep.rate(efpep.EF21BC("1/8"), PLAIN), ["server_compressor"]),
    "no compressor": (
        lambda: efpep.rate(efpep.EF21BC("1/8"), efpep.Setting(FUNCTIONS, None, 2, efpep.Contractive("1/2"))),
        ["no compressor"],
    ),
    "server compressor a number": (lambda: efpep.Setting(FUNCTIONS, None, 2, "1/2"), ["server_compressor is '1/2'"]),
    "server operator for a class": (lambda: efpep.Setting(FUNCTIONS, None, 2, efpep.TopK(1)), ["server_compressor is"]),
    "momentum optimal": (lambda: efpep.rate(efpep.EF21Momentum(), PLAIN), ["no closed form", "step_size"]),
    "heavy ball optimal": (lambda: efpep.rate(efpep.EF21HeavyBall(), PLAIN), ["no closed form", "step_size"]),
    "ef21-p optimal": (lambda: efpep.rate(efpep.EF21P(), PLAIN), ["no closed form", "step_size"]),
    "ef21-bc optimal": (lambda: efpep.rate(efpep.EF21BC(), PLAIN), ["no closed form", "step_size"]),
    "numeric run": (
        lambda: list(iterate(efpep.EF21P(1), NumericRun(Quadratics([[[1.0]]], [0.0])), [1], 1)),
        ["no server operator"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_refusals_say_what_is_wrong_and_what_to_do(name):
    ask, says = BAD[name]
    with pytest.raises(efpep.InputError) as refused:
        ask()
    message = str(refused.value)
    assert one_sentence(message), message
    assert "give" in message, message
    for words in says:
        assert words in message, message


def test_the_edges_of_the_parameters_are_allowed():
    for method in (
        efpep.EF21Momentum("1/8", theta=1),
        efpep.EF21Momentum("1/8", theta="1/100"),
        efpep.EF21HeavyBall("1/8", beta=0),
        efpep.EControl("1/8", eta=1),
        efpep.EControl("1/8", eta=0),
    ):
        rate = efpep.rate(method, PLAIN)
        assert rate.certified
    for method in FAMILY:
        assert type(method)(**vars(method)) == method
