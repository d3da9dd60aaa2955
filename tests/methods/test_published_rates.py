"""DIANA, EF-BV, EF21-W and 3PC: at the published step size the certified rate is the published one or better; runs keep it."""

from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence
from support.instances import energy

import efpep
from efpep.compressors import BoundedMoments
from efpep.compressors.operator import CompressionOperator
from efpep.methods import DIANA, EF21W, EFBV, ThreePointCompression
from efpep.questions.kinds import answer_text
from efpep.simulate.problems import RandomQuadratics
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, iterate
from efpep.theory import earlier_ef21

SSC, F = efpep.SmoothStronglyConvex, Fraction
ROOM = F(1, 10**8)
"""How wide the proved intervals are: some published Lyapunov functions contract no better than the papers say."""


def alike(kappa, compressor, agents):
    return efpep.Setting(SSC(F(1, kappa), 1), compressor, agents)


def groups(compressor, *constants):
    return efpep.Setting(compressor=compressor, agents=[efpep.Group(SSC(mu, L), count=n) for n, mu, L in constants])


def population(compressor, *constants):
    return efpep.Setting(compressor=compressor, agents=[efpep.Group(SSC(mu, L), share=share) for share, mu, L in constants])


def published_diana(omega, kappa, n, alpha):
    """Corollary 1 of 1901.09269 at its own alpha, and 1905.11261 at twice that."""
    if alpha * 2 * (1 + omega) == 1:
        step = min(alpha * kappa, 2 / ((1 + F(1, kappa)) * (1 + F(2 * omega, n))))
        return step, 1 - step / kappa
    step = 1 / (1 + F(6 * omega, n))
    return step, max(1 - step / kappa, 1 - alpha / 2)


def published_ef_bv(eta, omega, kappa, n, weights):
    """2205.04180, Theorem 1, in floats, as it is written there."""
    lam, nu = weights
    r, r_av = (1 - lam + lam * eta) ** 2 + lam**2 * omega, (1 - nu + nu * eta) ** 2 + nu**2 * omega / n
    s = ((1 + r) / (2 * r)) ** 0.5 - 1
    step = 1 / (1 + (r_av / r) ** 0.5 / s)
    return step, max(1 - step / kappa, (r + 1) / 2)


def published_ef21_w(delta, constants):
    """2402.10774: weights by smoothness, so that the arithmetic mean of the L_i counts twice."""
    n = sum(F(size) for size, _, _ in constants)
    mu, L = (float(sum(F(size) * F(c[k]) for size, *c in constants) / n) for k in (0, 1))
    s = (1 - delta) ** 0.5
    step = min(1 / (L + 2**0.5 * L * s / (1 - s)), (1 - s) / (2 * mu))
    return step, 1 - step * mu


def published_3pc(a, b, kappa):
    """2202.00998 for agents of one kind with L = 1."""
    step = min(1 / (1 + (2 * b / a) ** 0.5), a * kappa / 2)
    return step, 1 - step / kappa


TWO = ((1, "1/10", 1), (1, "1/10", 4))
MANY = ((9, "1/10", 1), (1, "1/10", 10))
UNLIKE = ((3, "1/100", 1), (2, "1/50", "1/4"))
HALVES = (("1/2", "1/100", 1), ("1/2", "1/50", "1/2"))
ROOT = 0.5**0.5
slow = pytest.mark.slow
CASES = {
    "diana": (DIANA(alpha="1/4"), alike(10, efpep.Unbiased(1), 10), *published_diana(1, 10, 10, F(1, 4))),
    "diana, one agent": (DIANA(alpha="1/3"), alike(2, efpep.Unbiased("1/2"), 1), *published_diana(F(1, 2), 2, 1, F(1, 3))),
    "diana, many": (DIANA(alpha="1/20"), alike(100, efpep.Unbiased(9), 20), *published_diana(9, 100, 20, F(1, 20))),
    "diana, 1905.11261": (DIANA(), alike(10, efpep.Unbiased(1), 10), *published_diana(1, 10, 10, F(1, 2))),
    "ef-bv, one agent": (
        EFBV(lam="1/3", nu="1/3"),
        alike(5, BoundedMoments("1/2", "1/2"), 1),
        *published_ef_bv(0.5, 0.5, 5, 1, (1 / 3, 1 / 3)),
    ),
    "ef-bv": (
        EFBV(lam="2/9", nu="10/13"),
        alike(20, BoundedMoments("1/2", 2), 5),
        *published_ef_bv(0.5, 2, 20, 5, (2 / 9, 10 / 13)),
    ),
    "ef-bv, unbiased": (
        EFBV(lam="1/2", nu="10/11"),
        alike(10, efpep.Unbiased(1), 10),
        *published_ef_bv(0, 1, 10, 10, (0.5, 10 / 11)),
    ),
    "ef-bv, contractive": (EFBV(), alike(10, efpep.Contractive("1/2"), 10), *published_ef_bv(ROOT, 0, 10, 10, (1, 1))),
    "ef21-w": (EF21W(), groups(efpep.Contractive("1/2"), *TWO), *published_ef21_w(0.5, TWO)),
    "ef21-w, one is steep": (EF21W(), groups(efpep.Contractive("1/4"), *MANY), *published_ef21_w(0.25, MANY)),
    "ef21-w, projections": (EF21W(), groups(efpep.Projection("9/10"), *UNLIKE), *published_ef21_w(0.9, UNLIKE)),
    "ef21-w, a population": (EF21W(), population(efpep.Projection("9/10"), *HALVES), *published_ef21_w(0.9, HALVES)),
    "3pc ef21": (
        ThreePointCompression(),
        alike(10, efpep.Contractive("1/2"), 10),
        *published_3pc(1 - ROOT, 0.5 / (1 - ROOT), 10),
    ),
    "3pc v1": (ThreePointCompression(instance="v1"), alike(10, efpep.Contractive("1/2"), 10), *published_3pc(1, 0.5, 10)),
    "3pc v4": (ThreePointCompression(instance="v4"), alike(10, efpep.Contractive("1/2"), 10), *published_3pc(0.5, 0.5, 10)),
}
FAST = {"diana, one agent", "ef-bv, one agent", "ef21-w, a population", "3pc v1"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in FAST else slow) for name in CASES])
def test_the_certified_rate_is_the_published_one_or_better(name):
    method, setting, step, published = CASES[name]
    metric = "distance" if method.key == "diana" else "gap"
    found = efpep.rate(method, setting, metric)
    found.certificate.check()
    assert float(found.method.step_size) == pytest.approx(float(step), rel=1e-14)
    assert float(found.theory.value) == float(found.theorem.value) == pytest.approx(float(published), rel=1e-14)
    assert found.upper <= found.theory.value
    assert found.step_size_source.source == found.theory.source
    given = efpep.rate(method, setting, metric, lyapunov="literature")
    assert found.lower <= given.upper <= found.theory.value + ROOM


@slow
@pytest.mark.parametrize("name", ["diana", "ef-bv", "ef21-w", "3pc v4"])
def test_the_published_rate_holds_in_the_other_metric_too(name):
    method, setting, *_ = CASES[name]
    found = efpep.rate(method, setting, "gap" if method.key == "diana" else "distance")
    assert found.upper <= found.theory.value


def test_what_is_published_is_said_to_be_an_upper_bound():
    text = answer_text(efpep.rate(ThreePointCompression(instance="v1"), alike(10, efpep.Contractive("1/2"), 1), "gap"))
    assert "theory     at most 0.95" in text
    assert "this is the method's rate" not in text


def test_the_published_parameters():
    assert DIANA.published(alike(10, efpep.Unbiased(3), 5)).alpha == F(1, 8)
    assert EFBV.published(alike(10, efpep.Unbiased(3), 6)) == EFBV(lam="1/4", nu=F(66666666666666667, 10**17))
    found = EFBV.published(alike(10, efpep.Contractive("19/100"), 5))  # eta = 9/10: lam = nu = min(1/(1 - eta), 1)
    assert (found.lam, found.nu) == (1, 1)
    shared = alike(10, BoundedMoments("1/2", 2, shared="yes"), 5)
    assert EFBV.published(shared).nu == EFBV.published(shared).lam == F("0.22222222222222222")


def test_weights_by_smoothness_allow_a_longer_step():
    for constants in (TWO, MANY, UNLIKE):
        setting = groups(efpep.Contractive("1/4"), *constants)
        assert EF21W().resolved(setting).step_size > earlier_ef21.step_size(setting).value
    one = alike(10, efpep.Contractive("1/4"), 3)
    assert float(EF21W().resolved(one).step_size) == pytest.approx(float(earlier_ef21.step_size(one).value), rel=1e-14)


UNBIASED, HALF = alike(10, efpep.Unbiased(1), 3), alike(10, efpep.Contractive("1/2"), 3)
RANDOMIZED = alike(10, efpep.Randomized("1/2"), 3)


@pytest.mark.parametrize(
    ("method", "setting", "says"),
    [
        (DIANA(alpha="3/4"), UNBIASED, "alpha <= 1/\\(1 \\+ omega\\) = 1/2"),
        (DIANA(), HALF, "unbiased compressors"),
        (DIANA(), RANDOMIZED, "bias and the variance"),
        (EFBV(), UNBIASED, "lam is so large"),
        (EFBV(), RANDOMIZED, "bias and the variance"),
        (EF21W(), UNBIASED, "contractive compressor"),
        (ThreePointCompression(), UNBIASED, "contractive compressor"),
    ],
)
def test_settings_that_no_theorem_is_about_are_refused(method, setting, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.rate(method, setting)
    assert one_sentence(refused.value)


def test_beyond_the_published_step_size_nothing_is_published():
    found = efpep.rate(EF21W("3/4"), alike(10, efpep.Contractive("9/10"), 2), width="1/100")
    assert found.theorem is None
    with pytest.raises(efpep.InputError, match="no theorem about EF21-W holds at this step size") as refused:
        efpep.rate(EF21W("3/4"), alike(10, efpep.Contractive("9/10"), 2), lyapunov="literature")
    assert one_sentence(refused.value)


@pytest.mark.parametrize("instance", ["LAG", "clag", "v2", "v3", "v5", "MARINA", "v6", "", 3, None])
def test_instances_that_a_step_does_not_express_are_refused(instance):
    with pytest.raises(efpep.InputError, match="give one of ef21, v1, v4") as refused:
        ThreePointCompression("1/10", instance)
    assert one_sentence(refused.value)


# --- special cases -------------------------------------------------------------------------------------------------------


def check_same(one, other):
    assert one.certified
    assert other.certified
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)


def test_ef_bv_is_diana_and_ef21():
    check_same(efpep.rate(EFBV("1/2", lam="1/4"), UNBIASED), efpep.rate(DIANA("1/2", alpha="1/4"), UNBIASED))
    check_same(efpep.rate(EFBV("1/8"), HALF), efpep.rate(efpep.EF21("1/8"), HALF))
    for method in (EF21W("1/8"), ThreePointCompression("1/8")):
        check_same(efpep.rate(method, HALF), efpep.rate(efpep.EF21("1/8"), HALF))


@pytest.mark.parametrize("agents", [1, pytest.param(5, marks=slow)])
def test_bounded_moments_have_both_kinds_of_compressors_as_special_cases(agents):
    for moments, plain in ((BoundedMoments(0, 1), efpep.Unbiased(1)), (BoundedMoments("1/2", 0), efpep.Contractive("3/4"))):
        method = DIANA("1/4") if plain.random else efpep.EF21("1/6")
        check_same(efpep.rate(method, alike(10, moments, agents)), efpep.rate(method, alike(10, plain, agents)))


def test_a_smaller_bias_and_a_smaller_variance_are_no_slower():
    method, found = EFBV("1/20", lam="1/2"), {}
    for eta, omega in (("1/4", 1), ("1/2", 1), ("1/4", 2)):
        found[eta, omega] = efpep.rate(method, alike(10, BoundedMoments(eta, omega), 1))
    assert found["1/4", 1].upper < min(found["1/2", 1].lower, found["1/4", 2].lower)
    assert BoundedMoments("1/4", 1).within(BoundedMoments("1/2", 1))
    assert not BoundedMoments("1/2", 1).within(BoundedMoments("1/4", 2))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: BoundedMoments(1, 1), "eta is 1, outside"),
        (lambda: BoundedMoments("-1/2", 1), "eta is -1/2, outside"),
        (lambda: BoundedMoments("1/2", -1), "omega is -1, but"),
        (lambda: BoundedMoments("1/2", 1, shared="perhaps"), "shared is 'perhaps'"),
    ],
)
def test_impossible_moments_are_refused(make, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        make()
    assert one_sentence(refused.value)


# --- runs ----------------------------------------------------------------------------------------------------------------


class TopThenRandom(CompressionOperator):
    """Top-8 of 12 entries and then four of these, scaled: comp-(k, k') of 2205.04180, in C(sqrt(1/3), 1)."""

    random = True

    def apply(self, v, draws):
        top, found = efpep.TopK(8)(v), np.zeros_like(v)
        for row, kept, draw in zip(found, top, draws, strict=True):
            places = draw.choice(np.flatnonzero(kept), 4, replace=False)
            row[places] = 2 * kept[places]
        return found

    def belongs_to(self, dimension):
        assert dimension == 12
        return BoundedMoments("0.5773502691896258", 1)  # rounded up


RUNS = {
    "diana": (DIANA(alpha="1/6"), efpep.RandK(4, scaled=True)),
    "ef-bv": (EFBV(lam="1/3", nu="3/4"), TopThenRandom()),
    "ef21-w": (EF21W(), efpep.TopK(6)),
    "3pc": (ThreePointCompression(instance="v4"), efpep.TopK(4)),
}


@pytest.mark.parametrize("n", [1, pytest.param(4, marks=slow)])
@pytest.mark.parametrize("name", RUNS)
def test_runs_keep_the_certified_bound(name, n):
    """Compared step by step, and for random compressors as a supermartingale, which is what is proved of these."""
    method, operator = RUNS[name]
    problem = RandomQuadratics(n=n, d=12, kappa=10, heterogeneity=1 if n > 1 else 0, seed=3)
    found = efpep.compare(method, problem, 150, operator, start=np.ones(12))
    assert found.rate.upper <= found.rate.theorem.value
    assert found.energies[-1] <= float(found.rate.upper) ** 150 * found.energies[0]
    assert found.energies[-1] > 0


def test_expectations_over_draws_keep_the_certified_rate():
    """One step of DIANA from a fixed state: the mean of V over many draws is at most rho V."""
    problem = RandomQuadratics(n=1, d=12, kappa=10, seed=3)
    setting = efpep.Setting(SSC("1/10", 1), efpep.Unbiased(2))
    rate = efpep.rate(DIANA(alpha="1/6"), setting)
    ratios = []
    for seed in range(200):
        run = NumericRun(problem, efpep.RandK(4, scaled=True).seeded(seed))
        first, second = iterate(rate.method, run, np.ones(12), 1)
        ratios.append(energy(rate, second, problem) / energy(rate, first, problem))
    assert np.mean(ratios) <= float(rate.upper) + 4 * np.std(ratios) / len(ratios) ** 0.5
    assert np.mean(ratios) > 0.3


def test_ef21_w_runs_as_it_is_written_in_the_paper():
    rng = np.random.default_rng(5)
    smoothness = np.array([1.0, 4.0, 0.5])
    problem = Quadratics([L * np.diag(rng.uniform(0.1, 1, 6)) for L in smoothness], rng.standard_normal((3, 6)))
    w, operator, step, x = smoothness / smoothness.sum(), efpep.TopK(2), 0.05, np.ones(6)
    weighted = lambda x: problem.gradients(x) / (3 * w)[:, None]  # noqa: E731
    u = operator(weighted(x))
    states = iterate(EF21W("1/20"), NumericRun(problem, operator), x, 30)
    for state in states:
        np.testing.assert_allclose(state.x, x, rtol=1e-12, atol=1e-12)
        x = x - step * (w @ u)
        u = u + operator(weighted(x) - u)
