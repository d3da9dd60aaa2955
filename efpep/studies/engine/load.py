"""Reading study files, with one sentence for whatever is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from efpep.errors import InputError
from efpep.model.argument import path_of
from efpep.model.close import meant
from efpep.model.field import shown

M = TypeVar("M", bound=BaseModel)

MOST_POINTS = 200_000
"""The most points of a study."""


class Section(BaseModel):
    """A table of a study file: its keys are those of the schema, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def listed(value: object) -> list[object]:
    """Return the items of a list, or a single value as the only one."""
    return cast("list[object]", value) if isinstance(value, list) else [value]


def ends_and_count(value: Mapping[str, object], what: str) -> tuple[object, object, object]:
    """Return the ends and the count of a range ``{ first, last, count }`` of ``what``.

    Raises:
        InputError: it has other keys.
    """
    if set(value) != {"first", "last", "count"}:
        raise InputError(f"a range of {what} has the keys first, last and count; give these three.")
    return value["first"], value["last"], value["count"]


def check_points(count: int) -> None:
    """Refuse a study of too many points before they are listed.

    Raises:
        InputError: there are too many.
    """
    if count > MOST_POINTS:
        raise InputError(
            f"the study has {count} points, more than the {MOST_POINTS} of one study; use a coarser grid, or several studies."
        )


def toml_of(path: str | Path) -> dict[str, object]:
    """Return the tables of a TOML file; decimals stay text until they are read exactly.

    Raises:
        InputError: the file cannot be read, or is no TOML.
    """
    place = path_of(path)
    try:
        return tomllib.loads(place.read_text(encoding="utf-8"), parse_float=str)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a study file.", argument="path") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text; give the path of a study file in TOML.", argument="path") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            f"{path} is not TOML: {error or 'it is nested too deeply'}; correct it there.", argument="path"
        ) from error
    except ValueError as error:
        raise InputError(f"{path} holds a number that cannot be read ({error}); write a shorter one.", argument="path") from error


def validated(path: str | Path, parsed: Mapping[str, object], schema: type[M], tables: Mapping[str, type[BaseModel]]) -> M:
    """Return what a study file says; ``tables`` are the schemas of its tables, ``schema`` that of the file.

    Raises:
        InputError: naming the file and the key that is wrong.
        UnavailableError: a class of the user's cannot be imported here.
    """
    try:
        return schema.model_validate(parsed)
    except ValidationError as error:
        raise InputError(f"{path}: {_sentence(error, tables, schema)}") from error


def _sentence(error: ValidationError, tables: Mapping[str, type[BaseModel]], top: type[BaseModel]) -> str:
    """Return what is wrong with a study in one sentence."""
    first = error.errors(include_url=False)[0]
    place = [str(piece) if isinstance(piece, str) else f"[{piece + 1}]" for piece in first["loc"]]
    key = ".".join(place).replace(".[", "[")
    if first["type"] == "extra_forbidden":
        table = tables.get(str(first["loc"][0]), top) if len(first["loc"]) > 1 else top
        known = table.model_fields
        return f"the key {key!r} is unknown{meant(place[-1], known)}; the keys there are {', '.join(known)}."
    if first["type"] == "missing":
        return f"the key {key!r} is missing, and a study needs it; add it."
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return f"in the key {key!r}: {cause}" if key else str(cause)
    return f"the key {key!r} is {shown(first['input'])}, which cannot stand there; {_wanted(first)}."


def _wanted(error: ErrorDetails) -> str:
    """Return what a key wants, by what pydantic found wrong with its value."""
    known = error.get("ctx", {})
    bounds = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    bound = next((f"{words} {known[name]}" for name, words in bounds.items() if name in known), "")
    for part, words in _WANTED.items():
        if part in error["type"]:
            return f"give {words}"
    if error["type"] == "literal_error":
        return f"choose one of {known['expected']}"
    return f"give a number {bound}" if bound else "change it"


_WANTED = {
    "string_type": "text in quotes",
    "string_too_short": "text that is not blank",
    "too_short": "at least one",
    "list": "a list in brackets",
    "model": "a table with the keys of a study",
    "dict": "a table of keys",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
}
"""What is wanted, by a part of the name of pydantic's type of error."""
