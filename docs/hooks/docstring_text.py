"""Docstrings as Markdown: roles become code, and stars of formulas such as ``x*`` are no emphasis."""

from __future__ import annotations

import inspect
import re

_ROLE = re.compile(r":(class|mod|func|meth|data|attr):`~?([^`]*)`")
_CODE = re.compile(r"(``.*?``|`[^`\n]*`)", re.DOTALL)


def markdown(docstring: str) -> str:
    """Return a docstring as Markdown; indented lines are code, and stay as they are."""
    lines: list[str] = []
    for line in _ROLE.sub(_named, docstring).splitlines():
        pieces = _CODE.split(line)
        lines.append(line if line.startswith("    ") else "".join(_plain(p) if k % 2 == 0 else p for k, p in enumerate(pieces)))
    return "\n".join(lines)


def said(cls: type) -> str:
    """Return what the docstring of a class says, with its attributes as a list."""
    text, _, _ = (inspect.getdoc(cls) or "").partition("\nRaises:")
    text, _, attributes = text.partition("\nAttributes:\n")
    items = [_item(line) for line in inspect.cleandoc(attributes).splitlines() if line.strip()]
    return markdown(text.strip()) + ("\n\n" + markdown("\n".join(items)) if items else "")


def _item(line: str) -> str:
    return f"  {line.strip()}" if line.startswith(" ") else "- " + re.sub(r"^(\w+):", r"`\1`:", line)


def _named(role: re.Match[str]) -> str:
    return f"`{role[2]}`" if role[1] == "mod" else f"`{role[2].rsplit('.', 1)[-1]}`"


def _plain(text: str) -> str:
    return text.replace("*", r"\*").replace("<", "&lt;")
