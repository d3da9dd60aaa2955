"""LaTeX that the package prints compiles: tables in a bare article, whole documents, formulas of answers.

That of theorems does too: tests/theorems/test_theorems_in_latex.py.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from support import about, with_ends
from support.typesetting import article, compiled, needs_latex

import efpep
from efpep.report.latex import escaped
from efpep.report.layout import TableLayout
from efpep.studies.rates.table import Table, TableRow

PROBLEMS = Path(__file__).parents[2] / "problems"
TABLES = ("booktabs", "siunitx")
NOTED = (*TABLES, "threeparttable")

pytestmark = needs_latex


def setting(mu: str = "1/10", delta: str = "1/2", agents: int = 1) -> efpep.Setting:
    return efpep.Setting(efpep.SmoothStronglyConvex(mu, 1), efpep.Contractive(delta), agents)


@pytest.fixture(scope="module")
def rows() -> tuple[TableRow, ...]:
    methods = (efpep.CGD(), efpep.EF(), efpep.EF21())
    return tuple(TableRow(efpep.rate(method, setting(mu)), Fraction(1)) for method in methods for mu in ("1/2", "1/1000"))


@pytest.fixture(scope="module")
def table(rows) -> Table:
    return Table("Rates of C&GD_1, 50% of κ, ąéß", "distance", 6, rows)


LAYOUTS = {
    "usual": {},
    "full": {"best": True, "reference": "ef", "columns": ["step", "rho", "iterations", "ratio", "difference"]},
    "long": {"pivot": "none", "best": True, "columns": ["step", "rho", "iterations", "lower", "upper", "verdict"]},
    "kappa": {"pivot": "kappa", "best": True, "label": "tab:kappa"},
    "captions": {"caption": "Long & 50%.", "short_caption": "Short_", "digits": 9},
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_tables_compile_in_a_bare_article_in_every_layout(name, table, tmp_path):
    said = compiled(article(table.render("latex", **LAYOUTS[name]), *TABLES), tmp_path, wide=name == "full")
    assert "Output written on document.pdf" in said


def test_notes_compile_with_threeparttable(table, tmp_path):
    command = "efpep table a_study/of_rates.toml --format latex --notes --caption 'A $ & % caption'"
    compiled(article(table.render("latex", notes=True, pivot="kappa", command=command), *NOTED), tmp_path)


def test_tables_of_several_pages_and_of_words_compile(table, rows, tmp_path):
    many = tuple(TableRow(about(rows[0].rate, setting=replace(rows[0].rate.setting, agents=n)), None) for n in range(1, 80))
    undecided = tuple(
        TableRow(with_ends(row.rate, lower=row.lower if k % 2 else None), Fraction(1)) for k, row in enumerate(rows)
    )
    found = [replace(table, rows=many), replace(table, rows=undecided), replace(table, rows=(*rows[:2], *undecided[2:]))]
    compiled(article("\n\n".join(each.render("latex", best=True) for each in found), *TABLES), tmp_path)


@pytest.mark.parametrize("keys", [{}, {"notes": True, "best": True}])
def test_documents_compile_as_they_stand(keys, table, tmp_path):
    compiled(table.render("latex", standalone=True, **keys), tmp_path)


def test_many_methods_get_a_row_each(rows, table, tmp_path):
    """Columns for seven methods do not fit an article; their rows do."""
    names = [f"Method number {k}" for k in range(7)]

    def named(row: TableRow, title: str) -> TableRow:
        kind = type(row.rate.method)
        other = type(f"Other{title[-1]}", (kind,), {"title": title})
        return TableRow(about(row.rate, method=other(row.rate.method.step_size)), Fraction(1))

    wide = replace(table, rows=tuple(named(row, title) for title in names for row in rows[:2]))
    latex = wide.render("latex")
    assert "multicolumn" not in latex
    assert latex.count("Method number 3 &") == 2
    compiled(article(latex, *TABLES), tmp_path)


OTHER = """
title = "Worst cases"
question = "worst-case"
methods = ["gd"]
iterations = [1, 2]
[grid]
kappa = [10, 100]
L = 1
agents = 1
step_size = "optimal"
"""


def test_tables_of_other_questions_compile(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(OTHER)
    found = efpep.run(path, jobs=1, store=tmp_path / "store").table()
    pivoted = [found.render("latex", pivot=pivot) for pivot in (None, "iterations", "kappa")]
    assert r"\multicolumn{2}{c}{iterations = 1}" in pivoted[1]
    assert r"\multicolumn{2}{c}{$\kappa = 100$}" in pivoted[2]
    compiled(article("\n\n".join(pivoted), *TABLES), tmp_path)


def test_formulas_of_answers_compile(rows, tmp_path):
    groups = [efpep.Group(count=1), efpep.Group(functions=efpep.SmoothStronglyConvex("1/5", 1), count=3)]
    several = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2"), groups)
    answers = [
        *(row.rate for row in rows[::2]),
        efpep.rate(efpep.EF21("1/10"), several),
    ]
    formulas = [answer.display().formula for answer in answers]
    assert all(formulas)
    compiled(article("\n".join(f"$ {formula} $\n" for formula in formulas), "amsmath"), tmp_path, wide=True)
    assert all(f"$$ {formula} $$" in answer._repr_markdown_() for answer, formula in zip(answers, formulas, strict=True))


def test_whatever_is_typed_compiles(tmp_path):
    """Every character of the Latin alphabets, and samples of others, as titles and captions may have them."""
    text = "".join(map(chr, range(32, 0x250))) + "κΚΣ∞≤中“”–"
    compiled(article("\n".join(escaped(letter) for letter in text), *TABLES), tmp_path, wide=True)
    assert escaped("ρ é") == r"$\rho$ é"


@pytest.mark.slow  # 48 rates; the others compile the same layouts of few
@pytest.mark.parametrize("name", ["single_agent_rates", "any_number_of_agents"])
def test_the_studies_of_the_repository_compile_in_a_bare_article(name, tmp_path):
    found = efpep.table(PROBLEMS / f"{name}.toml")
    compiled(article(found.render("latex"), *TABLES), tmp_path)
    compiled(article(found.render("latex", notes=True, best=True, columns=["rho", "iterations"]), *NOTED), tmp_path)
    assert found.layout == TableLayout(command=f"efpep table {PROBLEMS / name}.toml")
