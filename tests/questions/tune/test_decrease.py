"""The step size with the largest decrease of a nonconvex potential, and the largest step size with any."""

import json
import math
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.base import Verdict
from efpep.questions.tune.decrease import tune_decrease

SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)
BEST = {"1/2": (0.32520, 0.201911), "1/10": (0.05115, 0.0316151), "9/10": (0.82948, 0.530252), "1/100": (0.00488, 0.0030179)}
ROUGH = Fraction(1, 50)


@pytest.mark.parametrize(
    ("delta", "agents"), [("1/2", 1), *(pytest.param(d, n, marks=pytest.mark.slow) for d in BEST for n in (1, 2))]
)
def test_ef21_has_the_best_and_the_largest_step_size_of_the_table(delta, agents):
    found = tune_decrease(efpep.EF21(), efpep.Setting(SMOOTH, efpep.Contractive(delta), agents), ROUGH)
    s = math.sqrt(1 - Fraction(delta))
    step, decrease = BEST[delta]
    assert found.complete
    assert float(found.method.step_size) == pytest.approx(step, rel=3e-3)
    assert float(found.best.lower) == pytest.approx(decrease, rel=1e-4)
    left, right = found.sides
    assert left.method.step_size < found.method.step_size < right.method.step_size
    assert max(left.upper, right.upper) < found.best.lower
    proved, refuted = found.limit
    assert (proved.verdict, refuted.verdict) == (Verdict.PROVED, Verdict.REFUTED)
    assert proved.method.step_size < 2 * (1 - s) / (1 + s) < refuted.method.step_size
    assert refuted.method.step_size < proved.method.step_size * (1 + ROUGH)
    for answer in (found.best, *found.sides, *found.limit):
        assert answer.certificate.check()


def test_gradient_descent_has_the_known_ones(capsys, tmp_path):
    """The largest is at ``2/(sqrt3 L)`` (Abbaszadehpeivasti et al. 2022), and there is none from ``2/L`` on."""
    path = tmp_path / "gd.json"
    words = ["tune", "gd", "--functions", "smooth-weakly-convex", "--mu", "-1", "--L", "1", "--tolerance", "0.01"]
    assert main([*words, "--certificate", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert float(found["step_size"]) == pytest.approx(2 / math.sqrt(3), rel=2e-3)
    assert [float(end["step_size"]) for end in found["limit"]] == pytest.approx([2, 2], rel=2e-3)
    assert found["complete"]
    assert efpep.verify(path).accepted
    assert main(words) == 0
    printed = capsys.readouterr().out
    assert "a is proved to be smaller at" in printed
    assert "a > 0 proved at" in printed


@pytest.mark.parametrize("option", [["--metric", "gap"], ["--seconds", "3"], ["--verify", "1"], ["--iterations", "3"]])
def test_options_without_a_meaning_are_refused(option, capsys):
    assert main(["tune", "gd", "--functions", "smooth-weakly-convex", "--mu", "-1", "--L", "1", *option]) == 2
    printed = capsys.readouterr().err.strip()
    assert one_sentence(printed.removeprefix("efpep: "))
    assert option[0] in printed


def test_what_cannot_be_tuned_is_said(monkeypatch):
    with pytest.raises(efpep.InputError, match="tolerance is 2") as refused:
        tune_decrease(efpep.GD(), efpep.Setting(SMOOTH), Fraction(2))
    assert one_sentence(refused.value)
    monkeypatch.setattr("efpep.questions.tune.decrease.approximate_decrease", lambda *_: -math.inf)
    with pytest.raises(efpep.InputError, match="no potential decreases at any step size") as refused:
        tune_decrease(efpep.GD(), efpep.Setting(SMOOTH))
    assert one_sentence(refused.value)


def test_approximate_values_prove_nothing(monkeypatch):
    """A search that is misled ends undecided."""
    monkeypatch.setattr(
        "efpep.questions.tune.decrease.approximate_decrease", lambda question, _: float(4 - question.method.step_size)
    )
    found = tune_decrease(efpep.GD(), efpep.Setting(SMOOTH), ROUGH)
    assert not found.complete


def test_closed_forms_of_ef21_stand_beside_what_is_found(capsys):
    words = ["tune", "ef21", "--functions", "smooth-weakly-convex", "--mu", "-1", "--L", "1", "--delta", "0.75"]
    assert main([*words, "--tolerance", "0.05", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [found["theory"][name]["standing"] for name in ("a > 0", "a >= eta/2")] == ["proved", "proved"]
    least, most = (float(end["step_size"]) for end in found["limit"])
    assert least < float(found["theory"]["a > 0"]["step_size"]) < most
    assert float(found["theory"]["a >= eta/2"]["step_size"]) == pytest.approx(math.sqrt(2) * 0.5 / math.sqrt(1.25), rel=1e-9)


@pytest.mark.parametrize(("step", "standing"), [("1/2", "proved"), ("3/5", "proved"), ("13/20", None)])
def test_half_the_step_size_is_a_known_decrease(step, standing):
    """Up to ``(1 - s)/L`` (2106.05203, Theorem 1) and ``sqrt2 (1 - s)/(L sqrt(1 + s^2))``, here 1/2 and .6325."""
    found = efpep.potential(efpep.EF21(step), efpep.Setting(SMOOTH, efpep.Contractive("3/4")))
    assert (None if found.theory is None else found.theory.standing.value) == standing
    assert (found.lower >= Fraction(step) / 2) == (standing is not None)
    if found.theory is not None:
        assert found.theory.value == Fraction(step) / 2
