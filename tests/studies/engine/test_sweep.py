"""The engine of sweeps: every task gets its outcome, whoever answers and whatever dies."""

import json
import os
import time

import pytest
from support import one_sentence
from support.tasks import Deadly, Square

import efpep
from efpep.cli import main
from efpep.errors import InputError
from efpep.studies.engine.store import Store
from efpep.studies.engine.sweep import sweep
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.engine.workers import Dask, Local, Serial


def check(outcomes, numbers):
    for number, outcome in zip(numbers, outcomes, strict=True):
        expected = {7: TaskState.UNDECIDED, 8: TaskState.REFUTED, 13: TaskState.FAILED, 14: TaskState.FAILED}.get(
            number % 100, TaskState.PROVED
        )
        assert outcome.state is expected
        if expected is TaskState.PROVED:
            assert outcome.value["square"] == str(number**2)
    return outcomes


@pytest.mark.parametrize("workers", [Serial, lambda: Local(2)], ids=["serial", "local"])
def test_outcomes_come_in_the_order_of_the_tasks(workers):
    numbers = [*range(300), 5, 7]
    seen = []
    outcomes = check(sweep([Square(k) for k in numbers], workers(), progress=seen.append), numbers)
    assert outcomes[5] is outcomes[300]
    assert outcomes[13].reason == "13 is unlucky; take another."
    assert outcomes[14].reason == "ZeroDivisionError"
    assert [p.total for p in seen] == [300] * len(seen)
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[0].done, seen[-1].done) == (0, 300)
    assert seen[-1].counts == {TaskState.PROVED: 288, TaskState.REFUTED: 3, TaskState.UNDECIDED: 3, TaskState.FAILED: 6}


def test_local_workers_are_other_processes():
    outcomes = sweep([Square(k + 20) for k in range(40)], Local(2))
    assert os.getpid() not in {outcome.value["process"] for outcome in outcomes}


def test_a_task_that_kills_its_worker_fails_and_the_others_do_not():
    outcomes = sweep([Deadly(k) for k in range(7)], Local(2))
    assert [o.state for o in outcomes] == [TaskState.FAILED if k == 3 else TaskState.PROVED for k in range(7)]
    assert "worker died" in outcomes[3].reason


def test_stored_answers_are_not_asked_again(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        first = check(sweep([Square(k) for k in range(50)], Serial(), store), range(50))
        assert len(store) == 48  # failed points are not kept
        seen = []
        second = check(sweep([Square(k) for k in range(60)], Serial(), store, seen.append), range(60))
        assert seen[0].stored == seen[0].done == 48
        assert [o.describe() for o in second[:13]] == [o.describe() for o in first[:13]]
        check(sweep([Square(k) for k in range(60)], Serial(), store, recheck=True), range(60))


def test_recheck_refuses_a_wrong_answer(tmp_path):
    with Store(tmp_path / "store.sqlite") as store:
        store.put_many([(Square(6), Outcome(TaskState.PROVED, {"square": "35"}))])
        assert sweep([Square(6)], Serial(), store, trust_store=True)[0].value == {"square": "35"}
        with pytest.raises(InputError, match=r"the square is wrong.*store\.sqlite is damaged; delete it") as error:
            sweep([Square(6)], Serial(), store, recheck=True)
        assert one_sentence(error.value)


def test_cheap_tasks_cost_little():
    begin = time.perf_counter()
    sweep([Square(k) for k in range(20_000)], Serial())
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize("address", ["local:0", "local:two", "nowhere"])
def test_dask_addresses(address):
    with pytest.raises(InputError, match="Dask address") as error:
        Dask(address)
    assert one_sentence(error.value)


def test_jobs():
    assert Local().count >= 1
    with pytest.raises(InputError, match="jobs is 0") as error:
        Local(0)
    assert one_sentence(error.value)


MIXED = """
title = "Gradient descent"
methods = ["gd"]
[grid]
kappa = [2, 3]
L = 1
step_size = [1, "5/2"]
"""


def test_run_says_what_became_of_every_point(study, tmp_path, capsys):
    words = ["run", str(study(MIXED)), "--store", str(tmp_path / "store.sqlite"), "--jobs", "1"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [found[key] for key in ("total", "proved", "refuted", "undecided", "failed", "stored")] == [4, 2, 2, 0, 0, 0]
    assert [(p["mu"], p["step_size"], p["state"]) for p in found["points"]] == [
        ("0.5", "1", "proved"),
        ("0.5", "2.5", "refuted"),
        ("1/3", "1", "proved"),
        ("1/3", "2.5", "refuted"),
    ]
    # gradient descent contracts by (1 - mu eta)^2 for eta <= 2/(L + mu)
    for point, rate in ((found["points"][0], 1 / 4), (found["points"][2], 4 / 9)):
        assert float(point["rate"]["lower"]) - 1e-12 <= rate <= float(point["rate"]["upper"]) + 1e-12
    assert main(words) == 0
    printed = capsys.readouterr()
    assert "4 points: 2 proved, 2 refuted, 0 undecided, 0 failed (4 from the store)" in printed.out
    assert "4/4" in printed.err
    assert main([*words, "--recheck", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["stored"] == 4
    assert [p["rate"] for p in again["points"]] == [p["rate"] for p in found["points"]]


def test_open_points_have_a_reason_and_status_4(study, tmp_path, capsys):
    # scs does not place the rate of gradient descent for the second condition number
    text = 'title = "Hard"\nmethods = ["gd"]\nsolver = "scs"\n[grid]\nkappa = [2, 1000000]\nL = 1\n'
    words = ["run", str(study(text)), "--store", str(tmp_path / "store.sqlite"), "--jobs", "1"]
    assert main([*words, "--json"]) == 4
    found = json.loads(capsys.readouterr().out)
    assert (found["proved"], found["undecided"]) == (1, 1)
    assert all(bool(p["reason"]) == (p["state"] == "undecided") for p in found["points"])
    text = text.replace('"scs"', '"clarabel"\nlyapunov = "|g"')
    assert main(["run", str(study(text)), "--store", str(tmp_path / "store.sqlite"), "--jobs", "1"]) == 2
    printed = capsys.readouterr()  # no point can be asked with it, so that nothing is asked
    assert not printed.out
    assert "gd: the Lyapunov function cannot be read at '|g'" in printed.err


def test_wrong_words_are_one_line(study, tmp_path, capsys):
    path = str(study(MIXED))
    (tmp_path / "text").write_text("no store\n" * 50)
    for words in (
        ["run", path, "--jobs", "0"],
        ["run", path, "--jobs", "1", "--dask", "local:2"],
        ["run", path, "--dask", "nowhere"],
        ["run", path, "--store", str(tmp_path / "text")],
        ["table", path, "--store", str(tmp_path / "text")],
        ["run", str(tmp_path / "none.toml")],
    ):
        assert main(words) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.count("\n") == 1


def test_tables_read_from_the_store_and_fill_it(study, tmp_path):
    path, store = study(MIXED), tmp_path / "store.sqlite"
    first = efpep.table(path, store=store)
    found = efpep.run(path, store=store, jobs=1)
    assert found.stored == 4
    assert found.table().render("csv") == first.render("csv") == efpep.table(path).render("csv")


@pytest.mark.filterwarnings("default")  # of Dask and tornado
def test_dask_gives_the_same_answers(study, tmp_path):
    path = study(MIXED)
    local = efpep.run(path, store=tmp_path / "local.sqlite", jobs=2)
    dask = efpep.run(path, store=tmp_path / "dask.sqlite", dask="local:2")
    assert [o.state for o in dask.outcomes] == [o.state for o in local.outcomes]
    assert [o.value for o in dask.outcomes] == [o.value for o in local.outcomes]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_dask_survives_a_deadly_task():
    outcomes = sweep([Deadly(k) for k in range(5)], Dask("local:1"))
    assert [o.state for o in outcomes] == [TaskState.FAILED if k == 3 else TaskState.PROVED for k in range(5)]
