"""Exact vectors, forms and matrices as Python source and as formulas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import cast

from efpep.model.text import exact

WIDTH = 120
_INDENT = "    "


def assignment(name: str, value: object) -> str:
    """Return ``name = value`` with nested mappings and sequences laid out over lines where they are long."""
    return f"{name} = {literal(value, 0, len(name) + 3)}\n"


def literal(value: object, depth: int = 0, used: int = 0) -> str:
    """Return a value of strings, numbers, mappings, sequences and None as source.

    Args:
        value: the value.
        depth: how deep it is nested.
        used: how much of the line is taken before it.
    """
    flat = _flat(value)
    if len(flat) + used + depth * len(_INDENT) <= WIDTH or not isinstance(value, Mapping | list):
        return flat
    inside, outside = _INDENT * (depth + 1), _INDENT * depth
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        entries = [(f"{_flat(key)}: ", item) for key, item in table.items()]
    else:
        entries = [("", item) for item in cast("list[object]", value)]
    lines = [f"{inside}{head}{literal(item, depth + 1, len(head) + 1)},\n" for head, item in entries]
    opened, closed = "{}" if isinstance(value, Mapping) else "[]"
    return f"{opened}\n{''.join(lines)}{outside}{closed}"


def _flat(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, Fraction | int):
        return f'F("{exact(Fraction(value))}")'
    if isinstance(value, Mapping):
        table = cast("Mapping[object, object]", value)
        return "{" + ", ".join(f"{_flat(key)}: {_flat(item)}" for key, item in table.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(item) for item in cast("list[object]", value)) + "]"
    if isinstance(value, tuple):
        return "(" + ", ".join(_flat(item) for item in cast("tuple[object, ...]", value)) + ")"
    return repr(value)


def _quoted(text: str) -> str:
    return repr(text) if '"' in text or "\\" in text or not text.isprintable() else f'"{text}"'


def formula(terms: Mapping[str, Fraction]) -> str:
    """Return a linear form as a formula, such as ``x - 1/3*u0 + (g-d)``."""
    return _joined((a, _bracketed(name)) for name, a in terms.items())


def form_formula(blocks: Mapping[str, Mapping[tuple[str, str], Fraction]], values: Mapping[str, Fraction]) -> str:
    """Return a form as a formula, such as ``F0 - <x, u0> + 5/9*<u0, u0> + dev(u0, u0)``."""
    pieces: list[tuple[Fraction, str]] = [(a, name) for name, a in values.items()]
    for block, entries in blocks.items():
        opened, closed = ("<", ">") if block == "mean" else (f"{block.replace('deviation', 'dev')}(", ")")
        pieces += [(a, f"{opened}{left}, {right}{closed}") for (left, right), a in entries.items()]
    return _joined(pieces)


def comment(text: str) -> str:
    """Return text as comment lines, wrapped between words; continuation lines are indented."""
    lines: list[str] = []
    line = "#"
    for word in text.split(" "):
        if len(line) + 1 + len(word) > WIDTH and line.strip("# "):
            lines.append(line)
            line = "#    "
        line = f"{line} {word}"
    return "\n".join([*lines, line]) + "\n"


def paragraphs(texts: Sequence[str]) -> str:
    """Return several comments, one after the other."""
    return "".join(comment(text) for text in texts)


def _joined(pieces: Iterable[tuple[Fraction, str]]) -> str:
    said = ""
    for a, name in pieces:
        sign = "-" if a < 0 else "+"
        size = "" if abs(a) == 1 else f"{exact(abs(Fraction(a)))}*"
        said += f" {sign} {size}{name}" if said else f"{'-' if a < 0 else ''}{size}{name}"
    return said or "0"


def _bracketed(name: str) -> str:
    return f"({name})" if any(sign in name for sign in "+-* ") else name
