"""Adversaries as JSON files: problem instances with functions, compressors and a starting state, as plain numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import numpy as np

from efpep.errors import CertificateError, InputError
from efpep.functions.interpolating_function import Floats
from efpep.methods import METHODS
from efpep.model.argument import path_of, require_kind
from efpep.model.field import shown
from efpep.proof import files
from efpep.setting import Setting
from efpep.simulate.adversary import Adversary, GroupData
from efpep.trust import allowing

FORMAT = "efpep-adversary-1"
_MOST = 10_000
"""The most iterations and dimensions."""
_AXES = 4
_LARGEST = 1e100
_GROUP = ("points", "gradients", "values", "sent", "received")


def save_adversary(adversary: Adversary, path: str | Path) -> None:
    """Write an adversary to a JSON file.

    Raises:
        InputError: the file cannot be written.
    """
    require_kind(adversary, Adversary, "adversary", "one that efpep.replay found")
    described = {
        "format": FORMAT,
        "method": adversary.method.describe(),
        "setting": adversary.setting.describe(),
        "iterations": adversary.iterations,
        "dimension": adversary.dimension,
        "groups": [{name: _written(getattr(group, name)) for name in _GROUP} for group in adversary.groups],
        "server": {"sent": _written(adversary.server[0]), "received": _written(adversary.server[1])},
        "start": {name: _written(held) for name, held in adversary.state.items()},
        **({"feasible": _written(adversary.feasible)} if len(adversary.feasible) else {}),
    }
    try:
        path_of(path).write_text(json.dumps(described) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"the adversary cannot be written to {str(path)!r} ({reason}); give a path that can be written.", argument="path"
        ) from error


def load_adversary(path: str | Path, *, allow: Iterable[str] = ()) -> Adversary:
    """Read an adversary from a JSON file that :func:`save_adversary` wrote.

    Args:
        path: the file.
        allow: the names of the modules that it may name classes of, whose code runs then; see :mod:`efpep.trust`.

    Raises:
        InputError: the file cannot be read, or holds no adversary.
        UnavailableError: the module of a user's class is not allowed, or the class cannot be imported here.
    """
    try:
        with allowing(*([allow] if isinstance(allow, str) else allow)):
            adversary, dimension = _restored(files.load(path_of(path)))
    except CertificateError as error:
        raise InputError(
            f"{path} is no adversary: {str(error).rstrip('.')}; give a file that 'efpep replay --save' wrote.", argument="path"
        ) from error
    _check(adversary, dimension, path)
    return adversary


def _restored(found: Mapping[str, Any]) -> tuple[Adversary, int]:
    """Return an adversary and its dimension from a file's table."""
    if found.get("format") != FORMAT:
        raise CertificateError(f"the format is not {FORMAT!r}.")
    method = METHODS.restore(files.table(found.get("method"), "the method"))
    setting = Setting.restore(files.table(found.get("setting"), "the setting"))
    known = {"format", "method", "setting", "iterations", "dimension", "groups", "server", "start", "feasible"}
    unknown = sorted(set(found) - known)
    if unknown:
        raise CertificateError(f"it has the unknown key {shown(unknown[0])}.")
    groups = found.get("groups")
    steps, dimension = _whole(found.get("iterations"), "iterations"), _whole(found.get("dimension"), "dimension")
    if not isinstance(groups, list):
        raise CertificateError("groups is no list.")
    tables = [files.table(group, "a group", _GROUP) for group in cast("list[object]", groups)]
    if len(tables) != len(setting.populations()):
        raise CertificateError("the groups are not those of the setting.")
    data = [GroupData(*(_read(table[name], name) for name in _GROUP)) for table in tables]
    server = files.table(found.get("server"), "the server", ["sent", "received"])
    start = {name: _read(held, name) for name, held in files.table(found.get("start"), "the start").items()}
    pair = (_read(server["sent"], "sent"), _read(server["received"], "received"))
    feasible = _read(found["feasible"], "feasible") if "feasible" in found else np.zeros((0, dimension))
    return Adversary(method, setting, steps, tuple(data), pair, start, feasible), dimension


def _check(adversary: Adversary, dimension: int, path: str | Path) -> None:
    """Refuse a step size that is no number, and arrays whose shapes do not fit.

    Raises:
        InputError: naming the first of them.
    """
    fault = next(_faults(adversary, dimension), None)
    if fault is not None:
        raise InputError(f"{path} is no adversary: {fault}; give a file that 'efpep replay --save' wrote.", argument="path")


def _faults(adversary: Adversary, dimension: int) -> Iterator[str]:
    if not isinstance(adversary.method.step_size, Fraction):
        yield "its step size is no number"
    count = 0
    for group in adversary.groups:
        here = len(group.gradients) if group.gradients.ndim else 0
        points = group.points.shape[-2] if group.points.ndim >= 2 else 0
        uses = group.sent.shape[1] if group.sent.ndim == 3 else 0
        count += here
        shapes = (group.gradients.shape, group.values.shape, group.sent.shape, group.received.shape)
        wanted = ((here, points, dimension), (here, points), *[(here, uses, dimension)] * 2)
        placed = group.points.shape in {(points, dimension), (here, points, dimension)}
        if shapes != wanted or not placed or not here:
            yield "the shapes of a group's arrays do not fit"
    pairs = (*adversary.server, adversary.feasible)
    if any(array.ndim != 2 or array.shape[1] != dimension for array in pairs) or len(pairs[0]) != len(pairs[1]):
        yield "the shapes of the server's arrays or of the feasible points do not fit"
    known = {"x": (dimension,)} | {
        memory.name: (dimension,) if memory.server else (count, dimension) for memory in adversary.method.memories
    }
    if "x" not in adversary.state or any(known.get(name) != held.shape for name, held in adversary.state.items()):
        yield "its start does not fit the method's state"


def _whole(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
        raise CertificateError(f"{what} is no whole number from 1 to {_MOST}.")
    return value


def _written(array: Floats) -> dict[str, Any]:
    return {"shape": list(array.shape), "numbers": [float(a) for a in array.ravel()]}


def _read(value: object, what: str) -> Floats:
    """Return an array of finite numbers from its shape and its numbers.

    Raises:
        CertificateError: it is none.
    """
    found = files.table(value, what, ["shape", "numbers"])
    shape: object = found["shape"]
    numbers: object = found["numbers"]
    lists = isinstance(shape, list) and isinstance(numbers, list)
    whole = lists and all(isinstance(k, int) and not isinstance(k, bool) and k >= 0 for k in _items(shape))
    real = lists and all(isinstance(a, int | float) and not isinstance(a, bool) for a in _items(numbers))
    if not whole or not real or len(_items(shape)) > _AXES:
        raise CertificateError(f"{what} is no array of numbers.")
    sizes = cast("list[int]", shape)
    if math.prod(sizes) != len(_items(numbers)):
        raise CertificateError(f"{what} has not as many numbers as its shape says.")
    try:
        array: Floats = np.array(numbers, dtype=np.float64).reshape(tuple(sizes))
    except (TypeError, ValueError, OverflowError) as error:
        raise CertificateError(f"{what} is no array.") from error
    if not (np.abs(array) <= _LARGEST).all():
        raise CertificateError(f"{what} has numbers that are not finite, or beyond {_LARGEST:g}.")
    return array


def _items(value: Any) -> list[object]:
    return cast("list[object]", value)
