"""Theorems in LaTeX: they compile, line for line, and say every square and multiplier."""

import re
import shutil
import subprocess

import pytest

import efpep
from efpep.theorems.catalogue import THEOREMS
from efpep.theorems.latex import document
from efpep.theorems.search import search

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
NAMES = [f"{theorem.key}-{k}" for k, theorem in enumerate(THEOREMS)]


def compiled(text, directory):
    (directory / "theorem.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "theorem.tex"]
    done = subprocess.run(command, cwd=directory, capture_output=True, timeout=300, check=False)
    log = (directory / "theorem.log").read_text(encoding="utf-8", errors="replace")
    return done.returncode, re.findall(r"^!.*|^Overfull.*|^LaTeX Warning: (?!Label).*", log, re.MULTILINE)


@pytest.mark.parametrize("theorem", THEOREMS, ids=NAMES)
def test_braces_and_brackets_match(theorem):
    text = theorem.latex()
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert sorted(re.findall(r"\\begin\{(\w+\*?)\}", text)) == sorted(re.findall(r"\\end\{(\w+\*?)\}", text))


@needs_latex
def test_every_theorem_compiles(tmp_path):
    assert compiled(document([theorem.latex() for theorem in THEOREMS]), tmp_path) == (0, [])


@needs_latex
@pytest.mark.parametrize("theorem", THEOREMS, ids=NAMES)
def test_each_theorem_compiles_alone(theorem, tmp_path):
    assert compiled(document([theorem.latex()]), tmp_path) == (0, [])


@needs_latex
def test_what_is_found_compiles(tmp_path):
    status, said = compiled(document([search(method).latex() for method in (efpep.EF(), efpep.EF21(), efpep.CGD())]), tmp_path)
    assert (status, [line for line in said if not line.startswith("Overfull")]) == (0, [])
