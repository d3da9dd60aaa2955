"""How slow methods are on quadratics whose compressors turn: theory, polynomials by hand, rates of larger classes."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.errors import CertificateError, InputError
from efpep.model.gaussian import Gaussian, turn
from efpep.model.recurrence import recurrence, schur_stable
from efpep.questions.base import Certificate
from efpep.questions.quadratic.question import QuadraticInstance, QuadraticQuestion
from efpep.questions.quadratic.slowest import slowest_quadratic
from efpep.simulate.tightness import check_slow, tightness

SETTING = uniform(10, "1/2")


@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21, efpep.CGD])
def test_quadratics_attain_the_tight_rate(method):
    found = slowest_quadratic(method(), uniform(10, "1/4"))
    theory = float(method.literature.rate(method(), uniform(10, "1/4")).value)
    assert theory - 1e-7 < float(found.rate) < theory + 1e-9
    assert "does not shrink" in found.certificate.check()


def with_instance(certificate, **changes):
    """A certificate with another instance."""
    return replace(certificate, lower=replace(certificate.lower, **changes))


def test_switching_compressors_and_wrong_instances():
    found = slowest_quadratic(efpep.EF21("1/2"), uniform(10, "1/4"), 2)
    assert float(found.rate) > 0.904
    for wrong, words in (
        ({"radius": found.instance.radius * Fraction(1001, 1000)}, "shrinks faster"),
        ({"radius": -found.instance.radius}, "shrinks faster"),
        ({"curvatures": (Fraction(2),)}, "function class"),
        ({"curvatures": (Fraction(1), Fraction(1))}, "one curvature a group"),
        ({"losses": ((Gaussian(Fraction(3, 5)),), (Gaussian(Fraction(0)),))}, "compressor does not"),
        ({"losses": ((Gaussian(Fraction(2, 5), Fraction(2, 5)),), (Gaussian(Fraction(0)),))}, "compressor does not"),
        ({"losses": found.instance.losses[:1]}, "one curvature a group"),
    ):
        with pytest.raises(CertificateError, match=words) as caught:
            with_instance(found.certificate, **wrong).check()
        assert one_sentence(caught.value)
    with pytest.raises(InputError, match="period is 7"):
        slowest_quadratic(efpep.EF21("1/2"), uniform(10, "1/4"), 7)


def companion(method, step, beta, lam, theta):
    """The method's polynomial, derived by hand: the tracker's error ``e = lam x - d`` obeys ``e+ = theta (e + lam (x+ - x))``.

    Heavy balls have ``step d = (1 + beta) x - beta x- - x+``; Nesterov's method, whose x is the extrapolated point, the same with
    ``step ((1 + beta) d - beta d-)`` on the left.
    """
    z, x = np.polynomial.Polynomial([0, 1]), np.polynomial.Polynomial([-beta, 1 + beta, -1])
    left = z if method is efpep.EF21HeavyBall else np.polynomial.Polynomial([-beta, 1 + beta])
    # with d = x(z)/(step left(z)): lam z left - z x/step = theta (lam z left - x/step)
    return lam * (1 - theta) * z * left - z * x / step + theta * x / step


CASES = [
    (efpep.EF21HeavyBall, "1/4", "3/10", 0.9545908043),
    (efpep.EF21HeavyBall, "1/4", "1/2", 1.0856154184),
    pytest.param(efpep.EF21Nesterov, "1/4", "3/10", 0.9558801515, marks=pytest.mark.slow),
    pytest.param(efpep.EF21Nesterov, "3/20", "1/2", 0.9407185178, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("method", "step", "beta", "expected"), CASES)
def test_compressors_that_turn_slow_momentum_down(method, step, beta, expected):
    """The largest root over a grid of curvatures and angles, by hand, is no larger, and close."""
    found = slowest_quadratic(method(step, beta=beta), SETTING)
    s = 0.5**0.5
    step, beta = float(Fraction(step)), float(Fraction(beta))
    points = [(lam, s * np.exp(1j * psi)) for lam in (0.1, 0.4, 1.0) for psi in np.linspace(0, np.pi, 181)]
    largest = max(float(np.max(np.abs(companion(method, step, beta, *point).roots()))) ** 2 for point in points)
    assert largest - 1e-12 < float(found.rate) < largest + 1e-4
    assert float(found.rate) == pytest.approx(expected, abs=1e-9)
    told = found.certificate.check()
    assert one_sentence(told)
    assert ("does not converge from every state" in told) == (expected > 1)
    (theta,) = found.instance.losses[0]
    exact = companion(method, step, beta, float(found.instance.curvatures[0]), complex(theta)).roots()
    assert float(np.max(np.abs(exact))) == pytest.approx(float(found.instance.radius), abs=1e-9)


@pytest.mark.parametrize(
    ("method", "options"),
    [
        (efpep.EF21HeavyBall("1/4", beta="3/10"), {"positivity": "interpolation"}),
        (efpep.EF21HeavyBall("1/4", beta="3/10"), {"memory": 1}),
        (efpep.EF21Nesterov("1/4", beta="3/10"), {"positivity": "interpolation"}),
        pytest.param(efpep.EF21Nesterov("3/20", beta="1/2"), {"memory": 2}, marks=pytest.mark.slow),
    ],
)
def test_the_rate_of_a_larger_class_is_that_of_the_method(method, options):
    found, proved = slowest_quadratic(method, SETTING), efpep.rate(method, SETTING, **options)
    assert 0 <= proved.upper - found.rate < Fraction(1, 10**7)


def test_a_refuted_rate_is_divergence():
    method = efpep.EF21HeavyBall("1/4", beta="1/2")
    assert efpep.rate(method, SETTING).verdict is efpep.Verdict.REFUTED
    assert slowest_quadratic(method, SETTING).rate > 1


def test_a_run_in_the_plane_shrinks_as_is_proved():
    found = tightness(efpep.EF21HeavyBall("1/4", beta="3/10"), SETTING)
    sizes = check_slow(found.slowest)
    assert sizes[1:] / sizes[:-1] == pytest.approx(float(found.slowest.lower.radius), abs=1e-7)
    assert 1e-3 < found.gap < 1e-2


def test_compressors_at_the_server():
    """EF21-P with f = mu |x|^2/2 and theta = -s: w+ = w - step mu x, x+ = x + (1 + s)(w+ - x)."""
    server = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), server_compressor=efpep.Contractive("1/2"))
    found = slowest_quadratic(efpep.EF21P("1/4"), server)
    c = 1 + 0.5**0.5
    steps = np.array([[1 - c - c * 0.025, c], [-0.025, 1.0]])
    assert float(found.rate) == pytest.approx(float(np.max(np.abs(np.linalg.eigvals(steps)))) ** 2, abs=1e-9)


def test_what_memories_do_unseen_does_not_count():
    """Without steps the iterate rests; a memory that grows by itself, as a matrix that the first coordinate does not see."""
    two, half = Fraction(2), Fraction(1, 2)
    assert recurrence([[half, 0 * two], [two, two]]) == [1, -half]
    assert recurrence([[half, two], [0 * two, two]]) == [1, -half - two, half * two]


def test_the_schur_cohn_recursion():
    def polynomial(*roots):
        found = [Fraction(1)]
        for root in roots:
            found = [a - root * b for a, b in zip([*found, Fraction(0)], [Fraction(0), *found], strict=True)]
        return found

    half = Fraction(1, 2)
    assert schur_stable(polynomial(half, -half, Fraction(99, 100)))
    assert not schur_stable(polynomial(half, Fraction(1)))
    assert not schur_stable(polynomial(half, Fraction(-3, 2), Fraction(1, 3)))
    assert schur_stable([Fraction(1), Fraction(0), Fraction(81, 100)])  # roots 0.9 i and -0.9 i
    assert not schur_stable([Fraction(1), Fraction(0), Fraction(121, 100)])
    rotation = [[Fraction(0), Fraction(-1)], [Fraction(1), Fraction(0)]]
    assert recurrence(rotation) == [1, 0, 1]
    turned = [turn(Fraction(k, 7)) for k in (1, 2, -3)]
    assert schur_stable(polynomial(*(Fraction(99, 100) * root for root in turned)))
    assert not schur_stable(polynomial(*(Fraction(99, 100) * root for root in turned[:2]), turned[2]))
    assert not schur_stable(polynomial(half, Fraction(101, 100) * turned[1]))


def test_gaussian_numbers_are_complex_ones():
    a, b = Gaussian(Fraction(1, 2), Fraction(-3)), turn(Fraction(2, 3))
    for exact, floats in (
        (a + b, complex(a) + complex(b)),
        (a - b, complex(a) - complex(b)),
        (1 - a, 1 - complex(a)),
        (2 * a * b, 2 * complex(a) * complex(b)),
        (a / b, complex(a) / complex(b)),
        (Fraction(1, 3) / a, 1 / 3 / complex(a)),
    ):
        assert complex(exact) == pytest.approx(floats, abs=1e-14)
    assert b.norm == 1
    assert not a - a


@pytest.mark.parametrize(
    ("method", "setting", "words"),
    [
        (efpep.EF21("1/10"), replace(SETTING, compressor=efpep.Projection("1/2")), "linear maps of contractive classes"),
        (efpep.GD("1/10"), efpep.Setting(efpep.SmoothConvex(1)), "smooth strongly convex"),
        (efpep.ProjectedEF21("1/10"), SETTING, "project onto"),
        (efpep.ADEF("1/10"), SETTING, "every step is the same"),
    ],
)
def test_what_is_not_linear_is_refused(method, setting, words):
    with pytest.raises(InputError, match=words) as caught:
        slowest_quadratic(method, setting)
    assert one_sentence(caught.value)


def test_an_iterate_that_rests_is_never_slow():
    """EF with the step size zero keeps its iterate: the factor is one, and no more."""
    question = QuadraticQuestion(efpep.EF(0), SETTING)
    still = QuadraticInstance((Fraction(1),), ((Gaussian(Fraction(1, 2)),),), Fraction(1))
    assert Certificate(question, still, None).check()
    with pytest.raises(CertificateError, match="shrinks faster"):
        Certificate(question, replace(still, radius=Fraction(1001, 1000)), None).check()
