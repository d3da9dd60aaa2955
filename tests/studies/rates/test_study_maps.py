"""Maps, panels, landscapes with brackets and figures of laws: the drawn cells and lines are what is proved or known."""

import math
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.errors import InputError
from efpep.report.figure_style import SIZES, style
from efpep.studies.rates.figures.cells import BEST, LIMIT, Cells
from efpep.studies.rates.figures.draw import draw
from efpep.studies.rates.figures.quantities import label_of
from efpep.studies.rates.figures.spec import Spec
from efpep.studies.rates.run import RATE_STUDIES, table

HEAD = 'title = "Figure"\nmethods = {methods}\n[grid]\n{grid}\n[figure]\nkind = "curves"\n{more}'
STEPS = ["1/10", "3/10", "1/2", "7/10", "9/10", "6/5"]
DELTAS = ["1/4", "1/2", "3/4"]


def made(folder, methods, grid, more=""):
    path = folder / "study.toml"
    path.write_text(HEAD.format(methods=methods, grid=grid, more=more), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """CGD and EF21 with one agent over step sizes and deltas, kappa = 4."""
    steps, deltas = (str(values).replace("'", '"') for values in (STEPS, DELTAS))
    text = f"agents = 1\nkappa = 4\nL = 1\ndelta = {deltas}\nstep_size = {steps}"
    return table(made(tmp_path_factory.mktemp("map"), '["cgd", "ef21"]', text))


@pytest.fixture(scope="module")
def kinds(tmp_path_factory):
    """EF21 with two agents whose smoothness constants move apart."""
    groups = "[[groups]]\ncount = 1\nL = 1\n[[groups]]\ncount = 1\n"
    return table(made(tmp_path_factory.mktemp("laws"), '["ef21"]', 'mu = "1/2"\nL = [1, 4, 16]\ndelta = ["1/4", "3/4"]', groups))


def drawn(rows, **spec):
    with style():
        return draw(rows, Spec(**spec))


def only(rows, method):
    return efpep.studies.rates.table.Table(
        rows.title, rows.metric, rows.digits, tuple(row for row in rows.rows if row.method == method)
    )


def limit(method, delta, kappa=4):
    """Return the stability limit for L = 1: 2506.05271."""
    s = math.sqrt(1 - delta)
    return 2 / (1 + s) if method == "CGD" else 2 * (1 - s) / (1 + s)


def line_of(axes, label):
    return next(line for line in axes.lines if line.get_label() == label)


def test_a_stability_map_is_cells_with_the_closed_form_on_top(grid):
    drawing = drawn(grid, kind="stability")
    assert [axes.get_title() for axes in drawing.figure.axes] == ["CGD", "EF21"]
    left, right = drawing.figure.axes
    assert (left.get_xlim(), left.get_ylim()) == (right.get_xlim(), right.get_ylim())
    for axes, method in ((left, "CGD"), (right, "EF21")):
        (mesh,) = axes.collections
        verdicts = mesh.get_array().reshape(len(DELTAS), len(STEPS))
        for i, delta in enumerate(DELTAS):
            for j, step in enumerate(STEPS):  # 0 is the first colour, converges; 1 is the second, cycles
                assert verdicts[i, j] == (0 if Fraction(step) < limit(method, Fraction(delta)) else 1)
        corners = mesh.get_coordinates()
        assert corners.shape == (len(DELTAS) + 1, len(STEPS) + 1, 2)
        for j, step in enumerate(STEPS):  # every point of the grid is in its cell
            assert corners[0, j, 0] < Fraction(step) < corners[0, j + 1, 0]
        curve = line_of(axes, LIMIT)
        assert curve.get_zorder() > mesh.get_zorder()
        assert len(curve.get_xdata()) > 100
        assert curve.get_xdata() == pytest.approx([limit(method, delta) for delta in curve.get_ydata()], abs=1e-9)
        assert (axes.get_xlim()[0], axes.get_ylim()[1]) == pytest.approx((corners[0, 0, 0], corners[-1, 0, 1]))
    assert [float(cell) for cell in drawing.columns["stability_limit"]] == pytest.approx(
        [limit(method, Fraction(delta)) for method in ("CGD", "EF21") for delta in DELTAS for _ in STEPS]
    )
    (legend,) = drawing.figure.legends
    drawing.figure.draw_without_rendering()
    assert not any(axes.get_window_extent().overlaps(legend.get_window_extent()) for axes in (left, right))
    assert {"converges (proved)", "cycles (proved)", LIMIT} == {text.get_text() for text in legend.get_texts()}


def test_a_map_of_rates_has_the_proved_numbers_as_colours(grid):
    rows = only(grid, "EF21")
    drawing = drawn(rows, kind="map")
    axes, bar = drawing.figure.axes
    rates, refuted = axes.collections
    values = rates.get_array().reshape(len(DELTAS), len(STEPS))
    beyond = np.ma.getmaskarray(refuted.get_array()).reshape(values.shape)
    for i, delta in enumerate(DELTAS):
        for j, step in enumerate(STEPS):
            row = next(row for row in rows.rows if (row.delta, row.step_size) == (Fraction(delta), Fraction(step)))
            assert (values[i, j] is np.ma.masked) == (row.upper is None)
            assert beyond[i, j] == (row.verdict is not efpep.Verdict.REFUTED)
            if row.upper is not None:
                assert values[i, j] == float(row.upper)
                s, eta = math.sqrt(1 - Fraction(delta)), Fraction(step)
                theta = max(1 - s - (1 + s) * eta / 4, (1 + s) * eta - (1 - s))  # the theorem about every stable step size
                assert values[i, j] == pytest.approx(((theta + math.sqrt(theta**2 + 4 * s)) / 2) ** 2, abs=1e-6)
    best = line_of(axes, BEST)
    s = np.sqrt(1 - np.array(best.get_ydata()))
    assert best.get_xdata() == pytest.approx(2 / 1.25 * (1 - s) / (1 + s), abs=1e-9)
    assert "proved to within" in bar.get_ylabel()
    other = drawn(rows, kind="map", color="complexity", y="epsilon")
    low, high = (np.array(other.columns[f"complexity_{end}"]) for end in ("lower", "upper"))
    proved = np.isfinite(high)
    assert (low[proved] <= high[proved]).all()
    assert other.figure.axes[0].collections[0].get_array().max() == pytest.approx(high[proved].max())


def test_panels_show_one_value_each_and_share_their_axes(grid):
    drawing = drawn(grid, kind="landscape", panels=("delta",), series=("method",))
    panels = drawing.figure.axes
    assert [axes.get_title() for axes in panels] == [r"$\delta$ = 0.25", r"$\delta$ = 0.5", r"$\delta$ = 0.75"]
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in panels}) == 1
    for axes, delta in zip(panels, DELTAS, strict=True):
        curve = axes.lines[0]
        assert (curve.get_label(), list(curve.get_xdata())) == ("CGD", [float(Fraction(step)) for step in STEPS])
        shown = [row.upper for row in grid.rows if (row.method, row.delta) == ("CGD", Fraction(delta))]
        assert list(curve.get_ydata()) == pytest.approx([math.nan if a is None else float(a) for a in shown], nan_ok=True)
        assert [line.get_color() for line in axes.lines if line.get_label() == "EF21"] == [
            line.get_color() for line in panels[0].lines if line.get_label() == "EF21"
        ]
    assert drawing.columns["panel"][:2] == ["delta = 0.25", "delta = 0.25"]
    assert [axes.get_ylabel() == "" for axes in panels] == [False, True, True]


def test_the_bracket_of_the_best_step_size_is_shown(grid):
    rows = only(grid, "EF21")
    one = efpep.studies.rates.table.Table("one", rows.metric, 6, tuple(row for row in rows.rows if row.delta == Fraction(3, 4)))
    drawing = drawn(one, kind="landscape", bracket=True)
    (axes,) = drawing.figure.axes
    low, high = float(drawing.columns["bracket_lower"][0]), float(drawing.columns["bracket_upper"][0])
    optimal = 2 / 1.25 * (1 - 0.5) / (1 + 0.5)  # 2506.05271, delta = 3/4, mu = 1/4, L = 1
    assert low < optimal < high < low * 1.01
    (band,) = axes.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((low, high))
    star = next(line for line in axes.lines if line.get_marker() == "*")
    assert low <= star.get_xdata()[0] <= high


@pytest.mark.parametrize("log", [(), ("y",)])
def test_cells_end_where_their_quantities_do(log):
    """Half way between the points; contraction parameters are between 0 and 1, and no step size is negative."""
    lone = Cells([0.25], [0.5], [[None]], (math.inf, 1.0)).edges(log)
    assert lone == ([0.0, 0.75], [0.5 / math.e**0.5, pytest.approx(0.5 * math.e**0.5)] if log else [0.0, 1.0])
    across, upwards = Cells([0.0, 1.0, 3.0], [0.3, 0.9], [[None] * 3] * 2, (math.inf, 1.0)).edges(log)
    assert across == [0.0, 0.5, 2.0, 4.0]
    assert upwards == pytest.approx([0.3 / 3**0.5, 0.27**0.5, 1.0] if log else [0.0, 0.6, 1.0])


def test_marks_of_several_lines_in_one_place_are_all_seen(tmp_path):
    """By the optimal step size all stability limits are (L + mu)/L, and beyond them nothing contracts (2506.05271)."""
    steps = 'kappa = 4\nL = 1\ndelta = ["1/2", "3/4"]\nstep_size_factor = [1, "3/2"]'
    (axes,) = drawn(table(made(tmp_path, '["ef21"]', steps)), kind="landscape").figure.axes
    crosses = [line for line in axes.lines if line.get_marker() == "x" and list(line.get_xdata()) == [1.5]]
    assert [cross.get_markersize() for cross in crosses] == sorted({cross.get_markersize() for cross in crosses}, reverse=True)
    assert len(crosses) == 2
    limits = [line for line in axes.lines if list(line.get_xdata()) == [1.25, 1.25]]
    assert len({line.get_color() for line in limits}) == 2
    (first, (on, off)), (second, pattern) = (line._unscaled_dash_pattern for line in limits)
    assert (first, pattern) == (0, (on, off))
    assert on < second < off


def test_labels_leave_out_what_a_method_does_not_have():
    names = ("method", "delta", "agents", "step")
    assert label_of(names, ("GD", None, 3, Fraction(1, 2))) == "GD, agents = 3, step = 0.5"
    assert label_of(names, ("EF21", Fraction(1, 2), None, None)) == "EF21, delta = 0.5, agents = any, step = tuned"


def test_laws_are_closed_forms_beside_what_is_proved(kinds):
    drawing = drawn(kinds, kind="laws", x="spread", panels=("delta",), log=("x",))
    for axes, delta in zip(drawing.figure.axes, (0.25, 0.75), strict=True):
        hull, law, linear, proved = axes.lines
        assert list(hull.get_xdata()) == list(proved.get_xdata()) == [1, 4, 16]
        s = math.sqrt(1 - delta)
        for x, one, common in zip(hull.get_xdata(), hull.get_ydata(), linear.get_ydata(), strict=True):
            for rate, mu, smooth in ((one, 0.5, x), (common, 0.5, (1 + x) / 2)):  # 2506.05271, at eta* of these constants
                beta = ((1 - s) * (c := (smooth - mu) / (smooth + mu)) + math.sqrt((1 - s) ** 2 * c**2 + 4 * s)) / 2
                assert rate == pytest.approx(beta**2, abs=1e-9)
        assert (np.array(hull.get_ydata()) >= np.array(law.get_ydata()) - 1e-9).all()
        # the best Lyapunov function is at least as good as the law's, and no instance beats the linear compressor's rate
        assert (np.array(proved.get_ydata()) <= np.array(law.get_ydata()) + 1e-7).all()
        assert law.get_ydata()[0] == pytest.approx(hull.get_ydata()[0], abs=1e-9)


@pytest.fixture(scope="module")
def optimal(tmp_path_factory):
    """CGD and EF21 with one agent, each at its optimal step size, over kappa and delta."""
    kappas, deltas = "[2, 5, 15, 50, 150, 500]", '["1/12", "3/12", "5/12", "7/12", "9/12", "11/12"]'
    text = f'agents = 1\nkappa = {kappas}\nL = 1\ndelta = {deltas}\nstep_size = "optimal"'
    return table(made(tmp_path_factory.mktemp("contours"), '["cgd", "ef21"]', text))


def best_rate(method, kappa, delta):
    """Return the rate at the optimal step size in closed form: 2506.05271."""
    s, c = math.sqrt(1 - delta), (kappa - 1) / (kappa + 1)
    if method == "CGD":
        return ((c + s) / (1 + c * s)) ** 2
    return (((1 - s) * c + math.sqrt((1 - s) ** 2 * c**2 + 4 * s)) / 2) ** 2


def test_contours_are_where_the_rate_has_their_level(optimal):
    drawing = drawn(optimal, kind="contours", log=("x",), color="gap")
    *panels, bar = drawing.figure.axes
    assert [axes.get_title() for axes in panels] == ["CGD", "EF21"]
    filled, lines = zip(*(axes.collections for axes in panels), strict=True)
    assert list(filled[0].levels) == list(filled[1].levels) == list(lines[0].levels)
    assert all(axes.get_xscale() == "log" for axes in panels)
    gaps = [1 - best_rate(method, kappa, k / 12) for method in ("CGD", "EF21") for kappa in (2, 500) for k in (1, 11)]
    assert filled[0].levels[0] <= min(gaps)
    assert filled[0].levels[-1] >= max(gaps)
    for axes, drawn_lines in zip(panels, lines, strict=True):
        seen = 0
        for level, path in zip(drawn_lines.levels, drawn_lines.get_paths(), strict=True):
            for kappa, delta in path.vertices:  # between the points of this coarse grid contours are interpolated
                assert 1 - best_rate(axes.get_title(), kappa, delta) == pytest.approx(level, rel=0.35)
                seen += 1
        assert seen > 20
    for name, kappa, delta, upper in zip(*(drawing.columns[key] for key in ("series", "kappa", "delta", "upper")), strict=True):
        assert float(Fraction(upper)) == pytest.approx(best_rate(name, float(kappa), Fraction(delta)), abs=1e-9)
    assert "proved to within" in bar.get_ylabel()
    assert drawing.left_out == 0
    assert [len(panel.collections) for panel in drawn(optimal, kind="contours").figure.axes[:2]] == [2, 2]


def test_contours_have_their_levels_in_common_and_show_what_is_asked(grid, optimal):
    with pytest.raises(InputError, match="two values at least") as error:
        drawn(grid, kind="contours")
    assert one_sentence(error.value)
    drawing = drawn(only(optimal, "EF21"), kind="contours", x="epsilon", y="kappa", color="complexity")
    axes, _ = drawing.figure.axes
    assert (axes.get_xlim(), axes.get_ylim()) == (pytest.approx((1 / 12, 11 / 12)), (2, 500))
    part = drawn(grid, kind="contours", x="step_size", color="rate", panels=("method",))
    undecided = [row for row in grid.rows if row.verdict is not efpep.Verdict.PROVED]
    assert part.left_out == len(undecided) > 0


WRONG = {
    "one quantity twice": {"kind": "map", "x": "delta", "y": "epsilon"},
    "lines of a map": {"kind": "map", "series": ("delta",)},
    "something on no axis": {"kind": "map", "panels": ()},
    "bracket without step sizes": {"kind": "map", "x": "kappa", "bracket": True},
    "bracket of contours": {"kind": "contours", "x": "step_size", "bracket": True},
    "an unknown panel": {"kind": "curves", "panels": ("noise",)},
    "laws of CGD": {"kind": "laws"},
    "panels of roots": {"kind": "roots", "panels": ("delta",)},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_fit_is_one_sentence(grid, wrong):
    with pytest.raises(InputError) as error:
        drawn(grid, **WRONG[wrong])
    assert one_sentence(error.value)


def test_options_take_the_place_of_the_file(tmp_path, capsys):
    path = made(tmp_path, '["ef"]', 'kappa = 2\nL = 1\ndelta = ["1/4", "3/4"]', 'size = "ieee"\n')
    study = RATE_STUDIES.load(path)
    changed = study.declared(path, {"kind": "ratio", "size": "slide", "dark": True, "log": ["y"], "panels": None})
    assert (changed.kind, changed.size, changed.dark, changed.log) == ("ratio", "slide", True, ("y",))
    assert study.declared(path) == Spec(size="ieee")
    store = ["--store", str(tmp_path / "s.sqlite"), "--jobs", "1"]
    assert main(["figure", str(path), "-o", str(tmp_path / "a"), *store, "--size", "slide", "--dark", "-y", "gap"]) == 0
    capsys.readouterr()
    assert f'width="{SIZES["slide"] * 72:g}pt"' in (tmp_path / "a.svg").read_text()
    assert "gap_upper" in (tmp_path / "a.csv").read_text()
    written = efpep.figure(path, tmp_path / "b", store=tmp_path / "s.sqlite", jobs=1, size="slide", dark=True, y="gap")
    assert written.files[2].read_bytes() == (tmp_path / "a.svg").read_bytes()
    for wrong in (["--size", "poster"], ["--panels", "noise"], ["--kind", "pie"], ["-x", "noise"], ["--ratio", "wide"]):
        assert main(["figure", str(path), "-o", str(tmp_path / "c"), *store, *wrong]) == 2
        assert one_sentence(capsys.readouterr().err.strip().removeprefix("efpep: error: "))


def test_a_parameter_of_a_method_can_be_an_axis(tmp_path):
    methods = '[{ class = "ef21-hb", beta = "1/10" }, { class = "ef21-hb", beta = "3/10" }]'
    path = made(tmp_path, methods, 'kappa = 4\nL = 1\ndelta = "3/4"\nstep_size = ["1/5", "2/5"]')
    rows = table(path)
    drawing = drawn(rows, kind="map", y="beta")
    values = drawing.figure.axes[0].collections[0].get_array().reshape(2, 2)
    assert values.filled(0).ravel().tolist() == [float(row.upper) for row in rows.rows]
    drawing = drawn(rows, kind="curves", x="step_size")
    assert [line.get_label() for line in drawing.figure.axes[0].lines] == ["beta = 0.1", "beta = 0.3"]


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("size", ["slide", "slide-half", "icml", "neurips"])
def test_no_label_is_cut_off(size, grid):
    """The labels of low panels are longer than these are high, unless they grow."""
    for spec in ({"kind": "curves", "x": "step_size", "y": "complexity", "panels": ("delta",)}, {"kind": "map"}):
        with style(size):
            figure = draw(grid, Spec(**spec, size=size)).figure
            figure.draw_without_rendering()
            for axes in figure.axes:
                box = axes.yaxis.label.get_window_extent()
                assert figure.bbox.y0 <= box.y0 + 1
                assert box.y1 <= figure.bbox.y1 + 1
