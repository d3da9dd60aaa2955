"""Studies whose cells have tuned step sizes: found first, then asked about."""

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.base import Verdict
from efpep.studies.engine.kinds import read_study
from efpep.studies.engine.store import Store
from efpep.studies.engine.sweep import swept
from efpep.studies.engine.task import TaskState
from efpep.studies.engine.tuned_task import TunedTask
from efpep.studies.engine.workers import Serial
from efpep.studies.rates.task import RateTask

TUNED = """
title = "Tuned"
methods = ["gd"]
[grid]
kappa = [2, 5]
L = 1
step_size = "tuned"

[figure]
kind = "curves"
x = "kappa"
"""
WORST = """
title = "Tuned steps in the worst case"
question = "worst-case"
methods = ["gd", "adef"]
iterations = 1
[grid]
kappa = 5
L = 1
delta = 0.5
step_size = "tuned"
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("tuned") / "store.sqlite"


@pytest.mark.slow
def test_every_cell_has_the_best_step_size_of_its_setting(study, store, capsys):
    """That of gradient descent is 2/(mu + L), with the rate ((kappa - 1)/(kappa + 1))^2."""
    path = study(TUNED)
    found = efpep.run(path, jobs=1, store=store)
    for row, kappa in zip(found.rows(), (2, 5), strict=True):
        assert row.verdict is Verdict.PROVED
        assert one_sentence(row.certificate.check())
        assert row.certificate.method == row.asked
        assert abs(row.step_size - Fraction(2 * kappa, kappa + 1)) <= Fraction(1, 10**6)
        assert row.lower <= Fraction(kappa - 1, kappa + 1) ** 2 <= row.upper + Fraction(1, 10**6)
        assert row.upper <= Fraction(kappa - 1, kappa + 1) ** 2 + Fraction(1, 10**6)
    assert row.step_size == efpep.tune(efpep.GD(), row.setting, tolerance="1/2", seconds=60).method.step_size
    again = efpep.run(path, jobs=1, store=store)
    assert (again.stored, [o.value for o in again.outcomes]) == (2, [o.value for o in found.outcomes])
    printed = {}
    for form in ("md", "csv", "latex", "json"):
        assert main(["table", str(path), "--store", str(store), "--jobs", "1", "--format", form]) == 0
        printed[form] = capsys.readouterr().out
        assert printed[form] == found.table().render(form) + "\n"
    assert "| GD     | 2     | -     | 1      | 1.33333   |" in printed["md"]
    assert all("Step sizes are tuned" in printed[form] for form in ("md", "latex"))
    assert r"{$\kappa$} & {$\eta$} & {$\rho$}" in printed["latex"]
    steps = [str(row.step_size) for row in found.rows()]
    assert [str(Fraction(row["step_size"])) for row in csv.DictReader(io.StringIO(printed["csv"]))] == steps
    assert [str(Fraction(row["step_size"])) for row in json.loads(printed["json"])["rows"]] == steps


def test_figures_have_one_line_whatever_the_step_sizes_are(study, store, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["figure", str(study(TUNED)), "--store", str(store), "--jobs", "1", "-o", "drawn.pdf"]) == 0
    drawn = list(csv.DictReader(io.StringIO((tmp_path / "drawn.csv").read_text())))
    assert [(row["series"], row["kappa"], row["verdict"]) for row in drawn] == [("", "2", "proved"), ("", "5", "proved")]


def test_a_stored_answer_at_another_step_size_is_refused_and_found_anew(store, tmp_path, caplog):
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/2", 1))
    task, other = TunedTask(RateTask(efpep.GD(), setting)), RateTask(efpep.GD("3/2"), setting)
    with Store(store) as kept:
        (outcome,) = swept([task], Serial(), kept).outcomes
    task.recheck(outcome)
    forged = [
        replace(outcome, value={**outcome.value, "step_size": "3/2"}),
        replace(outcome, value={**outcome.value, "step_size": "x"}),
        replace(outcome, value={**other.answer().value, "step_size": outcome.value["step_size"]}),
        replace(outcome, value={"step_size": outcome.value["step_size"]}),
    ]
    for k, answer in enumerate(forged):
        with pytest.raises(efpep.CertificateError):
            task.recheck(answer)
        with Store(tmp_path / f"{k}.sqlite") as kept:
            kept.put_many([(task, answer)])
            caplog.clear()
            assert swept([task], Serial(), kept).outcomes[0].value == outcome.value
            assert "is refused" in caplog.text


@pytest.mark.slow
def test_where_no_step_size_can_be_tuned_the_cell_says_why_and_the_rest_is_answered(study, tmp_path, capsys):
    """The steps of ADEF differ, so there is no rate that one would minimise; gradient descent contracts by 4/9 a step."""
    path, command = study(WORST), ["--store", str(tmp_path / "store.sqlite"), "--jobs", "1"]
    printed = {}
    for form in ("md", "csv", "latex", "json"):
        assert main(["table", str(path), *command, "--format", form]) == 4
        printed[form] = capsys.readouterr().out
        assert "its step size cannot be tuned: the steps of ADEF differ" in printed[form]
    rows = json.loads(printed["json"])["rows"]
    assert [row["verdict"] for row in rows] == ["proved", "impossible"]
    assert rows[1]["step_size"] is None
    assert abs(Fraction(rows[0]["value"]["upper"]) - Fraction(4, 9)) <= Fraction(1, 10**5)
    cells = list(csv.DictReader(io.StringIO(printed["csv"])))
    assert [bool(cell["step_size"]) for cell in cells] == [True, False]
    assert main(["run", str(path), *command, "--json"]) == 4
    assert json.loads(capsys.readouterr().out)["failed"] == 1
    assert main(["table", str(study(WORST.replace('"gd", ', ""))), *command]) == 2
    assert "adef: its step size cannot be tuned" in capsys.readouterr().err


def test_methods_name_tuned_step_sizes_beside_others(study, tmp_path):
    """With several agents no optimal step size of compressed gradient descent is known, and one is found."""
    methods = '[{ class = "gd", step_size = "tuned" }, { class = "gd", step_size = "optimal" }, { class = "gd", step_size = 1 }]'
    text = TUNED.replace('["gd"]', methods).replace('step_size = "tuned"\n\n', "").partition("[figure]")[0]
    found = efpep.run(study(text.replace("[2, 5]", "2")), jobs=1, store=tmp_path / "store.sqlite")
    assert [row.tuned for row in found.rows()] == [True, False, False]
    steps = [row.step_size for row in found.rows()]
    assert abs(steps[0] - steps[1]) <= Fraction(1, 10**6)
    assert steps[2] == 1
    assert "Some step sizes are tuned" in str(found.table())


@pytest.mark.slow
def test_tuned_compressed_methods_are_no_worse_than_with_other_step_sizes(study, tmp_path):
    text = TUNED.replace('["gd"]', '["cgd", "ef21"]').replace("[2, 5]", "5\ndelta = 0.5\nagents = 3")
    for row in efpep.run(study(text), jobs=1, store=tmp_path / "store.sqlite").rows():
        assert row.outcome.state is TaskState.PROVED
        for factor in (Fraction(9, 10), Fraction(11, 10)):
            assert row.upper < efpep.rate(replace(row.asked, step_size=factor * row.step_size), row.setting).lower


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[grid]", 'question = "tune"\n[grid]', "asks for the best step size itself; leave step_size out"),
        ("[grid]", "seconds = 0\n[grid]", "seconds is 0"),
        ('"tuned"', "1\n[table]\n", None),
        ('"tuned"', '"tuend"', "give a number, 'optimal' for the literature's, or 'tuned'"),
        ('"tuned"', '"tuned"\nstep_size_factor = 1', "both given"),
        ('"tuned"', "[[]]", "step_size"),
        ('["gd"]', '[{ class = "gd", step_size = "tuned" }]', "give it in one place"),
    ],
)
def test_wrong_combinations_get_one_sentence(study, capsys, old, new, said):
    text = TUNED.partition("[figure]")[0].replace(old, new)
    text, said = (text.replace("[grid]", "seconds = 5\n[grid]"), "none is tuned") if said is None else (text, said)
    path = study(text)
    assert main(["table", str(path), "--jobs", "1"]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert one_sentence(message.partition("toml: ")[2].strip())


def test_the_time_for_tuning_belongs_to_the_question(study):
    kind, asked = read_study(study(TUNED.replace("[grid]", "seconds = 5\n[grid]")))
    assert asked.seconds == 5
    keys = {
        TunedTask(RateTask(efpep.GD(), efpep.Setting(efpep.SmoothStronglyConvex("1/2", 1))), Fraction(s)).key() for s in (5, 6)
    }
    assert len(keys) == 2
    assert kind.about == "rates"
