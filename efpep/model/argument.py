"""Arguments of public functions that are of a wrong kind altogether: each is refused in one sentence."""

from __future__ import annotations

import numbers
import os
from pathlib import Path
from typing import Any

from efpep.errors import InputError
from efpep.model.field import shown


def require_kind(value: object, kind: type[Any], name: str, example: str) -> None:
    """Refuse what is no ``kind``; ``example`` is one, or says where to get one.

    Raises:
        InputError: it is none.
    """
    if not isinstance(value, kind):
        raise InputError(f"{name} is {shown(value)}, which is no {kind.__name__}; give {example}.", argument=name)


def path_of(value: object, name: str = "path") -> Path:
    """Return the path of a file that is given as text or as a path.

    Raises:
        InputError: it is neither.
    """
    if not isinstance(value, str | os.PathLike):
        raise InputError(
            f"{name} is {shown(value)}, which is not the path of a file; give one such as 'file.toml'.", argument=name
        )
    return Path(value)  # pyright: ignore[reportUnknownArgumentType]


def require_whole(value: object, name: str, least: int, most: int | None = None) -> None:
    """Refuse what is not a whole number of at least ``least`` and at most ``most``.

    Raises:
        InputError: it is not.
    """
    number: Any = value
    whole = not isinstance(value, bool) and isinstance(value, numbers.Integral)
    if not whole or number < least or (most is not None and number > most):
        end = f" and at most {most}" if most is not None else ""
        raise InputError(f"{name} is {shown(value)}; give a whole number of at least {least}{end}.", argument=name)
