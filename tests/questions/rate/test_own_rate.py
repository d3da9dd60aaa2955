"""Whether a proved rate is the method's own: by theorems at no cost, by instances on request, and never where a gap remains."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.errors import InputError
from efpep.questions.cycle.asymptotic_lower_bound import asymptotic_lower_bound
from efpep.questions.kinds import answer_object, answer_text
from efpep.questions.quadratic.question import QuadraticQuestion
from efpep.questions.rate.own_rate import own_rate

SETTING = uniform(10, "1/2")
HEAVY_BALL = efpep.EF21HeavyBall("1/4", beta="3/10")
QUESTION = ["--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.25"]


@pytest.fixture(scope="module")
def proved():
    """Heavy balls: the best rate of the default class, 3.8e-3 above that of the method."""
    return efpep.rate(HEAVY_BALL, SETTING)


@pytest.mark.parametrize("method", [efpep.EF21(), efpep.CGD("1/2"), efpep.GD(1)])
def test_a_theorem_says_it_at_no_cost(method):
    found = efpep.rate(method, uniform(10, 0) if method.key == "gd" else SETTING)
    own = own_rate(found)
    assert own.met
    assert own.said == "this is the method's rate, by a theorem"
    assert own.said in answer_text(found)
    assert answer_object(found)["own_rate"]["met"] is True
    assert abs(own.lower - found.upper) < Fraction(1, 10**7)


@pytest.mark.parametrize(
    ("method", "setting", "options"),
    [
        (efpep.EF21(), SETTING, {"lyapunov": "|g-d|^2 + |g|^2"}),  # another function, which is slower
        (efpep.EF21("1/10"), replace(SETTING, compressor=efpep.Projection("1/2")), {}),  # the closed form is a mere bound
        (HEAVY_BALL, SETTING, {}),  # no closed form
    ],
)
def test_what_no_theorem_says_is_not_said(method, setting, options):
    found = efpep.rate(method, setting, **options)
    assert own_rate(found) is None
    assert answer_object(found)["own_rate"] is None
    assert "method's rate" not in answer_text(found)


def test_a_gap_is_said_with_what_may_close_it(proved):
    own = own_rate(replace(proved, method_lower=Fraction(9545908, 10**7)))
    assert not own.met
    assert "leaves a gap of 3.8e-03" in own.said
    assert "memory 1 or positivity by interpolation" in own.said
    assert "memory 1 or positivity" in " ".join(answer_text(replace(proved, method_lower=own.lower)).split())
    assert own_rate(replace(proved, method_lower=proved.upper - Fraction(1, 10**6))).met
    assert not own_rate(replace(proved, method_lower=proved.upper - Fraction(11, 10**7))).met
    assert one_sentence(f"{own.said}.")


def test_rotations_close_the_gap_of_heavy_balls():
    sharp = efpep.rate(HEAVY_BALL, SETTING, positivity="interpolation")
    found = asymptotic_lower_bound(HEAVY_BALL, SETTING, periods=(1,), certified=sharp)
    assert isinstance(found.certificate.question, QuadraticQuestion)
    assert 0 <= found.gap < Fraction(1, 10**7)
    assert "this is the method's rate" in answer_text(found.rate)
    assert found.certificate.check() == str(found)
    with pytest.raises(InputError, match="no trajectory of a few points") as caught:
        efpep.replay(found)
    assert one_sentence(caught.value)


def test_a_refuted_rate_with_a_diverging_instance():
    found = asymptotic_lower_bound(efpep.EF21HeavyBall("1/4", beta="1/2"), SETTING, periods=(1,))
    assert found.upper is None
    assert found.lower > 1
    assert "the method itself does not converge" in answer_text(found.rate)


def test_the_rate_beside_it_is_of_the_same_question(proved):
    with pytest.raises(InputError, match="another method or setting") as caught:
        asymptotic_lower_bound(efpep.EF21("1/4"), SETTING, certified=proved)
    assert one_sentence(caught.value)


@pytest.mark.slow
def test_the_command_line_asks_for_instances(capsys, tmp_path):
    words = ["ef21-hb", *QUESTION, "--set", "beta=0.3", "--json"]
    assert main(["rate", *words]) == 0
    assert json.loads(capsys.readouterr().out)["own_rate"] is None
    assert main(["rate", *words, "--own-rate"]) == 0
    own = json.loads(capsys.readouterr().out)["own_rate"]
    assert own["met"] is False
    assert own["lower"].startswith("0.9545908043")
    assert main(["rate", *words, "--own-rate", "--memory", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["own_rate"]["met"] is True
    path = tmp_path / "slow.json"
    assert main(["adversary", *words, "--certificate", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["by"], found["factor"], found["period"]) == ("quadratic instance", None, 1)
    assert main(["verify", str(path)]) == 0
