"""Legends stand where nothing is drawn, tested on the pixels of what is drawn."""

import itertools

import numpy as np
import pytest

from efpep.report.figure_style import DARK_PALETTE, SIZES, SOURCES, colour, grey, new_figure, style
from efpep.report.legend import add_legend


def points_under(legend, axes):
    """Return how many points of the lines, sampled densely, the legend's box covers."""
    box = legend.get_window_extent()
    count = 0
    for line in axes.lines:
        corners = line.get_transform().transform(line.get_xydata())
        steps = np.linspace(0, 1, 500)[:, None]
        for a, b in itertools.pairwise(corners):
            count += int(sum(box.contains(x, y) for x, y in a + steps * (b - a)))
    return count


CURVES = {
    "falling": lambda x: 1 - x,
    "rising": lambda x: x,
    "a valley": lambda x: (2 * x - 1) ** 2,
    "a hill": lambda x: 1 - (2 * x - 1) ** 2,
    "a wave": lambda x: np.sin(40 * x),
}


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("size", ["icml", "neurips", "slide"])
@pytest.mark.parametrize("shape", CURVES)
def test_no_legend_covers_a_line(shape, size):
    with style(size):
        figure, (axes,) = new_figure(size)
        x = np.linspace(0, 1, 200)
        axes.plot(x, CURVES[shape](x), label="a curve with a name of some length")
        axes.plot(x, 0.5 * CURVES[shape](x), label="another one")
        legend = add_legend(figure, [axes])
        figure.draw_without_rendering()
        assert points_under(legend, axes) == 0
        box = legend.get_window_extent()
        assert box.x0 >= 0
        assert box.x1 <= figure.bbox.x1 + 1
        inside = axes.get_legend() is legend
        assert inside == ((shape, size) != ("a hill", "icml") and shape != "a wave")  # a hill leaves too little room in a column
        if not inside:  # it is below, and the panel keeps its height
            assert box.y1 <= axes.get_window_extent().y0
            assert figure.get_size_inches()[1] > 0.62 * SIZES[size]


def test_an_area_is_data_and_every_label_stands_once():
    with style():
        figure, (left, right) = new_figure("neurips", panels=2)
        for axes in (left, right):
            axes.fill_between([0, 1], [0, 0], [1, 1])
            axes.plot([0, 1], [0, 1], label="rate")
        legend = add_legend(figure, [left, right])
        figure.draw_without_rendering()
        assert [text.get_text() for text in legend.get_texts()] == ["rate"]
        assert not any(axes.get_window_extent().overlaps(legend.get_window_extent()) for axes in (left, right))
        figure, (axes,) = new_figure("neurips")
        axes.fill_between([0, 1], [0, 0], [1, 1], label="all of it")
        axes.set(xlim=(0, 1), ylim=(0, 1))
        assert add_legend(figure, [axes]) is not axes.get_legend()
        assert add_legend(*new_figure()) is None


def test_panels_share_their_axes_and_stand_in_rows():
    with style():
        figure, axes = new_figure("icml", panels=5, share=True)
        axes[0].plot([0, 3], [0, 7])
        assert len(figure.axes) == 5
        assert all(panel.get_xlim() == axes[0].get_xlim() and panel.get_ylim() == axes[0].get_ylim() for panel in axes)
        figure.draw_without_rendering()
        rows = {round(panel.get_window_extent().y0) for panel in axes}
        assert len(rows) == 3
        assert figure.get_size_inches()[0] == SIZES["icml"]


def test_every_size_says_where_it_is_from():
    assert set(SOURCES) == set(SIZES)


def luminance(rgb):
    """Return the relative luminance of WCAG 2.1."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_colours_on_a_dark_ground_have_the_contrast_of_graphics():
    from matplotlib.colors import to_rgb

    with style(dark=True):
        figure, (axes,) = new_figure()
        axes.plot([0, 1], [0, 1])
        ground = luminance(to_rgb(figure.get_facecolor()))
        assert ground < 0.02
        assert axes.lines[0].get_color() == DARK_PALETTE[0]
        for ink in [*(colour(k) for k in range(7)), grey(1), axes.spines["left"].get_edgecolor()[:3]]:
            assert (luminance(to_rgb(ink)) + 0.05) / (ground + 0.05) >= 3  # WCAG 2.1, 1.4.11
        assert tuple(colour(k) for k in range(7)) == DARK_PALETTE
