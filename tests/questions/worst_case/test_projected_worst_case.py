"""Worst cases of Projected EF21 over sets of bounded diameter: the bound of the theory page, and runs that stay below."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
from support import one_sentence
from support.states import OnlyX

import efpep
from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
from efpep.simulate.adversary_file import load_adversary, save_adversary

SETTING = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("3/4"), agents=2, heterogeneity=2)
METHOD = efpep.ProjectedEF21("2/5")


@pytest.mark.parametrize("horizons", [(1, 2, 4), pytest.param((8,), marks=pytest.mark.slow)])
def test_the_bound_of_the_literature_is_never_below(horizons):
    """theta = beta = 1/2: the step size is at most 1/(1 + sqrt 2), and Lam_0 = 1/2 + (2/5)/(1/2) 1/4 = 7/10."""
    initial = {"diameter": 1, "gap": "1/2", "g-d": "1/4"}
    rates = efpep.rates_in_horizon(METHOD, SETTING, list(horizons), "gap", initial)
    table = rates.table()
    assert table["literature"].tolist() == pytest.approx([5.6 / (steps + 8) for steps in horizons])
    assert (table["ratio"] < 1).all()
    assert all(found.certificate.check() for found in rates.worst_cases)
    long = efpep.rates_in_horizon(efpep.ProjectedEF21("1/2"), SETTING, [1], "gap", initial)
    assert long.literature == (None,)  # beyond the step sizes of the theorem


def test_certificates_survive_a_file(tmp_path):
    found = efpep.worst_case(METHOD, SETTING, 2, "gap", {"diameter": 4, "gap": 1, "g-d": 1})
    found.certificate.save(tmp_path / "worst.json")
    verdict = efpep.verify(tmp_path / "worst.json")
    assert verdict.accepted is True, verdict.reason
    assert "over a set of squared diameter at most 4, started with gap at most 1 and g-d at most 1" in verdict.reason


@pytest.mark.parametrize("seed", range(3))
def test_runs_on_a_ball_stay_below(seed):
    """Quadratics with eigenvalues in [0, 1] over the ball of diameter 1, Top-3 of 4 (delta = 3/4), in plain numpy."""
    rng = np.random.default_rng(seed)
    bases = [np.linalg.qr(rng.standard_normal((4, 4)))[0] for _ in range(2)]
    hessians = [q @ np.diag(rng.uniform(0, 1, 4)) @ q.T for q in bases]
    slopes = rng.standard_normal((2, 4)) / 4

    def gradients(x):
        return np.array([h @ x + b for h, b in zip(hessians, slopes, strict=True)])

    def value(x):
        return float(np.mean([x @ h @ x / 2 + b @ x for h, b in zip(hessians, slopes, strict=True)]))

    def project(x):
        return x / max(1.0, 2 * float(np.linalg.norm(x)))

    def top(v):
        kept = v.copy()
        kept[np.arange(2), np.argmin(np.abs(v), axis=1)] = 0
        return kept

    optimum = np.zeros(4)
    for _ in range(5000):
        optimum = project(optimum - gradients(optimum).mean(axis=0))
    x = project(rng.standard_normal(4))
    d = top(gradients(x))
    assert np.mean(np.sum(gradients(optimum) ** 2, axis=1)) < 4
    start = value(x) - value(optimum), float(np.mean(np.sum((d - gradients(x)) ** 2, axis=1)))
    for _ in range(4):
        x = project(x - 0.4 * d.mean(axis=0))
        d = d + top(gradients(x) - d)
    gap, error = (Fraction(a).limit_denominator(10**6) + Fraction(1, 10**6) for a in start)
    found = efpep.worst_case(METHOD, SETTING, 4, "gap", {"diameter": 1, "gap": gap, "g-d": error})
    assert 0 <= value(x) - value(optimum) <= float(found.upper)


def test_the_diameter_alone_bounds_smooth_functions():
    found = efpep.worst_case(METHOD, SETTING, 1, "distance", {"diameter": 4, "g-d": 1})
    assert float(found.upper) == pytest.approx(4, rel=1e-6)  # no two points of the set are further apart


def test_a_diameter_needs_a_set():
    with pytest.raises(efpep.InputError, match="diameter") as refused:
        efpep.worst_case(efpep.EF21("2/5"), SETTING, 2, "gap", {"diameter": 1})
    assert one_sentence(refused.value)


CASES = [
    (efpep.SmoothStronglyConvex("1/10", 1), "distance", {"distance": 1}),
    (efpep.SmoothConvex(1), "gap", {"diameter": 1}),
    (efpep.SmoothConvex(1), "gap", {"diameter": 1, "gap": "1/2", "g-d": "1/4"}),
    (efpep.BoundedSubgradients(1), "gap", {"distance": 1}),
]


@pytest.mark.fast_cases(4)
@pytest.mark.parametrize("agents", [1, 2, 3])
@pytest.mark.parametrize(("functions", "metric", "initial"), CASES)
def test_both_ends_meet_pepit_agrees_and_a_run_attains_them(functions, metric, initial, agents, tmp_path):
    """The set of the run is the convex hull of the recorded feasible points, x* among them."""
    setting = efpep.Setting(functions, efpep.Contractive("1/2"), agents, heterogeneity=1)
    found = efpep.worst_case(efpep.ProjectedEF21("1/5"), setting, 2, metric, initial)
    assert 0 <= float(1 - found.lower / found.upper) < 1e-5
    checked = crosscheck_worst_case(found)
    assert checked.agrees, checked
    assert checked.value == pytest.approx(float(found.upper), rel=1e-6)
    again = efpep.replay(found)
    assert again.ratio > 1 - 1e-6
    save_adversary(again.adversary, tmp_path / "run.json")
    loaded = load_adversary(tmp_path / "run.json")
    far = np.arange(loaded.dimension) - 1.5
    nearest = loaded.project(far)
    # the variational inequality of a projection, against every point that spans the set
    assert np.all((loaded.feasible - nearest) @ (far - nearest) < 1e-9)
    assert np.allclose(loaded.project(nearest), nearest)


def test_without_a_set_nothing_is_projected():
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive("1/2"))
    adversary = efpep.replay(efpep.worst_case(efpep.EF21("2/5"), setting, 1)).adversary
    with pytest.raises(efpep.InputError, match="no feasible set") as refused:
        adversary.project(np.zeros(adversary.dimension))
    assert one_sentence(refused.value)


def test_functions_without_a_minimiser_are_refused():
    setting = efpep.Setting(efpep.SmoothWeaklyConvex("-1/2", 1), efpep.Contractive("1/2"))
    with pytest.raises(efpep.InputError, match="minimiser over a set") as refused:
        efpep.worst_case(METHOD, setting, 2, "gradient", {"gap": 1, "diameter": 1})
    assert one_sentence(refused.value)


def test_agents_of_two_kinds_are_replayed():
    kinds = [efpep.Group(efpep.SmoothStronglyConvex(mu, smooth), count=1) for mu, smooth in (("1/10", 1), ("1/5", 2))]
    setting = efpep.Setting(None, efpep.Contractive("1/2"), kinds, heterogeneity=1)
    for metric, initial in (("distance", {"distance": 1}), ("gap", {"diameter": 1})):
        again = efpep.replay(efpep.worst_case(efpep.ProjectedEF21("1/5"), setting, 2, metric, initial))
        assert again.ratio > 1 - 1e-6


# --- one agent, of whose gradient at x* nothing is known -----------------------------------------------------------------


@dataclass(frozen=True)
class ProjectedGradient(efpep.Method):
    """Gradient descent on a closed convex set."""

    title: ClassVar[str] = "Projected gradient descent"
    projects: ClassVar[bool] = True
    State: ClassVar[type] = OnlyX

    def start(self, x, run):
        return OnlyX(x)

    def step(self, state, run):
        return OnlyX(run.project(state.x - self.step_size * run.mean(run.gradient(state.x))))


@pytest.mark.parametrize("zeta", [None, 0, "1e-6", 1, 1000, "1e6"])
def test_one_agents_gradient_at_the_minimiser_does_not_matter(zeta, tmp_path):
    """``||x_T - x*||^2 <= (1 - mu)^(2 T)`` at step 1/L: gradient steps contract, and projections do not expand."""
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), heterogeneity=zeta)
    found = efpep.worst_case(ProjectedGradient(1), setting, 2)
    assert float(found.lower) == pytest.approx(0.6561, rel=1e-6)
    assert float(found.upper) == pytest.approx(0.6561, rel=1e-8)
    assert found.certificate.check()


@pytest.mark.parametrize("zeta", [None, "1e6"])
def test_estimates_that_are_sent_whole_have_no_error(zeta):
    """With delta = 1 Projected EF21 is projected gradient descent."""
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Contractive(1), heterogeneity=zeta)
    found = efpep.worst_case(efpep.ProjectedEF21(1), setting, 2)
    assert float(found.lower) == pytest.approx(0.6561, rel=1e-6)
    assert float(found.upper) == pytest.approx(0.6561, rel=1e-8)
    assert found.certificate.check()


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_gap_of_the_proximal_gradient_method(steps):
    """``f(x_T) - f* <= L ||x_0 - x*||^2/(4 T)``, sharp (Taylor, Hendrickx, Glineur 2017)."""
    found = efpep.worst_case(ProjectedGradient(1), efpep.Setting(efpep.SmoothConvex(1)), steps, "gap")
    assert float(found.upper) == pytest.approx(1 / (4 * steps), rel=1e-7)
    assert float(found.lower) == pytest.approx(1 / (4 * steps), rel=1e-5)


@pytest.mark.parametrize(
    ("metric", "initial"), [("gap", {"diameter": 1, "gap": "1/2", "g-d": "1/4"}), ("distance", {"distance": 1, "g-d": "1/4"})]
)
def test_errors_of_memories_are_all_that_has_to_be_bounded(metric, initial):
    """Where the start bounds the error of the estimates, the gradient at x* moves with these."""
    alone = replace(SETTING, agents=1, heterogeneity=None)
    free = efpep.worst_case(METHOD, alone, 2, metric, initial)
    bounded = efpep.worst_case(METHOD, replace(alone, heterogeneity=100), 2, metric, initial)
    assert float(free.upper) == pytest.approx(float(free.lower), rel=1e-6)
    assert float(bounded.upper) == pytest.approx(float(free.upper), rel=1e-6)
    assert crosscheck_worst_case(free).agrees
    assert efpep.replay(free).ratio > 1 - 1e-6


def test_what_is_missing_where_the_gradient_matters():
    """The first estimate is a compressed gradient, whose error may be as large as the gradient at x*."""
    found = efpep.worst_case(METHOD, replace(SETTING, agents=1, heterogeneity=None), 2)
    assert found.upper is None
    assert "heterogeneity" in found.note
    with pytest.raises(efpep.InputError, match="how much the agents' gradients at x\\* differ") as refused:
        efpep.worst_case(METHOD, replace(SETTING, agents=2, heterogeneity=None), 2)
    assert one_sentence(refused.value)
