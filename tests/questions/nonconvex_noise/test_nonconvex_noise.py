"""Noise in nonconvex potentials: stochastic gradient descent's known constant, refutations, and runs."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.base import Certificate, Verdict
from efpep.questions.nonconvex_noise.question import NonconvexNoiseQuestion

SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)
WORDS = ["noise", "gd", "--functions", "smooth-weakly-convex", "--mu=-1", "--L", "1", "--step-size", "1/2"]


def setting(agents=1, compressor=None, sigma=1, functions=SMOOTH):
    return efpep.Setting(functions, compressor, agents, noise=efpep.GradientNoise(sigma))


@pytest.mark.parametrize(("step", "agents", "sigma"), [("1/2", 1, 1), ("1/5", 4, 3), ("1", 10**6, "1/100")])
def test_stochastic_gradient_descent_has_the_known_constant(step, agents, sigma):
    """``L eta^2/(2 n)`` beside ``eta (1 - L eta/2)``, by the descent lemma (Ghadimi, Lan, SIAM J. Optim. 23, 2013)."""
    eta = Fraction(step)
    found = efpep.noise(efpep.GD(eta), setting(agents, sigma=sigma), decrease=eta * (1 - eta / 2))
    assert found.verdict is Verdict.PROVED
    assert found.certified
    assert float(found.upper) == pytest.approx(float(eta**2 / (2 * agents)), rel=1e-4)
    assert found.lower <= eta**2 / (2 * agents) <= found.upper
    assert one_sentence(found.certificate.check())
    assert list(found.terms) == ["(f(x_0) - f*)"]
    assert float(found.terms["(f(x_0) - f*)"]) == pytest.approx(1 / float(eta * (1 - eta / 2)), rel=1e-6)


def test_units_scale():
    """With f replaced by ``L f`` and eta by ``eta/L``, a and c are over L."""
    one = efpep.noise(efpep.GD("1/2"), setting(), decrease="1/4")
    scaled = efpep.noise(efpep.GD("1/40"), setting(functions=efpep.SmoothWeaklyConvex(-20, 20), sigma=5), decrease="1/80")
    assert float(20 * scaled.upper) == pytest.approx(float(one.upper), rel=1e-5)
    assert float(scaled.floor) == pytest.approx(25 * float(one.floor), rel=1e-5)


def test_a_smaller_decrease_has_a_smaller_constant_and_the_floor_a_minimum():
    found = {a: efpep.noise(efpep.GD("1/2"), setting(), decrease=a) for a in ("1/4", "3/8", "2/5")}
    assert found["1/4"].upper < found["3/8"].lower < found["2/5"].lower
    assert min(found["1/4"].floor, found["2/5"].floor) > found["3/8"].floor
    best = efpep.noise(efpep.GD("1/2"), setting())
    assert best.chosen
    assert float(best.decrease) == pytest.approx(0.375, rel=0.02)
    assert float(best.floor) == pytest.approx(1 / 3, rel=1e-4)


def test_there_is_no_constant_beyond_the_largest_decrease():
    """Without noise it is ``eta (4 - eta)/4`` (Abbaszadehpeivasti et al. 2022)."""
    found = efpep.noise(efpep.GD("1/2"), setting(), decrease="22/50")
    assert found.verdict is Verdict.REFUTED
    assert (found.upper, found.floor, found.terms) == (None, None, None)
    assert float(-found.needed) == pytest.approx(7 / 16, abs=1e-6)
    said = found.certificate.check()
    assert "whatever c, since with exact gradients none has a decrease above 0.4375" in said
    assert one_sentence(said)
    assert Certificate.restore(json.loads(json.dumps(found.certificate.describe()))) == found.certificate
    other = replace(found.certificate, question=replace(found.question, decrease=Fraction(2, 5)))
    with pytest.raises(efpep.CertificateError, match="does not exclude every number"):
        other.check()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "agents"), [(efpep.EF21("1/5"), 4), (efpep.EF("1/10"), 1), (efpep.EF21Momentum("1/5", theta="1/2"), 2)]
)
def test_compressed_methods_are_certified(method, agents):
    found = efpep.noise(method, setting(agents, efpep.Contractive("1/2")), decrease="1/20")
    assert found.certified
    assert found.upper - found.lower <= found.upper / 10**5
    assert found.certificate.check()


def test_momentum_has_less_noise_than_error_feedback_alone():
    """The gradients of EF21 are compressed with their noise, those of a momentum with a part of it."""
    plain, momentum = (
        efpep.noise(method, setting(1, efpep.Contractive("1/2")), decrease="1/20")
        for method in (efpep.EF21("1/5"), efpep.EF21Momentum("1/5", theta="1/2"))
    )
    assert momentum.upper < plain.lower
    assert any("x_0" in name and "g-" in name for name in momentum.terms)


def gradients(x, a, b):
    return -np.sin(x @ a.T + b)[..., None] * a + x[:, None, :] / 4


def test_runs_keep_the_bound():
    """EF21 with Top-1 of three coordinates on two functions ``cos(a.x + b)`` plus a parabola: 2000 runs at once, normal noise."""
    sigma, step = 0.5, 0.2
    found = efpep.noise(efpep.EF21("1/5"), setting(2, efpep.Contractive("1/3"), sigma="1/2"), decrease="1/50")
    assert found.verdict is Verdict.PROVED
    draws = np.random.default_rng(3)
    a, b = draws.standard_normal((2, 3)), np.array([0.3, 2.0])
    a /= 2 * np.linalg.norm(a, axis=1)[:, None]

    def stochastic(x):
        return gradients(x, a, b) + sigma / math.sqrt(3) * draws.standard_normal((len(x), 2, 3))

    def top(v):
        return np.where(np.abs(v) == np.abs(v).max(axis=-1, keepdims=True), v, 0)

    x = np.tile([3.0, -2.0, 1.0], (2000, 1))
    d = top(stochastic(x))
    first = np.mean(np.sum((gradients(x, a, b) - d) ** 2, axis=-1))
    gap = np.mean(np.cos(x @ a.T + b)) + np.mean(np.sum(x**2, axis=1)) / 8 + 1  # f* >= -1
    terms, squares, T = found.terms, [], 60
    assert list(terms) == ["(f(x_0) - f*)", "mean |g-d|^2 at x_0"]
    for _ in range(T):
        squares.append(np.mean(np.sum(np.mean(gradients(x, a, b), axis=1) ** 2, axis=1)))
        x = x - step * d.mean(axis=1)
        d = d + top(stochastic(x) - d)
    most = (float(terms["(f(x_0) - f*)"]) * gap + float(terms["mean |g-d|^2 at x_0"]) * first) / T + float(found.floor)
    assert 0.005 * most < np.mean(squares) <= most
    assert np.mean(squares[T // 2 :]) <= float(found.floor)


def test_stochastic_gradient_descent_nearly_attains_the_floor_on_a_quadratic():
    """With ``f = x^2/2`` the mean of ``E f'(x)^2`` is ``eta sigma^2/(2 - eta)`` in the limit."""
    best = efpep.noise(efpep.GD("1/2"), setting())
    draws, x, total = np.random.default_rng(0), np.zeros(20000), []
    for _ in range(60):
        total.append(np.mean(x**2))
        x -= 0.5 * (x + draws.standard_normal(len(x)))
    assert np.mean(total[30:]) == pytest.approx(0.5 / 1.5, rel=0.02)
    assert float(best.floor) == pytest.approx(0.5 / 1.5, rel=1e-4)


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "c.json"
    assert main([*WORDS, "--decrease", "3/8", "--agents", "4", "--sigma", "2", "--certificate", str(path)]) == 0
    printed = capsys.readouterr().out
    lines = {line.split()[0]: line for line in printed.splitlines() if line[0] != " "}
    assert "0.031250000000" in lines["c"]
    assert "0.3333333" in lines["floor"]
    assert "E Phi+ <= Phi - 0.375 |grad f(x)|^2 + c sigma^2" in printed
    assert efpep.verify(path).accepted
    assert main([*WORDS, "--decrease", "0.45", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["floor"], found["bound"]) == ("refuted", None, None)
    assert float(found["largest"]["upper"]) == pytest.approx(7 / 16, abs=1e-6)


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda: efpep.noise(efpep.GD("1/2"), setting(), "1/2"), "rho"),
        (lambda: efpep.noise(efpep.GD("1/2"), setting(), decrease=0), "decrease"),
        (lambda: efpep.noise(efpep.GD(3), setting()), "step_size"),
        (
            lambda: efpep.noise(
                efpep.GD("1/2"), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), noise=efpep.GradientNoise(1)), decrease=1
            ),
            "decrease",
        ),
        (lambda: NonconvexNoiseQuestion(efpep.GD(1), efpep.Setting(SMOOTH), Fraction(1, 2)), "noise"),
    ],
)
def test_what_is_not_asked_well_is_refused(ask, argument):
    with pytest.raises(efpep.InputError) as refused:
        ask()
    assert argument in refused.value.arguments
    assert one_sentence(refused.value)
