"""The look of figures: sizes of the usual conferences, a colour-blind palette, and files for papers.

Every figure is made and saved within :func:`style`, without ``pyplot``, so it works where there is no display:

    with style():
        figure, axes = new_figure("icml")
        axes.plot(x, y)
        save(figure, "rates.pdf", {"x": x, "y": y})     # rates.pdf, rates.png, rates.svg and rates.csv

``style(dark=True)`` is the same in light colours on a dark ground, ``style("slide")`` in larger type.
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
    "iclr": 5.5,
    "icml": 3.25,
    "icml-wide": 6.75,
    "ieee": 3.5,
    "ieee-wide": 7.16,
    "acm": 3.33,
    "acm-wide": 7.0,
    "jmlr": 6.0,
    "slide": 5.51,
    "slide-half": 2.68,
}
"""Widths in inches: the text or a column of the venue's style; ``-wide`` spans both columns, ``-half`` is half of the text."""

SOURCES = {
    "neurips": "neurips_2024.sty: text 5.5 in wide",
    "neurips-half": "half of the text, with 0.1 in between",
    "iclr": "iclr2024_conference.sty: text 5.5 in wide",
    "icml": "icml2024.sty: columns 3.25 in wide (AISTATS and UAI are the same)",
    "icml-wide": "icml2024.sty: text 6.75 in wide",
    "ieee": "IEEE's guide for graphics: one column 3.5 in (21 pica)",
    "ieee-wide": "IEEE's guide for graphics: two columns 7.16 in (43 pica)",
    "acm": "acmart.cls, sigconf: columns 241.1 pt wide",
    "acm-wide": "acmart.cls, sigconf: text 506.3 pt wide",
    "jmlr": "jmlr2e.sty: text 6 in wide",
    "slide": "beamer, aspectratio=169: 160 mm less 10 mm at either side; type is larger",
    "slide-half": "half of a slide's text, with 4 mm between",
}
"""Where each width is from."""

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Seven colours that colour-blind readers tell apart (Okabe and Ito); the style file cycles through them."""

DARK_PALETTE = ("#56B4E9", "#E69F00", "#00B585", "#CC79A7", "#F0E442", "#D55E00", "#FFFFFF")
"""The same for a dark ground: black becomes white, and blue, orange and green change places with their lighter neighbours."""

DASHES = ("-", "--", "-.", ":", (0, (3, 1, 1, 1, 1, 1)), (0, (5, 3)), (0, (1, 1)))
"""Line styles to go with the colours, so that figures survive printing in grey."""

FORMATS = (".pdf", ".png", ".svg")
"""The formats that every figure is written in."""

_RATIO = 0.62
_LEAST_PANEL = 1.3
_LEAST_HEIGHT = 1.5
_SLIDE = "slide"
_METADATA = {".pdf": {"CreationDate": None}, ".png": {}, ".svg": {"Date": None}}
"""Nothing in a file tells when it was written, so that the same figure is the same file."""


def check_drawable() -> None:
    """Refuse where no figure can be drawn, before what it shows is computed.

    Raises:
        UnavailableError: matplotlib is not installed.
    """
    optional("matplotlib", "figures")


@contextlib.contextmanager
def style(size: str = "neurips", *, dark: bool = False) -> Generator[None]:
    """Use the style files while the body runs.

    Args:
        size: what the figure is for; the type of slides is larger.
        dark: whether the ground is dark and the colours are light.

    Raises:
        InputError: there is no such size.
        UnavailableError: matplotlib is not installed.
    """
    sheets = ["efpep", *(["slide"] if check_size(size).startswith(_SLIDE) else []), *(["dark"] if dark else [])]
    folder = Path(__file__).parent
    files = [folder / f"{name}.mplstyle" for name in sheets]
    with optional("matplotlib.style", "figures").context(["default", *files]):
        yield


def colour(position: int) -> str:
    """Return a colour of the style's cycle, which begins again after the last one, as ``"#RRGGBB"``."""
    cycle = optional("matplotlib", "figures").rcParams["axes.prop_cycle"].by_key()["color"]
    return str(optional("matplotlib.colors", "figures").to_hex(cycle[position % len(cycle)])).upper()


def dash(position: int) -> Any:
    """Return the line style that goes with a colour; the next round of colours has other ones."""
    return DASHES[(position // len(PALETTE) + position) % len(DASHES)]


def grey(share: float) -> tuple[float, float, float]:
    """Return a colour between the ground (0) and the ink (1) of the style."""
    return mixed(optional("matplotlib", "figures").rcParams["text.color"], share)


def mixed(ink: str, share: float) -> tuple[float, float, float]:
    """Return a colour that is thinned with the style's ground: 1 for the colour itself, 0 for the ground."""
    rgb = optional("matplotlib.colors", "figures").to_rgb
    ground = rgb(optional("matplotlib", "figures").rcParams["axes.facecolor"])
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(rgb(ink), ground, strict=True))
    return red, green, blue


def check_size(size: str) -> str:
    """Return the name of a size.

    Raises:
        InputError: there is no such size.
    """
    if size not in SIZES:
        raise InputError(f"{shown(size)} is not a size of figures; choose one of {', '.join(SIZES)}.", argument="size")
    return size


def new_figure(
    size: str = "neurips", ratio: float = _RATIO, panels: int = 1, *, share: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure as wide as ``size`` says, and its panels: side by side, in as many rows as they need.

    Args:
        size: a key of :data:`SIZES`.
        ratio: height of a panel by its width; one of several is at least 1.5 inches high.
        panels: how many; a row holds only so many that each is at least 1.3 inches wide.
        share: whether all panels have the same axes, whose numbers stand at the left and below alone.

    Raises:
        InputError: there is no such size.
        UnavailableError: matplotlib is not installed.
    """
    width = SIZES[check_size(size)]
    rows = -(-panels // max(1, int(width / _LEAST_PANEL)))
    across = -(-panels // rows)
    height = max(ratio * width / across, _LEAST_HEIGHT if panels > 1 else 0) * rows
    figure = optional("matplotlib.figure", "figures").Figure(figsize=(width, height), layout="constrained")
    grid: Any = figure.subplots(rows, across, squeeze=False, sharex=share, sharey=share)
    axes = cast("list[Axes]", list(grid.flat))
    for empty in axes[panels:]:
        empty.remove()
    for lowest in axes[max(0, panels - across) : panels]:  # what stood below some of them was removed
        lowest.tick_params(labelbottom=True)
    return figure, axes[:panels]


def fit_labels(figure: Figure) -> None:
    """Make a figure higher where the label beside a panel is longer than the panel is high, and would be cut off."""
    figure.draw_without_rendering()  # the layout is settled
    missing = max(axes.yaxis.label.get_window_extent().height - axes.bbox.height for axes in figure.axes)
    if missing > 0:
        rows = max(grid.nrows for axes in figure.axes if (grid := axes.get_gridspec()) is not None)
        width, height = figure.get_size_inches()
        figure.set_size_inches(width, height + rows * missing / figure.dpi)


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
            f"figures are written as PDF, PNG and SVG with CSV beside them, not as {path.suffix}; give FILE.pdf.", argument="path"
        )
    return path


def save(figure: Figure, path: str | Path, columns: Mapping[str, Sequence[object]]) -> list[Path]:
    """Write a figure in all :data:`FORMATS`, and its numbers as CSV beside them; return the paths in this order.

    Args:
        figure: the figure.
        path: the file, whose suffix, one of these, may be left out.
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
        for file in written[:-1]:
            figure.savefig(file, metadata=_METADATA[file.suffix])
        written[-1].write_text(text.getvalue(), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(
            f"the figure cannot be written to {str(path)!r} ({getattr(error, 'strerror', None) or error}); give a path that can "
            "be written.",
            argument="path",
        ) from error
    return written
