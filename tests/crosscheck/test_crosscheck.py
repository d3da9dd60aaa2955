"""The cross-check against PEPit: agreement on the anchors, and disagreement where it is due."""

import math
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from support import with_ends

import efpep
from efpep.crosscheck.crosscheck import TOLERANCE, crosscheck

CONTRACTING_CGD = Fraction(3, 10)


def setting(agents, kappa=10, epsilon=Fraction(1, 2), L=Fraction(1)):
    functions = efpep.SmoothStronglyConvex(mu=L / kappa, L=L)
    return efpep.Setting(functions=functions, compressor=efpep.Contractive(1 - epsilon), agents=agents)


def method(cls, agents):
    # CGD's closed form is for one agent; with more it needs a shorter step and mild compression (THEORY 7).
    return cls(CONTRACTING_CGD) if cls is efpep.CGD and agents > 1 else cls()


CASES = [
    (cls, agents, kappa, epsilon)
    for cls in (efpep.GD, efpep.CGD, efpep.EF, efpep.EF21)
    for agents in (1, 2, 3)
    for kappa in (2, 10)
    for epsilon in (Fraction(1, 10), Fraction(1, 2))
    if not (cls is efpep.CGD and agents > 1 and epsilon >= Fraction(4 * kappa, (kappa + 1) ** 2))
]


@pytest.mark.fast_cases(9)
@pytest.mark.parametrize(("cls", "agents", "kappa", "epsilon"), CASES)
def test_pepit_finds_the_same_rate_with_explicit_agents(cls, agents, kappa, epsilon):
    found = crosscheck(method(cls, agents), setting(agents, kappa, epsilon))
    assert found.agents == agents
    assert found.agrees
    assert abs(found.difference) < TOLERANCE


@pytest.mark.parametrize("cls", [efpep.GD, efpep.CGD, efpep.EF, efpep.EF21])
@pytest.mark.parametrize("metric", ["gradient", "gap"])
def test_every_metric_agrees(cls, metric):
    assert crosscheck(method(cls, 2), setting(2, 10, Fraction(1, 10)), metric).agrees


@pytest.mark.parametrize("L", [Fraction(1, 1000), Fraction(1000)])
@pytest.mark.parametrize("cls", [efpep.GD, efpep.EF, efpep.EF21])
def test_units_do_not_matter(cls, L):
    assert crosscheck(cls(), setting(2, L=L)).agrees


@pytest.mark.parametrize("cls", [efpep.EF, efpep.EF21])
def test_without_compression_the_memory_is_tied(cls):
    # 0.669421... is GD's ((L - mu)/(L + mu))^2 = (9/11)^2, which these methods are without compression.
    found = crosscheck(cls(), setting(2, epsilon=Fraction(0)))
    assert found.agrees
    assert found.value == pytest.approx((9 / 11) ** 2, abs=1e-6)


@pytest.mark.parametrize("cls", [efpep.EF, efpep.EF21])
def test_groups_become_agents_of_different_classes(cls):
    groups = [
        efpep.Group(functions=efpep.SmoothStronglyConvex("1/10", 1), count=1),
        efpep.Group(functions=efpep.SmoothStronglyConvex("3/10", 2), count=2),
    ]
    found = crosscheck(cls("0.14"), efpep.Setting(compressor=efpep.Contractive("1/2"), agents=groups))
    assert found.agents == 3
    assert found.agrees


def test_the_two_agents_of_the_cubic_law():
    # THEORY 5 finding (b): .9222538726 at the step size of the law, mu = (.1, .3), L = (1, 2), epsilon = .5.
    s = math.sqrt(0.5)
    step = Fraction(2 * 2 / (1.1 + 2.3) * (1 - s) / (1 + s))
    groups = [
        efpep.Group(functions=efpep.SmoothStronglyConvex("1/10", 1), count=1),
        efpep.Group(functions=efpep.SmoothStronglyConvex("3/10", 2), count=1),
    ]
    found = crosscheck(efpep.EF21(step), efpep.Setting(compressor=efpep.Contractive("1/2"), agents=groups))
    assert found.agrees
    assert found.value == pytest.approx(0.9222538726, abs=TOLERANCE)


def test_many_agents_are_checked_with_two():
    found = crosscheck(efpep.EF21(), setting(10**9))
    assert (found.agents, found.agrees) == (2, True)


def test_another_number_of_agents_may_be_written_out():
    assert crosscheck(efpep.EF21(), setting(10), agents=3).agents == 3


@pytest.mark.parametrize("shift", [Fraction(-1, 10**4), Fraction(1, 10**4)])
def test_a_wrong_rate_does_not_agree(shift):
    right = efpep.rate(efpep.EF21(), setting(2))
    wrong = with_ends(right, right.lower + shift, right.upper + shift)
    found = crosscheck(efpep.EF21(), setting(2), rate=wrong)
    assert not found.agrees
    assert found.difference == pytest.approx(-float(shift), abs=TOLERANCE)
    assert "does not agree" in str(found)


def test_a_wrong_lyapunov_function_does_not_agree():
    right = efpep.rate(efpep.EF(), setting(2))
    weights = dict(right.lyapunov.weights)
    weights["mean"] = tuple(
        tuple(a * (2 if i == j == 0 else 1) for j, a in enumerate(row)) for i, row in enumerate(weights["mean"])
    )
    wrong = replace(right, lyapunov=replace(right.lyapunov, weights=weights))
    found = crosscheck(efpep.EF(), setting(2), rate=wrong)
    assert not found.agrees
    assert found.difference > 1e-3


def test_a_given_lyapunov_function_is_checked_itself():
    # THEORY 4: EF's ||x - x* - mean e||^2 + dev(e, e) + ||mean e||^2 / s.
    right = efpep.rate(efpep.EF(), setting(2), lyapunov="literature")
    assert crosscheck(efpep.EF(), setting(2), rate=right).agrees


def test_an_undecided_lower_end_leaves_the_upper_one_to_check():
    right = efpep.rate(efpep.EF21(), setting(1))
    found = crosscheck(efpep.EF21(), setting(1), rate=with_ends(right, upper=right.upper))
    assert found.lower is None
    assert found.agrees


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: crosscheck(efpep.EF21(), setting(2), agents=4), "1 to 3"),
        (lambda: crosscheck(efpep.EF21(1), setting(2)), "no Lyapunov function to check"),
        (lambda: crosscheck(efpep.EF21("1/10"), setting(2), rate=efpep.rate(efpep.EF21(), setting(2))), "another question"),
        (lambda: crosscheck(efpep.EF21(), setting(1), rate=efpep.rate(efpep.EF21(), setting(2))), "another question"),
        (lambda: crosscheck(efpep.EF21(), setting(1, kappa=1)), "mu < L"),
        (lambda: crosscheck(efpep.EF21("1/10"), shares()), "give small counts"),
        (lambda: crosscheck(efpep.EF21("1/10"), shares(), agents=2), "leave agents out"),
    ],
)
def test_refusals_are_one_sentence(ask, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        ask()
    assert "\n" not in str(refused.value)


def shares():
    return replace(setting(1), agents=[efpep.Group(share="1/2"), efpep.Group(share="1/2")])


def test_nothing_is_printed(capfd):
    crosscheck(efpep.GD(), setting(1))
    assert capfd.readouterr() == ("", "")


def test_pepit_is_imported_lazily():
    code = "import sys, efpep.crosscheck.crosscheck; sys.exit('PEPit' in sys.modules or 'cvxpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("cls", [efpep.GD, efpep.EF, efpep.EF21])
@pytest.mark.parametrize("agents", [1, 2, 3])
@pytest.mark.parametrize("kappa", [2, 10, 100, 1000])
@pytest.mark.parametrize("epsilon", [Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)])
def test_the_wider_grid_agrees(cls, agents, kappa, epsilon):
    assert crosscheck(cls(), setting(agents, kappa, epsilon)).agrees
