"""The documentation: a short README, a navigation that has every page, catalogues that leave nothing out."""

import re
import sys
from pathlib import Path

import pytest

import efpep
from efpep.cli.app import COMMANDS
from efpep.compressors import COMPRESSORS
from efpep.functions import FUNCTIONS
from efpep.methods import METHODS
from efpep.questions.kinds import KINDS
from efpep.theorems.catalogue import THEOREMS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HOOKS = DOCS / "hooks"
NUMERIC = {"primal-dual-ef", "sign-sgd"}
"""Methods that run and are not analysed."""


@pytest.fixture
def hooks(monkeypatch):
    """What builds the generated pages can be imported; it needs nothing of the site's generator."""
    monkeypatch.syspath_prepend(str(HOOKS))
    yield
    for name in [path.stem for path in HOOKS.glob("*.py")]:
        sys.modules.pop(name, None)


def test_the_navigation_has_every_page_once():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    listed = re.findall(r"(\S+\.md)$", text, flags=re.MULTILINE)
    assert sorted(listed) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))


def test_every_mark_of_a_page_is_known():
    known = set(re.findall(r'^    "([^"]+)": \w+,$', (HOOKS / "generated.py").read_text(encoding="utf-8"), flags=re.MULTILINE))
    used = [
        name for path in DOCS.rglob("*.md") for name in re.findall(r"^<!-- generated: (.*?) -->$", path.read_text(), re.MULTILINE)
    ]
    assert sorted(used) == sorted(known)


def test_every_member_of_the_catalogues_has_a_proved_number(hooks):
    import catalogues

    assert set(catalogues.METHOD_ANSWERS) == set(METHODS.members) - NUMERIC
    assert set(catalogues.COMPRESSOR_ANSWERS) == set(COMPRESSORS.members)
    assert set(catalogues.FUNCTION_ANSWERS) == set(FUNCTIONS.members)


def test_a_number_that_is_not_proved_ends_the_build(hooks):
    import catalogues

    beyond = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2"))
    with pytest.raises(ArithmeticError, match="not proved"):
        catalogues._proved("ef21", efpep.rate(efpep.EF21("2/5"), beyond))
    assert "solver" not in catalogues._proved("gd", catalogues.METHOD_ANSWERS["gd"]())


def test_the_reference_has_every_command_every_kind_and_every_public_name(hooks):
    from command_line import commands
    from door import door
    from question_kinds import question_kinds

    assert re.findall(r"^## efpep (\S+)$", commands(), flags=re.MULTILINE) == list(COMMANDS)
    assert re.findall(r"^Format `(\S+)`", question_kinds(), flags=re.MULTILINE) == [kind.format for kind in KINDS.values()]
    names = re.findall(r"^::: efpep\.(\w+)$", door(), flags=re.MULTILINE)
    assert sorted(names) == sorted(name for name in efpep.__all__ if not name.startswith("_"))


def test_docstrings_become_markdown(hooks):
    from docstring_text import markdown

    assert markdown("Of :class:`~efpep.setting.Setting`, x* and ``y*``, f < 1.") == r"Of `Setting`, x\* and ``y*``, f &lt; 1."
    assert markdown("    x* = y*") == "    x* = y*"


def test_mathematics_becomes_mathml(hooks):
    from mathematics import on_page_content, typeset

    for norm in (r"\lVert x \rVert^2", r"\Bigl\lVert x \Bigr\rVert^2", r"\left\lVert x \right\rVert^2"):
        assert re.findall(r'<mo [^>]*form="(\w+)">&#x02016;</mo>', typeset(norm)) == ["prefix", "postfix"]
    assert re.findall(r"<mo>(&#x02A\w+;)</mo>", typeset(r"Z \succeq 0 \preceq Y")) == ["&#x02AB0;", "&#x02AAF;"]
    page = on_page_content(r'<p><span class="arithmatex">\(a &lt; b\)</span></p><div class="arithmatex">\[c\]</div>')
    assert page.count("<math") == 2
    assert 'display="block"' in page
    assert "arithmatex" not in page
    with pytest.raises(LookupError, match="becomes no MathML"):
        typeset(r"\unheardof{x}")


def test_a_page_that_loads_from_the_network_ends_the_build(hooks):
    from offline import on_post_page

    for tag in (
        '<script src="https://cdn.test/a.js">',
        '<link rel="stylesheet" href="//fonts.test/a.css">',
        "<img src=http://a.test/b.png>",
    ):
        with pytest.raises(LookupError, match="network"):
            on_post_page(f"<head>{tag}</head>", page="page")
    kept = '<a href="https://arxiv.org">a</a><script src="../assets/a.js"></script>'
    assert on_post_page(kept, page="page") == kept


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


def test_the_readme_has_every_command():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{command}`" in text for command in COMMANDS)


def test_every_theorem_has_its_command():
    page = (DOCS / "theorems.md").read_text(encoding="utf-8")
    for theorem in THEOREMS:
        assert f"efpep prove {theorem.key}`" in page
