"""Time of proved step sizes: EF and EF21 for the constants that papers plot, one agent and a million.

Run ``python benchmarks/tune.py`` (or ``--quick``). Every line is one call of ``efpep.tune`` at a tolerance of 1e-3, timed alone
on one thread. The exit status is 1 where a bracket is wider than asked, does not hold the literature's step size or is not
proved on all of [0, oo), or where a call takes longer than 30 s.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import itertools
import sys
import time
from fractions import Fraction

import efpep

SECONDS = 30.0
"""In which every bracket has to be proved."""
TOLERANCE = Fraction(1, 1000)


def case(method: type[efpep.Method], kappa: int, delta: Fraction, agents: int) -> tuple[str, float, bool]:
    """Return the line of one question, its seconds, and whether it is answered as it has to be."""
    functions = efpep.SmoothStronglyConvex(Fraction(1, kappa), 1)
    setting = efpep.Setting(functions, efpep.Contractive(delta), agents)
    literature = method.literature.optimal_step_size(method(), setting).value
    begin, processor = time.perf_counter(), time.process_time()
    found = efpep.tune(method, setting, tolerance=TOLERANCE)
    seconds, processor = time.perf_counter() - begin, time.process_time() - processor
    label = f"{method.title:<6}{kappa:>6}{float(delta):>7.1f}{agents:>10}{seconds:>9.2f}{processor:>9.2f}"
    if found.upper is None or found.certificate is None or found.rate is None:
        return f"{label}  undecided", seconds, False
    width = (found.upper - found.lower) / literature
    holds = found.lower <= literature <= found.upper
    everywhere = found.covered == {"step_size": (Fraction(0), None)}
    gap = None if found.rate.lower is None else float((found.rate.upper - found.rate.lower) / (1 - found.rate.upper))
    best, everywhere_else = found.certificate.upper, found.certificate.lower
    boxes = (len(best.outside) if best else 0) + (len(everywhere_else.inside) if everywhere_else else 0)
    line = f"{label}{float(width):>10.1e}{'' if gap is None else f'{gap:>9.0e}':>9}{boxes:>7}"
    good = holds and everywhere and found.certified and width <= TOLERANCE * Fraction(1001, 1000)
    return line if good else f"{line}  FAILED", seconds, good and seconds <= SECONDS


def main() -> int:
    """Print the table; 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one condition number and one agent only")
    quick = parser.parse_args().quick
    deltas = [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)]
    grid = itertools.product([efpep.EF, efpep.EF21], [10] if quick else [2, 10, 100], deltas, [1] if quick else [1, 10**6])
    efpep.rate(efpep.EF21(Fraction(1, 10)), efpep.Setting(efpep.SmoothStronglyConvex("1/2", 1), efpep.Contractive("1/2")))
    print("method kappa  delta    agents  seconds  on CPU     width      gap  boxes")
    print("(width: of the bracket, relative to the step size; gap: of the best rate, relative to 1 - rho)")
    times: list[float] = []
    answered = True
    for method, kappa, delta, agents in grid:
        line, seconds, good = case(method, kappa, delta, agents)
        print(line, flush=True)
        times.append(seconds)
        answered = answered and good
    print(
        f"{len(times)} brackets, slowest {max(times):.2f} s (target {SECONDS:.0f} s): {'as required' if answered else 'MISSED'}"
    )
    return 0 if answered else 1


if __name__ == "__main__":
    sys.exit(main())
