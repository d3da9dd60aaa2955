"""The class of quadratics: its inequalities, and bounds beside PEPit's exact class and the eigenvalues."""

import warnings

import numpy as np
import pytest
from support import one_sentence
from support.samples import recorded, value

import efpep
from efpep.functions import FUNCTIONS, Quadratic

EXACT = efpep.Contractive(1)  # loses nothing, so that EF21-HB is the heavy ball
HEAVY = Quadratic("1/10", 1)


def heavy_ball(steps, step, beta, curvature):
    """The squared iterate after some steps on ``curvature x^2/2`` from 1, at rest."""
    x, before = 1.0, 1.0
    for _ in range(steps):
        x, before = x - step * curvature * x + beta * (x - before), x
    return x * x


def largest_root(step, beta, curvature):
    """The largest squared modulus of the roots of ``r^2 - (1 + beta - step curvature) r + beta``."""
    return max(abs(np.roots([1, -(1 + beta - step * curvature), beta]))) ** 2


def pepit(steps, step, beta, mu, smoothness):
    """PEPit's worst case of the heavy ball's squared distance on its own class of quadratics."""
    pytest.importorskip("PEPit")
    from PEPit import PEP
    from PEPit.functions import SmoothStronglyConvexQuadraticFunction

    problem = PEP()
    f = problem.declare_function(SmoothStronglyConvexQuadraticFunction, mu=mu, L=smoothness)
    best, x = f.stationary_point(), problem.set_initial_point()
    problem.set_initial_condition((x - best) ** 2 <= 1)
    before = x
    for _ in range(steps):
        x, before = x - step * f.gradient(x) + beta * (x - before), x
    problem.set_performance_metric((x - best) ** 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # CVXPY calls solutions that are accurate to seven digits inaccurate
        return problem.solve(wrapper="cvxpy", solver="CLARABEL", verbose=0)


def test_inequalities_hold_on_quadratics():
    random = np.random.default_rng(3)
    trace, samples = recorded(Quadratic("1/2", 2), 4)
    basis, _ = np.linalg.qr(random.normal(size=(5, 5)))
    hessian = basis @ np.diag([0.5, 0.7, 1.0, 1.9, 2.0]) @ basis.T
    columns = {}
    for sample in samples:
        x = random.normal(size=5)
        columns[next(iter(sample.x.mean.terms))] = x
        columns[next(iter(sample.shape.mean.terms))] = hessian @ x - x / 2
        assert value(sample.value, columns, {}) == pytest.approx(x @ hessian @ x / 2)
    rows = {row.name: value(row.form, columns, {}) for row in trace.rows}
    equal = [name for name, row in zip(rows, trace.rows, strict=True) if row.equality]
    assert equal == [f"symmetry({a},{b})" for b in range(4) for a in range(b)]
    assert max(abs(rows[name]) for name in equal) < 1e-12
    assert max(rows.values()) < 1e-12
    assert not trace.value_names  # values are quadratic forms, no columns of their own
    # a map that is not symmetric has other gradients
    columns[next(iter(samples[1].shape.mean.terms))] += np.array([0.1, 0, 0, 0, 0])
    assert abs(value(next(row.form for row in trace.rows if row.equality), columns, {})) > 1e-3


@pytest.mark.parametrize("agents", [1, 3])
def test_one_step_of_gradient_descent(agents):
    found = efpep.worst_case(efpep.GD("3/2"), efpep.Setting(HEAVY, agents=agents, heterogeneity=0), 1)
    assert float(found.upper) == pytest.approx(0.85**2, rel=1e-8)
    assert found.lower is None
    found.certificate.check()


@pytest.mark.parametrize(("step", "beta", "steps"), [(2, 0.25, 2), (2, 0.25, 4), (1, 0.25, 3)])
def test_heavy_ball_on_a_line_of_eigenvalues(step, beta, steps):
    """A quadratic is as bad as its worst eigenvalue; smooth convex functions are much worse with much momentum."""
    found = efpep.worst_case(efpep.EF21HeavyBall(step, beta), efpep.Setting(HEAVY, EXACT), steps, "distance")
    worst = max(heavy_ball(steps, step, beta, a) for a in np.linspace(0.1, 1, 2001))
    assert worst - 1e-9 <= float(found.upper) <= worst * (1 + 1e-6)


def test_what_is_relaxed_stays_above():
    """``max_a a (1 - a)^6/2`` over eigenvalues in [0, 1] is at a = 1/7; the relaxation is 0.6 % above."""
    found = efpep.worst_case(efpep.GD(1), efpep.Setting(Quadratic(0, 1)), 3, "gap")
    exact = (1 / 7) * (6 / 7) ** 6 / 2
    assert exact < float(found.upper) < 1.01 * exact


def test_the_rate_of_the_heavy_ball():
    """Positive by the inequalities, quadratic Lyapunov functions reach the spectral radius, here at the least eigenvalue."""
    setting, method = efpep.Setting(HEAVY, EXACT), efpep.EF21HeavyBall(2, "1/4")
    found = efpep.rate(method, setting, positivity="interpolation")
    radius = max(largest_root(2, 0.25, a) for a in np.linspace(0.1, 1, 2001))
    assert float(found.upper) == pytest.approx(radius, abs=1e-7)
    assert "by the recorded inequalities, which are necessary and need not be sufficient" in found.certificate.sentence()


def test_a_single_eigenvalue():
    found = efpep.worst_case(efpep.GD("1/2"), efpep.Setting(Quadratic(1, 1)), 3)
    assert float(found.upper) == pytest.approx(0.5**6, rel=1e-8)


def test_files_and_catalogue(tmp_path):
    assert FUNCTIONS.build({"class": "quadratic", "mu": "1/10", "L": "1"}) == HEAVY
    found = efpep.worst_case(efpep.GD("3/2"), efpep.Setting(HEAVY), 2)
    found.certificate.save(tmp_path / "quadratic.json")
    assert efpep.verify(tmp_path / "quadratic.json").accepted


@pytest.mark.parametrize(("mu", "smoothness"), [(-1, 1), (2, 1), (0, 0)])
def test_bad_eigenvalues(mu, smoothness):
    with pytest.raises(efpep.InputError, match="give 0 <= mu <= L with a positive L") as error:
        Quadratic(mu, smoothness)
    assert one_sentence(error.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "beta", "steps", "room"), [(1.5, 0, 3, 1e-6), (2, 0.25, 4, 1e-6), (2, 0.25, 6, 1e-6), (2.5, 0.5, 4, 5e-3)]
)
def test_pepit_is_not_above(step, beta, steps, room):
    found = efpep.worst_case(efpep.EF21HeavyBall(step, beta), efpep.Setting(HEAVY, EXACT), steps)
    exact = pepit(steps, step, beta, 0.1, 1.0)
    assert exact * (1 - 1e-6) <= float(found.upper) <= exact * (1 + room)
