"""Worst cases of agents whose gradients differ from their mean by a bounded mean square at every point."""

import json
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
from efpep.methods import LocalGD

HALF = efpep.Contractive("1/2")
SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)


def asked(zeta, agents=10, functions=SMOOTH):
    return efpep.Setting(functions, HALF, agents, dissimilarity=zeta)


def test_a_compressed_step_of_dissimilar_agents():
    """With step 1/L one step of CGD leaves f at ``f(x) - |g|^2/2 + |mean C(g_i) - g|^2/2`` at most, that is
    ``1 + (1 - delta) zeta^2/2`` from ``f(x) - f* = 1`` with ``g = 0`` and ``|g_i| = zeta``, each lost in one direction."""
    found = efpep.worst_case(efpep.CGD(1), asked(1), 1, "gap", {"gap": 1})
    assert float(found.upper) == pytest.approx(1.25, abs=1e-6)
    assert found.lower is None  # elsewhere than where a run goes the functions need not keep the bound
    found.certificate.check()
    assert "differ from their mean by a mean square of at most 1" in found.certificate.sentence()
    assert efpep.worst_case(efpep.CGD(1), efpep.Setting(SMOOTH, HALF, 10), 1, "gap", {"gap": 1}).upper is None


def test_files_keep_the_bound(tmp_path):
    found = efpep.worst_case(efpep.CGD(1), asked("1/2"), 1, "gap", {"gap": 1})
    path = tmp_path / "apart.json"
    found.certificate.save(path)
    assert efpep.verify(path).certificate.setting == asked("1/2")
    described = json.loads(path.read_text())
    described["claim"]["setting"]["dissimilarity"] = "1"  # further apart than was used
    path.write_text(json.dumps(described))
    assert efpep.verify(path).accepted is False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "functions", "metric", "initial"),
    [
        (efpep.CGD("3/10"), SMOOTH, "gradient", {"gap": 1}),
        (efpep.EF("3/10"), SMOOTH, "gradient", {"gap": 1}),
        (efpep.EF("3/10"), efpep.SmoothStronglyConvex("1/10", 1), "distance", {"distance": 1}),
        (efpep.EF21("3/10"), efpep.SmoothConvex(1), "gap", {"distance": 1}),
        (LocalGD("3/10", local_steps=2), efpep.SmoothConvex(1), "gap", {"distance": 1}),  # the bound is about common points
    ],
)
def test_pepit_agrees(method, functions, metric, initial):
    found = efpep.worst_case(method, asked("1/2", 2, functions), 2, metric, initial)
    checked = crosscheck_worst_case(found)
    assert checked.agrees, checked
    assert checked.value == pytest.approx(float(found.upper), rel=1e-5)


def test_command_line(capsys):
    words = ["worst-case", "cgd", "--functions", "smooth-weakly-convex", "--functions-set", "mu=-1", "--functions-set", "L=1"]
    words += ["--delta", "0.5", "--step-size", "1", "--agents", "10", "--iterations", "1", "--metric", "gap", "--initial", "gap"]
    assert main([*words, "--dissimilarity", "1", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["dissimilarity"] == "1"
    assert float(printed["value"]["upper"]) == pytest.approx(1.25, abs=1e-6)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda: efpep.rate(efpep.EF21("1/5"), asked(1, 10, efpep.SmoothStronglyConvex("1/10", 1))),
            "which the rate does not know",
        ),
        (lambda: efpep.potential(efpep.EF21("1/5"), asked(1)), "does not know; leave it out, or ask for a worst case"),
        (lambda: asked(-1), "dissimilarity is -1, but a bound of norms is not negative"),
    ],
)
def test_what_is_not_known_is_refused_in_a_sentence(ask, said):
    with pytest.raises(efpep.InputError) as error:
        ask()
    assert said in str(error.value)
    assert one_sentence(error.value)


def test_agents_that_differ_less_are_no_worse():
    values = [efpep.worst_case(efpep.CGD("1/2"), asked(zeta), 1, "gap", {"gap": 1}).upper for zeta in ("1/4", "1/2", 1)]
    assert values[0] < values[1] < values[2]
    assert values[0] > 1 - Fraction(1, 10**6)  # where the gradient is zero and nothing is lost
