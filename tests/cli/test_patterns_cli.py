"""``efpep patterns``: the worst pattern and its proof on the command line."""

import json
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.cli.main import main
from efpep.theory import safe_ef as theory


def test_the_answer_names_the_worst_pattern_and_verifies(capsys, tmp_path):
    file = tmp_path / "patterns.json"
    status = main(["patterns", "safe-ef", "--delta", "0.5", "--T", "3", "--jobs", "1", "--json", "--certificate", str(file)])
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    known = theory.guarantee(theory.transient_constant(3, "1/2"), 3)
    assert status == 0
    assert found["certified"] is True
    assert found["pattern"] == "fff"
    assert Fraction(found["parameters"]["threshold"]) == known.threshold
    assert float(found["value"]["upper"]) == pytest.approx(float(known.threshold), rel=1e-6)
    assert len(found["patterns"]) + len(found["dominated"]) == 2**3 - 1
    assert found["empty"] is False
    verdict = efpep.verify(file)
    assert verdict.accepted is True
    assert verdict.certificate.upper.theta <= Fraction(found["value"]["upper"])


def test_the_text_says_what_became_of_all_patterns(capsys):
    words = ["patterns", "safe-ef", "--delta", "0.5", "--T", "2", "--jobs", "1", "--metric", "gap", "--radius", "2"]
    assert main([*words, "--set", "threshold=3", "--every"]) == 0
    printed = capsys.readouterr().out
    assert "radius = 2" in printed
    assert "of 4" in printed
    assert "bounded: ff" in printed
    assert "impossible: g" in printed
    assert "no output  impossible, proved" in printed


def test_a_threshold_is_kept_and_a_step_size_alone_switches_never(capsys):
    words = ["patterns", "safe-ef", "--delta", "0.5", "--T", "2", "--jobs", "1"]
    assert main([*words, "--set", "threshold=1/10", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert Fraction(found["parameters"]["threshold"]) == Fraction(1, 10)
    assert found["empty"] is True
    assert main([*words, "--step-size", "0.3"]) == 0
    printed = capsys.readouterr().out
    assert "ff, the only one" in printed
    assert "no output" not in printed


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["safe-ef", "--T", "3"], "delta"),
        (["safe-ef", "--delta", "0.5", "--T", "13"], "patterns"),
        (["safe-ef", "--delta", "0.5", "--T", "2", "--metric", "last"], "average, gap, constraint"),
        (["safe-ef", "--delta", "0.5", "--T", "2", "--compressor", "randomized"], "random compressors"),
        (["ef21", "--delta", "0.5", "--T", "2"], "no guarantee"),
        (["primal-dual-ef", "--delta", "0.5", "--T", "2", "--step-size", "1"], "only a run knows"),
    ],
)
def test_bad_questions_are_refused_with_status_two(capsys, more, expected):
    assert main(["patterns", *more, "--jobs", "1"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert expected in printed.err
    assert one_sentence(printed.err.removeprefix("efpep: error: ").strip())
