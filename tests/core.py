"""What the core does alone: every public name, a command of each kind, and one sentence where an extra is needed.

python tests/core.py            where the extras are installed: they are refused as if they were not
python tests/core.py --alone    where the core alone is installed (make core): none of them may be there
"""

import argparse
import contextlib
import importlib
import io
import os
import sys
import tempfile
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path

with contextlib.suppress(ValueError):  # the tests' folders have the names of packages, such as that of Dask's
    sys.path.remove(str(Path(__file__).parent))

EXTRAS = ["matplotlib", "pandas", "dask", "distributed", "sklearn", "pyarrow", "array_api_compat"]
"""The packages that extras install."""
BROUGHT = {"pandas"}
"""What comes with a library of the core: PEPit needs pandas. efpep does without it."""

STUDY = """
title = "Two rates"
methods = ["gd"]

[grid]
agents = 1
kappa = [2, 10]
L = 1
step_size = "optimal"

[figure]
kind = "curves"
x = "kappa"
"""
EXPERIMENT = """
title = "One run"

[experiment]
iterations = 5
record_every = 5
metric = "gap"
compressor = "top-k:k=2"

[[problems]]
label = "quadratics"
problem = "quadratics:n=2,d=4,kappa=5"

[[methods]]
label = "EF21"
method = "ef21"
step_size = "optimal"
"""
CLASS = ["--mu", "0.5", "--L", "1", "--delta", "0.5"]
QUADRATICS = ["--problem", "quadratics:n=2,d=4,kappa=5", "--compressor", "top-k:k=3", "--iterations", "5"]
ANSWERED = [
    ["methods"],
    ["rate", "ef21", *CLASS, "--certificate", "rate.json"],
    ["verify", "rate.json", "--script", "proof.py"],
    ["verify", "rate.json", "--against", "proof.py"],
    ["verify", "rate.json", "--coq", "proof.v"],
    ["design", "gd", "--mu", "0.5", "--L", "1", "--seconds", "1/10"],
    ["tune", "gd", "--mu", "0.5", "--L", "1", "--landscape", "landscape.csv"],
    ["worst-case", "ef21", *CLASS, "--iterations", "1"],
    ["replay", "ef21", *CLASS, "--iterations", "1", "--save", "adversary.json"],
    ["potential", "adef", "--L", "1", "--delta", "0.5", "--step-size", "1/40", "--iterations", "2"],
    ["cycle", "ef21", "--mu", "0.1", "--L", "1", "--delta", "0.75", "--period", "3", "--step-size", "0.7"],
    ["adversary", "cgd", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--periods", "1,2"],
    ["patterns", "safe-ef", "--delta", "0.5", "--T", "2", "--jobs", "1"],
    ["lower-bound", "safe-ef", "--delta", "0.5", "--T", "2", "--runs", "1"],
    ["run", "study.toml", "--jobs", "1"],
    ["run", "study.toml", "--jobs", "2", "--store", "other.sqlite"],
    ["run", "experiment.toml", "--jobs", "1"],
    ["table", "study.toml", "--format", "latex"],
    ["simulate", "ef21", *QUADRATICS, "--output", "run.csv", "--checkpoint", "run.npz"],
    ["compare", "ef21", *QUADRATICS],
    ["compare", "ef21", *QUADRATICS, "--also", "ef", "--csv", "compared.csv"],
]
"""Commands that the core answers."""
ASKED = [
    ("figures", ["figure", "study.toml"]),
    ("figures", ["figure", "experiment.toml"]),
    ("figures", ["run", "experiment.toml", "--report", "report"]),
    ("figures", ["simulate", "ef21", *QUADRATICS, "--figure", "run.pdf"]),
    ("figures", ["compare", "ef21", *QUADRATICS, "--figure", "run.pdf"]),
    ("figures", ["replay", "ef21", *CLASS, "--iterations", "1", "--plot", "run.pdf"]),
    ("figures", ["tune", "gd", "--mu", "0.5", "--L", "1", "--landscape", "landscape.pdf"]),
    ("parquet", ["simulate", "ef21", *QUADRATICS, "--output", "run.parquet"]),
    ("data", ["simulate", "ef21", "--problem", "ridge:data=diabetes", "--compressor", "top-k:k=3"]),
    ("dask", ["run", "study.toml", "--dask", "local:2"]),
]
"""Commands that need an extra, and which."""


class Refused:
    """An import hook for which some libraries are not there."""

    def __init__(self, names):
        self.names = set(names)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def command(words):
    """Run a command, and return its exit status and what it printed to standard error."""
    from efpep.cli import main

    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as err:
        return main(words), err.getvalue()


def check_names():
    """Find every public name, and import every module; large libraries are loaded only when they are used."""
    import efpep

    for name in efpep.__all__:
        assert getattr(efpep, name) is not None
    root = Path(efpep.__file__).parent
    assert (root / "py.typed").is_file()
    for file in root.rglob("*.py"):
        module = ".".join(("efpep", *file.relative_to(root).with_suffix("").parts)).removesuffix(".__init__")
        if not module.endswith("__main__"):
            importlib.import_module(module)
    assert {"cvxpy", "PEPit", *EXTRAS} & set(sys.modules) == set()


def check_commands():
    """Run the commands that the core answers, and those that need an extra."""
    for words in ANSWERED:
        begin = time.perf_counter()
        status, err = command(words)
        assert status == 0, (words, status, err)
        sys.stdout.write(f"{time.perf_counter() - begin:6.1f} s  {' '.join(words)}\n")
    for extra, words in ASKED:
        before = set(Path.cwd().iterdir())
        status, err = command(words)
        line = err.strip()
        assert status == 2, (words, status, err)
        assert "\n" not in line, line
        assert f"which is not installed; install it with pip install 'efpep[{extra}]'" in line, (words, line)
        assert line.endswith(".")
        assert ". " not in line
        assert set(Path.cwd().iterdir()) == before, words
        sys.stdout.write(f"          {' '.join(words)}: {line}\n")


def check_objects():
    """Check what Python offers beside the commands: runs, and objects of optional libraries."""
    import efpep
    from efpep.questions.worst_case.report import multiplier_table, plot_multipliers
    from efpep.simulate.problems import RandomQuadratics

    problem = RandomQuadratics(n=2, d=4, kappa=5)
    run = efpep.simulate(efpep.EF21(), problem, 3, efpep.TopK(2))
    assert (efpep.distributed.run(efpep.EF21(), problem, 3, efpep.TopK(2)).x == run.x).all()
    setting = efpep.Setting(efpep.SmoothConvex(L=1))
    rates = efpep.rates_in_horizon(efpep.GD(1), setting, [1, 2], metric="gap", attained=False)
    assert str(rates).splitlines()[1].split()[:3] == ["1", "None", "0.166667"]
    worst = rates.worst_cases[0]
    asked = {
        run.to_frame: "data frames need pandas",
        rates.table: "data frames need pandas",
        partial(multiplier_table, worst): "data frames need pandas",
        run.plot: "figures need matplotlib",
        partial(plot_multipliers, worst): "figures need matplotlib",
        partial(efpep.figure, "study.toml"): "figures need matplotlib",
    }
    for ask, what in asked.items():
        assert refusal(ask) == f"{what}, which is not installed; install it with pip install 'efpep[figures]'."


def refusal(ask):
    """Return what a call says of what is not available."""
    from efpep import UnavailableError

    try:
        ask()
    except UnavailableError as error:
        return str(error)
    return "nothing is missing"


def main():
    """Check all of it in a scratch folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--alone", action="store_true", help="the core alone is installed")
    if parser.parse_args().alone:
        there = [name for name in EXTRAS if name not in BROUGHT and find_spec(name) is not None]
        assert there == [], f"installed beside the core: {there}"
    refused = Refused(EXTRAS)
    sys.meta_path.insert(0, refused)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EFPEP_STORE"] = str(Path(folder, "store.sqlite"))
        with contextlib.chdir(folder):
            Path("study.toml").write_text(STUDY, encoding="utf-8")
            Path("experiment.toml").write_text(EXPERIMENT, encoding="utf-8")
            check_names()
            check_commands()
            check_objects()
            refused.names -= BROUGHT
            status, err = command(["crosscheck", "gd", "--mu", "0.5", "--L", "1"])
            assert status == 0, err


if __name__ == "__main__":
    main()
