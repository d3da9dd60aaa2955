"""Study files of laws: a law, and the grid of configurations on which it is tested.

    title = "Step-size law 4.1: EF, four agents"
    law = { name = "step-size", method = "ef", steps = 40, improvement = "1/100", measure = "either" }

    [grid]
    agents = 4
    L = [1, 1000]
    kappa = [2, 1000]
    epsilon = { first = 0.05, last = 0.95, count = 10 }      # or a list
    every = 1                                                # take every so many-th configuration only

Every multiset of ``agents`` worker types ``(L, kappa)`` is combined with every epsilon. Numbers are read exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self, cast

from pydantic import BeforeValidator, Field

from efpep.errors import InputError
from efpep.model.field import rational, shown, whole
from efpep.studies.engine.load import Section, check_points, ends_and_count, listed, validated
from efpep.studies.laws.catalogue import build_law
from efpep.studies.laws.grid import WorkerConfiguration, configurations, evenly
from efpep.studies.laws.law import Law


def _numbers(value: object) -> list[Fraction]:
    return [rational(item, "a number of the grid") for item in listed(value)]


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
        first, last, asked = ends_and_count(cast("dict[str, Any]", value), "epsilon")
        count = whole(asked, "count")
        if count < 1:
            raise InputError(f"count is {count}, but a range has at least one number; give 1 or more.")
        check_points(count)
        found = evenly(rational(first, "first"), rational(last, "last"), count)
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


def _stride(value: object) -> int:
    count = whole(value, "every")
    if count < 1:
        raise InputError(f"every is {count}, and of a grid every so many-th configuration is taken; give 1 or more.")
    return count


class LawGrid(Section):
    """The configurations of a study.

    Attributes:
        agents: how many agents.
        L: their smoothness constants.
        kappa: their condition numbers.
        epsilon: ``1 - delta`` of their compressors, a list or ``{ first, last, count }``.
        every: every so many-th configuration is taken; one that is prime to the number of epsilons meets them all.
    """

    agents: Annotated[int, BeforeValidator(_agents)]
    L: Annotated[list[Fraction], BeforeValidator(_smoothness), Field(min_length=1)]
    kappa: Annotated[list[Fraction], BeforeValidator(_conditions), Field(min_length=1)]
    epsilon: Annotated[list[Fraction], BeforeValidator(_epsilons), Field(min_length=1)]
    every: Annotated[int, BeforeValidator(_stride)] = 1


class LawStudy(Section):
    """A study of a law.

    Attributes:
        title: what the report is called.
        law: the law.
        grid: the configurations.
    """

    title: Annotated[str, Field(min_length=1)]
    law: Annotated[Law, BeforeValidator(build_law)]
    grid: LawGrid

    @cached_property
    def configurations(self) -> tuple[WorkerConfiguration, ...]:
        """The configurations that are taken, each once."""
        return self.whole[:: self.grid.every]

    @cached_property
    def whole(self) -> tuple[WorkerConfiguration, ...]:
        """The configurations of the whole grid, each once."""
        grid = self.grid
        return tuple(dict.fromkeys(configurations(grid.L, grid.kappa, grid.epsilon, grid.agents)))

    def sampled(self, every: int) -> Self:
        """Return the study of every so many-th configuration.

        Raises:
            InputError: ``every`` is below 1.
        """
        return self.model_copy(update={"grid": self.grid.model_copy(update={"every": _stride(every)})})


def read_law_study(path: str | Path, parsed: Mapping[str, object]) -> LawStudy:
    """Return what the tables of a study of a law say.

    Raises:
        InputError: naming the file, and the key that is wrong.
    """
    found = validated(path, parsed, LawStudy, {"grid": LawGrid})
    types = len(found.grid.L) * len(found.grid.kappa)
    try:
        check_points(math.comb(types + found.grid.agents - 1, found.grid.agents) * len(found.grid.epsilon))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return found
