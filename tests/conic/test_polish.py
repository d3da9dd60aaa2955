"""The mending of lower witnesses: violated inequalities go, and what was proved by extended precision is proved without it."""

from fractions import Fraction

from support import uniform

import efpep
from efpep.conic.polish import polished
from efpep.conic.solver import find_solver, propose
from efpep.model.definite import is_semidefinite
from efpep.proof.moments import Moments
from efpep.questions.rate.enclosure import outward
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.search import newton

FIVE = [("1/10", 1, "1/2"), ("1/5", 1, "1/2"), ("1/10", 2, "1/2"), ("3/10", 1, "1/2"), ("1/10", 3, "3/5")]


def test_violations_are_mended_by_little():
    setting = uniform(10, "1/2", agents=2)
    question = rate_inequalities(efpep.EF21().resolved(setting), setting, "distance")
    sdp, solver = rate_lmi(question), find_solver("clarabel")
    estimate = newton(sdp, solver, Fraction(0))
    rate = outward(1 - estimate.q * Fraction(101, 100), estimate.q, up=False)
    witness = sdp.lower(rate, propose(solver, sdp.pencil.at(1 - rate), 1e-5).rationals()[1])
    step = question.system.relations[0]
    (old_grams,), (old_values,) = witness.grams, witness.values
    before = max(Moments.of_relation(step, old_grams, old_values).value(row.form) for row in question.rows)
    grams, values = polished(step, sdp.measures.relations[0], old_grams, old_values)
    after = max(Moments.of_relation(step, grams, values).value(row.form) for row in question.rows)
    assert before > Fraction(1, 10**12)
    assert after <= before / 1000
    assert all(is_semidefinite(gram) for gram in grams)
    assert all(value >= 0 for value in values)
    for old, new in zip(old_grams, grams, strict=True):
        assert all(abs(a - b) < 1000 * before for u, v in zip(old, new, strict=True) for a, b in zip(u, v, strict=True))


def test_five_different_groups_need_no_extended_precision():
    groups = [
        efpep.Group(efpep.SmoothStronglyConvex(mu, L), efpep.Contractive(delta), share=Fraction(1, 5)) for mu, L, delta in FIVE
    ]
    found = efpep.rate(efpep.EF21("1/10"), efpep.Setting(agents=groups))
    assert found.solver == "clarabel"
    assert found.certified
    assert found.upper - found.lower < Fraction(9, 10**9)
