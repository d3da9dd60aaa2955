"""Stored answers are proofs that are checked when they are read: a false one is refused, named, and found anew."""

import json
import sqlite3
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.errors import InputError
from efpep.studies.engine.load import MOST_POINTS
from efpep.studies.engine.store import Store
from efpep.studies.engine.sweep import sweep, swept
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.engine.workers import Serial
from efpep.studies.rates.task import RateTask

TASK = RateTask(efpep.EF21("1/20"), uniform(10, "1/2", 3))
STUDY = """
title = "GD"
methods = [{{ class = "{name}" }}]
functions = {{ class = "smooth-strongly-convex" }}
[grid]
mu = 0.1
L = 1
step_size = {step}
"""

HELPED = """
from typing import NamedTuple
import efpep
import stored_helper

class State(NamedTuple):
    x: object

class Mine(efpep.Method):
    State = State
    compresses = False

    def start(self, x, run):
        return State(x)

    def step(self, state, run):
        return State(state.x - stored_helper.FACTOR * self.step_size * run.mean(run.gradient(state.x)))
"""


@pytest.fixture(scope="module")
def answer():
    return TASK.answer()


FALSE = {
    "a better end": lambda o: replace(o, value={**o.value, "upper": "1/2"}),
    "a division by zero": lambda o: replace(o, value={**o.value, "upper": "1/0"}),
    "no value": lambda o: replace(o, value={}),
    "no certificate": lambda o: replace(o, value={**o.value, "certificate": None}),
    "another state": lambda o: replace(o, state=TaskState.REFUTED),
    "a malformed certificate": lambda o: replace(o, value={**o.value, "certificate": {"claim": 3}}),
    "of another question": lambda o: replace(TASK, method=efpep.EF21("1/21")).answer(),
    "a forged proof": lambda o: Outcome.restore(
        json.loads(json.dumps(o.describe()).replace(json.dumps(o.value["upper"]), json.dumps("9/10")))
    ),
    "a named module": lambda o: Outcome.restore(
        json.loads(json.dumps(o.describe()).replace('"class": "ef21"', '"class": "antigravity:Method"'))
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_a_false_answer_is_refused_named_and_found_anew(name, answer, tmp_path, caplog):
    with Store(tmp_path / "store.sqlite") as store:
        store.put_many([(TASK, FALSE[name](answer))])
        found = swept([TASK], Serial(), store)
        assert found.stored == 0
        assert (found.outcomes[0].state, found.outcomes[0].value["upper"]) == (TaskState.PROVED, answer.value["upper"])
        message = caplog.records[-1].getMessage()
        assert message.startswith("the stored answer of ef21")
        assert "is refused" in message
        assert one_sentence(message)
        caplog.clear()
        again = swept([TASK], Serial(), store)  # the right answer is in its place
        assert again.stored == 1
        assert not caplog.records
    assert "antigravity" not in sys.modules


def test_trusted_stores_are_used_unchecked_and_said_to_be(answer, tmp_path, caplog):
    with Store(tmp_path / "store.sqlite") as store:
        store.put_many([(TASK, FALSE["a better end"](answer))])
        assert sweep([TASK], Serial(), store, trust_store=True)[0].value["upper"] == "1/2"
    assert "without a check" in caplog.text


def test_the_command_line_names_refused_answers(answer, tmp_path, capsys):
    from efpep.cli import main

    path, study = tmp_path / "store.sqlite", tmp_path / "study.toml"
    study.write_text(STUDY.format(name="gd", step=1))
    assert main(["run", str(study), "--store", str(path), "--jobs", "1"]) == 0
    connection = sqlite3.connect(path)
    key, outcome = connection.execute("SELECT key, outcome FROM outcomes").fetchone()
    from efpep.studies.engine.store import checksum

    described = json.loads(outcome)
    described["value"]["upper"] = "1/100"
    text = json.dumps(described)
    connection.execute("UPDATE outcomes SET outcome = ?, checksum = ?", (text, checksum(key, text)))
    connection.commit()
    connection.close()
    capsys.readouterr()
    assert main(["run", str(study), "--store", str(path), "--jobs", "1", "--trust-store", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["points"][0]["rate"]["upper"].startswith("0.01")
    assert "without a check" in err
    assert main(["run", str(study), "--store", str(path), "--jobs", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["points"][0]["rate"]["upper"].startswith("0.81")
    assert "is refused" in err


def test_a_rate_of_one_or_more_is_not_counted_as_proved(tmp_path, capsys):
    from efpep.cli import main

    study = tmp_path / "study.toml"
    study.write_text(STUDY.format(name="gd", step="[2.5]"))
    main(["run", str(study), "--store", str(tmp_path / "s.sqlite"), "--jobs", "1", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["proved"] == 0
    task = RateTask(efpep.GD("5/2"), uniform(10, 0))
    outcome = task.answer()
    assert outcome.state is not TaskState.PROVED
    task.recheck(outcome)
    assert Fraction(str(outcome.value["lower"])) >= 1


def test_changed_code_that_a_method_imports_is_another_question(tmp_path):
    (tmp_path / "stored_mine.py").write_text(HELPED)
    (tmp_path / "study.toml").write_text(STUDY.format(name="stored_mine:Mine", step=1))
    uppers = []
    for factor in ("1", "Fraction(1, 4)"):
        (tmp_path / "stored_helper.py").write_text(f"from fractions import Fraction\nFACTOR = {factor}\n")
        command = [sys.executable, "-m", "efpep.cli", "run", "study.toml", "--store", "s.sqlite", "--jobs", "1", "--json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=_path(tmp_path))
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert found["stored"] == 0
        uppers.append(float(found["points"][0]["rate"]["upper"]))
    assert uppers == pytest.approx([0.81, (1 - 0.1 / 4) ** 2], abs=1e-6)


def _path(folder):
    import os

    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def test_runs_of_users_classes_are_not_stored():
    from efpep.studies.experiments.task import ExperimentTask

    class Mine(efpep.GD):
        pass

    task = ExperimentTask(efpep.GD("1/2"), "", "quadratics:n=2,d=2", "", "", 2, 1, ("distance",), 0)
    assert task.storable
    assert not task.provable
    assert not replace(task, method=Mine("1/2")).storable


def test_a_run_that_claims_a_proof_is_refused(tmp_path, caplog):
    from efpep.studies.experiments.task import ExperimentTask

    task = ExperimentTask(efpep.GD("1/2"), "", "quadratics:n=2,d=2", "", "", 2, 1, ("distance",), 0)
    with Store(tmp_path / "store.sqlite") as store:
        outcome = sweep([task], Serial(), store)[0]
        store.put_many([(task, replace(outcome, state=TaskState.PROVED))], replace=True)
        assert sweep([task], Serial(), store)[0].state is TaskState.MEASURED
    assert "a run proves nothing" in caplog.text


def test_studies_have_a_largest_size(tmp_path):
    path = tmp_path / "large.toml"
    numbers = ", ".join(f"{k}" for k in range(1, 1201))
    path.write_text(f'title = "x"\nmethods = [{{ class = "gd" }}]\n[grid]\nL = [{numbers}]\nkappa = [{numbers}]\n')
    with pytest.raises(InputError, match=rf"1440000 points, more than the {MOST_POINTS}") as refused:
        efpep.table(path)
    assert one_sentence(refused.value)
