"""The family of methods and compressor classes: special cases coincide, and a smaller class is never slower."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import uniform

import efpep
from efpep.model.field import FLOATS

SSC = efpep.SmoothStronglyConvex
FUNCTIONS = SSC("1/10", 1)
HALF, FINE = efpep.Contractive("1/2"), efpep.Contractive("9/10")
GROUPS = [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("3/10", 2), count=2)]
IDENTITIES = [efpep.Contractive(1), efpep.Randomized(1), efpep.Unbiased(0), efpep.Projection(1), efpep.LinearContractive(1)]


def check_narrow(rate):
    assert rate.certified
    assert 0 <= rate.lower <= rate.upper < 1
    assert rate.upper - rate.lower < Fraction(1, 10**8)
    rate.certificate.check()


def check_same(one, other):
    for rate in (one, other):
        check_narrow(rate)
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)


def check_least(smaller, larger):
    for rate in (smaller, larger):
        check_narrow(rate)
    assert smaller.lower <= larger.upper


def setting(agents, compressor=HALF, server=None):
    return efpep.Setting(FUNCTIONS, compressor, agents, server)


# --- special cases -------------------------------------------------------------------------------------------------------

SPECIAL = {
    "EControl eta = 0": lambda step: efpep.EControl(step, eta=0),
    "momentum theta = 1": lambda step: efpep.EF21Momentum(step, theta=1),
    "heavy ball beta = 0": lambda step: efpep.EF21HeavyBall(step, beta=0),
    "Nesterov beta = 0": lambda step: efpep.EF21Nesterov(step, beta=0),
}
AGENTS = [1, 10, pytest.param(GROUPS, marks=pytest.mark.slow)]


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("agents", AGENTS, ids=["n=1", "n=10", "groups"])
@pytest.mark.parametrize("make", SPECIAL.values(), ids=SPECIAL)
def test_special_cases_are_ef21(make, agents):
    for step in ("1/8", "3/16"):
        check_same(efpep.rate(make(Fraction(step)), setting(agents)), efpep.rate(efpep.EF21(step), setting(agents)))


@pytest.mark.slow
@pytest.mark.parametrize("kappa", [2, 100, 1000])
@pytest.mark.parametrize("epsilon", ["1/10", "9/10"])
@pytest.mark.parametrize("make", SPECIAL.values(), ids=SPECIAL)
def test_special_cases_are_ef21_elsewhere(make, epsilon, kappa):
    for agents in (1, 10):
        plain = efpep.rate(efpep.EF21(), uniform(kappa, epsilon, agents))
        check_same(efpep.rate(make(plain.method.step_size), uniform(kappa, epsilon, agents)), plain)


@pytest.mark.parametrize("agents", AGENTS, ids=["n=1", "n=10", "groups"])
def test_the_optimal_step_of_econtrol_is_that_of_ef21(agents):
    check_same(efpep.rate(efpep.EControl(), setting(agents)), efpep.rate(efpep.EF21(), setting(agents)))


@pytest.mark.parametrize("agents", AGENTS, ids=["n=1", "n=10", "groups"])
def test_bidirectional_compression_has_both_one_way_methods_as_special_cases(agents):
    up_only = setting(agents, HALF, efpep.Contractive(1))
    check_same(efpep.rate(efpep.EF21BC("1/8"), up_only), efpep.rate(efpep.EF21("1/8"), up_only))
    down_only = setting(agents, efpep.Contractive(1), FINE)
    check_same(efpep.rate(efpep.EF21BC("1/3"), down_only), efpep.rate(efpep.EF21P("1/3"), down_only))


@pytest.mark.parametrize("agents", AGENTS, ids=["n=1", "n=10", "groups"])
def test_without_compression_server_methods_are_gradient_descent(agents):
    plain = setting(agents, efpep.Contractive(1), efpep.Contractive(1))
    descent = efpep.rate(efpep.GD("1/3"), plain)
    for method in (efpep.EF21P("1/3"), efpep.EF21BC("1/3")):
        check_same(efpep.rate(method, plain), descent)


@pytest.mark.fast_cases(4)
@pytest.mark.parametrize("agents", [1, pytest.param(10, marks=pytest.mark.slow)], ids=["n=1", "n=10"])
@pytest.mark.parametrize("compressor", IDENTITIES, ids=lambda c: c.key)
def test_identity_compressors_give_gradient_descent(compressor, agents):
    # max((1 - eta mu)^2, (1 - eta L)^2) at eta = 1: (9/10)^2
    asked = setting(agents, compressor, compressor)
    descent = efpep.rate(efpep.GD(1), asked)
    assert descent.lower <= Fraction(81, 100) <= descent.upper
    for method in (efpep.CGD(1), efpep.EF(1), efpep.EF21(1), efpep.EF21P(1), efpep.EF21BC(1), efpep.EF21Momentum(1)):
        check_same(efpep.rate(method, asked), descent)
    for method in (efpep.EF21HeavyBall(1), efpep.EControl(1)):
        check_same(efpep.rate(method, asked), descent)


def test_heavy_ball_without_compression_is_heavy_ball():
    # Quadratics bound the rate from below: the square of the spectral radius of [[1 + b - h a, -b], [1, 0]], a in {mu, L}.
    step, beta = 0.5, 0.2
    rate = efpep.rate(efpep.EF21HeavyBall("1/2", beta="1/5"), setting(1, efpep.Contractive(1)))
    check_narrow(rate)
    radii = [np.abs(np.linalg.eigvals([[1 + beta - step * a, -beta], [1, 0]])).max() ** 2 for a in np.linspace(0.1, 1, 30)]
    assert float(rate.upper) >= max(radii) - 1e-9
    assert rate.upper < efpep.rate(efpep.GD("1/2"), setting(1)).lower, "momentum helps at this short step"


def test_extrapolation_backwards_allows_longer_steps():
    # EF21's limit is (2/L) (1 - s)/(1 + s) = .3431; on a x^2/2 with C = c the method's own matrix bounds the rate from below.
    method = efpep.EF21Nesterov("7/20", beta="-3/10")
    backwards = efpep.rate(method, setting(1))
    check_narrow(backwards)
    assert efpep.rate(efpep.EF21("7/20"), setting(1)).verdict is efpep.Verdict.REFUTED
    radii = [spectral_rate(method, a, c, 1) for a in (0.1, 0.3, 1.0) for c in (1 - 0.5**0.5, 1, 1 + 0.5**0.5)]
    assert float(backwards.upper) >= max(radii) - 1e-9
    assert max(radii) > 0.9


def test_momentum_without_compression_is_gradient_descent_with_an_average():
    # x+ = x - h m, m+ = (1 - t) m + t a x+ on a quadratic of curvature a: matrix [[1, -h], [t a, 1 - t - t a h]].
    step, theta = 0.5, 0.5
    rate = efpep.rate(efpep.EF21Momentum("1/2", theta="1/2"), setting(1, efpep.Contractive(1)))
    check_narrow(rate)
    radii = []
    for a in np.linspace(0.1, 1, 30):
        matrix = [[1, -step], [theta * a, 1 - theta - theta * a * step]]
        radii.append(np.abs(np.linalg.eigvals(matrix)).max() ** 2)
    assert float(rate.upper) >= max(radii) - 1e-9


# --- instances from below ------------------------------------------------------------------------------------------------


def spectral_rate(method, curvature, c, c0):
    """The square of the spectral radius on ``f = a x^2 / 2`` with the linear compressors ``C = c``, ``C_0 = c0``.

    The method's own step is asked for its matrix: one agent on the line, the state's fields as coordinates.
    """

    class Line:
        def gradient(self, x):
            return curvature * x

        def compress(self, v):
            return c * v

        def compress_at_server(self, v):
            return c0 * v

        def mean(self, v):
            return v

    method = method.over(FLOATS)
    fields = method.State._fields
    columns = [list(method.step(method.State(*row), Line())) for row in np.eye(len(fields))]
    return np.abs(np.linalg.eigvals(np.array(columns, dtype=float).T)).max() ** 2


METHODS = [
    efpep.EF("1/8"),
    efpep.EF21("1/8"),
    efpep.EF21Momentum("1/8", theta="1/2"),
    efpep.EF21HeavyBall("1/8", beta="1/10"),
    efpep.EF21HeavyBall("1/8", beta="-1/10"),
    efpep.EF21Nesterov("1/8", beta="-1/5"),
    efpep.EControl("1/8", eta="1/10"),
    efpep.EF21P("1/3"),
    efpep.EF21BC("1/10"),
]


@pytest.mark.fast_cases(10)
@pytest.mark.parametrize("agents", [1, 10], ids=["n=1", "n=10"])
@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.key)
def test_quadratics_with_linear_compressors_bound_the_rate_from_below(method, agents):
    rate = efpep.rate(method, setting(agents, HALF, FINE))
    check_narrow(rate)
    worst = 0.0
    for curvature in (0.1, 0.3, 1.0):
        for c in (1 - 0.5**0.5, 1.0, 1 + 0.5**0.5):
            for c0 in (1 - 0.1**0.5, 1.0, 1 + 0.1**0.5):
                worst = max(worst, spectral_rate(method, curvature, c, c0))
    assert float(rate.upper) >= worst - 1e-9
    assert worst > 0.5, "the instances are not trivial"


# --- classes that contain one another ------------------------------------------------------------------------------------

CONTAINED = {
    "projection": (efpep.Projection, efpep.Contractive),
    "linear": (efpep.LinearContractive, efpep.Contractive),
    "deterministic": (efpep.Contractive, lambda delta: efpep.Randomized(delta, shared="yes")),
    "deterministic, independent": (efpep.Contractive, efpep.Randomized),
    "independent": (efpep.Randomized, lambda delta: efpep.Randomized(delta, shared="yes")),
}
SIZES = [1, 2, pytest.param(10**6, marks=pytest.mark.slow)]


@pytest.mark.fast_cases(15)
@pytest.mark.parametrize("agents", SIZES)
@pytest.mark.parametrize("method", [efpep.EF("1/8"), efpep.EF21("1/8"), efpep.CGD("1/2")], ids=lambda m: m.key)
@pytest.mark.parametrize("pair", CONTAINED.values(), ids=CONTAINED)
def test_a_smaller_class_has_no_larger_rate(pair, method, agents):
    delta = "1/2" if method.key != "cgd" else "9/10"
    smaller, larger = (make(delta) for make in pair)
    check_least(efpep.rate(method, setting(agents, smaller)), efpep.rate(method, setting(agents, larger)))


@pytest.mark.slow
@pytest.mark.parametrize("agents", [1, 2, 10**6])
@pytest.mark.parametrize("method", METHODS[2:], ids=lambda m: m.key)
@pytest.mark.parametrize("pair", CONTAINED.values(), ids=CONTAINED)
def test_a_smaller_class_has_no_larger_rate_for_the_family(pair, method, agents):
    smaller, larger = (make("1/2") for make in pair)
    check_least(
        efpep.rate(method, setting(agents, smaller, FINE)),
        efpep.rate(method, setting(agents, larger, FINE)),
    )


@pytest.mark.slow
@pytest.mark.parametrize("pair", [CONTAINED["projection"], CONTAINED["linear"]], ids=["projection", "linear"])
def test_a_smaller_class_at_the_server_has_no_larger_rate(pair):
    smaller, larger = (setting(3, HALF, make("9/10")) for make in pair)
    for method in (efpep.EF21P("1/3"), efpep.EF21BC("1/10")):
        check_least(efpep.rate(method, smaller), efpep.rate(method, larger))


def test_projections_help():
    # One step of CGD with a projection, n = 1: <C g, g - C g> = 0 excludes C = 1 + s, so a long step contracts.
    step = "1"
    projected = efpep.rate(efpep.CGD(step), setting(1, efpep.Projection("1/2")))
    plain = efpep.rate(efpep.CGD(step), setting(1, HALF))
    check_narrow(projected)
    assert projected.upper < plain.lower


def test_a_linear_compressor_helps_compressed_gradient_descent_and_not_ef21():
    # n >= 2: dev and mean contract separately, so CGD is as fast as with one agent; EF21 has the rate of one agent already.
    step = Fraction(3, 10)
    alone = efpep.rate(efpep.CGD(step), setting(1, FINE))
    linear = efpep.rate(efpep.CGD(step), setting(10, efpep.LinearContractive("9/10")))
    free = efpep.rate(efpep.CGD(step), setting(10, FINE))
    check_least(alone, linear)
    check_least(linear, free)
    assert alone.upper < free.lower
    check_same(
        efpep.rate(efpep.EF21("1/8"), setting(10, efpep.LinearContractive("1/2"))), efpep.rate(efpep.EF21("1/8"), setting(10))
    )


@pytest.mark.slow
@pytest.mark.parametrize("delta", ["1/4", "3/4"])
def test_milder_compression_is_never_slower(delta):
    harsher, milder = Fraction(delta), Fraction(delta) + Fraction(1, 8)
    for cls in (efpep.Contractive, efpep.Projection, efpep.LinearContractive, efpep.Randomized):
        for agents in (1, 10):
            rates = [efpep.rate(efpep.EF21("1/16"), setting(agents, cls(d))) for d in (milder, harsher)]
            check_least(*rates)


def test_every_class_survives_a_file():
    for compressor in (*IDENTITIES, HALF, efpep.Randomized("1/2", shared="yes"), efpep.Unbiased("3/2", shared=True)):
        asked = efpep.Setting(FUNCTIONS, compressor, 3, compressor)
        assert efpep.Setting.restore(asked.describe()) == asked
    rate = efpep.rate(efpep.EF21BC("1/10"), setting(3, efpep.Projection("1/2"), efpep.LinearContractive("9/10")))
    restored = efpep.Certificate.restore(rate.certificate.describe())
    assert restored == rate.certificate
    restored.check()
    other = replace(restored.setting, server_compressor=efpep.Contractive("8/10"))
    with pytest.raises(efpep.CertificateError):
        replace(restored, question=replace(restored.question, setting=other)).check()


@pytest.mark.parametrize("eta", ["1/2", "1", "3/2", "19/10"])
@pytest.mark.parametrize("positivity", ["weights", "interpolation"])
def test_the_function_gap_alone_has_the_known_rate_of_gradient_descent(eta, positivity):
    """f - f* contracts by max((1 - eta mu)^2, (1 - eta L)^2): Taylor, Hendrickx, Glineur, arXiv 1705.04398."""
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1))
    found = efpep.rate(efpep.GD(eta), setting, "gap", features=["f"], positivity=positivity)
    known = max((1 - Fraction(eta) / 10) ** 2, (1 - Fraction(eta)) ** 2)
    assert found.certified
    assert found.lower <= known <= found.upper
