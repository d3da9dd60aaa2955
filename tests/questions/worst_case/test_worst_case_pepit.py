"""Worst cases agree with PEPit's on explicit agents, for every class and method that both can express."""

import json
import math

import pytest
from support import one_sentence, with_ends

import efpep
from efpep.cli import main
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case, pepit_value

HALF = efpep.Contractive("1/2")
SMOOTH = efpep.SmoothStronglyConvex("1/10", 1)
CLASSES = {
    "strongly": SMOOTH,
    "convex": efpep.SmoothConvex(1),
    "weakly": efpep.SmoothWeaklyConvex("-1/2", 1),
    "bounded": efpep.BoundedSubgradients(1),
}
METHODS = {
    "gd": efpep.GD("1/2"),
    "cgd": efpep.CGD("3/10"),
    "ef": efpep.EF("3/10"),
    "ef21": efpep.EF21("3/10"),
    "momentum": efpep.EF21Momentum("3/10", theta="9/10"),
    "hb": efpep.EF21HeavyBall("1/4", beta="3/10"),
    "econtrol": efpep.EControl("3/10", eta="1/10"),
    "p": efpep.EF21P("3/10"),
    "bc": efpep.EF21BC("1/4"),
}
UNBOUNDED = {("weakly", "cgd"), ("weakly", "ef")}
"""Where nothing bounds the gradients of several agents, which these methods compress: the worst case is infinite."""
START = {"strongly": ("distance", "distance"), "convex": ("gap", "distance"), "bounded": ("gap", "distance")}


def question(functions, method, agents):
    """Return method, setting, metric and initial bounds."""
    metric, initial = START.get(functions, ("gradient", "gap"))
    setting = efpep.Setting(
        CLASSES[functions], HALF, agents, HALF, heterogeneity="1/2" if agents > 1 and functions != "weakly" else None
    )
    bounds = {initial: 1}
    if functions == "weakly" and method not in {"gd", "p"} and agents > 1:
        # nothing bounds the agents' own gradients, so the memories' errors have to be
        bounds |= {memory.feature: 1 for memory in METHODS[method].memories}
    return METHODS[method], setting, metric, bounds


def check(functions, method, agents, steps, at="last"):
    chosen, setting, metric, bounds = question(functions, method, agents)
    found = efpep.worst_case(chosen, setting, steps, metric, bounds, at=at, attained=False)
    checked = crosscheck_worst_case(found)
    assert checked.agrees, checked
    assert checked.value == pytest.approx(float(found.upper), rel=1e-6)


@pytest.mark.parametrize("at", ["best", "average", "mean"])
def test_places_agree(at):
    check("convex", "gd", 1, 3, at)


def test_a_wrong_bound_does_not_agree():
    found = efpep.worst_case(METHODS["ef21"], efpep.Setting(SMOOTH, HALF), 2)
    assert not crosscheck_worst_case(with_ends(found, upper=found.upper * 99 / 100)).agrees
    assert not crosscheck_worst_case(with_ends(found, found.upper * 101 / 100, found.upper)).agrees


def test_command_line(capsys):
    words = ["crosscheck", "ef21", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.3", "--agents", "2"]
    assert main([*words, "--heterogeneity", "1/2", "--iterations", "2", "--initial", "distance=4", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["iterations"], printed["agents"], printed["agrees"]) == (2, 2, True)
    assert printed["value"] == pytest.approx(float(printed["worst_case"]["upper"]), rel=1e-6)
    for more in (["--initial", "gap"], ["--iterations", "2", "--lyapunov", "||x-x*||^2"], ["--iterations", "2"]):
        assert main([*words, *more]) == 2
        assert one_sentence(capsys.readouterr().err.strip())


@pytest.mark.fast_cases(5)
@pytest.mark.parametrize("functions", CLASSES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("agents", "steps"), [(1, 2), (1, 5), (2, 2), (2, 3), (3, 2)])
def test_the_family_agrees(functions, method, agents, steps):
    if (functions, method) in UNBOUNDED and agents > 1:
        found = efpep.worst_case(METHODS[method], efpep.Setting(CLASSES[functions], HALF, agents), steps, "gradient", "gap")
        assert found.upper is None
        assert found.lower is None
        assert pepit_value(found.question, agents) == math.inf
    else:
        check(functions, method, agents, steps)


@pytest.mark.slow
@pytest.mark.parametrize("functions", CLASSES)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("agents", "steps"), [(2, 4), (2, 5), (3, 3), (3, 5)])
def test_the_family_agrees_over_more_steps(functions, method, agents, steps):
    """PEPit's value may be off by more than 1e-6 in its largest programs; then it is below what an exact run attains."""
    if (functions, method) in UNBOUNDED:
        pytest.skip("the worst case is unbounded")
    chosen, setting, metric, bounds = question(functions, method, agents)
    found = efpep.worst_case(chosen, setting, steps, metric, bounds)
    value = crosscheck_worst_case(found).value
    if found.lower is not None and value < found.lower:
        assert float(1 - found.lower / found.upper) < 1e-6
        assert value == pytest.approx(float(found.lower), rel=1e-5)
    else:
        assert value == pytest.approx(float(found.upper), rel=1e-6)
