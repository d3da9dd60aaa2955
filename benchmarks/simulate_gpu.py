"""Time of numeric runs on a GPU: EF21 with Top-1 % on diagonal quadratics, beside a plain loop and the memory floor.

Run ``python benchmarks/simulate_gpu.py`` where torch and array-api-compat are installed and a GPU is at hand (``--device`` for
another one than cuda, ``--quick`` for a small size alone). For every size and precision it prints, in milliseconds an iteration:
efpep; the same iteration written in torch alone; and the memory floor, the time in which the device reads the two client arrays
once. The targets are those of one H100; elsewhere the figures stand beside the floor of the card, whose name is printed.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

import torch

import efpep
from efpep.simulate.problems import DiagonalQuadratics

STEP = 0.1
TARGETS = {(1000, "float64"): 8.0, (1000, "float32"): 4.0, (10_000, "float64"): 60.0}
"""Milliseconds an iteration on one H100 at d = 100000."""


def waited(device: str) -> float:
    """Return the time once the device has done its work."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    return time.perf_counter()


def ours(problem: DiagonalQuadratics, rounds: int, device: str, dtype: str) -> float:
    """Return the least milliseconds of an iteration of efpep's run."""
    ends: list[float] = []

    def ended(_done: int, _total: int) -> None:
        ends.append(waited(device))

    efpep.simulate(
        efpep.EF21("1/10"),
        problem,
        rounds,
        efpep.TopK(problem.d // 100),
        record=["bytes_client"],
        record_every=rounds,
        device=device,
        dtype=dtype,
        progress=ended,
    )
    return 1e3 * min(after - before for before, after in itertools.pairwise(ends))


def least(work: Callable[[], Any], rounds: int, device: str) -> float:
    """Return the least milliseconds of some work, after a warm-up."""
    found: list[float] = []
    for _ in range(rounds):
        begin = waited(device)
        work()
        found.append(1e3 * (waited(device) - begin))
    return min(found[1:])


def plain(curvatures: torch.Tensor, minimisers: torch.Tensor, rounds: int, device: str) -> float:
    """Return the least milliseconds of an iteration in torch alone; ties fall as they may."""
    estimates, k = torch.zeros_like(minimisers), minimisers.shape[1] // 100
    x = torch.zeros_like(curvatures)

    def step() -> None:
        nonlocal x
        x = x - STEP * estimates.mean(dim=0)
        v = curvatures * (x - minimisers) - estimates
        kept = torch.topk(v.abs(), k, dim=1, sorted=False).indices
        estimates.scatter_add_(1, kept, v.gather(1, kept))

    return least(step, rounds, device)


def floor(minimisers: torch.Tensor, rounds: int, device: str) -> float:
    """Return the least milliseconds in which two client arrays are read: one is read twice."""
    return least(lambda: (minimisers.sum(), minimisers.sum()), rounds, device)


def main() -> int:
    """Print the table; 1 where the card is an H100 and a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda", help="a device of torch")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="n = 100 and d = 20000 alone")
    given = parser.parse_args()
    device = given.device.removeprefix("torch:")
    card = torch.cuda.get_device_name(device) if device.startswith("cuda") else f"{device} (no GPU)"
    print(f"{card}, torch {torch.__version__}, EF21 with Top-1 %, milliseconds an iteration\n")
    print(f"{'n':>6}{'d':>8} {'':<9}{'efpep':>9}{'plain torch':>13}{'floor':>9}{'target':>9}")
    missed = False
    for n, d in [(100, 20_000)] if given.quick else [(1000, 100_000), (10_000, 100_000)]:
        problem = DiagonalQuadratics(n=n, d=d)
        for dtype in ("float64", "float32"):
            found = ours(problem, given.rounds, given.device, dtype)
            place: dict[str, Any] = {"dtype": getattr(torch, dtype), "device": device}
            minimisers = torch.ones((n, d), **place) + torch.randn((n, d), **place)
            curvatures = torch.logspace(-1, 0, d, **place)
            loop, read = plain(curvatures, minimisers, given.rounds, device), floor(minimisers, given.rounds, device)
            del minimisers, curvatures
            target = TARGETS.get((n, dtype)) if d == 100_000 else None
            late = "H100" in card and target is not None and found > target
            missed = missed or late
            shown = "" if target is None else f"{target:g}"
            print(f"{n:>6}{d:>8} {dtype:<9}{found:9.2f}{loop:13.2f}{read:9.2f}{shown:>9}{'  MISSED' if late else ''}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
