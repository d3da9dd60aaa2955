"""Triple momentum, and Lyapunov functions of the gradient and the value where a method queries besides its iterate."""

from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.methods import TripleMomentum
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.script.write import write_script
from efpep.questions.target.start import start_system
from efpep.simulate.follow import follow
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate

SETTING = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1))
PUBLISHED = (1 - 10**-0.5) ** 2
"""Van Scoy, Freeman, Lynch 2018, Theorem 1, at kappa = 10: 0.467544..."""


@pytest.fixture(scope="module")
def found():
    features = ["x", "w-x", "g(y)", "f(y)"]
    return efpep.rate(TripleMomentum(), SETTING, positivity="interpolation", features=features, width="1/200000")


def test_it_has_the_published_rate(found):
    assert found.certified
    assert float(found.lower) <= PUBLISHED <= float(found.upper)
    assert found.upper - found.lower < Fraction(1, 100_000)
    found.certificate.check()
    assert "g(y)" in found.lyapunov.features["mean"]
    assert found.lyapunov.gaps["f(y)"] > 0


@pytest.mark.slow
def test_without_what_is_known_at_the_queried_point_it_is_slower(found):
    without = efpep.rate(TripleMomentum(), SETTING, positivity="interpolation", features=["x", "w-x", "g", "f"])
    assert without.lower is not None
    assert without.lower > found.upper + Fraction(1, 100)


@pytest.mark.slow
@pytest.mark.parametrize(("kappa", "n"), [(4, 1), (100, 1), (10, 3)])
def test_it_has_the_published_rate_elsewhere(kappa, n):
    rate = efpep.rate(TripleMomentum(), uniform(kappa, 0, n), positivity="interpolation")
    assert float(rate.upper) == pytest.approx((1 - kappa**-0.5) ** 2, abs=2e-8)
    assert float(rate.lower) == pytest.approx((1 - kappa**-0.5) ** 2, abs=2e-8)


@pytest.mark.slow
def test_pepit_agrees():
    assert efpep.crosscheck(TripleMomentum(), uniform(10, 0, 2)).agrees


def test_its_parameters():
    """At kappa = 4: rho = 1/2, alpha = 3/(2 L), beta = 1/6, gamma = 1/9."""
    method = TripleMomentum().resolved(efpep.Setting(efpep.SmoothStronglyConvex(1, 4)))
    assert (method.rho, method.step_size, method.extrapolation()) == (Fraction(1, 2), Fraction(3, 8), Fraction(1, 9))
    # by hand on f(x) = x^2/2 with step 3/8: y0 = 9, x1 = 9 - 27/8 = 45/8; x1 - x0 = -27/8, y1 = 45/8 - 3/8 = 21/4,
    # x2 = 45/8 - 9/16 - 63/32 = 99/32
    states = list(iterate(method, NumericRun(Quadratics([[[1]]], [0]), None), np.array([9.0]), 2))
    assert [float(state.x[0]) for state in states] == [9, 45 / 8, 99 / 32]
    assert float(method.query(states[1])[0]) == pytest.approx(21 / 4)


def test_runs_keep_what_is_proved(found):
    problem = Quadratics([np.diag([0.1, 0.3, 1])], np.ones((1, 3)))
    assert follow(found, problem, 40).worst <= float(found.upper) + 1e-9


def test_functions_are_read_as_they_are_written(found):
    rate = efpep.rate(TripleMomentum(), SETTING, lyapunov="|x-x*|^2 + |w-x|^2 + 2 |g(y)|^2 + 3 (f(y) - f*) + (f - f*)")
    assert rate.certificate.question.given.gaps == (1, 3)
    assert "(f(y) - f*)" in str(found.lyapunov)
    assert r"\lVert g(y) \rVert^2" in found.lyapunov.latex()
    assert r"\bigl(f(y) - f(x^\star)\bigr)" in found.lyapunov.latex()


def test_certificates_are_files(found, tmp_path):
    path = tmp_path / "triple.json"
    found.certificate.save(path)
    assert efpep.verify(path).certificate.upper.theta == found.upper


def test_no_script_is_written():
    rate = efpep.rate(TripleMomentum(), SETTING, lyapunov="|x-x*|^2 + |w-x|^2", positivity="weights")
    with pytest.raises(efpep.InputError, match="scripts are written for methods") as error:
        write_script(rate.certificate)
    assert one_sentence(error.value)


def test_the_value_at_the_queried_point_counts_at_the_start():
    """The method starts with y = x, so that both gaps are the same there."""
    method = TripleMomentum(step_size=1, rho="1/2")
    forms = [
        start_system(method, SETTING, Lyapunov({}, {}, {name: Fraction(1)}), Fraction(1))[0].relations[0].constant
        for name in ("f", "f(y)")
    ]
    assert forms[0].nonzero
    assert (forms[0].blocks, forms[0].values) == (forms[1].blocks, forms[1].values)


def test_rho_is_a_number_below_one():
    with pytest.raises(efpep.InputError, match=r"rho is 1, outside \[0, 1\)") as error:
        TripleMomentum(1, rho=1)
    assert one_sentence(error.value)
    with pytest.raises(efpep.InputError, match="rho is 'optimal'") as error:
        TripleMomentum(1).query(TripleMomentum.State(1, 1))
    assert one_sentence(error.value)


def test_a_queried_point_has_a_name():
    class Odd(TripleMomentum):
        queried = "a point"

    with pytest.raises(efpep.InputError, match="is queried at 'a point', which is no name") as error:
        Odd(1, rho="1/2")
    assert one_sentence(error.value)
