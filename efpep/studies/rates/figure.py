"""``efpep.figure``: the figure of a study file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack, cast

from efpep.errors import InputError
from efpep.studies.engine.figure_keys import FigureKeys
from efpep.studies.engine.study_type import Answering, Options
from efpep.studies.rates.answers import Answers
from efpep.studies.rates.run import RATE_STUDIES
from efpep.studies.rates.schema import RateStudy
from efpep.studies.rates.table import Table


@dataclass(frozen=True, slots=True)
class FigureFiles:
    """A figure that was written.

    Attributes:
        files: the PDF, the PNG, the SVG and the CSV.
        table: the rates that it shows.
        left_out: how many points could not be drawn, because nothing is proved there that has a place on the axes.
    """

    files: tuple[Path, ...]
    table: Table
    left_out: int


class Asked(Answering, FigureKeys, total=False):
    """The options of :func:`figure`: how the study is answered, and the keys of ``[figure]``."""


def figure(path: str | Path, output: str | Path | None = None, **options: Unpack[Asked]) -> FigureFiles:
    """Draw the figure that a study file declares in its ``[figure]`` table, from the results store where it has the answers.

    Args:
        path: the study file; see :mod:`efpep.studies.rates.schema` for its keys.
        output: where the figure goes, with or without ``.pdf``; the study's name in the current folder without it.
        options: how the study is answered (see :class:`~efpep.studies.engine.study_type.Options`), and keys of ``[figure]``, such
            as ``size="slide"`` or ``dark=True``, which take the place of the file's.

    Raises:
        InputError: the file is malformed, declares no figure or one that does not fit, or the figure cannot be written.
        UnavailableError: matplotlib, a method, a solver or Dask is not available here.
    """
    keys = cast("FigureKeys", {name: value for name, value in options.items() if name in FigureKeys.__annotations__})
    how = cast("Answering", {name: value for name, value in options.items() if name not in keys})
    study = RATE_STUDIES.load(path)
    RATE_STUDIES.check_figure(path, study, keys)
    found = RATE_STUDIES.answer(path, study, Options(**how).sweep)
    return drawn(found, Path(path).stem if output is None else output, keys)


def drawn(found: Answers, output: str | Path, keys: FigureKeys | None = None) -> FigureFiles:
    """Draw the figure that an answered study declares, with other ``keys`` instead of its own.

    Raises:
        InputError: it declares none or one that does not fit, a point failed, or a file cannot be written.
    """
    from efpep.report.figure_style import save, style
    from efpep.studies.rates.figures.draw import draw

    spec = cast("RateStudy", found.study).declared(found.path, keys)
    table = found.table()
    with style(spec.size, dark=spec.dark):
        try:
            possible = tuple(row for row in table.rows if not row.impossible)
            drawing = draw(replace(table, rows=possible), spec)
        except InputError as error:
            raise InputError(f"{found.path}: {error}") from error
        files = save(drawing.figure, output, drawing.columns)
    return FigureFiles(tuple(files), table, drawing.left_out + len(table.rows) - len(possible))
