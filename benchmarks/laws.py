"""Laws of the literature on their largest grids: how long the verdicts take, and how many are proved.

python benchmarks/laws.py                # both suites, on all cores
python benchmarks/laws.py --sample 20    # every twentieth configuration
python benchmarks/laws.py --jobs 1 --suite econtrol
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from efpep.studies.engine.sweep import sweep
from efpep.studies.engine.task import VERDICTS, TaskState
from efpep.studies.engine.workers import Local
from efpep.studies.laws.run import LAW_STUDIES
from efpep.studies.laws.task import LawTask

PROBLEMS = Path(__file__).parents[1] / "problems" / "laws"


@dataclass(frozen=True)
class Suite:
    """A study, the seconds that it may take on two cores, and what is recorded for the same verdicts elsewhere."""

    title: str
    file: str
    target: float
    recorded: str


SUITES = {
    "step-size": Suite(
        "step-size law, EF, 4 agents",
        "step_size_ef_n4.toml",
        20 * 60,
        "25 min 27 s on 14 processes with a commercial solver (2605.31594)",
    ),
    "econtrol": Suite("EControl's tuning law, 2 agents", "econtrol_n2.toml", 10 * 60, ""),
}


def main() -> int:
    """Run the suites and compare with the targets."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, help="how many processes (default: as many as there are cores)")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="take every N-th configuration only")
    parser.add_argument("--suite", choices=SUITES, help="one suite instead of both")
    given = parser.parse_args()
    met = True
    for name, suite in SUITES.items():
        if given.suite in (None, name):
            met = _run(suite, given.jobs, max(given.sample, 1)) and met
    return 0 if met else 1


def _run(suite: Suite, jobs: int | None, stride: int) -> bool:
    study = LAW_STUDIES.load(PROBLEMS / suite.file)
    tasks = [LawTask(study.law, configuration) for configuration in study.configurations[::stride]]
    workers = Local(jobs)
    begin = time.perf_counter()
    outcomes = sweep(tasks, workers)
    seconds = time.perf_counter() - begin
    verdicts = sum(int(str(o.value.get("points", 0))) for o in outcomes)
    left = sum(int(str(o.value.get("open", 0))) for o in outcomes)
    states = ", ".join(f"{sum(o.state is state for o in outcomes)} {state.value}" for state in VERDICTS)
    failed = any(o.state is TaskState.FAILED for o in outcomes)
    target = suite.target * len(tasks) / len(study.configurations)
    met = seconds <= target and not failed
    print(f"{suite.title}: {len(tasks)} of {len(study.configurations)} configurations: {states}")
    print(f"  {verdicts} verdicts, {left} undecided, in {seconds:.1f} s on {workers.count} processes")
    print(f"  work  {sum(o.seconds for o in outcomes):.1f} s, {1000 * seconds / max(verdicts, 1):.2f} ms a verdict")
    print(
        f"  target {target:.0f} s{'' if met else '  MISSED'}{f'; recorded: {suite.recorded}' if suite.recorded else ''}",
        flush=True,
    )
    return met


if __name__ == "__main__":
    sys.exit(main())
