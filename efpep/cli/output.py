"""Printing: answers to standard output, everything else to standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping


def answer(text: str) -> None:
    """Print an answer to standard output; a reader that has gone away (``| head``) is no error."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except UnicodeEncodeError:
        sys.stdout.write(text.encode("ascii", "backslashreplace").decode("ascii") + "\n")


def answer_json(described: Mapping[str, object]) -> None:
    """Print one JSON object to standard output."""
    answer(json.dumps(described))


def note(text: str) -> None:
    """Print a remark as one line to standard error."""
    try:
        sys.stderr.write(f"efpep: {' '.join(text.split())}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        pass


def _silence() -> None:
    """Let the interpreter's last flush of standard output go nowhere instead of failing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
