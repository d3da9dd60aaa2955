"""Nonconvex potentials: the largest decrease, against closed forms, finite horizons, and runs."""

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.proof.witness import UpperWitness
from efpep.questions.base import Verdict
from efpep.questions.nonconvex.question import NonconvexQuestion

SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)
TABLE = {
    "1/100": (".00501256", ".00250628", ".0050251", ".00502516", ".00488", ".0030179"),
    "1/10": (".0513167", ".0256584", ".0526498", ".0526681", ".05115", ".0316151"),
    "1/2": (".292893", ".146447", ".338204", ".343146", ".32520", ".201911"),
    "9/10": (".683772", ".341886", ".921998", "1.03899", ".82948", ".530252"),
}
"""By delta: the literature's step size and its a, the largest with a >= eta/2, the supremum of a > 0, the best and its a."""
EVERY = pytest.mark.parametrize("delta", ["1/2", *(pytest.param(d, marks=pytest.mark.slow) for d in TABLE if d != "1/2")])


def setting(delta="1/2", agents=1, functions=SMOOTH):
    return efpep.Setting(functions, efpep.Contractive(delta), agents)


def ef21(eta, delta="1/2", agents=1):
    found = efpep.potential(efpep.EF21(eta), setting(delta, agents))
    assert found.certified
    assert found.upper - found.lower <= abs(found.upper) / 10**4
    return found


def loss(delta):
    return math.sqrt(1 - Fraction(delta))


def value(delta, eta):
    """The decrease by the dual Gram matrix of rank two (not where the reverse pair's multiplier vanishes)."""
    c0, inverse = (1 - float(Fraction(delta))) / float(Fraction(delta)), 1 / eta
    found = math.inf
    for v in np.linspace(0, 1, 200001)[1:-1]:
        inside = (1 - v**2) * (2 * c0 * v * inverse - (v * inverse - 0.5) ** 2)
        if inside >= 0:
            w = v / 2 - v**2 * inverse + math.sqrt(inside)
            found = min(found, (inverse + w - v / 2) / (inverse**2 + 2 * inverse * w + 2 * c0 * inverse * v))
    return found


@EVERY
@pytest.mark.parametrize("agents", [1, 2])
def test_the_table_to_its_digits(delta, agents):
    literature, half, root, limit, best, most = TABLE[delta]
    s = loss(delta)
    assert float(literature) == pytest.approx(1 - s, rel=1e-5)
    assert float(half) == pytest.approx((1 - s) / 2, rel=1e-5)
    assert float(root) == pytest.approx(math.sqrt(2) * (1 - s) / math.sqrt(1 + s**2), rel=1e-5)
    assert float(limit) == pytest.approx(2 * (1 - s) / (1 + s), rel=1e-5)
    step = Fraction(math.sqrt(2) * (1 - s) / math.sqrt(1 + s**2))
    assert float(ef21(step, delta, agents).lower) == pytest.approx(float(step) / 2, rel=1e-4)
    assert ef21(step * Fraction("1.000001"), delta, agents).upper < step / 2
    assert float(ef21(best, delta, agents).lower) == pytest.approx(float(most), rel=2e-6, abs=6e-8)


@EVERY
def test_the_literatures_step_size_decreases_by_more_than_half_of_it(delta):
    step = Fraction(TABLE[delta][0])
    found = ef21(step, delta)
    assert found.lower > step / 2
    if delta == "1/2":
        assert float(found.lower / step) == pytest.approx(0.6666, abs=5e-5)


@EVERY
def test_beyond_the_largest_step_size_there_is_no_potential_and_a_quadratic_diverges(delta):
    limit = Fraction(2 * (1 - loss(delta)) / (1 + loss(delta)))
    inside, outside = ef21(limit * Fraction("0.9999"), delta), ef21(limit * Fraction("1.0001"), delta, 3)
    assert (inside.verdict, outside.verdict) == (Verdict.PROVED, Verdict.REFUTED)
    assert (inside.lower > 0, outside.upper < 0) == (True, True)
    for found, grows in ((inside, False), (outside, True)):
        step, kept = float(found.method.step_size), 1 + loss(delta)  # C(v) = (1 + s) v is contractive, and f(x) = |x|^2/2
        size = max(abs(np.linalg.eigvals([[1, -step], [kept, 1 - kept - kept * step]])))
        assert (size > 1) == grows


@pytest.mark.parametrize(("delta", "eta"), [("1/2", 0.2), ("1/2", 0.3252), ("9/10", 0.6)])
def test_the_decrease_is_that_of_a_dual_of_rank_two(delta, eta):
    assert float(ef21(Fraction(str(eta)), delta).lower) == pytest.approx(value(delta, eta), rel=2e-6)


@pytest.mark.parametrize(
    ("delta", "eta", "steps"),
    [
        ("9/10", "3/5", 5),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in [("1/2", "1/5", 13), ("9/10", "3/5", 8), ("9/10", "83/100", 12)]
        ),
    ],
)
def test_finite_horizons_grow_by_it(delta, eta, steps):
    """The worst least squared gradient of T steps has an inverse that grows by a with T in the end."""
    initial = {"gap": 1, "g-d": 0}
    inverse = [
        1 / efpep.worst_case(efpep.EF21(eta), setting(delta), T, "gradient", at="best", initial=initial).upper
        for T in (steps, steps + 1)
    ]
    assert float(inverse[1] - inverse[0]) == pytest.approx(float(ef21(eta, delta).lower), abs=1e-4)


def test_gradient_descent_decreases_by_the_known_multiple():
    """``eta (4 - eta L)/4`` for ``eta <= 1/L``: Abbaszadehpeivasti, de Klerk, Zamani, Optim. Lett. 16, 2022, Theorem 2.1."""
    for step in (Fraction(1, 2), Fraction(1)):
        found = efpep.potential(efpep.GD(step), efpep.Setting(SMOOTH))
        assert float(found.lower) == pytest.approx(float(step * (4 - step) / 4), abs=1e-7)
        assert found.lower <= step * (4 - step) / 4 <= found.upper


def test_the_number_of_agents_does_not_matter_and_units_scale():
    one = ef21("3/10")
    assert float(ef21("3/10", agents=10**9).lower) == pytest.approx(float(one.lower), rel=1e-6)
    scaled = efpep.potential(efpep.EF21("3/200"), setting(functions=efpep.SmoothWeaklyConvex(-20, 20)))
    assert float(20 * scaled.lower) == pytest.approx(float(one.lower), rel=1e-5)
    milder = efpep.potential(efpep.EF21("3/10"), setting(functions=efpep.SmoothWeaklyConvex("-1/2", 1)))
    assert milder.lower >= one.lower - Fraction(1, 10**7)


@pytest.mark.parametrize("agents", [1, 2])
def test_the_start_bounds_the_potential(agents):
    """For random vectors at the start, with ``f - f*`` as small as it may be, the terms are at least the potential."""
    found = ef21("3/10", agents=agents)
    question, upper = found.question, found.certificate.upper
    gap_term, memory_term = (float(a * found.lower) for a in question.terms(upper).values())
    assert list(question.terms(upper)) == ["(f(x_0) - f*)", "mean |g-d|^2 at x_0"]
    assert gap_term >= 1 - 1e-12
    draws = np.random.default_rng(1)
    weights = [np.array(matrix, dtype=float) for matrix in upper.weights]
    for scale in (1e-3, 1, 1e3):
        g, w, v = draws.standard_normal((3, 200)) * np.array([[1], [scale], [scale]])
        gap = g**2 / 2
        potential = gap + weights[0][0, 0] * g**2 + 2 * weights[0][0, 1] * g * w + weights[0][1, 1] * w**2
        spread = v**2 if agents > 1 else 0 * v
        potential += weights[1][0, 0] * spread if agents > 1 else 0
        assert np.all(gap_term * gap + memory_term * (w**2 + spread) >= potential - 1e-12)


def test_a_run_keeps_its_bound():
    """EF21 with Top-1 of three coordinates on two functions ``cos(a.x + b)`` plus a parabola, which are 1-smooth."""
    found = efpep.potential(efpep.EF21("3/20"), setting("1/3", 2))
    terms, step = [float(a) for a in found.question.terms(found.certificate.upper).values()], 0.15
    a, b = np.random.default_rng(3).standard_normal((2, 3)), np.array([0.3, 2.0])
    a /= 2 * np.linalg.norm(a, axis=1)[:, None]

    def gradients(x):
        return np.array([-np.sin(u @ x + c) * u + x / 4 for u, c in zip(a, b, strict=True)])

    def gap(x):  # f* >= -1
        return np.mean([math.cos(u @ x + c) + x @ x / 8 for u, c in zip(a, b, strict=True)]) + 1

    def top(v):
        return np.where(np.abs(v) == np.abs(v).max(axis=1, keepdims=True), v, 0)

    x = np.array([3.0, -2.0, 1.0])
    d = top(gradients(x))
    most = terms[0] * gap(x) + terms[1] * np.mean(np.sum((gradients(x) - d) ** 2, axis=1))
    total = 0.0
    for _ in range(300):
        total += np.sum(np.mean(gradients(x), axis=0) ** 2)
        x = x - step * d.mean(axis=0)
        d = d + top(gradients(x) - d)
    assert 0.05 * most < total <= most


@pytest.mark.parametrize(
    ("method", "agents", "memory", "decrease"),
    [
        (efpep.EF("2132/10000"), 1, 0, 0.125751),
        pytest.param(efpep.EF("1/10"), 1, 0, 0.08355, marks=pytest.mark.slow),
        (efpep.EF21Momentum("1/4", theta="1/2"), 2, 0, 0.14765),
        pytest.param(efpep.EF21Momentum("1/4", theta="1/2"), 1, 1, 0.15365, marks=pytest.mark.slow),
    ],
)
def test_other_methods_with_virtual_iterates_and_memory(method, agents, memory, decrease):
    found = efpep.potential(method, setting(agents=agents), memory=memory)
    assert found.certified
    assert float(found.lower) == pytest.approx(decrease, abs=6e-6)
    assert one_sentence(found.certificate.check())


@pytest.mark.slow
def test_a_past_state_brings_error_feedback_nearer_to_what_finite_horizons_say():
    """Whose inverses grow by .1469 a step in the end; without memory it is .12575."""
    found = efpep.potential(efpep.EF("2131/10000"), setting(), memory=1)
    assert 0.1399 < found.lower < found.upper < 0.1469
    assert "Phi the potential at x_1" in str(found)


@pytest.mark.slow
def test_econtrol_needs_a_small_weight():
    verdicts = [efpep.potential(efpep.EControl("1/10", eta=eta), setting(agents=2)).verdict for eta in ("1/10", "3/10")]
    assert verdicts == [Verdict.PROVED, Verdict.REFUTED]


@pytest.mark.slow
def test_error_feedback_of_several_agents_has_no_potential():
    assert efpep.potential(efpep.EF("1/10"), setting(agents=2)).verdict is Verdict.REFUTED


def test_the_sentence_says_what_is_proved_of_a_run():
    said = str(ef21("3/10", agents=2))
    assert one_sentence(said)
    assert "for every T, the mean of |grad f(x_t)|^2 over T iterates from x_0 on" in said
    assert "(f(x_0) - f*) + " in said
    assert "mean |g-d|^2 at x_0)/T." in said
    assert "so no a > 0" in str(ef21("7/20"))


def test_the_command_line(capsys, tmp_path):
    path = tmp_path / "a.json"
    asked = ["potential", "ef21", "--functions", "smooth-weakly-convex", "--mu", "-1", "--L", "1", "--delta", "0.5"]
    assert main([*asked, "--step-size", "0.3", "--certificate", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["question", "step", "potential", "memory", "a"]
    assert "nonconvex" in lines[2]
    assert main(["verify", str(path)]) == 0
    capsys.readouterr()
    assert main([*asked, "--step-size", "0.35", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["verdict"], found["bound"]) == ("refuted", None)
    assert float(found["a"]["upper"]) < 0
    assert main([*asked, "--step-size", "0.3", "--iterations", "3"]) == 2
    assert "iterations is given" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ask", "argument"),
    [
        (lambda: efpep.potential(efpep.EF21("1/5"), setting(), 3), "iterations"),
        (lambda: efpep.potential(efpep.GD(1), efpep.Setting(efpep.SmoothConvex(1)), 3, memory=1), "memory"),
        (lambda: efpep.potential(efpep.EF21("1/5"), setting(), memory=9), "memory"),
        (lambda: NonconvexQuestion(efpep.GD(1), efpep.Setting(efpep.SmoothConvex(1))).system, "functions"),
        (lambda: efpep.potential(efpep.ADEF("1/40"), setting()), "method"),
        (lambda: efpep.potential(efpep.ProjectedEF21("1/40"), setting()), "method"),
        (lambda: efpep.potential(efpep.GD(1), efpep.Setting(SMOOTH, heterogeneity=1)), "heterogeneity"),
    ],
)
def test_what_it_is_not_about_is_said(ask, argument):
    with pytest.raises(efpep.InputError) as refused:
        ask()
    assert one_sentence(refused.value)
    assert argument in refused.value.arguments


@pytest.mark.parametrize("agents", [1, 2])
@pytest.mark.parametrize("s", [Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)])
def test_the_potential_of_the_guide_is_one_up_to_its_step_size(s, agents):
    """With a = eta/2, exactly, up to ``sqrt2 (1 - s)/(L sqrt(1 + s^2))``, where L is 3; not beyond."""
    most, L = math.sqrt(2 / (1 + s**2)) * (1 - float(s)) / 3, 3
    for factor, holds in ((Fraction("0.999999"), True), (Fraction("1.000001"), False)):
        eta = Fraction(most) * factor
        question = NonconvexQuestion(efpep.EF21(eta), setting(1 - s**2, agents, efpep.SmoothWeaklyConvex(-L, L)))
        A = eta / 4 * (1 + s) / (s * (1 - s))
        reverse = 1 / (L * eta) - Fraction(1, 2)
        named = {"interpolation(0,1)": 1 + reverse, "interpolation(1,0)": reverse, "compression(0)": A}
        weights = [((eta / 4, Fraction(0)), (Fraction(0), A)), ((A,),)][:agents]
        rows = [[named.get(row.name, Fraction(0)) for row in relation.rows] for relation in question.system.relations]
        rows[1] = [Fraction(0) for _ in rows[1]]
        witness = UpperWitness(-eta / 2, tuple(weights), (), tuple(map(tuple, rows)))
        if holds:
            question.check(None, witness)
        else:
            with pytest.raises(efpep.CertificateError):
                question.check(None, witness)
