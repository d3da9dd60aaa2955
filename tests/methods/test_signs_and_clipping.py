"""signSGD, EF-signSGD and Clip21: as their papers write them, and what error feedback mends."""

from itertools import pairwise

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.compressors.operators import BareSign, Clip, Sign
from efpep.methods import SignSGD
from efpep.simulate.problems import RandomQuadratics
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate

PROBLEM = RandomQuadratics(n=3, d=10, kappa=10, heterogeneity=10, seed=1)


def test_every_entry_moves_by_the_step_size_as_the_majority_votes():
    states = list(iterate(SignSGD("1/100"), NumericRun(PROBLEM, BareSign(), BareSign()), np.ones(10), 20))
    for before, after in pairwise(states):
        votes = np.sign(np.sign(PROBLEM.gradients(before.x)).sum(axis=0))
        assert np.all(votes != 0)
        np.testing.assert_allclose(after.x, before.x - votes / 100, rtol=0, atol=1e-15)


def test_no_worst_case_of_signs_is_asked():
    with pytest.raises(efpep.InputError, match="signSGD moves by signs") as refused:
        efpep.rate(SignSGD("1/10"), uniform(10, "1/2"))
    assert one_sentence(refused.value)
    with pytest.raises(efpep.InputError, match="no class of compressors") as refused:
        efpep.compare(efpep.EF21("1/10"), PROBLEM, 10, Clip(1))
    assert one_sentence(refused.value)


def test_clip21_is_ef21_with_clipped_differences():
    # 2305.01588: v_i = v_i + clip(grad f_i(x) - v_i), from v_i = 0, and x+ = x - step mean v_i
    x, v = np.ones(10), np.zeros((3, 10))
    for state in iterate(efpep.EF21("1/10"), NumericRun(PROBLEM, Clip("1/10")), x, 50):
        difference = PROBLEM.gradients(x) - v
        lengths = np.linalg.norm(difference, axis=1, keepdims=True)
        v = v + np.minimum(1, 0.1 / lengths) * difference
        np.testing.assert_allclose(state.x, x, rtol=1e-12)
        np.testing.assert_allclose(state.d, v, rtol=1e-9, atol=1e-12)
        x = x - v.mean(axis=0) / 10


def test_error_feedback_mends_clipping():
    clipped = efpep.simulate(efpep.CGD("1/2"), PROBLEM, 150, Clip(1), record=["gap"])
    mended = efpep.simulate(efpep.EF21("1/2"), PROBLEM, 150, Clip(1), record=["gap"])
    assert mended["gap"][-1] < 1e-9
    assert clipped["gap"][-1] > 1e-3


def test_error_feedback_mends_signs():
    # 1901.09847: p = step g + e, x+ = x - (||p||_1/d) sign(p), e+ = p - (||p||_1/d) sign(p)
    problem = Quadratics([np.diag([1.0, 0.25])], [[0.3, -0.2]])
    x, e = np.array([2.0, 1.0]), np.zeros(2)
    for state in iterate(efpep.EF("1/10"), NumericRun(problem, Sign()), x, 40):
        np.testing.assert_allclose(state.x, x, rtol=1e-12, atol=1e-12)
        p = 0.1 * problem.gradients(x)[0] + e
        sent = np.abs(p).mean() * np.sign(p)
        x, e = x - sent, p - sent
    signs = efpep.simulate(SignSGD("1/10"), problem, 500, BareSign(), BareSign(), start=[2.0, 1.0])
    mended = efpep.simulate(efpep.EF("1/10"), problem, 500, Sign(), start=[2.0, 1.0])
    assert mended["gap"][-1] < 1e-8
    assert signs["gap"][-1] > 1e-5
