"""Constraints, comparisons and projections: in the Trace, in numeric runs, and where they are refused."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence

import efpep
from efpep.functions.smooth_convex import SmoothConvex
from efpep.model.column import Unit
from efpep.model.trace import Trace
from efpep.simulate.run import NumericRun


@dataclass(frozen=True)
class Convex(SmoothConvex):
    """Convex constraint functions."""

    def constraint_subgradient(self, trace, group, label):
        return trace.client_part(group, f"c{label}", Unit.GRADIENT)


CONVEX = Convex(L=1)


def traced(agents=2, **options):
    setting = efpep.Setting(efpep.SmoothConvex(L=1), agents=agents)
    return Trace(setting.populations(), constraint=CONVEX, **options)


def evaluate(trace, form, points, values):
    """A form at numbers: ``points[block]`` has one row a column, ``values`` one number a value column."""
    total = sum(float(a) * values[k] for k, a in form.values.items())
    for block, entries in form.blocks.items():
        for (i, j), a in entries.items():
            total += (1 if i == j else 2) * float(a) * points[block][i] @ points[block][j]
    return total


class Absolute:
    """``g_i(x) = a_i . x + |b_i . x - c_i| - l_i``, with feasible ``x* = 0``."""

    def __init__(self, generator, agents, dimension):
        self.a = generator.normal(size=(agents, dimension))
        self.b = generator.normal(size=(agents, dimension))
        self.c = generator.normal(size=agents)
        self.level = np.abs(self.c) + generator.exponential(size=agents)

    def gradients(self, x):
        return self.a

    def constraint_values(self, x):
        return self.a @ x + np.abs(self.b @ x - self.c) - self.level

    def constraint_gradients(self, x):
        return self.a + np.sign(self.b @ x - self.c)[:, None] * self.b

    def project(self, x):
        return np.clip(x, -1, 1)


def test_real_constraints_satisfy_what_the_trace_records():
    generator = np.random.default_rng(3)
    for agents in (1, 4):
        problem = Absolute(generator, agents, 3)
        trace = traced(agents)
        points = [trace.point(name) for name in "abc"]
        values = [trace.constraint_value(x) for x in points]
        places = generator.normal(size=(3, 3)) * 3
        grams = {0: {}, 1: {}}
        numbers = {}
        for k, (x, place) in enumerate(zip(points, places, strict=True)):
            gradients = problem.constraint_gradients(place)
            part = trace.constraint_gradient(x).part(0)
            grams[0][next(iter(x.mean.terms))] = place
            grams[0][next(iter(part.mean.terms))] = gradients.mean(axis=0)
            slack = gradients.mean(axis=0) @ place - problem.constraint_values(place).mean()
            assert slack >= 0
            numbers[k] = slack
        for k, value in enumerate(values):
            assert evaluate(trace, value, grams, numbers) == pytest.approx(problem.constraint_values(places[k]).mean())
        assert len(trace.rows) == 6
        for row in trace.rows:
            assert evaluate(trace, row.form, grams, numbers) <= 1e-12, row.name


def test_the_same_point_gives_the_same_constraint():
    trace = traced()
    x = trace.point("x")
    assert trace.constraint_gradient(x).parts == trace.constraint_gradient(x + x - x).parts
    assert not trace.rows


def test_values_of_several_groups_are_bounded_at_the_minimiser_on_average_only():
    groups = [efpep.Group(count=1), efpep.Group(count=3)]
    trace = traced(groups)
    trace.constraint_value(trace.point("x"))
    (row,) = trace.rows
    assert row.name == "constraint(*)"
    assert [str(a) for a in row.form.values.values()] == ["1/4", "-1/4", "3/4", "-3/4"]


def test_a_comparison_is_decided_by_the_pattern_and_recorded():
    trace = traced(pattern=[True, False])
    value = trace.constraint_value(trace.point("x"))
    assert trace.at_most(value, Fraction(1, 3)) is True
    assert trace.at_most(value, Fraction(1, 3)) is False
    below, above = trace.rows
    assert trace.value_names[trace.unity] == "1"
    assert below.form.values == {0: -1, trace.unity: Fraction(-1, 3)}
    assert above.form.values == {0: 1, trace.unity: Fraction(1, 3)}
    assert below.form.blocks == (-1 * above.form).blocks


def test_projections_satisfy_what_the_trace_records():
    generator = np.random.default_rng(5)
    trace = traced(projects=True)
    x, z = trace.point("x"), trace.point("z")
    y, w = trace.project(x), trace.project(z)
    columns = [next(iter(v.mean.terms)) for v in (x, z, y, w)]
    rest = next(iter(trace.gradient_at_minimiser.part(0).mean.terms))
    star = np.array([1.0, -0.3])
    for _ in range(50):
        a, b = generator.normal(size=(2, 2)) * 3
        places = [a - star, b - star, np.clip(a, -1, 1) - star, np.clip(b, -1, 1) - star]
        points = {0: {**dict(zip(columns, places, strict=True)), rest: np.array([-2.0, 0])}}
        for row in trace.rows:
            assert evaluate(trace, row.form, points, []) <= 1e-12, row.name
    assert len(trace.rows) == 6
    points[0][columns[2]] = np.array([9.0, 9.0])
    assert y.server
    assert any(evaluate(trace, row.form, points, []) > 0 for row in trace.rows)


def test_a_numeric_run_evaluates_compares_and_projects():
    problem = Absolute(np.random.default_rng(1), 3, 2)
    run = NumericRun(problem)
    x = np.array([2.0, -0.5])
    assert run.constraint_value(x) == pytest.approx(problem.constraint_values(x).mean())
    assert run.constraint_gradient(x).shape == (3, 2)
    assert run.at_most(1.0, 1.0)
    assert not run.at_most(1.1, 1.0)
    assert run.decisions == [True, False]
    assert run.project(x).tolist() == [1.0, -0.5]


class Bare:
    """A problem without constraint or feasible set."""

    def gradients(self, x):
        return x[None, :]


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (lambda: NumericRun(Bare()).constraint_value(np.zeros(1)), "constraint_values"),
        (lambda: NumericRun(Bare()).constraint_gradient(np.zeros(1)), "constraint_values"),
        (lambda: NumericRun(Bare()).project(np.zeros(1)), "feasible set"),
        (lambda: traced().at_most(traced().constant(1), 0), "pattern"),
        (lambda: traced().constraint_value(traced().client("v", Unit.POINT)), "server point"),
        (lambda: traced().project(traced().client("v", Unit.POINT)), "server point"),
        (lambda: Trace(efpep.Setting(CONVEX).populations()).constraint_value(traced().point("x")), "no constraint"),
        (lambda: CONVEX.__class__.__mro__[1](L=1).constraint_subgradient(traced(), 0, "0"), "constraint functions"),
        (lambda: efpep.Setting(CONVEX, constraint=3), "constraint"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(attempt, expected):
    with pytest.raises(efpep.InputError, match=expected) as caught:
        attempt()
    assert one_sentence(caught.value)


def test_a_setting_with_a_constraint_is_described_and_restored():
    setting = efpep.Setting(efpep.SmoothConvex(L=1), constraint=efpep.SmoothConvex(L=2), agents=3)
    assert efpep.Setting.restore(setting.describe()) == setting


def test_pepit_refuses_what_it_has_no_counterpart_for():
    from efpep.crosscheck.pepit_run import PepitRun

    setting = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/2", L=1))
    run = PepitRun(setting.populations(), [1], common_minimiser=False)
    x = run.point()
    for attempt in (run.constraint_value, run.constraint_gradient, run.project, lambda v: run.at_most(v, 1)):
        with pytest.raises(efpep.InputError, match="PEPit") as caught:
            attempt(x)
        assert one_sentence(caught.value)
