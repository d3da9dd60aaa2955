"""Constants of noise beside draws: what is measured never exceeds what is proved, beyond the error of the measurement."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from support.copies import OPERATORS, UNBIASED, Copies
from support.diana import Diana

import efpep
from efpep.model.field import FLOATS
from efpep.simulate.run import NumericRun

MU = Fraction(1, 10)
ERRORS = 4
"""How many standard errors a measured mean may be above what is proved."""


def setting(agents, compressor):
    functions = efpep.SmoothStronglyConvex(mu=MU, L=1)
    return efpep.Setting(functions, compressor, agents, noise=efpep.GradientNoise(sigma=1))


@dataclass(frozen=True)
class Case:
    """A method with its compressors."""

    method: efpep.Method
    compressor: object
    operators: dict

    def asked(self, agents):
        return self.method, setting(agents, self.compressor)


HALF = efpep.Contractive("1/2")
CASES = {
    "sgd": Case(efpep.GD("1/4"), None, {"none": lambda problem: None}),
    "ef": Case(efpep.EF("1/10"), HALF, OPERATORS),
    "ef21": Case(efpep.EF21("1/10"), HALF, OPERATORS),
    "momentum": Case(efpep.EF21Momentum("1/10", theta="1/2"), HALF, OPERATORS),
    "econtrol": Case(efpep.EControl("1/20", eta="1/10"), HALF, OPERATORS),
    "cgd": Case(efpep.CGD("1/10"), efpep.Unbiased(1), UNBIASED),
    "diana": Case(Diana("1/10"), efpep.Unbiased(1), UNBIASED),
}
EVERY = [(name, operator) for name, case in CASES.items() for operator in case.operators]


@cache
def proved(name, agents):
    return efpep.noise(*CASES[name].asked(agents))


def value_of(found, state, problem):
    """V on every copy, from the weights of the certificate, and the squared distance."""
    upper, inequalities, copies = found.certificate.upper, found.question.inequalities, problem.copies
    agents, x = len(problem.curvatures), state.x.reshape(copies, -1)
    gradient = problem.exact(state.x)
    held = {"x": state.x, "g": gradient}
    held |= {m.feature: m.error_of(getattr(state, m.name), state.x, gradient) for m in found.method.memories}
    vectors = {name: np.broadcast_to(v, (agents, v.shape[-1])).reshape(agents, copies, -1) for name, v in held.items()}
    total = np.zeros(copies)
    for block, matrix in zip(inequalities.blocks, upper.weights, strict=True):
        names = [feature.name for feature in block.features]
        for i, left in enumerate(names):
            for j, right in enumerate(names):
                mean = np.sum(vectors[left].mean(axis=0) * vectors[right].mean(axis=0), axis=-1)
                whole = np.sum(vectors[left] * vectors[right], axis=-1).mean(axis=0)
                total += float(matrix[i][j]) * (mean if block.index == 0 else whole - mean)
    gap = sum(np.sum(a * x**2, axis=-1) / 2 for a in problem.curvatures) / agents
    for weight, known in zip(upper.gaps, inequalities.gaps, strict=True):
        assert known.name == "f"
        total += float(weight) * gap
    return total, np.sum(x * x, axis=-1)


# --- one step from any state ------------------------------------------------------------------------------------------


def draws_stay_below(name, operator, agents, copies, states):
    """Draw one step from random states, of many sizes, and compare the mean of V with what is proved."""
    found = proved(name, agents)
    method, draw = found.method, np.random.default_rng(7)
    for _ in range(states):
        problem = Copies(draw.choice([0.1, 0.3, 1.0], size=(agents, 5)), copies, draw, turns=operator == "biased")
        x = np.tile(10.0 ** draw.uniform(-2, 1.5) * draw.normal(size=5), copies)
        gradient = problem.exact(x)
        memories = {}
        for memory in method.memories:
            error = np.tile(10.0 ** draw.uniform(-2, 1.5) * draw.normal(size=(agents, 5)), copies)
            memories[memory.name] = memory.at_rest(x, gradient, error)
        state = method.over(FLOATS).State(x=x, **memories)
        after = method.over(FLOATS).step(state, NumericRun(problem, CASES[name].operators[operator](problem)))
        before, metric = value_of(found, state, problem)
        later, _ = value_of(found, after, problem)
        excess = later - before + metric
        error = excess.std() / np.sqrt(copies)
        assert excess.mean() <= float(found.upper) + ERRORS * error + 1e-9 * abs(before).max()


@pytest.mark.parametrize(("name", "operator"), [("sgd", "none"), ("ef", "tail"), ("ef", "echoed")])
def test_draws_stay_below_what_is_proved(name, operator):
    draws_stay_below(name, operator, 2, 2000, 3)


@pytest.mark.slow
@pytest.mark.parametrize("agents", [1, 3])
@pytest.mark.parametrize(("name", "operator"), EVERY)
def test_many_draws_stay_below_what_is_proved(name, operator, agents):
    draws_stay_below(name, operator, agents, 10**5, 2)


# --- runs -------------------------------------------------------------------------------------------------------------


def averages(name, operator, agents, copies, steps):
    """Run all copies from a minimiser and memories of zero: the mean over the steps of every copy's metric, and V at the start.

    The third number is the mean over all copies and the second half of the steps.
    """
    found = proved(name, agents)
    method, draw = found.method.over(FLOATS), np.random.default_rng(11)
    problem = Copies(np.full((agents, 5), float(MU)), copies, draw, turns=operator == "biased")
    x = np.zeros(5 * copies)
    state = method.State(x=x, **{memory.name: np.zeros((agents, len(x))) for memory in method.memories})
    run = NumericRun(problem, CASES[name].operators[operator](problem))
    start, _ = value_of(found, state, problem)
    squares = []
    for _ in range(steps):
        squares.append(np.sum(state.x.reshape(copies, -1) ** 2, axis=-1))
        state = method.step(state, run)
    return np.mean(squares, axis=0), start.mean(), np.mean(squares[steps // 2 :])


def runs_stay_below(name, operator, agents, copies, steps):
    """Compare what is measured with ``V_0/K + c``, and return what part of c the later steps have."""
    bound = float(proved(name, agents).upper)
    measured, start, late = averages(name, operator, agents, copies, steps)
    assert measured.mean() <= start / steps + bound + ERRORS * measured.std() / np.sqrt(copies)
    return late / bound


LEAST = {
    ("sgd", "none"): 0.97,
    ("ef", "echoed"): 0.82,
    ("ef21", "constant"): 0.33,
    ("momentum", "constant"): 0.48,
    ("econtrol", "echoed"): 0.08,
    ("cgd", "all or nothing"): 0.96,
    ("diana", "all or nothing"): 0.96,
}
"""What part of the constant some compressor attains on flat quadratics, so that a bound that is so much smaller would be seen."""


@pytest.mark.parametrize(("name", "operator"), [("sgd", "none"), ("cgd", "all or nothing")])
def test_runs_stay_below_what_is_proved(name, operator):
    assert runs_stay_below(name, operator, 2, 1000, 200) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("agents", [1, 2])
@pytest.mark.parametrize(("name", "operator"), EVERY)
def test_long_runs_stay_below_what_is_proved(name, operator, agents):
    assert runs_stay_below(name, operator, agents, 2000, 400) >= LEAST.get((name, operator), 0)
