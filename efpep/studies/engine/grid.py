"""The schema of what all studies over a grid have: methods, classes, quantities and groups."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationInfo

from efpep.compressors import COMPRESSORS
from efpep.errors import InputError
from efpep.methods import METHODS, Method
from efpep.methods.base import OPTIMAL
from efpep.model.field import rational
from efpep.model.metric import METRICS
from efpep.studies.engine.load import Section, listed
from efpep.studies.engine.setting import component_table, whole


def _number(value: object, info: ValidationInfo) -> Fraction:
    return rational(value, info.field_name or "a number")


def _step(value: object) -> Fraction | str:
    return OPTIMAL if value == OPTIMAL else rational(value, "step_size")


def _count(value: object, info: ValidationInfo) -> int:
    return whole(value, info.field_name or "a count")


def _method(value: object) -> dict[str, Any]:
    table: dict[str, Any] = cast("dict[str, Any]", value) if isinstance(value, dict) else {"class": value}
    METHODS.build(table)
    return table


def _functions(value: object) -> dict[str, object]:
    return component_table("functions", value)


def _compressor(value: object) -> dict[str, object]:
    return component_table("compressor", value)


def _server(value: object) -> dict[str, object]:
    table = component_table("compressor", value)
    COMPRESSORS.build(table)
    return table


def _metric(value: object) -> object:
    if value not in METRICS:
        raise InputError(f"{value!r} is not a metric; choose one of {', '.join(METRICS)}.", argument="metric")
    return value


Number = Annotated[Fraction, BeforeValidator(_number)]
Step = Annotated[Fraction | str, BeforeValidator(_step)]
Count = Annotated[int, BeforeValidator(_count)]
Numbers = Annotated[list[Number], BeforeValidator(listed), Field(min_length=1)]
Steps = Annotated[list[Step], BeforeValidator(listed), Field(min_length=1)]
Counts = Annotated[list[Count], BeforeValidator(listed), Field(min_length=1)]
MetricName = Annotated[str, BeforeValidator(_metric)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Functions = Annotated[dict[str, object], BeforeValidator(_functions)]
Compression = Annotated[dict[str, object], BeforeValidator(_compressor)]
ServerCompression = Annotated[dict[str, object], BeforeValidator(_server)]


class Grid(Section):
    """The quantities of a study, each with one or several values.

    Attributes:
        kappa: condition numbers ``L/mu``; instead of ``mu``.
        mu: strong convexities; instead of ``kappa``.
        L: smoothness constants.
        delta: contraction parameters of the compressors.
        agents: numbers of exchangeable agents.
        step_size: numbers, or ``"optimal"``.
        step_size_factor: multiples of every method's optimal step size; instead of ``step_size``.
    """

    kappa: Numbers | None = None
    mu: Numbers | None = None
    L: Numbers | None = None
    delta: Numbers | None = None
    agents: Counts | None = None
    step_size: Steps | None = None
    step_size_factor: Numbers | None = None


class GroupTable(Section):
    """A class of agents: its size, and the constants and classes in which it differs from the others."""

    count: Count | None = None
    share: Number | None = None
    mu: Number | None = None
    L: Number | None = None
    delta: Number | None = None
    functions: Functions | None = None
    compressor: Compression | None = None


class GridStudy(Section):
    """What a study file of questions over a grid says, whatever is asked.

    Attributes:
        title: what the table is called.
        methods: descriptions of methods: ``{"class": key, **parameters}``.
        functions: the agents' function class, ``{"class": key, **parameters}``; None for smooth strongly convex.
        compressor: the agents' compressor class; None for contractive.
        server_compressor: the server's compressor class; None for none.
        solver: the solver, as for :func:`efpep.rate`.
        digits: how many decimals tables for readers ask for.
        grid: the quantities.
        groups: classes of agents; instead of ``grid.agents``.
    """

    title: str = Field(min_length=1)
    methods: list[Annotated[dict[str, Any], BeforeValidator(_method)]] = Field(min_length=1)
    functions: Functions | None = None
    compressor: Compression | None = None
    server_compressor: ServerCompression | None = None
    solver: str = "clarabel"
    digits: int = Field(default=6, ge=1, le=15, strict=False)
    grid: Grid
    groups: list[GroupTable] = Field(default=[])

    def about(self) -> dict[str, object]:
        """Return what is asked of every point of the grid, besides what the points say, as a JSON object."""
        return {}

    def functions_of(self, method: type[Method]) -> object:
        """Return the function class of a method's questions, as :func:`efpep.studies.engine.setting.build_setting` takes it."""
        del method
        return self.functions


TABLES: dict[str, type[BaseModel]] = {"grid": Grid, "groups": GroupTable}
"""The schemas of a study's tables."""
