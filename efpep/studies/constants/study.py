"""Study files of constants: a method with a one-step potential, and the grid of contraction parameters.

    title = "Least constants of Safe-EF"

    [potential]
    method = "safe-ef"
    projection = ["none", "uplink", "downlink", "both"]     # which compressors are of projection type, as Top-K

    [grid]
    delta = [0.1, 0.5, 0.9]
    delta_server = [0.1, 0.5, 0.9, 1]

Every delta is combined with every delta_server and every projection. Numbers are read exactly.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from efpep.compressors import Contractive, Projection
from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.functions import BoundedSubgradients
from efpep.methods import METHODS
from efpep.methods.base import AVERAGING
from efpep.model.field import rational, shown
from efpep.questions.averaging.study import AveragingForm
from efpep.setting import Setting
from efpep.studies.engine.load import Section, check_points, listed, validated
from efpep.studies.engine.question_task import QuestionTask

Where = Literal["none", "uplink", "downlink", "both"]


def _deltas(value: object) -> list[Fraction]:
    found = [rational(item, "a number of the grid") for item in listed(value)]
    for number in found:
        if not 0 < number <= 1:
            raise InputError(f"a contraction parameter is {shown(number)}, outside (0, 1]; give numbers in it.")
    return found


def _method(value: object) -> str:
    name = str(value)
    if METHODS.find(name).potential.key != AVERAGING.key:
        raise InputError(f"{name} has no one-step potential; take a method such as safe-ef.")
    return name


class _Potential(Section):
    method: Annotated[str, BeforeValidator(_method)]
    projection: Annotated[list[Where], Field(min_length=1)] = Field(default=["none"])
    solver: str = DEFAULT


class _Grid(Section):
    delta: Annotated[list[Fraction], BeforeValidator(_deltas), Field(min_length=1)]
    delta_server: Annotated[list[Fraction], BeforeValidator(_deltas), Field(min_length=1)] = Field(default=[Fraction(1)])


class ConstantStudy(Section):
    """A study of constants.

    Attributes:
        title: what the table is called.
        potential: the method, and which compressors are of projection type.
        grid: the contraction parameters.
    """

    title: Annotated[str, Field(min_length=1)]
    potential: _Potential
    grid: _Grid

    @property
    def columns(self) -> tuple[str, ...]:
        """Which compressors are of projection type."""
        return tuple(dict.fromkeys(self.potential.projection))

    @property
    def rows(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The pairs of ``delta`` and ``delta_server``."""
        return tuple(dict.fromkeys(itertools.product(self.grid.delta, self.grid.delta_server)))

    @cached_property
    def tasks(self) -> tuple[QuestionTask, ...]:
        """The questions, row by row."""
        method = METHODS.build({"class": self.potential.method, "step_size": 1})
        settings = [_setting(delta, server, where) for delta, server in self.rows for where in self.columns]
        return tuple(QuestionTask(method, setting, AveragingForm(), self.potential.solver) for setting in settings)


def read_constant_study(path: str | Path, parsed: Mapping[str, object]) -> ConstantStudy:
    """Return what the tables of a study of constants say.

    Raises:
        InputError: naming the file, and the key that is wrong.
    """
    found = validated(path, parsed, ConstantStudy, {"grid": _Grid, "potential": _Potential})
    find_solver(found.potential.solver)
    check_points(len(found.grid.delta) * len(found.grid.delta_server) * len(found.columns))
    return found


def _setting(delta: Fraction, server: Fraction, where: str) -> Setting:
    """Return the setting; K does not depend on M, nor on how many agents there are, nor on the method's step size."""
    up = Projection(delta) if where in {"uplink", "both"} else Contractive(delta)
    down = Projection(server) if where in {"downlink", "both"} else Contractive(server)
    return Setting(BoundedSubgradients(), up, agents=2, server_compressor=down)
