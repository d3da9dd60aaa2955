"""The theorem about EF21's decrease on nonconvex functions: proved, refused after changes, and true of the numbers."""

from dataclasses import replace
from fractions import Fraction

import pytest
from mutations import changes, replaced

import efpep
from efpep.theorems.catalogue import theorems_about
from efpep.theorems.decrease import check_case, check_reflection
from efpep.theorems.ef21_nonconvex import EF21_DECREASE
from efpep.theorems.hypotheses import FactorQuantities
from efpep.theorems.report import Report
from efpep.theorems.signs import NONNEGATIVE, POSITIVE
from efpep.theory import nonconvex
from efpep.theory.formula import evaluated, tree

SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)


def test_every_step_holds():
    report = EF21_DECREASE.check()
    assert report.proved, report.failed


def test_it_is_among_the_theorems_about_ef21():
    assert EF21_DECREASE in theorems_about("ef21")
    setting = efpep.Setting(SMOOTH, efpep.Contractive("3/4"))
    for form in (nonconvex.half(setting), nonconvex.limit(setting), nonconvex.decrease(setting, Fraction(3, 5))):
        assert (form.standing.value, form.check) == ("proved", "efpep prove ef21")


@pytest.mark.parametrize("count", [5, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("k", range(4))
def test_changed_proofs_are_refused(k, count):
    accepted = []
    case = EF21_DECREASE.cases[k]
    for path, text, new in changes(case, count, f"decrease {k}"):
        report = Report()
        check_case(EF21_DECREASE, replaced(case, path, new), report)
        if report.proved:
            accepted.append((path, text, new))
    assert accepted == []


@pytest.mark.parametrize("count", [10, pytest.param(30, marks=pytest.mark.slow)])
def test_changed_states_are_refused(count):
    accepted = []
    for path, text, new in changes(EF21_DECREASE.reflection, count, "reflection"):
        report = Report()
        other = replace(EF21_DECREASE, reflection=replaced(EF21_DECREASE.reflection, path, new))
        check_reflection(other, report, lossless=False)
        if report.proved:
            accepted.append((path, text, new))
    assert accepted == []


@pytest.mark.parametrize("count", [2, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["decrease", "most", "limit"])
def test_changed_statements_are_refused(name, count):
    """Whatever is changed is said."""
    for _, text, new in changes((getattr(EF21_DECREASE, name),), count, name):
        other = replace(EF21_DECREASE, **{name: new})
        assert other.statement() != EF21_DECREASE.statement()
        assert other.latex() != EF21_DECREASE.latex()
        assert not other.check().proved, (text, new)


def test_all_cases_are_needed():
    for k in (0, 3):
        cases = EF21_DECREASE.cases[:k] + EF21_DECREASE.cases[k + 1 :]
        assert not replace(EF21_DECREASE, cases=cases).check().proved


@pytest.mark.parametrize(("delta", "step"), [("3/4", "13/20"), ("1/2", "34/100"), ("9/10", "95/100")])
@pytest.mark.parametrize("agents", [1, 3])
def test_beyond_the_step_size_the_state_bounds_what_is_proved(delta, step, agents):
    """With L = 1 the state has ``f - f+ = eta |z|^2`` and ``|grad f|^2 = 1/4 + |z|^2``: no decrease exceeds their ratio."""
    found = efpep.potential(efpep.EF21(step), efpep.Setting(SMOOTH, efpep.Contractive(delta), agents))
    names = {"s": (1 - float(Fraction(delta))) ** 0.5, "L": 1.0, "eta": float(Fraction(step))}
    z = evaluated(tree(EF21_DECREASE.reflection.lengths["z"]), names, float)
    most = names["eta"] * z / (z + 0.25)
    assert most < names["eta"] / 2
    assert float(found.lower) <= most + 1e-9
    assert found.upper < Fraction(step) / 2


@pytest.mark.parametrize(("delta", "step"), [("3/4", "66/100"), ("1/2", "1/5"), ("9/10", "1")])
def test_below_the_limit_the_squares_bound_a_from_below(delta, step):
    """With coefficients b and parts k the squares are at least ``|g|^2/sum(k^2/b)``, which no proved interval excludes."""
    case = EF21_DECREASE.cases[2]
    names = {"s": (1 - float(Fraction(delta))) ** 0.5, "L": 1.0, "eta": float(Fraction(step))}
    parts = [evaluated(tree(part), names, float) for part in case.parts]
    weights = [evaluated(tree(square.coefficient), names, float) for square in case.proof.squares["mean"]]
    a = 1 / sum(k**2 / b for k, b in zip(parts, weights, strict=True))
    found = efpep.potential(efpep.EF21(step), efpep.Setting(SMOOTH, efpep.Contractive(delta)))
    assert 0 < a <= float(found.upper)
    assert found.lower > 0


def test_signs_are_those_of_factors():
    """``(1-s)/L`` is positive, its square over ``1-s`` too, ``2-L`` unknown until it is shown, and divisors may not vanish."""
    quantities = FactorQuantities(("s", "L"), {"r": "s/L"})
    quantities.assume(quantities.value("1-s"), POSITIVE)
    quantities.assume(quantities.value("3-L"), NONNEGATIVE)
    signs = {"(1-s)/L": 2, "(s-1)*r": -2, "(3-L)*(1+s^2)/(1-s)^2": 1, "2-L": None, "(2-L)^2": 1, "1/(3-L)": None, "r-s/L": 0}
    assert {text: quantities.sign(quantities.value(text)) for text in signs} == signs
    assert [quantities.defined(text) for text in ("1/(1-s)", "1/(3-L)")] == [True, False]
    assert not quantities.fact("2-L", "3-L")
    assert not quantities.fact("4-L", "4-L")
    assert quantities.fact("4-L", "1+(3-L)")
    assert quantities.positive(quantities.value("L*(4-L)"))
