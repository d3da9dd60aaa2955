"""A larger class of Lyapunov functions is never worse: what a contained class proves, the larger one proves too."""

import itertools
from dataclasses import dataclass
from fractions import Fraction as Q
from typing import ClassVar

import pytest
from support import uniform

import efpep
from efpep.conic.extended import ExtendedSolver
from efpep.conic.facial_reduction import face
from efpep.methods.ef import EF
from efpep.questions.base import Verdict
from efpep.questions.rate import answer
from efpep.questions.rate.contained import contained
from efpep.questions.rate.enclosure import Enclosure
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateQuestion

SHARP = Q(9, 10**9)
DOMINATED = efpep.Setting(efpep.GradientDominated(mu=Q(1, 2), L=1))


@dataclass(frozen=True)
class SharedLoss(EF):
    """Error feedback in which every client keeps what the *average* message lost: memories differ for ever."""

    key: ClassVar[str] = "shared-loss"
    title: ClassVar[str] = "shared loss"

    def step(self, state, run):
        v = state.e + self.step_size * run.gradient(state.x)
        c = run.mean(run.compress(v))
        return EF.State(state.x - c, v - c)


COMMON = efpep.Setting(efpep.SmoothStronglyConvex(Q(1, 10), 1), efpep.CommonLinear(Q(1, 2)), agents=4)


def sharp(rate):
    assert rate.certificate.check()
    assert rate.upper - rate.lower <= SHARP
    return float(rate.upper)


def test_memory_does_not_hide_what_is_proved_without():
    """gd on gradient-dominated functions: past iterates enter as differences only, and a translation is neutral."""
    without = efpep.rate(efpep.GD(Q(1, 2)), DOMINATED, "gap")
    found = efpep.rate(efpep.GD(Q(1, 2)), DOMINATED, "gap", memory=1)
    assert sharp(without) == pytest.approx(0.6056466, abs=1e-7)
    assert sharp(found) == pytest.approx(0.6056466, abs=1e-7)


@pytest.mark.slow
@pytest.mark.parametrize("asked", [{"memory": 2}, {"memory": 1, "positivity": "interpolation"}])
def test_more_memory_does_not_either(asked):
    assert sharp(efpep.rate(efpep.GD(Q(1, 2)), DOMINATED, "gap", **asked)) <= 0.6056466 + 1e-7


@pytest.mark.parametrize("step", [Q(1, 10), Q(3, 10)])
def test_features_without_the_point(step):
    few = efpep.rate(efpep.EF21(step), uniform(10, Q(1, 2)), "gap", features=["g-d", "f"])
    given = efpep.rate(efpep.EF21(step), uniform(10, Q(1, 2)), "gap", features=["g-d", "f"], lyapunov="(f - f*) + 1 |g-d|^2")
    everything = efpep.rate(efpep.EF21(step), uniform(10, Q(1, 2)), "gap")
    assert sharp(everything) - 1e-8 <= sharp(few) <= sharp(given) + 1e-8
    assert step != Q(1, 10) or sharp(given) == pytest.approx(0.98095005, abs=1e-8)


@pytest.mark.parametrize(("method", "features"), [(efpep.GD, ["g", "f"]), (efpep.CGD, ["g", "f"])])
def test_features_without_the_point_at_large_condition_numbers(method, features):
    setting = uniform(100, Q(3, 4)) if method is efpep.CGD else efpep.Setting(efpep.SmoothStronglyConvex(Q(1, 100), 1))
    few, everything = (efpep.rate(method(Q(1, 3)), setting, features=names) for names in (features, None))
    assert sharp(few) >= sharp(everything) - 1e-8


@pytest.mark.parametrize(
    "asked",
    [
        *(
            pytest.param(asked, marks=pytest.mark.slow)
            for asked in ({}, {"metric": "gap"}, {"positivity": "interpolation"}, {"features": ["x", "e"]})
        ),
    ],
)
def test_memories_that_differ_for_ever(asked):
    """Their mean obeys EF with the mean message, whose Lyapunov function proves .960725858."""
    found = efpep.rate(SharedLoss(Q(1, 5)), COMMON, **asked)
    given = efpep.rate(SharedLoss(Q(1, 5)), COMMON, lyapunov="|x-x* - mean(e)|^2 + 1.4142 |mean(e)|^2")
    assert sharp(given) == pytest.approx(0.960725858, abs=1e-8)
    assert sharp(found) <= sharp(given) + 1e-9


def test_what_is_left_on_a_face():
    """A translation takes the point out of the features; differing memories take their products and their loss out."""
    question = RateQuestion(efpep.GD(Q(1, 2)), DOMINATED, "gap", None, LyapunovClass(1))
    lmi = rate_lmi(question.inequalities)
    left = face(lmi, ExtendedSolver().solve(lmi.pencil.at(Q(0)), 1e-9))
    assert [[feature.name for feature in block.features] for block in question.inequalities.blocks] == [["x", "g", "x(-1)"]]
    assert sorted(left.changes[0]) == [(-1, 0, 1), (0, 1, 0)]
    assert len(left.rows) == len(question.inequalities.rows)
    question = RateQuestion(SharedLoss(Q(1, 5)), COMMON, "distance")
    lmi = rate_lmi(question.inequalities)
    left = face(lmi, ExtendedSolver().solve(lmi.pencil.at(Q(0)), 1e-9))
    assert [row.name for c, row in enumerate(question.inequalities.rows) if c not in left.rows] == [
        "compression(0) of the deviation"
    ]
    assert [len(change) for change in left.changes] == [3, 1]
    question = RateQuestion(efpep.EF21(Q(1, 5)), uniform(10, Q(1, 2)), "distance")
    lmi = rate_lmi(question.inequalities)
    assert face(lmi, ExtendedSolver().solve(lmi.pencil.at(Q(0)), 1e-9)) is None


def test_contained_classes():
    question = RateQuestion(efpep.EF21(Q(1, 5)), uniform(10, Q(1, 2)), "gap", None, LyapunovClass(1, None, "interpolation"))
    assert [(q.lyapunov_class.memory, q.lyapunov_class.positivity) for q in contained(question)] == [
        (1, "weights"),
        (0, "interpolation"),
    ]
    assert not list(contained(RateQuestion(efpep.EF21(Q(1, 5)), uniform(10, Q(1, 2)), "gap")))


@pytest.mark.parametrize("asked", [{"memory": 1}, {"positivity": "interpolation"}, {}])
def test_where_the_search_finds_nothing_contained_classes_are_asked(asked, monkeypatch):
    """The certificate is about the question asked, and its lower end is not the contained class's."""
    search = answer.search

    def blind(built, solver, **options):
        past = any("(-" in feature.name for block in built.blocks for feature in block.features)
        larger = past or built.state_row_count is not None or not asked
        return Enclosure(None, None, solver.name) if larger and built.given is None else search(built, solver, **options)

    monkeypatch.setattr(answer, "search", blind)
    found = efpep.rate(efpep.EF21("optimal"), uniform(10, Q(1, 2)), solver="clarabel", **asked)
    assert found.question.lyapunov_class == LyapunovClass(**asked)
    assert found.certificate.question == found.question
    assert found.certificate.check()
    assert found.lower is None
    assert found.verdict is Verdict.PROVED
    monkeypatch.undo()
    assert found.upper <= efpep.rate(efpep.EF21("optimal"), uniform(10, Q(1, 2))).upper + SHARP


CLASSES = [["g-d", "f"], ["g", "g-d", "f"], None]


@pytest.mark.slow
@pytest.mark.parametrize("positivity", ["weights", "interpolation"])
@pytest.mark.parametrize("metric", ["gap", "gradient"])
@pytest.mark.parametrize("functions", [efpep.SmoothStronglyConvex(Q(1, 10), 1), efpep.GradientDominated(Q(1, 10), 1)])
@pytest.mark.parametrize("step", [Q(1, 10), Q(1, 5), Q(2, 5)])
def test_every_feature_more_helps_or_does_nothing(functions, metric, positivity, step):
    setting = efpep.Setting(functions, efpep.Contractive(Q(1, 2)))
    found = [efpep.rate(efpep.EF21(step), setting, metric, features=f, positivity=positivity) for f in CLASSES]
    for smaller, larger in itertools.pairwise(found):
        assert larger.upper is not None or smaller.verdict is Verdict.REFUTED
        if smaller.upper is not None:
            assert larger.upper <= smaller.upper + SHARP
            assert larger.certificate.check()


def test_a_given_function_does_not_ask_for_memory():
    """V does not see past states, so that the proof without them is one with them."""
    function = "(f - f*) + 1 |g-d|^2"
    found = efpep.rate(efpep.EF21(Q(1, 10)), uniform(10, Q(1, 2)), "gap", lyapunov=function, memory=1)
    assert sharp(found) == pytest.approx(0.98095005, abs=1e-8)
    assert found.question.lyapunov_class.memory == 1


def test_what_a_given_function_sees_stays():
    """|x-|^2, of the iterate before, is no function without memory."""
    question = RateQuestion(efpep.GD(Q(1, 2)), uniform(10, 0), "distance", None, LyapunovClass(1))
    names = question.inequalities.feature_names()["mean"]
    late = next(name for name in names if name not in {"x", "g"})
    weights = answer.given_weights(question.inequalities, question.method, question.setting, f"|x-x*|^2 + 1 |{late}|^2")
    assert list(contained(question.about(weights))) == []
    early = answer.given_weights(question.inequalities, question.method, question.setting, "|x-x*|^2")
    assert [other.lyapunov_class.memory for other in contained(question.about(early))] == [0]
