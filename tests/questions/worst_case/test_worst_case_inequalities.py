"""The finite-horizon question: the basis of states, which rows there are, and exact proofs of semidefiniteness."""

from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.proof.factor import is_sparse_semidefinite
from efpep.questions.worst_case.inequalities import Pair, WorstCaseInequalities, worst_case_inequalities
from efpep.questions.worst_case.question import WorstCaseQuestion

STEP = "0.3"
METHODS = {"gd": efpep.GD(STEP), "cgd": efpep.CGD(STEP), "ef": efpep.EF(STEP), "ef21": efpep.EF21(STEP)}


def asked(method, agents=1, iterations=12, **others):
    setting = uniform(10, "1/2", agents)
    zeta = Fraction(1, 2) if agents > 1 else None
    setting = efpep.Setting(setting.functions, setting.compressor, agents, heterogeneity=zeta)
    return WorstCaseQuestion(method, setting, iterations, **others)


def width(question: WorstCaseInequalities, index: int, lag: int) -> int:
    """How far apart columns are that meet in a row of pairs at most ``lag`` apart or in another row."""
    block = next(block for block in question.blocks if block.index == index)
    place = {j: k for k, j in enumerate(block.columns)}
    forms = [row.form for row in question.fixed] + [question.pair(pair).form for pair in question.pairs(lag)]
    keys = [key for form in forms for key in form.blocks.get(index, {}) if "g*" not in {block.names[place[j]] for j in key}]
    return max((abs(place[i] - place[j]) for i, j in keys), default=0)


@pytest.mark.parametrize("agents", [1, 3])
@pytest.mark.parametrize("name", METHODS)
def test_the_matrices_are_banded_in_the_states(name, agents):
    short, long = (worst_case_inequalities(asked(METHODS[name], agents, iterations)) for iterations in (8, 16))
    for block in long.blocks:
        assert width(long, block.index, 1) == width(short, block.index, 1) <= 7


@pytest.mark.parametrize(
    ("name", "states"),
    [
        ("ef21", {"x_1", "u1", "x_2", "u2"}),
        ("ef", {"x_1", "r0", "x_2", "r1"}),
        ("cgd", {"x_1", "u1", "x_2", "u2"}),
        ("gd", {"x_1", "x_2"}),
    ],
)
def test_the_basis_is_made_of_states(name, states):
    question = worst_case_inequalities(asked(METHODS[name]))
    mean = question.blocks[0]
    assert states <= set(mean.names)
    # THEORY 7: two columns a step, for gradient descent one; the last step is not cut
    assert len(mean.columns) <= (12 if name == "gd" else 24) + 3


def test_rows_are_those_of_the_trace_without_cuts():
    """On a numeric run (EF on a quadratic with a scaling compressor) every row has the value that it has without the cuts."""
    from efpep.model.trace import Trace

    question = worst_case_inequalities(asked(METHODS["ef"], iterations=3))
    plain = Trace(question.asked.setting.populations())
    x = plain.point("x_0")
    state = question.asked.method.start(x, plain)
    for _ in range(3):
        state = question.asked.method.step(state, plain)
    random = np.random.default_rng(4)
    raw = random.normal(size=(len(plain.blocks[0]), 40))  # plain columns: x_0, u0, r0, u1, r1, u2, r2
    names = [column.name for column in plain.blocks[0]]
    vectors = dict(zip(names, raw, strict=True))
    # the same run, state by state
    eta, mu = 0.3, 0.1
    point, error = vectors["x_0"], 0 * vectors["x_0"]
    held = {"x_0": point}
    for t in range(3):
        sent = error + eta * (mu * point + vectors[f"u{t}"]) - vectors[f"r{t}"]
        point, error = point - sent, vectors[f"r{t}"]
        held |= {f"x_{t + 1}": point, f"r{t}": error, f"u{t}": vectors[f"u{t}"]}
    block = question.blocks[0]
    place = dict(zip(block.columns, block.names, strict=True))

    def value(form, of):
        return sum(float(a) * (1 if i == j else 2) * float(of(i) @ of(j)) for (i, j), a in form.blocks.get(0, {}).items())

    plain_rows = {row.name: value(row.form, lambda j: raw[j]) for row in plain.rows}
    rows = [row for row in question.fixed if row.name.startswith("compression")]
    rows += [question.pair(pair) for pair in question.pairs()]
    assert len(rows) == len(plain.rows) == 3 + 12
    for row in rows:
        assert value(row.form, lambda j: held[place[j]]) == pytest.approx(plain_rows[row.name], rel=1e-9, abs=1e-9)


def test_what_is_not_asked_about_is_dropped():
    distance = worst_case_inequalities(asked(METHODS["ef21"], iterations=2))
    assert [sample.label for sample in distance.samples[0]] == ["*", "0", "1"]
    assert "compression(2)" not in {row.name for row in distance.fixed}
    gap = worst_case_inequalities(asked(METHODS["ef21"], iterations=2, metric="gap"))
    assert [sample.label for sample in gap.samples[0]] == ["*", "0", "1", "2"]


def test_pairs_and_lags():
    question = worst_case_inequalities(asked(METHODS["cgd"], iterations=4))
    assert {pair.lag for pair in question.pairs(2)} == {0, 1, 2}
    assert len(list(question.pairs())) == 5 * 4
    assert question.named_pairs()["interpolation(0,*)"] == Pair(0, 1, 0)
    assert question.pair(Pair(0, 1, 2)).name == "interpolation(0,1)"
    assert question.exact


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"iterations": 0}, ["iterations is 0", "give 1 to"]),
        ({"metric": "speed"}, ["'speed' is not a metric", "choose one of"]),
        ({"at": "first"}, ["at is 'first'", "choose one of"]),
        ({"initial": {"weight": 1}}, ["'weight' is no initial condition", "g-d"]),
        ({"initial": {"distance": 0}}, ["initial distance is", "positive"]),
        ({"initial": {}}, ["no initial condition"]),
    ],
)
def test_refusals_are_one_sentence(change, words):
    with pytest.raises(efpep.InputError) as refused:
        asked(METHODS["ef21"], **change)
    assert one_sentence(refused.value)
    assert all(word in str(refused.value) for word in words)


def test_several_agents_need_a_bound_of_their_heterogeneity():
    setting = uniform(10, "1/2", 2)
    with pytest.raises(efpep.InputError, match="heterogeneity") as refused:
        worst_case_inequalities(WorstCaseQuestion(METHODS["ef21"], setting, 2))
    assert one_sentence(refused.value)
    with pytest.raises(efpep.InputError, match="distance to a minimiser"):
        WorstCaseQuestion(METHODS["gd"], efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1)), 2)


def sparse(matrix):
    size = len(matrix)
    return {(i, j): Fraction(float(matrix[i, j])) for i in range(size) for j in range(i, size) if matrix[i, j]}


@pytest.mark.parametrize(("size", "band"), [(150, 6), (40, 40), (5, 5)])
def test_semidefiniteness_is_proved_by_a_factor(size, band):
    random = np.random.default_rng(size)
    matrix = np.zeros((size, size))
    for k in range(size):
        v = np.zeros(size)
        v[k : k + band] = random.normal(size=min(band, size - k))
        matrix += np.outer(v, v)
    least = np.linalg.eigvalsh(matrix)[0]
    columns = tuple(range(size))
    for shift, proved in ((1e-9 - least, True), (-1e-9 - least, False)):
        shifted = matrix + shift * np.eye(size)
        assert is_sparse_semidefinite(sparse((shifted + shifted.T) / 2), columns) is proved


def test_semidefiniteness_at_the_edge():
    assert is_sparse_semidefinite({(0, 0): Fraction(1), (0, 1): Fraction(1), (1, 1): Fraction(1)}, (0, 1))
    assert is_sparse_semidefinite({}, (0, 1))
    assert not is_sparse_semidefinite({(0, 1): Fraction(1)}, (0, 1))
    assert not is_sparse_semidefinite({(0, 0): Fraction(-1)}, (0,))
    assert not is_sparse_semidefinite({(0, 2): Fraction(1)}, (0, 1))
    assert not is_sparse_semidefinite({(0, 0): Fraction(1), (0, 1): Fraction(2), (1, 1): Fraction(1)}, (0, 1))
