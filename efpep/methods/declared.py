"""What a method's class declares of itself, checked once, so that a fault there is said as the class's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from efpep.errors import InputError
from efpep.methods.parameters import Range
from efpep.model.field import shown
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.methods.base import Method


@cache
def check_declared(cls: type[Method]) -> None:
    """Refuse a class of methods whose ``State``, ``memories``, ``ranges`` or ``literature`` are not what they have to be.

    Raises:
        InputError: naming the first of them.
    """
    from efpep.methods.memory import Memory

    name = cls.__name__
    memories = cast("object", cls.memories)
    if not isinstance(memories, tuple | list) or not all(isinstance(m, Memory) for m in cast("tuple[object]", memories)):
        raise _refusal(
            f"the memories of {name} are {shown(cls.memories)}, which is no tuple of memories; write them like "
            "(Memory.error('e', 'gradient'),)."
        )
    names = [memory.name for memory in cls.memories]
    fields = _fields(cls)
    for field in ("x", *names):
        if field not in fields:
            raise _refusal(f"the State of {name} has no field {field}; give it the iterate x and every memory's name.")
    free = {*cls.State._field_defaults, "x", *names, *(["t"] if cls.counted else [])}
    for field in fields:
        if field not in free:
            raise _refusal(
                f"the State of {name} has a field {field} that no memory declares, so that nobody knows where it rests; add "
                f"Memory.error({field!r}, 'gradient'), Memory.error({field!r}, 'point'), Memory.tracker({field!r}) or "
                f"Memory.point({field!r}) to its memories."
            )
    _check_ranges(cls)
    queried = cast("object", cls.queried)
    if not isinstance(queried, str) or not (queried == "" or queried.isidentifier()):
        raise _refusal(f"{name} is queried at {shown(queried)}, which is no name of a point; call it like 'y'.")
    if not isinstance(cls.literature, Literature):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise _refusal(f"the literature of {name} is {shown(cls.literature)}; write it like Literature(theorem='...').")


def _fields(cls: type[Method]) -> tuple[str, ...]:
    """Return the names of the fields of a method's states."""
    state: Any = getattr(cls, "State", None)
    fields = getattr(state, "_fields", None)
    if not (isinstance(state, type) and isinstance(fields, tuple)):
        given = "is missing" if state is None else f"is {shown(state)}, which is no named tuple"
        raise _refusal(
            f"the State of {cls.__name__} {given}; write State = collections.namedtuple('State', 'x m') in the class, with the "
            "iterate x and every memory's name."
        )
    return cast("tuple[str, ...]", fields)


def _check_ranges(cls: type[Method]) -> None:
    ranges = cast("object", cls.ranges)
    if not isinstance(ranges, Mapping):
        raise _refusal(
            f"the ranges of {cls.__name__} are {shown(ranges)}, which is no table of ranges by parameter; write them like "
            "{'beta': Range(least=0, below=1)}."
        )
    fields = [field.name for field in dataclasses.fields(cls)]
    for name, interval in cast("Mapping[object, object]", ranges).items():
        if not isinstance(interval, Range):
            raise _refusal(
                f"the range of {name} in {cls.__name__} is {shown(interval)}, which is no Range; write it like "
                "Range(least=0, below=1)."
            )
        if name not in fields:
            raise _refusal(
                f"the ranges of {cls.__name__} name {shown(name)}, which is none of its parameters {', '.join(fields)}; "
                "write it as a field of the class, which @dataclass(frozen=True) decorates."
            )


def _refusal(message: str) -> InputError:
    return InputError(message, argument="method")
