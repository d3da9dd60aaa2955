"""Where contraction only just fails: rational parameters at which an instance keeps its distance for ever are refuted."""

from fractions import Fraction as Q

import pytest
from support import uniform

import efpep
from efpep.questions.base import Verdict

S = Q(1, 2)
"""sqrt(1 - delta) for delta = 3/4."""


def gradient_descent(kappa=10):
    return efpep.Setting(efpep.SmoothStronglyConvex(mu=Q(1, kappa), L=1))


# f = x^2/2 and C(v) = (1 + s) v: x -> -x at these step sizes, the stability limits of THEORY (2506.05271)
LIMITS = [
    (efpep.GD, gradient_descent(), Q(2)),
    (efpep.CGD, uniform(10, Q(1, 4)), 2 / (1 + S)),
    (efpep.EF, uniform(10, Q(1, 4)), 2 * (1 - S) / (1 + S)),
    (efpep.EF, uniform(10, Q(1, 4), agents=4), 2 * (1 - S) / (1 + S)),
    (efpep.EF21, uniform(10, Q(1, 4)), 2 * (1 - S) / (1 + S)),
    (efpep.EF21, uniform(10, Q(1, 4), agents=4), 2 * (1 - S) / (1 + S)),
]


@pytest.mark.parametrize("metric", ["distance", "gradient", "gap"])
@pytest.mark.parametrize(("method", "setting", "step"), LIMITS)
def test_nothing_contracts_at_the_limit_and_something_does_before(method, setting, step, metric, tmp_path):
    rate = efpep.rate(method(step), setting, metric)
    assert rate.verdict is Verdict.REFUTED
    assert rate.lower == 1
    rate.certificate.save(tmp_path / "limit.json")
    assert efpep.verify(tmp_path / "limit.json").accepted
    assert efpep.rate(method(step * Q(99, 100)), setting, metric).verdict is Verdict.PROVED


@pytest.mark.parametrize("asked", [{"memory": 1}, {"features": ["g", "g-d", "f"]}, {"positivity": "interpolation"}])
def test_whatever_the_class_of_lyapunov_functions(asked):
    rate = efpep.rate(efpep.EF21(Q(2, 3)), uniform(10, Q(1, 4), agents=2), "gap", **asked)
    assert rate.verdict is Verdict.REFUTED
    assert rate.certificate.check()


def test_a_given_function_too():
    rate = efpep.rate(efpep.EF21(Q(2, 3)), uniform(10, Q(1, 4)), lyapunov="literature")
    assert rate.verdict is Verdict.REFUTED
    assert rate.certificate.check()


def test_two_kinds_of_agents():
    groups = [efpep.Group(efpep.SmoothStronglyConvex(Q(1, 10), L), efpep.Contractive(Q(3, 4)), count=1) for L in (1, 3)]
    rate = efpep.rate(efpep.EF21(Q(1, 3)), efpep.Setting(agents=groups))  # L = 2 on average
    assert rate.verdict is Verdict.REFUTED
    assert rate.certificate.check()


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize(("L", "delta", "step"), [(3, Q(1, 4), Q(1, 10)), (3, Q(1, 4), Q(3, 10)), (9, Q(16, 25), Q(1, 20))])
def test_agents_that_stall_between_them(L, delta, step):
    """At 1 - delta = 4 kappa/(kappa + 1)^2 compressed gradient descent of several agents has a fixed point away from x*."""
    setting = efpep.Setting(efpep.SmoothStronglyConvex(1, L), efpep.Contractive(delta), agents=2)
    rate = efpep.rate(efpep.CGD(step), setting)
    assert rate.verdict is Verdict.REFUTED
    assert rate.certificate.check()
    better = efpep.Setting(efpep.SmoothStronglyConvex(1, L), efpep.Contractive(delta + Q(1, 50)), agents=2)
    assert efpep.rate(efpep.CGD(Q(1, 20)), better).verdict is Verdict.PROVED
