"""The core alone, and what extras add: imported in one place, and asked for in one sentence where it is missing."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support import one_sentence

from efpep.errors import UnavailableError
from efpep.optional import EXTRAS, optional

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = {*EXTRAS, "dask"}


@pytest.mark.slow  # `make core` runs the same with the core alone
def test_the_core_alone_answers_and_asks_for_extras():
    script = ROOT / "tests" / "core.py"
    finished = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=240)
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("package", EXTRAS)
def test_a_library_that_is_missing_is_asked_for_with_its_extra(package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    name, extra = EXTRAS[package]
    with pytest.raises(UnavailableError) as refused:
        optional(package, "things", instead="do without")
    assert one_sentence(refused.value)
    assert str(refused.value) == (
        f"things need {name}, which is not installed; install it with pip install 'efpep[{extra}]', or do without."
    )


def test_a_library_that_is_broken_is_not_called_missing(monkeypatch, tmp_path):
    for module in [module for module in sys.modules if module.partition(".")[0] == "sklearn"]:
        monkeypatch.delitem(sys.modules, module)
    (tmp_path / "sklearn.py").write_text("import no_such_library", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UnavailableError, match=r"cannot be imported here .*no_such_library.*; mend its installation") as refused:
        optional("sklearn", "data sets")
    assert one_sentence(refused.value)


def test_extras_are_declared():
    extras = PROJECT["optional-dependencies"]
    for name, extra in EXTRAS.values():
        assert any(required.startswith(name.removeprefix("dask.")) for required in extras[extra])
        assert not any(required.startswith(name) for required in PROJECT["dependencies"])
    (everything,) = extras["all"]
    assert set(everything.removeprefix("efpep[").removesuffix("]").split(",")) == {extra for _, extra in EXTRAS.values()}


def imports(tree):
    """Yield the packages that a module imports, except for type checkers."""
    if isinstance(tree, ast.If) and ast.unparse(tree.test) == "TYPE_CHECKING":
        return
    if isinstance(tree, ast.Import):
        yield from (alias.name.partition(".")[0] for alias in tree.names)
    elif isinstance(tree, ast.ImportFrom):
        yield str(tree.module).partition(".")[0]
    for child in ast.iter_child_nodes(tree):
        yield from imports(child)


def test_libraries_of_extras_are_imported_in_one_place():
    for file in (ROOT / "efpep").rglob("*.py"):
        found = PACKAGES & set(imports(ast.parse(file.read_text(encoding="utf-8"))))
        assert found == set(), file
