"""Time of rates that a linear instance attains, beside the search of the same questions (``solver="clarabel"``), in one run.

Run ``python benchmarks/witness.py`` (or ``--quick``). See the README beside this file.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

import efpep
from efpep.methods import CGD, EF, EF21, EControl, EF21HeavyBall, EF21Momentum, EF21Nesterov, Method
from efpep.questions.rate import answer

METHODS: dict[str, Callable[[Fraction], Method]] = {
    "EF": EF,
    "EF21": EF21,
    "CGD": CGD,
    "momentum 9/10": lambda step: EF21Momentum(step, theta=Fraction(9, 10)),
    "momentum 1/2": lambda step: EF21Momentum(step, theta=Fraction(1, 2)),
    "heavy ball 1/10": lambda step: EF21HeavyBall(step, beta=Fraction(1, 10)),
    "heavy ball 3/10": lambda step: EF21HeavyBall(step, beta=Fraction(3, 10)),
    "Nesterov 1/5": lambda step: EF21Nesterov(step, beta=Fraction(1, 5)),
    "EControl 1/10": lambda step: EControl(step, eta=Fraction(1, 10)),
    "EControl 1/2": lambda step: EControl(step, eta=Fraction(1, 2)),
}
KAPPAS = tuple(Fraction(k) for k in (2, 5, 10, 30, 100, 300, 1000))
DELTAS = tuple(Fraction(d, 10) for d in (1, 3, 5, 7, 9))


@dataclass
class Tally:
    """What is collected over the questions of one row; times in milliseconds."""

    quick: list[float] = field(default_factory=list[float])
    searched: list[float] = field(default_factory=list[float])
    failed: list[float] = field(default_factory=list[float])
    attained: int = 0
    wider: float = 0.0

    def line(self, name: str) -> str:
        """Return the row of the table."""
        count = len(self.quick)
        if not count:
            return f"{name:<18}   0"
        lost = f"{100 * max(self.failed):4.0f} %" if self.failed else "     -"
        return (
            f"{name:<18}{count:4d}{self.attained:7d}{statistics.median(self.quick):9.1f}{statistics.mean(self.quick):9.1f}"
            f"{statistics.median(self.searched):9.1f}{statistics.mean(self.searched):9.1f}"
            f"{statistics.mean(self.searched) / statistics.mean(self.quick):8.1f}{lost:>9}{self.wider:9.2f}"
        )


class Watched:
    """Stands before the witness path: whether it found something, and how long it took."""

    def __init__(self) -> None:
        """Take the place of the path, and leave theorems, which are asked first, aside."""
        self._path, self.found, self.seconds = answer.attained, False, 0.0
        answer.attained = self
        answer.by_theorem = lambda question, trace, width: None  # noqa: ARG005

    def __call__(self, *arguments: object) -> object:
        """Pass on."""
        begin = time.process_time()
        found = self._path(*arguments)  # pyright: ignore[reportArgumentType]
        self.found, self.seconds = found is not None, time.process_time() - begin
        return found


def timed(ask: Callable[[], efpep.Rate]) -> tuple[efpep.Rate, float]:
    """Return an answer and its milliseconds."""
    begin = time.process_time()
    found = ask()
    return found, 1000 * (time.process_time() - begin)


def compare(method: Method, setting: efpep.Setting, watched: Watched, tally: Tally) -> None:
    """Ask one question both ways, one after the other; those without a contraction are left out."""
    searched, slow = timed(lambda: efpep.rate(method, setting, solver="clarabel"))
    if searched.lower is None or searched.upper is None:
        return
    quick, fast = timed(lambda: efpep.rate(method, setting))
    if quick.lower is None or quick.upper is None or quick.lower > searched.upper or searched.lower > quick.upper:
        raise ValueError(f"the two answers about {method} contradict each other")
    tally.quick.append(fast)
    tally.searched.append(slow)
    tally.attained += watched.found
    tally.wider = max(tally.wider, float((quick.upper - quick.lower) / (searched.upper - searched.lower)))
    if not watched.found:
        tally.failed.append(1000 * watched.seconds / slow)


def sample(count: int) -> Iterator[tuple[efpep.Setting, Fraction]]:
    """Yield settings with short step sizes, the same for every method."""
    numbers = np.random.default_rng(5)
    for _ in range(count):
        kappa = Fraction(round(400 * 10 ** numbers.uniform(0, 2.4)), 100)
        delta, agents = Fraction(int(numbers.integers(10, 91)), 100), int(numbers.integers(1, 3))
        setting = efpep.Setting(efpep.SmoothStronglyConvex(1 / kappa, 1), efpep.Contractive(delta), agents)
        yield setting, Fraction(EF21().resolved(setting).step_size) * Fraction(int(numbers.integers(2, 9)), 10)


def main() -> int:
    """Print the tables; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer questions")
    quick = parser.parse_args().quick
    watched = Watched()
    for setting, step in sample(2):  # a warm-up
        compare(EF21(step), setting, watched, Tally())
    print(f"{'':<18}{'':>4}{'by an':>7}{'no search, ms':>18}{'search, ms':>18}{'ratio':>8}{'lost':>9}{'width,':>9}")
    head = "".join(f"{name:>9}" for name in ("median", "mean", "median", "mean"))
    print(f"{'method':<17}{'asked':>5}{'inst.':>7}{head}{'':>8}{'at most':>9}{'ratio':>9}")
    lost = 0.0
    for name, method in METHODS.items():
        tally = Tally()
        for setting, step in sample(4 if quick else 12):
            compare(method(step), setting, watched, tally)
        lost = max([lost, *tally.failed])
        print(tally.line(name), flush=True)
    grid = Tally()
    for kappa in KAPPAS[::3] if quick else KAPPAS:
        for delta in DELTAS[::2] if quick else DELTAS:
            setting = efpep.Setting(efpep.SmoothStronglyConvex(1 / kappa, 1), efpep.Contractive(delta), 2)
            step = Fraction(EF21().resolved(setting).step_size) / 2
            compare(METHODS["momentum 9/10"](step), setting, watched, grid)
    print(grid.line("momentum, grid"))
    ratio = statistics.mean(grid.searched) / statistics.mean(grid.quick)
    targets = [
        ("grid of momentum, median (ms)", statistics.median(grid.quick), 8.0, False),
        ("search / no search on the grid", ratio, 10.0, True),
        ("lost where no instance is tight (%)", 100 * lost, 20.0, False),
    ]
    print()
    missed = 0
    for name, value, limit, least in targets:
        met = value >= limit if least else value <= limit
        missed += not met
        print(f"{name:<38}{value:8.1f}   target {'>=' if least else '<='} {limit:g}   {'met' if met else 'MISSED'}")
    return min(missed, 1)


if __name__ == "__main__":
    sys.exit(main())
