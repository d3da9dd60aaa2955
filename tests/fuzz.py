"""Fuzzing: changed certificates, stored answers, adversaries and checkpoints, random methods, command lines and study files.

``python tests/fuzz.py`` (or ``make fuzz``) runs 5,000 certificates, 2,000 stored answers, 1,000 adversaries and checkpoints,
300 methods, and 10,000 command lines and study files, bounded in time, and prints its seed; the ordinary suite runs 400 inputs.
What is looked for: an exception that is none of efpep's own, a message of more than one sentence, and above all a false claim
that is accepted.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import logging
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
from fuzz_commands import check_command, check_study

import efpep
from efpep.errors import EfpepError, InputError, UnavailableError
from efpep.methods import Method
from efpep.questions.base import AnyCertificate
from efpep.questions.rate.question import as_rate
from efpep.simulate.adversary_file import load_adversary, save_adversary
from efpep.simulate.problems import RandomQuadratics
from efpep.simulate.run import NumericRun, iterate
from efpep.studies.engine.store import Store
from efpep.studies.engine.sweep import sweep
from efpep.studies.engine.task import TaskState, digest
from efpep.studies.engine.workers import Serial
from efpep.studies.rates.task import RateTask

FULL = {"words": 10000, "certificates": 5000, "rows": 2000, "files": 1000, "methods": 300}
WEIRD = [None, True, -1, 0, 10**400, 0.5, "", "1/0", "-1", "nan", "optimal", "x\x1b[31m", [], {}, [[]], "10" * 300, "1e999999999"]
HALF = efpep.Contractive("1/2")
SETTING = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), HALF, 3)
NONSMOOTH = efpep.BoundedSubgradients(1)


class FaultError(AssertionError):
    """A fault that the fuzzing found."""


@dataclass
class Report:
    """How many inputs of each kind ended how."""

    counts: Counter[str] = field(default_factory=Counter)

    def count(self, kind, what):
        self.counts[f"{kind}: {what}"] += 1


def one_sentence(text):
    return "\n" not in text and text.endswith(".") and "fault in efpep" not in text and text.isprintable()


# --- changes ----------------------------------------------------------------------------------------------------------------


def places(value, path=()):
    """All places of a JSON object."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def near(draw, value):
    """Another value of the same kind, or a weird one."""
    if draw.random() < 0.25:
        return copy.deepcopy(draw.choice(WEIRD))
    if isinstance(value, str):
        with contextlib.suppress(ValueError, ZeroDivisionError):
            number = Fraction(value if "e" not in value else "")  # 1e999999999 would be written out
            move = draw.choice([Fraction(1, 10**12), Fraction(1, 1000), Fraction(1, 3), Fraction(-1, 10**9), Fraction(-1, 50)])
            return str(draw.choice([number + move, number * (1 + move), -number, number / 2]))
        return draw.choice(
            ["distance", "gap", "gradient", "ef21", "ef", "cgd", "gd", "contractive", "projection", "linear", value[:-1]]
        )
    if isinstance(value, bool | None):
        return not value
    if isinstance(value, int | float):
        return value + draw.choice([-1, 1, 3, 1000])
    if isinstance(value, list):
        return value[:-1] if value and draw.random() < 0.5 else [*value, *value[:1]]
    return {key: part for key, part in value.items() if draw.random() < 0.8}


def changed(draw, described):
    """A JSON object with one to three changes."""
    found = copy.deepcopy(described)
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        every = [path for path in places(found) if path]
        path = draw.choice(every)
        holder, key = at(found, path[:-1]), path[-1]
        if draw.random() < 0.1 and isinstance(holder, dict):
            del holder[key]
        elif draw.random() < 0.1:
            holder[key] = copy.deepcopy(at(found, draw.choice(every)))
        else:
            holder[key] = near(draw, holder[key])
    return found


# --- certificates -----------------------------------------------------------------------------------------------------------


@cache
def certificates() -> dict[str, AnyCertificate]:
    """One certificate of every kind, and variants of the rates'."""
    convex = replace(SETTING, functions=efpep.SmoothConvex(1))
    switching = efpep.Setting(NONSMOOTH, HALF, 1, HALF, NONSMOOTH)
    rate = efpep.rate
    return {
        "rate": rate(efpep.EF21("1/10"), SETTING).certificate,
        "given": rate(efpep.EF21("1/10"), SETTING, lyapunov="literature").certificate,
        "features": rate(efpep.EF21("1/10"), SETTING, features=["g", "g-d"]).certificate,
        "interpolation": rate(efpep.CGD("1/3"), replace(SETTING, agents=1), positivity="interpolation").certificate,
        "random": rate(efpep.EF21("1/10"), replace(SETTING, compressor=efpep.Randomized("1/2"))).certificate,
        "growing": efpep.potential(efpep.ADEF("1/40"), convex, iterations=2).certificate,
        "one step": efpep.potential(efpep.SafeEF(1), replace(switching, agents=2)).certificate,
        "worst case": efpep.worst_case(efpep.EF21("1/10"), replace(SETTING, heterogeneity=1), 2).certificate,
        "patterns": efpep.switching_worst_case(efpep.SafeEF("1/2", threshold="1/2"), switching, 2).certificate,
        "noise": efpep.noise(efpep.EF("1/10"), replace(SETTING, noise=efpep.GradientNoise(1))).certificate,
        "cycle": efpep.cycle(efpep.GD(2), replace(SETTING, agents=1), 1).certificate,
        "step size": efpep.tune(efpep.GD, replace(SETTING, agents=1), tolerance="0.05").certificate,
    }


def check_certificate(draw, path, report):
    name = draw.choice(list(certificates()))
    original = certificates()[name]
    original.save(path)
    described = json.loads(path.read_text())
    path.write_text(json.dumps(changed(draw, described)))
    verdict = efpep.verify(path)
    report.count("certificate", {True: "accepted", False: "refused", None: "undecided"}[verdict.accepted])
    if (
        (verdict.note and not one_sentence(verdict.note))
        or not one_sentence(verdict.reason)
        or "the code that the claim names failed" in verdict.reason
    ):
        raise FaultError(f"{name}: {verdict.reason!r} of {path.read_text()}")
    if verdict.accepted:
        claim = verdict.certificate.describe()["claim"]
        if not same_claim(claim, described["claim"]) and verdict.reason == original.sentence():
            raise FaultError(f"{name}: another claim with the same sentence: {path.read_text()}")
        if as_rate(verdict.certificate) is not None:
            check_true(verdict.certificate)


ENDS = ("rate", "K", "value", "bound", "lower", "worse")
"""The keys of ends, which sentences round outward to twelve decimals."""


def same_claim(claim, other):
    """Whether two claims differ in nothing but the digits of ends beyond those that sentences print."""
    if claim.keys() != other.keys():
        return False
    differing = [key for key in claim if claim[key] != other[key]]
    return all(key in ENDS and close(claim[key], other[key]) for key in differing)


def close(end, other):
    """Whether two ends, or pairs of them, are the same to eleven decimals."""
    if isinstance(end, dict) and isinstance(other, dict):
        return end.keys() == other.keys() and all(close(end[key], other[key]) for key in end)
    if not (isinstance(end, str) and isinstance(other, str)):
        return end == other
    return abs(Fraction(end) - Fraction(other)) < Fraction(1, 10**11)


def check_true(certificate):
    """Ask the question of an accepted certificate again: its interval has to meet the one that is found."""
    chosen, given = certificate.question.lyapunov_class, certificate.question.given
    if given is not None:
        return
    found = efpep.rate(
        certificate.method,
        certificate.setting,
        certificate.question.metric,
        memory=chosen.memory,
        features=chosen.features,
        positivity=chosen.positivity,
    )
    lower, upper = certificate.lower, certificate.upper
    if lower is not None and found.upper is not None and lower.theta > found.upper:
        raise FaultError(f"a false lower end is accepted: {certificate.describe()}")
    if upper is not None and found.lower is not None and upper.theta < found.lower:
        raise FaultError(f"a false upper end is accepted: {certificate.describe()}")


# --- stored answers ---------------------------------------------------------------------------------------------------------


@cache
def answers():
    tasks = [RateTask(efpep.GD(step), replace(SETTING, agents=1)) for step in ("1/2", "1", "5/2")]
    return [(task, task.answer()) for task in tasks]


def check_row(draw, path, report):
    task, answer = draw.choice(answers())
    path.unlink(missing_ok=True)
    with Store(path) as store:
        store.put_many([(task, answer)])
    text = json.dumps(changed(draw, json.loads(json.dumps(answer.describe()))))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE outcomes SET outcome = ?, checksum = ?", (text, digest(f"{task.key()}\n{text}")))
    connection.commit()
    connection.close()
    try:
        with Store(path) as store:
            found = sweep([task], Serial(), store)[0]
    except InputError as error:
        report.count("row", "damaged")
        if not one_sentence(str(error)):
            raise FaultError(f"{error!r} of {text}") from error
        return
    report.count("row", found.state.value)
    (lower, upper), (low, high) = found.interval(), answer.interval()
    false = (lower is not None and high is not None and lower > high) or (upper is not None and low is not None and upper < low)
    if false or found.state not in {answer.state, TaskState.UNDECIDED}:
        raise FaultError(f"a false answer is used: {text}")


# --- adversaries and checkpoints ----------------------------------------------------------------------------------------------


@cache
def adversary():
    worst = efpep.worst_case(efpep.EF21("1/10"), replace(SETTING, agents=2, heterogeneity=0), 2)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "adversary.json"
        save_adversary(efpep.replay(worst).adversary, path)
        return path.read_text()


def check_adversary(draw, path, report):
    path.write_text(json.dumps(changed(draw, json.loads(adversary()))))
    try:
        found = load_adversary(path)
        efpep.simulate(found.method, _problem(path), 2, efpep.TopK(1))
        report.count("adversary", "run")
    except EfpepError as error:
        report.count("adversary", "refused")
        if not one_sentence(str(error)):
            raise FaultError(f"{error!r} of {path.read_text()}") from error


def _problem(path):
    from efpep.simulate.problems import read_problem

    return read_problem(f"adversary:file={path}")


@cache
def checkpoint():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run.npz"
        _run(path, 6)
        with np.load(path) as file:
            return {name: file[name] for name in file.files}


def _run(path, iterations, *, resume=False):
    problem = RandomQuadratics(n=2, d=3, seed=1)
    return efpep.simulate(
        efpep.EF21("1/10"), problem, iterations, efpep.RandK(1), seed=2, record_every=4, checkpoint=path, resume=resume
    )


def check_checkpoint(draw, path, report):
    arrays = dict(checkpoint())
    if draw.random() < 0.7:
        described = json.loads(arrays["described"].tobytes())
        arrays["described"] = np.frombuffer(json.dumps(changed(draw, described)).encode(), np.uint8)
    else:
        name = draw.choice(list(arrays))
        odd = [arrays[name][:1], arrays[name].astype(np.float32), np.zeros(3), np.zeros((9, 9)), arrays[name][..., None]]
        arrays[name] = draw.choice(odd)
    np.savez(path, **arrays)
    if draw.random() < 0.2:
        content = bytearray(path.read_bytes())
        content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
        path.write_bytes(bytes(content))
    try:
        found = _run(path, 8, resume=True)
        report.count("checkpoint", "continued")
        if list(found.iterations) != [0, 4, 8]:
            raise FaultError("a run with other records is continued")
    except (InputError, UnavailableError) as error:
        report.count("checkpoint", "refused")
        if not one_sentence(str(error)):
            raise FaultError(f"{error!r}") from error


# --- methods ------------------------------------------------------------------------------------------------------------------

METHOD = """
class State(NamedTuple):
    x: object
    m: object

class Mine(efpep.Method):
    title = "mine"
    memories = (efpep.Memory.{memory}("m"),)
    common_minimiser = True
    State = State

    def start(self, x, run):
        return State(x, {start})

    def step(self, state, run):
        x, m = state
        g = run.gradient(x)
        p = {p}
        q = {q}
        return State({x}, {m})
"""


def expression(draw, names, depth=2):
    """A random vector expression."""
    if depth == 0 or draw.random() < 0.3:
        return draw.choice(names)
    a, b = (expression(draw, names, depth - 1) for _ in range(2))
    number = draw.choice(["0.5", "0.1", "2", "self.step_size", "1e17", "Fraction(1, 3)", "0", "-1", "0.9"])
    forms = [
        f"({a} + {b})",
        f"({a} - {b})",
        f"{number} * {a}",
        f"run.compress({a})",
        f"run.mean({a})",
        f"run.gradient({a})",
        f"({a} / 2)",
    ]
    return draw.choice(forms)


def method_source(draw):
    tracker = draw.random() < 0.5
    names = ["x", "m", "g", "(g - m)" if tracker else "(m - x)"]
    p = draw.choice(["run.compress(g - m)" if tracker else "run.compress(g)", expression(draw, names)])
    q = expression(draw, [*names, "p"])
    good = "x - self.step_size * run.mean(p)"
    return METHOD.format(
        memory="tracker" if tracker else "point",
        start="run.gradient(x)" if tracker else "x",
        p=p,
        q=q,
        x=draw.choice([good, "x - self.step_size * run.mean(q)", expression(draw, [*names, "p", "q"])]),
        m=draw.choice(["m + p" if tracker else "(m + x) / 2", "m", expression(draw, [*names, "p", "q"])]),
    )


def check_method(draw, path, report):
    from typing import NamedTuple

    source = method_source(draw)
    space = {"efpep": efpep, "NamedTuple": NamedTuple, "Fraction": Fraction, "__name__": "fuzzed"}
    exec(source, space)  # noqa: S102
    method = space["Mine"](draw.choice(["1/10", "1/3"]))
    setting = replace(SETTING, agents=draw.choice([1, 2]), functions=efpep.SmoothStronglyConvex("1/2", 1))
    try:
        found = efpep.rate(method, setting, width="1/1000", solver="clarabel")
    except EfpepError as error:
        report.count("method", "refused")
        if not one_sentence(str(error)):
            raise FaultError(f"{error!r} of {source}") from error
        return
    report.count("method", found.verdict.value)
    if found.upper is not None and found.upper < 1:
        check_run(method, setting, found, source)
    del path


class Shifted:
    """Quadratics ``(x - c)' A_i (x - c)/2`` with curvatures from 1/2 to 1, whose minimiser c is not the origin."""

    c = np.array([3.0, -2.0, 1.0])

    def __init__(self, agents):
        self.curvatures = np.linspace(0.5, 1.0, 3 * agents).reshape(agents, 3)

    def gradients(self, x):
        return self.curvatures * (x - self.c)


def check_run(method: Method, setting, found, source):
    """Run a method whose contraction is proved from a point away from a minimiser that is not the origin."""
    run = NumericRun(Shifted(setting.agents), efpep.TopK(2))
    states = list(iterate(method, run, np.array([9.0, 9.0, -9.0]), 150))
    first, last = (float(np.sum((state.x - Shifted.c) ** 2)) for state in (states[0], states[-1]))
    if not last <= 1e4 * first * float(found.upper) ** 150 + 1e-12 * first:
        raise FaultError(f"a run contradicts the proved rate {float(found.upper)}: {last} after {first}, of {source}")


CHECKS = {
    "words": (check_command, check_command, check_study),
    "certificates": (check_certificate,),
    "rows": (check_row,),
    "files": (check_adversary, check_checkpoint),
    "methods": (check_method,),
}


def fuzz(seed, counts, seconds, folder):
    """Run so many inputs of each kind, or as many as fit into the time, and return how they ended."""
    report, deadline = Report(), time.monotonic() + seconds
    logging.getLogger("efpep").setLevel(logging.ERROR)
    try:
        for kind, count in counts.items():
            for k in range(count):
                if time.monotonic() > deadline:
                    report.count(kind, "left out for want of time")
                    continue
                draw = random.Random(f"{seed} {kind} {k}")  # noqa: S311
                check = CHECKS[kind][k % len(CHECKS[kind])]
                try:
                    check(draw, folder / f"{check.__name__}.{'npz' if check is check_checkpoint else 'json'}", report)
                except FaultError:
                    raise
                except Exception as error:
                    raise FaultError(f"{kind} {k} with seed {seed}: {type(error).__name__}: {error}") from error
    finally:
        logging.getLogger("efpep").setLevel(logging.NOTSET)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--only", choices=FULL, action="append", help="one kind of inputs; repeat it for more")
    parser.add_argument("--scale", type=float, default=1.0, help="a multiple of the counts")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts = {kind: round(given.scale * n) for kind, n in FULL.items() if given.only is None or kind in given.only}
        report = fuzz(seed, counts, given.seconds, Path(folder))
    for name, count in sorted(report.counts.items()):
        print(f"{count:6} {name}")
    print(f"no fault found in {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
