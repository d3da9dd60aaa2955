"""Agents of different kinds are no faster than one with average constants, and CGD beats EF and EF21 for one agent."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from mutations import mutated

import efpep
from efpep.theorems.averages import ECONTROL_AVERAGES, EF21_AVERAGES, EF_AVERAGES
from efpep.theorems.comparison import CGD_BEATS
from efpep.theory import cgd, error_feedback
from efpep.theory.formula import evaluated, tree

AVERAGES = {"ef": EF_AVERAGES, "ef21": EF21_AVERAGES, "econtrol": ECONTROL_AVERAGES}


@pytest.mark.parametrize("theorem", [*AVERAGES.values(), CGD_BEATS], ids=lambda theorem: f"{theorem.key}: {theorem.name}")
def test_every_step_holds(theorem):
    report = theorem.check()
    assert report.proved, report.failed


@pytest.mark.parametrize("key", AVERAGES)
def test_other_averages_are_refused(key):
    for average in (("v", "w", "1-v"), ("1/3", "1/3", "1/3"), ("w", "v", "1-v-w")):
        assert not replace(AVERAGES[key], average=average).check().proved


def test_changes_of_the_comparison_are_refused():
    """Of formulas, in what they say at numbers: a change that says the same is none."""
    choose = random.Random("comparison")  # noqa: S311
    at = {"s": Fraction(2, 7), "k": Fraction(3, 5)}
    refused = 0
    while refused < 20:
        name = choose.choice(["root", "theta", "value"])
        old = getattr(CGD_BEATS, name)
        new = mutated(old, choose)
        try:
            same = evaluated(tree(old), at, Fraction) == evaluated(tree(new), at, Fraction)
        except (ZeroDivisionError, efpep.InputError):
            continue
        if not same:
            assert not replace(CGD_BEATS, **{name: new}).check().proved, (name, new)
            refused += 1


@pytest.mark.parametrize("name", ["faster", "slower"])
def test_other_claims_are_refused(name):
    claim = getattr(CGD_BEATS, name)
    for change in ({"step_size": "2/(L+mu)"}, {"rate": f"{claim.root}^3"}, {"branches": claim.branches[::-1]}):
        proved = replace(CGD_BEATS, **{name: replace(claim, **change)}).check().proved
        assert proved is ("branches" in change)


def test_cgd_beats_error_feedback_in_numbers():
    choose = random.Random("numbers")  # noqa: S311
    for _ in range(50):
        mu, delta = Fraction(choose.randint(1, 100), 100), Fraction(choose.randint(1, 99), 100)
        setting = efpep.Setting(efpep.SmoothStronglyConvex(mu, 1), efpep.Contractive(delta))
        assert cgd.rate(setting).value < error_feedback.rate(setting).value


@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21])
def test_no_certified_rate_of_different_agents_is_below_the_average_agents(method):
    choose = random.Random(method.key)  # noqa: S311
    groups = [
        (efpep.SmoothStronglyConvex(Fraction(choose.randint(1, 9), 10), choose.randint(1, 9)), choose.randint(1, 3))
        for _ in range(2)
    ]
    total = sum(count for _, count in groups)
    mu, L = (sum(getattr(f, name) * count for f, count in groups) / total for name in ("mu", "L"))
    compressor = efpep.Contractive("3/5")
    alone = efpep.Setting(efpep.SmoothStronglyConvex(mu, L), compressor)
    mixed = efpep.Setting(None, compressor, [efpep.Group(f, count=count) for f, count in groups])
    limit = error_feedback.stability_limit(alone).value
    for part in ("1/3", "9/10"):
        step = Fraction(round(limit * Fraction(part) * 10**6), 10**6)
        found = efpep.rate(method(step), mixed)
        assert found.upper is None or found.upper >= error_feedback.rate_at(alone, step).value
