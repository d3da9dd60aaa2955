"""Time and width of the proved rate against the number of groups of agents, and against how many agents a group has.

Run ``python benchmarks/groups.py`` (or ``--quick``). EF21 at its step-size law; group k of K has L = k and mu = 1/10, so that
no two groups are alike. Every time is the median of a few repeats after a warm-up, on one thread.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction

import efpep
from efpep.questions.rate.answer import Rate

LARGEST = 6
FIVE_GROUPS = 5.0
"""Seconds in which a setting of five groups has to be answered."""
RATIO = 1.5
"""How far the times of small and large counts may be apart, which differ by noise only."""


def population(groups: int, count: int) -> efpep.Setting:
    """Return different groups of ``count`` agents each."""
    kinds = [efpep.SmoothStronglyConvex(Fraction(1, 10), k) for k in range(1, groups + 1)]
    return efpep.Setting(None, efpep.Contractive("1/2"), [efpep.Group(kind, count=count) for kind in kinds])


def median(ask: Callable[[], Rate], repeats: int) -> tuple[float, Rate]:
    """Return the median seconds of a certified answer, and the answer."""
    times: list[float] = []
    rate = ask()
    for _ in range(repeats):
        begin = time.perf_counter()
        rate = ask()
        times.append(time.perf_counter() - begin)
    return statistics.median(times), rate


def line(label: str, seconds: float, rate: Rate) -> str:
    """Return one row of the table."""
    if rate.lower is None or rate.upper is None:
        return f"{label:<22}{1000 * seconds:9.0f}  undecided"
    width = float(rate.upper - rate.lower)
    return f"{label:<22}{1000 * seconds:9.0f}{float(rate.upper):16.9f}{width:11.1e}  {rate.solver}"


def main() -> int:
    """Print the table; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer groups and repeats")
    quick = parser.parse_args().quick
    repeats, largest = (1, 5) if quick else (5, LARGEST)
    efpep.rate(efpep.EF21(), population(2, 3))

    print(f"{'EF21':<22}{'ms':>9}{'rate':>16}{'width':>11}  by")
    five, certified = 0.0, True
    for count, name in ((3, "agents each"), (1, "agent each")):
        for groups in range(1, largest + 1):
            seconds, rate = median(lambda g=groups, c=count: efpep.rate(efpep.EF21(), population(g, c)), repeats)
            certified = certified and rate.certified
            if groups == FIVE_GROUPS:
                five = max(five, seconds)
            print(line(f"{groups} x {count} {name}", seconds, rate), flush=True)

    print("\nThe counts do not matter:")
    answers: list[Rate] = []
    times: list[float] = []
    for count in (3, 3000):
        seconds, rate = median(lambda c=count: efpep.rate(efpep.EF21(), population(3, c)), max(repeats, 3))
        answers.append(rate)
        times.append(seconds)
        print(line(f"3 x {count} agents", seconds, rate), flush=True)
    same = (answers[0].lower, answers[0].upper) == (answers[1].lower, answers[1].upper)
    ratio = max(times) / min(times)

    targets = [
        ("all certified", str(certified), certified),
        ("five groups (s)", f"{five:.2f}, target {FIVE_GROUPS:g}", five < FIVE_GROUPS),
        ("same interval", str(same), same),
        ("ratio of times", f"{ratio:.2f}, target {RATIO:g}", ratio < RATIO),
    ]
    print()
    for name, text, met in targets:
        print(f"{name:<22}{text}{'' if met else '  MISSED'}")
    return 0 if all(met for *_, met in targets) else 1


if __name__ == "__main__":
    sys.exit(main())
