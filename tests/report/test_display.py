"""Answers at prompts and in notebooks: a verdict in words and colour, escaped text, a typeset formula, and a folded proof."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import nbformat
import pytest
from nbclient import NotebookClient
from support import about, uniform, with_ends

import efpep
from efpep.report.display import Display, Displayed
from efpep.simulate.problems import read_problem
from efpep.theorems.catalogue import THEOREMS

CELL = """import efpep
efpep.rate(efpep.EF21(), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2")))"""
VOID = {"br", "hr", "img"}


class Elements(HTMLParser):
    """Collects what stands in each element, and refuses elements that are not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], {}

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        for tag in set(self.open):
            self.text[tag] = self.text.get(tag, "") + data


def elements(html):
    found = Elements()
    found.feed(html)
    found.close()
    assert not found.open
    return found.text


@pytest.fixture(scope="module")
def rate():
    return efpep.rate(efpep.EF21(), uniform(10, "1/2"))


def test_a_notebook_shows_a_rate_as_a_typeset_answer():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CELL)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    (output,) = notebook.cells[0].outputs
    shown = elements(output["data"]["text/html"])
    rho = re.search(r"([0-9.]+) <= rho <= ([0-9.]+) ", shown["table"])
    theory = Fraction(re.search(r"theory(0\.\d+)", shown["table"])[1])
    assert Fraction(rho[1]) <= theory <= Fraction(rho[2])
    assert "proved" in shown["b"]
    assert r"$$V = 0.707107\,\lVert g \rVert^2 + \lVert g - d \rVert^2" in shown["div"]
    assert json.loads(shown["pre"])["claim"]["method"]["class"] == "ef21"
    assert len(output["data"]["text/plain"].splitlines()) <= 8
    assert "text/markdown" in output["data"]


BAR = """import warnings
warnings.simplefilter("error")
from types import SimpleNamespace
from efpep.cli.progress import Bar
from efpep.studies.engine.task import TaskState
with Bar("rates") as bar:
    for k in range(4):
        bar.show(SimpleNamespace(done=k, total=3, counts={TaskState.PROVED: k}))"""


def test_a_notebook_shows_how_far_a_sweep_is():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(BAR)])
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    written = "".join(output["text"] for output in notebook.cells[0].outputs)
    assert {output["name"] for output in notebook.cells[0].outputs} == {"stderr"}
    assert "3/3" in written
    assert "3 proved" in written


def test_verdicts_have_words_and_colours(rate):
    refuted = efpep.rate(efpep.EF21(step_size=3), uniform(10, "1/2"))
    shown = [answer._repr_html_() for answer in (rate, refuted, with_ends(rate))]
    colours = [re.search(r"<b style='color:(#\w+)'>(\w+)</b>", html).groups() for html in shown]
    assert [word for _, word in colours] == ["proved", "refuted", "undecided"]
    assert len({colour for colour, _ in colours}) == 3
    assert "no Lyapunov function of the class contracts, proved" in shown[1]
    assert ["<details" in html for html in shown] == [True, True, False]


def test_every_answer_is_short_at_prompts(rate):
    smooth = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1))
    bounded = efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive("1/2"))
    answers = [
        rate,
        efpep.worst_case(efpep.GD(), smooth, 2),
        efpep.potential(efpep.SafeEF(), bounded),
        efpep.tune(efpep.GD(), smooth, tolerance="1/2"),
        efpep.cycle(efpep.GD(3), smooth, 2),
        efpep.simulate(efpep.GD("1/10"), read_problem("quadratics:n=3,d=4,kappa=10"), 3),
        *THEOREMS,
    ]
    for answer in answers:
        text = repr(answer)
        assert text.startswith(type(answer).__name__ + ": ")
        assert len(text.splitlines()) <= 12
        assert max(map(len, text.splitlines())) <= 120
        assert elements(answer._repr_html_())["th"]
        assert answer.summary().splitlines()[0]


def test_a_summary_is_what_the_command_line_prints(rate):
    from efpep.questions.kinds import answer_text

    assert rate.summary() == answer_text(rate)


class Titled(efpep.EF21):
    title = "<b onload='x()'>$x$ & y</b>"


def test_text_is_escaped(rate):
    named = about(rate, method=Titled(step_size=rate.method.step_size))
    html = replace(named, certificate=None)._repr_html_()
    assert "onload='x" not in html
    assert "&lt;b onload=&#x27;x()&#x27;&gt;$x$ &amp; y&lt;/b&gt;" in html
    before, typeset = html.split("</table>")
    assert "mathjax_ignore" in before
    assert typeset.count("$") == 4


def test_long_proofs_are_cut_and_said_to_be():
    class Long(Displayed):
        def display(self):
            from efpep.report.display import as_json

            return Display("proved", "", [("a", "`b`" + "\xa0c" * 200)], "x < y", ("proof", lambda: as_json({"a": "7" * 30000})))

    shown = elements(Long()._repr_html_())
    assert "characters more" in shown["pre"]
    assert len(shown["pre"]) < 21000
    assert "$$x < y$$" in shown["div"]
    assert repr(Long()).endswith(" ...")
    assert "``" in Long()._repr_markdown_()
