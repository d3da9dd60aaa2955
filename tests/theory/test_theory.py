"""Closed forms of the literature, derived again in another way and at 50 digits."""

from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import uniform

import efpep
from efpep.theory import cgd, error_feedback, gd
from efpep.theory.closed_form import square_root

KAPPAS = [2, 10, 100, 1000, 10**4]
EPSILONS = ["0.01", "0.1", "0.5", "0.9", "0.99"]


def mp(number):
    number = Fraction(number)
    return mpmath.mpf(number.numerator) / number.denominator


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mpmath.workdps(50):
        yield


def close(value, expected):
    return abs(mp(value) - expected) < mpmath.mpf(10) ** -45


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("agents", [1, 10])
def test_error_feedback(kappa, epsilon, agents):
    setting = uniform(kappa, epsilon, agents)
    s, k = mpmath.sqrt(mp(epsilon)), mpmath.mpf(kappa)
    psi = 1 - s + mpmath.sqrt((1 + s) ** 2 + 16 * s * k / (k - 1) ** 2)
    rho = s + (1 - s) / 2 * ((k - 1) / (k + 1)) ** 2 * psi
    assert close(error_feedback.rate(setting).value, rho)
    assert close(error_feedback.optimal_step_size(setting).value, 2 / (1 + 1 / k) * (1 - s) / (1 + s))
    assert close(error_feedback.stability_limit(setting).value, 2 * (1 - s) / (1 + s))
    # rho is the larger root of a quadratic: eliminate the square root from the formula
    a = (1 - s) / 2 * ((k - 1) / (k + 1)) ** 2
    value = mp(error_feedback.rate(setting).value)
    assert abs(((value - s) / a - (1 - s)) ** 2 - (1 + s) ** 2 - 16 * s * k / (k - 1) ** 2) < mpmath.mpf(10) ** -40


@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("kappa", KAPPAS)
def test_compressed_gradient_descent(kappa, epsilon):
    setting = uniform(kappa, epsilon)
    s, k = mpmath.sqrt(mp(epsilon)), mpmath.mpf(kappa)
    # an s-contractive map of the gradient acts like a gradient of condition number kappa (1 + s)/(1 - s)
    condition = k * (1 + s) / (1 - s)
    assert close(cgd.rate(setting).value, ((condition - 1) / (condition + 1)) ** 2)
    assert close(cgd.optimal_step_size(setting).value, 2 / ((1 - s) / k + (1 + s)))
    assert cgd.rate(uniform(kappa, epsilon, 2)) is None


def test_known_numbers():
    with mpmath.workdps(30):
        assert abs(mp(error_feedback.rate(uniform(10, "1/2")).value) - mpmath.mpf("0.93936820")) < 1e-8
    # kappa = 9, s = 1/2: the larger root of 100 r^2 - 116 r + 25
    value = error_feedback.rate(uniform(9, "1/4")).value
    assert abs(100 * value**2 - 116 * value + 25) < Fraction(1, 10**50)
    assert value > Fraction(58, 100)


def test_gradient_descent():
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", "2/5"), agents=3)
    assert gd.rate(setting).value == Fraction(9, 25)
    assert gd.optimal_step_size(setting).value == 4


@pytest.mark.parametrize("kappa", [2, 10, 10**4])
def test_without_compression_everything_is_gradient_descent(kappa):
    setting = uniform(kappa, 0)
    for theory in (error_feedback, cgd):
        assert theory.rate(setting).value == gd.rate(setting).value == Fraction(kappa - 1, kappa + 1) ** 2
        assert theory.optimal_step_size(setting).value == gd.optimal_step_size(setting).value


@pytest.mark.parametrize("epsilon", ["1/4", "1/100", "81/100"])
def test_condition_number_one(epsilon):
    s = square_root(Fraction(epsilon))
    assert error_feedback.rate(uniform(1, epsilon)).value == s
    assert cgd.rate(uniform(1, epsilon)).value == s**2
    assert error_feedback.optimal_step_size(uniform(1, epsilon)).value == (1 - s) / (1 + s)


@pytest.mark.parametrize("theory", [error_feedback, cgd, gd])
def test_rates_do_not_depend_on_the_unit(theory):
    small, large = uniform(7, "1/4", scale="1/1000"), uniform(7, "1/4", scale=1000)
    assert theory.rate(small).value == theory.rate(large).value
    assert theory.optimal_step_size(small).value == 10**6 * theory.optimal_step_size(large).value


def test_rates_increase_with_the_condition_number_and_the_compression():
    for theory in (error_feedback, cgd):
        values = [[theory.rate(uniform(kappa, epsilon)).value for epsilon in EPSILONS] for kappa in KAPPAS]
        for line in (*values, *zip(*values, strict=True)):
            assert list(line) == sorted(set(line))
            assert line[0] > 0
            assert line[-1] < 1


def test_compressed_gradient_descent_beats_error_feedback_for_one_agent():
    for kappa in KAPPAS:
        for epsilon in EPSILONS:
            assert cgd.rate(uniform(kappa, epsilon)).value < error_feedback.rate(uniform(kappa, epsilon)).value


def test_sources_are_named():
    assert "2605.31594" in error_feedback.rate(uniform(10, "1/2")).source
    assert "2506.05271" in cgd.optimal_step_size(uniform(10, "1/2")).source
    assert "Nesterov" in gd.rate(uniform(10, "1/2")).source
    mixed = efpep.Setting(
        None,
        efpep.Contractive("1/2"),
        [efpep.Group(efpep.SmoothStronglyConvex(1, 2), count=1), efpep.Group(efpep.SmoothStronglyConvex(1, 6), count=1)],
    )
    law = error_feedback.optimal_step_size(mixed)
    assert "empirical" in law.source
    assert close(law.value, mpmath.mpf(4) / 10 * (1 - mpmath.sqrt(mpmath.mpf(1) / 2)) / (1 + mpmath.sqrt(mpmath.mpf(1) / 2)))
    assert error_feedback.rate(mixed) is None


@given(st.fractions(min_value=0, max_value=10**30))
def test_square_roots_to_60_digits(number):
    root = square_root(number)
    assert root >= 0
    assert root**2 <= number
    assert (root * (1 + Fraction(1, 10**57))) ** 2 >= number
    assert square_root(number**2) == number


@pytest.mark.parametrize("method", [efpep.GD, efpep.CGD, efpep.EF, efpep.EF21], ids=lambda m: m.key)
def test_stability_limits_part_contraction_from_none(method):
    setting = uniform(10, "1/2")
    limit = method.literature.stability_limit(method(), setting).value
    below, beyond = (efpep.rate(method(limit * part), setting) for part in (Fraction(99, 100), Fraction(101, 100)))
    assert below.verdict is efpep.Verdict.PROVED
    assert beyond.verdict is efpep.Verdict.REFUTED
    assert efpep.EF21HeavyBall.literature.stability_limit(efpep.EF21HeavyBall(), setting) is None
