"""Worst cases whose start is bounded by a weighted sum of its quantities."""

from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
from efpep.questions.worst_case.conditions import condition_name, terms

STRONG = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1))
HALF = efpep.Contractive("1/2")


def test_a_sum_that_a_parabola_attains():
    """Gradient descent on mu x^2/2, on which ``f - f* + mu/2 |x - x*|^2 = mu |x - x*|^2``, keeps ``(1 - mu)^2`` of it."""
    found = efpep.worst_case(efpep.GD(1), STRONG, 1, "distance", {"gap + 0.05 distance": "1/10"})
    # strong convexity: f - f* >= mu/2 |x - x*|^2, so the sum bounds the distance by 1, which the parabola attains
    assert float(found.upper) == pytest.approx(0.81, abs=1e-6)
    assert float(found.lower) == pytest.approx(0.81, abs=1e-6)
    assert "gap + 0.05 distance at most 0.1" in found.certificate.sentence()
    found.certificate.check()


def test_sums_are_read_as_they_are_written():
    assert terms("gap + 0.05 distance") == {"gap": 1, "distance": Fraction(1, 20)}
    assert terms("1/3*g-d+gap") == {"g-d": Fraction(1, 3), "gap": 1}
    assert condition_name(terms("gap+ 5/100*distance")) == "gap + 0.05 distance"
    for name in ("distance", "g-d", "gap + 1/3 g-d", "0.25 gradient + gap"):
        assert condition_name(terms(name)) == name


def test_files_and_names_of_one_meaning_are_one_question(tmp_path):
    found = efpep.worst_case(efpep.GD(1), STRONG, 1, "gap", {"gap+1/20*distance": 1}, attained=False)
    path = tmp_path / "sum.json"
    found.certificate.save(path)
    checked = efpep.verify(path)
    assert checked.accepted
    assert dict(checked.certificate.question.initial) == {"gap + 0.05 distance": 1}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("functions", "agents", "metric", "initial"),
    [
        (efpep.SmoothStronglyConvex("1/10", 1), 1, "distance", {"gap + 0.05 distance": 1}),
        (efpep.SmoothStronglyConvex("1/10", 1), 2, "gap", {"gap + 2 g-d": 1}),
        (efpep.SmoothWeaklyConvex(-1, 1), 2, "gradient", {"gap + g-d": 1}),
    ],
)
def test_pepit_agrees(functions, agents, metric, initial):
    zeta = "1/2" if agents > 1 and functions.has_minimiser else None
    setting = efpep.Setting(functions, HALF, agents, heterogeneity=zeta)
    found = efpep.worst_case(efpep.EF21("1/4"), setting, 2, metric, initial, at="mean", attained=False)
    checked = crosscheck_worst_case(found)
    assert checked.agrees, checked
    assert checked.value == pytest.approx(float(found.upper), rel=1e-5)


@pytest.mark.parametrize(
    ("initial", "said"),
    [
        ({"gap + gap": 1}, "is no sum of multiples of quantities, each once"),
        ({"gap - distance": 1}, "is no sum of multiples"),
        ({"gap + -1 distance": 1}, "has the coefficient -1; give positive ones"),
        ({"gap + size": 1}, "'size' is no initial condition of EF21; choose among distance, gradient, gap, decrease, g-d"),
        ({"gap + diameter": 1}, "'diameter' is no initial condition"),
        ({"gap + g-d": 1, "g-d": 1}, "g-d is bounded twice at the start"),
        ({"gap + g-d": 0}, "the bound of the initial gap + g-d is 0; give a positive number"),
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(initial, said):
    with pytest.raises(efpep.InputError) as error:
        efpep.worst_case(efpep.EF21("1/4"), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), HALF), 1, "gap", initial)
    assert said in str(error.value)
    assert one_sentence(error.value)
