"""LaTeX is compiled where pdflatex is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

WIDEST = 20
"""What tables that are printed by default may stick out, in points."""

needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def compiled(document: str, folder: Path, *, wide: bool = False) -> str:
    """Compile a document, and return what pdflatex said.

    Faults, references that are missing and packages' warnings fail, and boxes that stick out unless they may be wide.
    """
    (folder / "document.tex").write_text(document, encoding="utf-8")
    command = [shutil.which("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "document.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    said = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, said[-2000:]
    assert "Float too large" not in said
    assert not re.search(r"^Package \w+ Warning", said, re.MULTILINE), said[-2000:]
    out = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", said)]
    assert wide or max(out, default=0) <= WIDEST, said[-2000:]
    return said


def article(body: str, *packages: str) -> str:
    """Return a bare article."""
    loaded = "\n".join(rf"\usepackage{{{name}}}" for name in packages)
    return f"\\documentclass{{article}}\n{loaded}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
