"""Sweeps that are killed: no finished point is lost, no point is wrong, and the next sweep goes on."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest

from efpep.studies.engine.store import Store
from efpep.studies.engine.workers import Serial
from efpep.studies.rates.run import answers

STUDY = """
title = "EF with one agent"
methods = ["ef"]
[grid]
kappa = {kappa}
L = 1
delta = [0.3, 0.5, 0.7, 0.9]
"""


def start(study, store, *words):
    command = [sys.executable, "-m", "efpep.cli", "run", str(study), "--store", str(store), "--jobs", "2", *words]
    return open_process(command)


def open_process(command, **options):
    """Start a process that takes interrupts: a shell's background jobs ignore them, and what they start inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a handler, which is not inherited
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    finally:
        signal.signal(signal.SIGINT, before)


def finished(store):
    """Return the rows that are in a store, as another process sees them."""
    if not store.exists():
        return {}
    connection = sqlite3.connect(store, timeout=60)
    try:
        return dict(connection.execute("SELECT key, outcome FROM outcomes"))
    finally:
        connection.close()


def wait_for(sweep, store, count):
    """Wait until ``count`` more points are finished, or the sweep has ended."""
    goal = len(finished(store)) + count
    while sweep.poll() is None and len(finished(store)) < goal:
        time.sleep(0.01)


def workers_of(sweep):
    """Return the processes of a sweep that answer, not loky's own tracker."""
    try:
        children = psutil.Process(sweep.pid).children()
        return [child for child in children if "loky" in " ".join(child.cmdline()) and "tracker" not in " ".join(child.cmdline())]
    except psutil.Error:
        return []


def kill_and_resume(tmp_path, kills, points, seed):
    """Kill workers or the parent at random times until ``kills`` kills hit a running sweep, then let it finish."""
    study, store = tmp_path / "study.toml", tmp_path / "store.sqlite"
    study.write_text(STUDY.format(kappa=[f"{k + 4}/2" for k in range(points // 4)]))
    expected = answers(study, Serial(), None)
    chance = random.Random(seed)  # noqa: S311
    hit = {"parent": 0, "worker": 0}
    sweep = start(study, store)
    while sum(hit.values()) < kills:
        wait_for(sweep, store, chance.randrange(1, 4))
        time.sleep(chance.random() * 0.1)
        before, workers = finished(store), workers_of(sweep)
        if sweep.poll() is not None:  # everything is answered: start afresh
            _, err = sweep.communicate()
            assert sweep.returncode == 0, err
            assert len(before) == points
            store.unlink()
            sweep = start(study, store)
            continue
        victim = chance.choice(["parent", "worker"] if workers else ["parent"])
        if victim == "worker":
            chance.choice(workers).send_signal(signal.SIGKILL)
        else:
            sweep.kill()
            sweep.communicate()
            for worker in workers:  # they notice by themselves that their parent is gone
                worker.wait(20)
            sweep = start(study, store)
        hit[victim] += 1
        assert finished(store).items() >= before.items()
    out, err = sweep.communicate(timeout=300)
    assert sweep.returncode == 0, err
    assert f"{points} points: {points} proved, 0 refuted, 0 undecided, 0 failed" in out
    with Store(store) as kept:
        found = answers(study, Serial(), kept, recheck=True)
    assert found.stored == points
    assert [o.interval() for o in found.outcomes] == [o.interval() for o in expected.outcomes]
    return hit


@pytest.mark.slow
def test_a_kill(tmp_path):
    kill_and_resume(tmp_path, kills=1, points=12, seed=1)


@pytest.mark.slow
def test_three_kills(tmp_path):
    kill_and_resume(tmp_path, kills=3, points=24, seed=1)


@pytest.mark.slow
def test_twenty_kills(tmp_path):
    hit = kill_and_resume(tmp_path, kills=20, points=160, seed=2)
    assert min(hit.values()) >= 4


@pytest.mark.slow
def test_an_interrupt_stops_cleanly_and_the_sweep_goes_on(tmp_path):
    study, store = tmp_path / "study.toml", tmp_path / "store.sqlite"
    study.write_text(STUDY.format(kappa=[f"{k + 4}/2" for k in range(100)]))
    sweep = start(study, store)
    wait_for(sweep, store, 3)
    workers = workers_of(sweep)
    assert workers
    for process in (sweep.pid, *(worker.pid for worker in workers)):  # as a terminal does: everyone gets it
        os.kill(process, signal.SIGINT)
    out, err = sweep.communicate(timeout=60)
    assert sweep.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert "the same command goes on from there" in err
    for worker in workers:
        worker.wait(20)
    kept = finished(store)
    assert 3 <= len(kept) < 400
    study.write_text(STUDY.format(kappa=["2", "5/2"]))
    sweep = start(study, store, "--json")
    found = json.loads(sweep.communicate(timeout=60)[0])
    assert sweep.returncode == 0
    assert (found["total"], found["proved"], len(found["points"])) == (8, 8, 8)
    with Store(store) as again:
        tasks = answers(study, Serial(), again).tasks
    assert found["stored"] == sum(task.key() in kept for task in tasks)


@pytest.mark.slow
def test_an_interrupt_stops_a_local_dask_cluster_cleanly(tmp_path):
    study, store = tmp_path / "study.toml", tmp_path / "store.sqlite"
    study.write_text(STUDY.format(kappa=[f"{k + 4}/2" for k in range(100)]))
    command = [sys.executable, "-m", "efpep.cli", "run", str(study), "--store", str(store), "--dask", "local:2"]
    sweep = open_process(command, start_new_session=True)
    wait_for(sweep, store, 3)
    family = psutil.Process(sweep.pid).children(recursive=True)
    assert len(family) >= 2
    os.killpg(sweep.pid, signal.SIGINT)
    out, err = sweep.communicate(timeout=60)
    assert (sweep.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert psutil.wait_procs(family, timeout=30)[1] == []
    assert len(finished(store)) >= 3


@pytest.mark.slow
def test_two_sweeps_share_a_store(tmp_path):
    study, store = tmp_path / "study.toml", tmp_path / "store.sqlite"
    study.write_text(STUDY.format(kappa=["2", "3", "4", "5"]))
    sweeps = [start(study, store, "--json") for _ in range(2)]
    found = [json.loads(sweep.communicate(timeout=120)[0]) for sweep in sweeps]
    assert [sweep.returncode for sweep in sweeps] == [0, 0]
    first, second = ([(p["rate"], p["state"]) for p in f["points"]] for f in found)
    assert first == second
    assert len(finished(store)) == 16
