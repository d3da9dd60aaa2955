"""The degree over the rational numbers of the best proved rate of EF21 with two different agents, V free, at eleven settings.

Run ``python benchmarks/degrees.py`` (or ``--quick`` for the first setting alone). delta is ``1 - s^2`` with a rational s, and the
step size is that of the groups' law, ``2/Sbar (1-s)/(1+s)`` with Sbar the mean of ``L + mu``. Degrees are those of minimal
polynomials that hold to many more digits than they have: conjectures. A setting takes 4 to 11 seconds of a core.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import sys

import efpep

CASES = (
    ("3/4", ("1/10", 1), ("1/5", 1)),
    ("3/4", ("1/10", 1), ("1/2", 1)),
    ("3/4", ("1/2", 1), ("1/2", 2)),
    ("3/4", ("1/4", 1), ("1/2", 3)),
    ("8/9", ("1/10", 1), ("1/5", 1)),
    ("8/9", ("1/2", 1), ("1/2", 2)),
    ("5/9", ("1/10", 1), ("1/5", 1)),
    ("5/9", ("1/10", 1), ("1/2", 1)),
    ("5/9", ("1/3", 1), ("1/2", 1)),
    ("15/16", ("1/10", 1), ("1/2", 1)),
    ("7/16", ("1/2", 1), ("1/3", 2)),
)
"""delta, and (mu, L) of either agent."""


def setting(delta: str, *kinds: tuple[str, int]) -> efpep.Setting:
    """Return two agents, one of each kind."""
    groups = [efpep.Group(efpep.SmoothStronglyConvex(mu, smoothness), count=1) for mu, smoothness in kinds]
    return efpep.Setting(None, efpep.Contractive(delta), groups)


def main() -> int:
    """Print a line for each setting."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the first setting alone")
    cases = CASES[:1] if parser.parse_args().quick else CASES
    for case in cases:
        found = efpep.discover(efpep.EF21, setting(*case)).findings[0]
        own = found.polynomial
        said = "none found" if own is None else f"degree {own.degree}, {own.free} digits to choose, holds to {own.digits}"
        print(f"delta = {case[0]}, (mu, L) = {case[1]}, {case[2]}: rho = {float(found.upper):.12f}, {said}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
