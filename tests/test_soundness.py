"""False or empty claims that once looked provable: each is refused, and sentences say no more than is proved."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import pytest
from conftest import one_sentence, uniform

import efpep
from efpep.certify.orbit import OrbitCertificate
from efpep.certify.orbit_check import Exclusion, Trajectory
from efpep.errors import CertificateError, InputError
from efpep.question.orbit import orbit

ONE = Fraction(1)


def at_rest(question, point="x"):
    """One period in which nothing happens at ``x = 1``: all gradients, losses and values are zero."""
    grams = tuple(
        tuple(tuple(ONE if point == u.name == v.name else 0 * ONE for v in columns) for u in columns)
        for columns in (question.columns(block) for block in question.blocks)
    )
    return Trajectory(grams, (0 * ONE,) * len(question.values))


# --- closed trajectories ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("functions", [efpep.SmoothConvex(1), efpep.BoundedSubgradients(1)])
def test_resting_at_another_minimiser_is_no_cycle(functions):
    setting = efpep.Setting(functions)
    question = orbit(efpep.GD(1), setting, 1)
    witness = at_rest(question)
    if question.trace.unity is not None:
        witness = dataclasses.replace(
            witness, values=tuple(ONE if k == question.trace.unity else 0 * ONE for k in question.values)
        )
    with pytest.raises(CertificateError, match="may rest at another minimiser"):
        OrbitCertificate(efpep.GD(1), setting, 1, ONE, witness).check()


def test_cycles_of_convex_functions_are_still_proved():
    # f = x^2/2 with step size 2: x alternates between 1 and -1
    found = efpep.cycle(efpep.GD(2), efpep.Setting(efpep.SmoothConvex(1)), 2)
    assert found.certificate.exists
    assert "does not rest at the minimiser" in found.certificate.check()


def test_the_exclusion_of_one_multiple_says_nothing_about_its_opposite():
    # GD with step size 1 maps x to (1 - a) x, 1/10 <= a <= 1: never to -x/2, but to x/2 where a = 1/2
    method, setting = efpep.GD(1), uniform(10, 0)
    question = orbit(method, setting, 1, Fraction(-1, 2))
    assert [row.name for row in question.rows][:2] == ["interpolation(*,0)", "interpolation(0,*)"]
    excluded = OrbitCertificate(method, setting, 1, Fraction(-1, 2), Exclusion((Fraction(0),) * len(question.rows)))
    assert "multiplied by -0.5 every step" in excluded.sentence()
    assert "distance" not in excluded.sentence()


@dataclass(frozen=True)
class Drift(efpep.CGD):
    """Compressed gradient descent for agents whose own gradients do not vanish at the minimiser."""

    title: ClassVar[str] = "Drift"
    common_minimiser: ClassVar[bool] = False


@pytest.mark.parametrize("zeta", [0, "1/2"])
def test_a_bound_of_the_gradients_at_the_minimiser_is_not_ignored(zeta):
    setting = dataclasses.replace(uniform(10, "1/2", 3), heterogeneity=zeta)
    for ask in (lambda: efpep.rate(Drift("1/2"), setting), lambda: orbit(Drift("1/2"), setting, 1)):
        with pytest.raises(InputError, match="heterogeneity bounds") as refused:
            ask()
        assert one_sentence(refused.value)
    assert orbit(efpep.EF21("1/10"), setting, 1).rows  # where they do not take part the bound does not matter
