"""Randomised compressors: explicit agents with explicit fluctuations, exact and drawn expectations, and the number of agents."""

import itertools
import warnings
from dataclasses import dataclass
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from support import uniform

import efpep
from efpep.model.field import FLOATS

SSC = efpep.SmoothStronglyConvex
F = Fraction
SIZES = (1, 2, 10, 100, 10**6)
DRAWS = 10**5
DIMENSION = 4


def setting(compressor, agents, kappa=10):
    return efpep.Setting(SSC(F(1, kappa), 1), compressor, agents)


def check_narrow(rate):
    assert rate.certified
    assert 0 <= rate.lower <= rate.upper < 1
    assert rate.upper - rate.lower < F(1, 10**8)
    rate.certificate.check()


def check_overlap(one, other):
    for rate in (one, other):
        check_narrow(rate)
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)


# --- explicit agents, explicit fluctuations ------------------------------------------------------------------------------


class Gram:
    """A model in L2: vectors are rows over a basis, inner products are entries of a Gram matrix, values are variables."""

    def __init__(self, names, values):
        self.names = list(names)
        self.unit = dict(zip(self.names, np.eye(len(self.names)), strict=True))
        self.gram = cp.Variable((len(self.names), len(self.names)), PSD=True)
        self.values = {name: cp.Variable() for name in values}
        self.constraints = []

    def inner(self, u, v):
        return cp.sum(cp.multiply((np.outer(u, v) + np.outer(v, u)) / 2, self.gram))

    def square(self, u):
        return self.inner(u, u)

    def zero(self):
        return np.zeros(len(self.names))

    def interpolate(self, points, mu, L):
        """The interpolation inequalities of 1502.05666 for all ordered pairs (x, g, f), in expectation."""
        for (x, g, f), (y, h, e) in itertools.permutations(points, 2):
            D, G = x - y, g - h
            bound = self.inner(h, D) + self.square(G) / (2 * L) + mu / (2 * (1 - mu / L)) * self.square(D - G / L)
            self.constraints.append(f - e >= bound)

    def orthogonal(self, noise, past):
        """Fluctuations are orthogonal to the past of all agents, and to each other."""
        for n in noise:
            self.constraints += [self.inner(n, p) == 0 for p in past]
        self.constraints += [self.inner(a, b) == 0 for a, b in itertools.combinations(noise, 2)]

    def energy(self, lyapunov, features, gap):
        """V by its definition: means, and averages of products of deviations."""
        means = {name: sum(rows) / len(rows) for name, rows in features.items()}
        total = 0
        for term in lyapunov.terms():
            coefficient = float(term.coefficient / lyapunov.scale())
            if term.right is None:
                total = total + coefficient * gap
            elif term.block == "mean":
                total = total + coefficient * self.inner(means[term.left], means[term.right])
            else:
                pairs = list(zip(features[term.left], features[term.right], strict=True))
                spread = sum(self.inner(u - means[term.left], v - means[term.right]) for u, v in pairs) / len(pairs)
                total = total + coefficient * spread
        return total

    def worst(self, before, after):
        problem = cp.Problem(cp.Maximize(after), [*self.constraints, before <= 1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # the status below is what is asked
            problem.solve(solver=cp.CLARABEL, tol_gap_abs=1e-9, tol_gap_rel=1e-9, tol_feas=1e-9)
        assert problem.status in {"optimal", "optimal_inaccurate"}
        return float(problem.value)


def explicit_cgd(lyapunov, n, step, mu, compress):
    """One step of CGD with n agents that share their minimiser; ``compress(model, v, r, n)`` adds the class's inequality."""
    agents, kinds = range(n), ("g", "n", "h") if compress.unbiased else ("g", "r", "n", "h")
    model = Gram(["x", *(f"{k}{i}" for i in agents for k in kinds)], [f"{k}{i}" for i in agents for k in ("f", "e")])
    u, v = model.unit, model.values
    x = u["x"]
    g, r, noise, h = ([u.get(f"{k}{i}", model.zero()) for i in agents] for k in ("g", "r", "n", "h"))
    for i in agents:
        compress(model, g[i], r[i], noise[i])
    model.orthogonal(noise, [x, *g, *(r if not compress.unbiased else [])])
    y = x - step * sum(g[i] - r[i] + noise[i] for i in agents) / n
    for i in agents:
        model.interpolate([(model.zero(), model.zero(), 0), (x, g[i], v[f"f{i}"]), (y, h[i], v[f"e{i}"])], mu, 1)
    gaps = [sum(v[f"{k}{i}"] for i in agents) / n for k in ("f", "e")]
    return model.worst(model.energy(lyapunov, {"x": [x], "g": g}, gaps[0]), model.energy(lyapunov, {"x": [y], "g": h}, gaps[1]))


def explicit_ef21(lyapunov, n, step, mu, compress):
    """One step of EF21 with n agents whose minimisers differ: gradients at ``x*`` are free with mean zero."""
    agents = range(n)
    model = Gram(
        ["x", *(f"s{i}" for i in range(n - 1)), *(f"{k}{i}" for i in agents for k in ("g", "d", "r", "n", "h"))],
        [f"{k}{i}" for i in agents for k in ("f", "e")],
    )
    u, v = model.unit, model.values
    x = u["x"]
    star = [u[f"s{i}"] for i in range(n - 1)]
    star.append(-sum(star) if star else model.zero())
    g, d, r, noise, h = ([u[f"{k}{i}"] for i in agents] for k in ("g", "d", "r", "n", "h"))
    y = x - step * sum(d) / n
    for i in agents:
        model.interpolate([(model.zero(), star[i], 0), (x, g[i], v[f"f{i}"]), (y, h[i], v[f"e{i}"])], mu, 1)
        compress(model, h[i] - d[i], r[i], noise[i])
    model.orthogonal(noise, [x, *star[:-1], *g, *d, *h, *r])
    new = [h[i] - (d[i] + (h[i] - d[i]) - r[i] + noise[i]) for i in agents]
    gaps = [sum(v[f"{k}{i}"] - model.inner(star[i], point) for i in agents) / n for k, point in (("f", x), ("e", y))]
    now = {"x": [x], "g": [g[i] - star[i] for i in agents], "g-d": [g[i] - d[i] for i in agents]}
    then = {"x": [y], "g": [h[i] - star[i] for i in agents], "g-d": new}
    return model.worst(model.energy(lyapunov, now, gaps[0]), model.energy(lyapunov, then, gaps[1]))


@dataclass(frozen=True)
class Variance:
    """``|n|^2 <= omega |v|^2``, or ``|r|^2 + |n|^2 <= (1 - delta) |v|^2`` where there is a residual."""

    bound: float
    unbiased: bool

    def __call__(self, model, v, r, n):
        model.constraints.append(model.square(r) + model.square(n) <= self.bound * model.square(v))


def unbiased(omega):
    return Variance(omega, unbiased=True)


def randomized(delta):
    return Variance(1 - delta, unbiased=False)


EXPLICIT = {
    "CGD, unbiased": (explicit_cgd, efpep.CGD("1/2"), efpep.Unbiased(1), unbiased(1.0)),
    "CGD, unbiased, long step": (explicit_cgd, efpep.CGD("9/10"), efpep.Unbiased("1/2"), unbiased(0.5)),
    "CGD, randomized": (explicit_cgd, efpep.CGD("1/2"), efpep.Randomized("9/10"), randomized(0.9)),
    "EF21, randomized": (explicit_ef21, efpep.EF21("1/4"), efpep.Randomized("1/2"), randomized(0.5)),
}


@pytest.mark.fast_cases(9)
@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("name", EXPLICIT)
def test_explicit_agents_with_explicit_fluctuations(name, n):
    # The worst case of V over one step is at most upper (V contracts) and at least lower (no V of the class does better).
    build, method, compressor, compress = EXPLICIT[name]
    rate = efpep.rate(method, setting(compressor, n, kappa=5))
    check_narrow(rate)
    value = build(rate.lyapunov, n, float(method.step_size), 0.2, compress)
    assert float(rate.lower) - 1e-5 <= value <= float(rate.upper) + 1e-5


def test_the_explicit_model_would_see_a_wrong_number_of_agents():
    rate = efpep.rate(efpep.CGD("9/10"), setting(efpep.Unbiased("1/2"), 2, kappa=5))
    value = explicit_cgd(rate.lyapunov, 3, 0.9, 0.2, unbiased(0.5))
    assert value < float(rate.lower) - 1e-4


# --- the number of agents ------------------------------------------------------------------------------------------------

AGAINST_N = {
    "CGD, unbiased": (efpep.CGD("1/2"), efpep.Unbiased(1)),
    "CGD, unbiased, long step": (efpep.CGD("1"), efpep.Unbiased("1/2")),
    "CGD, randomized": (efpep.CGD("1/2"), efpep.Randomized("9/10")),
    "EF, randomized": (efpep.EF("1/4"), efpep.Randomized("1/2")),
    "EF21, randomized": (efpep.EF21("1/4"), efpep.Randomized("1/2")),
}


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("name", AGAINST_N)
def test_the_rate_as_a_function_of_n(name):
    method, compressor = AGAINST_N[name]
    rates = {n: efpep.rate(method, setting(compressor, n)) for n in SIZES}
    for n, rate in rates.items():
        check_narrow(rate)
        # All agents having the same quadratic a |x|^2 / 2 and unbiased compressors: (1 - h a)^2 + h^2 omega a^2 / n, whatever V.
        if isinstance(compressor, efpep.Unbiased):
            h, omega = method.step_size, compressor.omega
            for a in (F(1, 10), F(1)):
                assert rate.upper >= (1 - h * a) ** 2 + h**2 * omega * a**2 / n


@pytest.mark.parametrize("n", [1, 2, 10, 10**6])
def test_short_steps_of_unbiased_gradient_descent_have_a_closed_form(n):
    # V = |x - x*|^2: |x|^2 - 2 h <x, g> + h^2 |g|^2 + h^2 omega mean |g_i|^2 / n, worst at the curvature mu for short steps.
    h, mu, omega = F(1, 2), F(1, 10), F(1)
    rate = efpep.rate(efpep.CGD(h), setting(efpep.Unbiased(omega), n))
    check_narrow(rate)
    assert rate.lower <= (1 - h * mu) ** 2 + h**2 * omega * mu**2 / n <= rate.upper


@pytest.mark.parametrize("agents", [2, 10])
@pytest.mark.parametrize("omega", ["1/2", "3"])
def test_independent_draws_are_never_worse_than_shared_ones(omega, agents):
    method = efpep.CGD("1/4")
    alone, own, same = (
        efpep.rate(method, setting(efpep.Unbiased(omega, shared=shared), n))
        for shared, n in (("no", 1), ("no", agents), ("yes", agents))
    )
    for rate in (alone, own, same):
        check_narrow(rate)
    assert own.upper < same.lower
    assert alone.lower <= same.upper


def test_one_agent_has_no_one_to_share_with():
    for make in (efpep.Unbiased, efpep.Randomized):
        own, same = (efpep.rate(efpep.CGD("1/4"), setting(make("1/2", shared=shared), 1)) for shared in ("no", "yes"))
        assert (own.lower, own.upper) == (same.lower, same.upper)


SAME = [[{"count": 1}, {"count": 1}], [{"count": 1}, {"count": 2}], [{"count": 2}, {"count": 2}]]


@pytest.mark.parametrize("sizes", SAME, ids=["1+1", "1+2", "2+2"])
@pytest.mark.parametrize(
    ("method", "compressor"),
    [(efpep.CGD("1/2"), efpep.Unbiased(1)), (efpep.CGD("9/10"), efpep.Unbiased("1/2"))],
    ids=["CGD-short", "CGD-long"],
)
def test_identical_groups_of_independent_agents_are_one_group(method, compressor, sizes):
    total = sum(size["count"] for size in sizes)
    groups = setting(compressor, [efpep.Group(**size) for size in sizes])
    check_overlap(efpep.rate(method, setting(compressor, total)), efpep.rate(method, groups))


def test_shares_of_a_large_population_average_independent_noise_away():
    # A share stands for arbitrarily many agents, whose independent fluctuations have no mean left.
    many = efpep.rate(efpep.CGD("1/2"), setting(efpep.Unbiased(1), 10**9))
    share = efpep.rate(efpep.CGD("1/2"), setting(efpep.Unbiased(1), [efpep.Group(share=1)]))
    for rate in (many, share):
        check_narrow(rate)
    assert abs(share.upper - many.upper) < F(1, 10**7)


@pytest.mark.parametrize("agents", [1, 2, 10])
def test_no_variance_is_gradient_descent(agents):
    for compressor in (efpep.Unbiased(0), efpep.Randomized(1)):
        for method in (efpep.CGD("3/2"), efpep.EF21("3/2")):
            rate = efpep.rate(method, setting(compressor, agents))
            check_overlap(rate, efpep.rate(efpep.GD("3/2"), uniform(10, 0, agents)))


def test_a_small_variance_is_nearly_gradient_descent():
    exact = efpep.rate(efpep.GD("1/2"), uniform(10, 0, 3))
    rate = efpep.rate(efpep.CGD("1/2"), setting(efpep.Unbiased("1/1000000"), 3))
    assert exact.lower <= rate.upper < exact.upper + F(1, 10**6)


# --- runs ----------------------------------------------------------------------------------------------------------------


class Batch:
    """A run on many states at once: server vectors have the shape (draws, d), client vectors (draws, n, d)."""

    def __init__(self, hessians, minimisers, masks, factor):
        self.hessians, self.minimisers, self.masks, self.factor = hessians, minimisers, masks, factor

    def gradient(self, x):
        return np.einsum("nij,bnj->bni", self.hessians, x[:, None, :] - self.minimisers)

    def compress(self, v):
        return self.factor * self.masks * v

    def mean(self, v):
        return v.mean(axis=1)


class Trial:
    """Quadratics, the certified V, and Rand-K: ``V(next)/V(now)`` in one draw, in expectation, and at the worst state."""

    def __init__(self, rate, hessians, minimisers, kept, factor):
        self.rate, self.kept, self.factor = rate, kept, factor
        self.method = rate.method.over(FLOATS)
        self.hessians, self.minimisers = hessians, minimisers
        self.n, self.d = minimisers.shape
        pull = np.einsum("nij,nj->i", hessians, minimisers)
        self.best = np.linalg.solve(hessians.sum(axis=0), pull)
        self.terms = [(t, float(t.coefficient / rate.lyapunov.scale())) for t in rate.lyapunov.terms()]

    def state(self, flat):
        """States from rows ``(x, d_1, ..., d_n)``, relative to the equilibrium."""
        x = flat[:, : self.d]
        star = np.einsum("nij,nj->ni", self.hessians, self.best - self.minimisers)
        memories = [flat[:, self.d :].reshape(-1, self.n, self.d) + star for _ in self.method.memories]
        return self.method.State(x + self.best, *memories)

    @property
    def width(self):
        return self.d * (1 + self.n * len(self.method.memories))

    def energy(self, state):
        x = state.x - self.best
        slope = np.einsum("nij,bj->bni", self.hessians, x)
        features = {"x": x[:, None, :], "g": slope}
        gradient = np.einsum("nij,bnj->bni", self.hessians, state.x[:, None, :] - self.minimisers)
        for memory in self.method.memories:
            features[memory.feature] = gradient - getattr(state, memory.name)
        gap = np.einsum("bni,bi->b", slope, x) / (2 * self.n)
        total = np.zeros(len(x))
        for term, coefficient in self.terms:
            if term.right is None:
                total += coefficient * gap
                continue
            u, v = features[term.left], features[term.right]
            means = u.mean(axis=1), v.mean(axis=1)
            product = (means[0] * means[1]).sum(axis=1)
            if term.block != "mean":
                product = (u * v).sum(axis=2).mean(axis=1) - product
            total += coefficient * product
        return total

    def after(self, flat, masks):
        run = Batch(self.hessians, self.minimisers, masks, self.factor)
        return self.energy(self.method.step(self.state(flat), run))

    def expected(self, flat):
        """The exact mean over all choices of K coordinates of every agent."""
        one = [np.isin(np.arange(self.d), kept) for kept in itertools.combinations(range(self.d), self.kept)]
        choices = [np.array(masks, dtype=float) for masks in itertools.product(one, repeat=self.n)]
        return sum(self.after(flat, masks) for masks in choices) / len(choices)

    def worst_state(self):
        """The state that maximises the expected V after the step over V, by polarisation: both are quadratic."""
        eye = np.eye(self.width)
        matrices = []
        for value in (lambda z: self.energy(self.state(z)), self.expected):
            single = value(eye)
            pairs = [(i, j) for i in range(self.width) for j in range(i)]
            sums = value(np.array([eye[i] + eye[j] for i, j in pairs]))
            matrix = np.diag(single)
            for (i, j), total in zip(pairs, sums, strict=True):
                matrix[i, j] = matrix[j, i] = (total - single[i] - single[j]) / 2
            matrices.append(matrix)
        before, after = matrices
        root = np.linalg.cholesky(before)
        scaled = np.linalg.solve(root, np.linalg.solve(root, after).T)
        values, vectors = np.linalg.eigh((scaled + scaled.T) / 2)
        return values[-1], np.linalg.solve(root.T, vectors[:, -1])

    def drawn(self, flat, rng, draws=DRAWS):
        """The empirical mean of ``V(next)/V(now)`` over draws of the coordinates, and its standard error."""
        order = rng.random((draws, self.n, self.d)).argsort(axis=2).argsort(axis=2)
        ratio = self.after(np.repeat(flat[None, :], draws, axis=0), (order < self.kept).astype(float))
        ratio /= self.energy(self.state(flat[None, :]))[0]
        return ratio.mean(), ratio.std() / np.sqrt(draws)


def hessians_of(kind, n, rng):
    """Random ones with spectra that attain mu and L, diagonal ones, and ones that oppose each other."""
    mu, L, d = 0.1, 1.0, DIMENSION
    found = []
    for i in range(n):
        spectrum = np.concatenate([[mu, L], rng.uniform(mu, L, d - 2)])
        if kind == "random":
            basis, _ = np.linalg.qr(rng.standard_normal((d, d)))
        else:
            basis = np.eye(d)
            spectrum = rng.choice([mu, L], d) if kind == "diagonal" else np.where((np.arange(d) + i) % 2, mu, L)
        h = (basis * spectrum) @ basis.T
        found.append((h + h.T) / 2)
    return np.array(found)


def trial(cls, step, kind, n, kept):
    rng = np.random.default_rng([5, n, kept, *kind.encode()])
    hessians = hessians_of(kind, n, rng)
    if cls is efpep.CGD:
        compressor, factor = efpep.Unbiased(F(DIMENSION, kept) - 1), DIMENSION / kept
        minimisers = np.repeat(rng.standard_normal((1, DIMENSION)), n, axis=0)
    else:
        compressor, factor = efpep.Randomized(F(kept, DIMENSION)), 1.0
        minimisers = rng.standard_normal((n, DIMENSION))
    rate = efpep.rate(cls(step), setting(compressor, n))
    check_narrow(rate)
    return Trial(rate, hessians, minimisers, kept, factor), rng


RUNS = [
    (cls, step, kind, n, kept)
    for cls, step, kept in ((efpep.CGD, "1/3", 2), (efpep.CGD, "1/4", 1), (efpep.EF21, "1/4", 2), (efpep.EF21, "1/16", 1))
    for kind in ("random", "diagonal", "opposed")
    for n in (1, 2, 3)
]


def check_run(cls, step, kind, n, kept):
    found, rng = trial(cls, step, kind, n, kept)
    worst, state = found.worst_state()
    bound = float(found.rate.upper)
    assert worst <= bound + 1e-9, "the exact expectation"
    for flat in (state, rng.standard_normal(found.width), rng.standard_cauchy(found.width)):
        mean, error = found.drawn(flat, rng)
        assert mean <= bound + 4 * error + 1e-12
    mean, error = found.drawn(state, rng)
    assert abs(mean - worst) <= 5 * error + 1e-9, "the draws agree with the exact expectation"
    return worst


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize(("cls", "step", "kind", "n", "kept"), [r for r in RUNS if r[3] == 2 and r[4] == 2])
def test_drawn_runs_never_exceed_the_proved_rate(cls, step, kind, n, kept):
    assert check_run(cls, step, kind, n, kept) > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("cls", "step", "kind", "n", "kept"), RUNS)
def test_drawn_runs_never_exceed_the_proved_rate_anywhere(cls, step, kind, n, kept):
    assert check_run(cls, step, kind, n, kept) > 0.5


def test_a_run_attains_the_rate_of_unbiased_gradient_descent():
    # The common quadratic mu |x|^2 / 2: the exact expectation is the closed form, so the certified rate is sharp there.
    rate = efpep.rate(efpep.CGD("1/2"), setting(efpep.Unbiased(1), 2))
    found = Trial(rate, np.repeat(0.1 * np.eye(DIMENSION)[None], 2, axis=0), np.zeros((2, DIMENSION)), 2, 2.0)
    worst, _ = found.worst_state()
    assert worst == pytest.approx((1 - 0.05) ** 2 + 0.25 * 0.01 / 2, abs=1e-12)
    assert float(rate.lower) - 1e-9 <= worst <= float(rate.upper) + 1e-9
