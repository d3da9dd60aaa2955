"""Short and long steps with agents of different kinds: the theorem is proved, refused after changes, and true of the numbers."""

import contextlib
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from mutations import formulas, mutated, replaced

import efpep
from efpep.errors import EfpepError
from efpep.theorems.different_steps import EF21_STEPS, EF_STEPS
from efpep.theorems.functions import FunctionField
from efpep.theorems.report import Report
from efpep.theory import error_feedback
from efpep.theory.formula import evaluated, tree

BOTH = {"ef": EF_STEPS, "ef21": EF21_STEPS}
METHODS = {"ef": efpep.EF, "ef21": efpep.EF21}


@pytest.mark.parametrize("key", BOTH)
def test_every_step_holds(key):
    report = BOTH[key].check()
    assert report.proved, report.failed


def other(old, new):
    """Whether two formulas are different functions."""
    field = FunctionField("s", "mu", "L", "kappa", "eta", "c", "m", "l")
    try:
        return evaluated(tree(old), field.symbols, field) != evaluated(tree(new), field.symbols, field)
    except ZeroDivisionError:
        return True


def test_changed_theorems_are_refused():
    choose = random.Random("steps")  # noqa: S311
    places = [place for place in formulas(EF_STEPS.steps) if place[0][1] in {"end", "widened", "ratio", "common"}]
    refused = 0
    while refused < 20:
        path, text = choose.choice(places)
        new = mutated(text, choose)
        if not other(text, new):
            continue
        report = Report()
        with contextlib.suppress(EfpepError):
            replace(EF_STEPS, steps=replaced(EF_STEPS.steps, path, new)).check_steps(report)
        assert not report.proved, (path, text, new)
        refused += 1


def test_theorems_of_other_methods_and_claims_are_refused():
    claim = replace(EF_STEPS.alone.claim, branches=EF_STEPS.alone.claim.branches[::-1])
    for change in (
        {"alone": EF21_STEPS.alone},
        {"averages": EF21_STEPS.averages},
        {"groups": EF21_STEPS.groups},
        {"steps": EF_STEPS.steps[::-1] + EF_STEPS.steps[:1], "alone": replace(EF_STEPS.alone, claim=claim)},
    ):
        report = Report()
        replace(EF_STEPS, **change).check_steps(report)
        assert not report.proved


def setting(*kinds, delta="3/4"):
    groups = [efpep.Group(efpep.SmoothStronglyConvex(mu, smoothness), count=1) for mu, smoothness in kinds]
    return efpep.Setting(None, efpep.Contractive(delta), groups)


DIFFERENT = setting(("1/10", 1), ("1/2", 1))
"""s = 1/2, mu = 3/10, L = 1, kappa = 10: short to 20/99, long from 20/33 to 2/3."""


def test_where_short_and_long_steps_end():
    at = {step: error_feedback.rate_at(DIFFERENT, Fraction(step)) for step in ("20/99", "20/98", "20/34", "20/33", "2/3")}
    assert [step for step, found in at.items() if found is not None] == ["20/99", "20/33"]
    # beta^2 - theta beta - 1/2 = 0 at rho = beta^2: (rho - 1/2)^2 = theta^2 rho
    for step, theta in (
        ("20/99", Fraction(1, 2) - Fraction(3, 2) * Fraction(3, 10) * Fraction(20, 99)),
        ("20/33", Fraction(9, 22)),
    ):
        rho = at[step].value
        assert abs((rho - Fraction(1, 2)) ** 2 - theta**2 * rho) < Fraction(1, 10**40)
        assert at[step].standing is error_feedback.Standing.PROVED


def test_agents_of_one_condition_number_have_the_rate_of_one_agent_at_every_step():
    where = setting(("1/10", 1), ("1/5", 2))
    alone = efpep.Setting(efpep.SmoothStronglyConvex("3/20", "3/2"), efpep.Contractive("3/4"))
    for step in ("1/10", "1/4", "2/5", "43/100"):
        assert error_feedback.rate_at(where, Fraction(step)).value == error_feedback.rate_at(alone, Fraction(step)).value


@pytest.mark.parametrize(("key", "step"), [("ef21", "1/5"), ("ef21", "31/50"), ("ef", "1/5")])
def test_the_rate_lies_in_the_certified_interval(key, step):
    found = efpep.rate(METHODS[key](step), DIFFERENT)
    assert found.theorem is not None
    assert found.certified
    assert found.lower <= found.theorem.value <= found.upper


@pytest.mark.slow
@pytest.mark.parametrize("key", BOTH)
def test_the_rate_lies_in_many_certified_intervals(key):
    choose = random.Random(f"different {key}")  # noqa: S311
    decided = 0
    while decided < 20:
        kinds = [
            (Fraction(choose.randint(1, 10), 20), Fraction(choose.randint(10, 40), 20)) for _ in range(choose.choice([2, 3]))
        ]
        where = setting(*kinds, delta=Fraction(choose.randint(1, 9), 10))
        limit = error_feedback.number(error_feedback.CLAIM.limit, error_feedback.quantities(where))
        method = METHODS[key](Fraction(round(limit * Fraction(choose.randint(5, 99), 100) * 10**6), 10**6))
        found = efpep.rate(method, where)
        if found.theorem is not None:
            assert found.certified
            assert found.lower <= found.theorem.value <= found.upper, (kinds, method)
            decided += 1


def test_between_short_and_long_steps_nothing_is_claimed():
    assert efpep.EF21("1/2").literature.known_rate(efpep.EF21("1/2"), DIFFERENT) is None
