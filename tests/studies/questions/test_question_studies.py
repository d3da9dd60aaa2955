"""Studies of other questions than the rate: worst cases and constants of potentials over a grid."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from fractions import Fraction
from functools import partial

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.base import Verdict
from efpep.questions.kinds import VERBS
from efpep.studies.constants.run import CONSTANT_STUDIES
from efpep.studies.engine.kinds import read_study, type_of
from efpep.studies.engine.points import points
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.store import Store
from efpep.studies.engine.study_type import Options
from efpep.studies.engine.sweep import swept
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.engine.workers import Serial
from efpep.studies.questions.run import QUESTION_STUDIES
from efpep.studies.questions.table import AnsweredQuestion, QuestionTable
from efpep.studies.rates.run import RATE_STUDIES

WORST = """
title = "First steps"
question = "worst-case"
methods = ["gd", "ef21"]
iterations = [1, 2]
metric = ["distance", "gap"]
[grid]
kappa = 10
L = 1
delta = [0.5, 0.9]
"""
GROWING = """
title = "Growing"
question = "potential"
methods = [{ class = "adef", step_size = "1/40" }]
iterations = [1, 2]
[grid]
L = 1
delta = 0.5
"""
STOCHASTIC = """
title = "Growing with noise"
question = "potential"
methods = [{ class = "gd", step_size = 1 }]
iterations = 1
sigma = [0, 1]
radius = %s
[grid]
L = 1
"""
NONCONVEX = """
title = "Nonconvex"
question = "potential"
methods = [{ class = "gd", step_size = 1 }]
functions = "smooth-weakly-convex"
memory = [0, 1]
[grid]
mu = -1
L = 1
"""
AVERAGING = """
title = "Averaging"
question = "potential"
methods = [{ class = "safe-ef", step_size = 1 }]
server_compressor = { class = "contractive", delta = 1 }
[grid]
agents = 2
delta = [0.5]
"""
CYCLES = """
title = "Cycles"
question = "cycle"
methods = ["gd"]
period = [1, 2]
[grid]
kappa = 10
L = 1
step_size = ["1/2", 3]
"""
NOISE = """
title = "Floors"
question = "noise"
methods = ["gd", "ef"]
rho = [1, "0.995"]
[grid]
kappa = 10
L = 1
delta = 0.5
agents = [1, 10]
step_size = "1/32"
"""
NONCONVEX_NOISE = """
title = "Floors of nonconvex functions"
question = "noise"
methods = [{ class = "gd", step_size = "1/2" }]
functions = "smooth-weakly-convex"
decrease = ["1/4", "3/8"]
[grid]
mu = -1
L = 1
"""
PATTERNS = """
title = "Patterns"
question = "patterns"
methods = ["safe-ef", { class = "safe-ef", step_size = "1/2" }]
iterations = 2
metric = ["average", "constraint"]
[grid]
agents = 2
delta = 0.5
"""
TUNED = """
title = "Best step sizes"
question = "tune"
methods = ["gd"]
tolerance = "1/20"
[grid]
kappa = 5
L = 1
"""
VERIFIED = TUNED.replace("[grid]", 'verify = "3/2"\n[grid]')
TINY = Fraction(1, 10**15)
KEYS = {
    "worst-case": [
        "b8a633000b43fdc2",
        "88b808c3139b4d9c",
        "54a48a20b5a374ef",
        "26afaf0c5db09c01",
        "5ab0a05c5f59e28f",
        "2e91047c48ce755f",
        "bafa3bdc3d39d602",
        "3bc87cd669363d95",
        "27c0d4cd09ae4c58",
        "e131905ddf81d6c3",
        "4082895b22b6ccfa",
        "b6b249812fe3cbd9",
    ],
    "growing": ["a61fb4c6f3bdec36", "4c8446be40d283b5"],
    "averaging": ["7851da6e8f3343de"],
}
"""What the questions of three of them are called in stores, recorded before kinds of questions said what is asked."""
FIGURE = """
[figure]
x = "agents"
log = ["x", "y"]
"""
STUDIES = {
    "worst-case": WORST,
    "growing": GROWING,
    "averaging": AVERAGING,
    "nonconvex": NONCONVEX,
    "cycle": CYCLES,
    "noise": NOISE,
    "nonconvex noise": NONCONVEX_NOISE,
    "patterns": PATTERNS,
    "tune": TUNED,
    "tune, verified": VERIFIED,
}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("questions") / "store.sqlite"


def test_worst_cases_over_a_grid_are_those_of_the_function(study, store):
    found = QUESTION_STUDIES.answer_file(study(WORST), Options(jobs=1, store=store))
    # gradient descent is not asked again for every delta
    assert len(found.tasks) == 4 + 8
    assert {outcome.state for outcome in found.outcomes} == {TaskState.PROVED}
    for task, outcome in zip(found.tasks, found.outcomes, strict=True):
        lower, upper = outcome.interval()
        assert lower <= upper <= lower + Fraction(1, 10**6)
        task.recheck(outcome)
    gd = [row.outcome.interval() for row in found.rows() if row.method == "GD" and row.task.form.metric == "distance"]
    for k, (lower, upper) in enumerate(gd, 1):  # ((kappa - 1)/(kappa + 1))^2 a step at 2/(mu + L), to the step's 17 digits
        assert lower - Fraction(1, 10**12) <= Fraction(9, 11) ** (2 * k) <= upper + Fraction(1, 10**12)
    task, outcome = found.tasks[-1], found.outcomes[-1]
    assert isinstance(task.method, efpep.EF21)
    asked = efpep.worst_case(task.method, task.setting, 2, "gap")
    assert outcome.interval() == (asked.lower, asked.upper)


def test_worst_cases_are_printed_in_every_form(study, store, capsys):
    path = study(WORST)
    printed = {}
    for form in ("md", "csv", "latex", "json"):
        assert main(["table", str(path), "--format", form, "--store", str(store), "--jobs", "1"]) == 0
        printed[form] = capsys.readouterr().out
    assert "| iterations | metric   | lower    | upper    | verdict |" in printed["md"]
    assert "Worst cases at the last iterate, over all runs started with distance at most 1." in printed["md"]
    lines = list(csv.DictReader(io.StringIO(printed["csv"])))
    rows = json.loads(printed["json"])["rows"]
    assert len(lines) == len(rows) == 12
    for line, row in zip(lines, rows, strict=True):
        assert (line["lower"], line["upper"]) == (row["value"]["lower"], row["value"]["upper"])
        assert (line["iterations"], line["metric"]) == (str(row["iterations"]), row["metric"])
    ends = [Fraction(line["upper"]) for line in lines]
    table = [line.split("|") for line in printed["md"].splitlines() if line.endswith("proved  |")]
    assert all(0 <= Fraction(cells[-3].strip()) - end <= end / 10**4 for cells, end in zip(table, ends, strict=True))
    assert printed["latex"].count(r" \\") == 13
    assert r"Throughout, $\kappa = 10$, $L = 1$, $n = 1$." in printed["latex"]


def test_the_questions_of_a_table_are_made_once(study, store, monkeypatch):
    made = []
    monkeypatch.setattr("efpep.studies.questions.run.points", lambda asked: made.append(asked) or points(asked))
    path = study('title = "Once"\nmethods = ["gd"]\n[grid]\nkappa = [2, 3]\nL = 1\n')
    for count in (1, 2):
        assert main(["table", str(path), "--store", str(store), "--jobs", "1"]) == 0
        assert len(made) == count


def test_runs_of_such_studies_say_what_is_proved(study, store, capsys):
    path = study(WORST)
    assert main(["run", str(path), "--store", str(store), "--jobs", "1"]) == 0
    assert "12 points: 12 proved, 0 refuted, 0 undecided, 0 failed (12 from the store)" in capsys.readouterr().out
    assert main(["run", str(path), "--store", str(store), "--jobs", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["question"], found["initial"], found["stored"]) == ("worst-case", {"distance": "1"}, 12)
    assert Fraction(found["points"][0]["value"]["lower"]) <= Fraction(81, 121) <= Fraction(found["points"][0]["value"]["upper"])
    assert main(["run", str(path), "--report", "folder"]) == 2


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("text", [WORST, GROWING, AVERAGING], ids=["worst-case", "growing", "averaging"])
def test_a_doctored_stored_answer_is_refused_and_found_anew(text, study, store, tmp_path, caplog):
    found = QUESTION_STUDIES.answer_file(study(text), Options(jobs=1, store=store))
    assert {outcome.state for outcome in found.outcomes} == {TaskState.PROVED}
    task, other, outcome = found.tasks[0], found.outcomes[-1], found.outcomes[0]
    lower, upper = outcome.interval()
    better = str((lower + upper) / 2 - upper / 10)
    forged = json.loads(json.dumps(outcome.value).replace(json.dumps(str(upper)), json.dumps(better)))
    false = [
        replace(outcome, value={**outcome.value, "upper": better}),
        replace(outcome, value={**outcome.value, "certificate": None}),
        replace(outcome, value=forged),
        replace(outcome, state=TaskState.UNDECIDED),
    ]
    if len(found.tasks) > 1:
        false.append(other)
    for k, answer in enumerate(false):
        with pytest.raises(efpep.CertificateError):
            task.recheck(answer)
        with Store(tmp_path / f"{k}.sqlite") as kept:
            kept.put_many([(task, answer)])
            caplog.clear()
            again = swept([task], Serial(), kept)
            assert again.stored == 0
            assert again.outcomes[0].interval() == (lower, upper)
            assert "is refused" in caplog.text
            assert swept([task], Serial(), kept).stored == 1


def test_growing_potentials_over_a_grid(study, store, capsys):
    path = study(GROWING)
    found = QUESTION_STUDIES.answer_file(path, Options(jobs=1, store=store))
    task = found.tasks[1]
    assert task.setting.functions.key == "smooth-convex"
    asked = efpep.potential(task.method, task.setting, 2)
    assert found.outcomes[1].interval() == (asked.lower, asked.upper)
    assert main(["table", str(path), "--store", str(store), "--jobs", "1", "--json"]) == 0
    assert [row["iterations"] for row in json.loads(capsys.readouterr().out)["rows"]] == [1, 2]


def test_growing_potentials_of_stochastic_gradients_over_a_grid(study, store, capsys):
    """One step of 1/L: ``E f(x_1) - f* <= L R^2/6 + sigma^2/(2 L)`` from R away, and K is that over ``L R^2``."""
    found = QUESTION_STUDIES.answer_file(study((STOCHASTIC % 2).replace("[0, 1]", "1")), Options(jobs=1, store=store))
    lower, upper = found.outcomes[0].interval()
    assert lower <= Fraction(7, 24) <= upper <= lower + Fraction(1, 10**6)
    found = QUESTION_STUDIES.answer_file(study(STOCHASTIC % 1), Options(jobs=1, store=store))
    assert [float(outcome.interval()[1]) for outcome in found.outcomes] == pytest.approx([1 / 6, 2 / 3], abs=1e-6)
    assert main(["table", str(study(STOCHASTIC % 2)), "--store", str(store), "--jobs", "1"]) == 4
    table = capsys.readouterr().out
    assert "| impossible |" in table
    assert "where gradients are exact" in table


def test_averaging_potentials_share_their_answers_with_studies_of_constants(study, store, capsys):
    path = study(AVERAGING)
    found = QUESTION_STUDIES.answer_file(path, Options(jobs=1, store=store))
    assert float(found.outcomes[0].interval()[1]) == pytest.approx(5.82843, abs=1e-5)
    assert main(["table", str(path), "--store", str(store), "--jobs", "1"]) == 0
    assert "| Safe-EF | -     | 0.5   | 2      | 1         | 5.82842 | 5.82843 | proved  |" in capsys.readouterr().out
    constants = study('title = "K"\n[potential]\nmethod = "safe-ef"\n[grid]\ndelta = 0.5\n')
    assert CONSTANT_STUDIES.answer_file(constants, Options(jobs=1, store=store)).stored == 1


def answered(path, store):
    """The answers to a study, found in this process and kept."""
    kind, asked = read_study(path)
    with Store(store) as kept:
        return kind.answer(path, asked, partial(swept, workers=Serial(), store=kept))


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("text", STUDIES.values(), ids=STUDIES)
def test_every_question_is_answered_in_python_and_on_the_command_line(text, study, store, capsys):
    path = study(text)
    proved = answered(path, store)
    for row in proved.rows():
        assert row.verdict.name == row.outcome.state.name
        assert one_sentence(row.certificate.check())
    found = efpep.run(path, jobs=1, store=store, trust_store=True)
    assert [(o.state, o.value) for o in found.outcomes] == [(o.state, o.value) for o in proved.outcomes]
    assert found.stored == len(found.tasks)
    command = [str(path), "--store", str(store), "--trust-store"]
    for form in ("md", "csv", "latex", "json"):
        assert main(["table", *command, "--format", form]) == 0
        assert capsys.readouterr().out == found.table().render(form) + "\n"
    assert str(found.table()) == found.table().render("md")
    assert len(list(csv.DictReader(io.StringIO(found.table().render("csv"))))) == len(found.tasks)
    assert main(["run", *command, "--json"]) == 0
    described = json.loads(capsys.readouterr().out)
    assert (described["stored"], described["question"]) == (len(found.tasks), found.study.question)
    assert described["undecided"] == described["failed"] == 0


def test_cycles_over_a_grid(study, store):
    """Gradient descent with step 3 turns x to -x on functions of curvature 2/3; with 1/2 it contracts, and x* alone is fixed."""
    found = answered(study(CYCLES), store)
    named = {(row.step_size, row.task.form.period): row.verdict for row in found.rows()}
    assert {place for place, verdict in named.items() if verdict is Verdict.PROVED} == {(3, 2)}
    assert [named[place] for place in ((3, 1), (Fraction(1, 2), 1), (Fraction(1, 2), 2))] == [Verdict.REFUTED] * 3
    printed = found.table().render("md")
    assert "| GD     | 10    | -     | 1      | 3         | 2      | yes   | proved  |" in printed
    assert "| GD     | 10    | -     | 1      | 3         | 1      | no    | refuted |" in printed
    assert [row["cycle"] for row in json.loads(found.table().render("json"))["rows"]] == [False, False, False, True]
    assert found.table().render("csv").splitlines()[-1].endswith(",2,yes,proved")


def test_switching_patterns_over_a_grid(study, store):
    """Where the step size is left open it is that of the best guarantee, which a run attains."""
    rows = answered(study(PATTERNS), store).rows()
    promise = efpep.guarantee(efpep.SafeEF, rows[0].setting, 2)
    assert rows[0].asked == promise.method
    assert rows[0].lower <= promise.bound + TINY
    assert abs(rows[0].upper - promise.bound) <= Fraction(1, 10**6)
    assert rows[1].upper <= promise.bound + Fraction(1, 10**6)
    assert [row.asked.step_size for row in rows[2:]] == [Fraction(1, 2)] * 2
    setting = replace(rows[2].setting, constraint=rows[2].setting.functions)
    asked = efpep.switching_worst_case(rows[2].asked, setting, 2)
    assert (rows[2].lower, rows[2].upper) == (asked.lower, asked.upper)


def test_best_step_sizes_over_a_grid(study, store):
    """The best step size of gradient descent is 2/(mu + L), with the rate ((kappa - 1)/(kappa + 1))^2."""
    found = answered(study(TUNED), store)
    described = json.loads(found.table().render("json"))["rows"]
    ((row,), (shown,)), best = (found.rows(), described), Fraction(5, 3)
    assert row.verdict is Verdict.PROVED
    assert Fraction(shown["bracket"]["lower"]) <= best <= Fraction(shown["bracket"]["upper"])
    assert Fraction(shown["bracket"]["upper"]) - Fraction(shown["bracket"]["lower"]) <= best / 10
    assert Fraction(shown["rate"]["lower"]) <= Fraction(4, 9) <= Fraction(shown["rate"]["upper"])
    assert abs(Fraction(shown["step_size"]) - best) <= Fraction(1, 10**6)
    assert abs(row.step_size - best) <= Fraction(1, 10**6)
    refuted = answered(study(VERIFIED), store)
    assert [row.verdict for row in refuted.rows()] == [Verdict.REFUTED]
    assert [row["optimal"] for row in json.loads(refuted.table().render("json"))["rows"]] == [False]
    proved = answered(study(VERIFIED.replace('"3/2"', '"optimal"')), store)
    assert [row.verdict for row in proved.rows()] == [Verdict.PROVED]
    assert "Whether the literature's step size is optimal to within 0.05" in str(proved.table())


def test_step_sizes_that_answers_choose_do_not_stand_across(study):
    """They differ between the settings, as all that is found there does; rows and pivots are what is asked."""
    path = study(TUNED.replace("kappa = 5", "kappa = [2, 5]"))
    posed = read_study(path)[1]
    tasks = [
        QuestionTask(point.method, point.setting, form)
        for point in points(posed)
        for form in posed.form(type(point.method)).combined(posed.given)
    ]
    places = [{"at": {"step_size": step}, "brackets": None, "rate": None} for step in ("4/3", "5/3")]
    rows = [AnsweredQuestion(task, Outcome(TaskState.UNDECIDED, value), None) for task, value in zip(tasks, places, strict=True)]
    table = QuestionTable(posed, tuple(rows))
    assert [row.step_size for row in rows] == [Fraction(4, 3), Fraction(5, 3)]
    assert sum(line.startswith("| GD") for line in table.render("md").splitlines()) == 2
    assert sum(line.startswith("| GD") for line in table.render("md", pivot="kappa").splitlines()) == 1
    with pytest.raises(efpep.InputError, match="do not differ in it; choose method or kappa"):
        table.render("md", pivot="step_size")


def test_a_best_step_size_is_asked_of_no_given_one(study, capsys):
    assert main(["table", str(study(TUNED.replace("L = 1", "L = 1\nstep_size = [1, 2]")))]) == 2
    message = capsys.readouterr().err
    assert "step_size is 1, and the best step size is what is asked for; leave it out." in message
    assert one_sentence(message.partition("gd: ")[2].strip())


@pytest.mark.parametrize("text", [CYCLES, PATTERNS, TUNED, VERIFIED], ids=["cycle", "patterns", "tune", "tune, verified"])
def test_a_stored_answer_of_any_kind_is_refused_where_it_is_not_what_is_proved(text, study, store):
    found = answered(study(text), store)
    task, outcome = found.tasks[0], found.outcomes[0]
    task.recheck(outcome)
    false = [replace(outcome, state=state) for state in TaskState if state is not outcome.state]
    false += [replace(outcome, value={**outcome.value, "certificate": None}), *found.outcomes[1:]]
    for name in task.form.claimed(None, task.asked):
        false.append(replace(outcome, value={**outcome.value, name: not outcome.value[name]}))
    for answer in false:
        with pytest.raises(efpep.CertificateError):
            task.recheck(answer)


def test_an_answer_with_one_end_says_the_same_in_python_and_in_a_study(study, tmp_path, monkeypatch):
    setting = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"))
    upper = efpep.potential(efpep.ADEF("1/40"), setting, 1).certificate.upper
    monkeypatch.setattr("efpep.questions.potential.answer.search_growing", lambda *_: (None, upper))
    found = answered(study(GROWING.replace("[1, 2]", "1")), tmp_path / "store.sqlite")
    tasks, (outcome,) = found.tasks, found.outcomes
    answer = efpep.potential(tasks[0].method, tasks[0].setting, 1)
    assert answer.verdict is Verdict.PROVED
    assert outcome.state is TaskState.PROVED
    assert outcome.interval() == (None, upper.theta)
    tasks[0].recheck(outcome)


def test_one_step_potentials_and_patterns_need_no_step_size(study, store, capsys):
    path = study(AVERAGING.replace('[{ class = "safe-ef", step_size = 1 }]', '["safe-ef"]'))
    assert main(["table", str(path), "--store", str(store), "--jobs", "1"]) == 0
    assert "| Safe-EF | -     | 0.5   | 2      | 1         | 5.82842 | 5.82843 | proved  |" in capsys.readouterr().out
    path = study(WORST.replace('["gd", "ef21"]', '["safe-ef"]'))
    assert main(["table", str(path), "--store", str(store), "--jobs", "1"]) == 2  # a worst case does need one


def test_questions_are_those_that_earlier_versions_of_tasks_stored(study):
    """Descriptions and systems of questions, without the version, as they were before kinds said themselves what is asked."""
    described = {}
    for name, text in {"worst-case": WORST, "growing": GROWING, "averaging": AVERAGING}.items():
        kind, asked = read_study(study(text))
        found = [(point.method, form.setting(point.setting), form) for point in points(asked) for form in forms(asked, point)]
        described[name] = [without_version(QuestionTask(*parts)) for parts in found]
        assert kind is QUESTION_STUDIES
    assert described == KEYS


def forms(asked, point):
    return asked.form(type(point.method)).combined(asked.given)


def without_version(task):
    """The digest of the kind, the question and its exact system, which keys contained for efpep's own classes too."""
    assert "system" not in task.describe()
    question = {**task.describe(), "system": task.system}
    return hashlib.sha256(json.dumps({"kind": task.kind, "question": question}, sort_keys=True).encode()).hexdigest()[:16]


def test_the_rate_is_one_of_the_questions(study):
    text = 'title = "T"\nquestion = "rate"\nmethods = ["gd"]\n[grid]\nmu = 0.5\nL = 1\n'
    kind, asked = read_study(study(text))
    assert kind is RATE_STUDIES
    assert asked.question == "rate"
    assert type_of({"question": "worst-case"}) is QUESTION_STUDIES


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("worst-case", "speed", "question is 'speed'"),
        ("iterations = [1, 2]", "", "iterations is missing"),
        ('["distance", "gap"]', '"speed"', "speed"),
        ("[1, 2]", "[1, 0.5]", "'iterations[2]'"),
        ("[grid]", 'at = "first"\n[grid]', "'at'"),
        ("[grid]", 'initial = { distance = "x" }\n[grid]', "'initial'"),
        ("[grid]", "memory = 1\n[grid]", "'memory' is unknown"),
        ("[grid]", 'pairs = "some"\n[grid]', "pairs"),
        ("kappa = 10", "kappa = 10\nmu = 1", "grid.kappa"),
    ],
)
def test_wrong_studies_get_one_sentence(study, old, new, said, capsys):
    path = study(WORST.replace(old, new))
    assert main(["table", str(path), "--jobs", "1"]) == 2
    message = capsys.readouterr().err
    assert str(path) in message
    assert said in message
    assert one_sentence(message.partition("toml: ")[2].strip())


def test_points_that_fail_have_no_table(study, tmp_path, capsys):
    path = study(WORST.replace("kappa = 10", "kappa = 10\nagents = 2"))
    command = ["--store", str(tmp_path / "store.sqlite"), "--jobs", "1"]
    assert main(["run", str(path), *command]) == 4
    assert "0 proved, 0 refuted, 0 undecided, 12 failed" in capsys.readouterr().out
    assert main(["table", str(path), *command]) == 2
    assert "heterogeneity" in capsys.readouterr().err
    path = study(AVERAGING.replace("[grid]", "iterations = 3\n[grid]"))
    assert main(["table", str(path), *command]) == 2
    assert "leave them out" in capsys.readouterr().err


def test_figures_and_rate_tables_of_them_are_refused(study, capsys):
    path = study(WORST)
    with pytest.raises(efpep.InputError, match="another question, not one of rates") as refused:
        efpep.table(path)
    assert one_sentence(refused.value)
    assert main(["figure", str(path)]) == 2
    assert "'efpep run' or 'efpep table'" in capsys.readouterr().err


IMPOSSIBLE = """
title = "Several agents"
methods = ["ef21", "cgd"]
{question}

[grid]
agents = [1, 3]
kappa = 10
L = 1
delta = 0.5
step_size = "optimal"

[figure]
kind = "curves"
x = "agents"
"""


@pytest.mark.parametrize("question", ["", 'question = "cycle"'], ids=["rate", "cycle"])
def test_impossible_cells_are_marked_with_the_reason_and_the_rest_is_answered(study, tmp_path, capsys, question):
    """The optimal step size of compressed gradient descent is known for one agent alone."""
    text = IMPOSSIBLE.format(question=question)
    path = study(text if not question else text.partition("[figure]")[0])
    command = [str(path), "--store", str(tmp_path / "store.sqlite"), "--jobs", "1"]
    printed = {}
    for form in ("md", "csv", "latex", "json"):
        assert main(["table", *command, "--format", form]) == 4
        printed[form] = capsys.readouterr().out
        assert "known in closed form for one agent only" in printed[form]
    rows = [line for line in printed["md"].splitlines() if line.startswith(("| EF21", "| CGD"))]
    assert ["impossible" in row for row in rows] == [False, False, False, True]
    table = list(csv.DictReader(io.StringIO(printed["csv"])))
    assert [bool(row["reason"]) for row in table] == [row["verdict"] == "impossible" for row in table] == [False] * 3 + [True]
    assert r"\textit{impossible}" in printed["latex"]
    assert [row["verdict"] == "impossible" for row in json.loads(printed["json"])["rows"]] == [False] * 3 + [True]


def test_figures_leave_impossible_cells_out(study, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = study(IMPOSSIBLE.format(question=""))
    assert main(["figure", str(path), "--store", "store.sqlite", "--jobs", "1", "-o", "drawn.pdf"]) == 4
    assert "1 of 4 points have no proved value" in capsys.readouterr().err
    assert len((tmp_path / "drawn.csv").read_text().splitlines()) == 4


def test_a_study_without_any_possible_cell_is_refused(study, capsys):
    path = study(IMPOSSIBLE.format(question="").replace("[1, 3]", "3").replace('"ef21", ', ""))
    assert main(["table", str(path), "--jobs", "1"]) == 2
    assert "cgd at agents = 3" in capsys.readouterr().err


@pytest.mark.parametrize("value", [[], {}, [[]], [{}], True, -1, "", "x\x00"], ids=repr)
@pytest.mark.parametrize("verb", VERBS)
def test_keys_read_whatever_stands_there_or_refuse_it_in_a_sentence(verb, value):
    for kind in VERBS[verb]:
        for name, how in kind.form().readers().items():
            try:
                how.read(value, name)
            except efpep.InputError as error:
                assert one_sentence(error)  # noqa: PT017 - some values are read


@pytest.mark.slow
def test_the_figure_of_noise_shows_the_table(study, store, tmp_path):
    """One line a method, over the step sizes; its numbers are the table's."""
    text = NOISE.replace('["gd", "ef"]', '["gd"]').replace('[1, "0.995"]', "1").replace("[1, 10]", "1")
    path = study(text.replace('"1/32"', '["1/2", "1/4"]') + FIGURE.replace('"agents"', '"step_size"'))
    asked = QUESTION_STUDIES.load(path)
    QUESTION_STUDIES.check_figure(path, asked, {})
    found = QUESTION_STUDIES.answer(path, asked, Options(jobs=1, store=store).sweep)
    drawn = QUESTION_STUDIES.draw(found, tmp_path / "floors", {})
    assert [file.suffix for file in drawn.files] == [".pdf", ".png", ".svg", ".csv"]
    lines = drawn.files[-1].read_text().splitlines()
    assert lines[0].split(",") == ["method", "step_size", "lower", "upper"]
    assert len(lines) == 1 + len(found.tasks) == 3 == 1 + drawn.described["points"]
    assert not drawn.remarks


@pytest.mark.parametrize(
    ("table", "keys", "said"),
    [
        ("", {}, "declares no figure"),
        (FIGURE, {"series": ["rho"]}, "figures of rates"),
        (FIGURE, {"log": ["z"]}, "log"),
    ],
)
def test_figures_that_do_not_fit_are_refused(table, keys, said, study):
    path = study(NOISE + table)
    asked = QUESTION_STUDIES.load(path)
    with pytest.raises(efpep.InputError, match=said) as refused:
        QUESTION_STUDIES.check_figure(path, asked, keys)
    assert one_sentence(refused.value)
