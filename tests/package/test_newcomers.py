"""What new users tried: one sentence for each, with the option that it is about."""

import json
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.questions.answer import ask
from efpep.simulate.problems import RandomQuadratics

RUN = ["simulate", "ef21", "--problem", "quadratics:n=3,d=10,kappa=10,seed=1", "--compressor", "rand-k:k=3", "--step-size", "0.1"]
ONCE = ["--iterations", "1"]
CLASS = ["--mu", "0.1", "--L", "1", "--delta", "0.5"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["patterns", "safe-ef", "--delta", "0.5", "--T", "2", "--jobs", "0"], "jobs is 0"),
        ([*RUN, "--iterations", "2", "--seed", "-1"], "seed is -1"),
        (
            ["rate", "ef21", "--functions", "gradient-dominated", *CLASS, "--step-size", "0.1"],
            "take the metric 'gap' or 'gradient'",
        ),
        (
            ["worst-case", "ef21", *CLASS, "--agents", "2", "--iterations", "1"],
            "(on the command line: --heterogeneity)",
        ),
        (["rate", "gd", *CLASS, "--mu", "0.2"], "--mu is given more than once"),
        (["rate", "gd", "--mu=0.1", "--L", "1", "--mu", "0.2"], "--mu is given more than once"),
        (["rate", "gd", "--mu", "\u0660.\u0661", "--L", "1"], "which is not a number"),
        (["tune", "gd", "--mu", "0.1", "--L", "1", "--verify", "x"], "--verify is 'x'"),
        (["rate", "primal-dual-ef", *CLASS, "--step-size", "0.1"], "run it numerically"),
        (
            [
                "worst-case",
                "safe-ef",
                *CLASS,
                "--delta-server",
                "1",
                "--step-size",
                "1",
                "--set",
                "threshold=1",
                "--iterations",
                "1",
            ],
            "ask about all switching patterns",
        ),
        (["worst-case", "safe-ef", "--delta", "0.1", "--iterations", "2"], "ask 'efpep potential safe-ef'"),
        (["worst-case", "parallel-crpo", "--iterations", "2"], "'efpep patterns parallel-crpo' about runs with a constraint"),
        (["lower-bound", "gd", "--delta", "0.1", "--T", "100"], "GD does not compress"),
    ],
)
def test_bad_options_are_bad_input(words, said, capsys):
    assert main(words) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert said in printed.err
    assert one_sentence(printed.err.strip().removeprefix("efpep: "))


@pytest.mark.parametrize(
    "call",
    [
        lambda: ask(3),
        lambda: ask("ef21"),
        lambda: efpep.Certificate.load(3),
        lambda: efpep.rate(efpep.EF21("1/10"), uniform(10, "1/2"), features="g,g-d"),
        lambda: efpep.verify("nothing.json", allow=[""]),
    ],
)
def test_wrong_arguments_are_bad_input(call):
    with pytest.raises(efpep.InputError) as refused:
        call()
    assert one_sentence(refused.value)


@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21, efpep.CGD])
def test_projections_are_contractive_and_have_their_step_size_and_theory(method):
    functions = efpep.SmoothStronglyConvex("1/10", 1)
    contractive = efpep.Setting(functions, efpep.Contractive("1/2"))
    projections = efpep.Setting(functions, efpep.Projection("1/2"))
    found = efpep.rate(method(), projections)
    assert found.method.step_size == method().resolved(contractive).step_size
    assert found.theory == method.literature.rate(method(), contractive)
    assert found.upper <= found.theory.value + Fraction(1, 10**8)
    assert method.literature.stability_limit(method(), projections) is None


def test_an_operator_is_asked_about_by_its_class(capsys):
    asked = ["rate", "ef21", "--mu", "0.1", "--L", "1", "--json"]
    answers = []
    for compressor in (["--compressor", "top-k:k=5,d=10"], ["--compressor", "projection", "--delta", "0.5"]):
        assert main([*asked, *compressor]) == 0
        answers.append(json.loads(capsys.readouterr().out))
    assert answers[0]["rate"] == answers[1]["rate"]
    for wrong in ("top-k:k=5", "top-k", "top-k:k=5,d=0", "top-k:d=10"):
        assert main([*asked, "--compressor", wrong]) == 2
        assert one_sentence(capsys.readouterr().err.strip().removeprefix("efpep: "))


def halved(v):
    return v / 2


class Halved:
    def __call__(self, v):
        return v / 2


SMOOTH = efpep.SmoothStronglyConvex("1/10", 1)


@pytest.mark.parametrize("operator", [halved, Halved()], ids=["function", "object"])
@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda c: efpep.compare(efpep.EF21("1/10"), RandomQuadratics(n=2, d=3), 10, c),
            "give it a method belongs_to(dimension)",
        ),
        (lambda c: efpep.crosscheck(efpep.EF21("1/10"), efpep.Setting(SMOOTH, c)), "give the one it belongs to, such as Contrac"),
        (lambda c: efpep.rate(efpep.EF21BC("1/10"), efpep.Setting(SMOOTH, server_compressor=c)), "such as Contractive"),
    ],
    ids=["compare", "crosscheck", "server"],
)
def test_operators_without_a_class_are_told_what_to_declare(operator, ask, said):
    with pytest.raises(efpep.InputError) as refused:
        ask(operator)
    assert said in str(refused.value)
    assert one_sentence(refused.value)


def test_operators_in_the_place_of_their_class_name_it():
    with pytest.raises(efpep.InputError, match=r"give the one it belongs to, its belongs_to\(d\)"):
        efpep.Setting(SMOOTH, efpep.TopK(2))


def test_an_operator_that_declares_its_class_is_compared():
    """``v/2`` is contractive with ``delta = 3/4``: ``||v/2 - v||^2 = ||v||^2/4``."""

    class Declared(Halved):
        def belongs_to(self, dimension):
            del dimension
            return efpep.Contractive("3/4")

    found = efpep.compare(efpep.EF21(), RandomQuadratics(n=2, d=3, kappa=5), 5, Declared())
    assert found.rate.setting.compressor == efpep.Contractive("3/4")


def test_a_method_by_its_name_is_no_method():
    with pytest.raises(efpep.InputError, match="method is 'ef21', which is no Method"):
        efpep.compare("ef21", RandomQuadratics(n=2, d=3), 10, efpep.TopK(2))
