"""What a table says besides its numbers: which classes of functions and compressors, and which groups of agents."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.report.answer import usual

if TYPE_CHECKING:
    from efpep.component import Component
    from efpep.model.population import Population
    from efpep.report.entry import Entry


def groups(row: Entry) -> str | None:
    """Return the groups of a row's question with what differs between them, or None for agents of one kind."""
    setting = row.setting
    if isinstance(setting.agents, int):
        return None
    found = setting.populations()
    return "; ".join(_group(row, group) for group in found)


def classes(row: Entry) -> dict[str, str]:
    """Return the classes of a row's question that are not the usual ones, and are the same for all agents."""
    populations = row.setting.populations()
    found: dict[str, str] = {}
    for kind, of in (("functions", [p.functions for p in populations]), ("compressor", [p.compressor for p in populations])):
        columns = None if kind == "functions" and row.setting.mean is not None else row
        described = {None if component is None or usual(kind, component) else named(component, columns) for component in of}
        text = described.pop()
        if not described and text is not None:
            found[kind] = text
    if row.setting.mean is not None:
        found["mean"] = named(row.setting.mean, row)
    if row.setting.server_compressor is not None:
        found["server_compressor"] = named(row.setting.server_compressor)
    return found


def class_cells(row: Entry) -> dict[str, str]:
    """Return the classes and the groups of a row's question, as far as they have to be named."""
    kinds = groups(row)
    return {**classes(row), **({} if kinds is None else {"groups": kinds})}


def named(component: Component, row: Entry | None = None) -> str:
    """Return a class with its parameters, without those that a row shows in columns."""
    shown = [] if row is None else _columns(row)
    values = {name: value for name, value in component.parameters().items() if name not in shown}
    inside = ", ".join(f"{name} = {exact(v) if isinstance(v, Fraction) else v}" for name, v in values.items())
    return f"{component.identifier()} ({inside})" if inside else component.identifier()


def class_sentences(rows: Sequence[Entry]) -> list[str]:
    """Return one sentence for each kind of class that is not the usual one."""
    found: list[str] = []
    titles = {
        "functions": "The functions are",
        "mean": "Their mean is",
        "compressor": "The compressors are",
        "server_compressor": "The server's compressor is",
    }
    for kind, title in titles.items():
        kinds = list(dict.fromkeys(text for row in rows if (text := classes(row).get(kind)) is not None))
        if kinds:
            found.append(f"{title} {' or '.join(kinds)}.")
    return found


def tuned_sentences(rows: Sequence[Entry]) -> list[str]:
    """Return one sentence about tuned step sizes, where there are any."""
    tuned = [row.tuned for row in rows]
    which = "Step sizes are" if all(tuned) else "Some step sizes are"
    return [f"{which} tuned: the best that were found; what is proved holds at them."] if any(tuned) else []


def impossible_sentences(rows: Sequence[Entry]) -> list[str]:
    """Return one sentence for each reason why a method's questions cannot be asked."""
    found = dict.fromkeys((row.method, row.impossible) for row in rows if row.impossible)
    return [f"Where {method} is marked as impossible, {why}" for method, why in found]


def _columns(row: Entry) -> list[str]:
    """Return the constants that all agents share, which stand in columns."""
    return [name for name, value in (("mu", row.mu), ("L", row.L), ("delta", row.delta)) if value is not None]


def _group(row: Entry, group: Population) -> str:
    size = f"share {exact(group.share)}" if group.count is None else f"count {group.count}"
    shown = classes(row)
    pieces: list[str] = []
    for kind, component in (("functions", group.functions), ("compressor", group.compressor)):
        if component is None or kind in shown:
            continue
        if usual(kind, component):
            own = {n: v for n, v in component.parameters().items() if n not in _columns(row)}
            pieces += [f"{name} = {exact(v) if isinstance(v, Fraction) else v}" for name, v in own.items()]
        else:
            pieces.append(named(component, row))
    return f"{size}: {', '.join(pieces)}" if pieces else size
