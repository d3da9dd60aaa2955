"""Printing: answers to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.proof.files import Saved


def answer(text: str) -> None:
    """Print an answer to standard output; a reader that has gone away (``| head``), or that there never was, is no error.

    Raises:
        InputError: standard output cannot be written, because its device is full for instance.
    """
    out: TextIO | None = sys.stdout
    if out is None:
        return
    try:
        try:
            out.write(text + "\n")
        except UnicodeEncodeError:
            out.write(text.encode("ascii", "backslashreplace").decode("ascii") + "\n")
        out.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        raise InputError(f"the answer cannot be written ({error.strerror}); redirect it elsewhere.") from error


def answer_json(described: Mapping[str, object]) -> None:
    """Print one JSON object to standard output."""
    answer(json.dumps(described))


def note(text: str) -> None:
    """Print a remark as one line to standard error."""
    with contextlib.suppress(OSError, AttributeError):  # there may be no reader, or no standard error at all
        sys.stderr.write(f"efpep: {' '.join(text.split())}\n")
        sys.stderr.flush()


def show(as_json: bool, described: Callable[[], Mapping[str, object]], text: Callable[[], str]) -> None:
    """Print an answer as a JSON object or as text."""
    answer(json.dumps(described()) if as_json else text())


def write(path: Path, text: str, what: str) -> None:
    """Write a text to a file, and say so.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror}); give a path that can be written.", argument="path"
        ) from error
    note(f"{what} written to {path}.")


def keep_certificate(found: Saved | None, path: Path | None) -> None:
    """Write what was proved to the file of ``--certificate``, where one is named, and say so.

    Raises:
        InputError: the file cannot be written.
    """
    if path is None:
        return
    if found is None:
        note(f"nothing is proved, so {path} is not written.")
        return
    found.save(path)
    note(f"certificate written to {path}.")


def _silence() -> None:
    """Let the interpreter's last flush of standard output go nowhere instead of failing."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
