"""The examples of the README and of the documentation: every command and program runs, and prints what the page shows.

A ``console`` block holds commands after ``$`` with their output, a ``python`` block a program and the ``text`` block after it
the program's output. The examples of a page run in one scratch directory, in order, with all files that the pages show.
Numbers may differ by what a solver leaves open, coefficients of Lyapunov functions and times altogether. The nightly tests run
all pages, each example in a fresh process. The ordinary ones leave out the blocks after the mark ``<!-- slow -->`` and the pages
that are listed as long, and save the time for imports (:mod:`support.reader`).
"""

import os
import pkgutil
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.reader import Reader, parts_of

import efpep
from efpep.cli import main
from efpep.cli.app import COMMANDS
from efpep.compressors import COMPRESSORS
from efpep.functions import FUNCTIONS
from efpep.methods import METHODS
from efpep.questions.kinds import KINDS
from efpep.studies.rates.schema import Study

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PATHS = (ROOT / "README.md", *sorted(DOCS.rglob("*.md")))
PAGES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PATHS}
README = PAGES["README.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"(?<![\w.:/-])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w:/])")
FILE = re.compile(r"# (\S+\.toml|\w+\.py)\n")
"""The first line of an example that is a file."""
TOLERANCE = 1e-7

SLOW = "<!-- slow -->"
LIBRARIES = ("jax", "torch")
"""Libraries that users bring along: the blocks that import one run where it is installed."""

MARKED = re.compile(SLOW + r"\n+^```.*?^```\n(?:\n```text\n.*?^```\n)?", re.MULTILINE | re.DOTALL)
"""A block that runs in the nightly tests alone, with its output."""


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


def run(kind: str, source: str, directory: Path, reader: Reader | None = None) -> subprocess.CompletedProcess[str]:
    """Run an example as a reader would: in a fresh process, or by a process that has imported the package already."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "120"}
    environment["EFPEP_STORE"] = str(directory / "store.sqlite")
    done = reader.run(kind, source, directory, environment) if reader else None
    if done is not None:
        return done
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


def test_examples_are_run_apart_from_each_other(reader, tmp_path):
    def told(source: str, kind: str = "python") -> tuple[int, str, str]:
        done = reader.run(kind, source, tmp_path, {"PATH": os.environ["PATH"], "A": "b"})
        return done.returncode, done.stdout, done.stderr

    assert told("import os\nefpep = 1\nprint(os.environ['A'], os.getcwd())") == (0, f"b {tmp_path}\n", "")
    assert told("print(efpep)")[2].endswith("NameError: name 'efpep' is not defined\n")
    assert told("import warnings\nwarnings.warn('x')")[0] == 1
    assert told("efpep rate no-method", "console")[0] == 2
    assert told("efpep --version | tr -d '\\n' > version", "console") == (0, "", "")
    assert (tmp_path / "version").read_text() == f"efpep {efpep.__version__}"
    assert [parts_of(each) for each in ("efpep rate 'a b' \\\n c", "efpep a $b", "efpep a; b", "A=1 efpep a", "cat a")] == [
        (["rate", "a b", "c"], ""),
        *[(None, "")] * 4,
    ]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch directory with what a clone holds and the pages mention."""
    path = tmp_path_factory.mktemp("pages")
    for folder in ("problems", "notebooks"):
        shutil.copytree(ROOT / folder, path / folder)
    for name, source in files():
        (path / name).write_text(source, encoding="utf-8")
    # the certificate of the first answers, which other pages use
    words = ["ef21", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--agents", "10", "--certificate", str(path / "ef21.json")]
    assert main(["rate", *words]) == 0
    return path


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(dict(os.environ)) as found:
        yield found


def files() -> list[tuple[str, str]]:
    """Return the names and the contents of the files that pages show."""
    found = [(FILE.match(source), source) for text in PAGES.values() for _, source, _ in examples(text)]
    return [(name[1], source) for name, source in found if name]


def check_examples(directory: Path, text: str, reader: Reader | None = None) -> None:
    for kind, source, shown in examples(text):
        if FILE.match(source):
            continue
        assert kind != "toml", "a study in a page begins with its file name"
        if brought(source):
            continue
        program = source.split()[0]
        if kind == "console" and program in {"git", "make", "python3", "pip"}:
            continue  # installation, which the machine that runs this has behind it
        if program == "pdflatex" and not shutil.which(program):
            continue
        done = run(kind, source, directory, reader)
        assert matches(done.stdout, shown), f"{source}\n--- printed\n{done.stdout}{done.stderr}\n--- page\n{shown}"
        assert done.returncode in {0, 3}, done.stderr


def brought(source: str) -> str:
    """Return the library of :data:`LIBRARIES` that a program imports; nothing where it imports none."""
    return next((name for name in LIBRARIES if re.search(rf"^import {name}$", source, flags=re.MULTILINE)), "")


@pytest.mark.parametrize("library", LIBRARIES)
def test_examples_with_a_library_of_the_users(directory, library):
    pytest.importorskip(library, reason=f"{library} is not installed, and efpep does not need it")
    found = [example for text in PAGES.values() for example in examples(text) if brought(example[1]) == library]
    assert found
    for kind, source, shown in found:
        done = run(kind, source, directory)
        assert done.returncode == 0, done.stderr
        assert matches(done.stdout, shown)


def quick(text: str) -> str:
    return MARKED.sub("", text)


def test_a_marked_block_is_slow_and_no_other():
    block = "```console\n$ a\n```\n"
    program = "```python\na\n```\n\n```text\n1\n```\n"
    assert quick(f"{block}\n{SLOW}\n\n{program}\n{block}") == f"{block}\n\n{block}"
    assert SLOW not in "".join(quick(text) for text in PAGES.values())


LONG = {
    f"docs/{page}.md"
    for page in (
        "guides/bounds_against_runs",
        "guides/crosscheck",
        "guides/experiments",
        "guides/figures",
        "guides/lower_bounds",
        "guides/network",
        "guides/step_sizes",
        "guides/sweeps",
        "guides/worst_cases",
        "reference/compressors",
        "reference/study_files",
    )
}
"""Pages whose examples take more than about five seconds, of what other tests ask too."""


@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if examples(quick(text)) and name not in LONG])
def test_examples_print_what_is_shown(directory, reader, page):
    check_examples(directory, quick(PAGES[page]), reader)


@pytest.mark.slow
@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if examples(text)])
def test_every_example_prints_what_is_shown_in_a_fresh_process(directory, page):
    check_examples(directory, PAGES[page])


def test_there_are_examples_of_every_kind():
    assert {kind for text in PAGES.values() for kind, _, _ in examples(text)} == {"console", "python", "toml"}


def test_no_block_of_a_page_is_of_a_kind_that_is_not_run():
    for page, text in PAGES.items():
        assert set(re.findall(r"^ *```(.+)$", text, flags=re.MULTILINE)) <= {"console", "python", "text", "toml"}, page


def test_files_of_one_name_are_the_same_on_all_pages():
    assert len(dict(files())) == len(set(files()))


def test_methods_of_the_table_exist():
    keys = re.findall(r"^\| [^|`]+ \| `([\w-]+)` \|", PAGES["docs/reference/methods.md"], flags=re.MULTILINE)
    assert set(keys) == set(METHODS.members)
    keys = re.findall(r"^\| `([\w-]+)` \| `\w+` \|", PAGES["docs/reference/compressors.md"], flags=re.MULTILINE)
    assert set(keys) == set(COMPRESSORS.members)
    keys = re.findall(r"^\| `([\w-]+)` \| `\w+`[^|]* \|", PAGES["docs/reference/functions.md"], flags=re.MULTILINE)
    assert set(keys) == set(FUNCTIONS.members)


def test_every_key_of_study_files_is_explained():
    page = PAGES["docs/reference/study_files.md"]
    assert all(f"`{key}`" in page or f"{key} =" in page for key in Study.model_fields if key not in {"grid", "groups"})
    assert "[grid]" in page
    assert "[[groups]]" in page


GENERATED = {
    "docs/reference/command_line.md": {f"efpep-{command}" for command in COMMANDS},
    "docs/reference/api.md": {f"efpep.{name}" for name in efpep.__all__},
    "docs/reference/methods.md": set(METHODS.members),
    "docs/reference/certificates.md": {kind.replace(" ", "-") for kind in KINDS},
}
"""The anchors of what is written into pages when the site is built; tests/test_docs.py sees that it is."""


def prose(text: str) -> str:
    """Return a page without its examples."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """Return the names of a page's headings, as the site makes them."""
    headings = [line.lstrip("# ") for line in re.findall(r"^#+ .*$", prose(text), re.MULTILINE)]
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    home = (ROOT / page).parent
    text = re.sub(r"`[^`\n]*`", "", prose(PAGES[page]))
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", text):
        assert (home / target).exists(), target
        if anchor:
            led = str((home / target).resolve().relative_to(ROOT)) if target else page
            assert anchor in anchors(PAGES[led]) | GENERATED.get(led, set()), f"{target}#{anchor}"


def test_files_that_pages_name_exist():
    named = {
        path for text in PAGES.values() for path in re.findall(r"`((?:problems|notebooks|benchmarks|tests|docs)/[\w/.-]*)`", text)
    }
    assert named
    assert not [path for path in named if not (ROOT / path).exists()]


def test_names_of_the_package_that_pages_use_exist():
    named = {name for text in PAGES.values() for name in re.findall(r"`(efpep(?:\.\w+)+)[`(]", prose(text))}
    assert len(named) > 20
    for name in named:
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError):
            pytest.fail(f"a page names {name}, which does not exist")
