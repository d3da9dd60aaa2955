"""The README's examples: every command and every program runs, and prints what the README shows.

A ``console`` block holds commands after ``$`` with their output, a ``python`` block a program and the ``text`` block after it
the program's output. The examples of a section run in one scratch directory, in order, with all files that the README shows.
Numbers may differ by what a solver leaves open, coefficients of Lyapunov functions and times altogether.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from efpep.cli import main
from efpep.compressors import COMPRESSORS
from efpep.methods import METHODS
from efpep.studies.rates.schema import Study

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.:/-])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w:/])")
FILE = re.compile(r"# (\S+\.toml|\w+\.py)\n")
"""The first line of an example that is a file."""
TOLERANCE = 1e-7


SECTIONS = dict(re.findall(r"^## ([^\n]*)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))


def examples(section: str) -> list[tuple[str, str, str]]:
    """Return the kind, the source and the shown output of each example of a section, in order."""
    found: list[tuple[str, str, str]] = []
    blocks = BLOCK.findall(section)
    for k, (kind, text) in enumerate(blocks):
        if kind == "console":
            for piece in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = re.match(r"((?:[^\n]*(?:\\|\|)\n)*[^\n]*)(\n)(.*)", piece, re.DOTALL).groups()
                found.append(("console", command, shown))
        elif kind == "python":
            following = blocks[k + 1] if k + 1 < len(blocks) else ("", "")
            found.append(("python", text, following[1] if following[0] == "text" else ""))
        elif kind == "toml":
            found.append(("toml", text, ""))
    return found


def run(kind: str, source: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run an example as a reader would."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"}
    environment["EFPEP_STORE"] = str(directory / "store.sqlite")
    command = ["bash", "-c", source] if kind == "console" else [sys.executable, "-W", "error", "-c", source]
    return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=120)


def stable(text: str) -> tuple[str, list[float]]:
    """Return what does not depend on the solver: the text without Lyapunov functions and times, and the numbers in it."""
    text = re.sub(r"\d+\.\d+ s$", "", text, flags=re.MULTILINE)
    text = re.sub(r'"seconds": [\d.e-]+', "", text)
    text = re.sub(r'"V = [^"]*"', "", text)
    text = re.sub(r"^V = .*\n?", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(?:Lyapunov|given|simplified)? +V? ?[-+=].*\n?(?:^ {11}[-+] .*\n?)*", "", text, flags=re.MULTILINE)
    text = re.sub(r"(?<![\w./-])(\d+)/(\d+)(?![\w/])", lambda found: f"{int(found[1]) / int(found[2]):.15f}", text)
    text = re.sub(r"clarabel\+extended|clarabel|extended", "SOLVER", text)
    text = re.sub(r"[-+]\d\.\de-\d\d", "", text)
    text = text.replace("…", "")
    words = " ".join(text.split())
    return NUMBER.sub("#", words), [float(number) for number in NUMBER.findall(words)]


def matches(printed: str, shown: str) -> bool:
    """Whether the stable parts of what was printed are those that the README shows; ``...`` stands for lines left out."""
    pieces = re.split(r"^\.\.\.\n?", shown, flags=re.MULTILINE)
    if len(pieces) == 1:
        words, numbers = stable(shown)
        found, values = stable(printed)
        return found == words and all(abs(a - b) <= TOLERANCE * max(1, abs(b)) for a, b in zip(values, numbers, strict=True))
    lines = printed.splitlines(keepends=True)
    for piece in pieces:
        size = len(piece.splitlines())
        starts = [k for k in range(len(lines) - size + 1) if matches("".join(lines[k : k + size]), piece)]
        if not starts:
            return False
        lines = lines[starts[0] + size :]
    return True


def test_matches_sees_differences():
    shown = "rate  0.939368194545 <= rho   proved\nsolver     clarabel, 0.2 s\n"
    assert matches(shown.replace("4545", "4549").replace("0.2 s", "1.7 s"), shown)
    assert not matches(shown.replace("0.9393", "0.9394"), shown)
    assert not matches(shown.replace("proved", "undecided"), shown)
    assert matches("a\nb 1\nc\nd 2\n", "a\n...\nd 2\n")
    assert not matches("a\nb 1\nc\nd 2\n", "a\n...\nd 3\n")


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch directory with what a clone holds and the README mentions."""
    path = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "problems", path / "problems")
    # the certificate of the first answers, which a later section uses
    for text in SECTIONS.values():
        for _, source, _ in examples(text):
            if name := FILE.match(source):
                (path / name[1]).write_text(source, encoding="utf-8")
    words = ["ef21", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--agents", "10", "--certificate", str(path / "ef21.json")]
    assert main(["rate", *words]) == 0
    return path


@pytest.mark.parametrize("section", [name for name, text in SECTIONS.items() if examples(text)])
def test_every_example_prints_what_is_shown(directory, section):
    for kind, source, shown in examples(SECTIONS[section]):
        if FILE.match(source):
            continue
        assert kind != "toml", "a study in the README begins with its file name"
        if kind == "console" and source.split()[0] in {"git", "make", "python3", "pip"}:
            continue  # installation, which the machine that runs this has behind it
        done = run(kind, source, directory)
        assert matches(done.stdout, shown), f"{source}\n--- printed\n{done.stdout}{done.stderr}\n--- README\n{shown}"
        assert done.returncode in {0, 3}, done.stderr


def test_there_are_examples_of_every_kind():
    assert {kind for text in SECTIONS.values() for kind, _, _ in examples(text)} == {"console", "python", "toml"}


def test_methods_of_the_table_exist():
    keys = re.findall(r"^\| [^|`]+ \| `([\w-]+)` \|", README, flags=re.MULTILINE)
    assert set(keys) == set(METHODS.members)
    keys = re.findall(r"^\| `([\w-]+)` \| `\w+` \|", README, flags=re.MULTILINE)
    assert set(keys) == set(COMPRESSORS.members)


def test_every_key_of_study_files_is_explained():
    section = README.partition("## Study files")[2].partition("\n## ")[0]
    assert all(f"`{key}`" in section or f"{key} =" in section for key in Study.model_fields if key not in {"grid", "groups"})
    assert "[grid]" in section
    assert "[[groups]]" in section


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
        for line in re.findall(r"^#+ .*$", README, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings
