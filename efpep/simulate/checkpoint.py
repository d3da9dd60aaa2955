"""Checkpoints: the state of a run in an NPZ file without pickles, from which it continues bit for bit."""

from __future__ import annotations

import json
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.simulate.protocol_vector import ProtocolVector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.simulate.protocol import SimulatedRun

VERSION = 1


MOST_ITERATIONS = 10**9
"""The most iterations of a run that is continued."""
_MOST_USES = 2**62


@dataclass(frozen=True, slots=True)
class Expected:
    """What the records of a run are: their columns, how many iterations lie between them, and how many operators draw."""

    names: tuple[str, ...]
    every: int
    operators: int


@dataclass(frozen=True)
class Checkpoint:
    """Where a run stands.

    Attributes:
        question: what is run, so that nothing else is continued: method, problem, compressors, seed, recorded columns.
        iteration: how many iterations were made.
        state: the method's state.
        records: the recorded rows.
        iterations: which iterations they are of.
        uses: how often the operators of the clients and the server drew, and last, if at all, who takes part.
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
        if isinstance(field, ProtocolVector):
            arrays[f"state_{k}"] = run.numeric.arrays.host(field.value)
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
        raise InputError(
            f"the checkpoint {path} cannot be written ({error.strerror}); choose another place.", argument="checkpoint"
        ) from error


def _double(number: float) -> float:
    """Refuse a whole number that no double is close to."""
    try:
        float(number)
    except OverflowError as error:
        raise ValueError("a number is too large") from error
    return number


_Number = Annotated[int | float, AfterValidator(_double)]
"""A number of a run, which is a double."""


class _Field(BaseModel):
    """A field of a state: a number, or a vector whose array stands beside."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    name: str
    number: _Number | None = None
    client: bool | None = None
    known: bool | None = None


class _Described(BaseModel):
    """What a checkpoint says besides its arrays."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    version: Literal[1]
    question: dict[str, str]
    iteration: Annotated[int, Field(ge=0, le=MOST_ITERATIONS)]
    fields: list[_Field]
    iterations: list[Annotated[int, Field(ge=0, le=MOST_ITERATIONS)]]
    records: list[dict[str, _Number]]
    uses: list[Annotated[int, Field(ge=0, le=_MOST_USES)]]
    server_bytes: Annotated[int, Field(ge=0, le=_MOST_USES)]


def load(path: Path, question: Mapping[str, str], state_type: type, run: SimulatedRun, expected: Expected) -> Checkpoint:
    """Read a checkpoint into ``run``.

    Args:
        path: the file.
        question: what is continued.
        state_type: the method's state, a named tuple.
        run: the run that continues.
        expected: what the records of the run have to be.

    Raises:
        InputError: the file is missing or no checkpoint, or belongs to another run, or its parts do not fit together.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        described = _Described.model_validate_json(arrays["described"].tobytes())
    except FileNotFoundError as error:
        raise InputError(f"there is no checkpoint {path}; start without resuming.", argument="checkpoint") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, MemoryError, NotImplementedError, SyntaxError) as error:
        raise _unreadable(path, type(error).__name__) from error
    except (zipfile.BadZipFile, zlib.error, struct.error) as error:
        raise _unreadable(path, type(error).__name__) from error
    for name, text in question.items():
        if described.question.get(name) != text:
            raise InputError(
                f"the checkpoint {path} is of another run: its {name} is {shown(described.question.get(name))}, not {text}; "
                "continue with what it was begun with.",
                argument="checkpoint",
            )
    wrong = next(_faults(described, arrays, state_type, run, expected), None)
    if wrong is not None:
        raise _unreadable(path, wrong)
    return _read(described, arrays, state_type, run)


def _unreadable(path: Path, why: str) -> InputError:
    return InputError(f"{path} is no checkpoint that can be read ({why}); start without resuming.", argument="checkpoint")


def _faults(
    described: _Described, arrays: Mapping[str, NDArray[Any]], state_type: Any, run: SimulatedRun, expected: Expected
) -> Iterator[str]:
    """Yield what of a checkpoint does not fit together or to the run."""
    clients, dimension = len(run.client_bytes), run.dimension
    if [field.name for field in described.fields] != list(state_type._fields):
        yield "its state is not the method's"
    for k, field in enumerate(described.fields):
        vector = field.client is not None and field.known is not None
        if vector is (field.number is not None):
            yield f"{shown(field.name)} is neither a number nor a vector"
        elif vector:
            found, shape = arrays.get(f"state_{k}"), (clients, dimension) if field.client else (dimension,)
            if found is None or found.shape != shape or found.dtype != np.float64:
                yield f"{shown(field.name)} has not the shape {shape}"
    if described.fields and (described.fields[0].client is not False):
        yield "its iterate is no vector at the server"
    sent = arrays.get("client_bytes")
    if sent is None or sent.shape != (clients,) or sent.dtype != np.int64 or (sent < 0).any():
        yield "its counts of bytes are not one for each client"
    rows = described.iteration // expected.every + 1 + (described.iteration % expected.every != 0)
    if not len(described.records) == len(described.iterations) <= rows:
        yield "its records are not those of so many iterations"
    turns = [k * expected.every for k in range(len(described.iterations))]
    if described.iterations[:-1] != turns[:-1] or described.iterations[-1:] not in (turns[-1:], [described.iteration]):
        yield "its records are of other iterations"
    if described.iteration - (described.iterations[-1] if described.iterations else -expected.every) >= expected.every:
        yield "its last records are missing"
    if any(set(record) != set(expected.names) for record in described.records):
        yield "its records have other columns"
    if not 0 <= len(described.uses) - expected.operators <= 1:  # one more where it was drawn who takes part
        yield "its operators are others"


def _read(described: _Described, arrays: Mapping[str, NDArray[Any]], state_type: type, run: SimulatedRun) -> Checkpoint:
    values: list[object] = []
    for k, field in enumerate(described.fields):
        if field.number is not None:
            values.append(field.number)
        else:
            values.append(
                run.restored(run.numeric.arrays.asarray(arrays[f"state_{k}"]), client=bool(field.client), known=bool(field.known))
            )
    run.client_bytes = arrays["client_bytes"]
    run.server_bytes = described.server_bytes
    records = [{name: float(number) for name, number in record.items()} for record in described.records]
    return Checkpoint(described.question, described.iteration, state_type(*values), records, described.iterations, described.uses)
