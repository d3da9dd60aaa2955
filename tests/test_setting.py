"""Questions are validated: every refusal is one sentence that says what is wrong, why, and what to do."""

import math
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.compressors import COMPRESSORS
from efpep.functions import FUNCTIONS
from efpep.methods import METHODS

SSC = efpep.SmoothStronglyConvex
Contractive = efpep.Contractive
Group = efpep.Group
Setting = efpep.Setting

GOOD = uniform(10, "1/2")
HALF, THIRD = Contractive("1/2"), Contractive("1/3")
TYPES = [Group(SSC("1/10", 1), count=1), Group(SSC("3/10", 2), count=1)]


def nothing():
    """A callable, which is no component."""


BAD = {
    "mu above L": (lambda: SSC(mu=2, L=1), ["mu", "2", "L = 1", "give"]),
    "mu zero": (lambda: SSC(mu=0, L=1), ["mu is 0", "linear rate", "SmoothConvex"]),
    "mu negative": (lambda: SSC(mu=-1, L=1), ["mu is -1", "positive", "give"]),
    "mu NaN": (lambda: SSC(mu=math.nan, L=1), ["mu is nan", "finite", "give"]),
    "L infinite": (lambda: SSC(mu=1, L=math.inf), ["L is inf", "finite", "give"]),
    "mu a bool": (lambda: SSC(mu=True, L=1), ["mu is True", "not a number", "give"]),
    "mu nothing": (lambda: SSC(mu=None, L=1), ["mu is None", "not a number", "give"]),
    "mu an object": (lambda: SSC(mu=object(), L=1), ["mu is", "not a number", "give"]),
    "mu junk": (lambda: SSC(mu="a lot", L=1), ["mu is", "a lot", "not a number", "give"]),
    "mu a division by zero": (lambda: SSC(mu="1/0", L=1), ["mu is", "division by zero", "give"]),
    "L zero in the convex class": (lambda: efpep.SmoothConvex(L=0), ["L is 0", "positive", "give"]),
    "delta zero": (lambda: Contractive(0), ["delta is 0", "outside (0, 1]", "give"]),
    "delta above one": (lambda: Contractive("11/10"), ["delta is 11/10", "outside (0, 1]", "give"]),
    "delta negative": (lambda: Contractive(-0.5), ["delta is -1/2", "outside (0, 1]", "give"]),
    "delta NaN": (lambda: Contractive(math.nan), ["delta is nan", "finite", "give"]),
    "TopK of nothing": (lambda: efpep.TopK(0), ["k is 0", "give"]),
    "TopK of a float": (lambda: efpep.TopK(2.0), ["k is 2.0", "whole number", "give"]),
    "TopK of a bool": (lambda: efpep.TopK(True), ["k is True", "whole number", "give"]),
    "TopK of nothing at all": (lambda: efpep.TopK(None), ["k is None", "whole number", "give"]),
    "step size an array": (lambda: efpep.GD(np.array([1, 2])), ["step_size is", "not a number", "give"]),
    "step size a list": (lambda: efpep.GD(["optimal"]), ["step_size is", "not a number", "give"]),
    "mu of very many digits": (lambda: SSC(mu=10**5000, L=1), ["mu is", "beyond 1e±400", "rescale"]),
    "mu of very many digits as text": (lambda: SSC(mu="1" + "0" * 5000, L=1), ["mu is", "beyond 1e±400", "rescale"]),
    "delta of very many digits": (lambda: Contractive(Fraction(1, 10**5000)), ["delta is", "beyond 1e±400", "rescale"]),
    "step size of very many digits": (lambda: efpep.GD(-(10**5000)), ["step_size is", "beyond 1e±400", "rescale"]),
    "agents of very many digits": (lambda: uniform(10, "1/2", 10**5000), ["agents is", "beyond 1e±400", "rescale"]),
    "agents a table": (lambda: uniform(10, "1/2", {"count": 1}), ["agents is", "whole number", "sequence of groups"]),
    "agents a group": (lambda: uniform(10, "1/2", Group(count=1)), ["agents is", "whole number", "sequence of groups"]),
    "agents a generator of numbers": (lambda: uniform(10, "1/2", iter([1])), ["agents contains 1", "not a group", "give"]),
    "agents a complex number": (lambda: uniform(10, "1/2", 1j), ["agents is 1j", "whole number", "give"]),
    "group count of very many digits": (lambda: Group(count=10**5000), ["count", "beyond 1e±400", "rescale"]),
    "group share of a wrong kind": (lambda: Group(share=[1]), ["share is [1]", "not a number", "give"]),
    "a class that is not complete": (
        lambda: METHODS.build({"class": "efpep:Method"}),
        ["lacks", "State", "step", "start", "name"],
    ),
    "a class of functions that is not complete": (
        lambda: FUNCTIONS.build({"class": "efpep.functions.smooth:Smooth"}),
        ["lacks curvature, smoothness", "name a complete subclass"],
    ),
    "agents zero": (lambda: uniform(10, "1/2", 0), ["agents is 0", "at least one", "give"]),
    "agents negative": (lambda: uniform(10, "1/2", -3), ["agents is -3", "give"]),
    "agents a bool": (lambda: uniform(10, "1/2", True), ["agents is True", "whole number", "give"]),
    "agents a fraction": (lambda: uniform(10, "1/2", Fraction(3, 2)), ["agents", "give"]),
    "agents a float": (lambda: uniform(10, "1/2", 2.0), ["agents", "2.0", "give"]),
    "agents nothing": (lambda: uniform(10, "1/2", None), ["agents", "None", "give"]),
    "agents text": (lambda: uniform(10, "1/2", "10"), ["agents", "10", "give"]),
    "agents a list of numbers": (lambda: uniform(10, "1/2", [1, 2]), ["agents", "give"]),
    "no groups": (lambda: uniform(10, "1/2", []), ["agents", "empty", "give"]),
    "group with neither size": (lambda: Group(SSC(1, 2)), ["count", "share", "give exactly one"]),
    "group with both sizes": (lambda: Group(SSC(1, 2), count=1, share=1), ["count", "share", "give exactly one"]),
    "group share zero": (lambda: Group(share=0), ["share is 0", "outside (0, 1]", "give"]),
    "group share above one": (lambda: Group(share=2), ["share is 2", "outside (0, 1]", "give"]),
    "group share NaN": (lambda: Group(share=math.nan), ["share is nan", "finite", "give"]),
    "group count zero": (lambda: Group(count=0), ["count is 0", "give"]),
    "group count a float": (lambda: Group(count=1.5), ["count is 1.5", "whole number", "give"]),
    "group functions of a wrong kind": (lambda: Setting(SSC(1, 2), None, [Group(functions=3, count=1)]), ["functions", "give"]),
    "group compressor of a wrong kind": (
        lambda: Setting(SSC(1, 2), None, [Group(compressor=3, count=1)]),
        ["compressor", "give"],
    ),
    "shares not one": (
        lambda: Setting(SSC(1, 2), None, [Group(share="1/2"), Group(share="1/3")]),
        ["shares add up to 5/6", "add up to 1"],
    ),
    "counts mixed with shares": (
        lambda: Setting(SSC(1, 2), None, [Group(share="1/2"), Group(count=1)]),
        ["count", "share", "give all of them"],
    ),
    "no functions": (lambda: Setting(compressor=Contractive("1/2")), ["no function class", "give"]),
    "group without functions": (lambda: Setting(agents=[Group(count=1)]), ["no function class", "give"]),
    "functions of a wrong kind": (lambda: Setting(functions=Contractive("1/2")), ["functions is", "FunctionClass", "give"]),
    "functions a class": (lambda: Setting(functions=SSC), ["functions is", "FunctionClass", "give"]),
    "compressor of a wrong kind": (lambda: Setting(SSC(1, 2), SSC(1, 2)), ["compressor is", "Compressor", "give"]),
    "compressor an operator": (lambda: Setting(SSC(1, 2), efpep.TopK(1)), ["compressor is", "Compressor", "give"]),
    "step size negative": (lambda: efpep.EF21(-0.1), ["step_size is -1/10", "not negative", "give"]),
    "step size NaN": (lambda: efpep.EF21(math.nan), ["step_size is nan", "finite", "give"]),
    "step size junk": (lambda: efpep.EF("best"), ["step_size", "best", "give"]),
    "step size nothing": (lambda: efpep.GD(None), ["step_size is None", "give"]),
    "step size an object": (lambda: efpep.GD(object()), ["step_size is", "not a number", "give"]),
    "method a class": (lambda: efpep.rate(efpep.EF21, GOOD), ["method is", "not a method", "give"]),
    "method a name": (lambda: efpep.rate("ef21", GOOD), ["method is 'ef21'", "not a method", "give"]),
    "setting a wrong kind": (lambda: efpep.rate(efpep.EF21("1/5"), 10), ["setting", "give"]),
    "unknown metric": (lambda: efpep.rate(efpep.EF21(), GOOD, metric="speed"), ["'speed'", "not a metric", "choose one of"]),
    "metric of many letters": (lambda: efpep.rate(efpep.EF21(), GOOD, metric="g" * 5000), ["not a metric", "choose one of"]),
    "solver of many letters": (lambda: efpep.rate(efpep.EF21(), GOOD, solver="g" * 5000), ["not a solver", "choose one of"]),
    "method of many lines": (lambda: efpep.rate(np.zeros((30, 30)), GOOD), ["method is", "not a method", "give"]),
    "setting of many lines": (lambda: efpep.rate(efpep.EF21(), np.zeros((30, 30))), ["setting is", "not a setting", "give"]),
    "memory of very many digits": (lambda: efpep.rate(efpep.EF21(), GOOD, memory=10**5000), ["memory is", "give 0 to 5"]),
    "metric of a wrong kind": (lambda: efpep.rate(efpep.EF21(), GOOD, metric=["gap"]), ["not a metric", "choose one of"]),
    "unknown solver": (lambda: efpep.rate(efpep.EF21(), GOOD, solver="cplex"), ["'cplex'", "not a solver", "choose one of"]),
    "unknown cvxpy solver": (
        lambda: efpep.rate(efpep.EF21(), GOOD, solver="cvxpy:NO_SUCH"),
        ["NO_SUCH", "install it or choose one of"],
    ),
    "solver of a wrong kind": (lambda: efpep.rate(efpep.EF21(), GOOD, solver=None), ["not a solver", "choose one of"]),
    "no compressor": (lambda: efpep.rate(efpep.EF21("1/5"), Setting(SSC(1, 2))), ["no compressor", "give"]),
    "no compressor, optimal": (lambda: efpep.rate(efpep.EF(), Setting(SSC(1, 2))), ["compressor", "give"]),
    "convex only": (
        lambda: efpep.rate(efpep.GD("1/2"), Setting(efpep.SmoothConvex(L=1))),
        ["linear rate", "mu > 0", "use"],
    ),
    "convex only, optimal": (lambda: efpep.rate(efpep.GD(), Setting(efpep.SmoothConvex(L=1))), ["linear rate", "mu > 0", "use"]),
    "CGD optimal with several agents": (
        lambda: efpep.rate(efpep.CGD(), uniform(10, "1/2", 2)),
        ["CGD", "one agent", "give step_size"],
    ),
    "optimal with different compressors": (
        lambda: efpep.rate(
            efpep.EF21(),
            Setting(
                SSC(1, 2), None, [Group(compressor=Contractive("1/2"), count=1), Group(compressor=Contractive("1/3"), count=1)]
            ),
        ),
        ["delta", "differ", "give step_size"],
    ),
    "unknown function class": (lambda: FUNCTIONS.build({"class": "convexish"}), ["'convexish'", "choose one of"]),
    "mean beyond agents": (
        lambda: Setting(efpep.SmoothWeaklyConvex("-1/20", "1/20"), agents=2, mean=efpep.SmoothStronglyConvex("1/10", 1)),
        ["mean has mu = 1/10", "average L = 1/20", "give the agents a larger L"],
    ),
    "unknown method": (lambda: METHODS.build({"class": "adam"}), ["'adam'", "choose one of", "ef21"]),
    "no class": (lambda: COMPRESSORS.build({"delta": 1}), ["no class", "name it"]),
    "unknown parameter": (lambda: METHODS.build({"class": "gd", "beta": 1}), ["gd", "no parameter 'beta'", "step_size"]),
    "missing parameter": (lambda: FUNCTIONS.build({"class": "smooth-strongly-convex", "mu": 1}), ["needs", "'L'", "give"]),
    "setting with an unknown key": (lambda: Setting.restore({"agents": 1, "zeta": 2}), ["unknown key 'zeta'", "its keys are"]),
    "setting with a misspelt key": (lambda: Setting.restore({"agents": 1, "Heterogenity": 2}), ["did you mean heterogeneity?"]),
    "setting with bad agents": (lambda: Setting.restore({"agents": "2"}), ["agents", "give"]),
    "setting with a bad group": (lambda: Setting.restore({"agents": [3]}), ["group", "give"]),
}


@pytest.mark.parametrize("case", BAD)
def test_refused_in_one_sentence(case):
    act, words = BAD[case]
    with pytest.raises(efpep.InputError) as caught:
        act()
    message = str(caught.value)
    assert one_sentence(message), message
    assert len(message) < 300, message
    for word in words:
        assert word in message, f"{message!r} does not say {word!r}"


def test_an_input_error_is_a_value_error():
    assert issubclass(efpep.InputError, ValueError)
    assert issubclass(efpep.InputError, efpep.EfpepError)


def test_numbers_are_exact():
    functions = SSC(mu=0.1, L="1")
    assert (functions.mu, functions.L) == (Fraction(1, 10), 1)
    assert efpep.EF21(0.3).step_size == Fraction(3, 10)
    assert Contractive("1e-3").delta == Fraction(1, 1000)


def test_whole_numbers_of_other_libraries_are_whole_numbers():
    assert uniform(10, "1/2", np.int64(7)) == uniform(10, "1/2", 7)
    assert type(uniform(10, "1/2", np.int64(7)).describe()["agents"]) is int
    assert Group(count=np.uint8(3)) == Group(count=3)
    assert Setting(agents=(group for group in TYPES)) == Setting(agents=TYPES)


@pytest.mark.parametrize("step", ["optimal", "1/2"])
def test_no_positive_curvature_is_said_before_anything_else(step):
    with pytest.raises(efpep.InputError, match="a linear rate needs strong convexity, mu > 0"):
        efpep.rate(efpep.EF21(step), Setting(efpep.SmoothConvex(L=1), HALF))


def test_everything_is_frozen_and_hashable():
    with pytest.raises(AttributeError):
        GOOD.agents = 3
    with pytest.raises(AttributeError):
        GOOD.functions.mu = 1
    assert hash(GOOD) == hash(uniform(10, "1/2"))
    assert uniform(10, "1/2") == GOOD
    assert uniform(10, "1/2", 2) != GOOD


def test_groups_resolve_to_shares():
    counted = Setting(None, Contractive("1/2"), [Group(SSC(1, 2), count=1), Group(SSC(1, 3), count=3)])
    first, second = counted.populations()
    assert (first.share, second.share) == (Fraction(1, 4), Fraction(3, 4))
    assert first.single
    assert not second.single
    assert first.compressor == Contractive("1/2")
    (whole,) = uniform(10, "1/2", 7).populations()
    assert (whole.share, whole.count, whole.single) == (1, 7, False)
    shared = Setting(SSC(1, 2), None, [Group(share="1/4"), Group(SSC(1, 3), share="3/4")])
    assert [p.single for p in shared.populations()] == [False, False]
    assert shared.populations()[0].functions == SSC(1, 2)


@pytest.mark.parametrize(
    "setting",
    [
        GOOD,
        uniform(10, "1/2", 10**9),
        Setting(SSC("1/3", 1)),
        Setting(efpep.SmoothConvex(L=2), Contractive("1/7"), 2),
        Setting(None, Contractive("1/2"), TYPES),
        Setting(SSC(1, 2), None, [Group(compressor=Contractive("1/3"), share="1/4"), Group(SSC(1, 3), share="3/4")]),
    ],
)
def test_descriptions_come_back(setting):
    import json

    assert Setting.restore(json.loads(json.dumps(setting.describe()))) == setting


@pytest.mark.parametrize("method", [efpep.GD("1/3"), efpep.CGD(0), efpep.EF(), efpep.EF21("1e-3")])
def test_descriptions_of_methods_come_back(method):
    assert METHODS.build(method.describe()) == method


def test_the_optimal_step_is_rounded_once_to_17_digits():
    method = efpep.EF21().resolved(uniform(10, "1/2"))
    assert isinstance(method.step_size, Fraction)
    assert len(str(method.step_size.numerator * 10**17 // method.step_size.denominator)) <= 18
    scaled = method.step_size * 10**17
    assert scaled.denominator == 1
    assert abs(
        method.step_size - 2 / (Fraction(11, 10)) * Fraction("0.171572875253809902396622551580603842860656249246")
    ) < Fraction(1, 10**17)
    assert efpep.EF21("1/5").resolved(uniform(10, "1/2")) == efpep.EF21("1/5")
    assert efpep.GD().resolved(Setting(SSC("1/4", "3/4"))).step_size == 2
