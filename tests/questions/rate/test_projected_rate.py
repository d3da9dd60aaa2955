"""Rates of Projected EF21: projected gradient descent's closed form, and a Lyapunov function that decreases along runs."""

from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.conic.unbounded_columns import equations, unbounded_columns, with_free_diagonal
from efpep.model.definite import is_semidefinite
from efpep.model.form import Form

HALF = efpep.Contractive("1/2")


def setting(agents=2, mu="1/10", compressor=HALF):
    return efpep.Setting(efpep.SmoothStronglyConvex(mu, 1), compressor, agents)


@pytest.mark.fast_cases(7)
@pytest.mark.parametrize("agents", [1, 3])
@pytest.mark.parametrize("mu", ["1/100", "1/10", "1/2"])
@pytest.mark.parametrize("step", ["1/10", "1", "3/2", "19/10"])
def test_without_compression_it_is_projected_gradient_descent(mu, step, agents):
    """Projections do not expand, so the squared distance contracts by ``max((1 - eta mu)^2, (1 - eta L)^2)``, which is sharp."""
    found = efpep.rate(efpep.ProjectedEF21(step), setting(agents, mu, efpep.Contractive(1)))
    eta = Fraction(step)
    rho = max((1 - eta * Fraction(mu)) ** 2, (1 - eta) ** 2)
    assert found.lower <= rho <= found.upper
    assert found.upper - found.lower <= Fraction(9, 10**9)
    assert found.certificate.check()


@pytest.mark.parametrize("metric", ["distance", "gap"])
def test_both_ends_are_proved_with_compression(metric, tmp_path):
    found = efpep.rate(efpep.ProjectedEF21("1/5"), setting(), metric)
    assert found.upper - found.lower <= Fraction(9, 10**9)
    assert efpep.rate(efpep.EF21("1/5"), setting(), metric).upper <= found.upper < 1
    found.certificate.save(tmp_path / "rate.json")
    verdict = efpep.verify(tmp_path / "rate.json")
    assert verdict.accepted is True, verdict.reason


def test_the_function_gap_is_needed():
    """Without the gap no multiplier of a normal cone balances ``<grad f(x*), x - x*>``."""
    found = efpep.rate(efpep.ProjectedEF21("1/5"), setting(), features=("x", "g", "g-d"))
    assert found.verdict is efpep.Verdict.REFUTED
    assert found.certificate.check()


def test_a_gradient_that_does_not_vanish_has_no_rate():
    with pytest.raises(efpep.InputError, match="metric is 'gradient'") as refused:
        efpep.rate(efpep.ProjectedEF21("1/5"), setting(), "gradient")
    assert one_sentence(refused.value)


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("seed", range(4))
def test_the_lyapunov_function_decreases_along_runs(seed):
    """Quadratics with eigenvalues in [1/10, 1] over a box and Top-2 of 4 (delta = 1/2), in plain numpy."""
    found = efpep.rate(efpep.ProjectedEF21("1/5"), setting())
    witness = found.certificate.upper
    rng = np.random.default_rng(seed)
    bases = [np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(2)]
    hessians = np.array([q @ np.diag(rng.uniform(0.1, 1, 4)) @ q.T for q in bases])
    slopes = rng.standard_normal((2, 4))

    def gradients(x):
        return hessians @ x + slopes

    def project(x):
        return np.clip(x, -0.3, 0.3)

    def top(v):
        kept = np.zeros_like(v)
        for row, line in zip(kept, v, strict=True):
            large = np.argsort(-np.abs(line))[:2]
            row[large] = line[large]
        return kept

    optimum = np.zeros(4)
    for _ in range(2000):
        optimum = project(optimum - gradients(optimum).mean(axis=0))
    assert np.linalg.norm(gradients(optimum).mean(axis=0)) > 0.1  # some constraint is active

    def lyapunov(x, d):
        g = gradients(x) - gradients(optimum)
        error = gradients(x) - d
        mean = np.array([x - optimum, g.mean(axis=0), error.mean(axis=0)])
        spread = np.array([g - g.mean(axis=0), error - error.mean(axis=0)])
        inner = np.einsum("aik,bik->ab", spread, spread) / 2
        blocks = [np.array([[float(a) for a in row] for row in block]) for block in witness.weights]
        value = np.mean([(x - optimum) @ h @ (x - optimum) / 2 for h in hessians])
        value += gradients(optimum).mean(axis=0) @ (x - optimum)
        return np.sum(blocks[0] * (mean @ mean.T)) + np.sum(blocks[1] * inner) + float(witness.gaps[0]) * value

    x = project(rng.standard_normal(4))
    d = top(gradients(x))
    before = lyapunov(x, d)
    for _ in range(40):
        x = project(x - 0.2 * d.mean(axis=0))
        d = d + top(gradients(x) - d)
        after = lyapunov(x, d)
        assert 0 <= after <= float(found.upper) * before + 1e-14
        before = after


def test_columns_without_a_diagonal_become_equations():
    forms = [Form({0: {(0, 0): Fraction(1), (0, 1): Fraction(2)}}), Form({0: {(0, 1): Fraction(4), (1, 2): Fraction(1)}})]
    unbounded = unbounded_columns({0: (0, 1, 2)}, forms)
    assert unbounded == {0: (1, 2)}
    assert equations(unbounded, forms) == [(0, 0, 1), (0, 1, 2)]
    assert equations(unbounded, forms[:1]) == [(0, 0, 1)]
    products = tuple(tuple(Fraction(a) for a in row) for row in ((0, 3, 0), (3, 0, 1), (0, 1, 0)))
    whole = with_free_diagonal([0], [[Fraction(2)]], products)
    assert whole[0][0] == 2
    assert whole[0][1] == 3
    assert is_semidefinite(whole)
