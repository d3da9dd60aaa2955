"""Numbers that are no doubles: every kind of question answers, or names in one sentence the argument that is to be changed."""

import contextlib
import json
from dataclasses import replace
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.cli import main
from efpep.questions.answer import ask
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.improvement.question import Improvement, ImprovementQuestion
from efpep.questions.kinds import KINDS, answer_object
from efpep.questions.quadratic.question import QuadraticQuestion
from efpep.questions.rate.question import RateQuestion
from efpep.questions.target.question import TargetQuestion

LARGE, SMALL = Fraction(10) ** 400, Fraction(1, 10**400)


def setting(mu="1/10", L=1, delta="1/2", agents=1, zeta=None):
    return efpep.Setting(efpep.SmoothStronglyConvex(mu, L), efpep.Contractive(delta), agents, heterogeneity=zeta)


def safe(delta="1/2", M=1):
    return efpep.Setting(efpep.BoundedSubgradients(M), efpep.Contractive(delta), constraint=efpep.BoundedSubgradients(M))


def rate(step="1/10", **others):
    return efpep.rate(efpep.EF21(step), setting(**others))


def worst_case(step="1/10", distance=1, **others):
    return efpep.worst_case(efpep.EF21(step), setting(**others), 1, initial={"distance": distance})


def potential(step=1, L=1):
    return efpep.potential(efpep.GD(step), efpep.Setting(efpep.SmoothConvex(L)), iterations=2)


def averaging(step="1/10", M=1):
    return efpep.potential(efpep.SafeEF(step, 0), efpep.Setting(efpep.BoundedSubgradients(M), efpep.Contractive("1/2")))


def nonconvex(step="1/10", L=1, delta="1/2"):
    functions = efpep.SmoothWeaklyConvex(-Fraction(L), L)
    return efpep.potential(efpep.EF21(step), efpep.Setting(functions, efpep.Contractive(delta)))


def cycle(step=1, **others):
    return efpep.cycle(efpep.EF(step), setting(**others), 2)


def patterns(step="1/10", threshold="1/10", radius=1, M=1):
    return efpep.switching_worst_case(efpep.SafeEF(step, threshold), safe(M=M), 1, radius=radius)


def noise(step="1/10", sigma=1, **others):
    return efpep.noise(efpep.EF21(step), replace(setting(**others), noise=efpep.GradientNoise(sigma)))


def target_accuracy(step="1/10", sigma=1, target=3, radius=1, **others):
    noisy = replace(setting(**others), noise=efpep.GradientNoise(sigma))
    return ask(TargetQuestion(efpep.EF21(step), noisy, "99/100", "distance", target, radius))


def nonconvex_noise(step="1/10", L=1, delta="1/2", sigma=1, decrease="1/50"):
    functions, noise = efpep.SmoothWeaklyConvex(-Fraction(L), L), efpep.GradientNoise(sigma)
    return efpep.noise(efpep.EF21(step), efpep.Setting(functions, efpep.Contractive(delta), noise=noise), decrease=decrease)


def step_size(**others):
    return efpep.tune(efpep.EF21, setting(**others), seconds=5)


def quadratic(step="1/10", **others):
    return ask(QuadraticQuestion(efpep.EF21(step), setting(**others)))


def improvement(step="1/10", **others):
    reference = RateQuestion(efpep.EF21(step).resolved(setting(**others)), setting(**others), "distance")
    return ask(ImprovementQuestion.of(reference, Improvement(), ("step_size",)), choices=[["1/5"]])


ASKED = {
    "rate": (rate, {"step": "step_size", "L": "L", "mu": "mu", "delta": "delta"}),
    "noise constant": (noise, {"step": "step_size", "L": "L", "mu": "mu", "delta": "delta", "sigma": "sigma"}),
    "step size": (step_size, {"L": "L", "mu": "mu", "delta": "delta"}),
    "growing potential": (potential, {"step": "step_size", "L": "L"}),
    "averaging potential": (averaging, {"step": "step_size", "M": "M"}),
    "nonconvex potential": (nonconvex, {"step": "step_size", "L": "L", "delta": "delta"}),
    "nonconvex noise constant": (
        nonconvex_noise,
        {"step": "step_size", "L": "L", "delta": "delta", "sigma": "sigma", "decrease": "decrease"},
    ),
    "target accuracy": (
        target_accuracy,
        {"step": "step_size", "L": "L", "mu": "mu", "delta": "delta", "sigma": "sigma", "target": "target", "radius": "radius"},
    ),
    "worst case": (worst_case, {"step": "step_size", "L": "L", "mu": "mu", "distance": "initial", "zeta": "heterogeneity"}),
    "cycle": (cycle, {"step": "step_size", "L": "L", "mu": "mu", "delta": "delta"}),
    "switching patterns": (patterns, {"step": "step_size", "threshold": "threshold", "radius": "radius", "M": "M"}),
    "quadratic instance": (quadratic, {"step": "step_size", "L": "L", "mu": "mu", "delta": "delta"}),
    "improvement": (improvement, {"step": "step_size", "L": "L", "mu": "mu"}),
}
"""How a small question of each kind is asked, and its numbers with the arguments that give them."""
SLOW = {
    ("rate", "mu"),
    ("rate", "step"),
    ("step size", "mu"),
    ("step size", "delta"),
    ("improvement", "mu"),
    ("improvement", "step"),
}
"""Small numbers with which the search is long."""
CASES = [(kind, name, size) for kind, (_, names) in ASKED.items() for name in names for size in (LARGE, SMALL)]
CASES = [case for case in CASES if case[2] == LARGE or case[:2] not in SLOW]


def test_every_kind_is_asked():
    assert set(ASKED) == set(KINDS)


@pytest.mark.fast_cases(19)
@pytest.mark.parametrize(("kind", "name", "size"), CASES, ids=lambda value: value if isinstance(value, str) else f"{value > 1:d}")
def test_numbers_that_are_no_doubles(kind, name, size):
    ask_it, arguments = ASKED[kind]
    others = {"agents": 2} if name == "zeta" else {}
    with _sentence(arguments[name]):
        found = ask_it(**{name: size}, **others)
        assert str(found)
        assert json.dumps(answer_object(found), default=str)


@contextlib.contextmanager
def _sentence(argument):
    """Pass over a sentence about an argument."""
    refused = None
    try:
        yield
    except efpep.InputError as error:
        refused = error
    if refused is not None:
        assert one_sentence(refused)
        assert set(refused.arguments) & {argument, "mu"}  # mu > L is said first


@pytest.mark.parametrize(
    "ask_it", [rate, worst_case, patterns, improvement, lambda step: efpep.crosscheck(efpep.EF21(step), setting())]
)
def test_large_step_sizes_are_named(ask_it):
    with pytest.raises(efpep.InputError, match=r"step_size is 1000.*beyond the doubles in which solvers compute") as refused:
        ask_it(step=LARGE)
    assert refused.value.arguments == ("step_size",)


def test_a_radius_that_no_double_holds():
    with pytest.raises(efpep.InputError, match="radius is 1000") as refused:
        efpep.guarantee(efpep.SafeEF, safe(), 3, radius=LARGE)
    assert refused.value.arguments == ("radius",)


def test_the_number_furthest_from_one_is_named_where_all_are_doubles():
    @within_doubles
    def fails(method, setting):
        raise OverflowError

    with pytest.raises(efpep.InputError, match="orders of magnitude for a solver, such as L, which is 1000") as refused:
        fails(efpep.EF21("1/10"), setting(L=10**200))
    assert refused.value.arguments == ("L",)


def test_a_division_by_zero_is_no_matter_of_magnitudes():
    @within_doubles
    def fails(method):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails(efpep.EF21("1/10"))


EF21 = ["ef21", "--mu", "0.1", "--L", "1", "--delta", "0.5"]


@pytest.mark.parametrize(
    ("command", "option"),
    [
        (["rate", *EF21, "--step-size", "1e350"], "step"),
        (["rate", "ef21", "--mu", "0.1", "--L", "1e350", "--delta", "0.5", "--step-size", "1"], "L"),
        (["tune", "ef21", "--mu", "0.1", "--L", "1e350", "--delta", "0.5"], "L"),
        (["worst-case", *EF21, "--step-size", "1e350", "--iterations", "1"], "step"),
        (["worst-case", *EF21, "--step-size", "1", "--iterations", "1", "--initial", "distance=1e350"], "initial"),
        (["potential", "gd", "--L", "1e350", "--step-size", "1", "--iterations", "1"], "L"),
        (["crosscheck", *EF21, "--step-size", "1e350"], "step"),
        (["patterns", "safe-ef", "--delta", "0.5", "--T", "1", "--jobs", "1", "--step-size", "1e350"], "step"),
    ],
)
def test_the_command_line_names_the_option(command, option, capsys):
    assert main(command) == 2
    printed = capsys.readouterr().err.strip()
    assert one_sentence(printed.removeprefix("efpep: "))
    assert option in printed.partition(" is ")[0]
    assert "rescale the problem" in printed
