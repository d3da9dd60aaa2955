"""Step sizes as roots of polynomials: against closed forms, and eigenvalues in double precision."""

import math
from fractions import Fraction

import numpy as np
import pytest

import efpep
from efpep.errors import UndecidedError
from efpep.questions.quadratic.line import matrix
from efpep.theorems.discovery import AlgebraicRate
from efpep.theorems.steps import balanced
from efpep.theorems.witness import ALONE
from efpep.theory import cgd, error_feedback

TWO = [efpep.Group(efpep.SmoothStronglyConvex(1, L), count=1) for L in (2, 3)]


def setting(delta, agents=1):
    return efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive(delta), agents)


def at(number):
    return sum(a * number.value**k for k, a in enumerate(number.coefficients))


@pytest.mark.parametrize("delta", ["3/4", "1/2"])
@pytest.mark.parametrize(("method", "theory"), [(efpep.EF21(), error_feedback), (efpep.CGD(), cgd)], ids=["ef21", "cgd"])
def test_steps_and_rates_are_those_of_the_closed_forms(method, theory, delta):
    """With ``s = sqrt(1 - delta)`` irrational the step size ``c (a - b s)/(d + e s)`` is quadratic over the rationals."""
    where = setting(delta)
    found = balanced(method, where)
    assert abs(found.step_size.value - theory.optimal_step_size(where).value) < Fraction(1, 10**40)
    assert abs(found.rate.value - theory.rate(where).value) < Fraction(1, 10**38)
    assert len(found.step_size.coefficients) == (2 if delta == "3/4" else 3)
    assert math.gcd(*found.rate.coefficients) == 1
    assert abs(at(found.step_size)) + abs(at(found.rate)) < Fraction(1, 10**35)
    assert found.attained
    assert found.lower <= found.rate.value + Fraction(1, 10**15)


def test_the_worst_instances_are_best_at_the_step_of_econtrol():
    """No closed form is known there: eigenvalues of the four extreme instances, on both sides of the step size."""

    def radius(step):
        method = efpep.EControl(step_size=Fraction(step), eta="1/10")
        rows = [matrix(method, ALONE, [c], [[1 + sign * 0.5]]) for c in (0.1, 1.0) for sign in (1, -1)]
        return max(np.abs(np.linalg.eigvals(np.array(each, dtype=float))).max() for each in rows)

    found = balanced(efpep.EControl(eta="1/10"), setting("3/4"))
    best = float(found.step_size.value)
    assert radius(best) == pytest.approx(float(found.rate.value) ** 0.5, abs=1e-12)
    assert min(radius(best * factor) for factor in (0.99, 0.999, 1.001, 1.01)) > radius(best) + 1e-6
    assert [len(each.coefficients) for each in (found.step_size, found.rate)] == [5, 5]
    assert abs(at(found.step_size)) < Fraction(1, 10**30)
    assert found.attained


@pytest.mark.parametrize(
    ("method", "where"),
    [
        (efpep.EF21(), setting("1")),
        (efpep.EF21Momentum(theta="1/2"), setting("3/4")),
        (efpep.EF21(), efpep.Setting(None, efpep.Contractive("3/4"), TWO)),
        (efpep.EF21(), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Projection("3/4"))),
    ],
    ids=["no compression", "oscillating", "groups", "projections"],
)
def test_where_no_instances_balance_none_is_said(method, where):
    with pytest.raises(UndecidedError):
        balanced(method, where)


def test_discoveries_tell_the_step():
    found = AlgebraicRate({}, Fraction(1, 4), Fraction(9, 10), Fraction(1), None, {}, balanced(efpep.CGD(), setting("3/4")))
    told = found.describe()["linear"]
    assert told["step_size"]["coefficients"] == [-40, 31]  # 2/((1 - s) mu + (1 + s) L)
    assert Fraction(told["lower"]) <= Fraction(told["upper"]) < 1
    assert any("of degree 1: 31 eta - 40 = 0" in text for _, text in found.rows())
