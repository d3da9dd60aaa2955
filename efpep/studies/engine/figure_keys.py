"""How a figure of a study looks, as its file, the command line and Python say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, TypedDict, cast

from pydantic import AfterValidator

from efpep.report.figure_style import check_size
from efpep.studies.engine.load import Section


class FigureKeys(TypedDict, total=False):
    """The keys of a table ``[figure]``; those that are None or false are as if they were not given."""

    kind: str | None
    x: str | None
    y: str | None
    color: str | None
    series: Sequence[str] | None
    panels: Sequence[str] | None
    reference: str | None
    log: Sequence[str] | None
    size: str | None
    ratio: float | None
    dark: bool
    bracket: bool


class FigureLook(Section):
    """What every table ``[figure]`` may say.

    Attributes:
        size: the width, a key of :data:`efpep.report.figure_style.SIZES`.
        dark: whether the ground is dark and the colours are light.
    """

    size: Annotated[str, AfterValidator(check_size)] = "neurips"
    dark: bool = False


def changed(table: Mapping[str, object], keys: FigureKeys | None) -> dict[str, object]:
    """Return a table ``[figure]`` with the given keys instead of its own."""
    given = {name: value for name, value in (keys or {}).items() if value is not None and value is not False}
    for name in ("series", "panels", "log"):
        if isinstance(names := given.get(name), Sequence) and not isinstance(names, str):
            given[name] = list(cast("Sequence[object]", names))
    return {**table, **given}
