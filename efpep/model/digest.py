"""The digest of an exact system: everything that a question records, and nothing about the code that recorded it.

    digest(contraction(method, setting, "distance"))

is the SHA-256 of a canonical text of the question: its columns, rows, features, gaps, metric and numbers, in order, without the
names of the classes and attributes that hold them. Two methods with the same digest pose the same question, whatever their code;
a method whose code, or the code it imports, changes what it does gets another. The text begins with a version, which changes
whenever it is written otherwise.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from fractions import Fraction
from typing import Any, cast

from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.polynomial import Polynomial
from efpep.model.vector import Vector

VERSION = 2


def digest(question: object) -> str:
    """Return the digest of a question: a dataclass of forms, vectors, numbers and names.

    Raises:
        TypeError: it contains something else.
    """
    pieces: list[str] = []
    _write(question, pieces.append)
    return hashlib.sha256("\0".join([f"efpep-system-{VERSION}{pieces[0]}", *pieces[1:], ""]).encode()).hexdigest()


def _write(value: Any, write: Callable[[str], None]) -> None:
    """Write a canonical text in pieces; every composite says how many parts follow."""
    if value is None or isinstance(value, str | bool | int | Fraction):
        write(f"{type(value).__name__} {value}")
    elif isinstance(value, Linear):
        _table("linear", value.terms, write)
    elif isinstance(value, Form):
        _table("form", value.blocks, write)
        _table("values", value.values, write)
    elif isinstance(value, enum.Enum):
        write(f"choice {value.name}")
    elif isinstance(value, Polynomial):
        _table("polynomial", value.terms, write)
    elif isinstance(value, Vector):
        write(f"vector {value.server} {value.anchor}")
        _write(value.parts, write)
    elif isinstance(value, Mapping):
        _table("table", cast("Mapping[Any, Any]", value), write)
    elif isinstance(value, AbstractSet):
        _write(sorted(cast("AbstractSet[Any]", value)), write)
    elif isinstance(value, Sequence):
        items = cast("Sequence[Any]", value)
        write(f"list {len(items)}")
        for item in items:
            _write(item, write)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = _fields(type(value))
        write(f"record {len(names)}")
        for name in names:
            _write(getattr(value, name), write)
    else:
        raise TypeError(f"a {type(value).__name__} is no part of an exact system")


@functools.cache
def _fields(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass that its instances are made of."""
    return tuple(field.name for field in dataclasses.fields(kind) if field.init)


def _table(name: str, table: Mapping[Any, Any], write: Callable[[str], None]) -> None:
    write(f"{name} {len(table)}")
    for key in sorted(table):
        _write(key, write)
        _write(table[key], write)
