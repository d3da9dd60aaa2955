"""Figures: sizes, files and numbers."""

import csv
import subprocess
import sys

import pytest
from support import one_sentence

from efpep.errors import InputError
from efpep.report.figure_style import PALETTE, SIZES, new_figure, save, style


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("size", SIZES)
def test_files_have_the_size_of_the_column(tmp_path, size):
    with style():
        figure, (axes,) = new_figure(size)
        axes.plot([0, 1], [0, 1])
        assert axes.lines[0].get_color() == PALETTE[0]
        pdf, png, svg, table = save(figure, tmp_path / f"a_0.5_{size}.pdf", {"x": [0, 1], "y": [0, 1]})
    content = pdf.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/Type3" not in content  # fonttype 42: submission systems refuse Type 3 fonts
    assert f"/MediaBox [ 0 0 {SIZES[size] * 72:g}".encode() in content
    assert f'width="{SIZES[size] * 72:g}pt"'.encode() in svg.read_bytes()
    header = png.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    assert int.from_bytes(header[16:20], "big") == round(SIZES[size] * 300)
    assert list(csv.reader(table.read_text().splitlines())) == [["x", "y"], ["0", "0"], ["1", "1"]]


def test_panels_share_the_width():
    with style():
        figure, axes = new_figure("neurips", panels=2)
    assert len(axes) == 2
    assert figure.get_size_inches()[0] == SIZES["neurips"]


def test_wrong_sizes_and_paths(tmp_path):
    with style():
        figure, _ = new_figure()
        for call in (
            lambda: new_figure("poster"),
            lambda: save(figure, tmp_path / "a.eps", {}),
            lambda: save(figure, tmp_path / "file" / "a.pdf", {}),
        ):
            (tmp_path / "file").write_text("")
            with pytest.raises(InputError) as error:
                call()
            assert one_sentence(error.value)


def test_no_display_and_no_pyplot_are_needed(tmp_path):
    code = (
        "import sys\n"
        "from efpep.report.figure_style import new_figure, save, style\n"
        "with style():\n"
        "    figure, (axes,) = new_figure()\n"
        "    axes.plot([0, 1], [0, 1])\n"
        f"    save(figure, {str(tmp_path / 'a')!r}, {{'x': [0, 1]}})\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env={}, timeout=60)
    assert {path.name for path in tmp_path.iterdir()} == {"a.pdf", "a.png", "a.svg", "a.csv"}
