"""What the tables for readers have in common: how a row's entries are written."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from efpep.model.text import exact
from efpep.report.captions import groups
from efpep.report.digits import significant

if TYPE_CHECKING:
    from efpep.report.entry import Entry

STEP_DIGITS = 6
_SHORT = 12
_ABOUT = ("kappa", "L", "delta", "agents", "groups", "factor")
_ALWAYS = ("kappa", "delta", "agents")


Parameter: TypeAlias = Fraction | int | str | None


def number(value: Parameter) -> str:
    """Return a number of the question exactly, as a short decimal or a fraction; a dash where there is none."""
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    value = Fraction(value)
    if value.denominator == 1:
        return str(value)
    decimal = f"{float(value):.6g}"
    return decimal if "e" not in decimal and Fraction(decimal) == value else str(value)


def brief(value: Parameter) -> str:
    """Return a number of the question as cells show it: exactly where that is short, else rounded to a few digits."""
    written = number(value)
    return written if len(written) <= _SHORT or not isinstance(value, Fraction) else significant(value, STEP_DIGITS)


def parameters(row: Entry) -> dict[str, Parameter]:
    """Return what a row's question is about, besides the method."""
    return {
        "kappa": row.kappa,
        "L": row.L,
        "delta": row.delta,
        "agents": row.agents,
        "groups": groups(row),
        "factor": row.step_size_factor,
        "step": None if row.chosen else row.step_size,
    }


def method_names(rows: Sequence[Entry]) -> list[str]:
    """Return the methods' names, with their parameters where one name stands for several methods."""
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row.method, set()).add(row.others)
    return [f"{row.method} ({row.others})" if len(kinds[row.method]) > 1 else row.method for row in rows]


def varying(rows: Sequence[Entry]) -> list[str]:
    """Return the names of the parameters that differ between rows, in order."""
    found = [parameters(row) for row in rows]
    return [name for name in found[0] if len({entry[name] for entry in found}) > 1] if found else []


def shown_columns(rows: Sequence[Entry]) -> list[str]:
    """Return the names of the parameters that tables for readers show: a few always, the others where they differ."""
    shown = varying(rows)
    grouped = any(parameters(row)["groups"] for row in rows)
    return [name for name in _ABOUT if name in shown or name in _ALWAYS or (name == "groups" and grouped)]


def exact_cells(row: Entry) -> dict[str, object]:
    """Return what a row's question is about for CSV files: exact numbers, and nothing for what differs between agents."""
    constants = {"kappa": row.kappa, "mu": row.mu, "L": row.L, "delta": row.delta}
    step = row.asked.step_size
    open_step = "" if row.impossible else str(step)
    return {
        "method": row.method,
        **{name: "" if value is None else exact(value) for name, value in constants.items()},
        "agents": "" if row.agents is None else row.agents,
        "step_size": exact(step) if isinstance(step, Fraction) else open_step,
    }
