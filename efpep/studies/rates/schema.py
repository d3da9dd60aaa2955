"""The schema of study files.

A study names methods and a grid. Every quantity of the grid is a number or a list of numbers; the study asks about every
combination, once. Numbers are integers, decimals, or fractions in quotes, and are read exactly.

    title = "EF21 with ten agents"
    methods = ["ef21"]                    # or tables: { class = "module:Class", parameter = "1/2" }
    metric = "distance"                   # or "gradient", "gap"
    lyapunov = "literature"               # or a formula; without it the best Lyapunov function of each question
    memory = 1                            # past states that the Lyapunov function may depend on
    features = ["x", "g", "f"]            # what the Lyapunov function may be made of; without it everything
    positivity = "interpolation"          # weights of any sign; without it they are positive semidefinite
    functions = "gradient-dominated"      # or a table { class = "module:Class", parameter = 2 }
    compressor = { class = "unbiased", omega = 1 }
    server_compressor = { class = "contractive", delta = "1/2" }
    solver = "clarabel"
    digits = 6                            # decimals that tables for readers print, where they are proved

    [grid]
    kappa = [2, 10, 100]                  # L/mu; or give mu itself
    L = 1
    delta = ["1/100", 0.5]
    agents = 10
    step_size = "optimal"                 # or numbers; or step_size_factor, multiples of the optimal step size

    [figure]                              # what `efpep figure` draws
    kind = "curves"                       # or "ratio", "landscape", "roots", "stability"
    x = "delta"                           # or "epsilon", "kappa", "agents", "step_size", "step_size_factor"
    y = "rate"                            # or "gap" (1 - rate), "complexity" (iterations for a factor e)
    series = ["kappa"]                    # what tells lines apart; without it everything that varies
    size = "icml"                         # or "icml-wide", "neurips", "neurips-half", "ieee", "ieee-wide"

    [[groups]]                            # instead of grid.agents: classes of agents with constants of their own
    share = "7/10"
    mu = 0.1                              # or a compressor or functions of their own
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationInfo

from efpep.compressors import COMPRESSORS
from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.methods.base import OPTIMAL
from efpep.model.field import rational
from efpep.model.metric import METRICS
from efpep.report.figure_style import SIZES
from efpep.report.figures.spec import Spec
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
        raise InputError(f"{value!r} is not a metric; choose one of {', '.join(METRICS)}.")
    return value


def _size(value: object) -> object:
    if value not in SIZES:
        raise InputError(f"{value!r} is not a size of figures; choose one of {', '.join(SIZES)}.")
    return value


Number = Annotated[Fraction, BeforeValidator(_number)]
Step = Annotated[Fraction | str, BeforeValidator(_step)]
Count = Annotated[int, BeforeValidator(_count)]
Numbers = Annotated[list[Number], BeforeValidator(listed), Field(min_length=1)]
Steps = Annotated[list[Step], BeforeValidator(listed), Field(min_length=1)]
Counts = Annotated[list[Count], BeforeValidator(listed), Field(min_length=1)]
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


class FigureTable(Section):
    """What the study's figure shows; see :class:`efpep.report.figures.spec.Spec`.

    Attributes:
        kind: curves, ratio, landscape, roots or stability.
        x: the horizontal axis; None for the kind's usual one.
        y: the vertical axis of curves.
        series: what tells lines apart; None for everything that varies.
        reference: the method that ratios are taken to; None for the first.
        log: the axes with logarithmic scale.
        size: the size of a conference's column.
        ratio: height by width.
    """

    kind: Literal["curves", "ratio", "landscape", "roots", "stability"]
    x: Text | None = None
    y: Text | None = None
    series: Annotated[list[Text], BeforeValidator(listed)] | None = None
    reference: Text | None = None
    log: Annotated[list[Literal["x", "y"]], BeforeValidator(listed)] = Field(default=[])
    size: Annotated[str, BeforeValidator(_size)] = "neurips"
    ratio: Annotated[float, Field(ge=0.1, le=3)] = 0.62

    def spec(self) -> Spec:
        """Return what the figure shows."""
        series = None if self.series is None else tuple(self.series)
        return Spec(self.kind, self.x, self.y, series, self.reference, tuple(self.log), self.size, self.ratio)


class Study(Section):
    """A study file.

    Attributes:
        title: what the table is called.
        methods: descriptions of methods: ``{"class": key, **parameters}``.
        metric: the metric that Lyapunov functions control.
        lyapunov: a Lyapunov function to take instead of the best one, as for :func:`efpep.rate`; None for the best.
        memory: how many past states Lyapunov functions may depend on.
        features: what Lyapunov functions may be made of; None for everything.
        positivity: what makes Lyapunov functions nonnegative, ``"weights"`` or ``"interpolation"``.
        functions: the agents' function class, ``{"class": key, **parameters}``; None for smooth strongly convex.
        compressor: the agents' compressor class; None for contractive.
        server_compressor: the server's compressor class; None for none.
        solver: the solver, as for :func:`efpep.rate`.
        digits: how many decimals tables for readers ask for.
        grid: the quantities.
        groups: classes of agents; instead of ``grid.agents``.
        figure: what ``efpep figure`` draws; None for nothing.
    """

    title: str = Field(min_length=1)
    methods: list[Annotated[dict[str, Any], BeforeValidator(_method)]] = Field(min_length=1)
    metric: Annotated[str, BeforeValidator(_metric)] = "distance"
    lyapunov: Text | None = None
    memory: Annotated[int, Field(ge=0, le=5, strict=True)] = 0
    features: Annotated[list[Text], Field(min_length=1)] | None = None
    positivity: Literal["weights", "interpolation"] = "weights"
    functions: Functions | None = None
    compressor: Compression | None = None
    server_compressor: ServerCompression | None = None
    solver: str = "clarabel"
    digits: int = Field(default=6, ge=1, le=15, strict=False)
    grid: Grid
    groups: list[GroupTable] = Field(default=[])
    figure: FigureTable | None = None

    def declared(self, path: str | Path) -> Spec:
        """Return what the figure shows that the study file ``path`` declares.

        Raises:
            InputError: it declares none.
        """
        if self.figure is None:
            raise InputError(f'{path} declares no figure; add a table [figure] with a kind, such as kind = "curves".')
        return self.figure.spec()


TABLES: dict[str, type[BaseModel]] = {"grid": Grid, "groups": GroupTable, "figure": FigureTable}
"""The schemas of a study's tables."""
