"""The schema of studies of rates: besides the keys of all studies (:mod:`efpep.studies.engine.grid`) the following.

metric = "distance"                   # or "gradient", "gap"
lyapunov = "literature"               # or a formula; without it the best Lyapunov function of each question
memory = 1                            # past states that the Lyapunov function may depend on
features = ["x", "g", "f"]            # what the Lyapunov function may be made of; without it everything
positivity = "interpolation"          # weights of any sign; without it they are positive semidefinite

[figure]                              # what `efpep figure` draws
kind = "curves"                       # or "ratio", "landscape", "map", "contours", "stability", "roots", "laws"
x = "delta"                           # or "epsilon", "kappa", "agents", "spread", "step_size", "step_size_factor", a parameter
y = "rate"                            # or "gap" (1 - rate), "complexity" (iterations for a factor e); of maps a quantity as x
color = "rate"                        # what the colours of a map or of contours show, of the same
series = ["kappa"]                    # what tells lines apart; without it everything that varies
panels = ["delta"]                    # a panel for each value, with the same axes
bracket = true                        # landscapes and maps: the proved bracket of the best step size
size = "icml"                         # or "icml-wide", "neurips", "ieee", "slide", ...: efpep.report.figure_style.SIZES
dark = true                           # light colours on a dark ground
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.studies.engine import grid
from efpep.studies.engine.figure_keys import FigureKeys, FigureLook, changed
from efpep.studies.engine.grid import GridStudy, Text
from efpep.studies.engine.load import listed, validated
from efpep.studies.rates.figures.quantities import check_names
from efpep.studies.rates.figures.spec import Spec

_LISTS = ("series", "panels", "log")


class FigureTable(FigureLook):
    """What the study's figure shows; see :class:`efpep.studies.rates.figures.spec.Spec`.

    Attributes:
        kind: curves, ratio, landscape, map, contours, stability, roots or laws.
        x: the horizontal axis; None for the kind's usual one.
        y: the vertical axis of curves, laws and maps.
        series: what tells lines apart; None for everything that varies.
        panels: what has panels of its own.
        color: what the colours of maps show.
        reference: the method that ratios are taken to; None for the first.
        log: the axes with logarithmic scale.
        ratio: height by width of a panel.
        bracket: whether the bracket of the best step size is shown.
    """

    kind: Literal["curves", "ratio", "landscape", "map", "contours", "stability", "roots", "laws"]
    x: Text | None = None
    y: Text | None = None
    series: Annotated[list[Text], BeforeValidator(listed)] | None = None
    panels: Annotated[list[Text], BeforeValidator(listed)] | None = None
    color: Text | None = None
    reference: Text | None = None
    log: Annotated[list[Literal["x", "y"]], BeforeValidator(listed)] = Field(default=[])
    ratio: Annotated[float, Field(ge=0.1, le=3)] = 0.62
    bracket: bool = False

    def spec(self) -> Spec:
        """Return what the figure shows."""
        given: dict[str, Any] = self.model_dump()
        given.update({name: tuple(given[name]) for name in _LISTS if given[name] is not None})
        return Spec(**given)


class RateStudy(GridStudy):
    """A study file of rates.

    Attributes:
        figure: what ``efpep figure`` draws; None for nothing.
    """

    figure: FigureTable | None = None

    @model_validator(mode="after")
    def _figure_names(self) -> Self:
        """Refuse a figure of what there is not, before anything is answered."""
        if self.figure is not None:
            check_names(self.figure.spec(), self._parameters())
        return self

    def _parameters(self) -> set[str]:
        """Return the parameters of the methods but for the step size."""
        return {field.name for table in self.methods for field in fields(METHODS.find(table["class"]))} - {"step_size"}

    def declared(self, path: str | Path, keys: FigureKeys | None = None) -> Spec:
        """Return what the figure shows that the study file ``path`` declares, with other ``keys`` instead of its own.

        Raises:
            InputError: it declares none, and no kind is given; or something is named that there is not.
        """
        merged = changed({} if self.figure is None else self.figure.model_dump(exclude_unset=True), keys)
        if "kind" not in merged:
            raise InputError(
                f'{path} declares no figure; add a table [figure] with a kind, such as kind = "curves".', argument="path"
            )
        spec = validated(path, merged, FigureTable, {}).spec()
        try:
            return check_names(spec, self._parameters())
        except InputError as error:
            raise InputError(f"{path}: {error}") from error


Study = cast("type[RateStudy]", grid.schema("rate", RateStudy))
"""The schema, with the keys of :class:`efpep.questions.rate.study.RateForm`."""

TABLES: dict[str, type[BaseModel]] = {**grid.TABLES, "figure": FigureTable}
"""The schemas of a study's tables."""
