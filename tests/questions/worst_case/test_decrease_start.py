"""Worst cases of runs over which the function falls by a bounded amount, ``f(x_0) - f(x_T) <= 1``."""

from fractions import Fraction

import pytest

import efpep
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case

SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)
HALF = efpep.Contractive("1/2")


@pytest.mark.parametrize("steps", [1, 4, 12])
def test_gradient_descent_on_smooth_functions(steps):
    """``min_t |grad f(x_t)|^2 <= 4 L / (3 T)`` with step 1/L, tight (Abbaszadehpeivasti, de Klerk, Zamani, 2104.05468)."""
    found = efpep.worst_case(efpep.GD(1), efpep.Setting(SMOOTH), steps, "gradient", "decrease", at="best")
    assert float(found.upper) == pytest.approx(4 / (3 * steps), rel=1e-6)
    assert float(found.lower) == pytest.approx(4 / (3 * steps), rel=1e-6)


def test_a_parabola_shows_what_is_bounded():
    """On L x^2/2 and step a, ``f(x_0) - f(x_1) = L (1 - (1 - a L)^2) x_0^2/2``; short steps have no worse function."""
    a, steps = Fraction(1, 4), 1
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1))
    found = efpep.worst_case(efpep.GD(a), setting, steps, "gap", {"decrease": 1})
    # on mu x^2/2 the gap that is left is (1 - a mu)^2 / (1 - (1 - a mu)^2) of the decrease
    left = (1 - a / 10) ** 2
    assert found.upper >= left / (1 - left)


def test_files_keep_the_condition(tmp_path):
    found = efpep.worst_case(efpep.GD(1), efpep.Setting(SMOOTH), 2, "gradient", {"decrease": 2}, at="best")
    assert "started with f(x_0) - f(x_T) at most 2, has after 2 steps" in found.certificate.sentence()
    path = tmp_path / "decrease.json"
    found.certificate.save(path)
    checked = efpep.verify(path)
    assert checked.accepted
    assert dict(checked.certificate.question.initial) == {"decrease": 2}


def test_a_gap_has_no_bound():
    """Where the function falls by little, a nonconvex one may still be far above its infimum."""
    found = efpep.worst_case(efpep.GD(1), efpep.Setting(SMOOTH), 2, "gap", "decrease", attained=False)
    assert found.upper is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("functions", "agents", "metric", "initial"),
    [
        (SMOOTH, 1, "gradient", {"decrease + 2 g-d": 1}),
        (SMOOTH, 2, "gradient", {"decrease": 1, "g-d": "1/2"}),
        (efpep.SmoothConvex(1), 1, "gradient", {"decrease": 1, "g-d": 0}),
        (efpep.SmoothStronglyConvex("1/10", 1), 2, "gap", {"decrease": 1, "g-d": "1/2"}),
    ],
)
def test_pepit_agrees(functions, agents, metric, initial):
    zeta = "1/2" if agents > 1 and functions.has_minimiser else None
    setting = efpep.Setting(functions, HALF, agents, heterogeneity=zeta)
    found = efpep.worst_case(efpep.EF21("1/4"), setting, 2, metric, initial, at="best", attained=False)
    checked = crosscheck_worst_case(found)
    assert checked.agrees, checked
    assert checked.value == pytest.approx(float(found.upper), rel=1e-5)
