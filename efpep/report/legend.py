"""Legends that cover no data: inside the panel where a place is free, which is tested on what is drawn, or below the figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from efpep.optional import optional

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend
    from matplotlib.transforms import BboxBase

PLACES = (
    "upper right",
    "upper left",
    "lower right",
    "lower left",
    "center right",
    "center left",
    "upper center",
    "lower center",
    "center",
)
"""The places inside a panel, in the order in which they are tried."""

_ROOM = 3.0
"""Points between a legend and data."""
_MOST = 6
"""So many entries stand inside a panel at most."""


def add_legend(figure: Figure, panels: Sequence[Axes], *, inside: bool = True) -> Legend | None:
    """Give a figure one legend of all that its panels show, each label once; none where there are no labels.

    With one panel it stands at the first of :data:`PLACES` where its box, with some room around it, meets nothing that is drawn.
    Where there is none, with several panels, and with many entries, it stands below, in as few lines as its width allows.

    Args:
        figure: the figure, whose lines and cells are drawn already.
        panels: its panels.
        inside: whether the panel may hold it.
    """
    found = {label: handle for axes in panels for handle, label in zip(*axes.get_legend_handles_labels(), strict=True) if label}
    if not found:
        return None
    if inside and len(panels) == 1 and len(found) <= _MOST:
        placed = _inside(figure, panels[0], found)
        if placed is not None:
            return placed
    return _below(figure, found)


def drawn_in(axes: Axes, box: BboxBase) -> bool:
    """Return whether anything that the axes show of data meets a box, which is in pixels."""
    return any(_meets(artist, box) for artist in _shown(axes))


def _inside(figure: Figure, axes: Axes, found: dict[str, Artist]) -> Legend | None:
    figure.draw_without_rendering()  # the layout is settled, which a legend inside does not change
    for place in PLACES:
        legend = axes.legend(list(found.values()), list(found), loc=place)
        box = legend.get_window_extent().padded(_ROOM * figure.dpi / 72)
        if _within(axes.get_window_extent(), box, _ROOM * figure.dpi / 72) and not drawn_in(axes, box):
            return legend
        legend.remove()
    return None


def _below(figure: Figure, found: dict[str, Artist]) -> Legend:
    """Return a legend below all panels, in as few lines as the figure is wide for; the figure grows by its height."""
    for across in range(len(found), 0, -1):
        legend = figure.legend(list(found.values()), list(found), loc="outside lower center", ncols=across)
        figure.draw_without_rendering()
        box = legend.get_window_extent()
        if across == 1 or box.width <= figure.bbox.width:
            width, height = figure.get_size_inches()
            figure.set_size_inches(width, height + box.height / figure.dpi + _ROOM / 72)
            return legend
        legend.remove()
    raise AssertionError("a legend has an entry at least")


def _within(outer: BboxBase, inner: BboxBase, room: float) -> bool:
    return (
        outer.x0 - room <= inner.x0
        and inner.x1 <= outer.x1 + room
        and outer.y0 - room <= inner.y0
        and inner.y1 <= outer.y1 + room
    )


def _shown(axes: Axes) -> Iterable[Artist]:
    return (
        artist for artist in (*axes.lines, *axes.collections, *axes.patches, *axes.texts, *axes.images) if artist.get_visible()
    )


def _meets(artist: Any, box: BboxBase) -> bool:
    """Return whether an artist meets a box; of lines and areas their paths count, of all others their extent."""
    lines: Any = optional("matplotlib.lines", "figures")
    if isinstance(artist, lines.Line2D):
        path = artist.get_transform().transform_path(artist.get_path())
        if artist.get_linestyle() != "None":
            return bool(path.intersects_bbox(box, filled=False))
        return any(box.contains(x, y) for x, y in path.vertices)
    collections: Any = optional("matplotlib.collections", "figures")
    if isinstance(artist, collections.PolyCollection):
        transform = artist.get_transform()
        return any(transform.transform_path(path).intersects_bbox(box, filled=True) for path in artist.get_paths())
    extent = cast("BboxBase", artist.get_window_extent())
    return bool(extent.width >= 0 and extent.overlaps(box))
