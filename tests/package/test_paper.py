"""``make paper``: which tables it compiles, and what it says where LaTeX is missing."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

from support import one_sentence

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "problems" / "paper.py"


def test_without_latex_it_says_what_to_install(tmp_path):
    environment = {**os.environ, "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert not done.stdout
    assert one_sentence(done.stderr.strip())
    assert "apt-get install texlive-latex-extra texlive-science" in done.stderr


def test_every_study_is_compiled_or_listed():
    """The tables of two studies are for papers; the largest grid of the folder takes too long."""
    quick, others = runpy.run_path(str(SCRIPT))["commands"]()
    names = [path.stem for path, _ in quick]
    assert {"single_agent_rates", "any_number_of_agents"} <= set(names)
    assert ["table", "problems/figure_stability.toml", "--format", "latex", "--notes"] in others
    assert ["run", "problems/laws/cubic_n2.toml"] in others
    assert len(quick) + len(others) == len(list((ROOT / "problems").rglob("*.toml")))
