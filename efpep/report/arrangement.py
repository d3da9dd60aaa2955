"""Tables for readers before they are written: columns of cells, and what stands across on top of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from efpep.errors import InputError
from efpep.report.cells import Parameter, number

METHOD = "method"
LONG = "none"
"""The pivot of tables with one row a question."""
PIVOTS = {"step_size": "step", "step_size_factor": "factor"}
"""What the keys of study files are called here, where they are called otherwise."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell of an answer.

    Attributes:
        text: a number, or words; a dash for nothing.
        bound: whether the number is a mere bound.
        bold: whether it is bold.
    """

    text: str
    bound: bool = False
    bold: bool = False

    def marked(self) -> str:
        """Return the text, with ``<=`` before a mere bound."""
        return f"<= {self.text}" if self.bound else self.text


NOTHING = Shown("-")

Cell: TypeAlias = "Parameter | Shown"


@dataclass(frozen=True, slots=True)
class Line:
    """One question of a table: what it is about, and what is shown of its answer, by name."""

    about: Mapping[str, Parameter]
    found: Mapping[str, Shown]


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column.

    Attributes:
        name: what it shows.
        over: what stands over it, as the pivot and its value; None for nothing.
        cells: what stands in it.
    """

    name: str
    over: tuple[str, Parameter] | None
    cells: Sequence[Cell]

    @property
    def spanner(self) -> str:
        """What stands over it, as text."""
        if self.over is None:
            return ""
        name, value = self.over
        return number(value) if name == METHOD else f"{_KEYS.get(name, name)} = {number(value)}"


_KEYS = {internal: key for key, internal in PIVOTS.items()}


def across(about: Sequence[Mapping[str, Parameter]], pivot: str | None) -> str | None:
    """Return what stands across, as the questions call it; None for one row a question.

    Args:
        about: what each question is about.
        pivot: what a layout calls it.

    Raises:
        InputError: the questions do not differ in it.
    """
    name = None if pivot in {None, LONG} else PIVOTS.get(str(pivot), pivot)
    varying = [key for key in about[0] if len({each[key] for each in about}) > 1]
    if name is not None and name not in {METHOD, *varying}:
        others = " or ".join(_KEYS.get(key, key) for key in dict.fromkeys([METHOD, *varying]))
        raise InputError(
            f"pivot is {pivot!r}, and the questions of this table do not differ in it; choose {others}.", argument="pivot"
        )
    return name


def arranged(lines: Sequence[Line], pivot: str | None = None) -> list[TableColumn]:
    """Return the columns of a table: what it is about, then what is shown, for each value of the pivot that stands across.

    Without a pivot there is one row a question. Columns over which nothing is shown are left out.

    Raises:
        InputError: the questions do not differ in the pivot.
    """
    name = across([line.about for line in lines], pivot)
    rows: dict[object, dict[Parameter, Line]] = {}
    for k, line in enumerate(lines):
        key = k if name is None else tuple(value for each, value in line.about.items() if each != name)
        rows.setdefault(key, {})[None if name is None else line.about[name]] = line
    firsts = [next(iter(found.values())) for found in rows.values()]
    columns = [TableColumn(each, None, [line.about[each] for line in firsts]) for each in lines[0].about if each != name]
    for value in dict.fromkeys(None if name is None else line.about[name] for line in lines):
        places = [found.get(value) for found in rows.values()]
        over = None if name is None else (name, value)
        each = dict.fromkeys(key for line in places if line is not None for key in line.found)
        columns += [
            TableColumn(key, over, [NOTHING if line is None else line.found.get(key, NOTHING) for line in places]) for key in each
        ]
    return columns
