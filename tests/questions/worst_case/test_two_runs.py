"""How far two runs of one method on the same functions are apart, from two starts."""

from fractions import Fraction as Q

import pytest
from support import one_sentence

import efpep
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
from efpep.simulate.replay import replay

STRONG = efpep.SmoothStronglyConvex("1/10", 1)
HALF = efpep.Contractive("1/2")


@pytest.mark.parametrize("step", [Q(1, 2), Q(3, 2), Q(5, 2)])
@pytest.mark.parametrize("agents", [1, 3])
def test_gradient_descent_contracts_as_a_map(step, agents):
    """``|T x - T y|^2 <= max(1 - mu step, L step - 1)^2 |x - y|^2``, attained by parabolas; several agents are their mean."""
    zeta = None if agents == 1 else 1
    found = efpep.worst_case(efpep.GD(step), efpep.Setting(STRONG, agents=agents, heterogeneity=zeta), 1, "apart", "apart")
    factor = float(max(1 - step / 10, step - 1) ** 2)
    assert float(found.upper) == pytest.approx(factor, rel=1e-8)
    assert float(found.lower) == pytest.approx(factor, rel=1e-7)
    found.certificate.check()


def test_functions_that_need_not_be_convex():
    """Gradients of L-smooth functions are L-Lipschitz, and nothing more: ``(1 + L step)^2``."""
    found = efpep.worst_case(efpep.GD("1/2"), efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1)), 1, "apart", {"apart": 4})
    assert float(found.upper) == pytest.approx(9, rel=1e-8)
    assert float(found.lower) == pytest.approx(9, rel=1e-7)


def test_several_steps_near_the_minimiser():
    """Three steps contract by the third power; a parabola shows it wherever the starts are."""
    found = efpep.worst_case(efpep.GD("3/2"), efpep.Setting(STRONG), 3, "apart", {"apart": 1, "distance": 10})
    assert float(found.upper) == pytest.approx(0.85**6, rel=1e-7)
    assert float(found.lower) == pytest.approx(0.85**6, rel=1e-6)


def test_files_and_sentences(tmp_path):
    found = efpep.worst_case(efpep.GD("3/2"), efpep.Setting(STRONG), 1, "apart", "apart")
    said = found.certificate.sentence()
    assert "started with squared distance from a second start at most 1, has after 1 steps" in said
    assert "a squared distance from a second run at the last iterate of at most 0.7225" in said
    assert "on one pair of runs" in said
    found.certificate.save(tmp_path / "apart.json")
    assert efpep.verify(tmp_path / "apart.json").accepted


def test_a_metric_of_both_runs():
    def gradients(run):
        first, second = run.states[-1].x, run.others[-1].x
        return run.trace.square(run.trace.gradient(first) - run.trace.gradient(second))

    setting = efpep.Setting(efpep.SmoothConvex(1))
    found = efpep.worst_case(efpep.GD(1), setting, 1, gradients, {"apart": 1, "distance": 4})
    # gradients are 1-Lipschitz and a step of gradient descent with step 1/L does not expand
    assert float(found.upper) == pytest.approx(1, rel=1e-6)
    assert float(found.lower) == pytest.approx(1, rel=1e-6)


def test_compressors_may_tell_near_messages_apart():
    """A compressor is one map for both runs, but any one: starts that nearly coincide do not keep the runs together."""
    setting = efpep.Setting(STRONG, HALF)
    near, nearer = (
        efpep.worst_case(efpep.EF21("1/4"), setting, 1, "apart", {"apart": bound, "distance": 1})
        for bound in ("1/100", "1/10000")
    )
    assert 0.1 < float(nearer.lower) < float(nearer.upper) < float(near.upper)


@pytest.mark.parametrize(
    ("metric", "initial", "said"),
    [
        ("gap", {"apart": 1}, "and gap is about one run; take the metric apart"),
        ("apart", {"apart + gap": 1}, "'apart' is no initial condition"),
        ("aside", "apart", "is not a metric; choose one of distance, gradient, gap, apart"),
    ],
)
def test_what_is_no_question_is_refused_in_a_sentence(metric, initial, said):
    with pytest.raises(efpep.InputError) as error:
        efpep.worst_case(efpep.GD(1), efpep.Setting(STRONG), 1, metric, initial)
    assert said in str(error.value)
    assert one_sentence(error.value)


def test_a_replay_is_of_one_run():
    found = efpep.worst_case(efpep.GD(1), efpep.Setting(STRONG), 1, "apart", "apart")
    with pytest.raises(efpep.InputError, match="about how far two are apart"):
        replay(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "functions", "agents", "steps", "initial"),
    [
        (efpep.GD("1/2"), STRONG, 1, 1, {"apart": 1}),
        (efpep.EF21("1/4"), STRONG, 1, 2, {"apart": 1, "gap": 1, "g-d": "1/4"}),
        (efpep.EF("1/4"), STRONG, 1, 2, {"apart": 1, "decrease": 1}),
        (efpep.EF21("1/4"), STRONG, 2, 1, {"distance": 1}),
        (efpep.EF21("1/4"), efpep.SmoothWeaklyConvex(-1, 1), 1, 1, {"apart": 1, "gap": 1, "g-d": "1/4"}),
    ],
)
def test_pepit_agrees(method, functions, agents, steps, initial):
    zeta = "1/2" if agents > 1 else None
    setting = efpep.Setting(functions, HALF, agents, heterogeneity=zeta)
    found = efpep.worst_case(method, setting, steps, "apart", initial, attained=False)
    checked = crosscheck_worst_case(found)
    assert checked.agrees, checked
    assert checked.value == pytest.approx(float(found.upper), rel=1e-5)
