"""Studies along an axis: the same runs with several values of one parameter of the problem, the compressor or the method.

[axis]
label = "agents"
of = "problem"                        # or "compressor", "method": whose parameter
name = "n"
values = [1, 2, 4, 8]

Every problem (or every method) of the file stands for one a value, called after it: ``cart-poles, agents = 4``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from efpep.compressors.operators import described
from efpep.errors import InputError
from efpep.model.field import rational
from efpep.studies.engine.load import Section, listed, validated

if TYPE_CHECKING:
    from efpep.studies.experiments.study import ExperimentStudy


def _values(value: object) -> list[str]:
    found = [str(item) for item in listed(value)]
    if len({rational(item, "a value") for item in found}) < len(found):
        raise InputError("values names a number twice; name it once.")
    return found


class StudyAxis(Section):
    """One parameter and its values.

    Attributes:
        label: what it is called.
        of: whose parameter it is: every ``problem``'s, that of the clients' ``compressor``, or every ``method``'s.
        name: the parameter.
        values: its values, numbers.
    """

    label: Annotated[str, Field(min_length=1)]
    of: Literal["problem", "compressor", "method"]
    name: str
    values: Annotated[list[str], BeforeValidator(_values), Field(min_length=1)]

    def called(self, label: str, value: str) -> str:
        """Return what an entry is called at a value."""
        return f"{label}, {self.label} = {value}"

    def read(self, label: str) -> tuple[str, str]:
        """Return the file's own label, and the value."""
        own, _, value = label.rpartition(f", {self.label} = ")
        return own, value


def along(path: str | Path, parsed: Mapping[str, object]) -> Mapping[str, object]:
    """Return the tables of a study with one entry a value of its axis; without an axis as they are.

    Raises:
        InputError: the axis is malformed, or a study along the compressor names none.
    """
    if "axis" not in parsed:
        return parsed
    axis = validated(path, cast("Mapping[str, object]", parsed["axis"]), StudyAxis, {})
    which = "problems" if axis.of == "problem" else "methods"
    common = parsed.get("experiment")
    usual = cast("dict[str, Any]", common).get("compressor") if isinstance(common, dict) else None
    entries = [cast("dict[str, Any]", entry) for entry in listed(parsed.get(which, [])) if isinstance(entry, dict)]
    made = [_at(path, axis, value, entry, usual) for entry in entries for value in axis.values]
    return {**parsed, which: made or entries}


def points(study: ExperimentStudy) -> list[tuple[str, str, list[tuple[float, str, str]]]]:
    """Return a study's lines along its axis: the file's own labels of problem and method, and where the cells are.

    Each place is the value, the cell's problem and its method.
    """
    lines: dict[tuple[str, str], list[tuple[float, str, str]]] = {}
    axis = study.axis
    if axis is None:
        return []
    for problem in study.problems:
        for method in study.methods:
            own, value = axis.read(problem.label if axis.of == "problem" else method.label)
            line = (own, method.label) if axis.of == "problem" else (problem.label, own)
            lines.setdefault(line, []).append((float(rational(value, "a value")), problem.label, method.label))
    return [(*line, sorted(places)) for line, places in lines.items()]


def _at(path: str | Path, axis: StudyAxis, value: str, entry: dict[str, Any], usual: str | None) -> dict[str, Any]:
    """Return an entry at a value."""
    found = {**entry, "label": axis.called(str(entry.get("label")), value)}
    if axis.of == "problem":
        return {**found, "problem": _with(path, str(entry.get("problem")), axis.name, value)}
    if axis.of == "method":
        return {**found, "parameters": {**entry.get("parameters", {}), axis.name: value}}
    operator = entry.get("compressor", usual)
    if operator is None:
        raise InputError(f"{path}: the axis is the compressor's, and there is none; name one under compressor in [experiment].")
    return {**found, "compressor": _with(path, str(operator), axis.name, value)}


def _with(path: str | Path, text: str, name: str, value: str) -> str:
    """Return the text of a component in which a parameter has a value."""
    given = described(text, f"{path}: {text}")
    parameters = {**{key: part for key, part in given.items() if key != "class"}, name: value}
    return f"{given['class']}:" + ",".join(f"{key}={part}" for key, part in parameters.items())
