"""Record what the commands answer, and compare two recordings.

    python -m recorder record FILE            # from the folder tests/; with another checkout on PYTHONPATH, of that
    python -m recorder compare OLD NEW        # exit status 1 where something is worse or other than it was

``b106dcd.json`` is what commit b106dcd answered; ``accepted.txt`` lists the differences to it that are meant: whole statements
instead of short sentences, and whether inequalities are sufficient.

Two answers agree where the exit status is the same, the text is the same apart from its numbers, JSON has the same keys, and
intervals overlap and are no wider than 1e-9 plus a tenth more than they were.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from recorder.commands import listed

REPO = Path(__file__).parents[2]
ACCEPTED = Path(__file__).parent / "accepted.txt"
NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?:/\d+)?")
TABLES = re.compile(r"[─━═]+| +")


def record(path: Path) -> None:
    """Run every command and write what it answered."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as work:
        for command, as_json in listed():
            words = command.format(work=work, repo=REPO).split() + (["--json"] if as_json else [])
            begin = time.perf_counter()
            call = [sys.executable, "-m", "efpep.cli", *words]
            done = subprocess.run(call, cwd=work, capture_output=True, text=True, check=False, timeout=900)
            seconds = time.perf_counter() - begin
            name = command + (" --json" if as_json else "")
            text = [part.replace(work, "{work}").replace(str(REPO), "{repo}") for part in (done.stdout, done.stderr)]
            answer: Any = text[0]
            if as_json and done.stdout.strip():
                answer = json.loads(text[0])
            found.append(
                {"command": name, "status": done.returncode, "out": answer, "err": text[1], "seconds": round(seconds, 2)}
            )
            note(f"{seconds:6.1f} s  {done.returncode}  {name}")
    path.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


def compare(old: Path, new: Path) -> int:
    """Print what differs, and return 1 where anything does."""
    before = {entry["command"]: entry for entry in json.loads(old.read_text(encoding="utf-8"))}
    after = {entry["command"]: entry for entry in json.loads(new.read_text(encoding="utf-8"))}
    accepted = set(ACCEPTED.read_text(encoding="utf-8").splitlines())
    faults = [f"{name}: not recorded" for name in before if name not in after]
    for name, entry in after.items():
        if name in before:
            faults += [f"{name}: {what}" for what in differences(before[name], entry)]
    known, faults = [f for f in faults if f in accepted], [f for f in faults if f not in accepted]
    for fault in faults:
        note(fault)
    total = [sum(entry["seconds"] for entry in run.values()) for run in (before, after)]
    counts = f"{len(after)} commands, {len(faults)} differences and {len(known)} accepted ones"
    note(f"{counts}, {total[0]:.0f} s before and {total[1]:.0f} s after")
    return int(bool(faults))


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Return what differs between two answers to one command."""
    found: list[str] = []
    if old["status"] != new["status"]:
        found.append(f"exit status {old['status']} became {new['status']}")
    for key in ("out", "err"):
        if isinstance(old[key], str) or isinstance(new[key], str):
            left, right = (masked(str(entry[key])) for entry in (old, new))
            if left != right:
                found.append(f"{key}: {first_difference(left, right)}")
        else:
            found += in_tree(old[key], new[key], key)
    return found


def in_tree(old: Any, new: Any, path: str) -> list[str]:
    """Return what differs between two JSON values."""
    if isinstance(old, dict) and isinstance(new, dict):
        common = set(old) & set(new)
        found = [] if set(old) == set(new) else [f"{path}: keys {sorted(set(old) ^ set(new))}"]
        found += interval(old, new, path) if {"lower", "upper"} <= common else []
        for key in (key for key in old if key in common):
            if key not in {"lower", "upper", "seconds", "lyapunov", "solver"} or isinstance(old[key], dict):
                found += in_tree(old[key], new[key], f"{path}.{key}")
        return found
    if isinstance(old, list) and isinstance(new, list):
        if len(old) != len(new):
            return [f"{path}: {len(old)} entries became {len(new)}"]
        pairs = enumerate(zip(old, new, strict=True))
        return [what for k, (left, right) in pairs for what in in_tree(left, right, f"{path}[{k}]")]
    if type(old) is not type(new):
        return [f"{path}: {old!r} became {new!r}"]
    if isinstance(old, str) and masked(old) != masked(new):
        return [f"{path}: {first_difference(masked(old), masked(new))}"]
    if isinstance(old, bool) and old is not new:
        return [f"{path}: {old} became {new}"]
    return []


def interval(old: dict[str, Any], new: dict[str, Any], path: str) -> list[str]:
    """Return whether two intervals fail to overlap, or the new one is wider."""
    (a, b), (c, d) = ([exact(entry[end]) for end in ("lower", "upper")] for entry in (old, new))
    if (a is None, b is None) != (c is None, d is None):
        return [f"{path}: an end is decided in one recording only"]
    found: list[str] = []
    if a is not None and d is not None and a > d:
        found.append(f"{path}: the new upper end is below the old lower end")
    if c is not None and b is not None and c > b:
        found.append(f"{path}: the new lower end is above the old upper end")
    if a is not None and b is not None and c is not None and d is not None:
        allowed = (b - a) * Fraction(11, 10) + Fraction(1, 10**9)
        if d - c > allowed:
            found.append(f"{path}: {float(b - a):.3g} wide became {float(d - c):.3g}")
    return found


def exact(value: Any) -> Fraction | None:
    """Return a number of JSON exactly."""
    try:
        return None if value is None else Fraction(str(value))
    except ValueError:
        return None


def masked(text: str) -> str:
    """Return text with its numbers and its spacing replaced."""
    return TABLES.sub(" ", NUMBER.sub("#", text.replace("-:--:--", "0:00:00")))


def first_difference(left: str, right: str) -> str:
    """Return where two texts part."""
    place = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    return f"...{left[max(0, place - 40) : place + 60]!r} became ...{right[max(0, place - 40) : place + 60]!r}"


def note(text: str) -> None:
    """Print a line to standard error."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["record"] and len(sys.argv) == 3:
        record(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["compare"] and len(sys.argv) == 4:
        sys.exit(compare(Path(sys.argv[2]), Path(sys.argv[3])))
    else:
        sys.exit("give 'record FILE' or 'compare OLD NEW'.")
