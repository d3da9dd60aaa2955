"""The results store: nothing is lost, nothing wrong is used, whatever happens to the file."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support import one_sentence, uniform

import efpep
from efpep.errors import CertificateError, InputError
from efpep.questions.rate.enclosure import WIDTH
from efpep.studies.engine.store import Store, default_path
from efpep.studies.engine.sweep import sweep
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.engine.workers import Serial
from efpep.studies.rates.task import RateTask

TASK = RateTask(efpep.EF21("1/20"), uniform(10, "1/2", 3))


def changed(**other):
    """The question with another method, setting or solver, or with something else asked."""
    about = {name: other.pop(name) for name in ("method", "setting", "solver") if name in other}
    return replace(TASK, form=replace(TASK.form, **other), **about)


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A store with the answers to several questions."""
    path = tmp_path_factory.mktemp("filled") / "store.sqlite"
    tasks = [TASK, *(RateTask(efpep.GD(), uniform(kappa, 0)) for kappa in range(2, 40))]
    with Store(path) as store:
        sweep(tasks, Serial(), store)
    return path


@pytest.fixture
def copy(filled, tmp_path):
    return Path(shutil.copy(filled, tmp_path / "store.sqlite"))


def change(path, command, *values):
    connection = sqlite3.connect(path)
    connection.execute(command, values)
    connection.commit()
    connection.close()


def test_what_was_stored_comes_back(filled):
    with Store(filled) as store:
        assert len(store) == 39
        outcome = store.get_many([TASK.key()])[TASK.key()]
    stored, fresh = TASK.rate(outcome), efpep.rate(TASK.method, TASK.setting)
    assert (stored.lower, stored.upper, stored.metric, stored.solver) == (fresh.lower, fresh.upper, fresh.metric, fresh.solver)
    assert str(stored.lyapunov) == str(fresh.lyapunov)
    assert stored.certificate.check() == fresh.certificate.check()
    TASK.recheck(outcome)


def test_the_optimal_step_size_and_theory_come_back():
    task = RateTask(efpep.EF21(), uniform(10, "1/2", 3))
    stored, fresh = task.rate(task.answer()), efpep.rate(task.method, task.setting)
    assert (stored.method, stored.theory, stored.step_size_source) == (fresh.method, fresh.theory, fresh.step_size_source)


@pytest.mark.parametrize(
    "other",
    [
        {"method": efpep.EF21("1/21")},
        {"method": efpep.EF("1/20")},
        {"setting": uniform(10, "1/2", 4)},
        {"setting": uniform(10, "1/3", 3)},
        {"metric": "gap"},
        {"solver": "extended"},
        {"lyapunov": "literature"},
        {"memory": 1},
        {"features": ("g", "g-d")},
        {"width": WIDTH / 2},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_question_has_another_key(other):
    assert changed(**other).key() != TASK.key()


def test_the_key_is_the_digest_of_question_version_solver_and_tolerances():
    import hashlib

    described = json.loads(TASK.canonical())
    assert described["version"] == efpep.__version__
    assert described["question"]["solver"] == "clarabel"
    assert Fraction(described["question"]["tolerances"]["width"]) == WIDTH
    assert TASK.key() == hashlib.sha256(TASK.canonical().encode()).hexdigest()
    assert replace(TASK).key() == TASK.key()


def test_changed_code_of_a_users_method_is_another_question(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    body = "import efpep\n\nclass Mine(efpep.EF21):\n    {}\n"
    keys = set()
    for extra in ("pass", "title = 'another'"):
        (tmp_path / "mine_stored.py").write_text(body.format(extra))
        sys.modules.pop("mine_stored", None)
        import linecache

        linecache.clearcache()
        mine = __import__("mine_stored").Mine
        task = replace(TASK, method=mine("1/20"))
        assert task.storable
        keys.add(task.key())
    assert len(keys) == 2


def test_the_users_store(monkeypatch, tmp_path):
    monkeypatch.setenv("EFPEP_STORE", str(tmp_path / "deep" / "a.sqlite"))
    assert default_path() == tmp_path / "deep" / "a.sqlite"
    Store().close()
    assert default_path().exists()
    monkeypatch.delenv("EFPEP_STORE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_path().name == "store.sqlite"
    assert "efpep" in default_path().parts


def truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def noise(path):
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xa5" * 4096)


DAMAGES = {
    "truncated": truncate,
    "cut to a few bytes": lambda path: os.truncate(path, 50),
    "empty": lambda path: os.truncate(path, 0),
    "not SQLite": lambda path: path.write_text("no database, just text\n" * 10),
    "overwritten in the middle": noise,
    "of another program": lambda path: change(path, "PRAGMA application_id = 7"),
    "of another layout": lambda path: change(path, "PRAGMA user_version = 2"),
    "other columns": lambda path: change(path, "ALTER TABLE outcomes ADD COLUMN more TEXT"),
    "no table": lambda path: change(path, "DROP TABLE outcomes"),
    "value changed": lambda path: change(path, "UPDATE outcomes SET outcome = replace(outcome, 'proved', 'refuted')"),
    "rate changed": lambda path: change(path, 'UPDATE outcomes SET outcome = replace(outcome, \'"upper":"\', \'"upper":"1\')'),
    "checksum changed": lambda path: change(path, "UPDATE outcomes SET checksum = 'x'"),
    "question changed": lambda path: change(path, "UPDATE outcomes SET question = question || ' '"),
    "value of another type": lambda path: change(path, "UPDATE outcomes SET outcome = X'ff00'"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_refused_in_one_sentence_with_the_remedy(copy, damage):
    DAMAGES[damage](copy)
    match = r"store\.sqlite.*damaged.*delete it or give another with --store"
    with pytest.raises(InputError, match=match) as error, Store(copy) as store:
        sweep([TASK], Serial(), store)
    assert one_sentence(error.value)


def test_what_a_deleted_store_left_behind_is_not_read(tmp_path):
    path = tmp_path / "store.sqlite"
    code = (
        "import os, sys\n"
        "from efpep.studies.engine.store import Store\n"
        "from efpep.studies.engine.task import Outcome, TaskState\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from support.tasks import Square\n"
        "Store(sys.argv[1]).put_many([(Square(k), Outcome(TaskState.PROVED, {'square': '0'})) for k in range(50)])\n"
        "os._exit(0)\n"  # as if killed: the write-ahead log stays
    )
    subprocess.run([sys.executable, "-c", code, str(path), str(Path(__file__).parents[2])], check=True, timeout=60)
    assert path.with_name("store.sqlite-wal").stat().st_size
    path.unlink()
    with Store(path) as store:
        assert len(store) == 0


def test_a_store_that_cannot_be_used_is_reported(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "store.sqlite", tmp_path):
        with pytest.raises(InputError, match=r"cannot be used.*--store") as error:
            Store(path)
        assert one_sentence(error.value)


FORGERIES = {
    "of another setting": lambda o: replace(TASK, setting=uniform(10, "1/2", 1)).answer(),
    "of another step size": lambda o: replace(TASK, method=efpep.EF21("1/21")).answer(),
    "of another metric": lambda o: changed(metric="gap").answer(),
    "of another class": lambda o: changed(features=("g", "g-d")).answer(),
    "of another Lyapunov function": lambda o: changed(lyapunov="literature").answer(),
    "a better end": lambda o: replace(o, value={**o.value, "upper": "1/2"}),
    "another state": lambda o: replace(o, state=TaskState.REFUTED),
    "no certificate": lambda o: replace(o, value={**o.value, "certificate": None}),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_answers_to_other_questions_are_refused(copy, forgery):
    with Store(copy) as store:
        outcome = store.get_many([TASK.key()])[TASK.key()]
    with pytest.raises(CertificateError):
        TASK.rate(FORGERIES[forgery](outcome))


def test_recheck_refuses_a_certificate_that_proves_nothing(copy, tmp_path):
    with Store(copy) as store:
        outcome = store.get_many([TASK.key()])[TASK.key()]
    upper = outcome.value["upper"]
    better = str(Fraction(upper) - Fraction(1, 1000))
    forged = Outcome.restore(json.loads(json.dumps(outcome.describe()).replace(json.dumps(upper), json.dumps(better))))
    with Store(tmp_path / "forged.sqlite") as store:
        store.put_many([(TASK, forged)])
        # its checksum is right
        assert TASK.rate(sweep([TASK], Serial(), store, trust_store=True)[0]).upper == Fraction(better)
        with pytest.raises(InputError, match=r"does not hold.*forged\.sqlite is damaged") as error:
            sweep([TASK], Serial(), store, recheck=True)
        assert one_sentence(error.value)


def test_two_writers_do_not_disturb_each_other(tmp_path):
    code = (
        "import sys\n"
        "from efpep.studies.engine.store import Store\n"
        "from efpep.studies.engine.task import Outcome, TaskState\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from support.tasks import Square\n"
        "with Store(sys.argv[1]) as store:\n"
        "    for k in range(300):\n"
        "        store.put_many([(Square(k), Outcome(TaskState.PROVED, {'square': str(k**2)}))])\n"
    )
    path = tmp_path / "store.sqlite"
    command = [sys.executable, "-c", code, str(path), str(Path(__file__).parents[2])]
    writers = [subprocess.Popen(command) for _ in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    from support.tasks import Square

    with Store(path) as store:
        found = store.get_many([Square(k).key() for k in range(300)])
    assert len(found) == 300
    assert {outcome.value["square"] for outcome in found.values()} == {str(k**2) for k in range(300)}
