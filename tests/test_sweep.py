"""The engine of sweeps: every task gets its outcome, whoever answers and whatever dies."""

import os
import signal
import time
from dataclasses import dataclass

import pytest
from conftest import one_sentence

from efpep.errors import CertificateError, InputError
from efpep.study.store import Store
from efpep.study.sweep import sweep
from efpep.study.task import Outcome, State, Task
from efpep.study.workers import Dask, Local, Serial


@dataclass(frozen=True)
class Square(Task):
    kind = "square"
    number: int

    def describe(self):
        return {"number": str(self.number)}

    def answer(self):
        if self.number % 100 == 13:
            raise InputError("13 is unlucky; take another.")
        if self.number % 100 == 14:
            raise ZeroDivisionError
        if self.number % 100 == 7:
            return Outcome(State.UNDECIDED, reason="7 is hard")
        if self.number % 100 == 8:
            return Outcome(State.REFUTED, {"square": "no"})
        return Outcome(State.PROVED, {"square": str(self.number**2), "process": os.getpid()})

    def recheck(self, outcome):
        if outcome.state is State.PROVED and outcome.value["square"] != str(self.number**2):
            raise CertificateError("the square is wrong.")


@dataclass(frozen=True)
class Deadly(Square):
    kind = "deadly"

    def answer(self):
        if self.number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().answer()


def check(outcomes, numbers):
    for number, outcome in zip(numbers, outcomes, strict=True):
        expected = {7: State.UNDECIDED, 8: State.REFUTED, 13: State.FAILED, 14: State.FAILED}.get(number % 100, State.PROVED)
        assert outcome.state is expected
        if expected is State.PROVED:
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
    assert seen[-1].counts == {State.PROVED: 288, State.REFUTED: 3, State.UNDECIDED: 3, State.FAILED: 6}


def test_local_workers_are_other_processes():
    outcomes = sweep([Square(k + 20) for k in range(40)], Local(2))
    assert os.getpid() not in {outcome.value["process"] for outcome in outcomes}


def test_a_task_that_kills_its_worker_fails_and_the_others_do_not():
    outcomes = sweep([Deadly(k) for k in range(7)], Local(2))
    assert [o.state for o in outcomes] == [State.FAILED if k == 3 else State.PROVED for k in range(7)]
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
        store.put_many([(Square(6), Outcome(State.PROVED, {"square": "35"}))])
        assert sweep([Square(6)], Serial(), store)[0].value == {"square": "35"}
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
