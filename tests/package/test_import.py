"""Importing efpep costs next to nothing, and each path loads only what it needs."""

import json
import subprocess
import sys

import pytest
from support import uniform

import efpep

HEAVY = ["numpy", "scipy", "cvxpy", "sympy", "pandas", "PEPit", "matplotlib", "clarabel", "scs", "flint", "pydantic", "typer"]
COMMERCIAL = ["mosek", "gurobipy", "coptpy", "cplex", "xpress", "sdpap", "sdpa"]


def run(code, *arguments):
    finished = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def loaded(code, names, *arguments):
    """Return which of the modules ``names`` are loaded after running ``code``."""
    report = f"\nimport sys, json\nprint(json.dumps([m for m in {names!r} if m in sys.modules]))"
    return json.loads(run(code + report, *arguments).splitlines()[-1])


def test_import_takes_less_than_three_tenths_of_a_second():
    code = "import time; t = time.perf_counter(); import efpep; print(time.perf_counter() - t)"
    assert min(float(run(code)) for _ in range(5)) < 0.3


def test_import_loads_no_heavy_library():
    assert loaded("import efpep", HEAVY + COMMERCIAL) == []


def test_every_public_name_is_found():
    assert len(set(efpep.__all__)) == len(efpep.__all__) < 70
    for name in efpep.__all__:
        assert getattr(efpep, name) is not None
    assert set(efpep.__all__) <= set(dir(efpep))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = efpep.no_such_name


def test_version_comes_from_one_place():
    from importlib.metadata import version

    assert efpep.__version__ == version("efpep")


def test_rate_needs_no_modelling_language_and_no_commercial_solver():
    code = (
        "import efpep\n"
        "s = efpep.Setting(efpep.SmoothStronglyConvex('1/10', 1), efpep.Contractive('1/100'), 2)\n"
        "assert efpep.rate(efpep.EF21(), s).certified"
    )
    assert loaded(code, [*COMMERCIAL, "cvxpy", "sympy", "pandas", "PEPit", "matplotlib"]) == []


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "ef21.json"
    efpep.rate(efpep.EF21("1/20"), uniform(10, "1/2", 3)).certificate.save(path)
    return path


def test_verification_runs_on_the_standard_library_alone(saved):
    code = "import sys, efpep\nassert efpep.verify(sys.argv[1]).accepted is True"
    assert loaded(code, HEAVY + COMMERCIAL, saved) == []


def test_verification_works_where_no_numerical_library_can_be_imported(saved):
    code = (
        "import sys\n"
        f"for name in {HEAVY + COMMERCIAL!r}:\n"
        "    sys.modules[name] = None\n"
        "import efpep\n"
        "verdict = efpep.verify(sys.argv[1])\n"
        "assert verdict.accepted is True, verdict.reason\n"
    )
    run(code, saved)
