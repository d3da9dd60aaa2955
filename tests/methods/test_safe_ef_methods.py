"""Safe-EF and its relatives: recursions, special cases, and what the Trace refuses."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.methods import ConstrainedCGD
from efpep.model.trace import Trace
from efpep.simulate.counterexamples import TwoAbsoluteValues, cgd_trajectory, start
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate


class L1:
    """``f_i(x) = sum_j |x_j - a_ij|`` subject to ``mean_i (<b_i, x> - l_i) <= 0`` on the box ``[-1, 1]^d``."""

    def __init__(self, agents, dimension, seed):
        generator = np.random.default_rng(seed)
        self.centres = generator.normal(size=(agents, dimension)) + 2
        self.slopes = generator.uniform(0.5, 1.5, size=(agents, dimension))
        self.level = generator.uniform(0, 1, size=agents)

    def gradients(self, x):
        return np.sign(x - self.centres)

    def values(self, x):
        return np.abs(x - self.centres).sum(axis=1)

    def constraint_values(self, x):
        return self.slopes @ x - self.level

    def constraint_gradients(self, x):
        return self.slopes

    def project(self, x):
        return np.clip(x, -1, 1)


def ball(agents=5, dimension=4, seed=2):
    generator = np.random.default_rng(seed)
    halves = generator.normal(size=(agents, dimension, dimension))
    hessians = halves @ halves.swapaxes(1, 2) + np.eye(dimension)
    return Quadratics(hessians, generator.normal(size=(agents, dimension)))


def test_without_a_constraint_it_is_error_feedback_with_the_error_in_other_units():
    problem, x0 = ball(), np.arange(4.0)
    run = NumericRun(problem, efpep.TopK(1), efpep.Identity())
    gamma = Fraction(1, 100)
    for safe, plain in zip(iterate(efpep.SafeEF(gamma), run, x0, 50), iterate(efpep.EF(gamma), run, x0, 50), strict=True):
        assert safe.x == pytest.approx(plain.x, abs=1e-10)
        assert float(gamma) * safe.e == pytest.approx(plain.e, abs=1e-10)


def test_without_a_constraint_its_worst_case_is_that_of_error_feedback():
    setting = uniform(10, "1/2")
    both = efpep.Setting(setting.functions, setting.compressor, server_compressor=efpep.Contractive(1))
    assert efpep.rate(efpep.SafeEF("3/10"), both).upper == pytest.approx(efpep.rate(efpep.EF("3/10"), setting).upper, abs=2e-8)


def test_without_compression_it_is_the_switching_subgradient_method():
    problem, x0 = L1(3, 2, 1), np.array([2.0, -3.0])
    first = NumericRun(problem, efpep.Identity(), efpep.Identity())
    second = NumericRun(problem)
    a = [s.x for s in iterate(efpep.SafeEF("1/10", "1/5"), first, x0, 100)]
    b = [s.x for s in iterate(efpep.ParallelCRPO("1/10", "1/5"), second, x0, 100)]
    assert np.array(a) == pytest.approx(np.array(b))
    assert first.decisions == second.decisions
    assert {True, False} == set(first.decisions)
    values = [problem.constraint_values(x).mean() <= 0.2 for x in a[:-1]]
    assert values == first.decisions


def test_constrained_compressed_gradient_descent_loses_what_its_messages_lose():
    problem, x = L1(3, 2, 1), np.array([2.0, 3.0])
    run = NumericRun(problem, efpep.TopK(1))
    for state in iterate(ConstrainedCGD("1/10", "1/5"), run, x, 60):
        assert state.x == pytest.approx(x)
        h = problem.gradients(x) if problem.constraint_values(x).mean() <= 0.2 else problem.constraint_gradients(x)
        kept = np.abs(h) >= np.abs(h).max(axis=1, keepdims=True)
        kept[:, 1] &= ~kept[:, 0]  # ties go to the first coordinate
        x = x - 0.1 * np.where(kept, h, 0).mean(axis=0)
    assert {True, False} == set(run.decisions)


def test_without_compression_constrained_cgd_is_the_switching_subgradient_method():
    problem, x0 = L1(3, 2, 1), np.array([2.0, -3.0])
    first, second = NumericRun(problem, efpep.Identity()), NumericRun(problem)
    for a, b in zip(
        iterate(ConstrainedCGD("1/10", "1/5"), first, x0, 100),
        iterate(efpep.ParallelCRPO("1/10", "1/5"), second, x0, 100),
        strict=True,
    ):
        assert a.x.tolist() == b.x.tolist()


def test_constrained_cgd_visits_two_points_for_ever():
    problem, gamma = TwoAbsoluteValues(0.9), 1 / 20
    run = NumericRun(problem, efpep.TopK(1))
    states = list(iterate(ConstrainedCGD(Fraction(gamma)), run, start(gamma), 50))
    assert np.array([state.x for state in states]) == pytest.approx(cgd_trajectory(gamma, 50), abs=1e-12)


def test_the_virtual_iterate_moves_by_the_mean_active_subgradient():
    problem, run = L1(4, 3, 5), None
    run = NumericRun(problem, efpep.TopK(1), efpep.TopK(1))
    method = efpep.SafeEF("1/10", "1/10")
    states = list(iterate(method, run, np.ones(3), 60))
    for k, (old, new) in enumerate(pairwise(states)):
        h = problem.gradients(old.x) if run.decisions[k] else problem.constraint_gradients(old.x)
        moved = method.over(float).virtual(new, run) - method.over(float).virtual(old, run)
        assert moved == pytest.approx(-0.1 * h.mean(axis=0), abs=1e-12)
    assert len(set(run.decisions)) == 2


def test_the_trace_takes_a_pattern_for_the_switching_rule():
    setting = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), agents=2, server_compressor=efpep.Contractive("1/3"))
    trace = Trace(setting.populations(), server_compressor=setting.server_compressor, pattern=[True])
    method = efpep.SafeEF("1/10", "1/5")
    x = trace.point("x")
    with pytest.raises(efpep.InputError, match="no constraint"):
        method.step(method.start(x, trace), trace)


def test_primal_dual_error_feedback_meets_its_constraint():
    problem = L1(3, 2, 4)
    run = NumericRun(problem, efpep.TopK(1), efpep.Identity())
    method = efpep.PrimalDualEF("1/200", dual_step_size="1/50")
    states = list(iterate(method, run, np.ones(2) * 2, 20000))
    mean = np.mean([s.x for s in states[10000:]], axis=0)
    assert problem.constraint_values(mean).mean() < 0.02
    assert all(s.dual >= 0 for s in states)
    assert states[1].dual == pytest.approx(max(0, problem.constraint_values(np.ones(2) * 2).mean() / 50))


def test_primal_dual_error_feedback_is_refused_by_the_trace():
    setting = efpep.Setting(
        efpep.SmoothStronglyConvex("1/2", 1), efpep.Contractive("1/2"), server_compressor=efpep.Contractive(1), constraint=None
    )
    with pytest.raises(efpep.InputError, match="run it numerically") as caught:
        efpep.rate(efpep.PrimalDualEF("1/10"), setting)
    assert one_sentence(caught.value)
    with pytest.raises(efpep.InputError, match="run it numerically") as caught:
        Trace(setting.populations()).positive_part(None)
    assert one_sentence(caught.value)


def test_projected_ef21_stays_in_its_set_and_without_compression_is_projected_gradient_descent():
    class Boxed(Quadratics):
        def project(self, x):
            return np.clip(x, -0.1, 0.1)

    problem = Boxed(ball().hessians, ball().minimisers)
    eta = 0.5 / problem.L
    for state in iterate(efpep.ProjectedEF21(Fraction(eta)), NumericRun(problem, efpep.TopK(1)), np.ones(4), 200):
        assert np.abs(state.x).max() <= 0.1
    x = np.clip(np.ones(4), -0.1, 0.1)
    for state in iterate(efpep.ProjectedEF21(Fraction(eta)), NumericRun(problem, efpep.Identity()), np.ones(4), 200):
        assert state.x == pytest.approx(x)
        x = problem.project(x - eta * problem.gradients(x).mean(axis=0))
    residual = x - problem.project(x - problem.gradients(x).mean(axis=0))
    assert np.abs(residual).max() < 1e-8
    assert np.abs(problem.gradients(x).mean(axis=0)).max() > 1e-2


def test_projections_make_the_worst_case_no_better():
    setting = uniform(10, "1/10", 3)
    step = efpep.EF21().resolved(setting).step_size
    free = efpep.rate(efpep.EF21(step), setting)
    projected = efpep.rate(efpep.ProjectedEF21(step), setting)
    assert free.upper < projected.lower < 1


@pytest.mark.parametrize("method", [efpep.SafeEF, efpep.ParallelCRPO, ConstrainedCGD])
def test_thresholds_are_read_exactly_or_are_none(method):
    assert method("1/10", 0.2).threshold == Fraction(1, 5)
    for nothing in ("none", None, " None "):
        assert method("1/10", nothing).threshold == "none"
    from efpep.methods import METHODS

    for threshold in ("none", "1/5"):
        assert METHODS.build(method("1/10", threshold).describe()) == method("1/10", threshold)
    with pytest.raises(efpep.InputError, match="threshold") as caught:
        method("1/10", "small")
    assert one_sentence(caught.value)
    assert method(0.1, 0.25).over(float).threshold == 0.25


def test_a_method_without_a_virtual_iterate_says_so():
    with pytest.raises(efpep.InputError, match="virtual") as caught:
        efpep.EF21(1).virtual(None, None)
    assert one_sentence(caught.value)
