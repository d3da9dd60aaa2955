"""Lower bounds on the methods' own rates: attained where theory says that rates are tight, and never above what is proved."""

import dataclasses
import json
import math
from fractions import Fraction

import pytest
from support import asked, one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.errors import CertificateError, InputError
from efpep.questions.common.roots import root_below
from efpep.questions.cycle.check import never_positive
from efpep.questions.cycle.inequalities import cycle_inequalities
from efpep.questions.cycle.question import CycleQuestion, proved


@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21])
@pytest.mark.parametrize(("kappa", "epsilon", "agents"), [(10, "1/2", 1), (10, "1/2", 7), (100, "9/10", 1), (2, "1/100", 3)])
def test_the_tight_rate_is_that_of_the_method(method, kappa, epsilon, agents):
    setting = uniform(kappa, epsilon, agents)
    found = efpep.asymptotic_lower_bound(method(), setting)
    theory = float(method.literature.rate(method(), setting).value)
    assert theory - 1e-6 < float(found.lower) < theory + 1e-9
    assert found.certificate.check() == str(found)


def test_compressed_gradient_descent():
    # 2506.05271: ((k - 1)/(k + 1))^2 with k = kappa (1 + s)/(1 - s)
    found = efpep.asymptotic_lower_bound(efpep.CGD(), uniform(10, "1/4"))
    assert abs(float(found.lower) - (29 / 31) ** 2) < 1e-6


def test_gradient_descent_on_quadratics():
    # ||x||^2 shrinks by (1 - eta mu)^2 along the flattest direction
    plain = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1))
    found = efpep.asymptotic_lower_bound(efpep.GD(step_size=1), plain)
    assert abs(float(found.lower) - 0.81) < 1e-6


def test_groups_leave_a_gap_that_is_never_negative():
    groups = [efpep.Group(efpep.SmoothStronglyConvex(mu=mu, L=1), count=1) for mu in ("1/20", "1/2")]
    found = efpep.asymptotic_lower_bound(efpep.EF21(), efpep.Setting(None, efpep.Contractive("1/2"), groups))
    assert found.gap >= 0
    assert float(found.lower) > 0.86


def groups(*constants, epsilon="1/2", counts=(1, 1, 1)):
    """Groups with these mu and L."""
    agents = [
        efpep.Group(efpep.SmoothStronglyConvex(mu, smoothness), count=count)
        for (mu, smoothness), count in zip(constants, counts, strict=False)
    ]
    return efpep.Setting(None, efpep.Contractive(1 - Fraction(epsilon)), agents)


FIRST, SECOND = (("1/10", 1), ("3/10", 2)), (("1/20", 1), ("1/2", 1))
BOTH_WAYS = dataclasses.replace(uniform(10, "1/2"), server_compressor=efpep.Contractive("1/2"))
ATTAINED = [
    (efpep.EF21(), groups(*SECOND, epsilon="1/5"), 2),
    (efpep.EF21BC("1/20"), BOTH_WAYS, 2),
    *(
        pytest.param(*case, marks=pytest.mark.slow)
        for case in (
            (efpep.EF21(), groups(*FIRST), 2),
            (efpep.EF(), groups(*SECOND, epsilon="1/5"), 2),
            (efpep.EF21(), groups(*FIRST, ("1/20", 1)), 2),
            (efpep.EF21(), groups(*FIRST, counts=(3, 2)), 2),
            (efpep.EF21BC("1/40"), BOTH_WAYS, 2),
            (efpep.EControl("1/10", eta="1/20"), groups(*FIRST), 1),
        )
    ),
]
"""Agents of different kinds and compressors in both directions, with the period that is as slow as is proved possible."""


@pytest.mark.parametrize(("method", "setting", "period"), ATTAINED)
def test_certified_rates_are_attained(method, setting, period):
    """One step leaves a gap where the period is 2; an ordinary run of the instance shrinks as is proved."""
    found = efpep.asymptotic_lower_bound(method, setting)
    assert found.certificate.question.period == period
    assert 0 <= found.gap < Fraction(1, 10**6)
    assert "this is the method's rate" in found.finding
    assert found.certificate.check() == str(found)
    assert efpep.replay(found).ratio == pytest.approx(1, abs=1e-6)


def test_divergence_above_the_threshold():
    found = efpep.asymptotic_lower_bound(efpep.EF21(step_size="7/10"), uniform(10, "1/4"))
    assert found.lower > 1
    assert found.upper is None
    assert "does not converge" in found.certificate.check()


def test_certificates_are_restored_and_wrong_ones_refused(tmp_path):
    found = efpep.asymptotic_lower_bound(efpep.EF21(step_size="1/5"), uniform(10, "1/2", 2), periods=(2,))
    path = tmp_path / "slow.json"
    found.certificate.save(path)
    assert efpep.verify(path).accepted is True
    slower = asked(found.certificate, factor=found.certificate.question.factor * Fraction(101, 100))
    with pytest.raises(CertificateError):
        slower.check()


def test_later_periods_are_checked():
    # one step of gradient descent on x^2/2 with factor 1/2, and a value that only the second period contradicts
    method, setting = efpep.GD(step_size="1/2"), efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1))
    question = cycle_inequalities(method, setting, 1, Fraction(1, 2))
    assert [column.name for column in question.columns(question.blocks[0])] == ["x"]
    for value, accepted in ((Fraction(9, 20), True), (Fraction(4, 9), False), (Fraction(91, 200), False)):
        # g = x; with mu = 1/10 the excess of x^2/2 over mu x^2/2 is 9/20
        witness = type(efpep.cycle(efpep.GD(3), setting).certificate.lower)(((((Fraction(1),),)),), (value,))
        certificate = proved(CycleQuestion(method, setting, 1, Fraction(1, 2)), witness)
        if accepted:
            assert certificate.question.rate == Fraction(1, 4)
            assert "0.250000000000 a step" in certificate.check()
        else:
            with pytest.raises(CertificateError, match="violates"):
                certificate.check()


def test_roots_are_rounded_down():
    for value, order in (
        (Fraction(1, 2), 1),
        (Fraction(1, 3), 2),
        (Fraction(7, 5), 5),
        (Fraction(0), 3),
        (Fraction(1, 10**40), 2),
    ):
        root = root_below(value, order)
        assert root**order <= value < (root + Fraction(1, 10**15)) ** order
        assert math.isclose(float(root), float(value) ** (1 / order), abs_tol=1e-14)


def test_quadratics_on_intervals():
    one = Fraction(1)
    assert never_positive((-one, one, Fraction(0)), Fraction(0), one)
    assert not never_positive((-one, 2 * one, Fraction(0)), Fraction(0), one)
    assert not never_positive((-one, 4 * one, -3 * one), Fraction(0), 2 * one)  # 1/3 at s = 2/3
    assert never_positive((-one, 4 * one, -4 * one), Fraction(0), one)  # 0 at s = 1/2
    assert never_positive((-one, Fraction(0), one), -one, one)


def test_bad_questions():
    with pytest.raises(InputError, match="periods is empty") as caught:
        efpep.asymptotic_lower_bound(efpep.EF21(), uniform(10, "1/2"), periods=())
    assert one_sentence(caught.value)
    mixed = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Randomized("1/2"))
    with pytest.raises(InputError, match="expectations"):
        efpep.asymptotic_lower_bound(efpep.EF21("1/10"), mixed)


def test_command_line(capsys, tmp_path):
    words = ["adversary", "cgd", "--mu", "0.1", "--L", "1", "--delta", "0.5"]
    path = tmp_path / "slow.json"
    assert main([*words, "--json", "--certificate", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert float(printed["asymptotic_rate"]["lower"]) <= float(printed["asymptotic_rate"]["upper"])
    assert printed["gap"] < 1e-6
    assert main(["verify", str(path)]) == 0
    assert main([*words, "--periods", "1,x"]) == 2
