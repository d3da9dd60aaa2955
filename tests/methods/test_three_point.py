"""Three point compressors: a user's own, CLAG and LAG at their published steps, clients that decide, written out in PEPit."""

import math
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
from efpep.methods import CLAG, ThreePointCompression, ThreePointMethod
from efpep.model.field import FLOATS
from efpep.simulate.run import NumericRun
from efpep.theory import three_point

F = Fraction
SSC = efpep.SmoothStronglyConvex
CURVED = SSC("1/10", 1)
ROOM = F(1, 10**8)
slow = pytest.mark.slow


def alike(kappa, delta, n):
    return efpep.Setting(SSC(F(1, kappa), 1), efpep.Contractive(delta), n)


def best(zeta, delta):
    """The A and B of CLAG in 2202.00998 with the least B/A over a fine grid of s, in floats."""
    if delta == 1:
        return 1.0, float(zeta)
    lost, found = 1 - float(delta), []
    for s in np.geomspace(1e-4, 1 / lost, 200001)[:-1]:
        a, b = 1 - lost * (1 + s), max(lost * (1 + 1 / s), float(zeta))
        if a > 1e-9:
            found.append((b / a, a, b))
    return min(found)[1:]


# --- CLAG and LAG --------------------------------------------------------------------------------------------------------

CASES = {
    "lag": (1, alike(10, 1, 10), 1, 10),
    "lag, one agent": (4, alike(5, 1, 1), 1, 5),
    "clag, compression decides": ("1/2", alike(10, "1/2", 10), F(1, 2), 10),
    "clag, silence decides": (4, alike(10, "1/2", 10), F(1, 2), 10),
    "clag": (2, alike(20, "3/4", 3), F(3, 4), 20),
}


@pytest.mark.parametrize("name", CASES)
def test_the_certified_rate_is_the_published_one_or_better(name):
    zeta, setting, delta, kappa = CASES[name]
    a, b = best(F(zeta), delta)
    step = min(1 / (1 + math.sqrt(2 * b / a)), a * kappa / 2)
    found = efpep.rate(CLAG(zeta=zeta), setting, "gap")
    found.certificate.check()
    assert float(found.method.step_size) == pytest.approx(step, rel=1e-5)
    assert float(found.theory.value) == pytest.approx(1 - step / kappa, rel=1e-5)
    assert found.lower < found.upper < found.theory.value
    assert "which are necessary and need not be sufficient" in str(found)
    given = efpep.rate(CLAG(zeta=zeta), setting, "gap", lyapunov="literature")
    assert given.upper <= found.theory.value + ROOM


@pytest.mark.parametrize(("zeta", "delta", "operator"), [(1, F(1), efpep.Identity()), (4, F(1, 2), efpep.TopK(2))])
def test_the_three_point_inequality_holds_on_data(zeta, delta, operator):
    known = three_point.lazy(F(zeta), delta)
    a, b = float(known.a), float(known.root**2 * known.a)
    rng, run, silent = np.random.default_rng(3), NumericRun(None, operator), 0
    for _ in range(200):
        h, y, g = (rng.standard_normal((5, DIMENSION)) * 10 ** rng.uniform(-1, 1) for _ in range(3))
        who = run.exceeding(g - h, g - y, zeta)
        found = h + who.compress(g - h)
        size = lambda v: np.sum(v * v, axis=1)  # noqa: E731
        assert (size(found - g) <= (1 - a) * size(h - y) + b * size(g - y) + 1e-9).all()
        silent += np.sum(size(found - h) == 0)
        np.testing.assert_array_equal(who(g - h) + who.others(g - h), g - h)
    assert 100 < silent < 900


def written_out(zeta, step, *, sends):
    """PEPit's largest ``|x_2 - x*|^2`` of one agent that sends its gradient in round 1, or stays silent, with ``d_0 = g_0``."""
    problem, (f,), x = agents(1, 1.0)
    d = f.gradient(x) + Point()
    problem.add_constraint((d - f.gradient(x)) ** 2 <= 0)
    after = x - step * d
    g = f.gradient(after)
    change, moved = (g - d) ** 2, zeta * (g - f.gradient(x)) ** 2
    problem.add_constraint(moved <= change if sends else change <= moved)
    problem.set_performance_metric((after - step * (g if sends else d)) ** 2)
    return solved(problem)


@pytest.mark.parametrize("zeta", [2, "1/2"])
def test_what_is_proved_bounds_both_decisions(zeta):
    setting = efpep.Setting(CURVED, efpep.Contractive(1))
    found = efpep.worst_case(CLAG("1/2", zeta=zeta), setting, 2, metric="distance", initial={"distance": 1, "g-d": 0})
    reference = max(written_out(float(F(zeta)), 0.5, sends=sends) for sends in (True, False))
    assert float(found.upper) >= reference - 1e-6
    assert found.lower is None, "the inequality does not say who sends"


def test_always_sending_is_ef21():
    setting = alike(10, "1/2", 3)
    lazy, full = efpep.rate(CLAG("1/8", zeta=0), setting), efpep.rate(efpep.EF21("1/8"), setting)
    assert max(lazy.lower, full.lower) <= min(lazy.upper, full.upper)
    problem = quadratics(3, np.random.default_rng(1), common=False)
    runs = [efpep.simulate(m, problem, 40, efpep.TopK(2), start=np.ones(DIMENSION)) for m in (CLAG("1/8", 0), efpep.EF21("1/8"))]
    np.testing.assert_array_equal(runs[0].x, runs[1].x)
    np.testing.assert_array_equal(runs[0].client_bytes, runs[1].client_bytes)


@pytest.mark.parametrize("n", [1, pytest.param(4, marks=slow)])
def test_silent_clients_send_nothing_and_runs_keep_the_bound(n):
    rng = np.random.default_rng(5)
    rate = efpep.rate(CLAG(zeta=4), efpep.Setting(FUNCTIONS, efpep.Contractive("1/2"), n), "gap")
    numeric, problem = rate.method.over(FLOATS), quadratics(n, rng, common=False)
    worst, run = 0.0, NumericRun(problem, efpep.TopK(2))
    state = numeric.start(problem.minimiser + rng.standard_normal(DIMENSION), run)
    for _ in range(60):
        after = numeric.step(state, run)
        worst = max(worst, energy(rate, after, problem) / energy(rate, state, problem))
        state = after
    assert 0.3 < worst <= float(rate.upper) + 1e-9
    found = efpep.simulate(rate.method, problem, 60, efpep.TopK(2), start=np.ones(DIMENSION))
    message = 4 + 1 + 16
    sent = found.client_bytes / message - 1
    assert (sent == sent.astype(int)).all()
    assert (sent < 60).all()
    assert found["gap"][-1] < 0.1 * found["gap"][0]


def test_rows_are_decided_alike_a_few_at_a_time(monkeypatch):
    from efpep.simulate import blocked_run

    problem, method = quadratics(4, np.random.default_rng(2), common=False), CLAG("1/16", zeta=4)
    whole = efpep.simulate(method, problem, 20, efpep.TopK(2), start=np.ones(DIMENSION))
    monkeypatch.setattr(blocked_run, "CACHE", 8)
    found = efpep.simulate(method, problem, 20, efpep.TopK(2), start=np.ones(DIMENSION))
    np.testing.assert_array_equal(found.x, whole.x)
    np.testing.assert_array_equal(found.client_bytes, whole.client_bytes)


# --- a user's own --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thrice(ThreePointMethod):
    """Three messages a round."""

    title = "Thrice"
    messages: Any = 3

    def estimate(self, h, y, g, run):
        for _ in range(int(self.messages)):
            h = h + run.compress(g - h)
        return h

    def constants(self, setting):
        s = F(9, 10) ** int(self.messages)
        return 1 - s, s * s / (1 - s)


class NoConstants(Thrice):
    def constants(self, setting):
        return ThreePointMethod.constants(self, setting)


class Impossible(Thrice):
    def constants(self, setting):
        return 2, 1


MILD = alike(10, "19/100", 5)


def test_a_new_compressor_is_a_few_lines():
    found = efpep.rate(Thrice(), MILD, "gap")
    a, b = 1 - 0.729, 0.729**2 / (1 - 0.729)
    step = 1 / (1 + math.sqrt(2 * b / a))
    assert float(found.method.step_size) == pytest.approx(step, rel=1e-14)
    assert found.upper <= found.theory.value == found.theorem.value
    assert float(found.theory.value) == pytest.approx(1 - step / 10, rel=1e-14)


@pytest.mark.parametrize(("messages", "instance"), [(1, "ef21"), (2, "v4")])
def test_the_instances_are_of_the_general_form(messages, instance):
    own, known = efpep.rate(Thrice("1/50", messages), MILD), efpep.rate(ThreePointCompression("1/50", instance), MILD)
    assert max(own.lower, known.lower) <= min(own.upper, known.upper)


@pytest.mark.parametrize(("method", "says"), [(NoConstants(), "define constants"), (Impossible(), "0 < A <= 1")])
def test_constants_that_are_missing_or_impossible_are_refused(method, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.rate(method, MILD)
    assert one_sentence(refused.value)


# --- refusals ------------------------------------------------------------------------------------------------------------


class Iterate(NamedTuple):
    x: Any


@dataclass(frozen=True)
class Own(efpep.Method):
    title = "Own"
    common_minimiser = True
    lazy = True
    State = Iterate

    what: str = ""

    def start(self, x, run):
        del run
        return Iterate(x)

    def step(self, state, run):
        g = run.gradient(state.x)
        compare = {"server": run.mean(g), "point": run.local(state.x)}.get(self.what, g)
        who = run.exceeding(compare, g, -1 if self.what == "negative" else "1/2")
        sent = {
            "other": lambda: who.compress(2 * g),
            "silent": lambda: who.others.compress(g),
            "both": lambda: who(g) + who.others(g),
        }.get(self.what, lambda: who.compress(g))()
        return Iterate(state.x - self.step_size * run.mean(sent))


class Unsaid(Own):
    lazy = False


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("server", "this is a server vector"),
        ("point", "no difference"),
        ("negative", "squares are compared"),
        ("other", "nothing bounds what they leave out"),
        ("silent", "compress nothing"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(what, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.rate(Own("1/2", what=what), alike(10, "9/10", 2))
    assert one_sentence(refused.value)


def test_senders_and_the_silent_are_everybody():
    found, plain = efpep.rate(Own("1/2", what="both"), alike(10, "9/10", 2)), efpep.rate(efpep.GD("1/2"), alike(10, 1, 2))
    assert max(found.lower, plain.lower) <= min(found.upper, plain.upper)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: efpep.rate(Unsaid("1/2"), alike(10, "9/10", 2)), "lazy = True"),
        (lambda: efpep.rate(CLAG("1/8"), efpep.Setting(CURVED, efpep.Unbiased(1), 2)), "deterministic contractive"),
        (lambda: efpep.cycle(CLAG("1/8"), alike(10, "1/2", 1), 2), "decide whether they send"),
        (lambda: efpep.crosscheck(CLAG("1/8"), alike(10, "1/2", 1)), "no counterpart"),
        (lambda: CLAG(zeta=-1), "zeta is -1"),
    ],
)
def test_questions_that_cannot_be_asked_are_refused_in_one_sentence(ask, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        ask()
    assert one_sentence(refused.value)
