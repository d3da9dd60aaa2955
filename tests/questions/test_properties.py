"""Random rational settings: whatever is answered is ordered, checked and consistent with the closed forms."""

import contextlib
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import one_sentence

import efpep
from efpep import Verdict
from efpep.proof.conditions import check_lower, check_upper

SSC = efpep.SmoothStronglyConvex
OPTIMAL = {efpep.EF: (1, 2, 7, 10**9), efpep.EF21: (1, 2, 7, 10**9), efpep.CGD: (1,), efpep.GD: (1, 3)}

positive = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000)
condition = st.one_of(
    st.just(Fraction(1)),
    st.fractions(min_value=1, max_value=30, max_denominator=50),
    st.integers(1, 10**4).map(Fraction),
)
delta = st.one_of(st.just(Fraction(1)), st.fractions(min_value=Fraction(1, 100), max_value=1, max_denominator=200))
parameters = st.tuples(positive, condition, delta)
agents = st.sampled_from([1, 2, 3, 10**9])
kind = st.sampled_from([efpep.EF, efpep.EF21, efpep.CGD, efpep.GD])
metric = st.sampled_from(["distance", "gradient", "gap"])


def setting_of(L, kappa, part, n):
    return efpep.Setting(SSC(L / kappa, L), efpep.Contractive(part), n)


def check_answer(rate):
    """What must hold of every answer, whatever the question."""
    if rate.lower is not None and rate.upper is not None:
        assert rate.lower <= rate.upper
    if rate.verdict is Verdict.PROVED:
        assert 0 <= rate.upper < 1
        assert rate.lyapunov is not None
    if rate.verdict is Verdict.REFUTED:
        assert rate.upper is None
        assert rate.lower >= 1
    assert (rate.certificate is None) == (rate.lower is None and rate.upper is None)
    assert one_sentence(str(rate))
    if rate.certificate is None:
        return
    rate.certificate.check()
    restored = efpep.Certificate.restore(rate.certificate.describe())
    assert restored == rate.certificate
    question = restored.question.inequalities
    if restored.upper is not None:
        check_upper(question.system, restored.upper)
    if restored.lower is not None:
        check_lower(question.system, restored.lower)


def floor(method, setting):
    """What any rate is at least: the square of the factor by which gradient descent's quadratics shrink, exactly."""
    if not isinstance(method, efpep.GD | efpep.CGD):
        return Fraction(0)
    functions, step = setting.functions, method.step_size
    return max((1 - step * functions.mu) ** 2, (1 - step * functions.L) ** 2)


@settings(max_examples=40)
@given(kind, parameters, st.data(), metric)
def test_optimal_steps_contain_the_closed_form(cls, drawn, data, what):
    n = data.draw(st.sampled_from(OPTIMAL[cls]))
    rate = efpep.rate(cls(), setting_of(*drawn, n), metric=what)
    check_answer(rate)
    assert rate.verdict is Verdict.PROVED
    assert rate.lower <= rate.theory.value + Fraction(1, 10**15)
    assert rate.theory.value - Fraction(1, 10**15) <= rate.upper
    assert rate.upper - rate.lower <= Fraction(1, 10**8)
    assert rate.upper - rate.lower <= Fraction(1, 10**4) * (1 - rate.lower)


silly = st.one_of(
    st.just(Fraction(0)),
    st.fractions(min_value=0, max_value=4, max_denominator=100),
    st.sampled_from([Fraction(1, 10**9), Fraction(1, 10**4), Fraction(10**4), Fraction(10**9)]),
)


def check_any_step_size(cls, drawn, n, step, what):
    L, _, part = drawn
    method, setting = cls(step / L), setting_of(*drawn, n)
    rate = efpep.rate(method, setting, metric=what)
    check_answer(rate)
    if rate.upper is not None:
        assert rate.upper >= floor(method, setting)
    s = 1 - part  # epsilon; (2/L)(1 - s)/(1 + s) with s = sqrt(epsilon), squared to stay rational
    if cls in {efpep.EF, efpep.EF21} and step > 0:
        # step < 2 (1 - r)/(1 + r)  <=>  r < (2 - step)/(2 + step)  <=>  epsilon < ((2 - step)/(2 + step))^2 and step < 2
        stable = step < 2 and s < ((2 - step) / (2 + step)) ** 2
        assert rate.verdict is not (Verdict.REFUTED if stable else Verdict.PROVED)
    if cls is efpep.GD:
        assert rate.verdict is not (Verdict.REFUTED if 0 < step < 2 else Verdict.PROVED)


@settings(max_examples=8)
@given(kind, parameters, agents, silly, metric)
def test_any_step_size_gives_a_consistent_answer(cls, drawn, n, step, what):
    check_any_step_size(cls, drawn, n, step, what)


@pytest.mark.slow
@settings(max_examples=100)
@given(kind, parameters, agents, silly, metric)
def test_many_step_sizes_give_consistent_answers(cls, drawn, n, step, what):
    check_any_step_size(cls, drawn, n, step, what)


@settings(max_examples=6)
@given(positive, condition, delta, st.fractions(min_value=Fraction(1, 20), max_value=1, max_denominator=20))
def test_one_and_several_agents_enclose_the_same_rate(L, kappa, part, factor):
    """The mean block is the same; several agents can only make the rate larger, and for EF21 they do not."""
    one = efpep.rate(efpep.EF21(), setting_of(L, kappa, part, 1))
    step = one.method.step_size * factor
    alone, several = (efpep.rate(efpep.EF21(step), setting_of(L, kappa, part, n)) for n in (1, 5))
    for rate in (alone, several):
        check_answer(rate)
    if alone.lower is not None and several.upper is not None:
        assert alone.lower <= several.upper
    if alone.upper is not None:
        assert alone.upper >= one.lower - Fraction(1, 10**15), "the optimal step is optimal"


@pytest.mark.slow
@settings(max_examples=10)
@given(
    st.sampled_from([efpep.EF21, efpep.EF]),
    st.lists(st.tuples(positive, condition, st.integers(1, 3)), min_size=2, max_size=3),
    delta,
)
def test_groups_give_consistent_answers(cls, groups, part):
    members = [efpep.Group(SSC(L / kappa, L), count=count) for L, kappa, count in groups]
    setting = efpep.Setting(None, efpep.Contractive(part), members)
    rate = efpep.rate(cls(), setting)
    check_answer(rate)
    assert efpep.Setting.restore(setting.describe()) == setting


anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.text(max_size=8),
    st.fractions(),
    st.lists(st.integers(), max_size=2),
    st.complex_numbers(),
    st.decimals(),
)


@settings(max_examples=200)
@given(anything, anything, anything, anything, anything)
def test_nonsense_is_refused_with_one_sentence(mu, L, part, n, step):
    with contextlib.suppress(efpep.InputError):
        functions = message_is_good(lambda: SSC(mu, L))
        compressor = message_is_good(lambda: efpep.Contractive(part))
        message_is_good(lambda: efpep.Setting(functions, compressor, n))
    with contextlib.suppress(efpep.InputError):
        message_is_good(lambda: efpep.EF21(step))


def message_is_good(act):
    """Do something; any error must be a good InputError, which is raised again."""
    try:
        return act()
    except efpep.InputError as error:
        if not one_sentence(str(error).replace("\\n", " ")):
            raise AssertionError(str(error)) from error
        raise
