"""The exact algebra against explicit agents: every recorded row is evaluated on the numbers of actual runs."""

from fractions import Fraction
from typing import NamedTuple

import numpy as np
import pytest
from support import uniform
from support.agents import GROUPS, SSC, Agents, Numbers, record

import efpep
from efpep.methods import Memory, Method
from efpep.model.column import Unit
from efpep.model.field import FLOATS, is_symbolic
from efpep.model.form import Form
from efpep.model.trace import Trace
from efpep.questions.rate.inequalities import rate_inequalities

METHODS = {
    "gd": efpep.GD("1/3"),
    "cgd": efpep.CGD("1/7"),
    "ef": efpep.EF("1/9"),
    "ef21": efpep.EF21("2/9"),
}


@pytest.mark.fast_cases(34)
@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("top_k", [False, True])
def test_every_recorded_row_holds_on_actual_runs(name, groups, top_k):
    method, (setting, counts) = METHODS[name], GROUPS[groups]
    question = rate_inequalities(method, setting, "distance")
    largest = dict.fromkeys([row.name for row in question.rows], -np.inf)
    for seed in range(6):
        agents = Agents(setting, counts, seed, method.common_minimiser, extreme=seed % 2 == 1)
        for step in record(method, agents, steps=4, top_k=top_k):
            size = sum(np.sum(v**2) for v in step.numbers.clients.values()) + sum(step.numbers.values.values())
            for row in question.rows:
                number = step.numbers.form(question.columns, question.values, row.form) / size
                assert number <= 1e-13, row.name
                largest[row.name] = max(largest[row.name], number)
    if not top_k:
        assert all(abs(largest[name]) < 1e-13 for name in largest if "compression" in name), (
            "the residuals used the whole allowance"
        )
    assert not top_k or max(largest.values(), default=0) <= 1e-13


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("name", METHODS)
def test_features_metrics_and_gaps_are_those_of_actual_runs(name, groups):
    method, (setting, counts) = METHODS[name], GROUPS[groups]
    for metric in ("distance", "gradient", "gap"):
        question = rate_inequalities(method, setting, metric)
        agents = Agents(setting, counts, 11, method.common_minimiser)
        for step in record(method, agents, steps=3):
            numbers, columns = step.numbers, question.columns
            for block in question.blocks:
                for feature in block.features:
                    plain, group = numbers.split(feature.name)
                    for linear, truth in ((feature.before, step.before[plain]), (feature.after, step.after[plain])):
                        if plain == "x":
                            expected = truth[None]
                        else:
                            rows = truth[np.array(agents.groups) == group]
                            mean = rows.mean(axis=0)
                            expected = mean[None] if block.index == 0 else (rows - mean) / np.sqrt(len(rows))
                        computed = numbers.linear(columns, block.index, linear)
                        assert np.allclose(0 if computed is None else computed, expected, atol=1e-12, rtol=1e-12), feature.name
            x, star = step.points[0], agents.minimiser
            gap = float(np.mean(agents.value(x) - agents.value(star)))
            expected = {
                "distance": np.sum((x - star) ** 2),
                "gradient": np.sum(agents.gradient(x).mean(axis=0) ** 2),
                "gap": gap,
            }[metric]
            assert np.isclose(numbers.form(columns, question.values, question.metric), expected, rtol=1e-10, atol=1e-13)
            shares = np.array(counts) / sum(counts)
            by_group = [numbers.form(columns, question.values, g.before) for g in question.gaps]
            if len(by_group) == len(counts):  # a group with mu = L has none: it is a multiple of |x|^2
                assert np.isclose(shares @ by_group, gap, rtol=1e-10, atol=1e-13), "group gaps average to the gap of f"
            assert all(value >= -1e-13 for value in by_group)


def test_rows_are_violated_by_agents_outside_the_class():
    setting, counts = GROUPS["two agents"]
    steeper = uniform(10, "1/5", 2, scale=2)
    careless = uniform(10, "1/2", 2)
    method = METHODS["ef21"]
    question = rate_inequalities(method, setting, "distance")
    for wrong, kind in ((steeper, "interpolation"), (careless, "compression")):
        worst = max(
            step.numbers.form(question.columns, question.values, row.form)
            for seed in range(4)
            for step in record(method, Agents(wrong, counts, seed, shared=False, extreme=True), steps=3)
            for row in question.rows
            if kind in row.name
        )
        assert worst > 1e-2, kind


# --- the model of the literature, written by hand ------------------------------------------------------------------------


def model(name, eta, mu, v):
    """Return x after the step and the compressed vector, from the columns, as THEORY writes them (client arrays)."""
    g0 = mu * v["x"] + v["u0"]
    if name == "gd":
        return v["x"] - eta * g0.mean(axis=0), None
    if name == "cgd":
        return v["x"] - eta * (g0 - v["r0"]).mean(axis=0), g0
    if name == "ef":
        sent = v["e"] + eta * g0
        return v["x"] - (sent - v["r0"]).mean(axis=0), sent
    x1 = v["x"] - eta * (g0 - v["g-d"]).mean(axis=0)
    return x1, mu * x1 + v["u1"] - g0 + v["g-d"]


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", METHODS)
def test_rows_are_the_hand_written_formulas(name, n):
    method, setting = METHODS[name], uniform(10, "1/5", n)
    mu, smoothness, epsilon, eta = 0.1, 1.0, 0.2, float(method.step_size)
    question = rate_inequalities(method, setting, "distance")
    draw = np.random.default_rng(5)
    d = 4
    for _ in range(5):
        v = {key: draw.normal(size=(n, d)) for key in ("u0", "u1", "r0", "e", "g-d")} | {"x": draw.normal(size=d)}
        star = draw.normal(size=(n, d))
        v["g*"] = star - star.mean(axis=0)
        values = {"F0": draw.uniform(), "F1": draw.uniform()}
        numbers = Numbers([n], {"x": v["x"]}, {k: u for k, u in v.items() if k != "x"}, values)
        x1, sent = model(name, eta, mu, v)
        points = {"*": (0 * x1, 0 * v["u0"], 0.0), "0": (v["x"], v["u0"], values["F0"]), "1": (x1, v["u1"], values["F1"])}
        expected = {}
        for a, (xa, ua, fa) in points.items():
            for b, (xb, ub, fb) in points.items():
                if a != b:
                    inner = np.mean(ub @ (xa - xb))
                    square = np.mean(np.sum((ua - ub) ** 2, axis=1))
                    expected[f"interpolation({a},{b})"] = fb - fa + inner + square / (2 * (smoothness - mu))
        if sent is not None:
            lost, given = (np.mean(np.sum(w**2, axis=1)) for w in (v["r0"], sent))
            expected["compression(0)"] = lost - epsilon * given
        assert sorted(expected) == sorted(row.name for row in question.rows)
        for row in question.rows:
            assert not row.equality
            assert np.isclose(
                numbers.form(question.columns, question.values, row.form), expected[row.name], rtol=1e-12, atol=1e-12
            )


# --- vectors and forms ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("counts", [[1], [2], [3], [4], [1, 1], [1, 3], [2, 2, 1], [4, 1, 2]])
def test_mean_and_deviation_identity_with_explicit_agents(counts):
    groups = [efpep.Group(SSC("1/10", a + 1), count=k) for a, k in enumerate(counts)]
    trace = Trace(efpep.Setting(agents=groups).populations())
    n, d = sum(counts), 3
    draw = np.random.default_rng(3)
    s, t = trace.point("s"), trace.point("t")
    u, v = trace.client("u", Unit.POINT), trace.client("v", Unit.POINT)
    names = {k: draw.normal(size=d) for k in ("s", "t")}, {k: draw.normal(size=(n, d)) for k in ("u", "v")}
    numbers = Numbers(counts, *names, {})
    S, T, U, V = *names[0].values(), *names[1].values()

    def evaluated(form):
        return numbers.form(trace.blocks, [], form)

    third = Fraction(1, 3)
    pairs = {
        "server": (s - 2 * t, t, np.dot(S - 2 * T, T)),
        "client": (u, v, np.mean(np.sum(U * V, axis=1))),
        "mixed": (u, s, np.mean(U @ S)),
        "combined": (u - s + third * v, v + t, np.mean(np.sum((U - S + V / 3) * (V + T), axis=1))),
        "means": (trace.mean(u), v, np.mean(V @ U.mean(axis=0))),
        "divided": (u / 2, -v, -np.mean(np.sum(U * V, axis=1)) / 2),
    }
    for name, (left, right, truth) in pairs.items():
        assert np.isclose(evaluated(trace.inner(left, right)), truth), name
        assert np.isclose(evaluated(trace.inner(right, left)), truth), name
    for vector, array in ((u - s, U - S), (trace.mean(u), U.mean(axis=0)), (trace.mean(u) - s, U.mean(axis=0) - S)):
        assert np.isclose(evaluated(trace.square(vector)), np.sum(array**2) / (n if array.ndim == 2 else 1))
    assert not trace.mean(u - trace.mean(u)).mean.nonzero, "deviations average to nothing"
    for a, count in enumerate(counts):
        assert bool(trace.blocks[a + 1]) == (count > 1), "one agent has no deviation block"


def test_forms_form_a_vector_space():
    a = Form({0: {(0, 0): Fraction(1), (0, 1): Fraction(2)}}, {0: Fraction(3)})
    b = Form({0: {(0, 1): Fraction(-2)}, 1: {(0, 0): Fraction(1)}}, {1: Fraction(1)})
    total = a + b
    assert total.blocks == {0: {(0, 0): 1}, 1: {(0, 0): 1}}
    assert total.values == {0: 3, 1: 1}
    assert not (a - a).nonzero
    assert a.nonzero
    assert (2 * a - a - a).blocks == {0: {}}
    assert a.matrix(0, [1, 0]) == [[0, 2], [2, 1]]
    assert a.matrix(7, [0]) == [[0]]
    assert a.mapped(float).values == {0: 3.0}


def test_the_same_point_is_the_same_vector():
    trace = Trace(uniform(10, "1/2", 2).populations())
    x = trace.point("x")
    first, again = trace.gradient(x), trace.gradient(x + 0 * x)
    assert first.parts == again.parts
    assert [row.name for row in trace.rows] == ["interpolation(*,0)", "interpolation(0,*)"]
    with pytest.raises(efpep.InputError, match="server point"):
        trace.gradient(first)


def test_structural_cases_have_no_spare_columns():
    exact_quadratic = rate_inequalities(efpep.EF21("1/5"), uniform(1, "1/2", 3), "distance")
    assert exact_quadratic.values == ()
    assert [row.name for row in exact_quadratic.rows] == ["compression(0)"]
    uncompressed = rate_inequalities(efpep.EF21("1/5"), uniform(10, 0, 3), "distance")
    assert not any("compression" in row.name for row in uncompressed.rows)
    assert "g-d" not in uncompressed.feature_names()["mean"]


# --- other number fields -------------------------------------------------------------------------------------------------


def coefficients(question):
    """Every coefficient of a question under a key that is the same over all fields."""
    found = {}

    def collect(key, form):
        for block, entries in form.blocks.items():
            found.update({(*key, block, place): a for place, a in entries.items()})
        found.update({(*key, "value", k): a for k, a in form.values.items()})

    for row in question.rows:
        collect(("row", row.name), row.form)
    for gap in question.gaps:
        collect(("before", gap.name), gap.before)
        collect(("after", gap.name), gap.after)
    collect(("metric",), question.metric)
    for block in question.blocks:
        for feature in block.features:
            for when in ("before", "after"):
                linear = getattr(feature, when)
                found.update({(when, block.name, feature.name, j): a for j, a in linear.terms.items()})
    return found


@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("name", METHODS)
def test_floats_give_the_same_coefficients(name, groups):
    setting, _ = GROUPS[groups]
    exact = coefficients(rate_inequalities(METHODS[name], setting, "gap"))
    method = METHODS[name].over(FLOATS)
    floating = coefficients(rate_inequalities(method, setting, "gap", field=FLOATS))
    for key in exact.keys() | floating.keys():
        assert float(exact.get(key, 0)) == pytest.approx(float(floating.get(key, 0)), abs=1e-14, rel=1e-13), key
    assert all(isinstance(a, float) for a in floating.values())


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("name", METHODS)
def test_symbols_give_the_same_coefficients_when_substituted(name, n):
    from sympy import QQ

    symbols = QQ.frac_field("mu", "L", "delta", "eta")
    mu, smoothness, delta, eta = symbols.gens
    numbers = {"mu": Fraction(1, 10), "L": Fraction(3, 2), "delta": Fraction(2, 7), "eta": Fraction(1, 5)}

    def over_symbols(value):
        if is_symbolic(value):
            return value
        value = Fraction(value)
        return symbols(QQ(value.numerator, value.denominator))

    def at_numbers(value):
        if not is_symbolic(value):
            return Fraction(value)
        point = [QQ(a.numerator, a.denominator) for a in numbers.values()]
        top, bottom = (part.evaluate(list(zip(part.ring.gens, point, strict=True))) for part in (value.numer, value.denom))
        quotient = top / bottom
        return Fraction(int(quotient.numerator), int(quotient.denominator))

    cls = type(METHODS[name])
    symbolic = rate_inequalities(
        cls(eta), efpep.Setting(SSC(mu, smoothness), efpep.Contractive(delta), n), "gap", field=over_symbols
    )
    plain = rate_inequalities(
        cls(numbers["eta"]),
        efpep.Setting(SSC(numbers["mu"], numbers["L"]), efpep.Contractive(numbers["delta"]), n),
        "gap",
    )
    assert symbolic.feature_names() == plain.feature_names()
    expected, found = coefficients(plain), coefficients(symbolic)
    for key in expected.keys() | found.keys():
        assert at_numbers(found.get(key, 0)) == expected.get(key, 0), key
    assert any(is_symbolic(a) for a in found.values())


# --- methods of one's own ------------------------------------------------------------------------------------------------


class State(NamedTuple):
    x: object
    d: object


class Mine(Method):
    State = State
    memories = (Memory.tracker("d"),)

    def start(self, x, run):
        return State(x, run.compress(run.gradient(x)))

    def step(self, state, run):
        x = state.x - self.step_size * run.mean(state.d)
        return State(x, state.d + run.compress(run.gradient(x) - state.d))


def test_a_users_method_is_recorded_like_the_built_in_ones():
    setting = uniform(10, "1/2", 3)
    mine, theirs = (rate_inequalities(cls("1/5"), setting, "distance") for cls in (Mine, efpep.EF21))
    assert coefficients(mine) == coefficients(theirs)
    assert Mine.identifier() == f"{__name__}:Mine"
