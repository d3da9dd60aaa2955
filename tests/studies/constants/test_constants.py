"""Studies of least constants: the table of K over contraction parameters in both directions."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support import one_sentence

import efpep
from efpep.cli.main import main
from efpep.studies.constants.report import constants_markdown, proved_digits
from efpep.studies.constants.run import CONSTANT_STUDIES
from efpep.studies.engine.study_type import Options
from efpep.studies.engine.task import TaskState

STUDY = Path(__file__).parents[3] / "problems" / "safe_ef_constants.toml"
SMALL = """
title = "Few"
[potential]
method = "safe-ef"
projection = ["none", "uplink"]
[grid]
delta = ["1/10", 0.5]
delta_server = ["1/10", 1]
"""


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "few.toml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("constants") / "store.sqlite"


def test_constants_are_those_of_the_closed_forms(small, store):
    found = CONSTANT_STUDIES.answer_file(small, Options(jobs=1, store=store))
    assert {outcome.state for outcome in found.outcomes} == {TaskState.PROVED}
    middle = [float(lower + upper) / 2 for lower, upper in found.intervals()]
    # rows (1/10, 1/10), (1/10, 1), (1/2, 1/10), (1/2, 1): the product formula, and with a projection uplink
    assert middle[0] == pytest.approx(1442.0, abs=0.05)
    assert middle[1] == pytest.approx(207.5, abs=0.05)
    assert middle[2] == pytest.approx(37.9737, abs=5e-5)
    assert middle[6] == pytest.approx(5.82843, abs=5e-6)
    assert "| 0.1 | 0.1 | 1442 | 207.507 | 1442 |" in constants_markdown(found)
    for task, outcome in zip(found.study.tasks, found.outcomes, strict=True):
        task.recheck(outcome)
    again = CONSTANT_STUDIES.answer_file(small, Options(jobs=1, store=store, recheck=True))
    assert again.stored == len(again.outcomes) == 8
    assert again.intervals() == found.intervals()


def test_a_changed_answer_is_noticed(small, store):
    found = CONSTANT_STUDIES.answer_file(small, Options(jobs=1, store=store))
    task, outcome = found.study.tasks[0], found.outcomes[0]
    other = replace(outcome, value={**outcome.value, "upper": "1400"})
    with pytest.raises(efpep.CertificateError, match="interval"):
        task.recheck(other)
    with pytest.raises(efpep.CertificateError, match="another question"):
        task.recheck(found.outcomes[1])


def test_the_command_line_prints_the_table_and_writes_certificates(small, store, tmp_path, capsys):
    assert main(["run", str(small), "--jobs", "1", "--store", str(store), "--report", str(tmp_path / "out")]) == 0
    assert "| 0.5 | 1 | 5.82843 |" in capsys.readouterr().out
    files = sorted((tmp_path / "out").glob("*.json"))
    assert len(files) == 8
    assert efpep.verify(files[0]).accepted is True
    assert main(["run", str(small), "--jobs", "1", "--store", str(store), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["stored"] == 8
    assert all(Fraction(point["K"]["lower"]) <= Fraction(point["K"]["upper"]) for point in found["points"])


def test_the_study_of_the_problems_asks_about_all_types():
    found = CONSTANT_STUDIES.load(STUDY)
    assert len(found.rows) == 25
    assert len(set(found.tasks)) == len(found.tasks) == 100


@pytest.mark.slow
def test_the_study_of_the_problems_is_proved(tmp_path):
    found = CONSTANT_STUDIES.answer_file(STUDY, Options(store=tmp_path / "store.sqlite"))
    assert {outcome.state for outcome in found.outcomes} == {TaskState.PROVED}


def test_digits_on_which_the_ends_disagree_are_not_shown():
    assert proved_digits(Fraction("1.23451"), Fraction("1.23449")) == "1.2345"
    assert proved_digits(None, Fraction(2)) == "undecided"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("safe-ef", "ef21", "one-step potential"),
        ('"uplink"', '"sideways"', "projection"),
        ("0.5]", "1.5]", "outside"),
        ("[grid]", "[grid]\nkappa = 2", "kappa"),
    ],
)
def test_wrong_studies_get_one_sentence(small, old, new, expected):
    small.write_text(SMALL.replace(old, new), encoding="utf-8")
    with pytest.raises(efpep.InputError, match=expected) as caught:
        CONSTANT_STUDIES.load(small)
    assert one_sentence(caught.value)


def test_a_table_of_rates_of_it_is_refused(small):
    with pytest.raises(efpep.InputError, match="constants"):
        efpep.table(small)
