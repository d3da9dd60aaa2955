"""The schema of studies of rates: besides the keys of all studies (:mod:`efpep.studies.engine.grid`) the following.

metric = "distance"                   # or "gradient", "gap"
lyapunov = "literature"               # or a formula; without it the best Lyapunov function of each question
memory = 1                            # past states that the Lyapunov function may depend on
features = ["x", "g", "f"]            # what the Lyapunov function may be made of; without it everything
positivity = "interpolation"          # weights of any sign; without it they are positive semidefinite

[figure]                              # what `efpep figure` draws
kind = "curves"                       # or "ratio", "landscape", "roots", "stability"
x = "delta"                           # or "epsilon", "kappa", "agents", "step_size", "step_size_factor"
y = "rate"                            # or "gap" (1 - rate), "complexity" (iterations for a factor e)
series = ["kappa"]                    # what tells lines apart; without it everything that varies
size = "icml"                         # or "icml-wide", "neurips", "neurips-half", "ieee", "ieee-wide"
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.report.figure_style import SIZES
from efpep.studies.engine import grid
from efpep.studies.engine.grid import GridStudy, Text
from efpep.studies.engine.load import Section, listed
from efpep.studies.rates.figures.quantities import COORDINATES, X, Y
from efpep.studies.rates.figures.spec import Spec


def _size(value: object) -> object:
    if not isinstance(value, str) or value not in SIZES:
        raise InputError(f"{shown(value)} is not a size of figures; choose one of {', '.join(SIZES)}.", argument="size")
    return value


def _known(known: Mapping[str, object], what: str) -> BeforeValidator:
    def read(value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str) or value not in known:
            name = f"figure.{info.field_name}"
            raise InputError(
                f"{name} is {shown(value)}, which is no {what}; choose one of {', '.join(known)}.", argument="figure"
            )
        return value

    return BeforeValidator(read)


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
    x: Annotated[str, _known(X, "quantity of an axis")] | None = None
    y: Annotated[str, _known(Y, "quantity made of a rate")] | None = None
    series: Annotated[list[Annotated[str, _known(COORDINATES, "coordinate")]], BeforeValidator(listed)] | None = None
    reference: Text | None = None
    log: Annotated[list[Literal["x", "y"]], BeforeValidator(listed)] = Field(default=[])
    size: Annotated[str, BeforeValidator(_size)] = "neurips"
    ratio: Annotated[float, Field(ge=0.1, le=3)] = 0.62

    def spec(self) -> Spec:
        """Return what the figure shows."""
        series = None if self.series is None else tuple(self.series)
        return Spec(self.kind, self.x, self.y, series, self.reference, tuple(self.log), self.size, self.ratio)


class RateStudy(GridStudy):
    """A study file of rates.

    Attributes:
        figure: what ``efpep figure`` draws; None for nothing.
    """

    figure: FigureTable | None = None

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


Study = cast("type[RateStudy]", grid.schema("rate", RateStudy))
"""The schema, with the keys of :class:`efpep.questions.rate.study.RateForm`."""

TABLES: dict[str, type[BaseModel]] = {**grid.TABLES, "figure": FigureTable}
"""The schemas of a study's tables."""
