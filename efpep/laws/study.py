"""Study files of laws: a law, and the grid of configurations on which it is tested.

    title = "Step-size law 4.1: EF, four agents"
    law = { name = "step-size", method = "ef", steps = 40, improvement = "1/100", measure = "either" }

    [grid]
    agents = 4
    L = [1, 1000]
    kappa = [2, 1000]
    epsilon = { first = 0.05, last = 0.95, count = 10 }      # or a list

Every multiset of ``agents`` worker types ``(L, kappa)`` is combined with every epsilon. Numbers are read exactly.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from efpep.errors import InputError
from efpep.laws.catalogue import build_law
from efpep.laws.grid import Configuration, configurations, evenly
from efpep.laws.law import Law
from efpep.model.field import rational, shown
from efpep.study.load import check_points, toml_of, validation_sentence
from efpep.study.setting import whole


def _numbers(value: object) -> list[Fraction]:
    items = cast("list[object]", value) if isinstance(value, list) else [value]
    return [rational(item, "a number of the grid") for item in items]


def _smoothness(value: object) -> list[Fraction]:
    found = _numbers(value)
    if any(number <= 0 for number in found):
        raise InputError("a smoothness constant is not positive; give L > 0.")
    return found


def _conditions(value: object) -> list[Fraction]:
    found = _numbers(value)
    if any(number < 1 for number in found):
        raise InputError("a condition number is below 1, but kappa is L/mu with mu <= L; give kappa >= 1.")
    return found


def _epsilons(value: object) -> list[Fraction]:
    if isinstance(value, dict):
        table = cast("dict[str, Any]", value)
        if set(table) != {"first", "last", "count"}:
            raise InputError("a range of epsilon has the keys first, last and count; give these three.")
        count = whole(table["count"], "count")
        if count < 1:
            raise InputError(f"count is {count}, but a range has at least one number; give 1 or more.")
        check_points(count)
        found = evenly(rational(table["first"], "first"), rational(table["last"], "last"), count)
    else:
        found = _numbers(value)
    for number in found:
        if not 0 < number < 1:
            raise InputError(f"epsilon is {shown(number)}, which is 1 - delta and has to be between 0 and 1; give such numbers.")
    return found


def _agents(value: object) -> int:
    count = whole(value, "agents")
    if not 1 <= count <= 8:
        raise InputError(f"agents is {count}, and configurations list the agents one by one; give 1 to 8.")
    return count


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class LawGrid(_Strict):
    """The configurations of a study.

    Attributes:
        agents: how many agents.
        L: their smoothness constants.
        kappa: their condition numbers.
        epsilon: ``1 - delta`` of their compressors, a list or ``{ first, last, count }``.
    """

    agents: Annotated[int, BeforeValidator(_agents)]
    L: Annotated[list[Fraction], BeforeValidator(_smoothness), Field(min_length=1)]
    kappa: Annotated[list[Fraction], BeforeValidator(_conditions), Field(min_length=1)]
    epsilon: Annotated[list[Fraction], BeforeValidator(_epsilons), Field(min_length=1)]


class _Schema(_Strict):
    title: Annotated[str, Field(min_length=1)]
    law: Annotated[Law, BeforeValidator(build_law)]
    grid: LawGrid


@dataclass(frozen=True, slots=True)
class LawStudy:
    """A study of a law.

    Attributes:
        title: what the report is called.
        law: the law.
        configurations: the grid.
    """

    title: str
    law: Law
    configurations: tuple[Configuration, ...]


def is_law_study(path: str | Path) -> bool:
    """Return whether a file is a study of a law rather than one of rates; False where it cannot be read."""
    try:
        return "law" in tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False


def load_law_study(path: str | Path) -> LawStudy:
    """Read a study of a law.

    Raises:
        InputError: naming the file, and the key or the line that is wrong.
    """
    parsed = toml_of(path)
    try:
        found = _Schema.model_validate(parsed)
    except ValidationError as error:
        raise InputError(f"{path}: {validation_sentence(error, {'grid': LawGrid}, _Schema)}") from error
    grid = found.grid
    types = len(grid.L) * len(grid.kappa)
    try:
        check_points(math.comb(types + grid.agents - 1, grid.agents) * len(grid.epsilon))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    listed = tuple(configurations(grid.L, grid.kappa, grid.epsilon, grid.agents))
    return LawStudy(found.title, found.law, tuple(dict.fromkeys(listed)))
