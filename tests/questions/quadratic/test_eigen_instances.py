"""Instances on a line: what they exclude, checked against numeric runs and eigenvalues, and what is refused."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.errors import CertificateError
from efpep.questions.quadratic.eigen_instance import check_eigen_instance
from efpep.questions.quadratic.search import eigen_instance


def two_groups(epsilon="1/2"):
    groups = [
        efpep.Group(efpep.SmoothStronglyConvex("1/10", 1), count=1),
        efpep.Group(efpep.SmoothStronglyConvex("3/10", 2), count=3),
    ]
    return efpep.Setting(None, efpep.Contractive(1 - Fraction(epsilon)), groups)


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(3, 2)])
@pytest.mark.parametrize("method", [efpep.EF(), efpep.EF21(), efpep.EControl(eta="1/10")])
def test_far_from_optimal_step_sizes_are_excluded(method, scale):
    setting = two_groups()
    best = efpep.rate(efpep.EF21(), setting).upper
    base = method.resolved(setting)
    method = replace(base, step_size=base.step_size * scale)
    witness = eigen_instance(method, setting, best)
    check_eigen_instance(method, setting, best, witness)
    lower = efpep.rate(method, setting).lower
    assert lower is None or lower >= best - Fraction(1, 10**8)


def test_the_instance_grows_by_its_number_in_an_ordinary_loop():
    setting = two_groups()
    method = efpep.EF("1/4")
    witness = eigen_instance(method, setting, Fraction(9, 10))
    shares, a, c = (
        np.array([0.25, 0.75]),
        *(np.array([float(v) for v in values]) for values in (witness.curvatures, witness.factors)),
    )
    x, e = float(witness.point), np.array([float(v) for v in witness.memories[0]])
    for _ in range(5):
        message = e + 0.25 * a * x
        new, e_new = x - shares @ (c * message), message - c * message
        assert new == pytest.approx(float(witness.growth) * x, rel=1e-9)
        assert e_new == pytest.approx(float(witness.growth) * e, rel=1e-9)
        x, e = new, e_new
    assert witness.growth**2 >= Fraction(9, 10)


def test_the_two_cycle_of_the_stability_limit_is_found():
    # 2506.05271: at the limit f = L x^2/2 with C(v) = (1 + s) v is a 2-cycle, so rates below 1 are excluded there and beyond
    setting = uniform(10, "1/4")
    limit = Fraction(2) * Fraction(1, 2) / Fraction(3, 2)
    for step in (limit, limit * Fraction(11, 10)):
        assert eigen_instance(efpep.EF21(step), setting, Fraction(1)) is not None
    assert eigen_instance(efpep.EF21(limit * Fraction(99, 100)), setting, Fraction(1)) is None


def test_a_rate_that_holds_is_not_excluded():
    setting = two_groups()
    rate = efpep.rate(efpep.EF21(), setting)
    assert eigen_instance(rate.method, setting, rate.upper + Fraction(1, 10**6)) is None


def test_settings_without_parabolas_or_factors_are_left_alone():
    projection = replace(two_groups(), compressor=efpep.Projection("1/2"))
    assert eigen_instance(efpep.EF("1/4"), projection, Fraction(1, 2)) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"growth": Fraction(1, 2)}, "contracts faster"),
        ({"growth": Fraction(2)}, "does not multiply"),
        ({"point": Fraction(0)}, "iterate is zero"),
        ({"curvatures": (Fraction(1, 20), Fraction(1))}, "function class"),
        ({"factors": (Fraction(2), Fraction(2))}, "compressor class"),
        ({"curvatures": (Fraction(1),)}, "one curvature and one factor"),
        ({"memories": ()}, "does not fit"),
        ({"memories": ((Fraction(1), Fraction(1)),)}, "does not multiply"),
    ],
)
def test_wrong_instances_are_refused(change, words):
    setting = two_groups()
    method = efpep.EF("1/4")
    witness = eigen_instance(method, setting, Fraction(9, 10))
    with pytest.raises(CertificateError, match=words) as error:
        check_eigen_instance(method, setting, Fraction(9, 10), replace(witness, **change))
    assert one_sentence(error.value)


def test_an_instance_of_another_class_is_refused():
    setting = two_groups()
    method = efpep.EF("1/4")
    witness = eigen_instance(method, setting, Fraction(9, 10))
    with pytest.raises(CertificateError, match="compressor class"):
        check_eigen_instance(method, replace(setting, compressor=efpep.Projection("1/2")), Fraction(9, 10), witness)
