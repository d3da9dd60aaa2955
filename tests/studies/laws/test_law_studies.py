"""Studies of laws: what they ask, what is said about wrong ones, reports, and answers that are kept."""

import csv
import json
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.studies.engine.kinds import type_of
from efpep.studies.engine.load import toml_of
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.laws.run import LAW_STUDIES, examine
from efpep.studies.laws.task import LawTask
from efpep.studies.rates.run import RATE_STUDIES

GRID = "[grid]\nagents = 2\nL = [1, 10]\nkappa = 10\nepsilon = [0.5]\n"
STUDY = f'title = "A sample"\nlaw = {{ name = "lyapunov", improvement = "1/100" }}\n{GRID}'


def test_numbers_are_exact(study):
    text = STUDY.replace("[0.5]", "{ first = 0.05, last = 0.95, count = 4 }").replace('"1/100"', '0.01, measure = "rate"')
    found = LAW_STUDIES.load(study(text))
    assert sorted({c.epsilon for c in found.configurations}) == [Fraction(k, 20) for k in (1, 7, 13, 19)]
    assert len(found.configurations) == 12
    assert found.law.describe() == {"law": "lyapunov", "improvement": {"part": "1/100", "measure": "rate"}}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (STUDY.replace("lyapunov", "unknown"), "is not a law"),
        (STUDY.replace('"1/100"', '"1/100", steps = 3'), "no parameter 'steps'"),
        (STUDY.replace('"1/100"', '"1/100", measure = "time"'), "is not a measure"),
        (STUDY.replace('"1/100"', "2"), "a part of the reference rate"),
        (STUDY.replace("[0.5]", "[1]"), "between 0 and 1"),
        (STUDY.replace("[0.5]", "{ first = 0.1 }"), "first, last and count"),
        (STUDY.replace("kappa = 10", "kappa = 0.5"), "kappa >= 1"),
        (STUDY.replace("L = [1, 10]", "L = [0]"), "L > 0"),
        (STUDY.replace("agents = 2", "agents = 9"), "1 to 8"),
        (STUDY.replace("agents = 2", "agents = 2\ndelta = 1"), "unknown"),
        (STUDY.replace("agents = 2\n", ""), "missing"),
        (STUDY.replace("agents = 2", "agents = 2\nevery = 0"), "give 1 or more"),
        (STUDY.replace('name = "lyapunov"', 'name = "step-size", method = "gd"'), "is not a method that the law is about"),
        (STUDY.replace('name = "lyapunov"', 'name = "step-size", search = 1'), "neither true nor false"),
        (STUDY.replace('name = "lyapunov"', 'name = "econtrol", steps = -1'), "steps is -1"),
    ],
)
def test_wrong_studies_are_refused(study, text, word):
    with pytest.raises(efpep.InputError) as error:
        LAW_STUDIES.load(study(text))
    assert word in str(error.value)
    assert one_sentence(str(error.value).partition("toml: ")[2])


def test_studies_of_rates_and_of_laws_are_told_apart(study, tmp_path):
    path = study(STUDY)
    assert type_of(toml_of(path)) is LAW_STUDIES
    with pytest.raises(efpep.InputError, match="cannot be read"):
        toml_of(tmp_path / "nothing.toml")
    with pytest.raises(efpep.InputError, match="study of a law"):
        RATE_STUDIES.load(path)


def test_reports_and_kept_answers(study, tmp_path, capsys):
    path, store = study(STUDY), str(tmp_path / "store.sqlite")
    assert main(["run", str(path), "--jobs", "1", "--store", store, "--report", str(tmp_path / "report"), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["configurations"], printed["proved"], printed["verdicts_open"], printed["stored"]) == (3, 3, 0, 0)
    assert json.loads((tmp_path / "report" / "report.json").read_text())["rows"] == printed["rows"]
    with (tmp_path / "report" / "report.csv").open() as file:
        assert [row["verdict"] for row in csv.DictReader(file)] == ["proved"] * 3
    assert "3 proved" in (tmp_path / "report" / "report.md").read_text()
    # the greatest improvement's certificates stand beside the report
    saved = sorted(file.name for file in (tmp_path / "report").glob("gain_lower.*.json"))
    assert all(efpep.verify(tmp_path / "report" / name).accepted for name in saved)
    again = examine(path, jobs=1, store=store, recheck=True)
    assert again.stored == 3
    assert again.rows() == printed["rows"]


def test_rechecks_notice_changed_answers(study):
    found = LAW_STUDIES.load(study(STUDY))
    task = LawTask(found.law, found.configurations[1])
    outcome = task.answer()
    task.recheck(outcome)
    for changed in (
        Outcome(TaskState.REFUTED, outcome.value),
        Outcome(outcome.state, {**outcome.value, "open": 1}),
        Outcome(outcome.state, {**outcome.value, "certificates": {}}),
    ):
        with pytest.raises(efpep.CertificateError) as error:
            task.recheck(changed)
        assert one_sentence(error.value)
    with pytest.raises(efpep.CertificateError):
        LawTask(found.law, found.configurations[0]).recheck(outcome)


def test_a_sample_takes_every_so_many_th_configuration(study, tmp_path, capsys):
    text = STUDY.replace("[0.5]", "[0.25, 0.5, 0.75]")
    sample = LAW_STUDIES.load(study(text.replace("agents = 2", "agents = 2\nevery = 4")))
    path = study(text)
    assert sample.configurations == LAW_STUDIES.load(path).configurations[::4]
    words = ["run", str(path), "--jobs", "1", "--store", str(tmp_path / "store.sqlite"), "--sample"]
    assert main([*words, "4", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["configurations"], printed["grid"]) == (3, 9)
    assert [row["epsilon"] for row in printed["rows"]] == ["1/4", "1/2", "3/4"]
    assert main([*words, "4"]) == 0
    assert "3 configurations (a sample: every 4. of the 9 of the grid): 3 proved" in capsys.readouterr().out
    assert main([*words, "0"]) == 2
    assert one_sentence(capsys.readouterr().err.strip())


def test_rates_have_no_samples(study, capsys):
    path = study('title = "Rates"\nmethods = ["gd"]\n[grid]\nmu = 1\nL = 2\n')
    assert main(["run", str(path), "--sample", "2"]) == 2
    assert "leave the sample out" in capsys.readouterr().err


def test_reports_are_for_laws_only(study, capsys):
    path = study('title = "Rates"\nmethods = ["gd"]\n[grid]\nmu = 1\nL = 2\n')
    assert main(["run", str(path), "--report", "folder"]) == 2
    assert "--report" in capsys.readouterr().err
