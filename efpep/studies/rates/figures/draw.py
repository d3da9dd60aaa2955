"""Drawing a table as a figure: the kinds by name."""

from __future__ import annotations

from efpep.errors import InputError
from efpep.report.figure_style import check_size
from efpep.studies.rates.figures.contours import contours
from efpep.studies.rates.figures.curves import curves
from efpep.studies.rates.figures.landscape import landscape
from efpep.studies.rates.figures.laws import laws
from efpep.studies.rates.figures.map import rate_map
from efpep.studies.rates.figures.ratio import ratio
from efpep.studies.rates.figures.roots import roots
from efpep.studies.rates.figures.spec import Drawing, FigureType, Spec
from efpep.studies.rates.figures.stability import stability
from efpep.studies.rates.table import Table

KINDS: dict[str, FigureType] = {
    "curves": curves,
    "ratio": ratio,
    "landscape": landscape,
    "map": rate_map,
    "contours": contours,
    "stability": stability,
    "roots": roots,
    "laws": laws,
}
"""The kinds of figures by name."""


def check_spec(spec: Spec) -> Spec:
    """Return what a figure shows.

    Raises:
        InputError: its kind, size or shape is impossible.
    """
    if spec.kind not in KINDS:
        raise InputError(f"figure.kind is {spec.kind!r}, which is no kind of figure; choose one of {', '.join(KINDS)}.")
    check_size(spec.size)
    if not 0.1 <= spec.ratio <= 3:
        raise InputError(f"figure.ratio is {spec.ratio:g}, the height of a figure by its width; give a number from 0.1 to 3.")
    for name in spec.log:
        if name not in {"x", "y"}:
            raise InputError(f"figure.log names {name!r}, which is no axis; name x, y or both.")
    return spec


def draw(table: Table, spec: Spec) -> Drawing:
    """Draw a table, within :func:`efpep.report.figure_style.style`.

    Raises:
        InputError: the table cannot be drawn so.
    """
    return KINDS[check_spec(spec).kind](table, spec)
