"""Replays: explicit members of the classes on which ordinary runs attain what is proved."""

import json
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.conic.polish import least_step
from efpep.errors import InputError
from efpep.functions.interpolating_function import MaximumOfCuts, SmoothInterpolant, simplex_minimum
from efpep.model.metric import METRICS
from efpep.simulate.adversary import Recorded, simplex
from efpep.simulate.adversary_file import load_adversary, save_adversary
from efpep.simulate.problems import read_problem
from efpep.simulate.run import iterate, resume

STEP = "0.31195068227965437"  # EF21's and EF's optimal one for mu = 0.1, L = 1, epsilon = 0.5


def setting(agents=1, zeta=None):
    plain = uniform(10, "1/2", agents)
    return efpep.Setting(plain.functions, plain.compressor, agents, heterogeneity=zeta)


@pytest.mark.fast_cases(4)
@pytest.mark.parametrize(
    ("method", "agents", "zeta", "iterations", "value"),
    [  # THEORY 7
        (efpep.EF21, 1, None, 3, 1.17086629),
        (efpep.EF21, 1, None, 5, 1.37731103),
        (efpep.EF21, 2, "1/2", 4, 1.56342857),
        (efpep.EF21, 5, "1/2", 2, 1.39082654),
        (efpep.EF, 1, None, 5, 0.90695423),
        (efpep.EF, 2, None, 3, 1.01784873),
        (efpep.CGD, 1, None, 5, 1.15783096),
        (efpep.CGD, 2, None, 2, None),
    ],
)
def test_runs_attain_what_is_proved(method, agents, zeta, iterations, value):
    worst = efpep.worst_case(method(STEP), setting(agents, zeta), iterations)
    found = efpep.replay(worst)
    assert 1 - 1e-6 <= found.ratio <= 1 + 1e-9
    if value is not None:
        assert abs(found.attained - value) < 1e-6
    check_members(found.adversary, Fraction(1, 10), 1)


@pytest.mark.parametrize("agents", [1, 2])
@pytest.mark.parametrize("metric", METRICS)
def test_runs_attain_every_metric(metric, agents):
    found = efpep.replay(efpep.worst_case(efpep.EF21(STEP), setting(agents, None if agents == 1 else "1/2"), 2, metric))
    assert 1 - 1e-6 <= found.ratio <= 1 + 1e-9


@pytest.mark.parametrize(("method", "step"), [(efpep.GD, "0.4"), (efpep.EF, "0.2")])
@pytest.mark.parametrize("at", ["last", "best", "average", "mean"])
def test_nonsmooth_functions(method, step, at):
    where = efpep.Setting(efpep.BoundedSubgradients(M=1), efpep.Contractive("1/2"))
    found = efpep.replay(efpep.worst_case(method(step), where, 5, "gap", at=at))
    assert 1 - 1e-6 <= found.ratio <= 1 + 1e-9
    assert all(np.linalg.norm(found.adversary.functions[0].gradients, axis=1) <= 1)


def check_members(adversary, mu, smoothness):
    """Whether functions and compressors belong to the classes at random places too, and the minimiser is the average's."""
    mu = float(mu)
    generator = np.random.default_rng(0)
    size = float(np.max(np.abs(adversary.groups[0].points)))
    for function in adversary.functions:
        places = [size * generator.normal(size=adversary.dimension) for _ in range(6)] + list(adversary.groups[0].points)
        answers = [(x, function.value(x), function.gradient(x)) for x in places]
        for x, f, g in answers:
            for y, h, k in answers:
                jump, apart = g - k, x - y
                bent = apart - jump / smoothness
                least = h + k @ apart + jump @ jump / (2 * smoothness) + mu / (2 * (1 - mu / smoothness)) * (bent @ bent)
                assert f >= least - 1e-11
    assert np.allclose(adversary.gradients(np.zeros(adversary.dimension)).mean(axis=0), 0, atol=1e-12)
    for i in range(adversary.agents):
        for k in range(len(adversary.operator.sent[i])):
            for _ in range(5):
                v = np.zeros((adversary.agents, adversary.dimension))
                nudge = generator.normal(size=adversary.dimension)
                reach = adversary.operator.radii[i][k] * generator.uniform()
                v[i] = adversary.operator.sent[i][k] + reach * nudge / np.linalg.norm(nudge)
                loss = adversary.operator(v)[i] - v[i]
                assert loss @ loss <= 0.5 * (v[i] @ v[i]) * (1 + 1e-12)


def test_the_loop_is_the_ordinary_one():
    worst = efpep.worst_case(efpep.EF21(STEP), setting(2, "1/2"), 3)
    adversary = efpep.replay(worst).adversary
    states = list(iterate(adversary.method, adversary.run(), adversary.start, 3))
    assert len(states) == 4
    assert abs(float(states[-1].x @ states[-1].x) / float(worst.upper) - 1) < 1e-6
    again = list(resume(adversary.method, adversary.run(), states[1], 2))
    assert np.array_equal(again[-1].x, states[-1].x)


@pytest.mark.parametrize(
    ("method", "agents", "period"), [(efpep.EF21("7/10"), 1, 3), (efpep.EF("7/10"), 3, 5), (efpep.CGD("7/5"), 1, 2)]
)
def test_cycles_are_replayed(method, agents, period):
    found = efpep.replay(efpep.cycle(method, uniform(10, "1/4", agents), period), periods=12)
    assert abs(found.ratio - 1) < 1e-9
    states = found.states
    assert len(states) == 12 * period + 1
    assert np.allclose(states[0].x, states[11 * period].x, atol=1e-9)
    assert float(states[0].x @ states[0].x) > 0


def test_slow_instances_are_replayed():
    slow = efpep.asymptotic_lower_bound(efpep.EF21(), uniform(10, "1/2"))
    found = efpep.replay(slow, periods=6)
    assert abs(found.ratio - 1) < 1e-6
    assert abs(found.attained ** (1 / 5) - float(slow.lower)) < 1e-6


def test_adversaries_are_saved_and_loaded(tmp_path):
    found = efpep.replay(efpep.worst_case(efpep.EF21(STEP), setting(2, "1/2"), 2))
    path = tmp_path / "adversary.json"
    save_adversary(found.adversary, path)
    again = load_adversary(path)
    assert again.method == found.adversary.method
    assert again.setting == found.adversary.setting
    states = list(iterate(again.method, again.run(), again.start, again.iterations))
    assert np.array_equal(states[-1].x, found.states[-1].x)
    content = json.loads(path.read_text(encoding="utf-8"))
    for change in (
        lambda c: c.pop("format"),
        lambda c: c.pop("groups"),
        lambda c: c["start"].clear(),
        lambda c: c["groups"][0]["points"].update(shape=[1]),
        lambda c: c["groups"][0]["values"]["numbers"].__setitem__(0, "x"),
        lambda c: c.update(dimension=9),
    ):
        changed = json.loads(json.dumps(content))
        change(changed)
        path.write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(InputError, match="no adversary") as caught:
            load_adversary(path)
        assert one_sentence(caught.value)


def test_interpolants():
    generator = np.random.default_rng(1)
    points = generator.normal(size=(6, 4))
    hessian = np.diag([0.1, 0.3, 0.7, 1.0])
    smooth = SmoothInterpolant(0.1, 1.0, points, points @ hessian, np.einsum("ni,ni->n", points, points @ hessian) / 2)
    for x in points:
        assert np.allclose(smooth.gradient(x), hessian @ x, atol=1e-12)
        assert abs(smooth.value(x) - x @ hessian @ x / 2) < 1e-12
    cuts = MaximumOfCuts(np.zeros((2, 1)), np.array([[1.0], [-1.0]]), np.zeros(2))
    assert cuts.value(np.array([-3.0])) == 3.0
    assert cuts.gradient(np.array([-3.0])) == -1.0
    flat = SmoothInterpolant(1.0, 1.0, points[:1], points[:1], np.array([0.5 * points[0] @ points[0]]))
    assert np.allclose(flat.gradient(points[3]), points[3])


def test_the_simplex_program_against_brute_force():
    generator = np.random.default_rng(2)
    for _ in range(20):
        points, costs, x = generator.normal(size=(5, 2)), generator.normal(size=5) / 5, generator.normal(size=2)
        weights = simplex_minimum(points, costs, x)
        assert abs(weights.sum() - 1) < 1e-12
        assert weights.min() >= 0
        reduced = (points - x) @ (weights @ points - x) + costs  # optimal where no vertex has a smaller slope
        assert reduced.min() >= weights @ reduced - 1e-11


def test_simplices_and_steps():
    for count in (1, 2, 5):
        vertices = simplex(count)
        assert np.allclose(vertices.sum(axis=0), 0)
        assert count == 1 or np.allclose(np.linalg.norm(vertices, axis=1), 1)
    assert np.allclose(least_step(np.array([[3.0, 4.0]]), np.array([5.0])), [0.6, 0.8])
    assert least_step(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0])) is None


def test_projections_stay_projections_nearby():
    projection = efpep.Projection("1/2")
    sent, received = np.array([[1.0, 0.5]]), np.array([[1.0, 0.0]])
    near = Recorded((projection,), (sent,), (received,))
    v = np.array([[1.0, 0.51]])
    assert np.allclose(near(v), [[1.0, 0.0]])
    v = np.array([[1.01, 0.5]])
    assert np.allclose(near(v), [[1.01, 0.0]])
    far = np.array([[0.0, 3.0]])
    assert np.array_equal(near(far), far)


def test_what_cannot_be_replayed():
    linear = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.LinearContractive("1/2"))
    for found, words in (
        (efpep.worst_case(efpep.CGD("1/2"), linear, 2), "not sufficient"),
        (efpep.cycle(efpep.EF21("1/10"), uniform(10, "1/2")), "nothing to replay"),
        ("ef21", "cannot be replayed"),
    ):
        with pytest.raises(InputError, match=words) as caught:
            efpep.replay(found)
        assert one_sentence(caught.value)


def test_command_line(capsys, tmp_path):
    words = ["replay", "ef21", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--iterations", "2"]
    paths = [tmp_path / "adversary.json", tmp_path / "trajectory.pdf"]
    assert main([*words, "--json", "--save", str(paths[0]), "--plot", str(paths[1])]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["ratio"] > 1 - 1e-6
    assert float(printed["proved"]["lower"]) <= float(printed["proved"]["upper"])
    assert printed["dimension"] >= 1
    assert all(path.exists() for path in paths)
    assert (tmp_path / "trajectory.csv").read_text(encoding="utf-8").startswith("iteration,first,second,squared_distance\n0,")
    assert main([*words, "--initial", "nonsense"]) == 2


@pytest.mark.parametrize(
    ("method", "setting", "constants"),
    [
        (efpep.EF21("3/10"), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2")), (0.1, 1.0, None)),
        (efpep.GD("1/2"), efpep.Setting(efpep.BoundedSubgradients(2)), (0.0, None, 2.0)),
    ],
)
def test_saved_adversaries_are_problems_for_any_method(method, setting, constants, tmp_path):
    found = efpep.worst_case(method, setting, 3, "gap", at="best")
    adversary = efpep.replay(found).adversary
    save_adversary(adversary, tmp_path / "run.json")
    problem = read_problem(f"adversary:file={tmp_path / 'run.json'}")
    assert (problem.mu, problem.L, problem.M) == constants
    assert float(problem.R) == pytest.approx(1, rel=1e-6)
    run = efpep.simulate(method, problem, 3, adversary.operator)
    assert min(run["gap"]) == pytest.approx(float(found.upper), rel=1e-5)
    again = efpep.simulate(method, adversary, 3, adversary.operator)
    assert again["distance"].tolist() == run["distance"].tolist()
    assert efpep.simulate(efpep.GD("1/10"), problem, 5)["gap"][-1] >= 0


def test_a_file_without_an_adversary_is_no_problem(tmp_path):
    for text in ("adversary", f"adversary:file={tmp_path / 'none.json'}"):
        with pytest.raises(efpep.InputError) as refused:
            read_problem(text)
        assert one_sentence(refused.value)
