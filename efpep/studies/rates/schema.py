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

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from efpep.errors import InputError
from efpep.report.figure_style import SIZES
from efpep.studies.engine import grid
from efpep.studies.engine.grid import GridStudy, MetricName, Text
from efpep.studies.engine.load import Section, listed
from efpep.studies.rates.figures.spec import Spec


def _size(value: object) -> object:
    if value not in SIZES:
        raise InputError(f"{value!r} is not a size of figures; choose one of {', '.join(SIZES)}.", argument="size")
    return value


class FigureTable(Section):
    """What the study's figure shows; see :class:`efpep.studies.rates.figures.spec.Spec`.

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


class Study(GridStudy):
    """A study file of rates: besides what follows, all of :class:`~efpep.studies.engine.grid.GridStudy`.

    Attributes:
        question: what is asked.
        metric: the metric that Lyapunov functions control.
        lyapunov: a Lyapunov function to take instead of the best one, as for :func:`efpep.rate`; None for the best.
        memory: how many past states Lyapunov functions may depend on.
        features: what Lyapunov functions may be made of; None for everything.
        positivity: what makes Lyapunov functions nonnegative, ``"weights"`` or ``"interpolation"``.
        figure: what ``efpep figure`` draws; None for nothing.
    """

    question: Literal["rate"] = "rate"
    metric: MetricName = "distance"
    lyapunov: Text | None = None
    memory: Annotated[int, Field(ge=0, le=5, strict=True)] = 0
    features: Annotated[list[Text], Field(min_length=1)] | None = None
    positivity: Literal["weights", "interpolation"] = "weights"
    figure: FigureTable | None = None

    def about(self) -> dict[str, object]:
        """Return the metric."""
        return {"metric": self.metric}

    def declared(self, path: str | Path) -> Spec:
        """Return what the figure shows that the study file ``path`` declares.

        Raises:
            InputError: it declares none.
        """
        if self.figure is None:
            raise InputError(
                f'{path} declares no figure; add a table [figure] with a kind, such as kind = "curves".', argument="path"
            )
        return self.figure.spec()


TABLES: dict[str, type[BaseModel]] = {**grid.TABLES, "figure": FigureTable}
"""The schemas of a study's tables."""
