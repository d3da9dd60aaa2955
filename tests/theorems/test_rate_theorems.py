"""Theorems about rates: proved, refused after any change that makes them false, and true of the numbers."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from mutations import formulas, mutated, replaced

import efpep
from efpep.errors import InputError
from efpep.questions.base import Verdict
from efpep.theorems.check import check_case, complete
from efpep.theorems.compressed_gradients import CGD
from efpep.theorems.error_feedback import EF, EF21
from efpep.theorems.functions import FunctionField
from efpep.theorems.parameters import Parameters
from efpep.theorems.report import Report
from efpep.theory.formula import evaluated, tree

THEOREMS = {"ef": EF, "ef21": EF21, "cgd": CGD}
METHODS = {"ef": efpep.EF, "ef21": efpep.EF21, "cgd": efpep.CGD}


@pytest.mark.parametrize("key", THEOREMS)
def test_every_step_holds(key):
    report = THEOREMS[key].check()
    assert report.proved, report.failed
    assert len(report.steps) > 100


def only_scaled(theorem, path):
    """Whether a formula is the only coefficient of a square or the only number of a worst case's state that is not zero."""
    if "vector" in path:
        part = theorem
        for name in path[:-1]:
            part = getattr(part, name) if isinstance(name, str) and hasattr(part, name) else part[name]
        return len(part) == 1
    return "state" in path and (theorem is CGD or (theorem is EF and theorem.cases[path[1]].lossless))


def changes(theorem, count, seed):
    """Return theorems that say or use something else, each with where it was changed."""
    choose = random.Random(seed)  # noqa: S311
    places = [place for place in formulas(theorem) if place[0][0] in {"claim", "cases"} and not only_scaled(theorem, place[0])]
    claims = [place for place in places if place[0][0] == "claim"]
    found = []
    while len(found) < count:
        path, text = choose.choice(claims if len(found) % 4 == 0 else places)
        new = mutated(text, choose)
        if not same(theorem, path, text, new):
            found.append((path, text, new))
    return found


def same(theorem, path, old, new):
    """Whether two formulas of a theorem have the same value where they are used."""
    if path[0] == "cases":
        names = Parameters(theorem.claim, theorem.cases[path[1]])
        values, number = names.names, names.field
    else:
        number = FunctionField("s", "mu", "L", "eta", "theta", theorem.claim.root)
        values = number.symbols
    try:
        return evaluated(tree(old), values, number) == evaluated(tree(new), values, number)
    except ZeroDivisionError:
        return False


def holds(theorem, path):
    """Whether what was changed at a place is proved: one case, or the whole theorem."""
    if path[0] == "claim":
        return theorem.check().proved
    report = Report()
    check_case(theorem, theorem.cases[path[1]], report)
    return report.proved


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("key", THEOREMS)
def test_changed_theorems_are_refused(key):
    theorem = THEOREMS[key]
    accepted = [change for change in changes(theorem, 20, key) if holds(replaced(theorem, change[0], change[2]), change[0])]
    assert accepted == []


@pytest.mark.slow
@pytest.mark.parametrize("key", THEOREMS)
def test_many_changed_theorems_are_refused(key):
    theorem = THEOREMS[key]
    found = changes(theorem, 300, f"{key} again")
    assert {path[0] for path, _, _ in found} == {"claim", "cases"}
    accepted = [change for change in found if holds(replaced(theorem, change[0], change[2]), change[0])]
    assert accepted == []


@pytest.mark.parametrize("key", THEOREMS)
def test_no_case_may_be_missing(key):
    theorem = THEOREMS[key]
    assert complete(theorem.cases)
    for k in range(8):
        assert not complete(theorem.cases[:k] + theorem.cases[k + 1 :])


def test_a_theorem_about_one_agent_is_no_theorem_about_several():
    assert not replace(CGD, counts=(1, 2)).check().proved


def test_a_larger_region_is_refused():
    claim = replace(EF21.claim, limit="2/L*(1-s)")
    assert not replace(EF21, claim=claim).check().proved


def setting(key, choose):
    """Return random rational constants."""
    mu = Fraction(choose.randint(1, 19), 20)
    delta = Fraction(choose.randint(1, 9), 10)
    agents = 1 if key == "cgd" else choose.choice([1, 2, 7])
    return efpep.Setting(efpep.SmoothStronglyConvex(mu, 1), efpep.Contractive(delta), agents)


def limit(key, where):
    return METHODS[key].literature.stability_limit(METHODS[key](), where).value


def agrees(key, choose):
    where = setting(key, choose)
    step = Fraction(choose.randint(5, 95), 100) * Fraction(round(limit(key, where) * 10**6), 10**6)
    claimed = THEOREMS[key].rate(where, step).value
    found = efpep.rate(METHODS[key](step), where)
    assert found.certified
    assert (found.theorem.value, found.theorem.theorem) == (claimed, key)
    assert found.lower <= claimed <= found.upper, (where, step, float(claimed), float(found.lower), float(found.upper))


@pytest.mark.parametrize("key", THEOREMS)
def test_the_rate_lies_in_the_certified_interval(key):
    choose = random.Random(key)  # noqa: S311
    for _ in range(4):
        agrees(key, choose)


@pytest.mark.slow
@pytest.mark.parametrize("key", THEOREMS)
def test_the_rate_lies_in_many_certified_intervals(key):
    choose = random.Random(f"{key} again")  # noqa: S311
    for _ in range(67):
        agrees(key, choose)


def refuses(key, choose):
    where = setting(key, choose)
    step = limit(key, where) * Fraction(choose.randint(101, 300), 100)
    step = Fraction(round(step * 10**6), 10**6)
    with pytest.raises(InputError, match="need not converge"):
        THEOREMS[key].rate(where, step)
    found = efpep.rate(METHODS[key](step), where)
    assert (found.verdict, found.theorem) == (Verdict.REFUTED, None)


@pytest.mark.parametrize("key", THEOREMS)
def test_beyond_the_limit_both_refuse(key):
    choose = random.Random(key)  # noqa: S311
    for _ in range(3):
        refuses(key, choose)


@pytest.mark.slow
@pytest.mark.parametrize("key", THEOREMS)
def test_beyond_the_limit_both_refuse_in_many_settings(key):
    choose = random.Random(f"{key} again")  # noqa: S311
    for _ in range(67):
        refuses(key, choose)


@pytest.mark.parametrize("key", THEOREMS)
def test_the_literature_is_the_theorem_at_the_best_step(key):
    for mu in ("1/100", "1/3", "9/10", "1"):
        for delta in ("1/10", "1/2", "3/4", "1"):
            where = efpep.Setting(efpep.SmoothStronglyConvex(mu, 1), efpep.Contractive(delta), 1)
            said, method = METHODS[key].literature, METHODS[key]()
            best = said.optimal_step_size(method, where).value
            assert abs(THEOREMS[key].rate(where, best).value - said.rate(method, where).value) < Fraction(1, 10**30)
            assert abs(limit(key, where) - number(THEOREMS[key].claim.limit, where)) < Fraction(1, 10**50)


def number(text, where):
    from efpep.theory.closed_form import square_root

    values = {"L": Fraction(1), "mu": where.functions.mu, "s": square_root(1 - where.compressor.delta)}
    return evaluated(tree(text), values, Fraction)


def test_the_door():
    assert efpep.prove(efpep.EF21) is efpep.prove("ef21") is efpep.prove(efpep.EF21()) is EF21
    with pytest.raises(InputError, match="no method"):
        efpep.prove(3)


def test_a_setting_that_the_theorem_is_not_about():
    where = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2"), 2)
    with pytest.raises(InputError, match="one agent"):
        CGD.rate(where, "1/10")
