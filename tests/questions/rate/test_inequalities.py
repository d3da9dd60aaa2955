"""The one-step question: its features, blocks and facial reduction, and that n does not occur in it."""

from fractions import Fraction

import pytest
from support import one_sentence, uniform

import efpep
from efpep.questions.rate.inequalities import rate_inequalities

SSC = efpep.SmoothStronglyConvex
METHODS = [efpep.GD("1/5"), efpep.CGD("1/5"), efpep.EF("1/5"), efpep.EF21("1/5")]
FEATURES = {"gd": ["x", "g"], "cgd": ["x", "g"], "ef": ["x", "g", "e"], "ef21": ["x", "g", "g-d"]}


def parts(question):
    """Return everything numerical in a question, comparable with ==."""
    return (
        [(b.index, b.name, b.columns, [(f.name, f.before, f.after) for f in b.features]) for b in question.blocks],
        [(r.name, r.form.blocks, r.form.values, r.equality) for r in question.rows],
        [(g.name, g.before.blocks, g.before.values, g.after.blocks, g.after.values) for g in question.gaps],
        (question.metric.blocks, question.metric.values),
    )


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.key)
def test_features_and_blocks(method):
    alone = rate_inequalities(method, uniform(10, "1/2", 1), "distance")
    assert alone.feature_names() == {"mean": FEATURES[method.key], "values": ["f"]}
    several = rate_inequalities(method, uniform(10, "1/2", 2), "distance")
    assert several.feature_names()["mean"] == FEATURES[method.key]
    assert several.feature_names()["deviation"] == FEATURES[method.key][1:], "x has no deviation"


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.key)
@pytest.mark.parametrize("metric", ["distance", "gradient", "gap"])
def test_the_number_of_agents_does_not_occur(method, metric):
    two, many = (parts(rate_inequalities(method, uniform(10, "1/2", n), metric)) for n in (2, 10**9))
    assert two == many


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.key)
def test_the_mean_block_of_several_agents_is_that_of_one(method):
    one, several = (rate_inequalities(method, uniform(10, "1/2", n), "distance") for n in (1, 2))
    assert [r.name for r in one.rows] == [r.name for r in several.rows]
    for a, b in zip(one.rows, several.rows, strict=True):
        assert a.form.blocks.get(0) == b.form.blocks.get(0)
        assert a.form.values == b.form.values
    assert one.blocks[0] == several.blocks[0]


@pytest.mark.parametrize("n", [1, 3])
def test_no_compression_leaves_gradient_descent(n):
    plain = rate_inequalities(efpep.GD("1/5"), uniform(10, 0, n), "distance")
    for method in METHODS[1:]:
        reduced = rate_inequalities(method, uniform(10, 0, n), "distance")
        assert reduced.feature_names()["mean"] == ["x", "g"], method.key
        assert not any("compression" in row.name for row in reduced.rows)
        rows = [(r.name, r.form.values) for r in reduced.rows]
        assert rows == [(r.name, r.form.values) for r in plain.rows]


def test_a_single_quadratic_has_no_function_values():
    question = rate_inequalities(efpep.EF("1/5"), uniform(1, "1/2"), "distance")
    assert question.feature_names() == {"mean": ["x", "e"], "values": []}
    assert [row.name for row in question.rows] == ["compression(0)"]


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.key)
def test_groups_of_the_same_kind_and_a_single_group_have_the_same_size_per_agent(method):
    groups = [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("3/10", 2), count=5)]
    question = rate_inequalities(method, efpep.Setting(None, efpep.Contractive("1/2"), groups), "distance")
    names = question.feature_names()
    own = FEATURES[method.key][1:]
    assert names["mean"] == ["x", *(f"{name}[{a}]" for name in own for a in (1, 2))]
    assert names["deviation[2]"] == [f"{name}[2]" for name in own]
    assert "deviation[1]" not in names, "one agent has no deviation block"
    assert names["values"] == ["f[1]", "f[2]"]


def test_columns_that_occur_are_kept_and_no_others():
    for method in METHODS:
        for n in (1, 2):
            question = rate_inequalities(method, uniform(10, "1/2", n), "distance")
            for block in question.blocks:
                used = {j for row in question.rows for key in row.form.blocks.get(block.index, {}) for j in key}
                used |= {j for f in block.features for form in (f.before, f.after) for j in form.terms}
                assert set(block.columns) == used
                names = [question.columns[block.index][j].name for j in block.columns]
                assert "g*" not in names, "gradients at the minimiser cancel"


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.key)
def test_all_columns_of_the_rows_belong_to_a_block(method):
    """No row may mention a block that the question has dropped, whatever is degenerate."""
    for n in (1, 2):
        for kappa in (1, 10):
            for epsilon in (0, "1/2"):
                question = rate_inequalities(method, uniform(kappa, epsilon, n), "distance")
                known = {block.index: set(block.columns) for block in question.blocks}
                for row in question.rows:
                    for index, entries in row.form.blocks.items():
                        if entries:
                            assert index in known, (n, kappa, epsilon, row.name)
                            assert {j for key in entries for j in key} <= known[index]


def test_refusals():
    with pytest.raises(efpep.InputError, match="linear rate") as caught:
        rate_inequalities(efpep.GD("1/5"), efpep.Setting(efpep.SmoothConvex(1)), "distance")
    assert one_sentence(caught.value)
    mixed = efpep.Setting(agents=[efpep.Group(SSC(1, 2), count=1), efpep.Group(efpep.SmoothConvex(1), count=1)])
    with pytest.raises(efpep.InputError, match="linear rate"):
        rate_inequalities(efpep.GD("1/5"), mixed, "distance")
    with pytest.raises(efpep.InputError, match="not a metric"):
        rate_inequalities(efpep.GD("1/5"), uniform(10, 0), "speed")


def test_coefficients_are_exact():
    question = rate_inequalities(efpep.EF21(0.1), uniform(3, "1/2", 2), "gap")
    for row in question.rows:
        for entries in row.form.blocks.values():
            assert all(isinstance(a, Fraction | int) for a in entries.values())
