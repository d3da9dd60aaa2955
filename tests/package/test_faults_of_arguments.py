"""Arguments of public functions that are of a wrong kind, and problems and runs that are no runs: one sentence for each."""

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
from efpep.questions.quadratic.slowest import slowest_quadratic
from efpep.questions.rate.simplify import simplify
from efpep.questions.worst_case.rates import rates_in_horizon
from efpep.questions.worst_case.report import multiplier_table, plot_multipliers
from efpep.simulate.adversary_file import load_adversary, save_adversary
from efpep.simulate.comparisons import comparisons
from efpep.simulate.follow import follow
from efpep.simulate.memory import physical
from efpep.simulate.problems import read_problem
from efpep.simulate.tightness import tightness
from efpep.studies.experiments.run import experiment
from efpep.studies.laws.run import examine

SETTING = uniform(2, "1/2")
QUADRATICS = read_problem("quadratics:n=3,d=4,kappa=10,seed=1")
GD, EF21, TOP = efpep.GD("1/4"), efpep.EF21("1/4"), efpep.TopK(2)


class Given:
    """A problem of a user's, in three dimensions."""

    dimension = 3

    def __init__(self, gradients):
        self.gradients = gradients


def once(x):
    return np.full((2, 3), 1.0 if x[0] > -0.6 else np.nan)


@pytest.mark.parametrize("method", [GD, EF21])
@pytest.mark.parametrize("gradients", [lambda x: np.full((2, 3), np.nan), lambda x: np.full((2, 3), -np.inf), once])
def test_a_run_whose_gradients_are_no_numbers_has_diverged(method, gradients):
    found = efpep.simulate(method, Given(gradients), 50, TOP)
    assert "gradients are not finite" in found.diverged
    assert len(found) < 51


WRONG = {
    "run of a table": lambda: efpep.run({"methods": ["gd"]}),
    "run of nothing": lambda: efpep.run(None),
    "table of a list": lambda: efpep.table([1]),
    "figure of a table": lambda: efpep.figure({}),
    "examine of a table": lambda: examine({}),
    "experiment of a table": lambda: experiment({}),
    "adversary of a number": lambda: load_adversary(3),
    "number as an adversary": lambda: save_adversary(3, "x.json"),
    "method as text": lambda: efpep.simulate("gd", QUADRATICS, 3),
    "method as class": lambda: efpep.simulate(efpep.GD, QUADRATICS, 3),
    "problem as text": lambda: efpep.simulate(GD, "quadratics:n=3", 3),
    "setting as problem": lambda: efpep.simulate(GD, SETTING, 3),
    "record of a number": lambda: efpep.simulate(GD, QUADRATICS, 3, record=3),
    "record of a name": lambda: efpep.simulate(GD, QUADRATICS, 3, record="gap"),
    "progress of a number": lambda: efpep.simulate(GD, QUADRATICS, 3, progress=3),
    "checkpoint of a number": lambda: efpep.simulate(GD, QUADRATICS, 3, checkpoint=3),
    "operator's class": lambda: efpep.simulate(EF21, QUADRATICS, 3, efpep.TopK),
    "operator that returns nothing": lambda: efpep.simulate(EF21, QUADRATICS, 3, lambda v: None),
    "operator that returns a row": lambda: efpep.simulate(EF21, QUADRATICS, 3, lambda v: v[0]),
    "start in other dimensions": lambda: efpep.simulate(GD, QUADRATICS, 3, start=np.ones(7)),
    "gradients that fail": lambda: efpep.simulate(GD, Given(lambda x: 1 / 0), 3),
    "gradients of nothing": lambda: efpep.simulate(GD, Given(lambda x: None), 3),
    "gradients of text": lambda: efpep.simulate(GD, Given(lambda x: np.array([["a"] * 3])), 3),
    "gradients of other shapes": lambda: efpep.simulate(GD, Given(lambda x: np.ones((2, 3 if x[0] > -0.1 else 4))), 3),
    "file of a number": lambda: efpep.simulate(GD, QUADRATICS, 3).save(3),
    "cross-check of text": lambda: efpep.crosscheck(EF21, "x"),
    "cross-check of a rate that is none": lambda: efpep.crosscheck(EF21, SETTING, rate=3),
    "cross-check of a method as a worst case": lambda: crosscheck_worst_case(EF21),
    "guarantee of a number": lambda: efpep.guarantee(3, SETTING, 3),
    "guarantee in a number": lambda: efpep.guarantee(efpep.SafeEF, 3, 3),
    "quadratic of text": lambda: slowest_quadratic("ef21", SETTING),
    "quadratic of a period that is none": lambda: slowest_quadratic(EF21, SETTING, "x"),
    "tightness of a period that is none": lambda: tightness(EF21, SETTING, None),
    "lower bound beside a number": lambda: efpep.asymptotic_lower_bound(EF21, SETTING, certified=3),
    "patterns of numbers": lambda: efpep.switching_worst_case(3, 3, 3),
    "horizons of a number": lambda: rates_in_horizon(EF21, SETTING, 3),
    "comparisons of one": lambda: comparisons(EF21, QUADRATICS, TOP),
    "follow of a method": lambda: follow(EF21, QUADRATICS),
    "simplify of a method": lambda: simplify(EF21),
    "multipliers of a method": lambda: multiplier_table(EF21),
    "multipliers of nothing": lambda: plot_multipliers(None),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_are_one_sentence(name):
    with pytest.raises(efpep.InputError) as refused:
        WRONG[name]()
    assert one_sentence(refused.value)


@pytest.mark.skipif(physical() is None, reason="this machine does not say how much memory it has")
@pytest.mark.parametrize(
    "ask",
    [
        lambda: read_problem("quadratics:n=1000,d=1000000,kappa=10,seed=1"),
        lambda: read_problem("diagonal:n=1000,d=10000000000,kappa=10,seed=1"),
        lambda: efpep.simulate(GD, QUADRATICS, 10**15),
    ],
)
def test_what_does_not_fit_in_memory_is_refused_with_its_size(ask):
    with pytest.raises(efpep.InputError, match="GiB of memory at least") as refused:
        ask()
    assert one_sentence(refused.value)


@pytest.mark.parametrize("ask", [efpep.run, efpep.table])
def test_what_is_no_path_is_said_to_be_none(ask):
    with pytest.raises(efpep.InputError, match=r"^path is .*, which is not the path of a file") as refused:
        ask({"title": "T"})
    assert one_sentence(refused.value)
    assert refused.value.arguments == ("path",)
