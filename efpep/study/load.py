"""Reading study files, with one sentence for whatever is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from efpep.errors import InputError
from efpep.study.schema import FigureTable, Grid, GroupTable, Study


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Raises:
        InputError: naming the file, and the key or the line that is wrong.
        UnavailableError: a method of the user's cannot be imported here.
    """
    parsed = toml_of(path)
    if "law" in parsed:
        raise InputError(
            f"{path} is a study of a law, not one of rates; answer it with 'efpep run' or efpep.examine.", argument="path"
        )
    if "potential" in parsed:
        raise InputError(f"{path} is a study of constants, not one of rates; answer it with 'efpep run'.", argument="path")
    if "experiment" in parsed:
        raise InputError(
            f"{path} is a study of numeric runs, not one of rates; answer it with 'efpep run' or efpep.experiment.",
            argument="path",
        )
    try:
        return Study.model_validate(parsed)
    except ValidationError as error:
        raise InputError(
            f"{path}: {validation_sentence(error, {'grid': Grid, 'groups': GroupTable, 'figure': FigureTable}, Study)}"
        ) from error


MOST_POINTS = 100_000
"""The most points of a study."""


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
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"), parse_float=str)
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


def validation_sentence(error: ValidationError, tables: Mapping[str, type[BaseModel]], top: type[BaseModel]) -> str:
    """Return what is wrong with a study in one sentence; ``tables`` are the models of its tables, ``top`` that of the file."""
    first = error.errors(include_url=False)[0]
    place = [str(piece) if isinstance(piece, str) else f"[{piece + 1}]" for piece in first["loc"]]
    key = ".".join(place).replace(".[", "[")
    if first["type"] == "extra_forbidden":
        table = tables.get(str(first["loc"][0]), top) if len(first["loc"]) > 1 else top
        return f"the key {key!r} is unknown; the keys there are {', '.join(table.model_fields)}."
    if first["type"] == "missing":
        return f"the key {key!r} is missing, and a study needs it; add it."
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return f"in the key {key!r}: {cause}"
    shown = repr(first["input"])
    found = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"the key {key!r} is {found}: {first['msg'][0].lower()}{first['msg'][1:]}; change it."
