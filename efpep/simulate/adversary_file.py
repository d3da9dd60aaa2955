"""Adversaries as JSON files: problem instances with functions, compressors and a starting state, as plain numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np

from efpep.certify import files
from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS
from efpep.setting import Setting
from efpep.simulate.adversary import Adversary, GroupData
from efpep.simulate.interpolant import Floats

FORMAT = "efpep-adversary-1"
_GROUP = ("points", "gradients", "values", "sent", "received")


def save_adversary(adversary: Adversary, path: str | Path) -> None:
    """Write an adversary to a JSON file.

    Raises:
        InputError: the file cannot be written.
    """
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
        Path(path).write_text(json.dumps(described) + "\n", encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"the adversary cannot be written to {str(path)!r} ({reason}); give a path that can be written."
        ) from error


def load_adversary(path: str | Path) -> Adversary:
    """Read an adversary from a JSON file that :func:`save_adversary` wrote.

    Raises:
        InputError: the file cannot be read, or holds no adversary.
        UnavailableError: a class of the user's cannot be imported here.
    """
    try:
        adversary, dimension = _restored(files.load(Path(path)))
    except CertificateError as error:
        raise InputError(
            f"{path} is no adversary: {str(error).rstrip('.')}; give a file that 'efpep replay --save' wrote."
        ) from error
    _check(adversary, dimension, path)
    return adversary


def _restored(found: Mapping[str, Any]) -> tuple[Adversary, int]:
    """Return an adversary and its dimension from a file's table."""
    if found.get("format") != FORMAT:
        raise CertificateError(f"the format is not {FORMAT!r}.")
    method = METHODS.restore(files.table(found.get("method"), "the method"))
    setting = Setting.restore(files.table(found.get("setting"), "the setting"))
    groups, steps, dimension = found.get("groups"), found.get("iterations"), found.get("dimension")
    if not isinstance(groups, list) or not isinstance(steps, int) or not isinstance(dimension, int) or steps < 1:
        raise CertificateError("groups, iterations or dimension are missing.")
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
    """Refuse arrays whose shapes do not fit."""
    arrays = [*adversary.server, adversary.feasible, adversary.state.get("x", np.zeros(0))]
    fits = adversary.state.get("x", np.zeros(0)).shape == (dimension,)
    for group in adversary.groups:
        count, points = group.gradients.shape[0], len(group.points)
        fits &= group.gradients.shape == (count, points, dimension) and group.values.shape == (count, points)
        fits &= group.sent.shape == group.received.shape and group.sent.shape[0] == count
        arrays += [group.points, group.sent, group.received]
    fits &= all(array.shape[-1] == dimension for array in arrays)
    if not fits:
        raise InputError(
            f"{path} is no adversary: the shapes of its arrays do not fit; give a file that 'efpep replay --save' wrote."
        )


def _written(array: Floats) -> dict[str, Any]:
    return {"shape": list(array.shape), "numbers": [float(a) for a in array.ravel()]}


def _read(value: object, what: str) -> Floats:
    found = files.table(value, what, ["shape", "numbers"])
    try:
        numbers, shape = cast("list[float]", found["numbers"]), cast("list[int]", found["shape"])
        array: Floats = np.array(numbers, dtype=np.float64).reshape(tuple(shape))
    except (TypeError, ValueError) as error:
        raise CertificateError(f"{what} is no array.") from error
    if not np.isfinite(array).all():
        raise CertificateError(f"{what} has numbers that are not finite.")
    return array
