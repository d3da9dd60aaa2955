"""Worst cases that are finite although the start bounds the gap alone, so that the iterates may be as far away as one likes."""

from fractions import Fraction as Q

import pytest

import efpep
from efpep.questions.worst_case.question import WorstCaseQuestion
from efpep.questions.worst_case.recession_directions import bounded

CONVEX = efpep.Setting(efpep.SmoothConvex(1))


@pytest.mark.parametrize("steps", [1, 2, 4, 7])
def test_the_gradient_after_gradient_descent_from_a_gap(steps, tmp_path):
    """``||grad f(x_T)||^2 <= 2 L gap_0/(1 + 2 T)`` at step 1/L, sharp (Taylor, Hendrickx, Glineur); T = 4: 2/9."""
    found = efpep.worst_case(efpep.GD(1), CONVEX, steps, "gradient", "gap")
    assert float(found.upper) == pytest.approx(2 / (2 * steps + 1), rel=1e-8)
    assert float(found.lower) == pytest.approx(2 / (2 * steps + 1), rel=1e-7)
    found.certificate.save(tmp_path / "gap.json")
    assert efpep.verify(tmp_path / "gap.json").accepted


@pytest.mark.parametrize("scale", [Q(1, 1000), 1000])
def test_whatever_the_units(scale):
    found = efpep.worst_case(efpep.GD(1 / Q(scale)), efpep.Setting(efpep.SmoothConvex(scale)), 2, "gradient", {"gap": 3})
    assert float(found.upper) == pytest.approx(2 * scale * 3 / 5, rel=1e-8)


def test_one_step_on_gradient_dominated_functions():
    """At most what the rate of a step proves: V is the gap, and a little of the squared gradient."""
    setting = efpep.Setting(efpep.GradientDominated(Q(1, 5), 1))
    found = efpep.worst_case(efpep.GD(1), setting, 1, "gap", "gap")
    rate = efpep.rate(efpep.GD(1), setting, "gap")
    assert float(found.upper) <= float(rate.upper) + 1e-8
    assert float(found.upper) == pytest.approx(0.727272727, abs=1e-8)


@pytest.mark.parametrize("distance", ["1e2", "1e7", "1e9", "1e12"])
def test_a_bound_more_is_never_worse(distance):
    found = efpep.worst_case(efpep.GD(1), CONVEX, 4, "gradient", {"gap": 1, "distance": distance})
    assert 2 / 9 - 1e-3 < (2 / 9 if found.lower is None else float(found.lower)) <= float(found.upper) <= 2 / 9 + 1e-8


def test_compressed_gradients_from_a_gap():
    """Agents that share a minimiser, error feedback: the bound with a distance that hardly binds is as large."""
    setting = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive(Q(3, 4)))
    found = efpep.worst_case(efpep.EF(Q(1, 3)), setting, 2, "gradient", "gap")
    near = efpep.worst_case(efpep.EF(Q(1, 3)), setting, 2, "gradient", {"gap": 1, "distance": 100})
    assert float(near.upper) == pytest.approx(float(found.upper), rel=1e-6)
    assert float(found.lower) == pytest.approx(float(found.upper), rel=1e-6)


def test_what_is_left_out():
    free = WorstCaseQuestion(efpep.GD(Q(1)), CONVEX, 3, "gradient", "last", {"gap": Q(1)}).inequalities
    left = bounded(free)
    assert {free.pair(pair).name for pair in left.void} == {f"interpolation(*,{t})" for t in range(4)}
    assert sum(len(block.columns) for block in left.blocks) == sum(len(block.columns) for block in free.blocks) - 1
    held = WorstCaseQuestion(efpep.GD(Q(1)), CONVEX, 3, "gradient", "last", {"distance": Q(1)}).inequalities
    assert bounded(held) is held
    strong = WorstCaseQuestion(
        efpep.GD(Q(1)), efpep.Setting(efpep.SmoothStronglyConvex(Q(1, 10), 1)), 3, "gradient", "last", {"gap": Q(1)}
    ).inequalities
    assert bounded(strong) is strong


def test_pepit_agrees():
    pytest.importorskip("PEPit")
    from efpep.crosscheck.pepit_horizon import crosscheck_worst_case

    found = efpep.worst_case(efpep.GD(1), CONVEX, 4, "gradient", "gap")
    assert crosscheck_worst_case(found).agrees
