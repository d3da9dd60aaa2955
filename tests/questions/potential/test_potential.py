"""Growing potentials: known constants, guarantees that runs respect, and certificates that prove them."""

import json
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence
from support.heterogeneous import gap, quadratics

import efpep
from efpep.cli import main
from efpep.methods.base import Analysis
from efpep.proof.conditions import check_lower, check_upper
from efpep.questions.potential.inequalities import potential_inequalities
from efpep.questions.potentials import ANALYSES
from efpep.simulate.run import NumericRun, iterate

CONVEX = efpep.SmoothConvex(1)


def setting(delta=1, agents=1, functions=CONVEX):
    return efpep.Setting(functions, efpep.Contractive(delta), agents)


QUESTIONS = {
    "gd": (efpep.GD(1), setting(agents=3), 3),
    "adef": (efpep.ADEF("1/40"), setting("1/2", 3), 4),
    "adef alone": (efpep.ADEF("1/10"), setting("1/2"), 3),
    "adef averaging": (efpep.ADEF("1/10", power=0), setting("1/2", 2), 3),
    "adef projection": (efpep.ADEF("1/40"), efpep.Setting(CONVEX, efpep.Projection("1/2"), 2), 3),
    "ef21": (efpep.EF21("1/10"), setting("1/2"), 4),
    "ef": (efpep.EF("1/10"), setting("1/2", 2), 4),
    "strongly convex": (efpep.ADEF("1/40"), setting("1/2", 2, efpep.SmoothStronglyConvex("1/10", 1)), 2),
}


@pytest.fixture(scope="module")
def answers():
    return {name: efpep.potential(method, where, steps) for name, (method, where, steps) in QUESTIONS.items()}


@pytest.mark.parametrize("name", QUESTIONS)
def test_both_ends_are_proved(name, answers):
    found = answers[name]
    assert found.certified
    assert found.lower < found.upper <= found.lower * (1 + Fraction(1, 1000))
    question = potential_inequalities(found.method, found.setting, found.details["iterations"])
    check_upper(question.system, found.certificate.upper)
    check_lower(question.system, found.certificate.lower)
    assert found.details["bound"] == found.upper / found.method.total(found.details["iterations"])


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_gradient_descent_has_its_exact_worst_case(steps):
    """``f(x_T) - f* <= L ||x_0 - x*||^2 / (4 T + 2)`` is tight for step 1/L (Drori, Teboulle 2014)."""
    found = efpep.potential(efpep.GD(1), setting(), steps)
    exact = Fraction(steps, 4 * steps + 2)
    assert found.upper >= exact
    assert found.upper - exact < Fraction(1, 10**6)
    assert exact - found.lower < Fraction(1, 10**6)


@pytest.mark.parametrize("steps", [5, 8])
def test_gradient_descent_is_between_its_worst_case_and_the_classical_bound(steps):
    found = efpep.potential(efpep.GD(1), setting(agents=2), steps)
    assert Fraction(steps, 4 * steps + 2) <= found.upper <= Fraction(1, 2)


@pytest.mark.parametrize("steps", [1, 4, 9])
def test_without_compression_adef_has_the_constant_of_similar_triangles(steps):
    """K <= 1/2 for the weights t/(2 L); the first step is gradient descent with the step 1/(2 L), whose worst case is 1/4."""
    found = efpep.potential(efpep.ADEF("1/2"), setting(agents=2), steps)
    assert found.upper <= Fraction(1, 2)
    if steps == 1:
        assert Fraction(1, 8) <= found.upper <= Fraction(1, 8) + Fraction(1, 10**6)


def test_units_are_what_they_should_be():
    """With L = 1000 and steps a thousandth, K in ``K ||x_0 - x*||^2 / A_T`` is the same."""
    one = efpep.potential(efpep.ADEF("1/40"), setting("1/2", 2), 3)
    other = efpep.potential(efpep.ADEF("1/40000"), setting("1/2", 2, efpep.SmoothConvex(1000)), 3)
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)
    assert float(one.upper) == pytest.approx(float(other.upper), rel=1e-4)


def test_agents_cost_nothing_and_groups_of_one_kind_are_one_kind(answers):
    method, _, steps = QUESTIONS["adef"]
    groups = [efpep.Group(count=1), efpep.Group(count=2)]
    for agents in (10**9, groups):
        other = efpep.potential(method, efpep.Setting(CONVEX, efpep.Contractive("1/2"), agents), steps)
        assert max(other.lower, answers["adef"].lower) <= min(other.upper, answers["adef"].upper)


@pytest.mark.parametrize("seed", range(4))
def test_runs_stay_below_the_bound(seed, answers):
    found = answers["adef"]
    problem = quadratics(seed, agents=3)
    x0 = np.random.default_rng(seed).normal(size=6)
    states = list(iterate(found.method, NumericRun(problem, efpep.TopK(3)), x0, found.details["iterations"]))
    distance = float(((x0 - problem.minimiser) ** 2).sum())
    assert gap(problem, states[-1].x) <= float(found.details["bound"]) * distance


def test_a_one_dimensional_run_comes_close_to_the_worst_case():
    """The Huber function on which gradient descent is slowest attains ``1/(4 T + 2)``."""
    found = efpep.potential(efpep.GD(1), setting(), 3)
    tau = 1 / 7
    x = 1.0
    for _ in range(3):
        x -= min(x, tau)
    value = tau * x - tau**2 / 2
    assert value <= float(found.details["bound"]) <= value * (1 + 1e-5)


@pytest.mark.parametrize("name", QUESTIONS)
def test_certificates_come_back_from_files(name, answers, tmp_path):
    found = answers[name]
    path = tmp_path / "c.json"
    found.certificate.save(path)
    assert efpep.Certificate.load(path) == found.certificate
    verdict = efpep.verify(path)
    assert verdict.accepted is True
    assert verdict.reason == found.certificate.sentence() == str(found)
    assert one_sentence(verdict.reason)


def numbers(value, path=()):
    """Yield the paths of all numbers that are written as text."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for k, item in enumerate(value):
            yield from numbers(item, (*path, k))
    elif isinstance(value, str):
        yield path


def changed(described, path, change):
    copy = json.loads(json.dumps(described))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = str(change(Fraction(inside[path[-1]])))
    return copy


@pytest.mark.parametrize("name", ["gd", pytest.param("adef alone", marks=pytest.mark.slow)])
def test_changed_numbers_are_refused(name, answers, tmp_path):
    """Every witness number moved far enough to matter, and both ends of the claim moved beyond what is proved."""
    described = answers[name].certificate.describe()
    path = tmp_path / "c.json"
    for place in numbers(described["witnesses"]):
        changes = [lambda a: a - 1000]
        if "multipliers" not in place:  # more of a multiplier may be a proof as well
            changes.append(lambda a: a + 1000)
        for change in changes:
            path.write_text(json.dumps(changed(described, ("witnesses", *place), change)))
            verdict = efpep.verify(path)
            assert verdict.accepted is False, place
            assert one_sentence(verdict.reason)
    for end, change in (("lower", lambda a: a * Fraction(1001, 1000)), ("upper", lambda a: a * Fraction(999, 1000))):
        path.write_text(json.dumps(changed(described, ("claim", "K", end), change)))
        assert efpep.verify(path).accepted is False


def test_other_claims_are_refused(answers, tmp_path):
    described = answers["adef alone"].certificate.describe()
    path = tmp_path / "c.json"
    for keys, value in [
        (("method", "step_size"), "0.2"),
        (("method", "power"), "2"),
        (("setting", "compressor", "delta"), "0.4"),
        (("setting", "functions", "L"), "2"),
        (("iterations",), 4),
        (("iterations",), 0),
        (("iterations",), "3"),
        (("total",), "1"),
        (("features",), []),
        (("format",), "efpep-growing-2"),
    ]:
        copy = json.loads(json.dumps(described))
        inside = copy["claim"]
        for key in keys[:-1]:
            inside = inside[key]
        inside[keys[-1]] = value
        path.write_text(json.dumps(copy))
        verdict = efpep.verify(path)
        assert verdict.accepted is False, keys
        assert one_sentence(verdict.reason)


def test_bad_questions_are_refused_in_one_sentence():
    for arguments in (
        (efpep.GD(1), setting(), None),
        (efpep.GD(1), setting(), 0),
        (efpep.GD(1), setting(), 2.5),
        (efpep.GD(0), setting(), 2),
        (efpep.ADEF("1/20", weights="1, 2"), setting("1/2"), 3),
        (efpep.ADEF(), setting("1/2"), 3),
        (efpep.ADEF("1/20"), efpep.Setting(CONVEX), 3),
        ("adef", setting(), 3),
        (efpep.GD(1), "convex", 3),
    ):
        with pytest.raises(efpep.InputError) as caught:
            efpep.potential(*arguments)
        assert one_sentence(caught.value)


def test_a_kind_that_is_unknown_is_refused():
    class Odd(efpep.GD):
        potential = Analysis("odd", "smooth-convex")

    with pytest.raises(efpep.InputError, match="odd") as caught:
        efpep.potential(Odd(1), setting(), 2)
    assert one_sentence(caught.value)
    assert "growing" in ANALYSES


def test_a_solver_that_returns_nothing_decides_nothing(monkeypatch):
    from efpep.conic import bound_enclosure as least
    from efpep.conic.status import Solution, SolverStatus

    monkeypatch.setattr(least, "propose", lambda *_: Solution(SolverStatus.INFEASIBLE))
    found = efpep.potential(efpep.GD(1), setting(), 2)
    assert (found.lower, found.upper, found.certificate) == (None, None, None)
    assert not found.certified
    assert "undecided" in str(found)


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "c.json"
    words = ["adef", "--L", "1", "--delta", "0.5", "--step-size", "1/40", "--iterations", "3"]
    assert main(["potential", *words, "--json", "--certificate", str(path)]) == 0
    out = capsys.readouterr().out
    printed = json.loads(out)
    assert printed["functions"] == {"class": "smooth-convex", "L": "1"}
    assert (printed["method"], printed["iterations"], printed["total"]) == ("adef", 3, "0.15")
    assert Fraction(printed["K"]["lower"]) < Fraction(printed["K"]["upper"])
    assert Fraction(printed["bound"]) >= Fraction(printed["K"]["upper"]) / Fraction("0.15")
    assert main(["verify", str(path), "--json"]) == 0
    claim = json.loads(capsys.readouterr().out)["claim"]
    assert claim["K"] == printed["K"]
    assert main(["potential", *words]) == 0
    assert "K          [" in capsys.readouterr().out
    assert main(["potential", *words[:-2]]) == 2
    assert "iterations" in capsys.readouterr().err
    assert main(["verify", str(path), "--script", str(tmp_path / "s.py")]) == 2
