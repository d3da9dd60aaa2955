"""What an installed wheel holds: every file of the package and no other, each module imported, and a rate.

python -I tests/wheel.py WHEEL    where the wheel alone is installed (make wheel)
"""

import importlib
import json
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from importlib.metadata import metadata, version
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RATE = ["rate", "ef21", "--kappa", "10", "--L", "1", "--delta", "1/2", "--agents", "10", "--certificate", "rate.json"]


def check_files(wheel):
    """Compare the files of the wheel with those of this clone, and return the modules."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {path for path in (ROOT / "efpep").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    names = {path.relative_to(ROOT).as_posix() for path in there}
    assert held == names, sorted(held ^ names)
    return sorted(name for name in held if name.endswith(".py"))


def check_metadata():
    """Compare what the installed package says of itself with ``pyproject.toml``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    said = metadata("efpep")
    assert said["License-Expression"] == project["license"]
    assert dict(entry.split(", ", 1) for entry in said.get_all("Project-URL")) == project["urls"]


def check_modules(files):
    """Import every module from the environment, not from this clone."""
    for file in files:
        if not file.endswith("/__main__.py"):
            module = importlib.import_module(file.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
            assert Path(module.__file__).is_relative_to(sys.prefix), module.__file__


def check_rate():
    """Ask the installed command for a rate, compare it with the closed form of arXiv:2506.05271, and verify it."""

    def printed(*words):
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    program = str(Path(sys.executable).with_name("efpep"))
    with tempfile.TemporaryDirectory() as folder:
        assert printed("--version").split() == ["efpep", version("efpep")]
        rate = json.loads(printed(*RATE, "--json"))["rate"]
        kappa, s = 10, sqrt(0.5)
        root = sqrt((1 + s) ** 2 + 16 * s * kappa / (kappa - 1) ** 2)
        expected = s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * (1 - s + root)
        assert float(rate["lower"]) - 1e-9 <= expected <= float(rate["upper"]) + 1e-9, (rate, expected)
        printed("verify", "rate.json")
    return rate


def main():
    """Check all of it."""
    (wheel,) = sys.argv[1:]
    check_metadata()
    files = check_files(wheel)
    check_modules(files)
    rate = check_rate()
    text = f"{Path(wheel).name}: {len(files)} modules imported; efpep rate answers {rate['lower']} <= rho <= {rate['upper']}"
    sys.stdout.write(f"Python {sys.version.split()[0]}: {text}\n")


if __name__ == "__main__":
    main()
