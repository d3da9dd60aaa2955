"""Certificates: what is accepted is true, what is doctored or malformed is refused in one sentence."""

import copy
import json
import random
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from support import one_sentence, uniform

import efpep
from efpep.conic.extended import ExtendedSolver
from efpep.conic.lmi import HEAD
from efpep.model.definite import is_semidefinite
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.witness import UpperWitness
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.question import RateQuestion

SSC = efpep.SmoothStronglyConvex


def groups():
    kinds = [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("3/10", 2), count=1)]
    return efpep.Setting(None, efpep.Contractive("1/2"), kinds)


QUESTIONS = {
    "gd": (efpep.GD("3/2"), uniform(10, 0, 3), "gap"),
    "cgd": (efpep.CGD(), uniform(10, "1/2"), "distance"),
    "cgd refuted": (efpep.CGD("1/2"), uniform(10, "1/2", 10), "distance"),
    "ef alone": (efpep.EF("1/10"), uniform(10, "1/2"), "gradient"),
    "ef": (efpep.EF(), uniform(5, "1/4", 10), "distance"),
    "ef refuted": (efpep.EF("1/2"), uniform(10, "1/2"), "distance"),
    "ef21 alone": (efpep.EF21(), uniform(10, "9/10"), "distance"),
    "ef21": (efpep.EF21("1/8"), uniform(10, "1/2", 10), "gap"),
    "ef21 pair": (efpep.EF21("1/10"), groups(), "distance"),
    "ef21 quadratics": (efpep.EF21(), uniform(1, "1/4", 2), "distance"),
}


@pytest.fixture(scope="module")
def rates():
    return {name: efpep.rate(method, setting, metric) for name, (method, setting, metric) in QUESTIONS.items()}


def verified(described, path, allow=()):
    path.write_text(json.dumps(described))
    verdict = efpep.verify(path, allow=allow)
    assert one_sentence(verdict.reason), verdict.reason
    return verdict


@pytest.mark.parametrize("name", QUESTIONS)
def test_round_trip(name, rates, tmp_path):
    rate = rates[name]
    path = tmp_path / "certificate.json"
    rate.certificate.save(path)
    assert efpep.Certificate.load(path) == rate.certificate
    verdict = efpep.verify(str(path))
    assert verdict.accepted is True
    assert verdict.certificate == rate.certificate
    assert verdict.reason == rate.certificate.sentence()
    claim = json.loads(path.read_text())["claim"]
    assert claim["rate"] == {
        "lower": str(rate.lower),
        "upper": None if rate.upper is None else str(rate.upper),
    }
    assert set(json.loads(path.read_text())) == {"claim", "witnesses", "provenance"}


def test_the_file_holds_no_inequalities(rates, tmp_path):
    """Only numbers of the claim and the witnesses: rebuilding everything else is the checker's business."""
    rates["ef21"].certificate.save(tmp_path / "c.json")
    described = json.loads((tmp_path / "c.json").read_text())
    assert set(described["claim"]) == {"format", "method", "setting", "metric", "rate", "features"}
    assert set(described["witnesses"]["upper"]) == {"weights", "gaps", "multipliers", "margin"}
    assert set(described["witnesses"]["lower"]) == {"grams", "values"}


# --- one number changed --------------------------------------------------------------------------------------------------


def numbers_of(node, path=()):
    """Yield the path and the number of every number of a described certificate."""
    if isinstance(node, dict):
        for key, child in node.items():
            if key not in {"format", "class", "metric", "features"}:
                yield from numbers_of(child, (*path, key))
    elif isinstance(node, list):
        for i, child in enumerate(node):
            yield from numbers_of(child, (*path, i))
    elif isinstance(node, int | str) and not isinstance(node, bool):
        yield path, Fraction(node)


def replaced(described, path, value):
    changed = copy.deepcopy(described)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value if isinstance(node[path[-1]], int) else str(value)
    return changed


def changes(number, draw, others, count):
    """Other numbers to write in place of one: its numerator and denominator changed, its sign, its size, another's value."""
    p, q = number.numerator, number.denominator
    noise = Fraction(draw.randint(1, 9), 10 ** draw.randint(1, 12))
    found = [Fraction(p + 1, q), number * Fraction(9, 10), Fraction(p, q + 1), -number, Fraction(0), draw.choice(others)]
    found += [Fraction(p - 1, q), number + noise, number - noise, 2 * number, number / 2, Fraction(1)]
    return sorted(set(found[:count]) - {number})


def margin_at(asked, rho):
    """Solve for the best margin of any Lyapunov function at the rate ``rho``."""
    sdp = rate_lmi(asked.certificate.question.inequalities)
    return ExtendedSolver().solve(sdp.pencil.at(1 - rho), 1e-12).primal[HEAD]


def claim_is_true(described, known):
    """Ask again, without using the witnesses of the changed certificate."""
    claim = described["claim"]
    key = json.dumps({name: part for name, part in claim.items() if name != "rate"})
    if key not in known:
        method = efpep.Certificate.restore(described).method
        setting = efpep.Setting.restore(claim["setting"])
        known[key] = efpep.rate(method, setting, claim["metric"])
    asked = known[key]
    lower, upper = (None if claim["rate"][end] is None else Fraction(claim["rate"][end]) for end in ("lower", "upper"))
    if asked.verdict is efpep.Verdict.REFUTED and lower is not None and lower > 1:
        return upper is None and margin_at(asked, lower * (1 - Fraction(1, 10**9))) < 0
    assert lower is None or upper is None or lower <= upper
    # a true upper end is not below what is excluded, a true lower end not above what is proved
    if upper is not None and (asked.lower is None or upper < asked.lower):
        return False
    return lower is None or lower <= (Fraction(1) if asked.verdict is efpep.Verdict.REFUTED else asked.upper)


def check_changes(name, rates, tmp_path, count):
    draw = random.Random(name)  # noqa: S311
    described = rates[name].certificate.describe()
    entries = list(numbers_of(described))
    assert len(entries) > 5
    others = [number for _, number in entries]
    known, refused, accepted = {}, 0, []
    for path, number in entries:
        whole = isinstance(number, Fraction) and path[-1] in {"agents", "count"}
        for value in changes(number, draw, others, count):
            if whole and value.denominator != 1:
                continue
            changed = replaced(described, path, int(value) if whole else value)
            verdict = verified(changed, tmp_path / "changed.json")
            assert verdict.accepted is not None
            if verdict.accepted:
                accepted.append((path, value))
                assert claim_is_true(changed, known), (path, number, value)
            else:
                refused += 1
                assert verdict.reason.startswith("Refused: ")
    assert refused > len(entries)
    # a weaker claim about the rate with witnesses that have room is true; the parameters leave no room at all but n
    exact = {path[-1] for path, _ in accepted if path[0] == "claim" and path[1] != "rate"}
    assert exact <= {"agents", "count", "step_size", "mu", "L", "delta"}


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("name", QUESTIONS)
def test_one_changed_number_is_refused_or_the_claim_is_still_true(name, rates, tmp_path):
    check_changes(name, rates, tmp_path, 2 if name == "ef21 pair" else 4)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUESTIONS)
def test_one_number_changed_in_every_way_is_refused_or_the_claim_is_still_true(name, rates, tmp_path):
    check_changes(name, rates, tmp_path, 12)


@pytest.mark.parametrize("name", ["ef", "ef21"])
@pytest.mark.parametrize("agents", [2, 11, 10**12])
def test_ten_agents_prove_any_number_above_one(name, agents, rates, tmp_path):
    described = replaced(rates[name].certificate.describe(), ("claim", "setting", "agents"), agents)
    assert verified(described, tmp_path / "c.json").accepted


def test_one_agent_is_another_question(rates, tmp_path):
    described = replaced(rates["ef21"].certificate.describe(), ("claim", "setting", "agents"), 1)
    assert verified(described, tmp_path / "c.json").accepted is False


@pytest.mark.parametrize("name", ["cgd", "ef", "ef21", "ef21 pair"])
def test_tighter_rates_are_refused(name, rates, tmp_path):
    rate = rates[name]
    described = rate.certificate.describe()
    for end, value in (("upper", rate.lower - Fraction(1, 10**9)), ("lower", rate.upper + Fraction(1, 10**9))):
        assert verified(replaced(described, ("claim", "rate", end), value), tmp_path / "c.json").accepted is False


@pytest.mark.parametrize("end", ["lower", "upper"])
def test_one_end_alone_is_a_certificate(end, rates, tmp_path):
    other = {"lower": "upper", "upper": "lower"}[end]
    described = rates["ef21"].certificate.describe()
    described["claim"]["rate"][other] = None
    del described["witnesses"][other]
    verdict = verified(described, tmp_path / "c.json")
    assert verdict.accepted
    assert getattr(verdict.certificate, other) is None


def test_two_swapped_numbers(rates, tmp_path):
    draw = random.Random(1)  # noqa: S311
    for name in ("ef", "ef21", "cgd refuted"):
        described = rates[name].certificate.describe()
        entries = [(path, number) for path, number in numbers_of(described) if path[0] == "witnesses"]
        for _ in range(40):
            (one, a), (two, b) = draw.sample(entries, 2)
            changed = replaced(replaced(described, one, b), two, a)
            verified(changed, tmp_path / "c.json")  # the claim is the same, hence true whatever the verdict


def test_a_witness_of_another_question_is_refused(rates, tmp_path):
    mine, theirs = (rates[name].certificate.describe() for name in ("ef21", "ef"))
    mine["witnesses"] = theirs["witnesses"]
    assert verified(mine, tmp_path / "c.json").accepted is False
    slower = efpep.rate(efpep.EF21("1/9"), uniform(10, "1/2", 10), "gap").certificate.describe()
    slower["claim"] = rates["ef21"].certificate.describe()["claim"]
    assert verified(slower, tmp_path / "c.json").accepted is False


def test_each_condition_is_named(rates):
    rate = rates["ef21"]
    system, upper, lower = rate.certificate.question.system, rate.certificate.upper, rate.certificate.lower
    negative = tuple(tuple(tuple(-a for a in row) for row in m) for m in upper.weights)
    cases = [
        (check_upper, upper, {"theta": Fraction(-1)}, "rate is negative"),
        (check_upper, upper, {"margin": Fraction(0)}, "margin"),
        (check_upper, upper, {"gaps": (Fraction(-1),)}, "function gap f is negative"),
        (check_upper, upper, {"multipliers": ((Fraction(-1), *upper.multipliers[0][1:]),)}, "interpolation"),
        (check_upper, upper, {"weights": negative}, "weights of the Lyapunov function in the mean block"),
        (check_upper, upper, {"theta": rate.lower / 2}, "decrease"),
        (check_upper, upper, {"weights": upper.weights[:1]}, "shape"),
        (check_lower, lower, {"values": (tuple(-a - 1 for a in lower.values[0]),)}, "function value"),
        (check_lower, lower, {"grams": (tuple(tuple(tuple(-a for a in r) for r in m) for m in lower.grams[0]),)}, "Gram matrix"),
        (check_lower, lower, {"theta": Fraction(2)}, "decreases? faster"),
        (check_lower, lower, {"values": (tuple(100 * (a + 1) for a in lower.values[0]),)}, "violates|faster"),
        (check_lower, lower, {"grams": (lower.grams[0][:1],)}, "shape"),
    ]
    for check, witness, change, words in cases:
        with pytest.raises(efpep.CertificateError, match=words) as caught:
            check(system, replace(witness, **change))
        assert one_sentence(caught.value)


def test_the_zero_witness_proves_nothing(rates):
    question = rates["ef21"].certificate.question.inequalities
    nothing = UpperWitness(
        Fraction(1, 2),
        tuple(tuple((Fraction(0),) * len(b.features) for _ in b.features) for b in question.blocks),
        (Fraction(0),) * len(question.gaps),
        ((Fraction(0),) * len(question.rows),),
        Fraction(1),
    )
    with pytest.raises(efpep.CertificateError):
        check_upper(question.system, nothing)


def test_an_empty_certificate_is_refused(rates, tmp_path):
    empty = efpep.Certificate(RateQuestion(efpep.EF21("1/5"), uniform(10, "1/2"), "distance"), None, None)
    with pytest.raises(efpep.CertificateError, match="nothing"):
        empty.check()
    described = rates["ef21"].certificate.describe()
    described["claim"]["rate"] = {"lower": None, "upper": None}
    described["witnesses"] = {}
    assert verified(described, tmp_path / "c.json").accepted is False


# --- malformed files -----------------------------------------------------------------------------------------------------

MALFORMED = {
    "empty": b"",
    "no JSON": b"rate = 0.5",
    "half a file": b'{"claim": {"format": "efpep-ra',
    "a list": b"[]",
    "a number": b"3",
    "a string": b'"claim"',
    "null": b"null",
    "NaN": b"NaN",
    "a NaN inside": b'{"claim": NaN, "witnesses": {}}',
    "an infinity inside": b'{"claim": Infinity, "witnesses": {}}',
    "an empty object": b"{}",
    "an unknown key": b'{"claim": {}, "witnesses": {}, "proof": {}}',
    "no claim": b'{"witnesses": {}}',
    "a claim that is a list": b'{"claim": [], "witnesses": {}}',
    "an empty claim": b'{"claim": {}, "witnesses": {}}',
    "a key twice": b'{"claim": {}, "claim": {}, "witnesses": {}}',
    "binary": bytes(range(256)) * 4,
    "UTF-16": '{"claim": {}}'.encode("utf-16"),
    "too deep": b'{"claim": ' + b"[" * 100_000 + b"]" * 100_000 + b', "witnesses": {}}',
    "too deep an object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a huge integer": b'{"claim": ' + b"9" * 100_000 + b', "witnesses": {}}',
    "a huge file": b" " * 20_000_001,
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07builtins\x94.",
}


def check_refused(verdict):
    assert verdict.accepted is False
    assert one_sentence(verdict.reason), verdict.reason
    assert verdict.reason.startswith("Refused: ")


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_files_are_refused(case, tmp_path):
    path = tmp_path / "malformed.json"
    path.write_bytes(MALFORMED[case])
    check_refused(efpep.verify(path))


def test_missing_files_and_directories_are_refused(tmp_path):
    check_refused(efpep.verify(tmp_path / "missing.json"))
    check_refused(efpep.verify(tmp_path))
    assert efpep.verify("").accepted is False
    check_refused(efpep.verify("nul\0name.json"))
    check_refused(efpep.verify(tmp_path / ("long" * 200)))
    check_refused(efpep.verify("two\nlines.json"))
    check_refused(efpep.verify("/dev/zero"))
    for wrong in (None, 3, b"bytes.json", ["a.json"]):
        check_refused(efpep.verify(wrong))


def edits():
    """Yield a name and a function that spoils a described certificate (of EF21 with ten agents)."""

    def at(*path):
        def edit(value):
            def apply(described):
                node = described
                for key in path[:-1]:
                    node = node[key]
                node[path[-1]] = value

            return apply

        return edit

    places = {
        "the claim": ("claim",),
        "the format": ("claim", "format"),
        "the method": ("claim", "method"),
        "the method's class": ("claim", "method", "class"),
        "the step size": ("claim", "method", "step_size"),
        "the setting": ("claim", "setting"),
        "the functions": ("claim", "setting", "functions"),
        "the class of functions": ("claim", "setting", "functions", "class"),
        "mu": ("claim", "setting", "functions", "mu"),
        "delta": ("claim", "setting", "compressor", "delta"),
        "the compressor": ("claim", "setting", "compressor"),
        "the agents": ("claim", "setting", "agents"),
        "the metric": ("claim", "metric"),
        "the rate": ("claim", "rate"),
        "the lower rate": ("claim", "rate", "lower"),
        "the upper rate": ("claim", "rate", "upper"),
        "the features": ("claim", "features"),
        "the witnesses": ("witnesses",),
        "the upper witness": ("witnesses", "upper"),
        "the weights": ("witnesses", "upper", "weights"),
        "a matrix": ("witnesses", "upper", "weights", "mean"),
        "an entry": ("witnesses", "lower", "grams", "mean", 0, 0),
        "the margin": ("witnesses", "upper", "margin"),
        "the values": ("witnesses", "lower", "values"),
    }
    values = [
        None,
        True,
        3,
        -1,
        0.5,
        1e400,
        "",
        "nan",
        "1/0",
        "0.5",
        "no",
        "optimal",
        "1e5",
        [],
        {},
        [[]],
        [["1"]],
        {"a": 1},
        "1" * 5000,
    ]
    for place, path in places.items():
        for value in values:
            yield f"{place} is {str(value)[:12]!r} ({type(value).__name__})", at(*path)(value)
    for place, path in places.items():
        yield f"{place} is missing", lambda described, path=path: delete(described, path)
    yield "an unknown key in the claim", lambda d: d["claim"].update(note="x")
    yield "an unknown key in the setting", lambda d: d["claim"]["setting"].update(note="x")
    yield "an unknown parameter", lambda d: d["claim"]["method"].update(beta="1")
    yield "an unknown witness", lambda d: d["witnesses"].update(middle={})
    yield "an unknown multiplier", lambda d: d["witnesses"]["upper"]["multipliers"].update(more="1")
    yield "a group of nothing", at("claim", "setting", "agents")([{}])
    yield "a group with a float", at("claim", "setting", "agents")([{"count": 1.0}])
    yield "a group with an infinite share", at("claim", "setting", "agents")([{"share": 1e400}])
    yield "a group with a list", at("claim", "setting", "agents")([{"share": [1]}])


def delete(described, path):
    node = described
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]


# these say the same in another way, or say less
STILL_TRUE = {
    "delta is '0.5' (float)",
    "delta is '0.5' (str)",
    "the upper rate is '1' (str)",
    "the lower rate is '0' (str)",
    "the agents is 3 (int)",
    "the agents is '3' (int)",
}


@pytest.mark.fast_cases(295)
@pytest.mark.parametrize(("name", "edit"), list(edits()), ids=[name for name, _ in edits()])
def test_wrong_structures_are_refused(name, edit, rates, tmp_path):
    described = rates["ef21"].certificate.describe()
    described = json.loads(json.dumps(described))
    edit(described)
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(described))
    verdict = efpep.verify(path)
    if name in STILL_TRUE:
        assert verdict.accepted
    else:
        check_refused(verdict)


def test_duplicate_keys_deep_inside_are_refused(rates, tmp_path):
    rates["ef21"].certificate.save(tmp_path / "c.json")
    text = (tmp_path / "c.json").read_text()
    doubled = text.replace('"margin":', '"margin": "1",\n"margin":')
    assert doubled != text
    (tmp_path / "c.json").write_text(doubled)
    check_refused(efpep.verify(tmp_path / "c.json"))


def test_saving_where_nothing_can_be_written(rates, tmp_path):
    with pytest.raises(efpep.InputError, match="cannot be written") as caught:
        rates["ef21"].certificate.save(tmp_path / "no" / "such" / "directory.json")
    assert one_sentence(caught.value)


# --- classes from elsewhere ----------------------------------------------------------------------------------------------

MODULE = """
from typing import NamedTuple
import efpep
from efpep.questions.rate.question import RateQuestion

class State(NamedTuple):
    x: object

class Slow(efpep.Method):
    State = State

    def start(self, x, run):
        return State(x)

    def step(self, state, run):
        return State(state.x - self.step_size / 2 * run.mean(run.gradient(state.x)))

NUMBER = 3
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A user's method in a module of its own, and the certificate of its rate."""
    (tmp_path / "my_methods_for_a_test.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    import my_methods_for_a_test

    yield efpep.rate(my_methods_for_a_test.Slow(2), uniform(10, 0, 2))
    sys.modules.pop("my_methods_for_a_test", None)


def test_a_users_method_is_verified_where_it_can_be_imported(mine, tmp_path):
    mine.certificate.save(tmp_path / "c.json")
    assert mine.lower <= Fraction(81, 100) <= mine.upper
    verdict = efpep.verify(tmp_path / "c.json", allow=["my_methods_for_a_test"])
    assert verdict.accepted is True
    assert json.loads((tmp_path / "c.json").read_text())["claim"]["method"]["class"] == "my_methods_for_a_test:Slow"


def test_a_users_method_is_undecided_where_it_cannot_be_imported(mine, tmp_path):
    mine.certificate.save(tmp_path / "elsewhere.json")
    code = "import sys, efpep\nv = efpep.verify(sys.argv[1])\nassert v.accepted is None, v\nprint(v.reason)"
    finished = subprocess.run(
        [sys.executable, "-I", "-c", code, tmp_path / "elsewhere.json"], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("Undecided: ")


@pytest.mark.parametrize(
    "identifier", ["no_such_module_at_all:Method", "efpep.methods:NoSuchMethod", "no_such_module_at_all.deeper:Method", ":Method"]
)
def test_a_class_that_cannot_be_imported_is_undecided(identifier, rates, tmp_path):
    described = rates["ef21"].certificate.describe()
    described["claim"]["method"]["class"] = identifier
    verdict = verified(described, tmp_path / "c.json")
    assert verdict.accepted is None
    assert verdict.reason.startswith("Undecided: ")


@pytest.mark.parametrize(
    "identifier",
    ["json:JSONDecoder", "json:loads", "efpep:EF21.State", "efpep:Method", "my_methods_for_a_test:NUMBER", "efpep:Contractive"],
)
def test_something_that_is_no_method_is_never_accepted(identifier, mine, rates, tmp_path):
    described = rates["ef21"].certificate.describe()
    described["claim"]["method"]["class"] = identifier
    allow = ["json", "my_methods_for_a_test"]
    assert verified(described, tmp_path / "c.json", allow=allow).accepted in {False, None}


@pytest.mark.parametrize("kind", ["method", "functions", "compressor"])
@pytest.mark.parametrize("identifier", ["efpep:Method", "efpep.functions:FunctionClass", "efpep.compressors:Compressor"])
def test_classes_that_are_not_complete_are_refused(identifier, kind, rates, tmp_path):
    described = rates["ef21"].certificate.describe()
    place = described["claim"] if kind == "method" else described["claim"]["setting"]
    place[kind]["class"] = identifier
    verdict = verified(described, tmp_path / "c.json")
    assert verdict.accepted is False
    assert "is not a" in verdict.reason


@pytest.mark.parametrize(
    "identifier",
    [
        ".relative:Method",
        "..:Method",
        ":",
        "a\0b:Method",
        "\ud800:Method",
        "json:",
        "efpep:\ud800",
        "broken_for_a_test:Method",
        "raising_for_a_test:Method",
        "exiting_for_a_test:Method",
        "talking_for_a_test:Method",
    ],
)
def test_modules_that_fail_in_their_own_ways_are_never_accepted(identifier, rates, tmp_path, monkeypatch):
    (tmp_path / "broken_for_a_test.py").write_text("def (")
    (tmp_path / "raising_for_a_test.py").write_text("raise RuntimeError('no')")
    (tmp_path / "exiting_for_a_test.py").write_text("raise SystemExit(0)")
    (tmp_path / "talking_for_a_test.py").write_text("raise Exception('One. Two.\\nThree. ' + 1000 * 'x')")
    monkeypatch.syspath_prepend(tmp_path)
    described = rates["ef21"].certificate.describe()
    described["claim"]["method"]["class"] = identifier
    path = tmp_path / "c.json"
    path.write_text(json.dumps(described))
    names = ["broken_for_a_test", "raising_for_a_test", "exiting_for_a_test", "talking_for_a_test", "json"]
    verdict = efpep.verify(path, allow=names)
    assert verdict.accepted is None
    assert verdict.reason.startswith("Undecided: ")
    assert one_sentence(verdict.reason), verdict.reason
    verdict.reason.encode("utf-8")


@pytest.mark.parametrize(
    "change",
    [
        "raise ZeroDivisionError('One. Two.\\nThree')",
        "return 3",
        "return State(state.x * state.x)",
        "return State(None)",
        "return State(run.gradient(run.gradient(state.x)))",
    ],
)
def test_a_users_method_whose_code_fails_is_never_accepted(change, mine, tmp_path):
    described = mine.certificate.describe()
    name = "failing_for_a_test"
    start = MODULE.index("        return State(state.x - ")
    (tmp_path / f"{name}.py").write_text(f"{MODULE[:start]}        {change}\n")
    described["claim"]["method"]["class"] = f"{name}:Slow"
    try:
        verdict = verified(described, tmp_path / "c.json", allow=[name])
    finally:
        sys.modules.pop(name, None)
    assert verdict.accepted in {False, None}


def test_a_users_method_that_cannot_be_made_is_undecided(mine, tmp_path):
    described = mine.certificate.describe()
    (tmp_path / "unmade_for_a_test.py").write_text(f"{MODULE}\nclass Never(Slow):\n    def __init__(self):\n        pass\n")
    described["claim"]["method"]["class"] = "unmade_for_a_test:Never"
    verdict = verified(described, tmp_path / "c.json", allow=["unmade_for_a_test"])
    assert verdict.accepted is None
    assert "cannot be made" in verdict.reason


def test_a_check_builds_the_question_once(rates, tmp_path, monkeypatch):
    from efpep.questions.rate import question as module

    rates["ef21"].certificate.save(tmp_path / "c.json")
    built = []
    monkeypatch.setattr(module, "rate_inequalities", lambda *a, f=module.rate_inequalities, **k: built.append(a) or f(*a, **k))
    assert efpep.verify(tmp_path / "c.json").accepted
    assert len(built) == 1


def test_a_changed_certificate_asks_its_own_question(rates):
    certificate = rates["ef21"].certificate
    certificate.check()
    with pytest.raises(efpep.CertificateError):
        replace(certificate, question=replace(certificate.question, method=efpep.EF21("1/2"))).check()


# --- arbitrary files ---------------------------------------------------------------------------------------------------

NUMBERS = ["0", "1", "-1", "1/2", "1" * 400, "1" * 5000, "1/" + "7" * 3999, "0.1", "nan", 10**300, 1.5, -0.0]
NAMES = [
    "gd",
    "ef21",
    "contractive",
    "optimal",
    "distance",
    "efpep:EF21",
    "efpep:Method",
    ".a:b",
    "\ud800",
    "x" * 3000,
    "a\nb",
]
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.sampled_from([*NUMBERS, *NAMES])
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4))


def places_of(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places_of(child, (*path, key))


@settings(max_examples=400)
@given(data=st.data())
def test_whatever_a_file_holds_the_answer_is_one_sentence(data, rates, tmp_path_factory):
    """One to three pieces of a good certificate replaced by arbitrary JSON, removed, or put elsewhere."""
    described = json.loads(json.dumps(rates[data.draw(st.sampled_from(["ef21", "ef21 pair"]))].certificate.describe()))
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(places_of(described))[1:]
        if not places:
            break
        *way, last = data.draw(st.sampled_from([p for p in places if p[0] == "claim" or len(p) < 5] or places))
        node = described
        for key in way:
            node = node[key]
        if isinstance(node, dict) and data.draw(st.booleans()):
            node[data.draw(st.text(max_size=5) | st.sampled_from([*node, *NAMES, "features", "class", "lyapunov"]))] = node.pop(
                last
            )
        else:
            node[last] = data.draw(JSON)
    path = tmp_path_factory.getbasetemp() / "arbitrary.json"
    path.write_text(json.dumps(described))
    verdict = efpep.verify(path)
    assert one_sentence(verdict.reason), verdict.reason
    assert "the code that the claim names failed" not in verdict.reason
    verdict.reason.encode("utf-8")


# --- the exact test of semidefiniteness ----------------------------------------------------------------------------------


def semidefinite_by_minors(matrix):
    """All principal minors are nonnegative."""
    whole = sympy.Matrix([[sympy.Rational(a.numerator, a.denominator) for a in row] for row in matrix])
    size = len(matrix)
    for subset in range(1, 2**size):
        rows = [i for i in range(size) if subset >> i & 1]
        if whole.extract(rows, rows).det() < 0:
            return False
    return True


def random_matrix(draw, size):
    """A symmetric rational matrix: often semidefinite, often singular, often barely indefinite."""
    rank = draw.randint(0, size)
    factor = [[Fraction(draw.randint(-4, 4), draw.randint(1, 3)) for _ in range(rank)] for _ in range(size)]
    weights = [Fraction(draw.choice([1, 1, 2, 3])) for _ in range(rank)]
    if rank and draw.random() < 0.3:
        weights[draw.randrange(rank)] = Fraction(-1, 10 ** draw.randint(0, 20))
    matrix = [[sum((w * u[k] * v[k] for k, w in enumerate(weights)), Fraction(0)) for v in factor] for u in factor]
    if size and draw.random() < 0.3:
        i, j = draw.randrange(size), draw.randrange(size)
        bump = Fraction(draw.choice([-1, 1]), 10 ** draw.randint(0, 20))
        matrix[i][j] += bump
        if i != j:
            matrix[j][i] += bump
    return matrix


def test_semidefiniteness_is_decided_like_the_principal_minors():
    draw = random.Random(2)  # noqa: S311
    found = {True: 0, False: 0}
    for _ in range(250):
        matrix = random_matrix(draw, draw.randint(1, 4))
        expected = semidefinite_by_minors(matrix)
        assert is_semidefinite(matrix) == expected, matrix
        found[expected] += 1
    assert min(found.values()) > 50


def test_semidefiniteness_by_the_characteristic_polynomial():
    """A symmetric matrix is semidefinite exactly where the coefficients of det(x I + A) are nonnegative."""
    draw = random.Random(3)  # noqa: S311
    for _ in range(60):
        matrix = random_matrix(draw, draw.randint(1, 6))
        whole = sympy.Matrix([[sympy.Rational(a.numerator, a.denominator) for a in row] for row in matrix])
        coefficients = (-whole).charpoly().all_coeffs()
        assert is_semidefinite(matrix) == all(c >= 0 for c in coefficients)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ([], True),
        ([[0]], True),
        ([[-1]], False),
        ([[0, 0], [0, 0]], True),
        ([[0, 1], [1, 0]], False),
        ([[0, 0], [0, -1]], False),
        ([[0, 1], [1, 5]], False),
        ([[1, 1], [1, 1]], True),
        ([[1, 2], [2, 4]], True),
        ([[1, 2], [2, Fraction(4) - Fraction(1, 10**50)]], False),
        ([[1, 2], [3, 4]], False),
        ([[1, 0]], False),
        ([[1, 0, 1], [0, 0, 0], [1, 0, 1]], True),
        ([[1, 1, 0], [1, 1, 1], [0, 1, 1]], False),
        ([[0, 0, 0], [0, 1, 2], [0, 2, 3]], False),
        ([[Fraction(1, 3), Fraction(1, 6)], [Fraction(1, 6), Fraction(1, 12)]], True),
    ],
)
def test_known_matrices(matrix, expected):
    assert is_semidefinite(matrix) is expected


@given(st.integers(1, 5), st.data())
def test_sums_of_squares_are_semidefinite_and_lose_it_below_their_least_eigenvalue(size, data):
    entries = st.fractions(min_value=-5, max_value=5, max_denominator=20)
    vectors = data.draw(st.lists(st.lists(entries, min_size=size, max_size=size), min_size=0, max_size=size - 1))
    gram = [[sum((v[i] * v[j] for v in vectors), Fraction(0)) for j in range(size)] for i in range(size)]
    assert is_semidefinite(gram)
    # the rank is deficient, so any amount off the identity breaks it
    shifted = [[a - (Fraction(1, 10**30) if i == j else 0) for j, a in enumerate(row)] for i, row in enumerate(gram)]
    assert not is_semidefinite(shifted)
