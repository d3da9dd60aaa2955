"""``make paper``: what it lists, that its commands are commands, and that the differences from what was published hold."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from support import one_sentence

from efpep import Contractive, Group, Setting, SmoothStronglyConvex
from efpep.cli import main as efpep
from efpep.cli.app import app
from efpep.cli.figure import FigureCommand
from efpep.cli.run import RunCommand
from efpep.cli.table import TableCommand
from efpep.studies.engine.kinds import read_study
from efpep.theory.error_feedback import cubic_rate
from problems.paper import __main__ as command
from problems.paper import runs, typeset
from problems.paper.kinds import Difference, Entry, Evidence, Outcome, Part
from problems.paper.markdown import page
from problems.paper.parts import PARTS

ROOT = Path(__file__).parents[2]
ENTRIES = [entry for part in PARTS for entry in part.entries]
DIFFERENCES = [difference for part in PARTS for difference in part.differences]
EVIDENCE = [evidence for difference in DIFFERENCES for evidence in difference.evidence]
ASKED = list(dict.fromkeys(shlex.join(words) for e in ENTRIES for words in (e.words, shlex.split(e.whole)) if words))
QUICK = ("verify",)
TINY = Part(
    "A paper",
    "Numbered.",
    (
        Entry("wrong", "Table 0", "what fails", "prove nothing", differs=("off",)),
        Entry("right", "Table 1", "what holds", "prove cgd", "prove ef", "long"),
        Entry(
            "report",
            "",
            "a law",
            "run problems/laws/cgd_against_ef_n1.toml --sample 13",
            "run problems/laws/cgd_against_ef_n1.toml",
        ),
        Entry("table", "", "rates", "table problems/one_agent/lyapunov_cgd.toml --format latex"),
    ),
    (Difference("off", "A claim", "one", "two", "a reason", (Evidence("prove cgd", "never printed_"),), "a_file"),),
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Commands are run in a folder that has the studies of the repository, and write to ``paper/`` there."""
    (tmp_path / "problems").symlink_to(ROOT / "problems")
    monkeypatch.setattr(runs, "ROOT", tmp_path)
    for module in (runs, typeset, command):
        monkeypatch.setattr(module, "FOLDER", tmp_path / "paper")
    return tmp_path / "paper"


def test_without_latex_it_says_what_to_install(tmp_path):
    environment = {**os.environ, "PATH": str(tmp_path)}
    words = [sys.executable, "-m", "problems.paper"]
    done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert not done.stdout
    assert one_sentence(done.stderr.strip())
    assert "apt-get install texlive-latex-extra texlive-science" in done.stderr


def test_every_study_is_listed():
    listed = set(re.findall(r"problems/\S+\.toml", " ".join(ASKED)))
    assert listed == {str(path.relative_to(ROOT)) for path in (ROOT / "problems").rglob("*.toml")}


def test_every_command_is_one_and_fits_its_study(monkeypatch):
    monkeypatch.chdir(ROOT)
    read = typer.main.get_command(app)
    for words in ASKED + [one.command for one in EVIDENCE]:
        asked = read.main(shlex.split(words), prog_name="efpep", standalone_mode=False)
        if isinstance(asked, FigureCommand | TableCommand | RunCommand):
            kind, study = read_study(asked.study)
            if isinstance(asked, FigureCommand):
                kind.check_figure(asked.study, study, asked.keys())
            elif isinstance(asked, TableCommand):
                assert asked.form == "latex"
                kind.renderer(asked.study, study, asked.form, **asked.layout())
            elif asked.sample is not None:
                assert kind.sampled(study, int(asked.sample)).configurations


def test_samples_are_of_what_answers_the_whole():
    for entry in ENTRIES:
        assert entry.whole or not entry.takes
        if "--sample" in entry.command:
            assert entry.command.partition(" --sample")[0] == entry.whole


def test_names_and_keys_are_told_apart():
    names = [entry.name for entry in ENTRIES] + [difference.key for difference in DIFFERENCES]
    assert len(set(names)) == len(names)
    for part in PARTS:
        used = {key for entry in part.entries for key in entry.differs}
        assert used == {difference.key for difference in part.differences}


def test_every_law_and_figure_of_the_paper_about_agents_says_how_it_differs():
    """The authors' code has three figures; the paper four empirical laws, of which the last is EControl's."""
    part = PARTS[1]
    published = " ".join(entry.published for entry in part.entries if entry.differs)
    for wanted in (
        "Figure 1",
        "Figure 2",
        "Figure 3",
        "Law 4.1",
        "Law 4.2",
        "Law 4.3",
        "EControl's law",
        "Theorem 1",
        "Theorem 2",
    ):
        assert wanted in published
    assert all(entry.differs for entry in part.entries if entry.published)
    assert all(difference.evidence or difference.recorded for difference in part.differences)


def test_what_is_recorded_is_there():
    assert all((ROOT / difference.recorded).is_file() for difference in DIFFERENCES if difference.recorded)


def test_the_laws_of_the_differences_are_the_closed_forms():
    """The roots that stand beside proved rates, from the closed form, whose rate the evidence is not to reach."""
    said = " ".join(difference.here for difference in DIFFERENCES)
    for pair, delta in (("1 1", "9/10 1/10"), ("1 1", "1 1/10"), ("1 1", "1 1/1000"), ("1 2", "1/10 3/10")):
        L, mu = pair.split(), delta.split()
        groups = [Group(SmoothStronglyConvex(m, smooth), count=1) for m, smooth in zip(mu, L, strict=True)]
        setting = Setting(None, Contractive("1/10" if mu[0] == "9/10" else "1/2"), groups)
        assert f"{float(cubic_rate(setting).value):.9f}" in said or f"{float(cubic_rate(setting).value):.10f}" in said


@pytest.mark.parametrize(
    "evidence",
    [pytest.param(e, id=e.command, marks=[] if e.command.split()[0] in QUICK else pytest.mark.slow) for e in EVIDENCE],
)
def test_differences_hold(evidence, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    assert efpep(shlex.split(evidence.command)) == 0
    assert evidence.says in " ".join(capsys.readouterr().out.split())


def test_the_counts_of_refuted_configurations_are_those_recorded():
    rows = re.findall(
        r"^\| `(\w+)`.*?\| ([\d,]+) \| [\d,]+ \| (\d+) \|", (ROOT / "problems/laws/README.md").read_text(), re.MULTILINE
    )
    known = {name: (refuted, count) for name, count, refuted in rows}
    said = " ".join(difference.here for difference in DIFFERENCES)
    for name in ("step_size_ef_n2", "step_size_ef_n3", "step_size_ef_n4", "step_size_ef21_n2_near", "lyapunov_n2", "lyapunov_n3"):
        assert "{} of {}".format(*known[name]) in said
    assert known["cgd_against_ef_n2"] == ("83", "100")


def test_the_site_has_the_page():
    assert (ROOT / "docs" / "papers.md").read_text(encoding="utf-8") == page(PARTS)


def test_what_fails_takes_nothing_with_it(folder, monkeypatch, capsys):
    def fake(words, limit):
        return (Outcome("no such theorem" if words[1] == "nothing" else "", False, 1.0, 0.5), f"printed by {words[0]}")

    monkeypatch.setattr(runs, "run", fake)
    assert command.main(["--no-pdf"], [TINY]) == 1
    assert (folder / "right.txt").read_text() == "printed by prove"
    text = (folder / "README.md").read_text()
    assert "FAILED: no such theorem" in text
    assert "NOT CONFIRMED: efpep prove cgd: it does not print 'never printed_'" in text
    assert "Failed: wrong, off." in capsys.readouterr().out
    monkeypatch.setattr(runs, "run", lambda words, limit: (Outcome("", False, 1.0, 0.5), "never printed_"))
    assert command.main(["--no-pdf"], [TINY]) == 0
    assert command.main(["--no-pdf", "right"], [TINY]) == 0
    assert "4 were left out. None failed." in capsys.readouterr().out
    assert "left out of this run" in (folder / "README.md").read_text()


def test_a_command_that_takes_too_long_is_ended():
    outcome, printed = runs.run(["methods"], 0.01)
    assert (outcome.failure, printed) == ("it took longer than 0.01 seconds", "")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="LaTeX is not installed")
def test_the_page_is_compiled(folder, capsys):
    assert command.main([], [TINY]) == 1
    text = (folder / "paper.tex").read_text()
    assert r"\input{table}" in text
    assert "what fails" in text
    assert "The first of 4 rows of report/report.csv" in text
    assert "Failed: wrong, off." in capsys.readouterr().out
    assert (folder / "paper.pdf").stat().st_size > 10_000
