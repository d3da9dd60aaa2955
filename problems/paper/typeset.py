"""The page in LaTeX, with the tables and figures below it, and its PDF."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
import subprocess
import textwrap
from collections.abc import Mapping, Sequence

from efpep.errors import UnavailableError
from efpep.report.latex import escaped
from efpep.report.latex_tables import document
from problems.paper.kinds import Entry, Outcome, Part
from problems.paper.markdown import ABOUT, TITLE, lettered, sentences, summary
from problems.paper.runs import FOLDER

PACKAGES = ("booktabs", "siunitx", "threeparttable", "graphicx", "longtable")
INSTALL = "install one, such as with apt-get install texlive-latex-extra texlive-science"
_UNDERSCORE = r"\char95{}"
"""The character of the typewriter font, which can be copied; LaTeX's own is a rule."""
_PLACES = re.compile(r"/|=|,|\\char95\{\}")
"""Where commands may be broken, besides spaces."""
_WIDE = 108
_LINES = 60
"""How much of what a command prints is shown: characters a line, and lines."""
_ROWS = 24
_CELL = 10
"""How much of a report's rows is shown: rows, and characters a cell."""


def check_latex() -> None:
    """Refuse where the page cannot be compiled.

    Raises:
        UnavailableError: LaTeX or a package is not installed.
    """
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        raise UnavailableError(f"tables become a PDF by pdflatex, which no LaTeX installation has here; {INSTALL}.")
    for name in PACKAGES:
        if subprocess.run(["kpsewhich", f"{name}.sty"], capture_output=True, check=False).returncode:
            raise UnavailableError(f"tables need the LaTeX package {name}, which is not installed; {INSTALL}.")


def compile_page(parts: Sequence[Part], outcomes: Mapping[str, Outcome]) -> str:
    """Write ``paper/paper.tex`` and compile it; return what went wrong, empty for nothing."""
    (FOLDER / "paper.tex").write_text(page(parts, outcomes), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):  # longtable settles its widths in the second
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, check=False)
        if done.returncode:
            return done.stdout.decode("utf-8", "replace")[-2000:]
    return ""


def page(parts: Sequence[Part], outcomes: Mapping[str, Outcome]) -> str:
    """Return the document: the page, then what the commands made."""
    body = [r"\makeatletter\renewcommand\fps@table{!htbp}\makeatother", r"\setlength{\parindent}{0pt}\raggedright"]
    body += [rf"\section*{{{_text(TITLE)}}}", _text(ABOUT), "", _text(summary(outcomes))]
    for part in parts:
        body += _listed(part, outcomes)
    body.append(r"\setcounter{table}{0}")  # longtable counts
    for part in parts:
        body += [r"\clearpage", rf"\section*{{{_text(part.title)}: what the commands made}}"]
        for entry in part.entries:
            body += _made(entry, outcomes[entry.name]) if outcomes[entry.name].ran else []
    return document(body, PACKAGES)


def _listed(part: Part, outcomes: Mapping[str, Outcome]) -> list[str]:
    marks = lettered(part.differences)
    lines = [rf"\section*{{{_text(part.title)}}}", _text(part.about), ""]
    columns = r"@{}p{1.8cm}p{4.1cm}p{6.2cm}p{1.3cm}p{2.2cm}@{}"
    lines += [r"{\footnotesize\setlength{\tabcolsep}{3pt}", rf"\begin{{longtable}}{{{columns}}}", r"\toprule"]
    lines += [r"published & shows & command & differs & took \\", r"\midrule\endhead"]
    for entry in part.entries:
        whole = (
            f"; the whole{', ' * bool(entry.takes)}{escaped(entry.takes)}: {_command(shlex.split(entry.whole))}"
            if entry.whole
            else ""
        )
        cells = [
            _text(entry.published or "-"),
            _text(entry.shows),
            _command(entry.words) + whole,
            ", ".join(sorted(marks[key] for key in entry.differs)) or "--",
            _text(outcomes[entry.name].said),
        ]
        lines.append(" & ".join(rf"\raggedright {cell}" for cell in cells) + r"\tabularnewline\addlinespace")
    lines += [r"\bottomrule", r"\end{longtable}}"]
    for difference in part.differences:
        lines += [rf"\textbf{{{marks[difference.key]}. {_text(difference.about)}.}} {_text(sentences(difference))}"]
        lines += [rf"Evidence: {_command(shlex.split(one.command))} prints ``{_text(one.says)}''." for one in difference.evidence]
        lines += [f"Recorded in {_breaking(difference.recorded)}."] if difference.recorded else []
        if difference.evidence:
            failure = outcomes[difference.key].failure
            ran = "Confirmed in this run." if outcomes[difference.key].ran else "Left out of this run."
            lines.append(rf"\textbf{{Not confirmed: {_text(failure)}}}" if failure else ran)
        lines += [r"\par\smallskip", ""]
    return lines


def _made(entry: Entry, outcome: Outcome) -> list[str]:
    lines = ["", rf"\subsection*{{{_text(f'{entry.published}: ' if entry.published else '')}{_text(entry.shows)}}}"]
    lines += [_command(entry.words), r"\par\smallskip"]
    if outcome.failure:
        return [*lines, rf"\textbf{{Failed: {_text(outcome.failure)}}}", ""]
    if entry.file.endswith(".pdf"):
        return [*lines, rf"\includegraphics[width=\ifdim\textwidth<6.5in\textwidth\else6.5in\fi]{{{entry.file}}}", ""]
    if entry.file.endswith(".tex"):
        return [*lines, rf"\input{{{entry.name}}}", r"\clearpage", ""]
    curves = f"{entry.name}/curves.pdf"
    lines += [rf"\includegraphics[width=\linewidth]{{{curves}}}"] if (FOLDER / curves).exists() else []
    return [*lines, r"{\scriptsize", r"\begin{verbatim}", *_shown(entry), r"\end{verbatim}", "}", ""]


def _shown(entry: Entry) -> list[str]:
    """Return the first lines of what a command printed, in characters that LaTeX has, none too long."""
    text = (FOLDER / entry.file).read_text(encoding="utf-8").encode("ascii", "replace").decode()
    lines = [piece for line in text.splitlines() for piece in textwrap.wrap(line, _WIDE, drop_whitespace=False) or [""]]
    if len(lines) > _LINES:
        return [*lines[:_LINES], f"... {len(lines) - _LINES} more lines in {entry.file}"]
    return lines if "| " in text else [*lines, *_rows(entry)]


def _rows(entry: Entry) -> list[str]:
    """Return the first rows of a report that has a table in its file alone, without the lower ends."""
    report = FOLDER / entry.name / "report.csv"
    if not entry.command.startswith("run ") or not report.exists():
        return []
    with report.open(encoding="utf-8", newline="") as file:
        rows = [{name: cell for name, cell in row.items() if not name.endswith("_lower")} for row in csv.DictReader(file)]
    cells = [list(rows[0]), *([cell[:_CELL] for cell in row.values()] for row in rows[:_ROWS])]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    return ["", f"The first of {len(rows)} rows of {entry.name}/report.csv, which has all digits:", *table]


def _command(words: list[str]) -> str:
    """Return a command in LaTeX, which may be broken in its paths."""
    return _breaking(shlex.join(["efpep", *words]))


def _breaking(text: str) -> str:
    broken = _PLACES.sub(lambda found: found[0] + r"\allowbreak{}", escaped(text).replace(r"\_", _UNDERSCORE))
    return rf"\texttt{{{broken}}}"


def _text(text: str) -> str:
    """Return text of the page in LaTeX; what stands between backticks is typeset as code."""
    pieces = text.split("`")
    return "".join(_breaking(piece) if k % 2 else escaped(piece) for k, piece in enumerate(pieces))
