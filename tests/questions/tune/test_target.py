"""The step size for a target accuracy under noise: closed forms of gradient descent, and runs."""

import json
import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.methods.base import Memory
from efpep.model.column import Unit
from efpep.questions.target.question import reached
from efpep.questions.tune.target import reach
from efpep.simulate.problems import RandomQuadratics

FUNCTIONS = efpep.SmoothStronglyConvex("1/10", 1)


def noisy(agents=1, compressor=None, sigma=1, **more):
    return efpep.Setting(FUNCTIONS, compressor, agents, noise=efpep.GradientNoise(sigma), **more)


def sgd(eta, target, agents, mu=0.1):
    """Iterations from distance 1: ``(1 - eta mu)^(2T) + eta^2/(n (1 - (1 - eta mu)^2)) <= target`` (eta <= 2/(L + mu))."""
    rho = (1 - eta * mu) ** 2
    floor = eta**2 / agents / (1 - rho)
    return math.log(1 / (target - floor)) / -math.log(rho) if floor < target else math.inf


@pytest.mark.slow
@pytest.mark.parametrize(("target", "agents"), [(0.1, 1), (0.01, 10)])
def test_the_best_step_of_sgd(target, agents):
    found = reach(efpep.GD, noisy(agents), target)
    best = minimize_scalar(
        lambda eta: sgd(eta, target, agents), bounds=(1e-3, 2 * agents * 0.1 * target * 0.999), method="bounded"
    )
    assert found.value == pytest.approx(best.x, rel=0.1)
    assert best.fun <= found.iterations <= 1.01 * best.fun + 1
    assert found.bound <= found.target
    assert found.certificate.check()


def test_a_given_step_of_sgd():
    found = reach(efpep.GD("1/2"), noisy(2), "1.5")
    assert found.iterations == math.ceil(sgd(0.5, 1.5, 2)) or found.iterations == math.ceil(1.002 * sgd(0.5, 1.5, 2))
    assert float(found.floor) == pytest.approx(0.25 / 2 / (1 - 0.95**2), rel=2e-3)
    assert float(found.start) == pytest.approx(1, rel=1e-6)
    assert found.bound <= found.target < reached(found.rho, found.start, found.floor, found.iterations - 1)
    assert "proved" in found.summary()


def test_runs_reach_the_target():
    """Error feedback from distance 2: the mean over seeds at T, and not long before it is proved."""
    found = reach(efpep.EF("1/4"), noisy(2, efpep.Contractive("1/2"), "1/2"), 1, radius=2)
    problem = RandomQuadratics(n=2, d=4, kappa=10, radius=2, seed=1)
    assert pytest.approx(2) == problem.R
    T = found.iterations
    runs = [
        efpep.simulate(
            found.method, problem, T, efpep.TopK(2), noise=efpep.GradientNoise("1/2"), seed=k, record=["distance"], record_every=T
        )
        for k in range(8)
    ]
    assert 1 < T < 400
    assert np.mean([run["distance"][-1] for run in runs]) < 1


@pytest.mark.slow
def test_the_start_may_need_the_heterogeneity():
    setting = noisy(2, efpep.Contractive("9/10"), heterogeneity="1/10")
    found = reach(efpep.EF21("1/10"), setting, 50)
    assert 0 <= found.iterations < 1000


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: reach(efpep.GD("1/2"), noisy(), "1/10"), "lowest floor that was found for GD is 2.5"),
        (lambda: reach(efpep.GD("1/2"), efpep.Setting(FUNCTIONS), 1), "sigma is missing"),
        (lambda: reach(efpep.GD("1/2"), noisy(), 0), "target"),
        (lambda: reach(efpep.GD(3), noisy(), 1), "contract"),
        (lambda: reach(efpep.EF21("1/10"), noisy(2, efpep.Contractive("9/10")), 50), "heterogeneity"),
        (lambda: reach(efpep.GD("1/2"), noisy(), 1, seconds=0), "seconds"),
    ],
)
def test_what_is_refused(call, words):
    with pytest.raises(efpep.InputError, match=words) as refused:
        call()
    assert one_sentence(refused.value)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--target", "1"], "give --sigma"),
        (["--sigma", "1"], "--sigma is used with --iterations or --target or --criterion noise alone"),
        (["--target", "1", "--sigma", "1", "--tolerance", "0.1"], "--tolerance is not used with --target"),
        (["--target", "1", "--sigma", "1", "--iterations", "3"], "--iterations is not used with --target"),
    ],
)
def test_the_command_says_what_is_missing_or_idle(words, said, capsys):
    assert main(["tune", "gd", "--mu", "0.1", "--L", "1", "--step-size", "1/2", *words]) == 2
    assert said in capsys.readouterr().err


@pytest.fixture(scope="module")
def proved():
    """Error feedback from distance 3, whose start is bounded by more than the distance."""
    return reach(efpep.EF("1/4"), noisy(2, efpep.Contractive("1/2"), "1/2"), 1, radius=3)


def test_the_file_proves_the_number_of_iterations(proved, tmp_path):
    proved.certificate.save(tmp_path / "target.json")
    verdict = efpep.verify(tmp_path / "target.json")
    assert verdict.accepted
    assert f"after T = {proved.iterations} iterations from |x_0 - x*| <= 3" in verdict.reason
    assert verdict.certificate == proved.certificate


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (("claim", "iterations"), lambda a: a - 1),
        (("claim", "target"), lambda a: str(Fraction(a) * Fraction(9, 10))),
        (("claim", "radius"), lambda a: str(Fraction(a) * Fraction(1001, 1000))),
        (("claim", "start"), lambda a: str(Fraction(a) * Fraction(999, 1000))),
        (("claim", "constant"), lambda a: str(Fraction(a) * Fraction(999, 1000))),
        (("claim", "rho"), lambda a: str(Fraction(a) * Fraction(99, 100))),
        (("witnesses", "start", "multipliers", "initial"), lambda a: str(Fraction(a) * Fraction(999, 1000))),
    ],
)
def test_nothing_else_is_proved_by_it(proved, place, change):
    """Fewer iterations, another target, start or noise: each of them is refused."""
    described = json.loads(json.dumps(proved.certificate.describe()))
    inside = described
    for name in place[:-1]:
        inside = inside[name]
    inside[place[-1]] = change(inside[place[-1]])
    with pytest.raises(efpep.CertificateError) as refused:
        efpep.Certificate.restore(described).check()
    assert one_sentence(refused.value)


class Late(efpep.GD):
    """Gradient descent with a memory that every step makes zero, and the start does not."""

    key = "late"
    memories = (Memory.error("e", Unit.POINT),)

    class State(NamedTuple):
        x: object
        e: object

    def start(self, x, run):
        return self.State(x, run.gradient(x))

    def step(self, state, run):
        g = run.gradient(state.x)
        return self.State(state.x - run.mean(self.step_size * g + state.e), g - g)


def test_a_start_that_no_step_leads_to_is_refused():
    """What is proved of a step with e = 0 is not proved of the first one."""
    with pytest.raises(efpep.InputError, match="its start does not") as refused:
        reach(Late("1/2"), noisy(), 3)
    assert one_sentence(refused.value)


def test_the_command_keeps_the_certificate(tmp_path, capsys):
    file = tmp_path / "noise.json"
    words = ["--mu", "0.1", "--L", "1", "--step-size", "1/2", "--target", "3", "--sigma", "1", "--certificate", str(file)]
    assert main(["tune", "gd", *words]) == 0
    assert "proved in exact arithmetic for this step size" in capsys.readouterr().out
    assert main(["verify", str(file)]) == 0
    assert "GD with step size 0.5" in capsys.readouterr().out
