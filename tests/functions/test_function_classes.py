"""Function classes for finite horizons: their inequalities hold on functions of the class, and the bounds have constants."""

from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence
from support.samples import recorded, value

import efpep
from efpep.functions import FUNCTIONS

MU, L = Fraction(-1, 2), Fraction(2)


def test_bounded_subgradients_hold_on_a_maximum_of_norms():
    random = np.random.default_rng(1)
    trace, samples = recorded(efpep.BoundedSubgradients(M=3), 4)
    columns = {}
    numbers = {trace.unity: 1.0}
    for sample in samples:
        x = random.normal(size=3)
        g = 3 * x / np.linalg.norm(x)
        columns[next(iter(sample.x.mean.terms))] = x
        columns[next(iter(sample.shape.mean.terms))] = g
        numbers[next(iter(sample.value.values))] = 3 * np.linalg.norm(x)
    assert {row.name for row in trace.rows} >= {"bound(0)", "interpolation(*,0)", "interpolation(3,1)"}
    assert len(trace.rows) == 4 + 4 * 5
    assert max(value(row.form, columns, numbers) for row in trace.rows) < 1e-12
    tight = [value(row.form, columns, numbers) for row in trace.rows if row.name.startswith("bound")]
    assert max(abs(a) for a in tight) < 1e-12
    columns[next(iter(samples[0].shape.mean.terms))] *= 1.01
    assert max(value(row.form, columns, numbers) for row in trace.rows) > 0.1


def test_the_minimiser_has_a_bounded_subgradient_too():
    trace, _ = recorded(efpep.BoundedSubgradients(M=1), 2, agents=5)
    names = [row.name for row in trace.rows]
    assert names.count("bound(*)") == 1
    assert trace.value_names[trace.unity] == "1"


def test_weakly_convex_inequalities_hold_on_a_wave():
    # f(x) = sum cos-like waves of curvature in [mu, L]: f = (L - mu)/2 (1 - cos x)... has curvature in [-(L-mu)/2, (L-mu)/2]
    random = np.random.default_rng(2)
    trace, samples = recorded(efpep.SmoothWeaklyConvex(mu=-2, L=2), 5)
    columns, numbers = {}, {}
    for sample in samples:
        x = 4 * random.normal(size=2)
        columns[next(iter(sample.x.mean.terms))] = x
        columns[next(iter(sample.shape.mean.terms))] = 2 * np.sin(x)
        numbers[next(iter(sample.value.values))] = 2 * float(np.sum(1 - np.cos(x)))
    assert {row.name for row in trace.rows} >= {"infimum(0)", "interpolation(0,1)"}
    assert not any("*" in row.name for row in trace.rows)
    assert max(value(row.form, columns, numbers) for row in trace.rows) < 1e-12
    numbers[next(iter(samples[0].value.values))] = -0.1
    assert max(value(row.form, columns, numbers) for row in trace.rows) > 1e-3


def test_weakly_convex_pairs_are_those_of_the_theorem():
    """The form agrees with 1502.05666, Theorem 4, written with its own coefficients, and is tight on a quadratic."""
    trace, samples = recorded(efpep.SmoothWeaklyConvex(MU, L), 2)
    row = next(row.form for row in trace.rows if row.name == "interpolation(0,1)")
    random = np.random.default_rng(3)
    x, g = random.normal(size=(2, 3)), random.normal(size=(2, 3))
    f = random.normal(size=2)
    columns, numbers = {}, {}
    for k, sample in enumerate(samples):
        columns[next(iter(sample.x.mean.terms))], columns[next(iter(sample.shape.mean.terms))] = x[k], g[k]
        numbers[next(iter(sample.value.values))] = f[k]
    mu, smooth = float(MU), float(L)
    apart, jump = x[0] - x[1], g[0] - g[1]
    square = jump @ jump / (2 * smooth) + mu / (2 * (1 - mu / smooth)) * np.sum((apart - jump / smooth) ** 2)
    assert value(row, columns, numbers) == pytest.approx(f[1] - f[0] + g[1] @ apart + square, abs=1e-12)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: efpep.BoundedSubgradients(M=0), ["M is 0", "positive"]),
        (lambda: efpep.BoundedSubgradients(M="much"), ["M is", "not a number"]),
        (lambda: efpep.SmoothWeaklyConvex(mu=0, L=1), ["mu is 0", "SmoothConvex"]),
        (lambda: efpep.SmoothWeaklyConvex(mu=-2, L=1), ["mu is -2", "[-L, 0)"]),
        (lambda: efpep.Setting(efpep.SmoothConvex(1), heterogeneity=-1), ["heterogeneity is -1", "not negative"]),
        (lambda: efpep.Setting(efpep.SmoothConvex(1), heterogeneity="far"), ["heterogeneity is", "not a number"]),
        (lambda: efpep.rate(efpep.GD("1/10"), efpep.Setting(efpep.BoundedSubgradients(1))), ["linear rate", "mu > 0"]),
        (lambda: efpep.rate(efpep.GD("1/10"), efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1))), ["linear rate", "mu > 0"]),
        (lambda: efpep.BoundedSubgradients(1).smoothness, ["no L", "finite horizon"]),
    ],
)
def test_refusals_are_one_sentence(build, words):
    with pytest.raises(efpep.InputError) as refused:
        build()
    assert one_sentence(refused.value)
    assert all(word in str(refused.value) for word in words)


def test_settings_with_heterogeneity_are_described_and_restored():
    setting = efpep.Setting(efpep.BoundedSubgradients("3/2"), agents=4, heterogeneity="1/2")
    assert setting.describe()["heterogeneity"] == "0.5"
    assert efpep.Setting.restore(setting.describe()) == setting
    plain = efpep.Setting(efpep.SmoothConvex(1))
    assert "heterogeneity" not in plain.describe()
    assert FUNCTIONS.build({"class": "smooth-weakly-convex", "mu": "-1/2", "L": "2"}) == efpep.SmoothWeaklyConvex(MU, L)
