"""Worst cases after T steps, side by side with PEPit and Clarabel: time, accuracy, and how the cost grows.

Run ``python benchmarks/worst_case.py`` (several minutes: PEPit at T = 40 takes more than one), or ``--quick`` for T up to 10. See
the README beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import math
import sys
import time
from collections.abc import Callable
from typing import TypeVar

import efpep
from efpep.crosscheck.pepit_horizon import pepit_value

T = TypeVar("T")
HORIZONS = (5, 10, 20, 40)
LONG = 100
SETTING = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2"))
STEP = efpep.EF21().resolved(SETTING).step_size


def timed(act: Callable[[], T]) -> tuple[float, T]:
    """Return how long something takes, and what it returns."""
    begin = time.perf_counter()
    found = act()
    return time.perf_counter() - begin, found


def compare(method: efpep.Method, steps: int) -> float:
    """Print one line of the comparison, and return the ratio of times."""
    fast, found = timed(lambda: efpep.worst_case(method, SETTING, steps, attained=False))
    upper = math.nan if found.upper is None else float(found.upper)
    run, both = timed(lambda: efpep.worst_case(method, SETTING, steps, attained=steps <= 20))
    lower = math.nan if both.lower is None else float(both.lower)
    slow, value = timed(lambda: pepit_value(found.question, 1))
    # relative to the proved interval: above 0 a proof contradicts the number, below the lower end a run does
    print(
        f"{method.title:<6}{steps:>4}  {upper:14.10f}{fast:9.2f} s  {(upper - lower) / upper:9.1e}{run:9.2f} s  "
        f"{value:14.10f}{slow:9.2f} s  {(value - upper) / upper:10.1e}{slow / fast:9.1f}",
        flush=True,
    )
    return slow / fast


def long_horizons() -> list[tuple[str, float]]:
    """Print and return the times of upper ends after 100 steps."""
    bounded = efpep.Setting(efpep.BoundedSubgradients(1))
    cases: list[tuple[str, efpep.Method, efpep.Setting, str, str]] = [
        ("EF", efpep.EF(STEP), SETTING, "distance", "last"),
        ("EF21", efpep.EF21(STEP), SETTING, "distance", "last"),
        ("CGD", efpep.CGD(STEP), SETTING, "distance", "last"),
        ("GD", efpep.GD(1), efpep.Setting(efpep.SmoothConvex(1)), "gap", "last"),
        ("subgradient", efpep.GD("1/10"), bounded, "gap", "best"),
    ]
    found: list[tuple[str, float]] = []
    for name, method, setting, metric, at in cases:
        seconds, answer = timed(lambda m=method, s=setting, q=metric, p=at: efpep.worst_case(m, s, LONG, q, at=p))
        upper = math.nan if answer.upper is None else float(answer.upper)
        print(f"{name:<12}T = {LONG}: at most {upper:.9g}, {seconds:.2f} s", flush=True)
        found.append((name, seconds if answer.upper is not None else math.inf))
    return found


def main() -> int:
    """Print the comparison; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 10 steps")
    parser.add_argument("--method", choices=["ef21", "ef", "cgd"], help="only this method")
    given = parser.parse_args()
    methods: dict[str, efpep.Method] = {"ef21": efpep.EF21(STEP), "ef": efpep.EF(STEP), "cgd": efpep.CGD(STEP)}
    chosen = [methods[given.method]] if given.method else list(methods.values())
    timed(lambda: efpep.worst_case(methods["ef21"], SETTING, 2))
    pepit_value(efpep.worst_case(methods["ef21"], SETTING, 1, attained=False).question, 1)
    head = f"{'method':<6}{'T':>4}  {'upper end':>14}{'time':>11}  {'width':>9}{'both':>11}  {'PEPit':>14}{'time':>11}"
    print(f"{head}  off by       ratio")
    missed: list[str] = []
    targets = {20: 20.0, 40: 30.0}
    for method in chosen:
        for steps in HORIZONS[:2] if given.quick else HORIZONS:
            ratio = compare(method, steps)
            if ratio < targets.get(steps, 0.0):
                missed.append(f"{method.title} T = {steps}: PEPit takes {ratio:.1f} times as long, target {targets[steps]:g}")
    missed += [f"{name} T = {LONG}: {seconds:.2f} s, target 2 s" for name, seconds in long_horizons() if seconds > 2]
    print("\n".join(["Missed:", *missed]) if missed else "All targets are met.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
