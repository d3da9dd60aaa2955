"""The command line: shapes of answers, exit statuses, and one line for whatever is wrong."""

import ast
import copy
import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
import typer

import efpep
from efpep.cli import main
from efpep.cli.app import app
from efpep.conic.solver import SOLVERS
from efpep.conic.status import Solution, SolverStatus
from efpep.errors import InputError
from efpep.report.answer import cited
from efpep.theory.error_feedback import stability_limit

QUESTION = ["--mu", "0.1", "--L", "1", "--delta", "1/2"]


def setting(agents: int = 10) -> efpep.Setting:
    return efpep.Setting(efpep.SmoothStronglyConvex("0.1", 1), efpep.Contractive("1/2"), agents)


class Refusing:
    """A solver that never has anything to say."""

    name = "refusing"

    def solve(self, program: object, tolerance: float) -> Solution:
        return Solution(SolverStatus.FAILED)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def call(*words: str) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture
def ask(run):
    """Run a command with --json; the whole of standard output is one JSON object."""

    def call(*words: str) -> tuple[int, dict]:
        code, out, err = run(*words, "--json")
        assert out.count("\n") == 1, err
        return code, json.loads(out)

    return call


def ends(answer: dict) -> tuple[Fraction, Fraction]:
    return Fraction(answer["rate"]["lower"]), Fraction(answer["rate"]["upper"])


def process(*words: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "efpep.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("certificates") / "ef21.json"
    assert main(["rate", "ef21", *QUESTION, "--agents", "10", "--certificate", str(path)]) == 0
    return path


@pytest.mark.parametrize(("key", "agents"), [("cgd", 1), ("ef", 1), ("ef", 1000), ("ef21", 10**9)])
def test_rate_encloses_the_theorem(ask, key, agents):
    code, answer = ask("rate", key, *QUESTION, "--agents", agents)
    cls = {"cgd": efpep.CGD, "ef": efpep.EF, "ef21": efpep.EF21}[key]
    theory = cls.literature.rate(cls(), setting(agents)).value
    lower, upper = ends(answer)
    # the step is the optimal one rounded to 17 digits, so the rate is the theorem's up to that
    assert lower - Fraction(1, 10**15) <= theory <= upper + Fraction(1, 10**15)
    assert upper - lower <= Fraction(1, 10**8)
    assert code == 0
    assert (answer["method"], answer["agents"], answer["metric"]) == (key, agents, "distance")
    assert (answer["certified"], answer["verdict"], answer["solver"]) == (True, "proved", answer["solver"])
    assert (answer["mu"], answer["L"], answer["delta"]) == ("0.1", "1", "0.5")
    assert Fraction(answer["step_size"]) == cls().resolved(setting(agents)).step_size
    assert abs(Fraction(answer["theory"]["rate"]) - theory) < Fraction(1, 10**12)
    assert all(len(end.partition(".")[2]) >= 12 for end in answer["rate"].values())
    assert answer["seconds"] > 0


def test_width(ask, run):
    code, answer = ask("rate", "ef21", *QUESTION, "--width", "1e-12")
    lower, upper = ends(answer)
    assert code == 0
    assert upper - lower <= Fraction(1, 10**12)
    assert lower <= efpep.EF21.literature.rate(efpep.EF21(), setting(1)).value <= upper
    code, out, err = run("rate", "ef21", *QUESTION, "--width", "0")
    assert (code, out) == (2, "")
    assert "width is 0" in err


def test_rate_rounds_outward(ask, certificate):
    proof = efpep.Certificate.load(certificate)
    _, answer = ask("verify", certificate)
    lower, upper = ends(answer["claim"])
    assert lower <= proof.lower.theta <= proof.upper.theta <= upper
    assert proof.lower.theta - lower < Fraction(1, 10**15)
    assert upper - proof.upper.theta < Fraction(1, 10**15)


def test_rate_for_readers(run):
    code, out, err = run("rate", "ef21", *QUESTION)
    assert code == 0
    assert err == ""
    assert "0.93936819" in out
    assert "V = " in out
    assert "proved in exact arithmetic" in out


def test_gd_needs_no_delta(ask, run):
    _, answer = ask("rate", "gd", "--mu", "0.1", "--L", "1", "--metric", "gradient")
    lower, upper = ends(answer)
    assert lower - Fraction(1, 10**15) <= Fraction(9, 11) ** 2 <= upper + Fraction(1, 10**15)
    assert (answer["delta"], answer["metric"]) == (None, "gradient")
    assert "delta is not used" in run("rate", "gd", *QUESTION)[2]


@pytest.mark.parametrize("sizes", [("count=3", "count=7"), ("share=3/10", "share=0.7")])
def test_groups_of_one_kind_are_the_theorem(ask, sizes):
    code, answer = ask(
        "rate", "ef21", "--delta", "1/2", "--mu", "0.1", "--group", f"{sizes[0]},L=1", "--group", f"{sizes[1]}, L = 1"
    )
    theory = efpep.EF21.literature.rate(efpep.EF21(), setting()).value
    lower, upper = ends(answer)
    assert code == 0
    assert lower - Fraction(1, 10**15) <= theory <= upper + Fraction(1, 10**15)
    assert (answer["mu"], answer["L"], answer["delta"]) == (None, None, None)
    assert answer["agents"] == (10 if "count" in sizes[0] else None)
    assert [group["mu"] for group in answer["groups"]] == ["0.1", "0.1"]
    assert answer["groups"][0] in (
        {"count": 3, "mu": "0.1", "L": "1", "delta": "0.5"},
        {"share": "0.3", "mu": "0.1", "L": "1", "delta": "0.5"},
    )


def test_given_lyapunov_function(ask, run, tmp_path):
    file = tmp_path / "given.json"
    words = ["rate", "ef21", *QUESTION, "--agents", "10", "--lyapunov"]
    code, answer = ask(*words, "literature", "--certificate", file)
    theory = efpep.EF21.literature.rate(efpep.EF21(), setting()).value
    lower, upper = ends(answer)
    assert (code, answer["given"], answer["certified"]) == (0, True, True)
    assert lower <= theory <= upper
    code, verdict = ask("verify", file)
    assert (code, verdict["accepted"]) == (0, True)
    assert verdict["claim"]["lyapunov"]["weights"]
    # the same function as a formula, and as the text that an answer prints
    for formula in ("|mean(g-d)|^2 + dev(g-d, g-d) + 0.70710678 |mean(g)|^2", answer["lyapunov"]):
        lower, upper = ends(ask(*words, formula)[1])
        assert lower - Fraction(1, 10**5) <= theory <= upper
    text = run(*words, "literature")[1]
    assert "for the given Lyapunov function" in text
    assert "given      V = " in text
    assert ask("rate", "ef21", *QUESTION)[1]["given"] is False


def test_given_lyapunov_function_that_does_not_contract(ask, run):
    words = ["rate", "ef21", *QUESTION, "--lyapunov", "|x-x*|^2"]
    code, answer = ask(*words)
    assert (code, answer["verdict"], answer["given"]) == (3, "refuted", True)
    assert answer["lyapunov"] == "V = 1 |x-x*|^2"
    text = " ".join(run(*words)[1].split())
    assert "no contraction: the given Lyapunov function" in text
    assert "of the class" not in text


def test_the_best_function_for_groups_beats_the_law(ask):
    groups = ["--group", "count=1,mu=0.1,L=1", "--group", "count=1,mu=0.3,L=2", "--delta", "0.5"]
    best = ends(ask("rate", "ef21", *groups)[1])
    law = ends(ask("rate", "ef21", *groups, "--lyapunov", "literature")[1])
    # the cubic law of 2605.31594 is .9222542488 here; the best Lyapunov function does a little better
    assert best[0] <= Fraction("0.9222538726") <= best[1]
    assert law[0] <= Fraction("0.9222542488") <= law[1]


def test_server_compression(ask, run, tmp_path):
    words = ["rate", "ef21-p", "--mu", "0.1", "--L", "1", "--step-size", "0.1", "--delta-server"]
    file = tmp_path / "c.json"
    code, answer = ask(*words, "0.5", "--certificate", file)
    assert (code, answer["delta"]) == (0, None)
    assert answer["server_compressor"] == {"class": "contractive", "delta": "0.5"}
    assert ask("verify", file)[1]["claim"]["server_compressor"] == answer["server_compressor"]
    assert "server_compressor = contractive (delta = 0.5)" in run(*words, "0.5")[1]
    # a server that loses nothing leaves gradient descent
    lower, upper = ends(ask(*words, "1")[1])
    assert lower <= Fraction(99, 100) ** 2 <= upper


def test_a_shared_minimiser_is_said(ask, run):
    assert ask("rate", "ef", *QUESTION, "--agents", "2")[1]["common_minimiser"] is True
    assert ask("rate", "ef", *QUESTION)[1]["common_minimiser"] is False
    assert ask("rate", "ef21", *QUESTION, "--agents", "2")[1]["common_minimiser"] is False
    assert "share one minimiser" in run("rate", "ef", *QUESTION, "--agents", "2")[1]
    assert "share one minimiser" not in run("rate", "ef", *QUESTION)[1]


def test_no_contraction_is_status_3(ask, tmp_path, run):
    step = stability_limit(setting()).value * Fraction(102, 100)
    code, answer = ask("rate", "ef21", *QUESTION, "--agents", "2", "--step-size", step, "--certificate", tmp_path / "c.json")
    assert code == 3
    assert Fraction(answer["rate"]["lower"]) >= 1
    assert (answer["rate"]["upper"], answer["certified"], answer["verdict"]) == (None, True, "refuted")
    code, verdict = ask("verify", tmp_path / "c.json")
    assert (code, verdict["accepted"], verdict["claim"]["rate"]["upper"]) == (0, True, None)
    assert "no contraction" in run("rate", "ef21", *QUESTION, "--step-size", step)[1]


def test_undecided_is_status_4(ask, run, monkeypatch, tmp_path):
    monkeypatch.setitem(SOLVERS, "refusing", Refusing)
    file = tmp_path / "c.json"
    code, answer = ask("rate", "ef21", *QUESTION, "--solver", "refusing", "--certificate", file)
    assert code == 4
    assert answer["rate"] == {"lower": None, "upper": None}
    assert (answer["certified"], answer["verdict"]) == (False, "undecided")
    assert not file.exists()
    assert "undecided" in run("rate", "ef21", *QUESTION, "--solver", "refusing")[1]
    assert run("crosscheck", "ef21", *QUESTION, "--solver", "refusing")[0] == 4


def test_verify_accepts(ask, run, certificate):
    code, verdict = ask("verify", certificate)
    assert (code, verdict["accepted"]) == (0, True)
    claim = verdict["claim"]
    assert set(claim) == {"method", "mu", "L", "delta", "agents", "step_size", "metric", "rate"}
    assert (claim["method"], claim["mu"], claim["L"], claim["delta"], claim["agents"]) == ("ef21", "0.1", "1", "0.5", 10)
    assert run("verify", certificate)[1].startswith("Accepted: ")


def test_verify_names_groups(ask, tmp_path):
    file = tmp_path / "groups.json"
    groups = ["--group", "count=1,mu=0.1,L=1", "--group", "count=1,mu=0.3,L=2"]
    code, answer = ask("rate", "ef21", *groups, "--delta", "0.5", "--step-size", "0.14", "--certificate", file)
    assert code == 0
    code, verdict = ask("verify", file)
    assert code == 0
    claim = verdict["claim"]
    assert [claim["mu"], claim["L"], claim["delta"], claim["agents"]] == [None, None, None, 2]
    assert claim["groups"] == answer["groups"]
    assert claim["groups"][1] == {"count": 1, "mu": "0.3", "L": "2", "delta": "0.5"}


def test_verify_says_that_a_lyapunov_function_is_given(ask, tmp_path):
    file = tmp_path / "given.json"
    efpep.rate(efpep.EF21(), setting(), lyapunov="literature").certificate.save(file)
    code, verdict = ask("verify", file)
    assert (code, verdict["accepted"]) == (0, True)
    assert verdict["claim"]["lyapunov"]["weights"]
    assert "given" in verdict["reason"]


def test_verify_writes_a_script(run, certificate, tmp_path):
    script = tmp_path / "proof.py"
    assert run("verify", certificate, "--script", script)[0] == 0
    assert subprocess.run([sys.executable, "-I", str(script)], check=False, capture_output=True, timeout=60).returncode == 0
    code, out, err = run("verify", certificate, "--script", tmp_path / "missing" / "proof.py")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_verify_writes_no_script_of_a_refused_certificate(run, tmp_path):
    (tmp_path / "c.json").write_text("{}")
    code, _, err = run("verify", tmp_path / "c.json", "--script", tmp_path / "proof.py")
    assert code == 1
    assert "not written" in err
    assert not (tmp_path / "proof.py").exists()


def test_verify_refuses_a_better_rate(ask, certificate, tmp_path):
    described = json.loads(certificate.read_text())
    described["claim"]["rate"]["upper"] = "9/10"
    (tmp_path / "forged.json").write_text(json.dumps(described))
    code, verdict = ask("verify", tmp_path / "forged.json")
    assert (code, verdict["accepted"], verdict["claim"]["rate"]["upper"]) == (1, False, "0.900000000000000")
    assert verdict["reason"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"claim": 1, "witnesses": {}}', "\x00", '{"claim": {}, "witnesses": {}}', "[" * 20000]
)
def test_verify_refuses_malformed_files(ask, run, tmp_path, text):
    (tmp_path / "c.json").write_text(text)
    code, verdict = ask("verify", tmp_path / "c.json")
    assert (code, verdict["accepted"], verdict["claim"]) == (1, False, None)
    assert run("verify", tmp_path / "c.json")[1].startswith("Refused: ")


def test_verify_without_the_class_is_undecided(ask, certificate, tmp_path):
    described = json.loads(certificate.read_text())
    described["claim"]["method"]["class"] = "no_such_module_anywhere:Method"
    (tmp_path / "c.json").write_text(json.dumps(described))
    code, verdict = ask("verify", tmp_path / "c.json")
    assert (code, verdict["accepted"]) == (4, None)


def test_verify_loads_no_numpy(certificate):
    words = ["verify", str(certificate), "--json"]
    done = process(code=f"import sys; from efpep.cli import main; print(main({words}), 'numpy' in sys.modules)")
    assert done.stdout.splitlines()[1] == "0 False", done.stderr


def test_help_loads_nothing_heavy():
    heavy = ["numpy", "scipy", "pydantic", "sympy", "cvxpy", "clarabel"]
    done = process(
        code=f"import sys; from efpep.cli import main; main(['--help']); print([m for m in {heavy} if m in sys.modules])"
    )
    assert done.stdout.splitlines()[-1] == "[]", done.stderr
    assert "verify" in done.stdout


METHOD = """
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple
from efpep.methods import Method

class State(NamedTuple):
    x: Any

@dataclass(frozen=True)
class Scaled(Method):
    title: ClassVar[str] = "Scaled"
    compresses: ClassVar[bool] = False
    State: ClassVar[type] = State
    factor: Any = 1

    def __post_init__(self):
        super().__post_init__()
        self.read(factor=self.factor)

    def start(self, x, run):
        return State(x)

    def step(self, state, run):
        return State(state.x - self.factor * self.step_size * run.mean(run.gradient(state.x)))
"""


def test_own_method_with_parameters(ask, tmp_path, monkeypatch):
    (tmp_path / "own_scaled.py").write_text(METHOD)
    monkeypatch.syspath_prepend(tmp_path)
    file = tmp_path / "c.json"
    question = ["--mu", "1", "--L", "4", "--step-size", "1/5", "--set", "factor=3/2", "--certificate", file]
    code, answer = ask("rate", "own_scaled:Scaled", *question)
    lower, upper = ends(answer)
    # gradient descent with step 3/10: max(|1 - 0.3|, |1 - 1.2|)^2
    assert lower <= Fraction(49, 100) <= upper
    assert code == 0
    assert (answer["method"], answer["parameters"]) == ("own_scaled:Scaled", {"factor": "1.5"})
    assert ask("verify", file, "--allow", "own_scaled")[0] == 0
    assert process("verify", str(file), "--json").returncode == 4


BAD = {
    "unknown command": ["raet"],
    "unknown option": ["rate", "ef21", *QUESTION, "--speed", "3"],
    "missing argument": ["rate"],
    "missing value": ["rate", "ef21", "--mu"],
    "too many arguments": ["methods", "ef21"],
    "unknown method": ["rate", "adam", *QUESTION],
    "class not importable": ["rate", "no_such_module:Method", *QUESTION],
    "not a method": ["rate", "fractions:Fraction", *QUESTION],
    "empty method": ["rate", "", *QUESTION],
    "missing mu": ["rate", "ef21", "--L", "1", "--delta", "0.5"],
    "missing L": ["rate", "ef21", "--mu", "1", "--delta", "0.5"],
    "missing delta": ["rate", "ef21", "--mu", "0.1", "--L", "1"],
    "no number": ["rate", "ef21", "--mu", "abc", "--L", "1", "--delta", "0.5"],
    "nan": ["rate", "ef21", "--mu", "nan", "--L", "1", "--delta", "0.5"],
    "division by zero": ["rate", "ef21", "--mu", "1/0", "--L", "1", "--delta", "0.5"],
    "mu is 0": ["rate", "ef21", "--mu", "0", "--L", "1", "--delta", "0.5"],
    "mu negative": ["rate", "ef21", "--mu", "-1", "--L", "1", "--delta", "0.5"],
    "mu exceeds L": ["rate", "ef21", "--mu", "2", "--L", "1", "--delta", "0.5"],
    "delta is 0": ["rate", "ef21", "--mu", "0.1", "--L", "1", "--delta", "0"],
    "delta above 1": ["rate", "ef21", "--mu", "0.1", "--L", "1", "--delta", "1.5"],
    "no agents": ["rate", "ef21", *QUESTION, "--agents", "0"],
    "part of an agent": ["rate", "ef21", *QUESTION, "--agents", "2.5"],
    "part of a digit": ["rate", "ef21", *QUESTION, "--digits", "2.5"],
    "no server's compressor": ["rate", "ef21-bc", *QUESTION, "--step-size", "0.1"],
    "server's delta is 0": ["rate", "ef21-bc", *QUESTION, "--step-size", "0.1", "--delta-server", "0"],
    "agents no number": ["rate", "ef21", *QUESTION, "--agents", "many"],
    "negative step": ["rate", "ef21", *QUESTION, "--step-size", "-0.1"],
    "unknown step": ["rate", "ef21", *QUESTION, "--step-size", "best"],
    "unknown metric": ["rate", "ef21", *QUESTION, "--metric", "speed"],
    "unknown solver": ["rate", "ef21", *QUESTION, "--solver", "oracle"],
    "unknown cvxpy solver": ["rate", "ef21", *QUESTION, "--solver", "cvxpy:ORACLE"],
    "no closed form": ["rate", "cgd", *QUESTION, "--agents", "2"],
    "unknown parameter": ["rate", "ef21", *QUESTION, "--set", "momentum=0.9"],
    "parameter class": ["rate", "ef21", *QUESTION, "--set", "class=ef"],
    "parameter without value": ["rate", "ef21", *QUESTION, "--set", "momentum"],
    "step twice": ["rate", "ef21", *QUESTION, "--set", "step_size=1", "--step-size", "1"],
    "group and agents": ["rate", "ef21", *QUESTION, "--agents", "2", "--group", "count=2"],
    "group without size": ["rate", "ef21", *QUESTION, "--group", "mu=0.2"],
    "group with an unknown key": ["rate", "ef21", *QUESTION, "--group", "count=2,nu=1"],
    "group key twice": ["rate", "ef21", *QUESTION, "--group", "count=2,count=1"],
    "group malformed": ["rate", "ef21", *QUESTION, "--group", "2"],
    "shares not 1": ["rate", "ef21", *QUESTION, "--group", "share=1/2", "--group", "share=1/3"],
    "group without constants": ["rate", "ef21", "--delta", "0.5", "--group", "count=2"],
    "certificate path": ["rate", "ef21", *QUESTION, "--certificate", "/no/such/directory/c.json"],
    "certificate is a directory": ["rate", "ef21", *QUESTION, "--certificate", "/"],
    "empty formula": ["rate", "ef21", *QUESTION, "--lyapunov", " "],
    "unreadable formula": ["rate", "ef21", *QUESTION, "--lyapunov", "V(x)"],
    "feature that is missing": ["rate", "ef21", *QUESTION, "--lyapunov", "|e|^2"],
    "nothing in the literature": ["rate", "gd", "--mu", "0.1", "--L", "1", "--lyapunov", "literature"],
    "no certificate": ["verify", "/no/such/file.json"],
    "certificate file is a directory": ["verify", "/"],
    "no study": ["table", "/no/such/study.toml"],
    "study is a directory": ["table", "/"],
    "unknown format": ["table", "/no/such/study.toml", "--format", "xml"],
    "crosscheck bad": ["crosscheck", "ef21", "--mu", "2", "--L", "1", "--delta", "0.5"],
}


@pytest.mark.fast_cases(9)
@pytest.mark.parametrize("words", BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_line(run, words):
    code, out, err = run(*words)
    lines = [line for line in err.splitlines() if line.strip()]
    assert code == 2, err
    assert out == ""
    assert len(lines) == 1, err
    assert lines[0].startswith("efpep: error: ")
    assert lines[0].endswith(".")
    assert ";" in lines[0]  # what is wrong; the remedy


def test_faults_are_one_line(run, monkeypatch):
    def broken() -> Refusing:
        raise ZeroDivisionError("a fault")

    monkeypatch.setitem(SOLVERS, "broken", broken)
    monkeypatch.delenv("EFPEP_DEBUG", raising=False)
    code, out, err = run("rate", "ef21", *QUESTION, "--solver", "broken")
    assert (code, out, err.count("\n")) == (4, "", 1)
    monkeypatch.setenv("EFPEP_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("rate", "ef21", *QUESTION, "--solver", "broken")


def test_progress_goes_to_standard_error(run, tmp_path):
    study = tmp_path / "study.toml"
    study.write_text('title = "One"\nmethods = ["gd"]\n[grid]\nkappa = [2, 3]\nL = 1\n')
    code, out, err = run("table", study, "--format", "csv")
    assert code == 0
    assert out.count("\n") == 3
    assert "2/2" in err
    code, out, _ = run("table", study, "--json")
    assert [row["kappa"] for row in json.loads(out)["rows"]] == ["2", "3"]


@pytest.mark.parametrize("word", ["methods", "--help"])
def test_closed_standard_output_is_no_error(word):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "efpep.cli", word]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_full_device_is_one_line():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "efpep.cli", "methods"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def test_methods_and_version(ask, run):
    code, answer = ask("methods")
    assert code == 0
    assert {"gd", "cgd", "ef", "ef21"} <= {method["method"] for method in answer["methods"]}
    _, out, _ = run("methods")
    assert all(method["method"] in out and cited(method["reference"]) in out for method in answer["methods"])
    assert run("--version")[:2] == (0, f"efpep {efpep.__version__}\n")


def test_crosscheck_agrees(ask):
    code, answer = ask("crosscheck", "ef21", *QUESTION)
    theory = float(efpep.EF21.literature.rate(efpep.EF21(), setting(1)).value)
    assert (code, answer["agrees"], answer["agents"]) == (0, True, 1)
    assert answer["value"] == pytest.approx(theory, abs=1e-6)
    lower, upper = ends(answer)
    assert lower <= upper


def test_crosscheck_of_a_given_function(ask):
    code, answer = ask("crosscheck", "ef21", *QUESTION, "--agents", "2", "--lyapunov", "literature")
    assert (code, answer["agrees"], answer["agents"]) == (0, True, 2)


GROUP = ["--mu", "0.1", "--L", "1", "--step-size", "0.05"]


@pytest.mark.parametrize("agents", [1, 2, 10, 10**6])
def test_unbiased_compressors(ask, run, agents):
    words = ["rate", "cgd", "--mu", "0.1", "--L", "1", "--step-size", "1/2", "--agents", agents]
    words += ["--compressor", "unbiased", "--compressor-set", "omega=1"]
    code, answer = ask(*words)
    lower, upper = ends(answer)
    # E ||x+||^2 of f = mu x^2/2 with C(v) = v + noise: ((1 - eta mu)^2 + omega (eta mu)^2/n) ||x||^2
    assert lower <= Fraction(95, 100) ** 2 + Fraction(5, 100) ** 2 / agents <= upper
    assert (code, answer["in_expectation"], answer["delta"]) == (0, True, None)
    assert answer["compressor"]["class"] == "unbiased"
    if agents == 1:
        assert "in expectation" in run(*words)[1]


@pytest.mark.fast_cases(4)
@pytest.mark.parametrize("key", ["contractive", "projection", "linear", "randomized", "efpep.compressors:Projection"])
def test_contractive_classes(ask, key):
    code, answer = ask("rate", "ef21", *QUESTION, "--step-size", "0.1", "--agents", "10", "--compressor", key)
    assert code == 0
    assert answer["delta"] == "0.5"
    assert answer["in_expectation"] is (key == "randomized")
    # no class is worse than arbitrary contractive maps
    assert ends(answer)[0] <= ends(ask("rate", "ef21", *QUESTION, "--step-size", "0.1", "--agents", "10")[1])[1]


def test_gradient_dominated_functions(ask, run):
    words = ["rate", "gd", "--mu", "0.1", "--L", "1", "--functions", "gradient-dominated", "--step-size", "1", "--metric", "gap"]
    code, answer = ask(*words)
    assert code == 0
    assert answer["functions"] == {"class": "gradient-dominated", "mu": "0.1", "L": "1"}
    # f(x+) - f* <= (1 - mu/L) (f(x) - f*) is the textbook's bound
    assert ends(answer)[1] <= Fraction(9, 10)
    assert "gradient-dominated (mu = 0.1, L = 1)" in run(*words)[1]


def test_groups_with_classes_of_their_own(ask, run):
    groups = [
        "--group",
        "count=1,delta=0.5",
        "--group",
        "count=1,compressor=unbiased,omega=1/10,functions=smooth-strongly-convex",
    ]
    code, answer = ask("rate", "ef21", *GROUP, *groups)
    assert code in {0, 3, 4}
    assert answer["groups"][0] == {"count": 1, "mu": "0.1", "L": "1", "delta": "0.5"}
    assert answer["groups"][1]["compressor"] == {"class": "unbiased", "omega": "0.1", "shared": "False"}
    # the same class twice is one group
    same = ["--compressor", "projection", "--group", "count=1,delta=0.5", "--group", "count=1,compressor=projection,delta=0.5"]
    one = ends(ask("rate", "ef21", *GROUP, *same)[1])
    other = ends(ask("rate", "ef21", *GROUP, "--delta", "0.5", "--compressor", "projection", "--agents", "2")[1])
    assert max(one[0], other[0]) <= min(one[1], other[1])


def test_memory_and_features(ask, run, tmp_path):
    words = ["rate", "ef21", *QUESTION, "--agents", "10"]
    best = ends(ask(*words)[1])
    file = tmp_path / "c.json"
    code, answer = ask(*words, "--features", "g, g-d", "--certificate", file)
    assert (code, answer["memory"], answer["features"]) == (0, 0, ["g", "g-d"])
    # the literature's function is made of these
    assert max(best[0], ends(answer)[0]) <= min(best[1], ends(answer)[1])
    claim = ask("verify", file)[1]["claim"]
    assert (claim["memory"], claim["features"]) == (0, ["g", "g-d"])
    assert "V made of g, g-d" in run(*words, "--features", "g,g-d")[1]
    code, answer = ask("rate", "gd", "--mu", "0.1", "--L", "1", "--step-size", "1", "--memory", "1")
    assert (code, answer["memory"]) == (0, 1)
    assert ends(answer)[0] <= Fraction(81, 100) <= ends(answer)[1] + Fraction(1, 10**7)


def test_simple_functions(ask, run, tmp_path):
    words = ["rate", "ef21", *QUESTION, "--agents", "10", "--solver", "clarabel"]  # the theorem's function is simple as it is
    code, best = ask(*words)
    file = tmp_path / "c.json"
    code, answer = ask(*words, "--certificate", file, "--simple", "1e-4")
    assert (code, answer["simplified"], best["simplified"]) == (0, "1e-4", None)
    assert answer["lyapunov"].count("|") + answer["lyapunov"].count("dev") < best["lyapunov"].count("|")
    lower, upper = ends(answer)
    assert ends(best)[1] <= upper <= ends(best)[1] + (1 - ends(best)[1]) * Fraction(11, 10**5)
    assert ends(ask("verify", file)[1]["claim"]) == (lower, upper)
    for order in (["rate", "--simple", *words[1:], "--latex"], [*words, "--latex", "--simple"]):
        text = run(*order)[1]
        assert "simplified V = " in text
        assert r"\lVert \overline{g - d} \rVert^2" in text
    # nothing to simplify
    code, _, err = run(*words, "--step-size", "0.4", "--simple")
    assert (code, err.count("\n")) == (3, 1)


CLASSES = {
    "unknown compressor": [*QUESTION, "--compressor", "topk"],
    "compressor not importable": [*QUESTION, "--compressor", "no_such_module:C"],
    "not a compressor": [*QUESTION, "--compressor", "fractions:Fraction"],
    "unknown functions": [*QUESTION, "--functions", "convex"],
    "unknown parameter of the compressors": [*QUESTION, "--compressor-set", "omega=1"],
    "class as a parameter": [*QUESTION, "--compressor-set", "class=unbiased"],
    "parameter without value": [*QUESTION, "--compressor-set", "omega"],
    "omega is missing": ["--mu", "0.1", "--L", "1", "--compressor", "unbiased"],
    "omega is negative": ["--mu", "0.1", "--L", "1", "--compressor", "unbiased", "--compressor-set", "omega=-1"],
    "delta is not used": [*QUESTION, "--compressor", "unbiased", "--compressor-set", "omega=1", "--step-size", "0.1"],
    "delta twice": [*QUESTION, "--compressor-set", "delta=1"],
    "mu is not used": [*QUESTION, "--functions", "smooth-convex"],
    "parameter of the functions": [*QUESTION, "--functions-set", "nu=1"],
    "shared is no answer": [*QUESTION, "--compressor", "randomized", "--compressor-set", "shared=perhaps"],
    "group with an unknown class": [*QUESTION, "--group", "count=2,compressor=topk"],
    "group with another class's parameter": [*QUESTION, "--group", "count=2,omega=1"],
    "no closed form for the class": ["--mu", "0.1", "--L", "1", "--compressor", "unbiased", "--compressor-set", "omega=1"],
    "memory is negative": [*QUESTION, "--memory", "-1"],
    "memory is long": [*QUESTION, "--memory", "6"],
    "memory is no number": [*QUESTION, "--memory", "long"],
    "unknown feature": [*QUESTION, "--features", "x,e"],
    "empty feature": [*QUESTION, "--features", "x,,g"],
    "no features": [*QUESTION, "--features", ""],
    "tolerance is 1": [*QUESTION, "--simple", "1"],
    "tolerance is negative": [*QUESTION, "--simple", "-1"],
    "simple and given": [*QUESTION, "--simple", "--lyapunov", "literature"],
}


@pytest.mark.fast_cases(8)
@pytest.mark.parametrize("words", CLASSES.values(), ids=CLASSES.keys())
def test_bad_classes_are_one_line(run, words):
    test_bad_input_is_one_line(run, ["rate", "ef21", *words])


@pytest.mark.parametrize(("method", "used"), [("ef21", False), ("gd", False), ("ef21-p", True), ("ef21-bc", True)])
def test_a_server_compressor_that_is_not_used_is_noted(method, used, capsys):
    words = ["rate", method, "--mu", "0.5", "--L", "1", "--delta", "0.9", "--step-size", "0.1", "--agents", "2"]
    assert main([*words, "--delta-server", "0.9"]) == 0
    assert ("does not compress at the server, so delta-server is not used." in capsys.readouterr().err) != used


PYTHON_REMEDIES = {
    "a step size": (["rate", "ef21-p", "--mu", "0.1", "--L", "1"], "--step-size"),
    "a server's compressor": (["rate", "ef21-p", "--mu", "0.1", "--L", "1", "--step-size", "0.1"], "--delta-server"),
    "iterations": (["potential", "adef", "--L", "1", "--delta", "0.5"], "--iterations"),
}


@pytest.mark.parametrize(("words", "option"), PYTHON_REMEDIES.values(), ids=PYTHON_REMEDIES)
def test_remedies_name_the_options_of_the_command(words, option, capsys):
    assert main(words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].endswith(f"(on the command line: {option}).")


def test_remedies_without_arguments_stay_as_they_are():
    from efpep.cli.argument_options import with_options
    from efpep.cli.rate import RateCommand

    for message in (
        "no such thing; give mu, or --mu.",
        "no argument; choose another.",
        "mu=1 is wrong.",
        "x; give nothing_known.",
    ):
        assert with_options(InputError(message), RateCommand(method="ef21")) == message
        assert with_options(InputError(message, argument="nothing_known"), RateCommand(method="ef21")) == message


ARGUMENTS = {
    "an argument that is not given": ("there is none; give one.", "mu", {}, " (on the command line: --mu)."),
    "the subject of the sentence": ("mu is 2; give another.", "mu", {}, None),
    "an option that was written": ("there is none; give one.", "mu", {"mu": "2"}, None),
    "an option that is called otherwise": ("step_size is 2; give another.", "step_size", {"step_size": "2"}, "--step-size"),
    "an option that the sentence has": ("there is none; give --mu.", "mu", {}, None),
    "an argument of another name": ("there is none; give one.", "server_compressor", {"delta_server": "2"}, "--delta-server"),
    "an option of another command": ("there is none; give one.", "iterations", {}, None),
    "several arguments": ("there is none; give one.", ("mu", "L", "count", "share"), {}, ": --mu, --L, --group)."),
}


@pytest.mark.parametrize(("message", "argument", "written", "added"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_the_arguments_of_an_error_are_named_as_options(message, argument, written, added):
    from efpep.cli.argument_options import with_options
    from efpep.cli.rate import RateCommand

    sentence = with_options(InputError(message, argument=argument), RateCommand(method="ef21", **written))
    assert sentence == message if added is None else added in sentence


def test_errors_keep_their_arguments():
    error = copy.copy(InputError("no; yes.", argument=("mu", "L")))
    assert (str(error), error.arguments) == ("no; yes.", ("mu", "L"))
    assert InputError("no; yes.").arguments == ()
    with pytest.raises(InputError) as raised:
        efpep.Contractive(delta=2)
    assert raised.value.arguments == ("delta",)


SHORT = ["--step-size", "0.2", "--iterations", "1"]
RUN = ["ef21", "--problem", "quadratics:n=3,d=4,kappa=10,heterogeneity=1,seed=1", "--compressor", "top-k:k=2"]
STUDY = ["problems/single_agent_rates.toml"]
CALLS = {
    "rate": ["ef21", *QUESTION],
    "tune": ["ef21", *QUESTION],
    "design": ["ef21", *QUESTION],
    "discover": ["ef21", *QUESTION],
    "potential": ["adef", "--L", "1", "--delta", "0.5", *SHORT],
    "worst-case": ["ef21", *QUESTION, *SHORT],
    "run": STUDY,
    "table": STUDY,
    "figure": STUDY,
    "simulate": RUN,
    "compare": RUN,
    "crosscheck": ["ef21", *QUESTION, *SHORT],
    "cycle": ["ef21", *QUESTION],
    "noise": ["ef21", *QUESTION],
    "replay": ["ef21", *QUESTION, *SHORT],
    "adversary": ["ef21", *QUESTION],
    "patterns": ["safe-ef", "--delta", "0.5", "--T", "2"],
    "lower-bound": ["safe-ef", "--delta", "0.5", "--T", "2", "--runs", "1"],
    "explore": ["--no-open"],
}
ROUNDS = ["safe-ef", "--delta", "0.5", "--iterations", "9", "--compressor", "randomized", "--failure", "0.1"]
OTHER_CALLS = {
    ("tune", "--iterations"): ROUNDS,
    ("tune", "--radius"): ROUNDS,
    ("tune", "--failure"): ROUNDS,
    ("tune", "--target"): ["gd", "--mu", "0.1", "--L", "1", "--step-size", "0.5", "--sigma", "1"],
    ("tune", "--sigma"): ["gd", "--mu", "0.1", "--L", "1", "--step-size", "0.5", "--target", "3"],
    ("potential", "--delta-server"): ["safe-ef", "--delta", "0.5"],
}
NUMBERS = {"NUMBER", "STEPS", "LIST", "N", "[TOLERANCE]"}
"""How options call what they take where it is a number, or several."""


def number_options() -> list[tuple[str, str, list[str]]]:
    commands = typer.main.get_command(app).commands
    listed = [(name, p) for name, command in commands.items() for p in command.params if p.metavar in NUMBERS]
    return [(name, option, p.opts) for name, p in listed for option in p.opts]


@pytest.mark.fast_cases(12)
@pytest.mark.parametrize(("command", "option", "spellings"), number_options())
def test_a_bad_number_is_one_sentence_that_names_its_option(command, option, spellings, run):
    words = OTHER_CALLS.get((command, option), CALLS[command])
    if option == "--delta-server" and words[0] == "ef21":
        words = ["ef21-bc", *words[1:]]  # which compresses at the server
    bad = "2" if option == "--simple" else "abc"
    code, out, err = run(command, *words, option, bad)
    assert (code, out, err.count("\n")) == (2, "", 1)
    sentence = err.removeprefix("efpep: error: ")
    assert ";" in sentence
    named = any(spelling in sentence for spelling in spellings)
    assert named or sentence.startswith(f"{option.removeprefix('--')} is ")


def test_every_option_is_declared_once():
    files = Path(efpep.cli.__file__).parent.glob("*.py")
    calls = [
        node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)
    ]
    declared = [ast.unparse(call) for call in calls if ast.unparse(call.func) in {"typer.Option", "typer.Argument"}]
    assert len(declared) == len(set(declared))
