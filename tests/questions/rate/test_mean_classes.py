"""Rates where the average f has a class of its own and each f_i is only smooth: the setting of EF21's and EControl's papers."""

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.rate.script.write import write_script
from efpep.setting import Group
from efpep.studies.engine.grid import schema
from efpep.studies.engine.points import points
from efpep.studies.engine.setting import build_setting

F = Fraction
HALF = efpep.Contractive("1/2")
DOMINATED = efpep.GradientDominated("1/10", 1)
STRONG = efpep.SmoothStronglyConvex("1/10", 1)
ALL_SMOOTH = efpep.SmoothWeaklyConvex(-1, 1)
EF21 = efpep.EF21("9/40")


def asked(n, mean=DOMINATED, functions=ALL_SMOOTH, delta="1/2"):
    return efpep.Setting(functions, efpep.Contractive(delta), n, mean=mean)


def published(mu, smoothness, own, delta):
    """Step size, rate and weight of ``G = mean |grad f_i - d_i|^2`` by 2106.05203, Theorem 2 (f gradient-dominated)."""
    theta = 1 - math.sqrt(1 - delta)
    beta = (1 - delta) / theta
    step = min(1 / (smoothness + own * math.sqrt(2 * beta / theta)), theta / (2 * mu))
    step = F(step).limit_denominator(10**6) - F(1, 10**6)
    return step, 1 - step * F(mu), float(step) / theta


PAPER = [("1/10", "1", "1", "1/2"), ("1/10", "1", "2", "1/2"), ("1/50", "1", "1", "1/5")]
"""mu and L of the mean, the agents' own L, and delta."""


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("n", [1, 10, 2])
@pytest.mark.parametrize("constants", PAPER)
def test_ef21_has_the_published_rate_or_a_better_one(constants, n):
    mu, smoothness, own, delta = map(F, constants)
    step, rate, _ = published(*map(float, (mu, smoothness, own, delta)))
    setting = asked(n, efpep.GradientDominated(mu, smoothness), efpep.SmoothWeaklyConvex(-own, own), delta)
    found = efpep.rate(efpep.EF21(step), setting, "gap")
    assert found.upper <= rate
    assert found.lower > 1 - 2 * step * mu  # gradient descent without compression: 1 - eta mu (2 - eta L) at the least


def test_the_published_function_contracts_as_published():
    """``f - f* + (gamma/theta) G`` by the factor ``1 - gamma mu``."""
    step, rate, weight = published(0.1, 1, 1, 0.5)
    c = round(weight, 9)
    found = efpep.rate(efpep.EF21(step), asked(10), "gap", lyapunov=f"(f - f*) + {c} |mean(g-d)|^2 + {c} dev(g-d, g-d)")
    assert found.upper <= rate + F(1, 10**6)


def test_one_agent_is_of_the_class_of_the_mean():
    own = efpep.rate(EF21, efpep.Setting(DOMINATED, HALF), "gap")
    found = efpep.rate(EF21, asked(1), "gap")
    assert abs(found.upper - own.upper) < F(1, 10**8)
    assert abs(found.lower - own.lower) < F(1, 10**8)


@pytest.mark.slow
def test_more_known_of_the_agents_or_of_the_mean_is_never_worse():
    gap = [
        efpep.rate(EF21, setting, "gap").upper
        for setting in (
            asked(10),
            asked(10, STRONG),
            asked(10, STRONG, efpep.SmoothConvex(1)),
            efpep.Setting(STRONG, HALF, 10),
        )
    ]
    assert all(more <= less + F(1, 10**8) for less, more in pairwise(gap))
    assert gap[3] < gap[0] - F(1, 1000)


@pytest.mark.slow
@pytest.mark.parametrize("mean", [DOMINATED, STRONG])
def test_pepit_agrees_on_two_explicit_agents(mean):
    """The found V contracts as fast where PEPit has both agents, both errors and the inequalities of the mean written out."""
    found = efpep.rate(EF21, asked(2, mean), "gap")
    value = worst_in_pepit(found, mean)
    assert value <= float(found.upper) + 1e-6
    assert value >= float(found.lower) - 1e-6


def worst_in_pepit(found, mean):
    import PEPit
    from PEPit.functions import SmoothFunction

    pep, n = PEPit.PEP(), 2
    mu, L, step = 0.1, 1.0, float(EF21.step_size)
    agents = [pep.declare_function(SmoothFunction, L=1.0) for _ in range(n)]
    star = PEPit.Point()
    at_star = [f.oracle(star) for f in agents]
    pep.add_constraint((at_star[0][0] + at_star[1][0]) ** 2 == 0)
    x = PEPit.Point()
    errors = [PEPit.Point() for _ in range(n)]
    points = [(star, at_star), (x, [f.oracle(x) for f in agents])]
    trackers = [g - e for (g, _), e in zip(points[1][1], errors, strict=True)]
    moved = x - step * (sum(trackers, 0 * x) / n)
    points.append((moved, [f.oracle(moved) for f in agents]))
    left = [PEPit.Point() for _ in range(n)]  # (g+ - d) - C(g+ - d)
    for r, (g, _), d in zip(left, points[2][1], trackers, strict=True):
        pep.add_constraint(r**2 <= 0.5 * (g - d) ** 2)
    means = [(p, (a[0][0] + a[1][0]) / n, (a[0][1] + a[1][1]) / n) for p, a in points]
    means[0] = (star, 0 * star, means[0][2])
    for p, g, f in means:
        for q, h, v in means:
            if p is not q:
                low = -L if mean is DOMINATED else mu
                bent = g - h - low * (p - q)
                pep.add_constraint(f >= v + h * (p - q) + low / 2 * (p - q) ** 2 + bent**2 / (2 * (L - low)))
    if mean is DOMINATED:
        for _, g, f in means[1:]:
            pep.add_constraint(g**2 >= 2 * mu * (f - means[0][2]))

    def energy(place, e):
        p, a = points[place]
        center = {"x": p - star, "g": means[place][1], "g-d": (e[0] + e[1]) / n}
        own = {"g": [u - w for (u, _), (w, _) in zip(a, at_star, strict=True)], "g-d": e}
        if mean is DOMINATED:
            own["g"] = [u for u, _ in a]
        total = 0.0
        for term in found.lyapunov.terms():
            c = float(term.coefficient / found.lyapunov.scale())
            if term.right is None:
                total = total + c * (means[place][2] - means[0][2])
            elif term.block == "mean":
                total = total + c * center[term.left] * center[term.right]
            else:
                pairs = zip(own[term.left], own[term.right], strict=True)
                total = total + c * (sum((u * v for u, v in pairs), 0.0) / n - center[term.left] * center[term.right])
        return total

    pep.set_initial_condition(energy(1, errors) <= 1)
    pep.set_performance_metric(energy(2, left))
    return pep.solve(verbose=0, wrapper="cvxpy", solver="CLARABEL")


@pytest.mark.slow
def test_groups_of_agents_may_differ_beside_a_strongly_convex_mean():
    groups = [Group(efpep.SmoothWeaklyConvex(-1, 1), count=2), Group(efpep.SmoothConvex(2), count=1)]
    found = efpep.rate(efpep.EF21("1/10"), efpep.Setting(None, HALF, groups, mean=STRONG), "gap")
    assert found.upper < 1
    found.certificate.check()


def test_claims_and_files_say_so(tmp_path):
    found = efpep.rate(EF21, asked(10), "gap")
    assert not found.setting.sufficient
    assert "mean gradient-dominated (mu = 0.1, L = 1)" in found.certificate.sentence()
    path = tmp_path / "mean.json"
    found.certificate.save(path)
    checked = efpep.verify(path)
    assert checked.accepted
    assert checked.certificate.setting == found.setting
    with pytest.raises(efpep.InputError, match="scripts are written for methods") as error:
        write_script(found.certificate)
    assert one_sentence(error.value)
    described = json.loads(path.read_text())
    described["claim"]["setting"]["mean"]["mu"] = "1/20"  # less than was used
    path.write_text(json.dumps(described))
    assert efpep.verify(path).accepted is False


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: efpep.worst_case(EF21, asked(10), 2), "mean is a class of the agents' average f, which the worst case does"),
        (lambda: efpep.cycle(EF21, asked(10)), "average f, which the cycle does not know"),
        (lambda: efpep.crosscheck(EF21, asked(2), "gap"), "which the model in PEPit does not know"),
        (lambda: efpep.discover(EF21, asked(2)), "which a search for formulas does not know"),
        (lambda: efpep.rate(EF21, asked(10)), "functions of this class may have several minimisers"),
        (lambda: efpep.rate(efpep.EF21(), asked(10), "gap"), "not for a class of their average; give step_size as a number"),
        (lambda: asked(10, efpep.BoundedSubgradients(1)), "mean is bounded-subgradients"),
        (lambda: asked(10, ALL_SMOOTH), "mean is smooth-weakly-convex"),
        (lambda: asked(10, DOMINATED, efpep.SmoothConvex(1)), "smooth-convex beside a gradient-dominated mean"),
        (lambda: asked(10, STRONG, DOMINATED), "gradient-dominated beside a smooth-strongly-convex mean"),
        (lambda: asked(10, 3), "mean is 3"),
    ],
)
def test_what_is_not_known_is_refused_in_a_sentence(ask, said):
    with pytest.raises(efpep.InputError) as error:
        ask()
    assert said in str(error.value)
    assert one_sentence(error.value)


WORDS = ["ef21", "--mean", "gradient-dominated", "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "9/40"]


def test_command_line(capsys):
    assert main(["rate", *WORDS, "--agents", "10", "--metric", "gap", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["mean"]["class"] == "gradient-dominated"
    assert printed["functions"]["class"] == "smooth-weakly-convex"
    expected = efpep.rate(EF21, asked(10), "gap")
    assert abs(float(printed["rate"]["upper"]) - float(expected.upper)) < 1e-9
    assert main(["rate", *WORDS, "--group", "count=2"]) == 2
    assert one_sentence(capsys.readouterr().err.strip().removeprefix("efpep: "))
    assert main(["rate", *[w for w in WORDS if w not in {"--mu", "0.1"}], "--metric", "gap"]) == 2
    assert "mu is missing, and the mean gradient-dominated needs it; give --mu" in capsys.readouterr().err


def test_constants_are_those_of_the_mean():
    constants = {"mu": "1/10", "L": 1, "delta": "1/2", "mean": "gradient-dominated"}
    assert build_setting(efpep.EF21, constants, 10) == asked(10)
    other = {"class": "smooth-weakly-convex", "L": 2}
    assert build_setting(efpep.EF21, {**constants, "functions": other}, 2) == asked(2, functions=efpep.SmoothWeaklyConvex(-2, 2))


def test_studies_have_a_key():
    study = schema("rate")(
        title="A mean",
        methods=[{"class": "ef21", "step_size": "9/40"}],
        mean="smooth-strongly-convex",
        grid={"kappa": 10, "L": 1, "delta": "1/2", "agents": [2, 10]},
    )
    assert [point.setting for point in points(study)] == [asked(2, STRONG), asked(10, STRONG)]


def test_settings_are_equal_only_with_the_same_mean():
    assert asked(10) != replace(asked(10), mean=STRONG)
