"""Rate tables: only proved digits, and forms that other programs read."""

import csv
import hashlib
import io
import json
import math
import re
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import about, one_sentence, with_ends

import efpep
from efpep.cli import main
from efpep.questions.rate.answer import Rate
from efpep.questions.rate.report import answer_text
from efpep.report.answer import digits_for, interval_object, setting_object
from efpep.report.digits import printed
from efpep.studies.rates.shown import iterations
from efpep.studies.rates.table import RENDERERS, Table, TableRow

FORMS = ["md", "html", "csv", "latex", "json", "text"]


def answer(method: efpep.Method, mu: str = "1/10", delta: str = "1/2", agents: int = 1) -> Rate:
    return efpep.rate(method, efpep.Setting(efpep.SmoothStronglyConvex(mu, 1), efpep.Contractive(delta), agents))


@pytest.fixture(scope="module")
def proved() -> Table:
    rows = [
        TableRow(answer(method, mu, "1/2"), Fraction(1))
        for method in (efpep.CGD(), efpep.EF(), efpep.EF21())
        for mu in ("1/2", "1/100")
    ]
    return Table("Rates of C&GD_1, 50% of κ", "distance", 6, tuple(rows))


@pytest.fixture(scope="module")
def mixed() -> Table:
    """A proved, a half-decided, a refuted and an undecided answer."""
    good = answer(efpep.EF21())
    step = Fraction(3)
    bad = answer(efpep.EF21(step_size=step))
    rates = [
        good,
        with_ends(about(good, method=replace(good.method, step_size=Fraction(1, 5))), upper=good.upper),
        bad,
        with_ends(about(good, method=replace(good.method, step_size=Fraction(1, 3)))),
    ]
    return Table("Mixed", "distance", 6, tuple(TableRow(rate, None) for rate in rates))


def theory(row: TableRow) -> Fraction:
    return row.rate.method.literature.rate(row.rate.method, row.rate.setting).value


def markdown_rows(table: Table) -> list[dict[str, str]]:
    lines = [line for line in table.render("md").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], line, strict=True)) for line in cells[2:]]


@given(st.fractions(0, 1), st.fractions(0, 1), st.integers(1, 12), st.integers(0, 12))
def test_printed_digits_are_proved(a, b, digits, exponent):
    lower = min(a, b) + (abs(a - b) if exponent == 0 else abs(a - b) * (1 - Fraction(1, 10**exponent)))
    upper = max(a, b)
    found = printed(lower, upper, digits)
    number = Fraction(found.number)
    unit = Fraction(1, 10 ** len(found.number.partition(".")[2]))
    assert upper <= number
    assert number < 1 or upper == 1
    assert number - upper < unit
    if found.tight:
        assert number - lower <= 2 * unit
    alone = printed(None, upper, digits)
    assert not alone.tight
    assert upper <= Fraction(alone.number)


@pytest.mark.parametrize(
    ("lower", "upper", "number", "tight"),
    [
        ("0.93936819", "0.93936820", "0.939369", True),
        ("0.9999990011", "0.9999990012", "0.999999002", True),  # three digits of 1 - rho are left
        ("0.80", "0.85", "0.9", True),  # an interval this wide supports one digit
        ("0.30", "0.85", "0.850000", False),  # and this one none
        ("0.81", "0.81", "0.810000", True),
        ("1/3", "1/3", "0.333334", True),
    ],
)
def test_printed_examples(lower, upper, number, tight):
    found = printed(Fraction(lower), Fraction(upper), 6)
    assert (found.number, found.tight) == (number, tight)


@given(st.fractions(0, 1), st.fractions(0, 1))
def test_intervals_are_rounded_outward(a, b):
    lower, upper = min(a, b), max(a, b)
    ends = interval_object(lower, upper)
    assert Fraction(ends["lower"]) <= lower <= upper <= Fraction(ends["upper"])
    assert len(ends["upper"].partition(".")[2]) >= 15


def test_rates_near_one_stay_informative():
    upper = 1 - Fraction(1, 10**20)
    assert Fraction(interval_object(None, upper)["upper"]) < 1
    assert digits_for(upper - Fraction(1, 10**30), upper) > 30
    assert interval_object(None, None) == {"lower": None, "upper": None}


def test_markdown_encloses_the_theorems(proved):
    cells = markdown_rows(proved)
    assert len(cells) == len(proved.rows)
    for row, cell in zip(proved.rows, cells, strict=True):
        assert (cell["method"], cell["verdict"]) == (row.method, "proved")
        assert Fraction(cell["lower"]) <= theory(row) <= Fraction(cell["upper"])
        assert 0 <= Fraction(cell["rho"]) - theory(row) <= Fraction(2, 10**6)
        assert Fraction(cell["kappa"]) == row.kappa
    assert proved.render() == str(proved)


def test_csv_is_exact(proved):
    lines = list(csv.DictReader(io.StringIO(proved.render("csv"))))
    for row, line in zip(proved.rows, lines, strict=True):
        assert Fraction(line["step_size"]) == row.step_size
        assert (Fraction(line["mu"]), Fraction(line["L"]), Fraction(line["delta"])) == (row.mu, row.L, row.delta)
        assert Fraction(line["lower"]) <= row.lower <= row.upper <= Fraction(line["upper"])
        assert (line["verdict"], line["agents"], line["metric"]) == ("proved", "1", "distance")


def test_json_rows_have_the_shape_of_rates(proved):
    found = json.loads(proved.render("json"))
    assert (found["title"], found["certified"]) == (proved.title, True)
    for row, line in zip(proved.rows, found["rows"], strict=True):
        assert {"method", "step_size", "rate", "certified", "metric", "agents", "solver", "seconds"} <= set(line)
        assert Fraction(line["rate"]["lower"]) <= theory(row) <= Fraction(line["rate"]["upper"])
        assert Fraction(line["kappa"]) == row.kappa


def test_what_is_not_proved_is_no_number(mixed):
    cells = markdown_rows(mixed)
    assert [cell["verdict"] for cell in cells] == ["proved", "proved", "refuted", "undecided"]
    assert cells[0]["rho"] == "0.939369"
    assert cells[1]["rho"] == "<= 0.939369"
    assert cells[1]["lower"] == "-"
    assert cells[2]["rho"] == "no contraction"
    assert cells[3]["rho"] == "undecided"
    lines = list(csv.DictReader(io.StringIO(mixed.render("csv"))))
    assert [line["upper"] == "" for line in lines] == [False, False, True, True]
    latex = mixed.render("latex")
    assert r"$\le 0.939369$" in latex
    assert r"\textit{no contraction}" in latex
    assert r"\textit{undecided}" in latex
    assert json.loads(mixed.render("json"))["certified"] is False


def test_latex_rates_bound_the_theorems(proved):
    latex = proved.render("latex")
    lines = [line for line in latex.splitlines() if re.match(r"\d+ &", line)]
    assert len(lines) == 2
    for k, line in enumerate(lines):
        cells = [cell.strip(" $\\") for cell in line.split("&")]
        rates = [Fraction(cell) for cell in cells[2::2]]
        closed = [theory(proved.rows[k + 2 * m]) for m in range(3)]
        assert all(0 <= rate - value <= Fraction(2, 10**6) for rate, value in zip(rates, closed, strict=True))


@pytest.mark.parametrize("name", ["proved", "mixed", "long"])
def test_latex_is_a_complete_document(name, request, proved, tmp_path):
    table = replace(proved, rows=proved.rows[:1] + _many(proved.rows[0])) if name == "long" else request.getfixturevalue(name)
    latex = table.render("latex", standalone=True)
    assert latex.startswith(r"\documentclass")
    assert r"\usepackage{booktabs}" in latex
    assert r"\usepackage{siunitx}" in latex
    assert table.render("latex") in latex
    assert latex.rstrip().endswith(r"\end{document}")
    begun = re.findall(r"\\begin\{(\w+)\}", latex)
    assert sorted(begun) == sorted(re.findall(r"\\end\{(\w+)\}", latex))
    assert begun.count("table") == (3 if name == "long" else 1)
    parts = re.findall(r"\\begin\{tabular\}\{(.*?)\}\n(.*?)\\end\{tabular\}", latex, re.DOTALL)
    assert len(parts) == begun.count("tabular")
    for types, inside in parts:
        rows = [line for line in inside.splitlines() if re.match(r"\d", line) and line.endswith(r"\\")]
        assert rows
        assert {line.count("&") + 1 for line in rows} == {len(re.findall(r"S\[.*?\]|c", types))}
    _compile(latex, tmp_path)


def _many(row: TableRow) -> tuple[TableRow, ...]:
    setting = row.rate.setting
    return tuple(TableRow(about(row.rate, setting=replace(setting, agents=n)), Fraction(1)) for n in range(2, 102))


def _compile(latex: str, directory) -> None:
    compiler = shutil.which("pdflatex")
    if compiler is None:
        return
    (directory / "table.tex").write_text(latex, encoding="utf-8")
    command = [compiler, "-interaction=nonstopmode", "-halt-on-error", "-draftmode", "table.tex"]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout


def test_latex_escapes_titles(proved):
    latex = replace(proved, title="a_b & 100% <x> \\ ρ é 中").render("latex")
    assert r"a\_b \& 100\% $<$x$>$ \textbackslash{} $\rho$ é ?" in latex


def test_forms(proved):
    assert list(RENDERERS) == FORMS
    with pytest.raises(efpep.InputError, match="xml"):
        proved.render("xml")


def test_given_functions_are_named(proved):
    given = replace(proved, lyapunov="literature")
    for form in ("md", "latex"):
        text = given.render(form)
        assert "literature's Lyapunov function" in text
        assert "of the class" not in text
        assert "of the class" in proved.render(form)
        assert "|x-x*|" in replace(proved, lyapunov="2 |x-x*|^2").render(form).replace("$|$", "|")
    (line, *_) = csv.DictReader(io.StringIO(given.render("csv")))
    assert line["lyapunov"] == "literature"
    assert json.loads(given.render("json"))["lyapunov"] == "literature"


def test_a_shared_minimiser_is_said(proved):
    several = replace(proved, rows=(TableRow(answer(efpep.EF(), agents=3), None), TableRow(answer(efpep.EF21(), agents=3), None)))
    assert several.shared_minimiser == ("EF",)
    assert proved.shared_minimiser == ()
    for form in ("md", "latex"):
        assert "The numbers of EF for several agents" in several.render(form)
        assert "share one minimiser" not in proved.render(form)


def test_other_classes_are_named():
    functions = efpep.SmoothStronglyConvex("1/10", 1)
    setting = efpep.Setting(functions, efpep.Randomized("1/2"), 10, efpep.Contractive("1/3"))
    found = setting_object(setting)
    assert found["compressor"]["class"] == "randomized"
    assert found["server_compressor"] == {"class": "contractive", "delta": "1/3"}
    group = efpep.Group(compressor=efpep.Randomized("1/2"), count=1)
    (described,) = setting_object(efpep.Setting(functions, None, [group]))["groups"]
    assert described["compressor"]["class"] == "randomized"
    assert "randomized (delta = 0.5" in answer_text(efpep.rate(efpep.EF21("1/10"), setting))


def test_text_is_wrapped_between_terms():
    rate = answer(efpep.EF21(), agents=10)
    lines = answer_text(rate).splitlines()
    assert max(map(len, lines)) <= 120
    assert str(rate.lyapunov) in " ".join(line.strip() for line in lines)
    assert all(line.strip().startswith(("+ ", "- ")) for line in lines if line.startswith(" ") and "dev(" in line)


FRAGMENT = {"begin", "end", "centering", "small", "caption", "label", "multicolumn", "cmidrule", "toprule", "midrule"} | {
    *("bottomrule", "bfseries", "textit", "boldmath", "par", "smallskip", "linewidth", "footnotesize", "textbackslash"),
    *("kappa", "delta", "eta", "rho", "star", "le", "log", "footnotesize", "scriptsize", "setlength", "tabcolsep", "abovetopsep"),
}
"""What LaTeX, booktabs and siunitx define, as far as fragments use it."""


def test_a_fragment_needs_no_more_than_booktabs_and_siunitx_and_with_notes_threeparttable(proved, mixed):
    laid_out = {"best": True, "columns": ["step", "rho", "iterations"], "label": "tab:a_b"}
    many = replace(proved, rows=proved.rows[:1] + _many(proved.rows[0]))
    for table, all_keys in ((proved, {"notes": True, **laid_out}), (mixed, laid_out), (many, laid_out)):
        for keys in ({}, all_keys):
            latex = table.render("latex", **keys)
            assert "documentclass" not in latex
            assert "usepackage" not in latex
            assert set(re.findall(r"\\([A-Za-z]+)", latex)) <= FRAGMENT | ({"item", "raggedright"} if "notes" in keys else set())
            assert ("threeparttable" in latex) == ("notes" in keys)
            bare = latex.replace(r"\{", "").replace(r"\}", "")
            assert bare.count("{") == bare.count("}")
            assert latex.count("$") % 2 == latex.count(r"\$") % 2
            opened = []
            for which, name in re.findall(r"\\(begin|end)\{(\w+)\}", latex):
                opened.append(name) if which == "begin" else None
                assert which == "begin" or opened.pop() == name
            assert not opened
            assert latex.count(r"\label{tab:a_b}") == ("label" in keys)


def test_columns_are_aligned_at_the_decimal_point(mixed):
    """In a column of type S every cell is a number that its format has room for, or text in braces."""
    latex = mixed.render("latex", columns=["step", "rho", "iterations", "lower", "verdict"])
    types = re.findall(r"S\[table-format=[^\]]*\]|c", re.search(r"\\begin\{tabular\}\{(.*)\}", latex)[1])
    rows = [line.removesuffix(r" \\").split(" & ") for line in latex.splitlines() if line.endswith(r"\\")][2:]
    assert len(rows) == 4
    for row in rows:
        for kind, cell in zip(types, row, strict=True):
            if kind == "c":
                continue
            whole, _, places = re.search(r"format=([\d.]+)", kind)[1].partition(".")
            number = re.fullmatch(r"(\d+)(?:\.(\d+))?", cell)
            assert number or re.fullmatch(r"\{.*\}", cell)
            assert not number or (len(number[1]) <= int(whole) and len(number[2] or "") <= int(places or 0))


def test_closed_forms_stand_beside_the_rates(proved, mixed):
    """Rounded up as the rates are, and with what stands behind them; a dash where none is known."""
    lines = markdown_rows(proved.laid_out(columns=["theory", "standing"]))
    for row, line in zip(proved.rows, lines, strict=True):
        places = len(line["theory"].partition(".")[2])
        assert 0 <= Fraction(line["theory"]) - theory(row) <= Fraction(1, 10**places)
        assert line["standing"] == row.rate.theorem.standing.value
    assert all(word in mixed.render("latex", columns=["rho", "theory", "standing"]) for word in ("closed form", "standing"))


def test_iterations_bound_the_theorem(proved):
    """The steps for a factor e of the closed form are at most those that the table prints, and hardly fewer."""
    lines = markdown_rows(proved.laid_out(columns=["iterations"]))
    for row, line in zip(proved.rows, lines, strict=True):
        steps = -1 / math.log(theory(row))
        assert steps <= float(line["iterations"]) <= steps * 1.002
    assert iterations(1 - Fraction(1, 10**20)) == "1.001e20"  # a bit more than 1e20 - 1/2
    assert iterations(Fraction(1, 10**400)) == "0.001086"  # 1/(400 log 10) = 0.00108573...


def test_the_smallest_bound_of_each_setting_is_bold(proved):
    lines = markdown_rows(proved.laid_out(best=True))
    for kappa in {line["kappa"] for line in lines}:
        rates = {line["method"]: line["rho"] for line in lines if line["kappa"] == kappa}
        bold = {name for name, rho in rates.items() if rho.startswith("**")}
        numbers = {name: Fraction(rho.strip("*")) for name, rho in rates.items()}
        assert bold == {name for name, rho in numbers.items() if rho == min(numbers.values())}
    assert "**" not in proved.render()
    assert proved.render("html", best=True).count("<strong>") == proved.render("md", best=True).count("**") // 2
    assert proved.render("latex", best=True).count(r"\bfseries") == proved.render("md", best=True).count("**") // 2


def test_notes_are_the_digest_of_the_certificates_and_the_command(proved, mixed):
    for form in ("md", "html", "latex"):
        text = proved.render(form, notes=True, command="efpep table a_study.toml").replace(r"\_", "_")
        (found,) = re.findall(r"SHA-256 ([0-9a-f]{16})\.", text)
        assert "Made by: efpep table a_study.toml" in text
        assert found not in mixed.render(form, notes=True)
        assert "SHA-256" not in proved.render(form)
    described = [row.rate.certificate.describe() for row in proved.rows]
    assert hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest().startswith(found)


def test_html_is_escaped(proved):
    html = proved.render("html", caption="<script>x</script> & $y$")
    assert "<script" not in html
    assert "&lt;script&gt;x&lt;/script&gt; &amp; $y$" in html
    assert "mathjax_ignore" in html
    assert html == proved.laid_out(caption="<script>x</script> & $y$")._repr_html_()
    assert repr(proved) == "Table: Rates of C&GD_1, 50% of κ (6 rows)"


def test_data_frames_have_the_proved_ends(proved, mixed):
    frame = proved.to_pandas()
    assert list(frame["method"]) == [row.method for row in proved.rows]
    for row, lower, upper in zip(proved.rows, frame["lower"], frame["upper"], strict=True):
        assert Fraction(lower) <= theory(row) <= Fraction(upper)
        assert upper - lower < 1e-6
    assert list(mixed.to_pandas()["upper"].isna()) == [False, False, True, True]


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ({"columns": ["rho", "speed"]}, "columns has 'speed'"),
        ({"columns": ["rho", "rho"]}, "twice"),
        ({"digits": 99}, "1 to 15"),
        ({"label": "a}b"}, "tab:rates"),
    ],
)
def test_layouts_that_are_none(proved, keys, match):
    with pytest.raises(efpep.InputError, match=match) as raised:
        proved.render("latex", **keys)
    assert one_sentence(raised.value)


STUDY = """
title = "One rate"
methods = ["cgd", "ef21"]
[grid]
kappa = 10
L = 1
delta = 0.5
agents = 1
step_size = "optimal"
[table]
columns = ["rho", "iterations"]
best = true
notes = true
caption = "My caption."
label = "tab:mine"
"""


def test_a_study_file_lays_its_table_out_and_options_change_it(tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    command = ["table", str(path), "--store", str(tmp_path / "store"), "--jobs", "1", "--format", "latex"]
    assert main(command) == 0
    latex = capsys.readouterr().out
    assert r"\caption{My caption.}\label{tab:mine}" in latex
    assert r"$1/\log(1/\rho)$" in latex
    assert r"\bfseries" in latex
    assert "efpep table" in latex
    assert main([*command, "--caption", "Another", "--columns", "verdict", "--standalone"]) == 0
    latex = capsys.readouterr().out
    assert r"\caption{Another}\label{tab:mine}" in latex
    assert r"\rho" not in latex
    assert latex.startswith(r"\documentclass")
    assert main([*command, "--columns", "speed"]) == 2
    assert "columns has" in capsys.readouterr().err
    path.write_text(STUDY.replace('"rho", "iterations"', '"speed"'))
    assert main(command) == 2
    assert "speed" in capsys.readouterr().err


OTHER = """
title = "Worst cases"
question = "worst-case"
methods = ["gd"]
iterations = [1, 2]
[grid]
kappa = 10
L = 1
agents = 1
step_size = 1
[table]
notes = true
label = "tab:worst"
"""


def test_tables_of_other_questions_are_laid_out_too(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(OTHER)
    found = efpep.run(path, jobs=1, store=tmp_path / "store")
    frame, table = found.to_pandas(), found.table()
    assert list(frame["iterations"]) == [1, 2]
    closed = [0.9**2, 0.9**4]  # max(1 - mu, L - 1)^2T at step size 1
    assert all(frame["lower"] <= closed)
    assert all(frame["upper"] >= closed)
    assert list(frame["upper"]) == pytest.approx(closed, rel=1e-6)
    latex = table.render("latex")
    assert latex.startswith(r"\begin{table}")
    assert r"\label{tab:worst}" in latex
    assert "SHA-256" in latex
    assert latex in table.render("latex", standalone=True)
    assert table.render("html").count("<tr>") == 3
    with pytest.raises(efpep.InputError, match="columns and best are for tables of rates") as raised:
        table.render(columns=["rho"])
    assert one_sentence(raised.value)


@pytest.fixture
def unanswered(tmp_path, monkeypatch):
    """A path for a study that is never answered, and the list of what would have been."""
    asked: list[object] = []

    def answered(*words: object) -> None:
        asked.append(words)
        raise efpep.InputError("enough.")

    monkeypatch.setattr("efpep.studies.questions.run.QuestionStudies.answer", answered)
    monkeypatch.setenv("EFPEP_STORE", str(tmp_path / "store"))
    return tmp_path / "study.toml", asked


@pytest.mark.parametrize(
    ("lines", "keys", "match"),
    [
        ("", ["--pivot", "agents"], "do not differ in it; choose method or kappa"),
        ("", ["--pivot", "agents", "--format", "csv"], "do not differ in it"),
        ("", ["--reference", "gd"], "reference is 'gd'"),
        ("", ["--columns", "rho,ratio", "--reference", "kappa=3"], "reference is 'kappa=3'"),
        ('pivot = "agents"', [], "do not differ in it"),
        ('reference = "gd"', [], "reference is 'gd'"),
        ('question = "worst-case"', ["--pivot", "agents"], "do not differ in it; choose method or kappa or iterations"),
        ('question = "worst-case"', ["--reference", "gd"], "reference is for tables of rates"),
    ],
)
def test_layouts_that_do_not_fit_are_refused_before_anything_is_answered(lines, keys, match, unanswered, capsys):
    head, table = (f"{lines}\niterations = [1, 2]", "") if "question" in lines else ("", f"[table]\n{lines}")
    path, asked = unanswered
    path.write_text(
        f'title = "T"\nmethods = ["cgd", "ef21"]\n{head}\n[grid]\nagents = 1\nkappa = [2, 10]\nL = 1\ndelta = "1/2"\n{table}'
    )
    assert (main(["table", str(path), *keys]), asked) == (2, [])
    said = capsys.readouterr().err
    assert match in said
    assert one_sentence(said.strip())


@pytest.mark.parametrize("keys", [[], ["--pivot", "kappa"], ["--pivot", "step_size"], ["--reference", "cgd"]])
def test_layouts_that_fit_are_not_refused(keys, unanswered):
    """Also where the step size of a cell is open until it is answered."""
    path, asked = unanswered
    step = '["1/4", "1/2"]' if "step_size" in keys else '"tuned"'
    path.write_text(
        f'title = "T"\nmethods = ["cgd", "ef21"]\n[grid]\nagents = 1\nkappa = [2, 10]\nL = 1\ndelta = "1/2"\nstep_size = {step}\n'
    )
    main(["table", str(path), *keys])
    assert len(asked) == 1


def blocks(latex: str) -> list[list[str]]:
    """Return the cells of LaTeX's rows below the second rule."""
    body = latex.partition(r"\midrule")[2].partition(r"\bottomrule")[0]
    return [[cell.strip(" {}$") for cell in line.removesuffix(r" \\").split("&")] for line in body.splitlines() if line]


def test_what_stands_across_moves_no_number(proved):
    """A pivoted table has every rate once, under its value and beside its method."""
    rho = {(row.method, str(row.kappa)): cells["rho"] for row, cells in zip(proved.rows, markdown_rows(proved), strict=True)}
    for form in ("md", "text", "html", "latex"):
        shown = proved.render(form, pivot="kappa")
        assert all(shown.count(number) >= list(rho.values()).count(number) for number in rho.values())
    cells = markdown_rows(proved.laid_out(pivot="kappa"))
    assert {(line["method"], kappa): line[f"rho (kappa = {kappa})"] for line in cells for kappa in ("2", "100")} == rho
    cells = markdown_rows(proved.laid_out(pivot="method"))
    assert {(name, line["kappa"]): line[f"rho ({name})"] for line in cells for name in ("CGD", "EF", "EF21")} == rho
    rows = blocks(proved.render("latex", pivot="kappa"))
    assert {(row[0], kappa): cell for row in rows for kappa, cell in zip(("2", "100"), row[1:], strict=True)} == rho
    html = proved.render("html", pivot="kappa")
    assert "<th colspan='1' style='text-align:center'>kappa = 2</th>" in html
    assert html.count("<tr>") == 5
    assert proved.render("csv", pivot="kappa") == proved.render("csv")


def test_step_sizes_stand_across_and_the_best_of_each_row_is_bold():
    steps = [TableRow(answer(efpep.EF21(step_size=step), mu), None) for mu in ("1/2", "1/10") for step in ("1/5", "1/4", "3/10")]
    table = Table("Steps", "distance", 6, tuple(steps))
    for line, mu in zip(markdown_rows(table.laid_out(pivot="step_size", best=True)), ("1/2", "1/10"), strict=True):
        rates = {name: cell for name, cell in line.items() if name.startswith("rho")}
        assert list(rates) == ["rho (step_size = 0.2)", "rho (step_size = 0.25)", "rho (step_size = 0.3)"]
        uppers = [row.upper for row in steps if row.mu == Fraction(mu)]
        assert [cell.startswith("**") for cell in rates.values()] == [upper == min(uppers) for upper in uppers]
    assert len(markdown_rows(table.laid_out(pivot="none"))) == len(steps)


def test_ratios_and_differences_are_those_of_the_theorems(proved):
    """The iterations and rates of the closed forms compare as the table says, within one unit of the last place."""
    lines = markdown_rows(proved.laid_out(reference="ef", columns=["ratio", "difference"]))
    known = {row.kappa: theory(row) for row in proved.rows if row.method == "EF"}
    for row, line in zip(proved.rows, lines, strict=True):
        if row.method == "EF":
            assert (line["ratio"], line["difference"]) == ("-", "-")
            continue
        ratio = math.log(known[row.kappa]) / math.log(theory(row))
        assert abs(float(line["ratio"]) - ratio) < 10.0 ** -len(line["ratio"].partition(".")[2])
        difference = Fraction(theory(row)) - Fraction(known[row.kappa])
        assert abs(Fraction(line["difference"]) - difference) < Fraction(1, 10**6)
    (first, second, *_) = markdown_rows(proved.laid_out(reference="kappa=2"))
    assert first["ratio"] == "-"
    assert abs(float(second["ratio"]) - math.log(theory(proved.rows[0])) / math.log(theory(proved.rows[1]))) < 0.01
    assert "to those of kappa = 2" in proved.render(reference="kappa=2")
    across = markdown_rows(proved.laid_out(pivot="method", reference="EF21"))
    assert [name for name in across[0] if "ratio" in name] == ["ratio (CGD)", "ratio (EF)"]


def test_comparisons_that_are_not_enclosed_are_left_out(mixed, proved):
    """Of half a proof there is no ratio, and a wide interval has the digits that it supports."""
    lines = markdown_rows(mixed.laid_out(reference="step_size=1/5", columns=["ratio", "difference"]))
    assert [(line["ratio"], line["difference"]) for line in lines] == [("-", "-")] * 4
    wide = with_ends(proved.rows[0].rate, lower=proved.rows[0].lower - Fraction(1, 50), upper=proved.rows[0].upper)
    (line, *_) = markdown_rows(replace(proved, rows=(TableRow(wide, Fraction(1)), *proved.rows[1:])).laid_out(reference="ef"))
    assert 0 < len(line["ratio"].partition(".")[2]) < 3


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ({"pivot": "agents"}, "do not differ in it; choose method or kappa"),
        ({"pivot": "speed"}, "pivot is 'speed'"),
        ({"reference": "gd"}, "reference is 'gd'"),
        ({"reference": "kappa=3"}, "reference is 'kappa=3'"),
        ({"reference": "kappa=x"}, "reference"),
        ({"digits": 0}, "1 to 15"),
    ],
)
def test_pivots_and_references_that_are_none(proved, keys, match):
    for form in ("md", "latex", "html", "text"):
        with pytest.raises(efpep.InputError, match=match) as raised:
            proved.render(form, **keys)
        assert one_sentence(raised.value)


def test_a_method_is_compared_with_others_only(proved):
    alone = replace(proved, rows=proved.rows[:2])
    with pytest.raises(efpep.InputError, match="no question of this table besides those of CGD") as raised:
        alone.render(columns=["rho", "ratio"])
    assert one_sentence(raised.value)


def test_one_name_of_several_methods_says_their_parameters():
    rates = [answer(efpep.EF21HeavyBall(step_size="1/4", beta=beta)) for beta in ("1/10", "3/10")]
    table = Table("Momentum", "distance", 6, tuple(TableRow(rate, None) for rate in rates))
    assert [line["method"] for line in markdown_rows(table)] == ["EF21-HB (beta = 0.1)", "EF21-HB (beta = 0.3)"]
    latex = table.render("latex")
    assert all(f"EF21-HB (beta = {beta})" in latex for beta in ("0.1", "0.3"))
    rho = [line["rho"] for line in markdown_rows(table)]
    assert blocks(latex) == [rho]


def test_captions_are_long_and_short(proved):
    latex = proved.render("latex")
    assert r"\caption[Rates of C\&GD\_1, 50\% of $\kappa$.]{Rates of C\&GD\_1, 50\% of $\kappa$. Throughout" in latex
    assert r"\caption[Short]{Long}" in proved.render("latex", caption="Long", short_caption="Short")
    assert r"\caption{Long}" in proved.render("latex", caption="Long")
    assert r"\caption[Short]{Rates of C" in proved.render("latex", short_caption="Short")


def test_plain_text_is_the_same_table(proved):
    text = proved.render("text", best=True)
    assert "|" not in text.partition("\n\nrho is")[0]
    assert "**" not in text
    lines = text.splitlines()
    assert lines[0] == proved.title
    rows = [[cell.strip("*") for cell in line.values()] for line in markdown_rows(proved.laid_out(best=True))]
    assert [line.split() for line in lines[4 : 4 + len(rows)]] == rows
    assert max(map(len, lines)) <= 120


def test_commands_keep_their_dashes_in_notes(proved):
    latex = proved.render("latex", notes=True, command="efpep table a.toml --notes")
    assert "efpep table a.toml -{}-notes" in latex
