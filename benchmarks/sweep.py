"""Time of a sweep of certified EF21 rates with one and with two workers, by joblib and by Dask, and whether all answers agree.

Run ``python benchmarks/sweep.py`` (100 x 100 points), or with ``--size 20`` for a quick look. The grid
is EF21 at its optimal step size, kappa in [2, 1000] in geometric and delta in [0.05, 0.95] in arithmetic progression. Every
sweep fills a results store of its own, in a temporary folder.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import efpep
from efpep.studies.engine.store import Store
from efpep.studies.engine.sweep import sweep
from efpep.studies.engine.task import Outcome, TaskState
from efpep.studies.engine.workers import Dask, Local, Workers
from efpep.studies.rates.task import RateTask

LIMIT = 13.0
"""Seconds in which two workers have to answer 100 x 100 points of one agent; smaller grids in proportion."""
START = 2.0
"""Seconds that their start may take besides."""
SEARCHED = 600.0
"""The same for several agents, whose rates are searched."""
SPEED_UP = 1.8
FULL = 10_000


@dataclass(frozen=True)
class Sweep:
    """One sweep: its name, its outcomes, its seconds, and how many answers its store holds."""

    name: str
    outcomes: list[Outcome]
    seconds: float
    stored: int


def grid(size: int, agents: int) -> list[RateTask]:
    """Return the questions, ``size`` squared of them."""
    steps = [Fraction(k, size - 1) for k in range(size)]
    kappas = [Fraction(round(2 * math.exp(float(t) * math.log(500)) * 1000), 1000) for t in steps]
    deltas = [Fraction(1, 20) + t * Fraction(9, 10) for t in steps]
    return [
        RateTask(efpep.EF21(), efpep.Setting(efpep.SmoothStronglyConvex(1 / kappa, 1), efpep.Contractive(delta), agents))
        for kappa in kappas
        for delta in deltas
    ]


def measure(name: str, tasks: list[RateTask], workers: Workers, folder: Path) -> Sweep:
    """Answer all tasks with a fresh store, and say how long it took, the start of the workers included."""
    with Store(folder / f"{name.replace(' ', '-')}.sqlite") as store:
        begin, busy = time.perf_counter(), sum(os.times()[:4])
        outcomes = sweep(tasks, workers, store)
        seconds, worked = time.perf_counter() - begin, sum(os.times()[:4]) - busy
        stored = len(store)
    print(
        f"{name:<20}{seconds:9.1f} s   {1000 * seconds / len(tasks):7.1f} ms a point, "
        f"{1000 * worked / len(tasks):.1f} ms of a core",
        flush=True,
    )
    return Sweep(name, outcomes, seconds, stored)


def profile(outcomes: list[Outcome]) -> None:
    """Print who proved how many points, and what they cost."""
    shares = Counter(str(outcome.value.get("solver", outcome.state.value)) for outcome in outcomes)
    total = sum(outcome.seconds for outcome in outcomes)
    print("\nproposals by           points     share   median ms   of all time")
    for solver, count in shares.most_common():
        times = sorted(o.seconds for o in outcomes if str(o.value.get("solver", o.state.value)) == solver)
        part = sum(times) / total
        print(f"{solver:<20}{count:9d}{count / len(outcomes):10.1%}{1000 * times[count // 2]:12.1f}{part:14.1%}")


def main() -> int:
    """Print the times; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=100, help="points along each side of the grid (at least 2)")
    parser.add_argument("--agents", type=int, default=1, help="how many exchangeable agents")
    parser.add_argument("--no-one", action="store_true", help="leave out the sweep with one worker, which takes longest")
    parser.add_argument("--no-dask", action="store_true", help="leave out the Dask cluster")
    options = parser.parse_args()
    tasks = grid(options.size, options.agents)
    print(f"EF21, {len(tasks)} certified rates, {options.agents} agents\n")
    targets: list[tuple[str, str, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        two = measure("two workers", tasks, Local(2), Path(folder))
        sweeps = [two]
        if not options.no_one:
            one = measure("one worker", tasks, Local(1), Path(folder))
            sweeps.append(one)
            ratio = one.seconds / two.seconds
            targets.append(("speed-up", f"{ratio:.2f}, target {SPEED_UP:g}", ratio >= SPEED_UP))
        if not options.no_dask:
            sweeps.append(measure("two Dask workers", tasks, Dask("local:2"), Path(folder)))
    profile(two.outcomes)
    limit = START + (LIMIT if options.agents == 1 else SEARCHED) * len(tasks) / FULL
    certified = all(o.state is TaskState.PROVED and o.value["lower"] is not None for o in two.outcomes)
    same = all([o.value for o in other.outcomes] == [o.value for o in two.outcomes] for other in sweeps)
    kept = all(other.stored == len(tasks) for other in sweeps)
    targets = [
        ("two workers (s)", f"{two.seconds:.1f}, target {limit:g}", two.seconds <= limit),
        *targets,
        ("all certified", str(certified), certified),
        ("same answers", str(same), same),
        ("all stored", str(kept), kept),
    ]
    print()
    for name, text, met in targets:
        print(f"{name:<22}{text}{'' if met else '  MISSED'}")
    return 0 if all(met for *_, met in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
