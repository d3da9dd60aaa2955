"""The methods' own step on NumPy arrays: closed forms, and certified contraction on random quadratics."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from support.instances import DIMENSION, FUNCTIONS, MU, Astray, L, Stretch, energy, quadratics

import efpep
from efpep.methods import CLAG, DIANA, EF21PP, MARINA, METHODS, AcceleratedEF21, ConstrainedCGD, LocalGD, SignSGD, TripleMomentum
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate

PROJECTED_OR_CONSTRAINED = {efpep.ProjectedEF21, efpep.SafeEF, efpep.ParallelCRPO, ConstrainedCGD, efpep.PrimalDualEF, SignSGD}
"""These have tests of their own."""
PLAIN = [cls for cls in METHODS.members.values() if cls not in PROJECTED_OR_CONSTRAINED and not cls.counted]

WITHOUT_CLOSED_FORM = {
    efpep.EF21Momentum,
    efpep.EF21HeavyBall,
    efpep.EF21Nesterov,
    efpep.EF21P,
    efpep.EF21BC,
    DIANA,
    EF21PP,
    LocalGD,
}
GRADIENT_DESCENT = {AcceleratedEF21: {"beta": 0, "gamma": 0, "a": "1/3"}, TripleMomentum: {"rho": 0}, CLAG: {"zeta": 0}}
"""At these parameters methods are gradient descent where compressors lose nothing."""
WITHOUT_MEMORY = {efpep.CGD, LocalGD}
"""These need mild compression."""


def method_for(cls, n):
    if cls in WITHOUT_CLOSED_FORM:
        return cls(Fraction(1, 5))
    if cls is MARINA:
        return cls(Fraction(1, 5), p=1)  # a run whose coin falls badly is worse than the average that is certified
    return cls(Fraction(3, 10)) if cls is efpep.CGD and n > 1 else cls()


@pytest.mark.fast_cases(11)
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("cls", PLAIN)
@pytest.mark.parametrize("operator", ["top-k", "stretch", "astray"])
def test_no_run_contracts_slower_than_the_certified_rate(cls, n, operator):
    delta = Fraction(3, 4) if cls not in WITHOUT_MEMORY else Fraction(9, 10)
    if operator == "top-k":
        delta = Fraction(3, 4) if cls not in WITHOUT_MEMORY else Fraction(1)
    rng = np.random.default_rng([n, *operator.encode(), *cls.key.encode()])
    s = float(1 - delta) ** 0.5
    compress = {"top-k": efpep.TopK(int(delta * DIMENSION)), "stretch": Stretch(s), "astray": Astray(s, rng)}[operator]
    compressor = efpep.Contractive(delta)
    rate = efpep.rate(method_for(cls, n), efpep.Setting(FUNCTIONS, compressor, n, server_compressor=compressor))
    assert rate.upper < 1
    for _ in range(5):
        problem = quadratics(n, rng, common=cls.common_minimiser)
        run = NumericRun(problem, compress, compress)
        energies = [energy(rate, state, problem) for state in iterate(rate.method, run, rng.standard_normal(DIMENSION), 12)]
        # A memory that a certificate ties to other features (delta = 1) is tied from the first step on.
        for before, after in pairwise(energies[1:]):
            assert after <= float(rate.upper) * before + 1e-9 * max(before, 1e-12)
        assert energies[-1] < energies[0]


@pytest.mark.parametrize(
    "method",
    [
        efpep.EF21Momentum("1/5", "1/2"),
        efpep.EF21HeavyBall("1/5", "1/10"),
        efpep.EF21Nesterov("1/5", "1/10"),
        efpep.EControl("1/5", "1/10"),
        efpep.EF21P("1/2"),
        efpep.EF21BC("1/3"),
    ],
    ids=lambda method: type(method).__name__,
)
@pytest.mark.parametrize("n", [1, 3])
def test_runs_of_methods_with_parameters_of_their_own_contract(method, n):
    rng = np.random.default_rng([n, *method.key.encode()])
    compressor, server = efpep.Contractive("3/4"), efpep.Contractive("9/10")
    rate = efpep.rate(method, efpep.Setting(FUNCTIONS, compressor, n, server_compressor=server))
    assert rate.upper < 1
    for operator, server_operator in ((Stretch(0.5), Stretch(0.1**0.5)), (Astray(0.5, rng), Astray(0.1**0.5, rng))):
        problem = quadratics(n, rng, common=False)
        run = NumericRun(problem, operator, server_operator)
        energies = [energy(rate, state, problem) for state in iterate(method, run, rng.standard_normal(DIMENSION), 12)]
        for before, after in pairwise(energies):
            assert after <= float(rate.upper) * before + 1e-9 * max(before, 1e-12)


@pytest.mark.parametrize("cls", [efpep.EF, efpep.EF21])
@pytest.mark.parametrize("curvature", [MU, L])
def test_a_run_attains_the_closed_form(cls, curvature):
    # One dimension, f = mu x^2/2 or L x^2/2, C(v) = (1 + s) v: V shrinks by the tight rate of 2506.05271 in every late step.
    s, kappa = 0.5**0.5, 10
    psi = 1 - s + ((1 + s) ** 2 + 16 * s * kappa / (kappa - 1) ** 2) ** 0.5
    tight = s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * psi
    rate = efpep.rate(cls(), efpep.Setting(FUNCTIONS, efpep.Contractive("1/2"), 1))
    problem = Quadratics([[[curvature]]], [0])
    energies = [energy(rate, state, problem) for state in iterate(rate.method, NumericRun(problem, Stretch(s)), [1], 60)]
    assert energies[60] / energies[59] == pytest.approx(tight, abs=1e-9)
    assert float(rate.lower) - 1e-9 <= tight <= float(rate.upper) + 1e-9


@pytest.mark.parametrize("cls", [*PLAIN, efpep.SafeEF, efpep.ParallelCRPO, ConstrainedCGD])
@pytest.mark.parametrize("n", [1, 3])
def test_without_compression_every_method_is_gradient_descent(cls, n):
    # With C and C_0 the identity: x_k - x* = (I - step mean H)^k (x_0 - x*); no memory keeps an error.
    rng = np.random.default_rng(7)
    problem = quadratics(n, rng, common=False)
    start = rng.standard_normal(DIMENSION)
    step = Fraction(3, 7)
    run = NumericRun(problem, efpep.Identity(), efpep.Identity())
    method = cls(step, **GRADIENT_DESCENT.get(cls, {}))
    states = list(iterate(method, run, start, 9))
    shrink = np.eye(DIMENSION) - float(step) * problem.hessians.mean(axis=0)
    expected = problem.minimiser + np.linalg.matrix_power(shrink, 9) @ (start - problem.minimiser)
    assert len(states) == 10
    assert states[-1].x.dtype == np.float64
    np.testing.assert_allclose(states[-1].x, expected, rtol=0, atol=1e-13)


def test_fractions_become_floats_once():
    problem = Quadratics([[[Fraction(1, 2), 0], [0, Fraction(1, 4)]]], [[Fraction(1, 3), Fraction(0)]])
    start = [Fraction(1), Fraction(-2)]
    *_, last = iterate(efpep.EF21(Fraction(1, 10)), NumericRun(problem, efpep.TopK(1)), start, 3)
    assert last.x.dtype == np.float64
    assert last.d.dtype == np.float64
    assert last.d.shape == (1, 2)


def test_top_k_keeps_the_largest_entries_and_ef_the_rest():
    problem = Quadratics([np.eye(3)], [0.0, 0.0, 0.0])
    first, second = iterate(efpep.EF(1), NumericRun(problem, efpep.TopK(1)), [3, -5, 1], 1)
    assert first.e.tolist() == [[0, 0, 0]]
    assert second.x.tolist() == [3, 0, 1]
    assert second.e.tolist() == [[3, 0, 1]]


def test_quadratics_know_their_constants():
    problem = Quadratics([[[1, 0], [0, 4]], [[2, 0], [0, 3]]], [[3, 0], [0, 7]])
    assert (problem.mu, problem.L) == (1, 4)
    # mean H = diag(3/2, 7/2), mean H m = (3/2, 21/2).
    np.testing.assert_allclose(problem.minimiser, [1, 3], atol=1e-15)
    np.testing.assert_allclose(problem.gradients(problem.minimiser).mean(axis=0), 0, atol=1e-15)
    np.testing.assert_allclose(problem.values(np.array([0.0, 0.0])), [4.5, 73.5])


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: list(iterate(efpep.EF21(), NumericRun(unit()), [0], 1)), "resolved"),
        (lambda: list(iterate(efpep.EF21(1), NumericRun(unit()), [0], 1)), "no operator"),
        (lambda: list(iterate(efpep.EF21P(1), NumericRun(unit(), efpep.TopK(1)), [0], 1)), "no server operator"),
        (lambda: list(iterate(efpep.EF21BC(1), NumericRun(unit(), efpep.TopK(1)), [0], 1)), "no server operator"),
        (lambda: NumericRun(unit()).local(np.zeros((1, 1))), "server point"),
        (lambda: Quadratics([[1.0]], [0.0]), "shapes"),
        (lambda: Quadratics(np.eye(2)[None], [0.0]), "shapes"),
        (lambda: Quadratics([[[1, 2], [0, 1]]], [0, 0]), "symmetric"),
        (lambda: Quadratics([[[1, 0], [0, 0]]], [0, 0]), "positive"),
    ],
)
def test_refusals_are_one_sentence(ask, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        ask()
    assert "\n" not in str(refused.value)


def unit():
    return Quadratics([[[1.0]]], [0.0])
