"""Every kind of question is asked in the same way."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.model.box import Box, Side
from efpep.questions.answer import ask
from efpep.questions.averaging.question import AveragingQuestion
from efpep.questions.base import Verdict
from efpep.questions.cycle.question import CycleQuestion
from efpep.questions.improvement.question import Improvement, ImprovementQuestion
from efpep.questions.kinds import KINDS, answer_object, answer_text
from efpep.questions.noise.question import NoiseQuestion
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.questions.nonconvex_noise.question import NonconvexNoiseQuestion
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.quadratic.question import QuadraticQuestion
from efpep.questions.rate.question import RateQuestion
from efpep.questions.switching.question import SwitchingQuestion
from efpep.questions.target.question import TargetQuestion
from efpep.questions.tune.question import StepSizeQuestion
from efpep.questions.worst_case.question import WorstCaseQuestion

BOUNDED = efpep.BoundedSubgradients(1)
SMOOTH = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), 10)
BOTH = efpep.Setting(BOUNDED, efpep.Contractive("1/2"), 2, server_compressor=efpep.Contractive("1/2"), constraint=BOUNDED)
NONCONVEX = efpep.SmoothWeaklyConvex(-1, 1)
RATE = RateQuestion(efpep.EF21("1/5"), uniform(10, "1/2", 10), "distance")
QUESTIONS = {
    "rate": RATE,
    "growing potential": PotentialQuestion(efpep.ADEF("1/40"), SMOOTH, 3),
    "averaging potential": AveragingQuestion(efpep.SafeEF(1), BOTH),
    "nonconvex potential": NonconvexQuestion(efpep.EF21("3/10"), efpep.Setting(NONCONVEX, efpep.Contractive("1/2"))),
    "noise constant": NoiseQuestion(efpep.GD(1), replace(uniform(10, 0, 3), noise=efpep.GradientNoise(1))),
    "nonconvex noise constant": NonconvexNoiseQuestion(
        efpep.GD("1/2"), efpep.Setting(NONCONVEX, noise=efpep.GradientNoise(1)), Fraction(1, 4)
    ),
    "worst case": WorstCaseQuestion(efpep.EF21("1/10"), uniform(10, "1/2"), 2),
    "switching patterns": SwitchingQuestion(efpep.SafeEF("1/2"), BOTH, 2, "average", Fraction(1)),
    "cycle": CycleQuestion(efpep.GD(3), uniform(10, 0), 2, Fraction(1)),
    "quadratic instance": QuadraticQuestion(efpep.EF21("1/5"), uniform(10, "1/2"), 2),
    "step size": StepSizeQuestion.of(RATE, ["step_size"], Box((Side(Fraction(1, 20), Fraction(1)),))),
    "target accuracy": TargetQuestion(
        efpep.GD("1/2"), replace(uniform(10, 0, 3), noise=efpep.GradientNoise(1)), Fraction(19, 20), "distance", Fraction(3)
    ),
    "improvement": ImprovementQuestion.of(RATE, Improvement(), ("step_size",)),
}
OPTIONS = {"improvement": {"choices": [["1/4"], ["1/10"], ["3/2"]]}, "step size": {"tolerance": Fraction(1, 2), "seconds": 2.0}}
"""How they are searched."""


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_about_its_question(name):
    question = QUESTIONS[name]
    assert name == question.KIND
    answer = ask(question, **OPTIONS.get(name, {}))
    assert answer.question == question
    assert answer.certificate is not None
    assert answer.certificate.question == question
    assert str(answer) == answer.certificate.check()
    assert (answer.method, answer.setting) == (question.method, question.setting)
    assert answer.verdict is Verdict.PROVED
    assert answer.solver
    assert answer.seconds > 0
    assert json.loads(json.dumps(answer_object(answer)))["method"] == question.method.key
    assert answer_text(answer)


def test_every_kind_is_asked():
    assert QUESTIONS.keys() == KINDS.keys()


@pytest.mark.slow
def test_a_step_size_that_is_not_the_best_has_a_bracket_with_better_ones():
    """EF21's optimal step size is 0.312, not 1/5, and contraction ends at 0.343."""
    answer = ask(QUESTIONS["step size"], tolerance=Fraction(1, 2))
    side = answer.certificate.upper.bracket.sides[0]
    assert side.lower <= Fraction(1, 5) < Fraction(312, 1000) < side.upper < Fraction(36, 100)
    assert answer.upper == pytest.approx(float(efpep.rate(RATE.method, RATE.setting).upper), abs=1e-8)


def test_choices_are_decided_by_their_rates():
    """At 1/4 the rate is below that at 1/5; at 1/10 it is above, and at 3/2 there is no contraction."""
    answer = ask(QUESTIONS["improvement"], choices=[["1/4"], ["1/10"], ["3/2"]])
    verdicts = [choice.verdict for choice in answer.certificate.upper.choices]
    assert verdicts == [Verdict.PROVED, Verdict.REFUTED, Verdict.REFUTED]


@pytest.mark.parametrize("choices", [[], [["1/4", "1/5"]], [["fast"]], [["-1/4"]]])
def test_choices_have_to_be_choices(choices):
    with pytest.raises(efpep.InputError) as caught:
        ask(QUESTIONS["improvement"], choices=choices)
    assert one_sentence(caught.value)


def test_numbers_that_are_too_far_apart_are_bad_input(monkeypatch):
    monkeypatch.setattr("efpep.questions.rate.answer.search", overflowing)
    with pytest.raises(efpep.InputError, match="orders of magnitude"):
        ask(QUESTIONS["rate"], instances=False)


def overflowing(*_arguments, **_named):
    raise OverflowError


def test_verbs_ask_the_same_question():
    asked = ask(QUESTIONS["rate"], width=Fraction(1, 1000))
    found = efpep.rate(efpep.EF21("1/5"), uniform(10, "1/2", 10), width="1/1000")
    assert (asked.lower, asked.upper) == (found.lower, found.upper)
    assert found.question == asked.question


def test_solvers_are_looked_up():
    with pytest.raises(efpep.InputError, match="solver"):
        ask(QUESTIONS["cycle"], "none")
