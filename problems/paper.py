"""Compile the tables of the studies in this folder, with the command that makes each, to ``paper/paper.pdf``: ``make paper``.

Studies of more than 60 points, and those that have no table, are listed with their command.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from efpep.errors import UnavailableError
from efpep.report.latex import escaped
from efpep.report.latex_tables import document
from efpep.studies.engine.grid import GridStudy
from efpep.studies.engine.kinds import read_study
from efpep.studies.engine.points import points

ROOT = Path(__file__).parents[1]
PACKAGES = ("booktabs", "siunitx", "threeparttable")
INSTALL = "install one, such as with apt-get install texlive-latex-extra texlive-science"
QUICK = 60


def check_latex() -> None:
    """Refuse where the tables cannot be compiled.

    Raises:
        UnavailableError: LaTeX or a package is not installed.
    """
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        raise UnavailableError(f"tables become a PDF by pdflatex, which no LaTeX installation has here; {INSTALL}.")
    for name in PACKAGES:
        if subprocess.run(["kpsewhich", f"{name}.sty"], capture_output=True, check=False).returncode:
            raise UnavailableError(f"tables need the LaTeX package {name}, which is not installed; {INSTALL}.")


def commands() -> tuple[list[tuple[Path, list[str]]], list[list[str]]]:
    """Return the quick studies with the commands that print their tables, and the commands that answer the others."""
    quick: list[tuple[Path, list[str]]] = []
    others: list[list[str]] = []
    for path in sorted((ROOT / "problems").rglob("*.toml")):
        _, study = read_study(path)
        name = str(path.relative_to(ROOT))
        table = ["table", name, "--format", "latex", "--notes"]
        if not isinstance(study, GridStudy):
            others.append(["run", name])
        elif len(points(study)) > QUICK:
            others.append(table)
        else:
            quick.append((path, table))
    return quick, others


def written(command: list[str]) -> str:
    """Return a command in LaTeX."""
    return rf"\noindent\texttt{{{escaped(' '.join(['efpep', *command]))}}}"


def main() -> int:
    """Print the tables, compile them, and say where they are."""
    try:
        check_latex()
    except UnavailableError as error:
        print(f"make paper: {error}", file=sys.stderr)
        return 1
    folder = ROOT / "paper"
    folder.mkdir(exist_ok=True)
    quick, others = commands()
    pages: list[str] = []
    for path, command in quick:
        print(" ".join(["efpep", *command]), flush=True)
        done = subprocess.run([sys.executable, "-m", "efpep.cli", *command], cwd=ROOT, stdout=subprocess.PIPE, check=False)
        if done.returncode not in {0, 4}:  # 4: something stayed undecided, which the table says
            return done.returncode
        (folder / f"{path.stem}.tex").write_bytes(done.stdout)
        pages += [rf"\section*{{{escaped(path.stem)}}}", written(command), rf"\input{{{path.stem}}}", r"\clearpage"]
    listed = "\\\\\n".join(written(command) for command in others)
    below_headings = r"\makeatletter\renewcommand\fps@table{!htbp}\makeatother"
    body = [below_headings, *pages, r"\section*{Longer studies, and those that have no table}", listed]
    (folder / "paper.tex").write_text(document(body, PACKAGES), encoding="utf-8")
    compile_it = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(compile_it, cwd=folder, capture_output=True, check=False)
    if done.returncode:
        print(done.stdout.decode("utf-8", "replace")[-2000:], file=sys.stderr)
        return 1
    print(f"{len(quick)} tables are in {(folder / 'paper.pdf').relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
