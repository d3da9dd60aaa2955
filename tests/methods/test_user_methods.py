"""What a user's own method may not do, because a proof would not be about it: each is refused in one sentence."""

import itertools
import random
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
from support import one_sentence, uniform
from support.states import OnlyX, WithMemory

import efpep
from efpep.compressors import Compressor
from efpep.crosscheck.pepit_run import PepitRun
from efpep.errors import CertificateError, InputError
from efpep.methods.base import Unit
from efpep.proof.conditions import check_lower
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lyapunov_class import LyapunovClass

SETTING = uniform(2, "1/10", agents=3)
COMMON = replace(SETTING, heterogeneity=0)
CALLS = itertools.count()


@dataclass(frozen=True)
class Plain(efpep.Method):
    """Base of the methods here: no memory, agents that share their minimiser."""

    title: ClassVar[str] = "mine"
    common_minimiser: ClassVar[bool] = True
    State: ClassVar[type] = OnlyX

    def start(self, x, run):
        return OnlyX(x)


class WeightDecay(Plain):
    def step(self, state, run):
        return OnlyX(0.9 * state.x - self.step_size * run.mean(run.gradient(state.x)))


class ToTheOrigin(Plain):
    def step(self, state, run):
        return OnlyX(0 * state.x)


class GradientAtHalf(Plain):
    def step(self, state, run):
        return OnlyX(state.x - self.step_size * run.mean(run.gradient(state.x / 2)))


class CompressedIterate(Plain):
    def step(self, state, run):
        return OnlyX(run.compress_at_server(state.x - self.step_size * run.mean(run.gradient(state.x))))


@dataclass(frozen=True)
class LeakyAverage(efpep.Method):
    """Keeps 9/10 of an average of iterates and half as much of the new one as it should."""

    title: ClassVar[str] = "mine"
    memories: ClassVar = (efpep.Memory.point("m"),)
    common_minimiser: ClassVar[bool] = True
    State: ClassVar[type] = WithMemory

    def start(self, x, run):
        return WithMemory(x, x)

    def step(self, state, run):
        m = Fraction(9, 10) * state.m + Fraction(1, 20) * state.x
        return WithMemory(state.x - self.step_size * run.mean(run.gradient(state.x)), m)


@dataclass(frozen=True)
class PointAsError(LeakyAverage):
    """Says that its memory rests at zero, and keeps a point there."""

    memories: ClassVar = (efpep.Memory.error("m", Unit.POINT, server=True),)

    def step(self, state, run):
        return WithMemory(state.x - self.step_size * run.mean(run.gradient(state.x)), state.x)


SHIFTED = [WeightDecay, ToTheOrigin, GradientAtHalf, CompressedIterate, LeakyAverage, PointAsError]


def refused(call, match):
    with pytest.raises(InputError, match=match) as found:
        call()
    assert one_sentence(found.value)


@pytest.mark.parametrize("method", SHIFTED)
def test_steps_that_depend_on_the_origin_are_refused_everywhere(method):
    mine = method("1/2")
    both = replace(SETTING, server_compressor=efpep.Contractive("9/10"))
    convex = replace(both, functions=efpep.SmoothConvex(1))
    for call in (
        lambda: efpep.rate(mine, both),
        lambda: efpep.worst_case(mine, both, 2),
        lambda: efpep.potential(mine, convex, iterations=2),
        lambda: efpep.cycle(mine, both, 2),
        lambda: efpep.crosscheck(mine, both),
        lambda: efpep.tune(method, both),
    ):
        refused(call, r"add up to .*; let them add up to [01]\.")


def test_a_cross_check_does_not_share_the_assumption():
    run = PepitRun(SETTING.populations(), (2,), common_minimiser=True, server_compressor=efpep.Contractive("9/10"))
    x = run.point()
    for method in (WeightDecay("1/2"), GradientAtHalf("1/2"), CompressedIterate("1/2"), ToTheOrigin("1/2")):
        refused(lambda mine=method: run.gradient(mine.step(OnlyX(x), run).x), "add up to")


def test_combinations_of_points_whose_coefficients_add_up_to_one_are_allowed():
    class Averaged(LeakyAverage):
        def step(self, state, run):
            m = 0.9 * state.m + 0.1 * state.x
            return WithMemory(state.x - self.step_size * run.mean(run.gradient(0.5 * state.x + state.m / 2)), m)

    found = efpep.rate(Averaged("1/4"), SETTING)
    assert found.upper is not None
    assert found.upper < 1


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_floats_in_a_step_are_read_at_their_shortest_decimal():
    class Rounded(Plain):
        def step(self, state, run):
            g = run.mean(run.gradient(state.x))
            y = state.x + 1e17 * g
            y = y + 3 * g
            y = y - 1e17 * g
            return OnlyX(y)

    class Decimal(Plain):
        def step(self, state, run):
            return OnlyX(state.x - np.float64(0.3) * run.mean(run.gradient(state.x)))

    found = efpep.rate(Rounded(1), SETTING)  # it climbs: x + 3 g
    assert found.upper is None or found.upper > 1
    assert efpep.rate(Decimal(1), SETTING).upper == efpep.rate(efpep.GD("0.3"), replace(COMMON, heterogeneity=None)).upper


@pytest.mark.parametrize("factor", [True, 1j, float("nan"), "x", None])
def test_nothing_but_numbers_enters_a_form(factor):
    class Odd(Plain):
        def step(self, state, run):
            return OnlyX(state.x - factor * run.mean(run.gradient(state.x)))

    with pytest.raises(InputError) as found:
        efpep.rate(Odd(1), SETTING)
    assert one_sentence(found.value)


# --- messages ---------------------------------------------------------------------------------------------------------


class Twice(Plain):
    """CGD in disguise: ``3 C(g) - 2 C(g) = C(g)``."""

    def step(self, state, run):
        g = run.gradient(state.x)
        return OnlyX(state.x - self.step_size * run.mean(3 * run.compress(g) - 2 * run.compress(g)))


def test_the_same_message_has_one_result():
    setting = uniform(4, "1/4")
    mine, cgd = (efpep.rate(method, setting, solver="clarabel") for method in (Twice("1/3"), efpep.CGD("1/3")))
    assert (mine.lower, mine.upper) == (cgd.lower, cgd.upper)
    here, there = efpep.worst_case(Twice("1/3"), setting, 2), efpep.worst_case(efpep.CGD("1/3"), setting, 2)
    assert (here.lower, here.upper) == (there.lower, there.upper)


def test_random_compressors_draw_anew():
    class Doubled(Plain):
        def step(self, state, run):
            g = run.gradient(state.x)
            return OnlyX(state.x - self.step_size * run.mean((run.compress(g) + run.compress(g)) / 2))

    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/4", 1), efpep.Unbiased(1))
    once, twice = efpep.rate(efpep.CGD("1/3"), setting), efpep.rate(Doubled("1/3"), setting)
    assert twice.upper < once.lower  # the average of two draws has half the variance


@dataclass(frozen=True)
class Coinciding(efpep.Method):
    """Compresses its gradient and its gradient plus a memory: two messages, which coincide where that is zero."""

    title: ClassVar[str] = "coinciding"
    memories: ClassVar = (efpep.Memory.error("m", Unit.GRADIENT),)
    common_minimiser: ClassVar[bool] = True
    State: ClassVar[type] = WithMemory

    def start(self, x, run):
        g = run.gradient(x)
        return WithMemory(x, g - g)

    def step(self, state, run):
        g = run.gradient(state.x)
        sent = (run.compress(g) + run.compress(g + state.m)) / 2
        return WithMemory(state.x - self.step_size * run.mean(sent), state.m / 2 + g / 10)


def test_messages_that_some_instance_separates_have_a_lower_end():
    setting = uniform(4, "1/4")
    question = rate_inequalities(efpep.EF21("1/10"), setting, "distance", lyapunov_class=LyapunovClass(memory=1))
    assert len(question.rows) > 1
    assert question.separated
    found = efpep.rate(Coinciding("1/8"), setting)  # a memory that is not zero separates its messages
    assert found.lower is not None


@dataclass(frozen=True)
class Unknown(Compressor):
    """A contractive class of a user's, exact by its own word, of which no member is known."""

    exact: ClassVar[bool] = True

    def record(self, site, v, label):
        return efpep.Contractive("1/2").record(site, v, label)


def test_without_an_instance_there_is_no_lower_end():
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/4", 1), Unknown())
    found = efpep.rate(Coinciding("1/8"), setting)
    assert found.lower is None
    question = rate_inequalities(Coinciding("1/8"), setting, "distance")
    assert not question.separated
    known = efpep.rate(Coinciding("1/8"), replace(setting, compressor=efpep.Contractive("1/2")))
    with pytest.raises(CertificateError, match="may coincide") as refusal:
        check_lower(question.system, known.certificate.lower)
    assert one_sentence(refusal.value)


def test_one_message_a_place_needs_no_instance():
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/4", 1), Unknown())
    assert efpep.rate(efpep.CGD("1/8"), setting).lower is not None


# --- one and the same map ---------------------------------------------------------------------------------------------


def branching(ask):
    class Branching(Plain):
        def step(self, state, run):
            g = run.mean(run.gradient(state.x))
            return OnlyX(state.x - (1 if ask(state.x, g) else 0) * g)

    return Branching(1)


@pytest.mark.parametrize(
    "ask",
    [lambda x, g: x, lambda x, g: g == 0, lambda x, g: x != g, lambda x, g: x < g, lambda x, g: not g],
)
def test_a_vector_has_no_truth(ask):
    refused(lambda: efpep.rate(branching(ask), SETTING), "is true, or compares it")


def test_hidden_states_and_chance_are_refused():
    class Counting(Plain):
        def step(self, state, run):
            factor = 1 if next(CALLS) % 2 else 2
            return OnlyX(state.x - factor * self.step_size * run.mean(run.gradient(state.x)))

    class Chance(Plain):
        def step(self, state, run):
            return OnlyX(state.x - random.random() * run.mean(run.gradient(state.x)))  # noqa: S311

    class OnSelf(Plain):
        def step(self, state, run):
            calls = getattr(self, "calls", 0)
            object.__setattr__(self, "calls", calls + 1)
            return OnlyX(state.x - self.step_size / (1 + calls) * run.mean(run.gradient(state.x)))

    for method in (Counting("1/8"), Chance("1/8"), OnSelf("1/8")):
        for call in (
            lambda mine=method: efpep.rate(mine, SETTING),
            lambda mine=method: efpep.worst_case(mine, SETTING, 2),
            lambda mine=method: efpep.potential(mine, replace(SETTING, functions=efpep.SmoothConvex(1)), iterations=2),
            lambda mine=method: efpep.cycle(mine, SETTING, 2),
        ):
            refused(call, "does not do the same each time")


def test_a_step_that_fails_is_refused_in_one_sentence():
    class Failing(Plain):
        def step(self, state, run):
            raise SystemExit(0)

    class Nothing(Plain):
        def step(self, state, run):
            return None

    refused(lambda: efpep.rate(Failing(1), SETTING), "the step of mine fails")
    refused(lambda: efpep.rate(Nothing(1), SETTING), "returns no state")


def test_server_vectors_are_not_compressed_or_averaged_as_those_of_clients():
    class Compresses(Plain):
        def step(self, state, run):
            return OnlyX(state.x - self.step_size * run.mean(run.compress(run.mean(run.gradient(state.x)))))

    class Averages(Plain):
        def step(self, state, run):
            return OnlyX(state.x - self.step_size * run.mean(run.mean(run.gradient(state.x))))

    refused(lambda: efpep.rate(Compresses("1/8"), SETTING), "use run.compress_at_server")
    refused(lambda: efpep.rate(Averages("1/8"), SETTING), "use it as it is")


def test_built_in_methods_are_separated():
    for method, memory in ((efpep.EF21("1/10"), 2), (efpep.EF("1/10"), 1), (efpep.EF21BC("1/10"), 1)):
        setting = replace(SETTING, server_compressor=efpep.Contractive("1/2"))
        assert rate_inequalities(method, setting, "distance", lyapunov_class=LyapunovClass(memory=memory)).separated
