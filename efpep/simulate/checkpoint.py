"""Checkpoints: the state of a run in an NPZ file without pickles, from which it continues bit for bit."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError
from efpep.simulate.held import Held

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.simulate.parties import SimulatedRun

VERSION = 1


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands.

    Attributes:
        question: what is run, so that nothing else is continued: method, problem, compressors, seed, recorded columns.
        iteration: how many iterations were made.
        state: the method's state.
        records: the recorded rows.
        iterations: which iterations they are of.
        uses: how often the operators of the clients and the server drew.
    """

    question: Mapping[str, str]
    iteration: int
    state: Any
    records: list[dict[str, float]]
    iterations: list[int]
    uses: list[int]


def save(path: Path, point: Checkpoint, run: SimulatedRun) -> None:
    """Write a checkpoint; an older file stays whole until the new one is.

    Raises:
        InputError: the file cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {"client_bytes": run.client_bytes}
    fields: list[dict[str, object]] = []
    for k, (name, field) in enumerate(zip(point.state._fields, point.state, strict=True)):
        if isinstance(field, Held):
            arrays[f"state_{k}"] = field.value
            fields.append({"name": name, "client": field.client, "known": not field.missing()})
        else:
            fields.append({"name": name, "number": field})
    described = {
        "version": VERSION,
        "question": dict(point.question),
        "iteration": point.iteration,
        "fields": fields,
        "iterations": point.iterations,
        "records": point.records,
        "uses": point.uses,
        "server_bytes": run.server_bytes,
    }
    arrays["described"] = np.frombuffer(json.dumps(described).encode(), np.uint8)
    beside = path.with_name(f"{path.name}.part")
    try:
        with beside.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)
        os.replace(beside, path)  # noqa: PTH105
    except OSError as error:
        raise InputError(f"the checkpoint {path} cannot be written ({error.strerror}); choose another place.") from error


def load(path: Path, question: Mapping[str, str], state_type: type, run: SimulatedRun) -> Checkpoint:
    """Read a checkpoint into ``run``.

    Raises:
        InputError: the file is missing or no checkpoint, or belongs to another run.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        described: Any = json.loads(arrays["described"].tobytes().decode())
        point = _read(described, arrays, state_type, run)
    except FileNotFoundError as error:
        raise InputError(f"there is no checkpoint {path}; start without resuming.") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no checkpoint that can be read ({type(error).__name__}); start without resuming.") from error
    for name, text in question.items():
        if point.question.get(name) != text:
            raise InputError(
                f"the checkpoint {path} is of another run: its {name} is {point.question.get(name)}, not {text}; "
                "continue with what it was begun with."
            )
    return point


def _read(described: Any, arrays: Mapping[str, NDArray[Any]], state_type: type, run: SimulatedRun) -> Checkpoint:
    if described["version"] != VERSION:
        raise ValueError("version")
    values: list[object] = []
    for k, field in enumerate(described["fields"]):
        if "number" in field:
            values.append(field["number"])
        else:
            values.append(run.restored(arrays[f"state_{k}"], client=field["client"], known=field["known"]))
    run.client_bytes = arrays["client_bytes"]
    run.server_bytes = described["server_bytes"]
    return Checkpoint(
        described["question"],
        described["iteration"],
        state_type(*values),
        described["records"],
        described["iterations"],
        described["uses"],
    )
