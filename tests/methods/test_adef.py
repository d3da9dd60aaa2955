"""ADEF, the method: its recursion in numeric runs, and what it is without compression."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform
from support.heterogeneous import gap, quadratics

import efpep
from efpep.cli import main
from efpep.model.field import FLOATS
from efpep.simulate.run import NumericRun, iterate


def written_out(problem, operator, weights, x0):
    """The recursion of 2503.08427, line by line, independently of the method's file."""
    x = z = x0
    u = problem.gradients(x0)
    e = np.zeros_like(u)
    past = 0.0
    for a in weights:
        y = (past * x + a * z) / (past + a)
        g = problem.gradients(y)
        u = u + operator(g - u)
        r = g - u - e / a
        sent = operator(r)
        e = a * (sent - r)
        z = z - a * (u + sent).mean(axis=0)
        x = (past * x + a * z) / (past + a)
        past += a
        yield x, z, e, g


@pytest.mark.parametrize(("power", "weights"), [(1, ""), (0, ""), (2, ""), (1, "1, 2, 4, 1, 3/2, 2, 2, 5, 1, 1")])
def test_runs_follow_the_recursion(power, weights):
    problem = quadratics(1)
    method = efpep.ADEF("1/20", power=power, weights=weights)
    run = NumericRun(problem, efpep.TopK(2))
    states = list(iterate(method, run, np.ones(6), 10))
    numbers = [float(method.weight(t)) for t in range(1, 11)]
    assert numbers == pytest.approx(
        [w / 20 for w in ([1, 2, 4, 1, 1.5, 2, 2, 5, 1, 1] if weights else np.arange(1, 11) ** power)]
    )
    for state, (x, z, e, _) in zip(states[1:], written_out(problem, efpep.TopK(2), numbers, np.ones(6)), strict=True):
        assert np.allclose(state.x, x)
        assert np.allclose(state.z, z)
        assert np.allclose(state.e, e)


def test_the_virtual_iterate_moves_by_the_mean_gradient():
    problem = quadratics(2)
    method = efpep.ADEF("1/20")
    run = NumericRun(problem, efpep.TopK(1))
    floats = method.over(FLOATS)
    for old, new in itertools.pairwise(iterate(method, run, np.ones(6), 30)):
        a = float(method.weight(old.t + 1))
        g = problem.gradients(floats.query(old)).mean(axis=0)
        moved = (new.z + new.e.mean(axis=0)) - (old.z + old.e.mean(axis=0))
        assert np.allclose(moved, -a * g, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_without_compression_it_is_the_method_of_similar_triangles(seed):
    """``A_t (f(x_t) - f*) <= ||x_0 - x*||^2 / 2`` for weights ``t/(2 L)`` (Nesterov 2018; Gasnikov, Nesterov 2018)."""
    problem = quadratics(seed)
    method = efpep.ADEF("1/2")
    x0 = np.random.default_rng(seed).normal(size=6) * 3
    distance = float(((x0 - problem.minimiser) ** 2).sum())
    for state in iterate(method, NumericRun(problem, efpep.TopK(6)), x0, 60):
        assert float(method.total(state.t)) * gap(problem, state.x) <= distance / 2 + 1e-9
        assert np.allclose(state.e, 0, atol=1e-12)


def test_it_converges_with_top_k_on_heterogeneous_quadratics():
    problem = quadratics(3, flat=0.05)
    method = efpep.ADEF("1/100")
    states = list(iterate(method, NumericRun(problem, efpep.TopK(3)), np.full(6, 3.0), 400))
    gaps = [gap(problem, state.x) for state in states]
    assert gaps[400] < 1e-5 * gaps[0]
    assert gaps[400] < gaps[100] < gaps[0]


def test_the_start_sends_the_first_gradients_as_they_are():
    problem = quadratics(4)
    states = list(iterate(efpep.ADEF("1/20"), NumericRun(problem, efpep.TopK(1)), np.ones(6), 1))
    assert np.allclose(states[0].u, problem.gradients(np.ones(6)))
    assert not states[0].e.any()
    assert np.allclose(states[1].z, np.ones(6) - problem.gradients(np.ones(6)).mean(axis=0) / 20)


def test_bad_parameters_are_refused_in_one_sentence():
    for arguments in ({"power": "1/2"}, {"power": 9}, {"weights": "1, 0"}, {"weights": "1, x"}, {"weights": [1, -2]}):
        with pytest.raises(efpep.InputError) as caught:
            efpep.ADEF("1/20", **arguments)
        assert one_sentence(caught.value)
    with pytest.raises(efpep.InputError, match="step 3") as caught:
        efpep.ADEF("1/20", weights=[1, 2]).total(3)
    assert one_sentence(caught.value)


def test_weights_are_exact():
    method = efpep.ADEF("1/20", weights=["1/3", 0.1])
    assert method.weight(2) == Fraction(1, 200)
    assert method.total(2) == Fraction(1, 60) + Fraction(1, 200)
    assert efpep.ADEF("1/20").total(4) == Fraction(10, 20)
    assert efpep.EF21("1/20").total(4) == Fraction(4, 20)


def test_it_has_no_rate_a_step(capsys):
    with pytest.raises(efpep.InputError, match="potential") as caught:
        efpep.rate(efpep.ADEF("1/20"), uniform(10, "1/2"))
    assert one_sentence(caught.value)
    assert main(["rate", "adef", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.1"]) == 2
    assert "efpep potential" in capsys.readouterr().err
