"""Points at clients against PEPit: local gradient descent written once more, with explicit agents and none of efpep's code."""

import contextlib
import io
import warnings
from fractions import Fraction

import pytest
from PEPit import PEP, Expression, Point
from PEPit.functions import SmoothStronglyConvexFunction

import efpep
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
from efpep.methods import LocalGD

MU, L, STEP, DELTA = 0.1, 1.0, 0.5, 0.9


def average(vectors):
    total = vectors[0]
    for vector in vectors[1:]:
        total = total + vector
    return (1 / len(vectors)) * total


def local_gd(n, zeta, rounds, *method):
    """The worst case of a metric after some rounds from ``|x0 - x*|^2 <= 1``, where ``mean |grad f_i(x*)|^2 <= zeta^2``."""
    local_steps, delta, metric = method
    problem = PEP()
    functions = [problem.declare_function(SmoothStronglyConvexFunction, mu=MU, L=L) for _ in range(n)]
    minimiser = Point(is_leaf=False, decomposition_dict={})
    rest = [Point() for _ in range(n - 1)]
    rest.append(-1 * (n - 1) * average(rest) if rest else minimiser)
    for f, g in zip(functions, rest, strict=True):
        f.add_point((minimiser, g, Expression(is_leaf=False, decomposition_dict={})))
    x = problem.set_initial_point()
    problem.set_initial_condition(x**2 <= 1)
    if n > 1:
        problem.add_constraint(average([g**2 for g in rest]) <= zeta**2)
    for _ in range(rounds):
        differences = []
        for f in functions:
            p = x
            for _ in range(local_steps):
                p = p - STEP * f.gradient(p)
            sent = p - x
            if delta < 1:
                sent = Point()
                problem.add_constraint((sent - (p - x)) ** 2 <= (1 - delta) * (p - x) ** 2)
            differences.append(sent)
        x = x + average(differences)
    problem.set_performance_metric(x**2 if metric == "distance" else average([f.value(x) for f in functions]))
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        tight = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
        return float(problem.solve(wrapper="cvxpy", verbose=0, solver="CLARABEL", **tight))


def asked(n, zeta, rounds, *method):
    local_steps, delta, metric = method
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive(Fraction(str(delta))), n, heterogeneity=zeta)
    return efpep.worst_case(LocalGD("1/2", local_steps=local_steps), setting, rounds, metric=metric, initial="distance")


CASES = [(n, zeta, 1, steps, delta, "gap") for n in (1, 2) for zeta in (0, 1) for steps in (1, 2) for delta in (1, DELTA)]
LONG = [
    (n, 1, 2, steps, delta, metric) for n in (1, 2) for steps in (2, 3) for delta in (1, DELTA) for metric in ("distance", "gap")
]


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("case", CASES)
def test_local_steps_are_those_of_explicit_agents(case):
    found, reference = asked(*case), local_gd(*case)
    assert float(found.lower) - 1e-6 <= reference <= float(found.upper) + 1e-6
    assert found.upper - found.lower < Fraction(1, 10**6)


@pytest.mark.slow
@pytest.mark.parametrize("case", LONG)
def test_several_rounds_are_those_of_explicit_agents(case):
    found, reference = asked(*case), local_gd(*case)
    assert reference == pytest.approx(float(found.upper), abs=1e-6)


def test_local_steps_of_agents_that_differ_are_another_question():
    same, apart = asked(2, 0, 1, 2, 1, "gap"), asked(2, 1, 1, 2, 1, "gap")
    assert float(apart.lower) > float(same.upper) + 0.01


@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.slow), 2, pytest.param(3, marks=pytest.mark.slow)])
def test_the_cross_checks_have_points_at_clients(n):
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("9/10"), n)
    assert efpep.crosscheck(LocalGD("1/2", local_steps=2), setting).agrees
    found = asked(min(n, 2), 1, 1, 2, DELTA, "gap")
    assert crosscheck_worst_case(found).agrees
