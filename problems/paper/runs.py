"""Commands of the page: each is run on its own, with a limit of time, so that one that fails takes no other with it."""

from __future__ import annotations

import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from problems.paper.kinds import Difference, Entry, Outcome

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "paper"
LIMIT = 420
"""How many seconds a command may take, unless told."""


def make(entry: Entry, limit: float = LIMIT) -> Outcome:
    """Run the command of an entry; what it prints goes to the entry's file, unless it draws that."""
    outcome, printed = run(entry.words, limit)
    if not entry.file.endswith(".pdf"):
        (FOLDER / entry.file).write_text(printed, encoding="utf-8")
    return outcome


def confirm(difference: Difference, limit: float = LIMIT) -> Outcome:
    """Run the evidence of a difference; it fails where a command does not print what it has to."""
    seconds = processor = 0.0
    for evidence in difference.evidence:
        found, printed = run(shlex.split(evidence.command), limit)
        seconds, processor = seconds + found.seconds, processor + found.processor
        if found.failure or evidence.says not in " ".join(printed.split()):
            why = found.failure or f"it does not print {evidence.says!r}"
            return Outcome(f"efpep {evidence.command}: {why}", found.open, seconds, processor)
    return Outcome("", False, seconds, processor)


def run(words: list[str], limit: float) -> tuple[Outcome, str]:
    """Run a command of efpep's in the repository's root, and return what became of it and what it printed."""
    print(shlex.join(["efpep", *words]), flush=True)
    environment = {"EFPEP_STORE": str(FOLDER / "store.sqlite"), **os.environ}
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "efpep.cli", *words]
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True, encoding="utf-8", start_new_session=True
    )
    try:
        printed, remarks = process.communicate(timeout=limit)
        failure = "" if process.returncode in Outcome.ANSWERED else _last(remarks, process.returncode)
    except subprocess.TimeoutExpired:
        printed, failure = "", f"it took longer than {limit:g} seconds"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    outcome = Outcome(failure, process.returncode == 4, time.perf_counter() - begin, used)
    if failure:
        print(f"  {outcome.said}", file=sys.stderr, flush=True)
    return outcome, printed


def _last(remarks: str, status: int) -> str:
    lines = [line.strip() for line in remarks.splitlines() if line.strip()]
    return lines[-1].removeprefix("efpep: ").removeprefix("error: ") if lines else f"status {status}"
