"""``efpep.figure``: the figure of a study file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from efpep.errors import InputError
from efpep.report.table import Table
from efpep.study.load import load_study
from efpep.study.run import run
from efpep.study.sweep import Progress


@dataclass(frozen=True, slots=True)
class FigureFiles:
    """A figure that was written.

    Attributes:
        files: the PDF, the PNG and the CSV.
        table: the rates that it shows.
        left_out: how many points could not be drawn, because nothing is proved there that has a place on the axes.
    """

    files: tuple[Path, ...]
    table: Table
    left_out: int


def figure(
    path: str | Path,
    output: str | Path | None = None,
    *,
    jobs: int | None = None,
    dask: str | None = None,
    store: str | Path | None = None,
    recheck: bool = False,
    trust_store: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> FigureFiles:
    """Draw the figure that a study file declares in its ``[figure]`` table, from the results store where it has the answers.

    Args:
        path: the study file; see :mod:`efpep.study.schema` for its keys.
        output: where the figure goes, with or without ``.pdf``; the study's name in the current folder without it.
        jobs: as for :func:`efpep.run`, like all that follow.
        dask: a Dask cluster.
        store: the results store.
        recheck: whether answers from the store are checked again.
        trust_store: whether answers from the store are used without a check of their certificates.
        progress: called before the first question and after every batch.

    Raises:
        InputError: the file is malformed, declares no figure or one that does not fit, or the figure cannot be written.
        UnavailableError: a method, a solver or Dask is not available here.
    """
    from efpep.report.figure_style import save, style
    from efpep.report.figures.draw import draw

    declared = load_study(path).figure
    if declared is None:
        raise InputError(
            f'{path} declares no figure; add a table [figure] with a kind, such as kind = "curves".', argument="path"
        )
    table = run(path, jobs=jobs, dask=dask, store=store, recheck=recheck, trust_store=trust_store, progress=progress).table()
    with style():
        try:
            drawing = draw(table, declared.spec())
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        files = save(drawing.figure, Path(path).stem if output is None else output, drawing.columns)
    return FigureFiles(tuple(files), table, drawing.left_out)
