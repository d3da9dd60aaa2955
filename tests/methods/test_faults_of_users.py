"""Faults in a user's own method: each is said as the method's, in one sentence, wherever the method is asked about or run."""

import subprocess
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from support import one_sentence, uniform
from support.states import OnlyX, WithMemory

import efpep
from efpep.cli import main
from efpep.simulate.problems import read_problem
from efpep.simulate.run import NumericRun, iterate
from efpep.theory.closed_form import ClosedForm
from efpep.theory.literature import Literature

SETTING = uniform(2, "1/10", agents=3)
PROBLEM = read_problem("quadratics:n=3,d=4,kappa=10,seed=1")


@dataclass(frozen=True)
class Plain(efpep.Method):
    """Gradient descent, of which the classes here change one thing each."""

    title: ClassVar[str] = "mine"
    common_minimiser: ClassVar[bool] = True
    compresses: ClassVar[bool] = False
    State: ClassVar[Any] = OnlyX

    def start(self, x, run):
        return OnlyX(x)

    def step(self, state, run):
        return OnlyX(state.x - self.step_size * run.mean(run.gradient(state.x)))


@dataclass(frozen=True)
class Remembering(Plain):
    """Keeps a memory that halves."""

    State: ClassVar[Any] = WithMemory

    def start(self, x, run):
        g = run.gradient(x)
        return WithMemory(x, g - g)

    def step(self, state, run):
        return WithMemory(state.x - self.step_size * run.mean(run.gradient(state.x)), state.m / 2)


def variant(base=Plain, **changes):
    return dataclass(frozen=True)(type("Variant", (base,), changes))


def with_step(step):
    return variant(step=step)


def stateless():
    return dataclass(frozen=True)(type("Stateless", (efpep.Method,), {"start": Plain.start, "step": Plain.step}))


DECLARED = {
    "a field without a memory": (lambda: Remembering, "field m that no memory declares"),
    "a memory without a field": (lambda: variant(memories=(efpep.Memory.error("m", "gradient"),)), "has no field m"),
    "no state": (stateless, "State of Stateless is missing"),
    "a state that is none": (lambda: variant(State=3), "no named tuple"),
    "a unit that is none": (lambda: variant(memories=(efpep.Memory.error("m", "grad"),)), "give 'point' or 'gradient'"),
    "names as memories": (lambda: variant(memories=("m",)), "no tuple of memories"),
    "a memory as memories": (lambda: variant(memories=efpep.Memory.tracker("m")), "no tuple of memories"),
    "a pair as range": (lambda: variant(ranges={"step_size": (0, 1)}), "write it like Range"),
    "pairs as ranges": (lambda: variant(ranges=[("theta", 0, 1)]), "no table of ranges"),
    "a range of nothing": (lambda: variant(ranges={"theta": efpep.Range(least=0)}), "none of its parameters step_size"),
    "a range with two lower ends": (lambda: efpep.Range(least=0, above=0), "the same end"),
    "a range of words": (lambda: efpep.Range(least="low"), "not a number"),
    "no literature": (lambda: variant(literature={"rate": 1}), "write it like Literature"),
    "a number as a function": (lambda: Literature(rate=Fraction(1, 2)), "which is no function"),
}


@pytest.mark.parametrize("name", DECLARED)
def test_what_a_class_declares_is_checked_where_a_method_is_made(name):
    make, said = DECLARED[name]
    with pytest.raises(efpep.InputError) as refused:
        make()("1/4")
    assert said in str(refused.value)
    assert one_sentence(refused.value)


STEPS = {
    "a typo": (lambda self, s, run: OnlyX(run.mean(run.compres(s.x))), "did you mean compress"),
    "no verb": (lambda self, s, run: OnlyX(run.hessian(s.x)), "which no run offers"),
    "a norm": (lambda self, s, run: OnlyX(s.x - np.linalg.norm(s.x) * s.x), "steps are linear"),
    "its own norm": (lambda self, s, run: OnlyX(s.x - s.x.norm() * s.x), "steps are linear"),
    "a branch": (lambda self, s, run: OnlyX(s.x if s.x > 0 else -s.x), "use run.at_most for comparisons"),
    "a magnitude": (lambda self, s, run: OnlyX(abs(s.x)), "steps are linear"),
    "NumPy": (lambda self, s, run: OnlyX(np.sign(s.x)), "steps are linear"),
    "a power": (lambda self, s, run: OnlyX(s.x**2), "steps are linear"),
    "an entry": (lambda self, s, run: OnlyX(s.x[0] * s.x), "steps are linear"),
    "entries": (lambda self, s, run: OnlyX(sum(s.x)), "steps are linear"),
    "an inner product": (lambda self, s, run: OnlyX((s.x @ s.x) * s.x), "steps are linear"),
    "a float": (lambda self, s, run: OnlyX(1.0), "it is 1.0"),
    "nothing": (lambda self, s, run: None, "it is None"),
    "a client vector": (lambda self, s, run: OnlyX(s.x - run.gradient(s.x)), "it is a client vector"),
    "an unknown field": (lambda self, s, run: OnlyX(s.y), "has no attribute 'y'"),
    "an exception": (lambda self, s, run: OnlyX(s.x + {}[2]), "KeyError"),
    "too few arguments": (lambda self, s: s, "positional argument"),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_wrong_step_is_said_as_the_methods_own_fault_in_analyses_and_in_runs(name):
    step, said = STEPS[name]
    mine = with_step(step)("1/4")
    for ask in (lambda: efpep.rate(mine, SETTING), lambda: efpep.simulate(mine, PROBLEM, 3)):
        with pytest.raises(efpep.InputError) as refused:
            ask()
        assert said in str(refused.value)
        assert one_sentence(refused.value)


def test_a_wrong_start_is_said_in_plain_runs_too():
    mine = variant(start=lambda self, x, run: OnlyX(0))("1/4")
    for ask in (
        lambda: efpep.worst_case(mine, SETTING, 1),
        lambda: efpep.simulate(mine, PROBLEM, 3),
        lambda: list(iterate(mine, NumericRun(PROBLEM), np.ones(4), 2)),
    ):
        with pytest.raises(efpep.InputError, match="returns no state whose x is a vector at the server") as refused:
            ask()
        assert one_sentence(refused.value)


def test_what_analyses_allow_runs_allow():
    mine = variant(Remembering, memories=(efpep.Memory.error("m", "gradient"),))("1/4")  # it divides, and sums with sum()
    summed = with_step(lambda self, s, run: OnlyX(sum([s.x, -self.step_size * run.mean(run.gradient(s.x))])))("1/4")
    assert efpep.rate(mine, SETTING).upper == efpep.rate(summed, SETTING).upper
    assert np.array_equal(efpep.simulate(mine, PROBLEM, 5).x, efpep.simulate(summed, PROBLEM, 5).x)
    assert mine.memories[0].unit is efpep.Unit.GRADIENT


@pytest.mark.parametrize(
    ("returned", "said"),
    [(0.5, "returns 0.5; return ClosedForm"), (None, "returns None"), ("1/2", "returns '1/2'")],
)
def test_closed_forms_of_a_users_are_closed_forms(returned, said):
    mine = variant(literature=Literature(optimal_step_size=lambda method, setting: returned))
    with pytest.raises(efpep.InputError) as refused:
        efpep.rate(mine(), SETTING)
    assert said in str(refused.value)
    assert one_sentence(refused.value)


def test_a_closed_form_that_fails_is_said_and_a_right_one_is_taken():
    wrong = variant(literature=Literature(optimal_step_size=lambda method, setting: setting.mu))
    with pytest.raises(efpep.InputError, match="the optimal_step_size of the method's literature fails") as refused:
        efpep.rate(wrong(), SETTING)
    assert one_sentence(refused.value)
    right = variant(literature=Literature(optimal_step_size=lambda m, s: ClosedForm(0.25, "1/4", "here")))
    assert efpep.rate(right(), SETTING).method.step_size == Fraction(1, 4)


# --- files by their path ----------------------------------------------------------------------------------------------

FILE = '''
"""A method of one's own."""
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import efpep


class State(NamedTuple):
    x: Any


@dataclass(frozen=True)
class Damped(efpep.Method):
    compresses: ClassVar[bool] = False
    State: ClassVar[type] = State

    def start(self, x, run):
        return State(x)

    def step(self, state, run):
        return State(state.x - self.step_size * run.mean(run.gradient(state.x)))
'''
GD = ["--mu", "0.1", "--L", "1", "--step-size", "1"]


def command(*words, path=""):
    code = "import sys\nfrom efpep.cli import main\nsys.exit(main(sys.argv[1:]))"
    home = Path(efpep.__file__).parents[1]
    environment = {"PYTHONPATH": f"{home}:{path}", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False, env=environment)


def test_a_method_is_found_by_the_path_of_its_file_and_certificates_name_its_module(tmp_path):
    file = tmp_path / "damped_gd.py"
    file.write_text(FILE, encoding="utf-8")
    kept = tmp_path / "kept.json"
    found = command("rate", f"{file}:Damped", *GD, "--certificate", str(kept))
    assert found.returncode == 0, found.stderr
    assert "0.81" in found.stdout  # (1 - mu)^2
    assert "damped_gd:Damped" in kept.read_text(encoding="utf-8")
    assert command("verify", str(kept), "--allow", "damped_gd", path=str(tmp_path)).returncode == 0
    with pytest.raises(efpep.UnavailableError, match="only where that is allowed"):
        efpep.Certificate.load(kept)
    with pytest.raises(efpep.UnavailableError, match="cannot be imported here"):
        efpep.Certificate.load(kept, allow=["damped_gd"])
    assert command("verify", str(kept), path=str(tmp_path)).returncode == 4
    kept.write_text(kept.read_text(encoding="utf-8").replace("damped_gd:Damped", "damped_gd.py:Damped"), encoding="utf-8")
    refused = command("verify", str(kept), "--allow", "damped_gd", path=str(tmp_path))
    assert refused.returncode == 4
    assert "only where that is allowed" in refused.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing.py:Damped", "is not a file that exists here"),
        ("random.py:Damped", "has the name of another module"),
        ("my-methods.py:Damped", "has no name that a module can have"),
        ("EF21", "did you mean ef21"),
        ("ef_21", "did you mean ef21"),
    ],
)
def test_names_that_name_no_method_are_bad_input(name, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for file in ("random.py", "my-methods.py"):
        (tmp_path / file).write_text(FILE, encoding="utf-8")
    assert main(["rate", name, *GD]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert one_sentence(printed.err.strip().removeprefix("efpep: "))
