"""Every kind of question with an answer of its own is asked in the same way."""

import json
from fractions import Fraction

import pytest
from conftest import uniform

import efpep
from efpep.questions.answer import ask
from efpep.questions.averaging.question import AveragingQuestion
from efpep.questions.base import Verdict
from efpep.questions.cycle.question import CycleQuestion
from efpep.questions.kinds import answer_object, answer_text
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.rate.question import RateQuestion
from efpep.questions.switching.question import SwitchingQuestion
from efpep.questions.worst_case.question import WorstCaseQuestion

BOUNDED = efpep.BoundedSubgradients(1)
SMOOTH = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), 10)
BOTH = efpep.Setting(BOUNDED, efpep.Contractive("1/2"), 2, server_compressor=efpep.Contractive("1/2"), constraint=BOUNDED)
QUESTIONS = {
    "rate": RateQuestion(efpep.EF21("1/5"), uniform(10, "1/2", 10), "distance"),
    "growing potential": PotentialQuestion(efpep.ADEF("1/40"), SMOOTH, 3),
    "averaging potential": AveragingQuestion(efpep.SafeEF(1), BOTH),
    "worst case": WorstCaseQuestion(efpep.EF21("1/10"), uniform(10, "1/2"), 2),
    "switching patterns": SwitchingQuestion(efpep.SafeEF("1/2"), BOTH, 2, "average", Fraction(1)),
    "cycle": CycleQuestion(efpep.GD(3), uniform(10, 0), 2, Fraction(1)),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_is_about_its_question(name):
    question = QUESTIONS[name]
    assert name == question.KIND
    answer = ask(question)
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


def test_numbers_that_are_too_far_apart_are_bad_input(monkeypatch):
    monkeypatch.setattr("efpep.questions.rate.answer.search", overflowing)
    with pytest.raises(efpep.InputError, match="orders of magnitude"):
        ask(QUESTIONS["rate"])


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
