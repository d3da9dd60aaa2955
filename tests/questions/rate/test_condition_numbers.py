"""Rates at large condition numbers, as far as they are said to be covered."""

from fractions import Fraction

import pytest

import efpep
from efpep.questions.base import Verdict


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("power", [9, 10])
@pytest.mark.parametrize("delta", ["1/100", "1/2"])
def test_both_ends_are_close_to_the_theory_of_several_agents(power, delta):
    """The literature's rate of EF21 holds for any number of agents (arXiv:2605.31594)."""
    setting = efpep.Setting(efpep.SmoothStronglyConvex(Fraction(1, 10**power), 1), efpep.Contractive(delta), 10)
    method = efpep.EF21()
    found = efpep.rate(method, setting)
    assert found.verdict is Verdict.PROVED
    assert found.lower <= found.upper < 1
    assert (found.upper - found.lower) <= Fraction(1, 10**4) * (1 - found.upper)
    theory = method.literature.rate(method, setting).value
    assert abs(Fraction(theory) - found.upper) <= Fraction(1, 10**4) * (1 - found.upper)
