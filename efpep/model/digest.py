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
import hashlib
from collections.abc import Iterator, Mapping, Sequence
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
    total = hashlib.sha256(f"efpep-system-{VERSION}".encode())
    for piece in _pieces(question):
        total.update(piece.encode())
        total.update(b"\0")
    return total.hexdigest()


def _pieces(value: Any) -> Iterator[str]:
    """Yield a canonical text in pieces; every composite says how many parts follow."""
    if value is None or isinstance(value, str | bool | int | Fraction):
        yield f"{type(value).__name__} {value}"
    elif isinstance(value, enum.Enum):
        yield f"choice {value.name}"
    elif isinstance(value, Polynomial):
        yield from _table("polynomial", value.terms)
    elif isinstance(value, Linear):
        yield from _table("linear", value.terms)
    elif isinstance(value, Form):
        yield from _table("form", value.blocks)
        yield from _table("values", value.values)
    elif isinstance(value, Vector):
        yield f"vector {value.server} {value.anchor}"
        yield from _pieces(value.parts)
    elif isinstance(value, Mapping):
        yield from _table("table", cast("Mapping[Any, Any]", value))
    elif isinstance(value, AbstractSet):
        yield from _pieces(sorted(cast("AbstractSet[Any]", value)))
    elif isinstance(value, Sequence):
        items = cast("Sequence[Any]", value)
        yield f"list {len(items)}"
        for item in items:
            yield from _pieces(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [field for field in dataclasses.fields(value) if field.init]
        yield f"record {len(fields)}"
        for field in fields:
            yield from _pieces(getattr(value, field.name))
    else:
        raise TypeError(f"a {type(value).__name__} is no part of an exact system")


def _table(name: str, table: Mapping[Any, Any]) -> Iterator[str]:
    yield f"{name} {len(table)}"
    for key in sorted(table):
        yield from _pieces(key)
        yield from _pieces(table[key])
