"""The step size with the best worst case, potential or constant of noise, against closed forms."""

import json
import math
from fractions import Fraction

import pytest
from scipy.optimize import brentq
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.averaging.question import AveragingQuestion
from efpep.questions.base import Verdict
from efpep.questions.common.minimum import Minimum
from efpep.questions.cycle.question import CycleQuestion
from efpep.questions.noise.question import NoiseQuestion
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.worst_case.question import WorstCaseQuestion

CONVEX = efpep.Setting(efpep.SmoothConvex(1))
STRONG = efpep.SmoothStronglyConvex("1/10", 1)
NOISY = efpep.Setting(STRONG, noise=efpep.GradientNoise(1))
ROUGH = Fraction(1, 50)


@pytest.mark.parametrize("steps", [1, 3, pytest.param(8, marks=pytest.mark.slow)])
def test_gradient_descent_in_a_horizon(steps):
    """The gap is at most ``max(1/(2 N h + 1), (1 - h)^(2 N))/2`` (Drori, Teboulle 2014), which is least where both are one."""
    found = efpep.tune(WorstCaseQuestion(efpep.GD(), CONVEX, steps, "gap"), tolerance=ROUGH)
    best = brentq(lambda h: 1 / (2 * steps * h + 1) - (1 - h) ** (2 * steps), 1.01, 1.9999)
    assert float(found.value) == pytest.approx(best, rel=float(ROUGH) / 4)
    assert found.best.upper >= Fraction(1 / (2 * steps * best + 1) / 2) - Fraction(1, 10**9)
    assert float(found.best.upper) == pytest.approx(1 / (2 * steps * best + 1) / 2, rel=0.02)
    assert found.complete
    left, right = found.sides
    assert left.method.step_size < found.value < right.method.step_size
    assert min(left.lower, right.lower) > found.best.upper
    for answer in (found.best, left, right):
        assert answer.certificate.check()


def test_the_least_distance_in_a_horizon_is_at_the_best_rate():
    """``((1 - mu h)^2)^N`` and ``((L h - 1)^2)^N`` are one at ``2/(L + mu)``."""
    found = efpep.tune(WorstCaseQuestion(efpep.GD(), efpep.Setting(STRONG), 2), tolerance=ROUGH)
    assert float(found.value) == pytest.approx(2 / 1.1, rel=5e-3)
    assert float(found.best.upper) == pytest.approx((0.9 / 1.1) ** 4, rel=0.05)


def test_the_least_noise_of_averages_at_a_factor():
    """``c = h^2/(rho - (1 - h mu)^2)``, which is least at 1/2."""
    found = efpep.tune(NoiseQuestion(efpep.GD(), NOISY, Fraction(19, 20)), tolerance=ROUGH)
    assert float(found.value) == pytest.approx(0.5, rel=5e-3)
    assert float(found.best.upper) == pytest.approx(0.25 / (0.95 - 0.95**2), rel=1e-4)
    assert found.complete


@pytest.mark.slow
def test_the_least_noise_of_the_last_iterate_at_a_factor():
    """``c = h^2`` where ``(1 - h mu)^2 <= rho``, and none at smaller steps."""
    found = efpep.tune(NoiseQuestion(efpep.GD(), NOISY, Fraction(19, 20), "last"), tolerance=ROUGH)
    least = (1 - math.sqrt(0.95)) / 0.1
    assert least <= found.value <= least * (1 + ROUGH / 4)
    assert float(found.best.upper) == pytest.approx(float(found.value) ** 2, rel=1e-6)
    assert found.complete
    assert found.sides[0].verdict is Verdict.REFUTED
    assert "there is none" in found.summary()


@pytest.mark.slow
def test_the_bound_of_a_growing_potential_is_least():
    found = efpep.tune(PotentialQuestion(efpep.GD(), CONVEX, 2), tolerance=ROUGH)
    total = 2 * found.value
    assert found.complete
    for step in (found.value * Fraction(9, 10), found.value * Fraction(11, 10)):
        beside = efpep.potential(efpep.GD(step), CONVEX, 2)
        assert beside.lower / (2 * step) > found.best.upper / total
    assert found.best.upper / total >= efpep.worst_case(efpep.GD(found.value), CONVEX, 2, "gap").lower


def test_questions_about_decreases_are_tuned_too():
    setting = efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1))
    found = efpep.tune(NonconvexQuestion(efpep.GD(), setting), tolerance=ROUGH)
    assert float(found.value) == pytest.approx(2 / math.sqrt(3), rel=5e-3)


def test_a_minimum_is_found_where_there_is_one():
    search = Minimum(lambda x: abs(math.log(float(x)) - 7))
    assert search.descend(1, 1e-6)
    assert float(search.best) == pytest.approx(math.exp(7), rel=1e-6)
    assert len(search.tried) < 60
    narrow = Minimum(lambda x: abs(float(x) - 30) if 25 < x < 50 else math.inf)
    assert narrow.descend(1, 1e-6)
    assert float(narrow.best) == pytest.approx(30, rel=1e-5)
    assert not Minimum(float).descend(1, 1e-6)
    assert not Minimum(lambda _: math.inf).descend(1, 1e-6)
    stopped = Minimum(float, over=lambda: True)
    stopped.close_in(0, 1, 1e-6)
    assert not stopped.tried


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: efpep.tune(NoiseQuestion(efpep.GD(), NOISY)), "there is no best step size"),
        (lambda: efpep.tune(NoiseQuestion(efpep.GD(), NOISY, Fraction(1, 2), "last")), "no step size that was tried has"),
        (lambda: efpep.tune(WorstCaseQuestion(efpep.GD(), CONVEX, 1), CONVEX), "has its setting already"),
        (lambda: efpep.tune(WorstCaseQuestion(efpep.GD(), CONVEX, 1), tolerance=2), "tolerance is 2"),
        (lambda: efpep.tune(CycleQuestion(efpep.GD(), efpep.Setting(STRONG), 1, 1)), "this question is about a cycle"),
        (
            lambda: efpep.tune(
                AveragingQuestion(
                    efpep.SafeEF(),
                    efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), server_compressor=efpep.Contractive(1)),
                )
            ),
            "the same for every step size",
        ),
    ],
)
def test_what_cannot_be_tuned_is_said(ask, words):
    with pytest.raises(efpep.InputError, match=words) as refused:
        ask()
    assert one_sentence(refused.value)


def test_the_command(capsys, tmp_path):
    path = tmp_path / "worst.json"
    words = ["tune", "gd", "--mu", "0.1", "--L", "1", "--criterion", "worst-case", "--iterations", "1", "--tolerance", "0.05"]
    assert main([*words, "--metric", "distance", "--certificate", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "the least value of" in printed
    assert "value is proved to be larger at" in printed
    assert efpep.verify(path).accepted


def test_the_command_with_a_potential(capsys):
    words = ["tune", "gd", "--L", "1", "--criterion", "potential", "--iterations", "1", "--tolerance", "0.1", "--json"]
    assert main([*words, "--step-size", "1.5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [float(side["bound"]["lower"]) > float(found["bound"]) for side in found["sides"]] == [True, True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--criterion", "foo"], "choose one of rate, worst-case, potential, noise"),
        (["--criterion", "worst-case"], "give --iterations"),
        (["--criterion", "noise", "--iterations", "3"], "--iterations is not used with --criterion noise"),
        (["--criterion", "worst-case", "--iterations", "3", "--sigma", "1"], "--sigma is not used with --criterion worst-case"),
        (["--rho", "0.9"], "--rho is used with --criterion noise alone"),
        (["--at", "best"], "--at is used with --criterion worst-case alone"),
    ],
)
def test_options_without_a_meaning_are_refused(words, said, capsys):
    assert main(["tune", "gd", "--mu", "0.1", "--L", "1", *words]) == 2
    printed = capsys.readouterr().err.strip()
    assert said in printed
    assert one_sentence(printed.removeprefix("efpep: "))
