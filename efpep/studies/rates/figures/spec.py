"""What a figure shows, as the ``[figure]`` table of a study says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from efpep.studies.rates.table import Table


@dataclass(frozen=True, slots=True)
class Spec:
    """What a figure shows.

    Attributes:
        kind: a key of :data:`efpep.studies.rates.figures.draw.KINDS`.
        x: a key of :data:`efpep.studies.rates.figures.quantities.X`, or a parameter of methods; None for the kind's usual one.
        y: a key of :data:`efpep.studies.rates.figures.quantities.Y`, of maps what the horizontal axis can show too; None for the
            kind's usual one.
        series: the quantities that tell lines apart; None for all that vary.
        panels: the quantities whose values have panels of their own; None for the kind's usual ones.
        color: what the colours of a map show, a key of :data:`efpep.studies.rates.figures.quantities.Y`; None for the rate.
        reference: the method that ratios are taken to; None for the study's first one.
        log: the axes, ``"x"`` or ``"y"``, with logarithmic scale.
        size: a key of :data:`efpep.report.figure_style.SIZES`.
        ratio: height of a panel by its width.
        dark: whether the ground is dark.
        bracket: whether landscapes and maps over step sizes show the proved bracket of the best one, which is computed for it.
    """

    kind: str = "curves"
    x: str | None = None
    y: str | None = None
    series: tuple[str, ...] | None = None
    panels: tuple[str, ...] | None = None
    color: str | None = None
    reference: str | None = None
    log: tuple[str, ...] = ()
    size: str = "neurips"
    ratio: float = 0.62
    dark: bool = False
    bracket: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure and the numbers in it.

    Attributes:
        figure: the figure.
        columns: the numbers by column, for the CSV beside it.
        left_out: how many points have no proved end that could be drawn.
    """

    figure: Figure
    columns: Mapping[str, Sequence[object]]
    left_out: int


class FigureType(Protocol):
    """A kind of figure."""

    def __call__(self, table: Table, spec: Spec) -> Drawing:
        """Draw a table, within :func:`efpep.report.figure_style.style`.

        Raises:
            InputError: the table cannot be drawn so.
        """
        ...
