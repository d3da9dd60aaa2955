"""Landscapes: proved rates against the step size, the end of contraction, files."""

import csv
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.questions.base import Verdict
from efpep.theory.error_feedback import stability_limit


@pytest.fixture(scope="module")
def drawn():
    return efpep.landscape(efpep.EF21(), uniform(10, "1/2", 2), points=8)


def test_the_end_of_contraction_encloses_the_closed_form(drawn):
    limit = stability_limit(drawn.setting).value
    assert drawn.limit.stable < limit < drawn.limit.unstable
    assert drawn.limit.unstable <= drawn.limit.stable * Fraction(1002, 1000)


def test_both_ends_are_proved_at_every_step_size(drawn):
    steps = [rate.method.step_size for rate in drawn.rates]
    assert steps == sorted(set(steps))
    assert len(steps) >= 8
    for rate in drawn.rates:
        expected = Verdict.PROVED if rate.method.step_size <= drawn.limit.stable else Verdict.REFUTED
        assert rate.verdict is expected
        assert rate.certificate.check()
    best = min(drawn.rates, key=lambda rate: 1 if rate.upper is None else rate.upper)
    assert float(best.method.step_size) == pytest.approx(float(drawn.literature.value), rel=1e-5)


def test_given_step_sizes_are_read_exactly():
    found = efpep.landscape(efpep.CGD(), uniform(2, "1/2"), steps=["1/3", 0.5, "1/3"])
    assert [rate.method.step_size for rate in found.rates] == [Fraction(1, 3), Fraction(1, 2)]


def test_a_method_without_a_closed_form_is_searched():
    method = efpep.EF21Momentum(theta="9/10")
    found = efpep.landscape(method, uniform(2, "1/2"), points=2)
    assert found.literature is None
    assert found.limit.stable is not None
    assert found.method.theta == Fraction(9, 10)


def test_no_contraction_anywhere():
    found = efpep.landscape(efpep.CGD(), uniform(10, "1/2", 2), steps=["1/2"])
    assert found.limit.stable is None
    assert found.rates[0].upper is None


def test_files(drawn, tmp_path):
    path = drawn.to_csv(tmp_path / "rates.csv")
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(drawn.rates)
    for line, rate in zip(lines, drawn.rates, strict=True):
        assert Fraction(line["step_size"]) == rate.method.step_size
        if rate.lower is not None and rate.upper is not None:
            assert Fraction(line["lower"]) <= rate.lower <= rate.upper <= Fraction(line["upper"])
    written = drawn.save(tmp_path / "figure.pdf", size="icml")
    assert [p.suffix for p in written] == [".pdf", ".png", ".svg", ".csv"]
    assert written[0].read_bytes().startswith(b"%PDF")
    assert written[1].read_bytes().startswith(b"\x89PNG")
    axes = drawn.plot().axes[0]
    assert {text.get_text() for text in axes.get_legend().get_texts()} >= {"upper end", "lower end", "stability limit"}


@pytest.mark.parametrize("options", [{"points": 1}, {"points": "many"}, {"steps": []}, {"steps": [-1]}, {"steps": ["x"]}])
def test_bad_options_are_one_sentence(options):
    with pytest.raises(efpep.InputError) as error:
        efpep.landscape(efpep.EF21(), uniform(2, "1/2"), **options)
    assert one_sentence(error.value)
    with pytest.raises(efpep.InputError) as error:
        efpep.landscape(efpep.EF21, uniform(2, "1/2"))
    assert one_sentence(error.value)


def test_bad_paths_are_one_sentence(drawn, tmp_path):
    for write, path in ((drawn.to_csv, tmp_path), (drawn.save, tmp_path / "figure.eps")):
        with pytest.raises(efpep.InputError) as error:
            write(path)
        assert one_sentence(error.value)


@pytest.mark.slow
def test_command_line(tmp_path, capsys):
    words = ["tune", "ef21", "--mu", "0.5", "--L", "1", "--delta", "1/2"]
    assert main([*words, "--landscape", str(tmp_path / "rates.csv"), "--json"]) == 0
    assert (tmp_path / "rates.csv").read_text(encoding="utf-8").startswith("step_size,lower,upper,verdict\n")
    assert not (tmp_path / "rates.pdf").exists()
    assert capsys.readouterr().out.count("\n") == 1
    assert main([*words, "--landscape", str(tmp_path / "rates.eps")]) == 2
    assert one_sentence(capsys.readouterr().err.strip().removeprefix("efpep: error: "))
