"""The gap between the certified rate and the method's own asymptotic rate, over a grid of kappa and delta.

Run ``python benchmarks/adversary.py`` (or ``--quick``). Methods at their optimal step sizes, or at the step-size law for two
kinds of agents. The lower bounds are explicit instances (quadratics on a line with linear compressors; trajectories that scale
with themselves), the upper one a Lyapunov function; all are checked exactly.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import sys
from fractions import Fraction

import efpep
from efpep.model.text import down, up
from efpep.questions.quadratic.slowest import slowest_quadratic

KAPPAS = (2, 10, 100, 1000)
DELTAS = ("0.01", "0.1", "0.5", "0.9", "0.99")


def settings(kappa: int, delta: str) -> list[tuple[str, efpep.Method, efpep.Setting]]:
    """Return the questions of one cell of the grid."""
    compressor = efpep.Contractive(delta)
    one = efpep.Setting(efpep.SmoothStronglyConvex(Fraction(1, kappa), 1), compressor)
    many = efpep.Setting(efpep.SmoothStronglyConvex(Fraction(1, kappa), 1), compressor, 2)
    kinds = [efpep.Group(efpep.SmoothStronglyConvex(mu, 1), count=1) for mu in (Fraction(1, kappa), Fraction(1, 2))]
    two = efpep.Setting(None, compressor, kinds)
    return [
        ("CGD, n = 1", efpep.CGD(), one),
        ("EF, n = 1", efpep.EF(), one),
        ("EF21, n = 1", efpep.EF21(), one),
        ("EF, n >= 2", efpep.EF(), many),
        ("EF21, n >= 2", efpep.EF21(), many),
        ("EF21, two kinds", efpep.EF21(), two),
    ]


def main() -> int:
    """Print the table; 1 where a bound is missing or the ends are crossed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two values of kappa and of delta")
    quick = parser.parse_args().quick
    print(f"{'kappa':>6}{'delta':>7}  {'question':<17}{'quadratics':>14}{'instance':>14}{'proved':>14}{'gap':>10}{'seconds':>9}")
    failed = False
    for kappa in KAPPAS[1:3] if quick else KAPPAS:
        for delta in DELTAS[1:3] if quick else DELTAS:
            for name, method, setting in settings(kappa, delta):
                found = efpep.asymptotic_lower_bound(method, setting)
                quadratic = slowest_quadratic(method, setting).rate
                slow = "none" if quadratic is None else down(quadratic, 10)
                lower = "none" if found.lower is None else down(found.lower, 10)
                upper = "none" if found.upper is None else up(found.upper, 10)
                gap = "open" if found.gap is None else f"{float(found.gap):.1e}"
                failed |= found.gap is None or found.gap < 0
                print(
                    f"{kappa:6}{delta:>7}  {name:<17}{slow:>14}{lower:>14}{upper:>14}{gap:>10}{found.seconds:9.2f}",
                    flush=True,
                )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
