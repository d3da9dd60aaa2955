"""Time and memory of numeric runs: against plain loops over clients, against n and d, and at n = 1000, d = 10^5.

Run ``python benchmarks/simulate.py`` (or ``--quick``, which leaves out the large runs). EF21 with Top-1 % on diagonal quadratics,
one thread, and at the large size two threads and single precision too. The plain loops keep one array a client and compress it
with Top-K by a stable sort, which breaks ties as efpep does, or by ``numpy.argpartition``, which does not.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import efpep
from efpep.simulate.problems import DiagonalQuadratics

STEP = 0.1
FASTER = 5.0
LINEAR = 2.0
SECONDS = {1: 0.35, 2: 0.2}
"""Of an iteration at n = 1000, d = 10^5, with so many threads on so many idle cores."""
ARRAYS = 2.5
"""How many arrays of shape (n, d) the run at that size may take, the problem's own included."""

Vector = NDArray[np.float64]


def ours(n: int, d: int, rounds: int, threads: int = 1, dtype: str = "float64") -> float:
    """Return seconds of a run, recording its start and end."""
    problem = DiagonalQuadratics(n=n, d=d)
    found = efpep.simulate(
        efpep.EF21("1/10"),
        problem,
        rounds,
        efpep.TopK(d // 100),
        record_every=rounds,
        record=["gap", "distance", "bytes_client"],
        threads=threads,
        dtype=dtype,
    )
    return found.seconds


def by_sort(v: Vector, k: int) -> Vector:
    """Top-K by a stable sort."""
    compressed = np.zeros_like(v)
    kept = np.argsort(-np.abs(v), kind="stable")[:k]
    compressed[kept] = v[kept]
    return compressed


def by_partition(v: Vector, k: int) -> Vector:
    """Top-K by a partition; ties fall as they may."""
    compressed = np.zeros_like(v)
    kept = np.argpartition(np.abs(v), len(v) - k)[-k:]
    compressed[kept] = v[kept]
    return compressed


def plain(n: int, d: int, rounds: int, top_k: Callable[[Vector, int], Vector]) -> float:
    """Return seconds of the plain loop over clients."""
    problem, k = DiagonalQuadratics(n=n, d=d), d // 100
    x = np.zeros(d)
    estimates = [top_k(problem.gradient(i, x), k) for i in range(n)]
    begin = time.perf_counter()
    for _ in range(rounds):
        x = x - STEP * np.mean(estimates, axis=0)
        for i in range(n):
            estimates[i] = estimates[i] + top_k(problem.gradient(i, x) - estimates[i], k)
    return time.perf_counter() - begin


def main() -> int:
    """Print the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the large run")
    quick = parser.parse_args().quick

    n, d, rounds = 100, 100_000, 5
    cells = n * d * rounds
    times = {
        "efpep": min(ours(n, d, rounds) for _ in range(3)),
        "plain loop, sort": min(plain(n, d, 1, by_sort) * rounds for _ in range(2)),
        "plain loop, partition": min(plain(n, d, rounds, by_partition) for _ in range(2)),
    }
    print(f"{f'n = {n}, d = {d}':<26}{'ns/(n d)':>10}{'efpep is':>12}")
    for name, seconds in times.items():
        print(f"{name:<26}{1e9 * seconds / cells:10.2f}{seconds / times['efpep']:10.1f} x", flush=True)

    print(f"\n{'n':>6}{'d':>9}{'ns/(n d)':>10}")
    rates: list[float] = []
    for clients, dimension in ((50, 50_000), (100, 50_000), (50, 100_000), (200, 50_000), (50, 200_000)):
        rates.append(min(1e9 * ours(clients, dimension, rounds) / (clients * dimension * rounds) for _ in range(2)))
        print(f"{clients:>6}{dimension:>9}{rates[-1]:10.2f}", flush=True)

    targets = [
        ("faster than the loop", times["plain loop, sort"] / times["efpep"], FASTER, True),
        ("spread of ns/(n d)", max(rates) / min(rates), LINEAR, False),
    ]
    if not quick:
        n, d, rounds = 1000, 100_000, 20
        seconds = {1: ours(n, d, rounds) / rounds}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / (8 * n * d)
        seconds[2] = ours(n, d, rounds, threads=2) / rounds
        single = ours(n, d, rounds, dtype="float32") / rounds
        print(f"\nn = {n}, d = {d}, seconds an iteration: {seconds[1]:.3f}, two threads {seconds[2]:.3f}, float32 {single:.3f}")
        targets.append(("peak memory (arrays)", peak, ARRAYS, False))
        targets += [(f"seconds, {count} threads", seconds[count], SECONDS[count], False) for count in SECONDS]
    print()
    missed = False
    for name, value, target, above in targets:
        met = value >= target if above else value <= target
        missed = missed or not met
        print(f"{name:<26}{value:.2f}, target {target:g}{'' if met else '  MISSED'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
