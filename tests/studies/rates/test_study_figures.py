"""Figures of study files: what they show is what is proved, and wrong declarations are one sentence."""

import csv
import json
import math
from fractions import Fraction
from pathlib import Path

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.errors import InputError
from efpep.report.figure_style import PALETTE, style
from efpep.studies.engine.points import points
from efpep.studies.engine.workers import Serial
from efpep.studies.rates.figures.draw import KINDS, draw
from efpep.studies.rates.figures.spec import Spec
from efpep.studies.rates.run import RATE_STUDIES, answers, table

PROBLEMS = Path(__file__).parents[3] / "problems"
HEAD = 'title = "Figure"\nmethods = {methods}\n[grid]\nL = 1\n{grid}\n[figure]\n{figure}\n'


@pytest.fixture
def study(tmp_path):
    def write(methods, grid, figure, more=""):
        path = tmp_path / "study.toml"
        path.write_text(HEAD.format(methods=methods, grid=grid, figure=figure) + more, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def rates(tmp_path_factory):
    """A table of rates of CGD and EF with one agent."""
    path = tmp_path_factory.mktemp("rates") / "study.toml"
    path.write_text(HEAD.format(methods='["cgd", "ef"]', grid='kappa = [2, 3]\ndelta = ["1/4", "3/4"]', figure='kind = "curves"'))
    return table(path)


def drawn(rows, **spec):
    with style():
        return draw(rows, Spec(**spec))


def read(path):
    return list(csv.DictReader(Path(path).read_text().splitlines()))


def closed_form(method, kappa, delta):
    return float(method.literature.rate(method(), uniform(kappa, 1 - Fraction(delta))).value)


def test_curves_are_the_theorems(rates):
    drawing = drawn(rates, kind="curves", size="icml")
    (axes,) = drawing.figure.axes
    labels = [line.get_label() for line in axes.lines]
    assert labels == [f"{m}, $\\kappa$ = {k}" for m in ("CGD", "EF") for k in (2, 3)]
    for line, (method, kappa) in zip(axes.lines, [(m, k) for m in (efpep.CGD, efpep.EF) for k in (2, 3)], strict=True):
        assert list(line.get_xdata()) == [0.25, 0.75]
        assert line.get_ydata() == pytest.approx([closed_form(method, kappa, d) for d in ("1/4", "3/4")], abs=2e-8)
    assert [line.get_color() for line in axes.lines] == list(PALETTE[:4])
    assert drawing.left_out == 0
    assert axes.get_legend() is not None
    for k, place in enumerate(drawing.columns["delta"]):
        assert (Fraction(drawing.columns["upper"][k]), Fraction(place)) == (rates.rows[k].upper, rates.rows[k].delta)


@pytest.mark.parametrize(
    ("y", "value"), [("gap", lambda r: 1 - r), ("complexity", lambda r: -1 / math.log(r)), ("rate", lambda r: r)]
)
def test_what_is_made_of_rates(rates, y, value):
    drawing = drawn(rates, kind="curves", x="kappa", y=y, log=("x", "y"))
    (axes,) = drawing.figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    line = axes.lines[0]
    assert line.get_label() == r"CGD, $\delta$ = 0.25"
    assert list(line.get_xdata()) == [2, 3]
    assert line.get_ydata() == pytest.approx([value(closed_form(efpep.CGD, k, "1/4")) for k in (2, 3)], rel=1e-6)
    if y != "rate":
        for low, high in zip(drawing.columns[f"{y}_lower"], drawing.columns[f"{y}_upper"], strict=True):
            assert low <= high


def test_ratios_of_complexities(rates):
    drawing = drawn(rates, kind="ratio", x="epsilon")
    (axes,) = drawing.figure.axes
    assert axes.get_ylabel() == "iterations: EF / CGD"
    for line, kappa in zip(axes.lines, (2, 3), strict=False):
        assert list(line.get_xdata()) == [0.25, 0.75]
        expected = [
            math.log(closed_form(efpep.CGD, kappa, d)) / math.log(closed_form(efpep.EF, kappa, d)) for d in ("3/4", "1/4")
        ]
        assert line.get_ydata() == pytest.approx(expected, rel=1e-6)
    other = drawn(rates, kind="ratio", reference="ef")
    for a, b in zip(drawing.columns["ratio_upper"][::-1], other.columns["ratio_lower"], strict=False):
        assert a > 1 > b


def test_landscapes_show_both_ends_and_the_stability_limit(study):
    path = study('["ef21"]', 'kappa = [4]\ndelta = "1/2"\nstep_size_factor = ["1/2", 1, "6/5", "13/10"]', 'kind = "landscape"')
    drawing = drawn(table(path), kind="landscape")
    (axes,) = drawing.figure.axes
    assert drawing.columns["verdict"] == ["proved", "proved", "proved", "refuted"]
    # limit / optimal = (L + mu)/L
    assert [float(limit) for limit in drawing.columns["stability_limit"]] == pytest.approx([1.25] * 4)
    curve, crosses, limit = axes.lines[:3]
    assert list(curve.get_xdata()) == [0.5, 1, 1.2, 1.3]
    assert math.isnan(curve.get_ydata()[3])
    assert min(curve.get_ydata()[:3]) == pytest.approx(closed_form(efpep.EF21, 4, "1/2"), abs=2e-8)
    assert (list(crosses.get_xdata()), list(crosses.get_ydata())) == ([1.3], [1])
    assert limit.get_xdata()[0] == pytest.approx(1.25)
    assert drawing.left_out == 0


def test_the_largest_root_is_the_proved_rate(study):
    groups = "".join(f'[[groups]]\ncount = 1\nmu = "{mu}"\n' for mu in ("1/10", "1/10"))
    path = study('["ef21"]', 'delta = ["1/4", "1/2"]', 'kind = "roots"', groups)
    drawing = drawn(table(path), kind="roots")
    for k, delta in enumerate(("1/4", "1/2")):
        theory = closed_form(efpep.EF21, 10, delta)  # agents of one kind: the cubic is the theorem
        assert drawing.columns["largest_root_real"][k] == pytest.approx(theory, abs=1e-9)
        assert float(Fraction(drawing.columns["upper"][k])) == pytest.approx(theory, abs=2e-8)
        assert drawing.columns["largest_root_imaginary"][k] == 0
    (axes,) = drawing.figure.axes
    assert [line.get_label() for line in axes.lines][:3] == ["smallest root", "middle root", "largest root: the law"]
    # epsilon itself is a root for agents of one kind
    smallest = axes.lines[0]
    assert smallest.get_ydata() == pytest.approx(smallest.get_xdata(), abs=1e-6)


def test_the_command_writes_all_formats(study, tmp_path, capsys):
    path = study('["ef"]', 'kappa = 2\ndelta = ["1/4", "3/4"]', 'kind = "curves"\nsize = "ieee"')
    words = ["figure", str(path), "-o", str(tmp_path / "out" / "figure"), "--store", str(tmp_path / "s.sqlite"), "--jobs", "1"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["points"], found["left_out"]) == (2, 0)
    assert [Path(file).suffix for file in found["files"]] == [".pdf", ".png", ".svg", ".csv"]
    rows = read(found["files"][-1])
    assert [row["delta"] for row in rows] == ["0.25", "0.75"]
    written = efpep.figure(path, tmp_path / "again.pdf", store=tmp_path / "s.sqlite")
    assert [file.name for file in written.files] == ["again.pdf", "again.png", "again.svg", "again.csv"]
    assert written.files[0].read_bytes() == Path(found["files"][0]).read_bytes()


WRONG = {
    "unknown kind": 'kind = "pie"',
    "unknown key": 'kind = "curves"\ncolor = "red"',
    "unknown size": 'kind = "curves"\nsize = "poster"',
    "unknown x": 'kind = "curves"\nx = "noise"',
    "unknown y": 'kind = "curves"\ny = "noise"',
    "unknown series": 'kind = "curves"\nseries = "noise"',
    "no series": 'kind = "curves"\nseries = "method"',
    "unknown axis": 'kind = "curves"\nlog = "z"',
    "impossible shape": 'kind = "curves"\nratio = 0',
    "landscape over delta": 'kind = "landscape"\nx = "delta"',
    "ratio without methods": 'kind = "ratio"',
    "ratio to another method": 'kind = "ratio"\nreference = "cgd"',
    "roots of many agents": 'kind = "roots"',
    "roots over steps": 'kind = "roots"\nx = "kappa"',
}


@pytest.mark.fast_cases(5)
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_declarations_are_one_sentence(study, tmp_path, wrong):
    path = study('["ef"]', 'kappa = [2, 3]\ndelta = "3/4"', WRONG[wrong])
    with pytest.raises(InputError) as error:
        efpep.figure(path, tmp_path / "a", jobs=1)
    assert one_sentence(error.value)
    assert "study.toml" in str(error.value)


def test_a_method_without_x_and_a_study_without_figure(study, tmp_path):
    path = study('["gd", "ef"]', 'kappa = 2\ndelta = "3/4"', 'kind = "curves"')
    with pytest.raises(InputError, match="GD has no value for the x axis") as error:
        efpep.figure(path, tmp_path / "a", jobs=1)
    assert one_sentence(error.value)
    with pytest.raises(InputError, match="declares no figure") as error:
        efpep.figure(PROBLEMS / "single_agent_rates.toml")
    assert one_sentence(error.value)


def test_undecided_points_are_left_out_and_counted(study):
    path = study('["gd"]', "kappa = [2, 1000000]", 'kind = "curves"\nx = "kappa"')
    path.write_text('solver = "scs"\n' + path.read_text())
    drawing = drawn(answers(path, Serial(), None).table(), kind="curves", x="kappa")
    assert drawing.left_out == 1
    assert drawing.columns["verdict"] == ["proved", "undecided"]
    assert drawing.columns["upper"][1] == ""


@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("figure_*.toml")), ids=lambda path: path.stem)
def test_figures_of_the_problems_can_be_drawn(path):
    study = RATE_STUDIES.load(path)
    assert study.figure.kind in KINDS
    assert points(study)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(PROBLEMS.glob("figure_*.toml")), ids=lambda path: path.stem)
def test_figures_of_the_problems(path, tmp_path):
    found = efpep.figure(path, tmp_path / "figure", store=tmp_path / "store.sqlite")
    assert found.left_out in {0, sum(row.verdict is efpep.Verdict.REFUTED for row in found.table.rows)}
    assert not [row for row in found.table.rows if row.verdict is efpep.Verdict.UNDECIDED]
    assert read(found.files[-1])
