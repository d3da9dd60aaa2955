"""Files for Coq: coqc accepts them, and refuses them after a number is changed."""

import functools
import re
import shutil
import subprocess

import pytest

from efpep.cli import main
from efpep.errors import InputError
from efpep.theorems.catalogue import THEOREMS
from efpep.theorems.compressed_gradients import CGD
from efpep.theorems.coq import number
from efpep.theorems.error_feedback import EF, EF21
from efpep.theorems.functions import FunctionField

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")


@functools.cache
def written(key):
    return {theorem.key: theorem for theorem in (EF, EF21, CGD)}[key].coq()


def coq(theorem):
    return written(theorem.key)


def accepted(text, directory):
    file = directory / "theorem.v"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run(["coqc", file.name], cwd=directory, capture_output=True, text=True, timeout=300, check=False)
    return done.returncode == 0


def one_case(text, k):
    """Return a file with one of its cases alone."""
    head, case = text[: text.index("Section case1.")], text[text.index(f"Section case{k}.") :]
    return head + case[: case.index(f"End case{k}.")] + f"End case{k}.\n"


def test_numbers_are_terms():
    field = FunctionField("a", "b")
    a, b = field.symbols.values()
    assert number((a + b) ** 2 / (3 * a)) == "((1 / 3) * (a + b)^2) / ((a))"
    assert number(a - 2 * b) == "a + (-2) * b"


def test_nothing_is_assumed_but_signs():
    for theorem in (EF, EF21, CGD):
        text = coq(theorem)
        assert not re.search(r"Admitted|Axiom|admit", text)
        assert {line.split()[1].strip("0123456789") for line in text.splitlines() if line.startswith("Hypothesis")} == {
            *(f"P{c.name}" for case in theorem.cases for c in case.coordinates),
            "values",
            "S",
        }


@pytest.mark.parametrize("theorem", [EF, EF21, CGD], ids=lambda theorem: theorem.key)
def test_every_case_has_its_worst_case(theorem):
    text = coq(theorem)
    for k in range(1, 9):
        for what in ("Theorem case{}_decrease", "Theorem case{}_attained", "Lemma case{}_admissible"):
            assert text.count(what.format(k) + " ") == 1


def test_other_theorems_have_no_file():
    for theorem in THEOREMS[3:]:
        with pytest.raises(InputError, match="no file for Coq"):
            theorem.coq()


@needs_coq
def test_coq_accepts_a_case_and_refuses_other_multipliers(tmp_path):
    text = one_case(coq(CGD), 5)
    assert accepted(text, tmp_path)
    changed = text.replace("Definition case5_m0 := ", "Definition case5_m0 := 101 / 100 * ", 1)
    assert changed != text
    assert not accepted(changed, tmp_path)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("theorem", [EF, EF21, CGD], ids=lambda theorem: theorem.key)
def test_coq_accepts_every_case(theorem, tmp_path):
    assert accepted(coq(theorem), tmp_path)


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("name", ["rate", "m0", "m2", "c0", "c1", "mu", "factor", "multiple", "start_d"])
def test_coq_refuses_other_numbers(name, tmp_path):
    text = one_case(coq(EF21), 1)
    changed = text.replace(f"Definition case1_{name} := ", f"Definition case1_{name} := 99 / 100 * ", 1)
    assert changed != text
    assert not accepted(changed, tmp_path)


def test_the_command_writes_it(tmp_path, capsys):
    assert main(["prove", "cgd", "--coq", str(tmp_path / "cgd.v")]) == 0
    assert (tmp_path / "cgd.v").read_text(encoding="utf-8") == coq(CGD)
    assert main(["prove", "econtrol", "--coq", str(tmp_path / "e.v")]) == 2
    assert "no file for Coq" in capsys.readouterr().err
