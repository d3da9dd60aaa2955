"""States of methods that users might write."""

from typing import Any, NamedTuple


class OnlyX(NamedTuple):
    x: Any


class WithMemory(NamedTuple):
    x: Any
    m: Any
