"""Constants of noise beside PEPit: agents written out, and noise that has one of two opposite values."""

import itertools
import warnings

import pytest

import efpep

MU, L, DELTA = 0.1, 1.0, 0.5
SIGNS = (1, -1)


def worst_growth(found, compresses):
    """PEPit's worst case of ``E V+ - rho V`` plus the metric (of averages), for the function V that was found.

    Agents that compress share one minimiser. States are bounded, where nothing else bounds those that attain the constant.
    Agent i's noise is one of ``+-xi_i``, each as likely, independently of the others'; in every case the functions are the same.
    What an agent compresses may depend on its own noise alone, and no message loses more than ``1 - delta`` of its square.
    """
    pepit, classes = pytest.importorskip("PEPit"), pytest.importorskip("PEPit.functions")
    agents, eta, rho = found.setting.agents, float(found.method.step_size), float(found.question.rho)
    problem, origin = pepit.PEP(), 0 * pepit.Point()
    functions = [problem.declare_function(classes.SmoothStronglyConvexFunction, mu=MU, L=L) for _ in range(agents)]
    rest = [origin if compresses else pepit.Point() for _ in range(agents - 1)]
    rest.append(-sum(rest, origin))
    least = [pepit.Expression() for _ in range(agents)]
    for function, gradient, value in zip(functions, rest, least, strict=True):
        function.add_point((origin, gradient, value))

    def value(x, errors):
        """V at a point."""
        evaluated = [function.oracle(x) for function in functions]
        held = {"x": [x] * agents, "g": [g - r for (g, _), r in zip(evaluated, rest, strict=True)], "e": errors}
        mean = {name: sum(v, origin) / agents for name, v in held.items()}
        gap = sum((f - f_least for (_, f), f_least in zip(evaluated, least, strict=True)), 0 * pepit.Expression()) / agents
        total = sum((float(a) * gap for a in found.lyapunov.gaps.values()), 0 * pepit.Expression())
        for block, names in found.lyapunov.features.items():
            for (i, u), (j, v) in itertools.product(enumerate(names), repeat=2):
                product = mean[u] * mean[v]
                if block != "mean":
                    product = (
                        sum((p * q for p, q in zip(held[u], held[v], strict=True)), 0 * pepit.Expression()) / agents - product
                    )
                total = total + float(found.lyapunov.weights[block][i][j]) * product
        return total, [g for g, _ in evaluated]

    x, errors, noise = pepit.Point(), [], [pepit.Point() for _ in range(agents)]
    if compresses:
        errors = [pepit.Point() for _ in range(agents)]
    before, gradients = value(x, errors)
    for bounded in (x, *errors):
        problem.add_constraint(bounded**2 <= 10)
    sent, left = {}, {}
    for i, sign in itertools.product(range(agents), SIGNS):
        message = eta * (gradients[i] + sign * noise[i])
        if compresses:
            message, left[i, sign] = errors[i] + message, pepit.Point()
            problem.add_constraint(left[i, sign] ** 2 <= (1 - DELTA) * message**2)
        sent[i, sign] = message - left.get((i, sign), origin)
    for xi in noise:
        problem.add_constraint(xi**2 <= 1)
    after, cases = 0 * pepit.Expression(), list(itertools.product(SIGNS, repeat=agents))
    for case in cases:
        chosen = list(enumerate(case))
        later = x - sum((sent[i, sign] for i, sign in chosen), origin) / agents
        after = after + value(later, [left[i, sign] for i, sign in chosen] if compresses else [])[0] / len(cases)
    metric = x**2 if found.question.bound == "average" else 0 * x**2
    problem.set_performance_metric(after - rho * before + metric)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return problem.solve(wrapper="cvxpy", verbose=0, solver="CLARABEL")


@pytest.mark.parametrize(
    ("method", "agents", "rho", "bound", "room"),
    [
        (efpep.GD("1/2"), 1, 1, "average", 1e-5),
        (efpep.EF("1/5"), 1, 1, "average", 1e-5),
        (efpep.EF("1/5"), 1, "99/100", "last", 1e-5),
        pytest.param(efpep.GD("1/2"), 2, 1, "average", 1e-5, marks=pytest.mark.slow),
        pytest.param(efpep.GD("19/10"), 1, 1, "average", 1e-5, marks=pytest.mark.slow),
        # noise of two values, whose cases are compared with each other, is not quite the worst of two agents
        pytest.param(efpep.EF("1/5"), 2, 1, "average", 1e-3, marks=pytest.mark.slow),
    ],
)
def test_pepit_finds_the_same_constant(method, agents, rho, bound, room):
    functions = efpep.SmoothStronglyConvex("1/10", 1)
    setting = efpep.Setting(functions, efpep.Contractive("1/2"), agents, noise=efpep.GradientNoise(sigma=1))
    found = efpep.noise(method, setting, rho, bound)
    assert found.certified
    value = worst_growth(found, method.key == "ef")
    assert float(found.lower) * (1 - room) <= value <= float(found.upper) * (1 + 1e-5)
