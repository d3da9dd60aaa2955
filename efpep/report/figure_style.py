"""The look of figures: sizes of the usual conferences, a colour-blind palette, and files for papers.

Every figure is made and saved within :func:`style`, without ``pyplot``, so it works where there is no display:

    with style():
        figure, axes = new_figure("icml")
        axes.plot(x, y)
        save(figure, "rates.pdf", {"x": x, "y": y})     # rates.pdf, rates.png and rates.csv
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.optional import optional

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SIZES = {
    "neurips": 5.5,
    "neurips-half": 2.7,
    "icml": 3.25,
    "icml-wide": 6.75,
    "ieee": 3.5,
    "ieee-wide": 7.16,
}
"""Widths in inches: the text or a column of the conference's style; ``-wide`` spans both columns."""

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Seven colours that colour-blind readers tell apart (Okabe and Ito); the style file cycles through them."""

DASHES = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 3)), (0, (1, 1)))
"""Line styles to go with the colours, so that figures survive printing in grey."""

FORMATS = (".pdf", ".png")
_RATIO = 0.62
_STYLE = Path(__file__).with_name("efpep.mplstyle")


def check_drawable() -> None:
    """Refuse where no figure can be drawn, before what it shows is computed.

    Raises:
        UnavailableError: matplotlib is not installed.
    """
    optional("matplotlib", "figures")


@contextlib.contextmanager
def style() -> Generator[None]:
    """Use the style file while the body runs.

    Raises:
        UnavailableError: matplotlib is not installed.
    """
    with optional("matplotlib.style", "figures").context(["default", _STYLE]):
        yield


def check_size(size: str) -> str:
    """Return the name of a size.

    Raises:
        InputError: there is no such size.
    """
    if size not in SIZES:
        raise InputError(f"{shown(size)} is not a size of figures; choose one of {', '.join(SIZES)}.", argument="size")
    return size


def new_figure(size: str = "neurips", ratio: float = _RATIO, panels: int = 1) -> tuple[Figure, list[Axes]]:
    """Return a figure as wide as ``size`` says, and its panels side by side.

    Args:
        size: a key of :data:`SIZES`.
        ratio: height of a panel by its width.
        panels: how many.

    Raises:
        InputError: there is no such size.
        UnavailableError: matplotlib is not installed.
    """
    width = SIZES[check_size(size)]
    figure = optional("matplotlib.figure", "figures").Figure(figsize=(width, ratio * width / panels), layout="constrained")
    axes: Any = figure.subplots(1, panels, squeeze=False)
    return figure, cast("list[Axes]", list(axes[0]))


def stem_of(path: Path) -> Path:
    """Return a figure's file without the ending of one of its formats, all of which are written.

    What stands after the last dot and does not begin with a letter belongs to the name, such as ``delta_0.5``.

    Raises:
        InputError: it has another ending.
    """
    if path.suffix in {*FORMATS, ".csv"}:
        return path.with_suffix("")
    if path.suffix[1:2].isalpha():
        raise InputError(
            f"figures are written as PDF and PNG with CSV beside them, not as {path.suffix}; give FILE.pdf.", argument="path"
        )
    return path


def save(figure: Figure, path: str | Path, columns: Mapping[str, Sequence[object]]) -> list[Path]:
    """Write a figure as PDF and PNG, and its numbers as CSV beside them; return the three paths.

    Args:
        figure: the figure.
        path: the file, whose suffix ``.pdf``, ``.png`` or ``.csv`` may be left out.
        columns: the numbers in the figure, by name.

    Raises:
        InputError: the path has another suffix, or cannot be written.
    """
    path = stem_of(Path(path))
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(zip(*columns.values(), strict=True))
    # whatever stands after the last dot may belong to the name, such as delta_0.5
    written = [path.with_name(path.name + suffix) for suffix in (*FORMATS, ".csv")]
    try:
        written[0].parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(written[0], metadata={"CreationDate": None})
        figure.savefig(written[1])
        written[2].write_text(text.getvalue(), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(
            f"the figure cannot be written to {str(path)!r} ({getattr(error, 'strerror', None) or error}); give a path that can "
            "be written.",
            argument="path",
        ) from error
    return written
