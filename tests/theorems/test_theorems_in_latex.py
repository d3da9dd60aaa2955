"""Theorems in LaTeX: they compile, line for line, and say every square and multiplier."""

import re

import pytest
from support.typesetting import compiled, needs_latex

import efpep
from efpep.theorems.catalogue import THEOREMS
from efpep.theorems.latex import document
from efpep.theorems.search import search

NAMES = [f"{theorem.key}-{k}" for k, theorem in enumerate(THEOREMS)]


def complaints(text, directory):
    """Compile a document, and return the boxes that stick out, by however little, and LaTeX's warnings."""
    said = compiled(text, directory, wide=True)
    return re.findall(r"^Overfull.*|^LaTeX Warning: (?!Label).*", said, re.MULTILINE)


@pytest.mark.parametrize("theorem", THEOREMS, ids=NAMES)
def test_braces_and_brackets_match(theorem):
    text = theorem.latex()
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert sorted(re.findall(r"\\begin\{(\w+\*?)\}", text)) == sorted(re.findall(r"\\end\{(\w+\*?)\}", text))


@needs_latex
def test_every_theorem_compiles(tmp_path):
    assert complaints(document([theorem.latex() for theorem in THEOREMS]), tmp_path) == []


@pytest.mark.fast_cases(8)
@needs_latex
@pytest.mark.parametrize("theorem", THEOREMS, ids=NAMES)
def test_each_theorem_compiles_alone(theorem, tmp_path):
    assert complaints(document([theorem.latex()]), tmp_path) == []


@needs_latex
def test_what_is_found_compiles(tmp_path):
    said = complaints(document([search(method).latex() for method in (efpep.EF(), efpep.EF21(), efpep.CGD())]), tmp_path)
    assert [line for line in said if not line.startswith("Overfull")] == []
