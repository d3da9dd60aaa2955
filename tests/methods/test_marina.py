"""MARINA and the coin that all clients share: published steps, outcomes written out in PEPit, averages over draws, messages."""

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
from efpep.methods import MARINA
from efpep.model.field import FLOATS
from efpep.simulate.participation import Choices
from efpep.simulate.run import NumericRun

F = Fraction
SSC = efpep.SmoothStronglyConvex
CURVED = SSC("1/10", 1)
ROOM = F(1, 10**8)
slow = pytest.mark.slow


def alike(kappa, omega, n):
    return efpep.Setting(SSC(F(1, kappa), 1), efpep.Unbiased(omega), n)


def published(p, omega, n, mu, L, factor=2):  # noqa: PLR0917 - the constants of a theorem
    """2102.07845 under the PL condition, and without it with the factor 1, in floats."""
    return min(1 / (L * (1 + (factor * (1 - p) * omega / (p * n)) ** 0.5)), p / (2 * mu))


UNLIKE = efpep.Setting(compressor=efpep.Unbiased(1), agents=[efpep.Group(SSC("1/10", L), count=2) for L in (1, 2)])
CASES = {
    "one agent": (F(1, 2), alike(2, F(1, 2), 1), published(0.5, 0.5, 1, 0.5, 1), 0.5),
    "ten agents": (F(1, 2), alike(10, 1, 10), published(0.5, 1, 10, 0.1, 1), 0.1),
    "rare gradients": (F(1, 10), alike(50, 9, 100), published(0.1, 9, 100, 0.02, 1), 0.02),
    "few agents": (F(1, 4), alike(20, 2, 5), published(0.25, 2, 5, 0.05, 1), 0.05),
    "two kinds": (F(1, 2), UNLIKE, published(0.5, 1, 4, 0.1, 2.5**0.5), 0.1),
}
FAST = {"one agent", "ten agents", "few agents"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in FAST else slow) for name in CASES])
def test_the_certified_rate_is_the_published_one_or_better(name):
    p, setting, step, mu = CASES[name]
    found = efpep.rate(MARINA(p=p), setting, "gap")
    found.certificate.check()
    assert float(found.method.step_size) == pytest.approx(step, rel=1e-14)
    assert float(found.theory.value) == pytest.approx(1 - step * mu, rel=1e-14)
    assert found.lower < found.upper < found.theory.value
    assert "the compressors' randomness and the draws of those who take part" in str(found)
    given = efpep.rate(MARINA(p=p), setting, "gap", lyapunov="literature")
    assert given.upper <= found.theory.value + ROOM


@pytest.mark.parametrize("p", [F(1, 2), pytest.param(F(1, 10), marks=slow)])
def test_functions_without_a_minimiser_decrease_as_published(p):
    setting = efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1), efpep.Unbiased(1), 10)
    step = F(published(float(p), 1, 10, 1e-9, 1, factor=1)).limit_denominator(10**6) - F(1, 10**9)
    found = efpep.potential(MARINA(step, p=p), setting)
    assert found.lower >= step / 2
    assert MARINA.literature.decrease(found.method, setting).value == step / 2
    longest = MARINA.literature.half_decrease_step(found.method, setting)
    assert float(longest.value) == pytest.approx(float(step), abs=1e-8)


@pytest.mark.parametrize("n", [1, pytest.param(2, marks=slow)])
def test_always_whole_gradients_are_gradient_descent(n):
    setting = efpep.Setting(CURVED, efpep.Unbiased(1), n, heterogeneity=1)
    methods = MARINA("1/2", p=1), efpep.GD("1/2")
    for metric in ("distance", "gap"):
        ends = [efpep.worst_case(method, setting, 2, metric=metric, initial="distance") for method in methods]
        assert abs(ends[0].upper - ends[1].upper) < F(1, 10**7)
        assert abs(ends[0].lower - ends[1].lower) < F(1, 10**7)
        assert "expectation over the draws" not in str(ends[0])
    problem = quadratics(n, np.random.default_rng(1), common=False)
    runs = [efpep.simulate(m, problem, 30, efpep.RandK(2, scaled=True), start=np.ones(DIMENSION)) for m in methods]
    np.testing.assert_allclose(runs[0].x, runs[1].x, rtol=1e-12)
    assert runs[0].client_bytes.tolist() == [8 * DIMENSION * 31] * n, "once more, for the first estimate"


def rounds(n, p, omega, step):
    """PEPit's largest ``E |x_2 - x*|^2`` from ``|x_0 - x*|^2 <= 1``, the coin and the signs of the agents' errors written out."""
    problem, functions, x = agents(n, 1.0)
    mean = lambda vectors: (1 / n) * sum(vectors[1:], vectors[0])  # noqa: E731
    before = [f.gradient(x) for f in functions]
    x = x - step * mean(before)
    after = [f.gradient(x) for f in functions]
    errors = [Point() for _ in functions]
    for new, old, error in zip(after, before, errors, strict=True):
        problem.add_constraint(error**2 <= omega * (new - old) ** 2)
    total = p * (x - step * mean(after)) ** 2
    for signs in itertools.product((1, -1), repeat=n):
        sent = [new - old + sign * error for new, old, sign, error in zip(after, before, signs, errors, strict=True)]
        total = total + (1 - p) / 2**n * (x - step * (mean(before) + mean(sent))) ** 2
    problem.set_performance_metric(total)
    return solved(problem)


@pytest.mark.fast_cases(1)
@pytest.mark.parametrize(("n", "p", "omega"), [(2, F(1, 2), 1), (1, F(1, 2), 1), (2, F(1, 10), 9)])
def test_two_rounds_over_all_outcomes(n, p, omega):
    # The distance of x_2 is quadratic in what is drawn, so that second moments say all of it.
    setting = efpep.Setting(CURVED, efpep.Unbiased(omega), n, heterogeneity=1)
    found = efpep.worst_case(MARINA("1/2", p=p), setting, 2, metric="distance", initial="distance")
    assert float(found.upper) == pytest.approx(rounds(n, float(p), omega, 0.5), abs=1e-6)
    assert found.lower is None, "second moments are no run"


# --- the coin ------------------------------------------------------------------------------------------------------------


class Iterate(NamedTuple):
    x: Any


@dataclass(frozen=True)
class Together(efpep.Method):
    """Gradient descent in which all clients send by one coin, or the rest of them by their own; written in several ways."""

    title = "Together"
    compresses = False
    common_minimiser = True
    draws = True
    State = Iterate

    way: str = "mean"

    def start(self, x, run):
        del run
        return Iterate(x)

    def step(self, state, run):
        g = run.gradient(state.x)
        asked = {"count": 1} if self.way == "count" else {"p": "1/2"}
        who = run.participate(**asked, together=self.way != "each")
        sent = {
            "mean": lambda: who.mean(g),
            "all": lambda: run.mean(who(g)),
            "others": lambda: who.others.mean(g),
            "rest": lambda: run.mean(g) - run.mean(who.others(g)),
            "both": lambda: (who.mean(g) + who.others.mean(g)) / 2,
            "server": lambda: who(run.mean(g)),
        }.get(self.way, lambda: run.mean(who(g)))()
        return Iterate(state.x - 2 * self.step_size * sent)


def distance(way, n):
    asked = efpep.Setting(CURVED, agents=n, heterogeneity=1)
    return efpep.worst_case(Together("1/2", way=way), asked, 1, metric="distance", initial="distance")


@pytest.mark.parametrize("n", [2, pytest.param(5, marks=slow)])
def test_one_coin_over_both_outcomes(n):
    """With one coin ``E |x+ - x*|^2 = |x - x*|^2/2 + |x - 2 gamma g - x*|^2/2`` at the largest of both, x itself."""
    ends = {way: distance(way, n).upper for way in ("mean", "all", "others", "rest", "both")}
    problem, functions, x = agents(n, 1.0)
    g = [f.gradient(x) for f in functions]
    problem.set_performance_metric(0.5 * x**2 + 0.5 * (x - (1 / n) * sum(g[1:], g[0])) ** 2)
    reference = solved(problem)
    for way in ("mean", "all", "others", "rest"):
        assert float(ends[way]) == pytest.approx(reference, abs=1e-6), way
    setting = efpep.Setting(CURVED, agents=n, heterogeneity=1)
    plain = efpep.worst_case(efpep.GD("1/2"), setting, 1, metric="distance", initial="distance")
    assert float(ends["both"]) == pytest.approx(float(plain.upper), abs=1e-6)


def test_a_coin_does_not_average():
    apart = [float(efpep.rate(Together("1/4", way="each"), efpep.Setting(CURVED, agents=n)).upper) for n in (1, 100)]
    one = [float(efpep.rate(Together("1/4"), efpep.Setting(CURVED, agents=n)).upper) for n in (1, 100)]
    many = efpep.Setting(compressor=None, agents=[efpep.Group(CURVED, share="1/2"), efpep.Group(CURVED, share="1/2")])
    assert apart[1] < apart[0] - 1e-4
    assert one == pytest.approx([apart[0]] * 2, abs=1e-7)
    assert float(efpep.rate(Together("1/4"), many).upper) == pytest.approx(one[0], abs=1e-7)


@pytest.mark.parametrize(("way", "says"), [("count", "no coin decides"), ("server", "this is a server vector")])
def test_what_cannot_be_is_refused_in_one_sentence(way, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        distance(way, 2)
    assert one_sentence(refused.value)


def test_coins_have_the_frequency_that_is_asked_for():
    choices = Choices(3)
    masks = np.array([choices.drawn(choices.next_use(), 0.3, None, 5, together=True) for _ in range(2000)])
    assert (masks.all(axis=1) | ~masks.any(axis=1)).all()
    assert masks[:, 0].mean() == pytest.approx(0.3, abs=0.05)
    assert choices.drawn(0, 1.0, None, 5, together=True) is None


# --- runs ----------------------------------------------------------------------------------------------------------------


def test_everybody_sends_a_gradient_or_a_message():
    problem = quadratics(4, np.random.default_rng(1), common=False)
    found = efpep.simulate(MARINA("1/16", p="1/4"), problem, 400, efpep.RandK(1, scaled=True), start=np.ones(DIMENSION))
    each = np.diff(found["bytes_client"])
    whole, message = 8 * DIMENSION, 4 + 1 + 8
    assert set(each) == {whole, message}
    assert np.mean(each == whole) == pytest.approx(0.25, abs=0.08)
    assert len(set(found.client_bytes)) == 1
    assert found["gap"][-1] < 1e-6 * found["gap"][0]


def test_a_run_is_resumed_with_the_coins_that_it_would_have_had(tmp_path):
    problem = quadratics(4, np.random.default_rng(2), common=False)
    method, operator, file = MARINA("1/16", p="1/2"), efpep.RandK(2, scaled=True), tmp_path / "run.npz"
    given = {"start": np.ones(DIMENSION), "seed": 5}
    whole = efpep.simulate(method, problem, 30, operator, **given)
    efpep.simulate(method, problem, 10, operator, checkpoint=file, **given)
    resumed = efpep.simulate(method, problem, 30, operator, checkpoint=file, resume=True, **given)
    np.testing.assert_array_equal(resumed.x, whole.x)


class Given:
    """A coin that falls as told."""

    def __init__(self, heads):
        self.heads = heads

    def next_use(self):
        return 0

    def drawn(self, use, p, count, rows, *, together):
        del use, p, count
        assert together
        return np.full(rows, self.heads)


@pytest.mark.parametrize("n", [1, pytest.param(3, marks=slow)])
def test_steps_contract_on_average_over_coins_and_draws(n):
    """From fixed states the mean of V over both outcomes of the coin, and many draws of the compressor, is at most rho V."""
    rng = np.random.default_rng(5)
    rate = efpep.rate(MARINA(p="1/3"), efpep.Setting(FUNCTIONS, efpep.Unbiased(1), n), "gap")
    numeric, worst = rate.method.over(FLOATS), 0.0
    for _ in range(6):
        problem = quadratics(n, rng, common=False)
        x = problem.minimiser + rng.standard_normal(DIMENSION) * 10 ** rng.uniform(-1, 1)
        error = 10 ** rng.uniform(-2, 1) * rng.standard_normal(DIMENSION)
        state = rate.method.State(x, problem.gradients(x).mean(axis=0) + error)
        after = []
        for seed in range(150):
            run = NumericRun(problem, efpep.RandK(2, scaled=True).seeded(seed))
            run.choices = Given(heads=False)
            after.append(energy(rate, numeric.step(state, run), problem))
        run.choices = Given(heads=True)
        expected = energy(rate, numeric.step(state, run), problem) / 3 + 2 * np.mean(after) / 3
        bound = float(rate.upper) * energy(rate, state, problem)
        assert expected <= bound + 4 * np.std(after) / len(after) ** 0.5
        worst = max(worst, expected / bound)
    assert worst > 0.3
