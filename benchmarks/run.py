"""All benchmarks in their quick forms, one after the other: ``make bench``.

Every benchmark prints its figures, its targets and the baseline beside them (PEPit, the usual formulation, plain loops); this
prints each one's command and time, and at the end which ones missed a target. Run it on an idle machine; it takes about half an
hour there. ``python benchmarks/run.py rate sweep`` runs some of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).parent
QUICK: dict[str, tuple[str, ...]] = {
    "rate": ("--quick",),
    "witness": ("--quick",),
    "sweep": ("--size", "20", "--no-dask"),
    "groups": ("--quick",),
    "tune": ("--quick",),
    "worst_case": ("--quick",),
    "adversary": ("--quick",),
    "degrees": ("--quick",),
    "laws": ("--sample", "20"),
    "simulate": ("--quick",),
    "simulate_gpu": ("--quick",),
}
"""The benchmarks, the quickest first, with the options of their quick forms."""


def on_a_gpu() -> bool:
    """Return whether there is a GPU that torch can use."""
    if importlib.util.find_spec("torch") is None:
        return False
    import torch

    return bool(torch.cuda.is_available())


def main() -> int:
    """Run benchmarks; 1 where one of them missed a target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(QUICK)}; all without any")
    names = parser.parse_args().names or list(QUICK)
    unknown = [name for name in names if name not in QUICK]
    if unknown:
        parser.error(f"{unknown[0]} is no benchmark; choose from {', '.join(QUICK)}")
    missed: list[str] = []
    for name in names:
        command = f"python benchmarks/{name}.py {' '.join(QUICK[name])}"
        print(f"\n=== {command}", flush=True)
        if name == "simulate_gpu" and not on_a_gpu():
            print("left out: there is no GPU here that torch can use")
            continue
        begin = time.perf_counter()
        status = subprocess.run([sys.executable, str(FOLDER / f"{name}.py"), *QUICK[name]], check=False).returncode
        print(
            f"--- {name}: {time.perf_counter() - begin:.0f} s{', with a target missed or a failure' if status else ''}",
            flush=True,
        )
        missed += [name] if status else []
    print(f"\n{len(names)} benchmarks; {'targets missed or failures: ' + ', '.join(missed) if missed else 'all targets are met'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
