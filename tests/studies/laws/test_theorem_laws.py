"""Where laws are theorems: the same verdicts as the grid's, without a search."""

import json
from fractions import Fraction

import pytest

from efpep.cli import main
from efpep.errors import CertificateError
from efpep.questions.base import Verdict
from efpep.questions.improvement.question import Improvement, Measure
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.laws import theorems
from efpep.studies.laws.catalogue import LAWS
from efpep.studies.laws.examination import Examination
from efpep.studies.laws.grid import WorkerConfiguration
from efpep.studies.laws.report import law_markdown, law_object
from efpep.studies.laws.run import LAW_STUDIES
from efpep.studies.laws.task import LawTask


def workers(*types, epsilon="9/20"):
    return WorkerConfiguration(tuple((Fraction(L), Fraction(kappa)) for L, kappa in types), Fraction(epsilon))


ALIKE = workers((1, 10), (1, 10))
CLOSE = workers((1, 2), (1000, 2), epsilon="11/20")
"""Different agents for which theorems decide."""
REFUTED = workers((1, 2), (100, 1000), epsilon="3/4")
"""The greatest improvement of the Lyapunov law on the grid of two agents."""


@pytest.mark.parametrize("name", ["econtrol", "step-size", "lyapunov"])
@pytest.mark.parametrize("configuration", [ALIKE, CLOSE], ids=str)
def test_theorems_say_what_the_grid_says(name, configuration):
    law = LAWS[name](**({} if name == "lyapunov" else {"steps": 3}))
    known = law.by_theorem(configuration)
    found = law.judge(configuration, law.prove(configuration))
    assert known.verdict is found.verdict is Verdict.PROVED
    assert (known.points, known.open) == (1, 0)
    assert Fraction(known.row["least"]) <= Fraction(known.row["reference_upper"])
    upper = found.row.get("reference_upper") or found.row["law_upper"]
    assert Fraction(known.row["least"]) <= Fraction(upper)


STUDY = """
title = "EControl"
law = { name = "econtrol", steps = 3, theorems = true }

[grid]
agents = 2
L = 1
kappa = [2, 10]
epsilon = 0.55
"""


def test_agents_of_one_kind_are_always_decided():
    for epsilon in ("1/100", "1/2", "99/100"):
        for kappa in (2, 1000, 10**6):
            one = workers(*[(3, kappa)] * 4, epsilon=epsilon)
            assert all(LAWS[name]().by_theorem(one) is not None for name in ("econtrol", "step-size", "lyapunov"))


def test_where_the_law_is_refuted_no_theorem_says_that_it_holds():
    assert LAWS["lyapunov"]().by_theorem(REFUTED) is None
    generous = Improvement(Fraction(1, 2), Measure.CONTRACTION)
    assert LAWS["lyapunov"](improvement=generous).by_theorem(REFUTED).verdict is Verdict.PROVED


def test_agents_with_one_curvature_each_are_no_theorem():
    flat = workers((1, 1), (2, 1))
    assert all(LAWS[name]().by_theorem(flat) is None for name in ("econtrol", "step-size", "lyapunov", "cubic"))


def test_cgd_against_ef_is_a_theorem_for_one_agent():
    law = LAWS["cgd-against-ef"]()
    found = law.by_theorem(workers((1, 10)))
    assert found.verdict is Verdict.PROVED
    assert Fraction(found.row["cgd"]) < Fraction(found.row["ef"])
    assert law.by_theorem(CLOSE) is None


@pytest.mark.parametrize("method", ["ef", "ef21"])
def test_the_cubic_is_a_theorem_that_the_search_confirms(method):
    law = LAWS["cubic"](method=method)
    found = law.judge(CLOSE, law.prove(CLOSE))
    assert found.verdict is Verdict.PROVED
    assert Fraction(found.row["law_lower"]) <= Fraction(law.by_theorem(CLOSE).row["cubic"]) <= Fraction(found.row["law_upper"])


def test_tasks_use_theorems_where_they_are_asked_to(monkeypatch):
    task = LawTask(LAWS["econtrol"](steps=3, theorems=True), ALIKE)
    outcome = task.answer()
    assert outcome.value["certificates"] == {}
    assert outcome.value["row"]["theorem"] == "efpep prove econtrol, efpep prove ef21"
    task.recheck(outcome)
    with pytest.raises(CertificateError):
        task.recheck(Outcome(outcome.state, {**outcome.value, "points": 2}))
    monkeypatch.setattr(theorems, "_holds", lambda key: key != "ef21")
    with pytest.raises(CertificateError, match="ef21"):
        task.answer()


def test_the_tasks_of_earlier_versions_are_the_same():
    assert LAWS["econtrol"](steps=3).describe() == LAWS["econtrol"](steps=3, theorems=False).describe()
    assert "theorems" not in LAWS["econtrol"]().describe()
    assert LAWS["cubic"]().describe() == {"law": "cubic"}
    assert LAWS["cubic"](method="ef", theorems=True).describe() == {"law": "cubic", "method": "ef", "theorems": True}


def test_a_report_counts_the_theorems(tmp_path):
    path = tmp_path / "law.toml"
    path.write_text(STUDY)
    study = LAW_STUDIES.load(path)
    tasks = tuple(LawTask(study.law, configuration) for configuration in study.configurations)
    row = {"theorem": "efpep prove econtrol, efpep prove ef21"}
    outcomes = tuple(Outcome(TaskState.PROVED, {"points": 1, "open": 0, "row": row if k else {}}) for k in range(len(tasks)))
    found = Examination(study, tasks, outcomes, 0, 0.0, unchecked=False)
    assert found.theorems() == (2, "efpep prove econtrol, efpep prove ef21")
    assert "2 configurations are theorems (efpep prove econtrol, efpep prove ef21)." in law_markdown(found)
    assert law_object(found)["theorems"] == 2


@pytest.mark.slow
def test_a_report_says_which_configurations_are_theorems(tmp_path, capsys):
    study = tmp_path / "law.toml"
    study.write_text(STUDY)
    assert main(["run", str(study), "--jobs", "1", "--store", str(tmp_path / "s.sqlite")]) == 0
    assert "configurations are theorems (efpep prove econtrol, efpep prove ef21)" in capsys.readouterr().out
    assert main(["run", str(study), "--jobs", "1", "--store", str(tmp_path / "s.sqlite"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["theorems"] >= 2
