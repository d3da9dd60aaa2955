"""What new users tried: one sentence for each, with the option that it is about."""

import pytest
from conftest import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.questions.answer import ask

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
