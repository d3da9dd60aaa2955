"""Files name nothing that runs unless it is allowed, claims are whole statements, and questions have a largest size."""

import copy
import json
import sys
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.errors import CertificateError, InputError, UnavailableError
from efpep.questions.base import Certificate
from efpep.questions.improvement.question import Choice, Examined, Improvement, ImprovementQuestion
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.simulate.adversary_file import load_adversary, save_adversary
from efpep.simulate.problems import read_problem

SETTING = uniform(10, "1/2", 3)
NONSMOOTH = efpep.Setting(
    efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), 2, efpep.Contractive("1/2"), efpep.BoundedSubgradients(1)
)
ALONE = replace(NONSMOOTH, agents=1)
CONVEX = replace(SETTING, functions=efpep.SmoothConvex(1))


def improvement():
    reference = efpep.rate(efpep.EF21("1/10"), SETTING, width="1/1000").certificate
    other = efpep.rate(efpep.EF21("1/11"), SETTING, width="1/1000").certificate
    choice = Choice((Fraction(1, 11),), replace(other, upper=None))
    return Certificate(
        ImprovementQuestion.of(reference.question, Improvement(), ("step_size",)), None, Examined(reference, (choice,))
    )


MADE = {
    "rate": lambda: efpep.rate(efpep.EF21("1/10"), SETTING).certificate,
    "rate of a given V": lambda: efpep.rate(efpep.EF21("1/10"), SETTING, lyapunov="literature").certificate,
    "rate with memory": lambda: efpep.rate(efpep.EF21HeavyBall("1/10", beta="1/10"), SETTING, features=["g", "g-d"]).certificate,
    "growing": lambda: efpep.potential(efpep.ADEF("1/40"), CONVEX, iterations=2).certificate,
    "one step": lambda: efpep.potential(efpep.SafeEF(1), NONSMOOTH).certificate,
    "worst case": lambda: efpep.worst_case(efpep.EF21("1/10"), replace(SETTING, heterogeneity=1), 2).certificate,
    "patterns": lambda: (
        efpep.switching_worst_case(efpep.SafeEF("1/2", threshold="1/2"), replace(NONSMOOTH, agents=1), 2).certificate
    ),
    "noise": lambda: efpep.noise(efpep.EF("1/10"), replace(SETTING, noise=efpep.GradientNoise(1))).certificate,
    "cycle": lambda: efpep.cycle(efpep.GD(2), uniform(10, 0), 1).certificate,
    "step size": lambda: efpep.tune(efpep.GD, uniform(10, 0), tolerance="0.05").certificate,
    "improvement": improvement,
}


@pytest.fixture(scope="module")
def made():
    return {name: make() for name, make in MADE.items()}


def leaves(value, path=()):
    """Every number, name and list of a JSON object with its place."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for k, part in enumerate(value):
            yield from leaves(part, (*path, k))
    else:
        yield path, value


def others(value):
    """Values that stand in the place of another one."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int):
        return [value + 1, value + 7]
    try:
        number = Fraction(value)
    except ValueError:
        names = ("distance", "gradient", "gap", "contractive", "projection", "linear", "ef21", "econtrol", "rate", "contraction")
        return [name for name in names if name != value]
    near = {number * Fraction(101, 100), number * Fraction(99, 100), number + Fraction(1, 10**6)}
    return [text for a in near for text in (str(a), str(float(a))) if Fraction(text) != number]


def placed(described, path, value):
    changed = copy.deepcopy(described)
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("name", MADE)
def test_another_claim_that_is_accepted_is_another_sentence(name, made):
    certificate = made[name]
    described, sentence = certificate.describe(), certificate.check()
    assert one_sentence(sentence)
    accepted = 0
    for path, value in leaves(described["claim"]):
        for other in others(value):
            try:
                found = Certificate.restore(placed(described, ("claim", *path), other))
                said = found.check()
            except (CertificateError, UnavailableError):
                continue
            accepted += 1
            if found.describe()["claim"] != described["claim"]:
                assert said != sentence, (path, value, other)
    assert accepted >= 0


def test_sentences_say_who_takes_part():
    groups = [
        efpep.Group(functions=efpep.SmoothStronglyConvex("1/10", 1), count=2),
        efpep.Group(functions=efpep.SmoothStronglyConvex("1/5", 2), compressor=efpep.Contractive("3/4"), count=1),
    ]
    said = efpep.rate(
        efpep.EF21("1/10"), efpep.Setting(compressor=efpep.Contractive("1/2"), agents=groups)
    ).certificate.sentence()
    for piece in (
        "EF21 with step size 0.1 for 2 groups of agents: 2 agents with functions smooth-strongly-convex (mu = 0.1, L = 1)",
        "compressor contractive (delta = 0.5) and 1 agent with functions smooth-strongly-convex (mu = 0.2, L = 2)",
        "compressor contractive (delta = 0.75)",
    ):
        assert piece in said


class X(NamedTuple):
    x: Any


@dataclass(frozen=True)
class Impostor(efpep.Method):
    title: ClassVar[str] = "EF21"
    State: ClassVar[type] = X

    def start(self, x, run):
        return X(x)

    def step(self, state, run):
        return X(state.x - self.step_size * run.mean(run.gradient(state.x)))


def test_a_users_title_does_not_pass_for_a_method_of_efpeps(capsys):
    found = efpep.rate(Impostor("1/2"), SETTING)
    assert found.certificate.sentence().startswith(f"EF21 ({__name__}:Impostor) with step size 0.5 for 3 agents")


def test_shares_with_independent_draws_hold_in_the_limit():
    shares = [efpep.Group(share="1/2"), efpep.Group(share="1/2")]
    functions = efpep.SmoothStronglyConvex("1/2", 1)
    random = efpep.rate(efpep.CGD("1/2"), efpep.Setting(functions, efpep.Unbiased(1), shares))
    assert "in the limit of infinitely many agents, whose independent draws average out" in random.certificate.sentence()
    two = [efpep.Group(count=1), efpep.Group(count=1)]
    assert efpep.rate(efpep.CGD("1/2"), efpep.Setting(functions, efpep.Unbiased(1), two)).lower > random.upper
    fixed = efpep.rate(efpep.EF("1/10"), efpep.Setting(functions, efpep.Contractive("1/2"), shares))
    assert "limit" not in fixed.certificate.sentence()


# --- names in files -------------------------------------------------------------------------------------------------------


def verdict(described, path, **more):
    path.write_text(json.dumps(described))
    found = efpep.verify(path, **more)
    assert one_sentence(found.reason), found.reason
    return found


@pytest.mark.parametrize(
    "name",
    [
        "efpep.questions.switching.inequalities:_Cuts",
        "efpep.questions.averaging.inequalities:_AnySubgradients",
        "efpep.functions:SmoothConvex",
    ],
)
def test_inside_efpep_only_keys_name_classes(name, made, tmp_path):
    described = made["worst case"].describe()
    described["claim"]["setting"]["functions"]["class"] = name
    for allow in ((), ("efpep",), ("efpep.questions",)):
        assert verdict(described, tmp_path / "c.json", allow=allow).accepted is False


@pytest.mark.parametrize("name", ["builtins:exit", "builtins:input", "code:interact", "os:abort", "json:dumps", "antigravity:x"])
def test_nothing_that_a_file_names_is_called(name, made, tmp_path, capsys):
    described = made["worst case"].describe()
    described["claim"]["metric"] = name
    assert verdict(described, tmp_path / "c.json").accepted is None
    assert name.partition(":")[0] in efpep.verify(tmp_path / "c.json").reason
    assert main(["verify", str(tmp_path / "c.json")]) == 4
    assert "--allow" in capsys.readouterr().out
    assert "antigravity" not in sys.modules
    if not name.startswith(("os", "antigravity")):
        assert verdict(described, tmp_path / "c.json", allow=["builtins", "code", "json"]).accepted in {False, None}


METRIC = """
CALLS = []

def wide(run):
    return run.trace.square(run.states[-1].x)

def leaving(run):
    raise SystemExit(0)

def growing(run):
    CALLS.append(1)
    return len(CALLS) * run.trace.square(run.states[-1].x)

wide.other = wide
"""


def test_a_metric_of_ones_own_needs_a_word(tmp_path, monkeypatch):
    (tmp_path / "metrics_for_a_test.py").write_text(METRIC)
    monkeypatch.syspath_prepend(tmp_path)
    import metrics_for_a_test

    found = efpep.worst_case(efpep.GD(1), uniform(10, 0), 2, metrics_for_a_test.wide)
    assert "user's metric (metrics_for_a_test:wide)" in found.certificate.sentence()
    described = found.certificate.describe()
    assert verdict(described, tmp_path / "c.json").accepted is None
    assert verdict(described, tmp_path / "c.json", allow=["metrics_for_a_test"]).accepted is True
    assert verdict(described, tmp_path / "c.json", allow=["metrics_for"]).accepted is None
    with efpep.allowing("metrics_for_a_test"):
        assert Certificate.restore(described).check() == found.certificate.sentence()
    for name in ("leaving", "wide.other", "CALLS", "none"):
        described["claim"]["metric"] = f"metrics_for_a_test:{name}"
        assert verdict(described, tmp_path / "c.json", allow=["metrics_for_a_test"]).accepted in {False, None}
    for function, says in ((metrics_for_a_test.growing, "not the same"), (metrics_for_a_test.leaving, "fails")):
        with pytest.raises(InputError, match=says):
            efpep.worst_case(efpep.GD(1), uniform(10, 0), 2, function)


def test_modules_are_allowed_by_name():
    for wrong in ("", "a b", "a:b", 3):
        with pytest.raises(InputError, match="not the name of a module") as refused, efpep.allowing(wrong):
            pass
        assert one_sentence(refused.value)


def test_code_that_leaves_the_program_is_no_answer(tmp_path, monkeypatch, capsys):
    (tmp_path / "leaving_for_a_test.py").write_text("raise SystemExit(0)")
    (tmp_path / "leaving_later.py").write_text(
        "import efpep\nclass Mine(efpep.EF21):\n    def over(self, field):\n        raise SystemExit(0)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for name, status in (("leaving_for_a_test:Mine", 2), ("leaving_later:Mine", 4)):
        words = ["rate", name, "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.1"]
        assert main(words) == status
        assert "ended the program" in capsys.readouterr().err or status == 2


@pytest.mark.parametrize("place", ["functions", "method"])
def test_a_number_of_an_adversary_that_is_no_double_is_refused(place, tmp_path):
    path = tmp_path / "adversary.json"
    save_adversary(efpep.replay(efpep.worst_case(efpep.GD(1), uniform(10, 0), 2)).adversary, path)
    described = json.loads(path.read_text())
    holder, key = (described["setting"]["functions"], "L") if place == "functions" else (described["method"], "step_size")
    holder[key] = "1" + "0" * 400
    path.write_text(json.dumps(described))

    def run():
        efpep.simulate(load_adversary(path).method, read_problem(f"adversary:file={path}"), 2)

    with pytest.raises(efpep.InputError, match="too large") as refused:
        run()
    assert one_sentence(refused.value)


def test_an_adversary_names_nothing_that_runs(tmp_path):
    path = tmp_path / "adversary.json"
    save_adversary(efpep.replay(efpep.worst_case(efpep.GD(1), uniform(10, 0), 2)).adversary, path)
    described = json.loads(path.read_text())
    described["method"]["class"] = "antigravity:Method"
    path.write_text(json.dumps(described))
    with pytest.raises(UnavailableError, match="only where that is allowed") as refused:
        load_adversary(path)
    assert one_sentence(refused.value)
    assert "antigravity" not in sys.modules


# --- sizes and words ------------------------------------------------------------------------------------------------------


def groups(count):
    kinds = [efpep.Group(functions=efpep.SmoothStronglyConvex(Fraction(1, 10 + k), 1), count=2) for k in range(count)]
    return efpep.Setting(compressor=efpep.Contractive("1/2"), agents=kinds)


LARGE = {
    "groups": lambda: efpep.rate(efpep.EF21("1/10"), groups(1000)),
    "groups and memory": lambda: efpep.rate(efpep.EF21("1/10"), groups(30), memory=5),
    "a horizon of groups": lambda: efpep.worst_case(efpep.EF21("1/10"), replace(groups(20), heterogeneity=0), 1000),
    "potentials": lambda: efpep.potential(efpep.EF21("1/10"), replace(groups(20)), iterations=1000),
    "cycles": lambda: efpep.cycle(efpep.EF21("1/10"), groups(20), 24),
}


@pytest.mark.parametrize("name", LARGE)
def test_questions_that_would_not_end_are_refused_at_once(name):
    begin = time.perf_counter()
    with pytest.raises(InputError, match="times what can be answered") as refused:
        LARGE[name]()
    assert one_sentence(refused.value)
    assert time.perf_counter() - begin < 5


def test_questions_of_some_size_are_not():
    assert rate_inequalities(efpep.EF21("1/10"), groups(12), "distance", lyapunov_class=LyapunovClass(memory=1)).rows


def test_a_verdict_is_one_of_three_words(made):
    assert [verdict.value for verdict in efpep.Verdict] == ["proved", "refuted", "undecided"]
    tested = efpep.tune(efpep.GD, uniform(10, 0), tolerance="0.05", verify="0.02").tested
    assert (tested.verdict.value, tested.finding) == ("refuted", "not optimal, proved")
    assert efpep.rate(efpep.GD("0.02"), uniform(10, 0)).finding == "a contraction is proved"
    assert efpep.rate(efpep.GD(3), uniform(10, 0)).finding == "no Lyapunov function of the class contracts, proved"


def test_lower_ends_of_relaxations_say_so(capsys):
    words = ["rate", "gd", "--functions", "gradient-dominated", "--mu", "0.2", "--L", "1", "--step-size", "1", "--metric", "gap"]
    assert main(words) == 0
    assert "the lower end by the recorded inequalities, which need not be sufficient" in " ".join(capsys.readouterr().out.split())
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sufficient"] is False
