"""Reading study files, with one sentence for whatever is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from efpep.errors import InputError
from efpep.study.schema import FigureTable, Grid, GroupTable, Study


def load_study(path: str | Path) -> Study:
    """Read a study file.

    Raises:
        InputError: naming the file, and the key or the line that is wrong.
        UnavailableError: a method of the user's cannot be imported here.
    """
    try:
        # decimals stay text until they are read exactly
        parsed = tomllib.loads(Path(path).read_text(encoding="utf-8"), parse_float=str)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give the path of a study file.") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text; give the path of a study file in TOML.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{path} is not TOML: {error or 'it is nested too deeply'}; correct it there.") from error
    except ValueError as error:
        raise InputError(f"{path} holds a number that cannot be read ({error}); write a shorter one.") from error
    try:
        return Study.model_validate(parsed)
    except ValidationError as error:
        raise InputError(f"{path}: {_sentence(error)}") from error


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = [str(piece) if isinstance(piece, str) else f"[{piece + 1}]" for piece in first["loc"]]
    key = ".".join(place).replace(".[", "[")
    if first["type"] == "extra_forbidden":
        return f"the key {key!r} is unknown; the keys there are {', '.join(_keys(first['loc']))}."
    if first["type"] == "missing":
        return f"the key {key!r} is missing, and a study needs it; add it."
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, InputError):
        return f"in the key {key!r}: {cause}"
    shown = repr(first["input"])
    found = shown if len(shown) <= 60 else shown[:57] + "..."
    return f"the key {key!r} is {found}: {first['msg'][0].lower()}{first['msg'][1:]}; change it."


def _keys(location: tuple[int | str, ...]) -> list[str]:
    tables = {"grid": Grid, "groups": GroupTable, "figure": FigureTable}
    table = tables.get(str(location[0]), Study) if len(location) > 1 else Study
    return list(table.model_fields)
