"""The rate of a given Lyapunov function: formulas, known rates, refusals, and certificates that are about that function."""

import copy
import json
import math
from dataclasses import replace
from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.questions.rate.formula import weights
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.theory.error_feedback import cubic_rate

SSC = efpep.SmoothStronglyConvex
HALF = efpep.Contractive("1/2")
PAIR = efpep.Setting(None, HALF, [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("3/10", 2), count=3)])
F = Fraction


def check_narrow(rate):
    assert rate.certified
    assert 0 <= rate.lower <= rate.upper < 1
    assert rate.upper - rate.lower < F(1, 10**8)
    rate.certificate.check()


def check_same(one, other):
    for rate in (one, other):
        check_narrow(rate)
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)


def read(text, method, setting):
    """The weights of a formula, as dictionaries by pairs of names: off-diagonal entries are those of the matrix."""
    question = rate_inequalities(method, setting, "distance")
    found = weights(question, [group.share for group in setting.populations()], text)
    entries = {}
    for block, matrix in zip(question.blocks, found.blocks, strict=True):
        for u, row in zip(block.features, matrix, strict=True):
            for v, a in zip(block.features, row, strict=True):
                if a != 0:
                    entries[block.name, u.name, v.name] = a
    return entries | {("f", gap.name): a for gap, a in zip(question.gaps, found.gaps, strict=True) if a != 0}


# --- formulas ------------------------------------------------------------------------------------------------------------

MEAN = "mean"
EF = (efpep.EF("1/8"), uniform(10, "1/2", 3))
GROUPS = (efpep.EF21("1/8"), PAIR)
FORMULAS = {
    "|x-x* - mean(e)|^2 + 2 |mean(e)|^2 + dev(e, e)": (
        *EF,
        {
            (MEAN, "x", "x"): 1,
            (MEAN, "x", "e"): -1,
            (MEAN, "e", "x"): -1,
            (MEAN, "e", "e"): 3,
            ("deviation", "e", "e"): 1,
        },
    ),
    "V = |x-x*|^2": (*EF, {(MEAN, "x", "x"): 1}),
    "<x-x*, g> + 2.5 (f - f*)": (*EF, {(MEAN, "x", "g"): F(1, 2), (MEAN, "g", "x"): F(1, 2), ("f", "f"): F(5, 2)}),
    "|g|^2 - 1/3 <g, e>": (*EF, {(MEAN, "g", "g"): 1, (MEAN, "g", "e"): F(-1, 6), (MEAN, "e", "g"): F(-1, 6)}),
    "1e-3 dev(g, e) + |e|^2": (
        *EF,
        {("deviation", "g", "e"): F(1, 2000), ("deviation", "e", "g"): F(1, 2000), (MEAN, "e", "e"): 1},
    ),
    "2 |2 x-x* + 1/2 g|^2": (
        *EF,
        {(MEAN, "x", "x"): 8, (MEAN, "x", "g"): 2, (MEAN, "g", "x"): 2, (MEAN, "g", "g"): F(1, 2)},
    ),
    "<x-x* + g, x-x* - g>": (*EF, {(MEAN, "x", "x"): 1, (MEAN, "g", "g"): -1}),
    "dev(g + e, g + e)": (*EF, {("deviation", u, v): 1 for u in "ge" for v in "ge"}),
    "|g|^2 + |g|^2 + 0 |e|^2": (*EF, {(MEAN, "g", "g"): 2}),
    "-|g|^2": (*EF, {(MEAN, "g", "g"): -1}),
    "|mean(g)|^2": (  # the average over all agents: shares 1/4 and 3/4
        *GROUPS,
        {
            (MEAN, "g[1]", "g[1]"): F(1, 16),
            (MEAN, "g[1]", "g[2]"): F(3, 16),
            (MEAN, "g[2]", "g[1]"): F(3, 16),
            (MEAN, "g[2]", "g[2]"): F(9, 16),
        },
    ),
    "|g[2]|^2 + 2 |mean(g-d[1])|^2": (*GROUPS, {(MEAN, "g[2]", "g[2]"): 1, (MEAN, "g-d[1]", "g-d[1]"): 2}),
    "<x-x*, g[1]> + dev(g-d[2], g[2])": (
        *GROUPS,
        {
            (MEAN, "x", "g[1]"): F(1, 2),
            (MEAN, "g[1]", "x"): F(1, 2),
            ("deviation[2]", "g[2]", "g-d[2]"): F(1, 2),
            ("deviation[2]", "g-d[2]", "g[2]"): F(1, 2),
        },
    ),
    "3 (f[1] - f[1]*) + 1/7 (f[2] - f[2]*)": (*GROUPS, {("f", "f[1]"): 3, ("f", "f[2]"): F(1, 7)}),
}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_mean_what_they_say(text):
    method, setting, expected = FORMULAS[text]
    assert read(text, method, setting) == expected
    assert read(text.replace(" ", ""), method, setting) == expected
    assert read(f"  {text}  ", method, setting) == expected


def test_the_deviation_of_one_agent_is_nothing():
    alone = uniform(10, "1/2", 1)
    assert read("|g|^2 + dev(g, g)", efpep.EF("1/8"), alone) == {(MEAN, "g", "g"): 1}


def test_memories_at_the_server_are_features():
    setting = efpep.Setting(SSC("1/10", 1), HALF, 2, efpep.Contractive("9/10"))
    found = read("|x-x* + w-x|^2 + |w-x|^2", efpep.EF21P("1/4"), setting)
    assert found == {
        (MEAN, "x", "x"): 1,
        (MEAN, "x", "w-x"): 1,
        (MEAN, "w-x", "x"): 1,
        (MEAN, "w-x", "w-x"): 2,
    }


ROUND = {
    "ef": (efpep.EF("1/8"), uniform(10, "1/2", 3)),
    "ef21 alone": (efpep.EF21("1/8"), uniform(10, "1/2", 1)),
    "ef21": (efpep.EF21("1/8"), uniform(10, "1/2", 3)),
    "cgd": (efpep.CGD("1/4"), uniform(10, "1/10", 1)),
    "groups": (efpep.EF21("1/8"), PAIR),
    "momentum": (efpep.EF21Momentum("1/8", theta="1/2"), uniform(10, "1/2", 2)),
    "heavy ball": (efpep.EF21HeavyBall("1/8", beta="1/10"), uniform(10, "1/2", 2)),
    "econtrol": (efpep.EControl("1/8", eta="1/10"), uniform(10, "1/2", 2)),
    "ef21-bc": (efpep.EF21BC("1/10"), efpep.Setting(SSC("1/10", 1), HALF, 2, efpep.Contractive("9/10"))),
}


@pytest.mark.parametrize("name", ROUND)
def test_a_printed_function_reads_back(name):
    method, setting = ROUND[name]
    found = efpep.rate(method, setting).lyapunov
    entries = read(str(found), method, setting)
    scale = found.scale()
    exact = {}
    for term in found.terms():
        if term.right is None:
            exact["f", term.left] = term.coefficient / scale
        else:
            entry = term.coefficient / scale / (1 if term.left == term.right else 2)
            exact[term.block, term.left, term.right] = exact[term.block, term.right, term.left] = entry
    assert set(entries) <= set(exact)
    for key, value in exact.items():
        assert abs(entries.get(key, 0) - value) <= max(abs(value) * F(1, 10**5), F(1, 10**6)), key


BAD = [
    "|g|",
    "|g|^2 |g|^2",
    "|g|^2 +",
    "|g|^3",
    "|q|^2",
    "|g|^2 + foo",
    "1/0 |g|^2",
    "nan |g|^2",
    "<g, >",
    "<g, g",
    "<g, g, g>",
    "| |^2",
    "||^2",
    "|2|^2",
    "|mean(g|^2",
    "|mean()|^2",
    "dev(g, g",
    "dev(g)",
    "dev(x-x*, x-x*)",
    "dev(g, q)",
    "(f - f)",
    "(f - g*)",
    "(f[2] - f[2]*)",
    "|g[3]|^2",
    "literatur",
    "x",
    "'; import os",
    "|g|^2\n+ |e|",
]


@pytest.mark.parametrize("text", BAD)
def test_what_cannot_be_read_is_one_sentence(text):
    with pytest.raises(efpep.InputError) as refused:
        efpep.rate(*EF, lyapunov=text)
    assert one_sentence(refused.value), str(refused.value)
    assert "give" in str(refused.value) or "write" in str(refused.value)


@pytest.mark.parametrize("text", ["|mean(g|^2", "|2|^2", "|g +|^2", "|mean()|^2"])
def test_what_cannot_be_read_is_shown(text):
    with pytest.raises(efpep.InputError) as refused:
        efpep.rate(*EF, lyapunov=text)
    assert "read at ''" not in str(refused.value)


@pytest.mark.parametrize("text", ["|g[3]|^2", "dev(g[1], g[1])", "dev(g[2], g-d[1])", "(f - f*)", "(f[3] - f[3]*)", "|e|^2"])
def test_what_the_groups_lack_is_one_sentence(text):
    with pytest.raises(efpep.InputError) as refused:
        efpep.rate(*GROUPS, lyapunov=text)
    assert one_sentence(refused.value)


@pytest.mark.parametrize("thing", [5, ["|g|^2"], b"|g|^2", F(1, 2), True])
def test_what_is_no_function_is_one_sentence(thing):
    with pytest.raises(efpep.InputError) as refused:
        efpep.rate(*EF, lyapunov=thing)
    assert one_sentence(refused.value)


def test_a_function_of_another_method_is_one_sentence():
    other = efpep.rate(efpep.EF21("1/8"), uniform(10, "1/2", 3)).lyapunov
    with pytest.raises(efpep.InputError, match="g-d") as refused:
        efpep.rate(*EF, lyapunov=other)
    assert one_sentence(refused.value)


@pytest.mark.parametrize(
    ("method", "setting", "says"),
    [
        (efpep.GD(1), uniform(10, 0, 1), "literature has no"),
        (efpep.EControl("1/8"), uniform(10, "1/2", 1), "literature has no"),
        (efpep.EF21BC("1/8"), efpep.Setting(SSC("1/10", 1), HALF, 1, HALF), "literature has no"),
        (efpep.EF("1/8"), uniform(10, 0, 1), "compression"),
        (efpep.EF21("1/8"), uniform(10, 0, 1), "compression"),
    ],
)
def test_where_the_literature_has_none(method, setting, says):
    with pytest.raises(efpep.InputError, match=says) as refused:
        efpep.rate(method, setting, lyapunov="literature")
    assert one_sentence(refused.value)


# --- known rates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["1/3", "1", "20/11", "19/10"])
@pytest.mark.parametrize("text", ["|x-x*|^2", "|g|^2", "(f - f*)"])
def test_gradient_descent_has_one_rate_in_all_three_measures(text, step):
    # Taylor, Hendrickx, Glineur (2018): max((1 - eta mu)^2, (1 - eta L)^2) for the distance, the gradient and the gap.
    tight = max((1 - F(step) / 10) ** 2, (1 - F(step)) ** 2)
    for agents in (1, 5):
        rate = efpep.rate(efpep.GD(F(step)), uniform(10, 0, agents), lyapunov=text)
        check_narrow(rate)
        assert rate.lower <= tight <= rate.upper


def closed_form(kappa, epsilon):
    """2506.05271, 2605.31594: EF's and EF21's rate at the optimal step size."""
    s = math.sqrt(epsilon)
    psi = 1 - s + math.sqrt((1 + s) ** 2 + 16 * s * kappa / (kappa - 1) ** 2)
    return s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * psi


@pytest.mark.parametrize(("kappa", "epsilon"), [(2, "9/10"), (10, "1/2"), (100, "1/10")])
@pytest.mark.parametrize("agents", [1, 10])
@pytest.mark.parametrize("cls", [efpep.EF, efpep.EF21])
def test_the_literatures_functions_have_the_literatures_rate(cls, agents, kappa, epsilon):
    rate = efpep.rate(cls(), uniform(kappa, epsilon, agents), lyapunov="literature")
    check_narrow(rate)
    tight = closed_form(kappa, float(F(epsilon)))
    assert float(rate.lower) - 1e-13 <= tight <= float(rate.upper) + 1e-13


@pytest.mark.parametrize("epsilon", ["1/10", "1/2"])
def test_compressed_gradient_descent_contracts_the_gap(epsilon):
    # 2506.05271, one agent: V = f - f*, ((k - 1)/(k + 1))^2 with k = kappa (1 + s)/(1 - s).
    s = math.sqrt(F(epsilon))
    k = 10 * (1 + s) / (1 - s)
    rate = efpep.rate(efpep.CGD(), uniform(10, epsilon, 1), lyapunov="(f - f*)")
    check_narrow(rate)
    assert float(rate.lower) - 1e-13 <= ((k - 1) / (k + 1)) ** 2 <= float(rate.upper) + 1e-13


@pytest.mark.parametrize("factor", ["3/10", "7/10", "21/20"])
@pytest.mark.parametrize("cls", [efpep.EF, efpep.EF21])
def test_at_other_steps_the_literatures_function_is_no_better_than_the_best(cls, factor):
    setting = uniform(10, "1/2", 3)
    step = efpep.rate(cls(), setting).method.step_size * F(factor)
    given, best = (efpep.rate(cls(step), setting, lyapunov=v) for v in ("literature", None))
    check_narrow(best)
    assert given.lower is not None
    assert best.lower <= (given.upper if given.upper is not None else 1)


@pytest.mark.parametrize("name", ["ef", "ef21", "cgd", "groups", "momentum", "econtrol", "ef21-bc"])
def test_the_optimum_of_a_free_search_proves_the_same_rate(name):
    method, setting = ROUND[name]
    free = efpep.rate(method, setting)
    given = efpep.rate(method, setting, lyapunov=free.lyapunov)
    check_same(free, given)
    assert given.upper >= free.lower, "no function of the class does better"
    assert given.lyapunov == free.lyapunov


def test_multiples_have_the_same_rate():
    one, other = (
        efpep.rate(*EF, lyapunov=f"{a} |x-x* - mean(e)|^2 + {3 * a} |mean(e)|^2 + {2 * a} dev(e, e)") for a in (1, 10**6)
    )
    assert one.verdict is other.verdict
    literature = efpep.rate(efpep.EF21("1/8"), uniform(10, "1/2", 3), lyapunov="literature")
    scaled = replace(
        literature.lyapunov,
        weights={
            block: tuple(tuple(a / 7**9 for a in row) for row in matrix) for block, matrix in literature.lyapunov.weights.items()
        },
    )
    check_same(literature, efpep.rate(efpep.EF21("1/8"), uniform(10, "1/2", 3), lyapunov=scaled))


# --- functions that prove nothing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["dev(g, g)", "dev(e, e)", "0 |g|^2", "|mean(e)|^2", "dev(g, g) + dev(e, e) + |mean(e)|^2"])
@pytest.mark.parametrize("metric", ["distance", "gradient", "gap"])
def test_a_function_that_does_not_dominate_the_metric_is_never_proved(text, metric):
    rate = efpep.rate(*EF, metric, lyapunov=text)
    assert rate.verdict is not efpep.Verdict.PROVED
    assert rate.upper is None
    assert rate.lyapunov is None


@pytest.mark.parametrize("text", ["", "-1 |x-x*|^2", "|g|^2 - 1/10 |x-x*|^2", "<x-x*, g>", "|x-x*|^2 - (f - f*)"])
def test_what_is_outside_the_class_is_refused_in_one_sentence(text):
    with pytest.raises(efpep.InputError) as refused:
        efpep.rate(*EF, lyapunov=text)
    assert one_sentence(refused.value)


@pytest.mark.parametrize("text", ["|x-x*|^2", "(f - f*)", "|g|^2", "|x-x*|^2 + |mean(e)|^2"])
def test_functions_without_the_memory_do_not_contract_error_feedback(text):
    # the error is free where V does not see it, and moves x at once
    rate = efpep.rate(*EF, lyapunov=text)
    assert rate.verdict is efpep.Verdict.REFUTED
    rate.certificate.check()


def pepit_value(method, setting, text):
    """PEPit's worst case over one step of the function that ``text`` writes."""
    question = rate_inequalities(method, setting, "distance")
    found = weights(question, [group.share for group in setting.populations()], text)
    features = {block.name: tuple(f.name for f in block.features) for block in question.blocks}
    named = {block.name: matrix for block, matrix in zip(question.blocks, found.blocks, strict=True)}
    function = Lyapunov(features, named, dict(zip([gap.name for gap in question.gaps], found.gaps, strict=True)))
    answer = replace(efpep.rate(method, setting), lyapunov=function)
    return efpep.crosscheck(method, setting, rate=answer).value


@pytest.mark.parametrize(
    ("method", "text"),
    [
        (efpep.EF(), "|x-x* - mean(e)|^2 + 2 |mean(e)|^2 + dev(e, e)"),
        (efpep.EF(), "|x-x* - mean(e)|^2 + 3/2 |mean(e)|^2 + 11/10 dev(e, e)"),
        (efpep.EF21("1/8"), "|x-x*|^2 + 10 |mean(g-d)|^2 + 10 dev(g-d, g-d) + (f - f*)"),
        (efpep.EF21("1/8"), "|mean(g-d)|^2 + dev(g-d, g-d) + 7/10 |mean(g)|^2"),
        (efpep.EF21("1/8"), "|mean(g-d)|^2 + 9/10 dev(g-d, g-d) + 1/2 |mean(g)|^2 + 1/10 |x-x*|^2"),
    ],
)
def test_pepit_agrees_about_given_functions(method, text):
    setting = uniform(10, "1/2", 2)
    rate = efpep.rate(method, setting, lyapunov=text)
    assert rate.certified
    value = pepit_value(rate.method, setting, text)
    if rate.upper is None:
        assert value >= 1 - 1e-6
    else:
        check_narrow(rate)
        assert float(rate.lower) - 1e-6 <= value <= float(rate.upper) + 1e-6


# --- certificates --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given_rates():
    law = "|mean(g-d)|^2 + dev(g-d, g-d) + 7/10 |mean(g)|^2"
    return {
        "literature": efpep.rate(efpep.EF21(), uniform(10, "1/2", 3), lyapunov="literature"),
        "formula": efpep.rate(efpep.EF21("1/8"), uniform(10, "1/2", 3), lyapunov=law),
        "gap": efpep.rate(efpep.CGD(), uniform(10, "1/2", 1), lyapunov="(f - f*)"),
        "groups": efpep.rate(efpep.EF21(), PAIR, lyapunov="literature"),
        "refuted": efpep.rate(*EF, lyapunov="|x-x*|^2"),
    }


NAMES = ["literature", "formula", "gap", "groups", "refuted"]


@pytest.mark.parametrize("name", NAMES)
def test_certificates_of_given_functions_are_saved_loaded_and_verified(name, given_rates, tmp_path):
    rate = given_rates[name]
    path = tmp_path / "given.json"
    rate.certificate.save(path)
    loaded = efpep.Certificate.load(path)
    assert loaded == rate.certificate
    assert loaded.question.given is not None
    verdict = efpep.verify(path)
    assert verdict.accepted is True, verdict.reason
    assert "the given Lyapunov function" in verdict.reason
    assert one_sentence(verdict.reason)


def fractions_in(node, path=()):
    if isinstance(node, dict):
        for key, child in node.items():
            yield from fractions_in(child, (*path, key))
    elif isinstance(node, list):
        for i, child in enumerate(node):
            yield from fractions_in(child, (*path, i))
    elif isinstance(node, str):
        yield path, F(node)


def changed(described, path, value):
    described = copy.deepcopy(described)
    node = described
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = str(value)
    return described


def verdict_of(described, path):
    path.write_text(json.dumps(described))
    verdict = efpep.verify(path)
    assert one_sentence(verdict.reason)
    return verdict.accepted


@pytest.mark.parametrize("name", ["literature", "formula", "gap", "groups"])
def test_a_changed_function_is_refused(name, given_rates, tmp_path):
    # The weights of the claim and of the witness must be the same, whichever of them is changed.
    described = given_rates[name].certificate.describe()
    count = 0
    for tree in (("claim", "lyapunov"), ("witnesses", "upper")):
        for part in ("weights", "gaps"):
            node = described[tree[0]][tree[1]][part]
            for path, number in fractions_in(node, (*tree, part)):
                for value in (number + F(1, 10**9), number * 2 + 1, -number - 1):
                    assert verdict_of(changed(described, path, value), tmp_path / "changed.json") is False, path
                    count += 1
    assert count > 10


@pytest.mark.parametrize("name", ["literature", "formula"])
def test_a_function_changed_in_claim_and_witness_alike_proves_itself_or_nothing(name, given_rates, tmp_path):
    rate = given_rates[name]
    described = rate.certificate.describe()
    weights_of = described["claim"]["lyapunov"]["weights"]
    for block, matrix in weights_of.items():
        for i, row in enumerate(matrix):
            other = changed(described, ("claim", "lyapunov", "weights", block, i, i), F(row[i]) + F(1, 20))
            other = changed(other, ("witnesses", "upper", "weights", block, i, i), F(row[i]) + F(1, 20))
            if verdict_of(other, tmp_path / "changed.json"):
                certificate = efpep.Certificate.restore(other)
                again = efpep.rate(rate.method, rate.setting, lyapunov=certificate_function(certificate))
                assert again.lower <= certificate.upper.theta


def certificate_function(certificate):
    question = certificate.question.inequalities
    return Lyapunov.of(question, certificate.upper)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_rate_is_refused(name, given_rates, tmp_path):
    rate = given_rates[name]
    described = rate.certificate.describe()
    if rate.upper is not None:
        below = changed(described, ("claim", "rate", "upper"), rate.lower - F(1, 10**9))
        assert verdict_of(below, tmp_path / "c.json") is False
        above = changed(described, ("claim", "rate", "lower"), rate.upper + F(1, 10**9))
        assert verdict_of(above, tmp_path / "c.json") is False
    else:
        above = changed(described, ("claim", "rate", "lower"), 10**9)
        assert rate.lower == 1
        assert verdict_of(above, tmp_path / "c.json") in {True, False}


@pytest.mark.parametrize("name", ["literature", "formula", "gap", "groups"])
def test_changed_multipliers_and_parameters_are_refused(name, given_rates, tmp_path):
    described = given_rates[name].certificate.describe()
    for key, number in described["witnesses"]["upper"]["multipliers"].items():
        negative = changed(described, ("witnesses", "upper", "multipliers", key), -F(number) - 1)
        assert verdict_of(negative, tmp_path / "c.json") is False
    zero = changed(described, ("witnesses", "upper", "margin"), 0)
    assert verdict_of(zero, tmp_path / "c.json") is False
    step = changed(described, ("claim", "method", "step_size"), F(described["claim"]["method"]["step_size"]) * F(11, 10))
    assert verdict_of(step, tmp_path / "c.json") is False


def test_dropping_the_function_from_the_claim_weakens_no_claim(given_rates, tmp_path):
    # Without the given function the upper end is still true; the lower end would be a claim about every function.
    described = given_rates["formula"].certificate.describe()
    del described["claim"]["lyapunov"]
    assert verdict_of(described, tmp_path / "c.json") is False
    described["claim"]["rate"]["lower"] = None
    del described["witnesses"]["lower"]
    assert verdict_of(described, tmp_path / "c.json") is True


def test_a_free_certificate_does_not_become_one_of_a_given_function(given_rates, tmp_path):
    rate = efpep.rate(efpep.EF21("1/8"), uniform(10, "1/2", 3))
    described = rate.certificate.describe()
    described["claim"]["lyapunov"] = given_rates["formula"].certificate.describe()["claim"]["lyapunov"]
    assert verdict_of(described, tmp_path / "c.json") is False


def test_groups_that_share_a_minimiser_have_the_cubic_s_function():
    found = efpep.rate(efpep.EF("1/8"), PAIR, lyapunov="literature")
    assert found.certified
    optimal = efpep.rate(efpep.EF(), PAIR, lyapunov="literature")
    assert optimal.lower <= cubic_rate(PAIR).value <= optimal.upper < found.upper
