"""Constants of noise: theory, and figures of an independent formulation in double precision."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform
from support.diana import Diana

import efpep
from efpep.model.field import FLOATS
from efpep.simulate.problems import RandomQuadratics
from efpep.simulate.run import NumericRun

NOISE = efpep.GradientNoise(sigma=1)
MU = Fraction(1, 10)


def setting(agents=1, compressor=None):
    functions = efpep.SmoothStronglyConvex(mu=MU, L=1)
    return efpep.Setting(functions, compressor or efpep.Contractive("1/2"), agents, noise=NOISE)


def within(found, value, part):
    """Whether both ends are proved and within a part of a value."""
    return (
        found.certified and value * (1 - part) <= found.lower <= found.upper <= value * (1 + part) and found.certificate.check()
    )


@pytest.mark.parametrize("agents", [1, 10])
@pytest.mark.parametrize("step", ["1", "20/11", pytest.param("1/2", marks=pytest.mark.slow)])
def test_the_last_iterate_of_sgd(step, agents):
    """The variance of one step, at the factor of gradient descent (Nesterov 2004, Theorem 2.1.15)."""
    eta = Fraction(step)
    rho = max((1 - eta * MU) ** 2, (1 - eta) ** 2) + Fraction(1, 10**7)
    assert within(efpep.noise(efpep.GD(eta), setting(agents), rho, "last"), eta**2 / agents, Fraction(1, 10**6))


@pytest.mark.parametrize("step", ["1/2", "1", "20/11", "19/10"])
def test_the_stationary_variance_of_sgd(step):
    """That of quadratics, of the slow curvature or of the fast one."""
    eta = Fraction(step)
    variance = eta / (MU * (2 - eta * MU)) if eta <= 2 / (1 + MU) else eta / (2 - eta)
    found = efpep.noise(efpep.GD(eta), setting())
    assert within(found, variance, Fraction(1, 10**6))
    assert found.floor == found.upper


@pytest.mark.parametrize("contraction", ["19/20", "99/100"])
def test_the_last_iterate_of_error_feedback(contraction):
    """One agent: (1 + s)^2 eta^2 for every factor, s^2 = 1/4."""
    found = efpep.noise(efpep.EF("1/2"), setting(1, efpep.Contractive("3/4")), contraction, "last")
    assert within(found, Fraction(9, 16), Fraction(1, 10**6))


@pytest.mark.parametrize(
    ("delta", "slower", "part"),
    [
        ("9/10", 1, "1/10"),
        ("1/2", 1, "1/2"),
        *(
            pytest.param(delta, slower, part, marks=pytest.mark.slow)
            for delta in ("1/10", "1/2", "3/4", "9/10")
            for slower in (1, 3, 10)
            for part in ("1e-6", "1e-4", "1/10", "9/10")
        ),
    ],
)
def test_the_last_iterate_of_error_feedback_from_the_rate_on(delta, slower, part):
    """The same, for factors from next to the rate of the literature's theorem to next to 1."""
    asked = setting(1, efpep.Contractive(delta))
    method = efpep.EF(efpep.EF().resolved(asked).step_size / slower)
    rate = method.literature.known_rate(method, replace(asked, noise=None)).value
    factor = (1 + Fraction(float(1 - Fraction(delta)) ** 0.5)) ** 2
    found = efpep.noise(method, asked, rate + Fraction(part) * (1 - rate), "last")
    assert within(found, factor * method.step_size**2, Fraction(1, 10**6))


FLOORS = {
    ("0.0312", 1): {"ef": "0.170", "ef21": "328", "theta": "44.5", "3 eta": "1.33", "econtrol": "1.06", "cgd": "0.313"},
    ("0.0312", 10): {"ef": "0.0203", "ef21": "305", "theta": "42.1", "3 eta": "1.00", "econtrol": "0.336", "cgd": "0.0313"},
    ("0.0312", 1000): {"ef": "3.28e-3", "ef21": "300", "theta": "41.7", "3 eta": "0.963", "econtrol": "0.292", "cgd": "3.12e-4"},
    ("0.00312", 1): {"ef": "0.0160", "ef21": "302.6", "theta": "41.9", "3 eta": "0.0335", "econtrol": "0.0224", "cgd": "0.0312"},
    ("0.00312", 10): {
        "ef": "0.00169",
        "ef21": "300.5",
        "theta": "41.7",
        "3 eta": "0.0119",
        "econtrol": "0.00473",
        "cgd": "0.00312",
    },
    ("0.00312", 1000): {
        "ef": "4.68e-5",
        "ef21": "300.1",
        "theta": "41.7",
        "3 eta": "0.00888",
        "econtrol": "0.00288",
        "cgd": "3.12e-5",
    },
}
"""Stationary floors of an independent formulation, by blocks of conditional means and fluctuations, to their digits.

That one is solved in doubles, and its table says what stands in :data:`DOUBLES` where that is not the digits of what is proved.
"""
DOUBLES = {
    ("0.0312", 10, "theta"): "42.2",
    ("0.00312", 1, "theta"): "42.0",
    ("0.00312", 10, "ef21"): "300.6",
    ("0.00312", 10, "theta"): "41.8",
    ("0.00312", 10, "3 eta"): "0.0122",
    ("0.00312", 1000, "ef21"): "300.3",
    ("0.00312", 1000, "3 eta"): "0.00891",
    ("0.00312", 1000, "cgd"): "3.13e-5",
}
"""Two reasons: figures there are rounded up (42.1474 is 42.2, and 41.9453 is 42.0), and at the smaller step size doubles do not
suffice. With finer tolerances of its solver the same program comes down towards what is proved: of the fifth from .012189 at 1e-6
by .012159 at 1e-9 to .011952 at 1e-11, of which the solver is not sure; proved is that the least is in [.0119448, .0119458].
"""
FAST = [("0.0312", 1, "ef"), ("0.0312", 1, "ef21"), ("0.0312", 1, "econtrol"), ("0.0312", 10, "ef21"), ("0.0312", 10, "cgd")]


def asked(name, step, agents):
    eta = Fraction(step)
    methods = {
        "ef": efpep.EF(eta),
        "ef21": efpep.EF21(eta),
        "theta": efpep.EF21Momentum(eta, theta="1/2"),
        "3 eta": efpep.EF21Momentum(eta, theta=3 * eta),
        "econtrol": efpep.EControl(eta, eta="3/10"),
        "cgd": efpep.CGD(eta),
    }
    return methods[name], setting(agents, efpep.Unbiased(1) if name == "cgd" else None)


@pytest.mark.parametrize(
    ("step", "agents", "name"),
    [
        pytest.param(*case, marks=[] if case in FAST else pytest.mark.slow)
        for step, agents in FLOORS
        for name in FLOORS[step, agents]
        for case in [(step, agents, name)]
    ],
)
def test_stationary_floors(step, agents, name):
    found = efpep.noise(*asked(name, step, agents))
    figure = Decimal(FLOORS[step, agents][name])
    assert found.upper is not None
    half = Fraction(Decimal((0, (5,), figure.as_tuple().exponent - 1)))
    assert abs(found.upper - Fraction(figure)) <= half
    assert found.certificate.check()
    if (step, agents, name) in DOUBLES:
        assert found.lower >= found.upper * Fraction(999, 1000)
        assert found.upper < Fraction(DOUBLES[step, agents, name])


@pytest.mark.slow
@pytest.mark.parametrize("delta", ["1/2", "4/5"])
def test_the_floor_of_naive_ef21_does_not_fall_with_the_step_size(delta):
    """(1 - delta^2)/(delta mu)^2, within two per cent from above."""
    d = Fraction(delta)
    found = efpep.noise(efpep.EF21("1/300"), setting(1, efpep.Contractive(d)))
    limit = (1 - d**2) / (d * MU) ** 2
    assert limit <= found.upper <= limit * Fraction(102, 100)


class InTurns:
    """``mu |x|^2 / 2`` with noise in two halves of the coordinates in turns, and a compressor that makes the most of it.

    It never sends the first coordinate, sends 1 + b times the latest noise, and the other half exactly.
    """

    def __init__(self, delta, half, draw):
        self.b, self.half, self.draw, self.round, self.lost = (1 - delta) / delta, half, draw, 0, []

    def gradients(self, x):
        self.round += 1
        xi = np.zeros((1, len(x)))
        found = self.draw.normal(size=self.half)
        xi[0, self.new] = found / np.linalg.norm(found)
        return float(MU) * x + xi

    @property
    def new(self):
        start = 1 + self.half * (self.round % 2)
        return slice(start, start + self.half)

    def __call__(self, v):
        loss = np.zeros_like(v)
        loss[:, 0], loss[:, self.new] = v[:, 0], -self.b * v[:, self.new]
        self.lost.append(float(np.sum(loss**2) / np.sum(v**2)))
        return v - loss


@pytest.mark.parametrize("delta", [0.5, 0.8])
def test_a_run_attains_the_floor_of_naive_ef21(delta):
    """Within three per cent of (1 - delta^2)/(delta mu)^2, by a compressor that is contractive in every round."""
    bias, limit = np.sqrt((1 - delta**2) / delta**2), (1 - delta**2) / (delta * float(MU)) ** 2
    problem = InTurns(delta, 200, np.random.default_rng(4))
    x = np.zeros(401)
    x[0] = 0.99 * bias / float(MU)
    method, run = efpep.EF21("1/50").over(FLOATS), NumericRun(problem, problem)
    state, squares = method.State(x, np.zeros((1, 401))), []
    for _ in range(2000):
        state = method.step(state, run)
        squares.append(float(state.x @ state.x))
    assert max(problem.lost[3:]) <= 1 - delta
    assert 0.97 * limit <= np.mean(squares[500:]) <= 1.03 * limit


# --- draws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cgd", pytest.param("ef", marks=pytest.mark.slow)])
@pytest.mark.parametrize("counts", [(1, 1), pytest.param((1, 2), marks=pytest.mark.slow)])
def test_agents_of_one_kind_in_two_groups_are_one_group(counts, name):
    """What is recorded between the agents of a group, and between groups, is the same."""
    method, one = asked(name, "0.0312", sum(counts))
    groups = replace(one, agents=[efpep.Group(count=count) for count in counts])
    together, apart = efpep.noise(method, one), efpep.noise(method, groups)
    for low, high in ((together.lower, apart.upper), (apart.lower, together.upper)):
        assert low <= high <= low * Fraction(100001, 100000)


@pytest.mark.slow
def test_many_agents_are_the_limit():
    method, one = asked("ef", "0.0312", 10**9)
    limit = efpep.noise(method, replace(one, agents=[efpep.Group(share=1)]))
    assert abs(efpep.noise(method, one).upper / limit.upper - 1) < Fraction(1, 10**5)


@pytest.mark.parametrize(
    ("step", "agents", "floor"),
    [
        ("0.0312", 1, "0.473"),
        ("0.0312", 10, "0.0469"),
        *(
            pytest.param(*case, marks=pytest.mark.slow)
            for case in (
                ("0.0312", 1000, "0.000469"),
                ("0.00312", 1, "0.0469"),
                ("0.00312", 10, "0.00468"),
                ("0.00312", 1000, "0.0000468"),  # 4.72e-5 in doubles
            )
        ),
    ],
)
def test_a_method_of_a_users(step, agents, floor):
    """Figures as those above."""
    found = efpep.noise(Diana(step), setting(agents, efpep.Unbiased(1)))
    assert abs(found.upper / Fraction(floor) - 1) < Fraction(2, 1000)


# --- what is asked ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: efpep.noise(efpep.EF("1/10"), uniform(10, "1/2")), "noise"),
        (lambda: efpep.noise(efpep.EF("1/10"), setting(), bound="best"), "bound"),
        (lambda: efpep.noise(efpep.EF("1/10"), setting(), 2), "rho"),
        (lambda: efpep.noise(efpep.EF("1/10"), setting(), 1, "last"), "rho"),
        (lambda: efpep.GradientNoise(0), "sigma"),
        (lambda: replace(setting(), noise=1), "noise"),
        (lambda: efpep.rate(efpep.EF("1/10"), setting()), "noise"),
        (lambda: efpep.tune(efpep.EF, setting()), "noise"),
        (lambda: efpep.worst_case(efpep.EF("1/10"), setting(), 2), "noise"),
        (lambda: efpep.cycle(efpep.EF("1/10"), setting()), "noise"),
        (lambda: efpep.potential(efpep.SafeEF(), replace(setting(), functions=efpep.BoundedSubgradients(1))), "noise"),
        (lambda: efpep.crosscheck(efpep.EF("1/10"), setting()), "noise"),
        (lambda: efpep.asymptotic_lower_bound(efpep.EF("1/10"), setting()), "noise"),
        (lambda: efpep.landscape(efpep.EF("1/10"), setting()), "noise"),
    ],
)
def test_what_is_no_question_is_said_in_one_sentence(call, argument):
    with pytest.raises(efpep.InputError) as refused:
        call()
    assert one_sentence(refused.value)
    assert argument in refused.value.arguments


def test_the_size_of_the_noise_is_a_unit():
    small, large = (efpep.noise(efpep.EF("1/10"), replace(setting(), noise=efpep.GradientNoise(s))) for s in ("1/1000", 1000))
    assert abs(small.upper - large.upper) <= large.upper / 10**5
    assert abs(small.floor * 10**12 - large.floor) <= large.floor / 10**5


def test_a_run_with_noise_can_be_resumed(tmp_path):
    problem = RandomQuadratics(n=3, d=4, kappa=10, seed=1)
    whole = efpep.simulate(efpep.EF("1/10"), problem, 20, efpep.TopK(2), noise=NOISE, seed=5)
    path = tmp_path / "run.npz"
    efpep.simulate(efpep.EF("1/10"), problem, 8, efpep.TopK(2), noise=NOISE, seed=5, checkpoint=path)
    again = efpep.simulate(efpep.EF("1/10"), problem, 20, efpep.TopK(2), noise=NOISE, seed=5, checkpoint=path, resume=True)
    assert np.array_equal(whole.x, again.x)
    exact = efpep.simulate(efpep.EF("1/10"), problem, 20, efpep.TopK(2), seed=5)
    assert not np.array_equal(whole.x, exact.x)
