"""Partial participation: rates by other ways, explicit outcomes in PEPit, exact and Monte-Carlo averages over draws, refusals."""

import functools
import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
from PEPit import Point
from support import one_sentence
from support.instances import DIMENSION, FUNCTIONS, energy, quadratics
from support.written_out import agents, solved

import efpep
from efpep.methods import EF21PP, LocalGD
from efpep.model.field import FLOATS
from efpep.questions.tune.ranges import template_of
from efpep.simulate import blocked_run
from efpep.simulate.participation import Choices
from efpep.simulate.run import NumericRun, iterate

F = Fraction
CURVED = efpep.SmoothStronglyConvex("1/10", 1)
HALF = F(1, 2)


class Iterate(NamedTuple):
    x: Any


@dataclass(frozen=True)
class FedAvg(efpep.Method):
    """Federated averaging as a user writes it: some clients take local steps, and the server follows their average."""

    title = "FedAvg"
    compresses = False
    common_minimiser = True
    State = Iterate

    local_steps: Any = 1
    p: Any = HALF
    count: Any = 0
    clients: Any = 2

    @property
    def draws(self):
        return self.p != 1 or self.count not in {0, self.clients}

    def start(self, x, run):
        del run
        return Iterate(x)

    def step(self, state, run):
        point = run.local(state.x)
        for _ in range(int(self.local_steps)):
            point = point - self.step_size * run.gradient(point)
        who = run.participate(count=int(self.count)) if self.count else run.participate(self.p)
        share = F(int(self.count), int(self.clients)) if self.count else self.p
        return Iterate(state.x + run.mean(who(point - state.x)) / share)


def of(n, **more):
    return efpep.Setting(CURVED, agents=n, **more)


# --- other ways to the same numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(10, marks=pytest.mark.slow)])
def test_everybody_is_the_full_method(n):
    setting = efpep.Setting(CURVED, efpep.Contractive("1/2"), n)
    full, everybody = efpep.rate(efpep.EF21("1/4"), setting, solver="clarabel"), efpep.rate(EF21PP("1/4", p=1), setting)
    assert abs(everybody.upper - full.upper) < F(1, 10**6)
    assert abs(everybody.lower - full.lower) < F(1, 10**6)
    assert "expectation" not in str(everybody)


def test_everybody_is_the_full_method_over_a_horizon():
    setting = efpep.Setting(CURVED, efpep.Contractive("1/2"), 2, heterogeneity=1)
    methods = efpep.EF21("1/4"), EF21PP("1/4", p=1)
    full, everybody = (efpep.worst_case(m, setting, 2, metric="gap", initial={"gap": 1, "g-d": 0}) for m in methods)
    assert abs(everybody.upper - full.upper) < F(1, 10**6)
    assert abs(everybody.lower - full.lower) < F(1, 10**6)


@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(10, marks=pytest.mark.slow)])
def test_gradients_of_those_who_take_part_are_unbiased_compression(n):
    # With b_i = 1 with probability p, b_i g_i / p is an unbiased compressor with omega = 1/p - 1, exactly.
    for p in (HALF, F(3, 4)):
        found = efpep.rate(FedAvg("1/2", p=p), of(n))
        known = efpep.rate(efpep.CGD("1/2"), efpep.Setting(CURVED, efpep.Unbiased(1 / p - 1), n))
        assert abs(found.upper - known.upper) < F(1, 10**8)
        assert abs(found.lower - known.lower) < F(1, 10**8)
    assert "in expectation over the draws of those who take part" in str(found)


def outcomes(n, count, p):
    """All outcomes of a draw with their probabilities."""
    for mask in itertools.product((False, True), repeat=n):
        if count is None:
            yield mask, float(np.prod([p if taken else 1 - p for taken in mask]))
        elif sum(mask) == count:
            yield mask, 1 / len(list(itertools.combinations(range(n), count)))


def fedavg(n, *, local_steps, p, count=None, zeta=1.0, step=0.5):
    """PEPit's largest ``E |x+ - x*|^2`` after one round from ``|x - x*|^2 <= 1``, over all outcomes of the draw."""
    problem, functions, x = agents(n, zeta)
    moved = []
    for f in functions:
        point = x
        for _ in range(local_steps):
            point = point - step * f.gradient(point)
        moved.append(point - x)
    total = None
    for mask, probability in outcomes(n, count, p):
        after = x
        for taken, way in zip(mask, moved, strict=True):
            after = after + (1 / (n * p)) * way if taken else after
        total = probability * after**2 if total is None else total + probability * after**2
    problem.set_performance_metric(total)
    return solved(problem)


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize(
    ("n", "count", "steps"), [(2, 1, 2), (3, 2, 1), (1, None, 2), (2, None, 1), (2, None, 2), (3, 1, 2), (2, 1, 1)]
)
def test_one_round_of_federated_averaging_over_all_outcomes(n, count, steps):
    # The distance after one round is quadratic in what is selected, so that second moments say all of it.
    p = F(1, 2) if count is None else F(count, n)
    method = FedAvg("1/2", local_steps=steps, p=p, count=count or 0, clients=n)
    found = efpep.worst_case(method, of(n, heterogeneity=1), 1, metric="distance", initial="distance")
    assert float(found.upper) == pytest.approx(fedavg(n, local_steps=steps, p=float(p), count=count), abs=1e-6)
    assert found.lower is None, "second moments are no run"


def test_the_number_of_those_who_take_part_matters_as_it_should():
    # One of two against each with probability 1/2, and all of them: sampling without replacement has the smaller variance.
    heterogeneous = of(2, heterogeneity=1)
    fixed, drawn, everybody = (
        float(efpep.worst_case(m, heterogeneous, 1, metric="distance", initial="distance").upper)
        for m in (FedAvg("1/2", count=1), FedAvg("1/2"), FedAvg("1/2", count=2))
    )
    assert everybody < fixed < drawn or everybody < drawn < fixed
    gd = efpep.worst_case(efpep.GD("1/2"), heterogeneous, 1, metric="distance", initial="distance")
    assert everybody == pytest.approx(float(gd.upper), abs=1e-6)


# --- exact averages over draws, and Monte-Carlo --------------------------------------------------------------------------


class Given:
    """Draws that turn out as told."""

    def __init__(self, mask):
        self.mask = np.array(mask)

    def next_use(self):
        return 0

    def drawn(self, use, p, count, rows, *, together):
        del use, p, count, rows, together
        return self.mask


@functools.cache
def rate_of(n, p):
    return efpep.rate(EF21PP("1/16", p=p), efpep.Setting(FUNCTIONS, efpep.Contractive("1/2"), n))


@pytest.mark.parametrize(("n", "p"), [(2, HALF), *(pytest.param(4, p, marks=pytest.mark.slow) for p in (HALF, F(9, 10)))])
def test_steps_contract_on_average_over_all_draws(n, p):
    rng = np.random.default_rng(5)
    rate = rate_of(n, p)
    assert rate.verdict is efpep.Verdict.PROVED
    numeric, worst = rate.method.over(FLOATS), 0.0
    for _ in range(6):
        problem = quadratics(n, rng, common=False)
        run = NumericRun(problem, efpep.TopK(2))
        x = problem.minimiser + rng.standard_normal(DIMENSION) * 10 ** rng.uniform(-1, 1)
        error = 10 ** rng.uniform(-2, 1) * rng.standard_normal((n, DIMENSION))
        state = rate.method.State(x, problem.gradients(x) - error)
        expected = 0.0
        for mask, probability in outcomes(n, None, float(p)):
            run.choices = Given(mask)
            expected += probability * energy(rate, numeric.step(state, run), problem)
        worst = max(worst, expected / energy(rate, state, problem))
    assert worst <= float(rate.upper) + 1e-9
    assert worst > 0.3


def test_runs_keep_the_bound_on_average():
    rng = np.random.default_rng(6)
    rate = rate_of(2, HALF)
    problem, x0 = quadratics(2, rng, common=False), rng.standard_normal(DIMENSION)
    last, first = [], 0.0
    for seed in range(24):
        run = NumericRun(problem, efpep.TopK(2))
        run.choices = Choices(seed)
        states = list(iterate(rate.method, run, x0, 15))
        first = energy(rate, states[0], problem)
        last.append(energy(rate, states[-1], problem))
    deviation = np.std(last) / len(last) ** 0.5
    assert np.mean(last) <= float(rate.upper) ** 15 * first + 3 * deviation
    assert deviation > 0, "the draws matter"


def test_draws_have_the_frequencies_that_are_asked_for():
    choices = Choices(3)
    masks = np.array([choices.drawn(choices.next_use(), 0.3, None, 5) for _ in range(2000)])
    np.testing.assert_allclose(masks.mean(axis=0), 0.3, atol=0.05)
    np.testing.assert_allclose(np.cov(masks.T), 0.21 * np.eye(5), atol=0.03)
    fixed = np.array([choices.drawn(choices.next_use(), None, 2, 5) for _ in range(2000)])
    assert (fixed.sum(axis=1) == 2).all()
    np.testing.assert_allclose(fixed.mean(axis=0), 0.4, atol=0.05)
    np.testing.assert_allclose(np.cov(fixed.T)[0, 1:], -0.24 / 4, atol=0.03)
    assert choices.drawn(0, 1.0, None, 5) is None
    assert choices.drawn(0, None, 5, 5) is None
    whole = Choices(3, 5).drawn(7, 0.3, None, 5)
    assert [bool(Choices(3, 5, i).drawn(7, 0.3, None, 1)[0]) for i in range(5)] == whole.tolist()


# --- runs ----------------------------------------------------------------------------------------------------------------


def test_only_those_who_take_part_send():
    rng = np.random.default_rng(1)
    problem = quadratics(4, rng, common=False)
    everybody = efpep.simulate(EF21PP("1/16", p=1), problem, 50, efpep.TopK(2), start=np.ones(DIMENSION))
    full = efpep.simulate(efpep.EF21("1/16"), problem, 50, efpep.TopK(2), start=np.ones(DIMENSION))
    np.testing.assert_array_equal(everybody.x, full.x)
    np.testing.assert_array_equal(everybody.client_bytes, full.client_bytes)
    half = efpep.simulate(EF21PP("1/16", p="1/2"), problem, 50, efpep.TopK(2), start=np.ones(DIMENSION))
    assert 0.35 < half.client_bytes.sum() / full.client_bytes.sum() < 0.65
    one = efpep.simulate(FedAvg("1/16", count=1, clients=4), problem, 40, start=np.ones(DIMENSION))
    assert one.client_bytes.sum() == 40 * 8 * DIMENSION
    again = efpep.simulate(EF21PP("1/16", p="1/2"), problem, 50, efpep.TopK(2), start=np.ones(DIMENSION))
    np.testing.assert_array_equal(again.x, half.x)


def test_rows_are_selected_alike_a_few_at_a_time(monkeypatch):
    problem, start = quadratics(4, np.random.default_rng(2), common=False), np.ones(DIMENSION)
    asked = [(EF21PP("1/16", p="1/2"), efpep.TopK(2)), (LocalGD("1/16", local_steps=3), efpep.TopK(2))]
    whole = [efpep.simulate(method, problem, 10, operator, start=start) for method, operator in asked]
    monkeypatch.setattr(blocked_run, "CACHE", 8)
    for (method, operator), known in zip(asked, whole, strict=True):
        found = efpep.simulate(method, problem, 10, operator, start=start)
        np.testing.assert_array_equal(found.x, known.x)
        np.testing.assert_array_equal(found.client_bytes, known.client_bytes)


def test_a_run_is_resumed_with_the_draws_that_it_would_have_had(tmp_path):
    problem = quadratics(4, np.random.default_rng(2), common=False)
    method, start, file = EF21PP("1/16", p="1/2"), np.ones(DIMENSION), tmp_path / "run.npz"
    whole = efpep.simulate(method, problem, 30, efpep.TopK(2), start=start)
    efpep.simulate(method, problem, 10, efpep.TopK(2), start=start, checkpoint=file)
    resumed = efpep.simulate(method, problem, 30, efpep.TopK(2), start=start, checkpoint=file, resume=True)
    np.testing.assert_array_equal(resumed.x, whole.x)


# --- refusals ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Own(efpep.Method):
    title = "Own"
    compresses = False
    common_minimiser = True
    draws = True
    State = Iterate

    what: str = ""

    def start(self, x, run):
        del run
        return Iterate(x)

    def step(self, state, run):
        x = state.x
        g = run.gradient(x)
        arguments = {"both": {"p": "1/2", "count": 1}, "none": {}, "p": {"p": 2}, "count": {"count": 3}}
        who = run.participate(**arguments.get(self.what, {"p": "1/2"}))
        taken = {
            "server": lambda: who(run.mean(g)),
            "point": lambda: who(run.local(x)),
            "later": lambda: who(run.gradient(x - run.mean(who(g)))),
            "copies": lambda: run.local(g),
            "anchor": lambda: run.gradient(2 * run.local(x)),
        }.get(self.what, lambda: who(g))()
        return Iterate(x - self.step_size * run.mean(taken))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("both", "one of the two"),
        ("none", "one of the two"),
        ("p", r"\(0, 1\]"),
        ("count", "there are 2 of them"),
        ("server", "this is a server vector"),
        ("point", "no difference"),
        ("later", "draw again with run.participate"),
        ("copies", "this is a client vector"),
        ("anchor", "the clients' own points"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(what, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.rate(Own("1/2", what=what), of(2))
    assert one_sentence(refused.value)


def test_a_method_says_that_it_draws():
    class Silent(Own):
        draws = False

    with pytest.raises(efpep.InputError, match="draws = True"):
        efpep.rate(Silent("1/2"), of(2))


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: efpep.cycle(EF21PP("1/4", p="1/2"), efpep.Setting(CURVED, efpep.Contractive("1/2")), 2), "draw nothing"),
        pytest.param(
            lambda: efpep.crosscheck(EF21PP("1/16", p="9/10"), efpep.Setting(CURVED, efpep.Contractive("1/2"), 2)),
            "no counterpart",
            marks=pytest.mark.slow,
        ),
        (
            lambda: efpep.worst_case(
                FedAvg("1/2", local_steps=2, p=1),
                efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1), agents=2),
                1,
                metric="gradient",
                initial="gap",
            ),
            "only the average is bounded below",
        ),
    ],
)
def test_questions_that_cannot_be_asked_are_refused_in_one_sentence(ask, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        ask()
    assert one_sentence(refused.value)


def ef21_pp(n, p, metric, *, step=0.25, delta=0.5, zeta=1.0):
    """PEPit's largest expected metric of ``x_2``, over all outcomes of the draw, from ``|x_0 - x*|^2 <= 1`` and ``d_0 = g_0``."""
    problem, functions, x = agents(n, zeta)
    d = [f.gradient(x) for f in functions]
    x = x - (step / n) * sum(d[1:], d[0])
    sent = []
    for f, held in zip(functions, d, strict=True):
        message, received = f.gradient(x) - held, Point()
        problem.add_constraint((received - message) ** 2 <= (1 - delta) * message**2)
        sent.append(received)
    total = None
    for mask, probability in outcomes(n, None, p):
        after = x
        for taken, held, received in zip(mask, d, sent, strict=True):
            after = after - (step / n) * (held + received if taken else held)
        values = [f.value(after) for f in functions]
        amount = after**2 if metric == "distance" else (1 / n) * sum(values[1:], values[0])
        total = probability * amount if total is None else total + probability * amount
    problem.set_performance_metric(total)
    return solved(problem)


@pytest.mark.fast_cases(1)
@pytest.mark.parametrize(("n", "metric"), [(1, "gap"), (2, "distance"), (1, "distance"), (2, "gap")])
def test_two_rounds_of_ef21_pp_over_all_outcomes(n, metric):
    # The distance of x_2 is quadratic in what is selected; its gap is not, and second moments bound it.
    setting = efpep.Setting(CURVED, efpep.Contractive("1/2"), n, heterogeneity=1)
    initial = {"distance": 1, "g-d": 0}
    found = float(efpep.worst_case(EF21PP("1/4", p="1/2"), setting, 2, metric=metric, initial=initial).upper)
    reference = ef21_pp(n, 0.5, metric)
    assert found > reference - 1e-6
    assert found == pytest.approx(reference, abs=1e-5 if metric == "distance" else 1e-4)


@pytest.mark.parametrize("n", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_noise_of_those_who_take_part_averages(n):
    # x+ = x - eta/p mean b_i (g_i + xi_i): the noise adds eta^2/(n p) sigma^2 to the squared distance.
    setting = of(n, noise=efpep.GradientNoise(1))
    found = efpep.noise(FedAvg("1/2"), setting, rho="0.95", bound="last")
    assert float(found.upper) == pytest.approx(0.25 / (n * 0.5), abs=1e-6)


@pytest.mark.parametrize("given", ["3/2", 0, 65])
def test_local_steps_are_counted(given):
    with pytest.raises(efpep.InputError, match="local_steps is") as refused:
        LocalGD("1/4", local_steps=given)
    assert one_sentence(refused.value)


def test_what_is_counted_is_not_searched():
    """The numbers of steps stay what they are, in every field, and searches are about the step size."""
    method = LocalGD("1/4", local_steps=3)
    assert method.tunable == ("step_size",)
    assert method.over(FLOATS).local_steps == 3
    assert template_of(LocalGD, None)[1] == ("step_size",)
    with pytest.raises(efpep.InputError, match="'local_steps' is not a parameter"):
        template_of(method, ["local_steps"])
