"""The mending of lower witnesses: violated inequalities go, and what was proved by extended precision is proved without it."""

from fractions import Fraction

from conftest import uniform

import efpep
from efpep.analysis.enclosure import outward
from efpep.analysis.lyapunov import newton, propose
from efpep.analysis.polish import polished
from efpep.analysis.rate_sdp import rate_sdp
from efpep.certify.check import Instance
from efpep.certify.definite import is_semidefinite
from efpep.conic.solver import find_solver
from efpep.question.contraction import contraction

FIVE = [("1/10", 1, "1/2"), ("1/5", 1, "1/2"), ("1/10", 2, "1/2"), ("3/10", 1, "1/2"), ("1/10", 3, "3/5")]


def test_violations_are_mended_by_little():
    setting = uniform(10, "1/2", agents=2)
    question = contraction(efpep.EF21().resolved(setting), setting, "distance")
    sdp, solver = rate_sdp(question), find_solver("clarabel")
    estimate = newton(sdp, solver, Fraction(0))
    rate = outward(1 - estimate.q * Fraction(101, 100), estimate.q, up=False)
    witness = sdp.lower(rate, propose(solver, sdp.pencil.at(1 - rate), 1e-5).rationals()[1])
    before = max(Instance(question, witness).value(row.form) for row in question.rows)
    mended = polished(question, sdp.units, witness)
    after = max(Instance(question, mended).value(row.form) for row in question.rows)
    assert before > Fraction(1, 10**12)
    assert after <= before / 1000
    assert all(is_semidefinite(gram) for gram in mended.grams)
    assert all(value >= 0 for value in mended.values)
    for old, new in zip(witness.grams, mended.grams, strict=True):
        assert all(abs(a - b) < 1000 * before for u, v in zip(old, new, strict=True) for a, b in zip(u, v, strict=True))


def test_five_different_groups_need_no_extended_precision():
    groups = [
        efpep.Group(efpep.SmoothStronglyConvex(mu, L), efpep.Contractive(delta), share=Fraction(1, 5)) for mu, L, delta in FIVE
    ]
    found = efpep.rate(efpep.EF21("1/10"), efpep.Setting(agents=groups))
    assert found.solver == "clarabel"
    assert found.certified
    assert found.upper - found.lower < Fraction(9, 10**9)
