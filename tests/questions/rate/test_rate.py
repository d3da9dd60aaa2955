"""Rates against closed forms, explicit instances and an independent formulation with explicit agents."""

import warnings
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from support import uniform
from support.agents import Agents, record

import efpep
from efpep import Verdict

KAPPAS = [2, 10, 100, 1000, 10**4]
EPSILONS = ["0.01", "0.1", "0.5", "0.9", "0.99"]
SSC = efpep.SmoothStronglyConvex
FEEDBACK = [efpep.EF, efpep.EF21]


def root(epsilon):
    return mpmath.sqrt(mpmath.mpf(Fraction(epsilon).numerator) / Fraction(epsilon).denominator)


def closed_form(method, kappa, epsilon):
    """The literature's rate at the optimal step size, to 40 digits, written out here again."""
    with mpmath.workdps(40):
        s, k = root(epsilon), mpmath.mpf(Fraction(kappa).numerator) / Fraction(kappa).denominator
        if method is efpep.GD:
            rho = ((k - 1) / (k + 1)) ** 2
        elif method is efpep.CGD:
            condition = k * (1 + s) / (1 - s)
            rho = ((condition - 1) / (condition + 1)) ** 2
        elif k == 1:
            rho = s
        else:
            psi = 1 - s + mpmath.sqrt((1 + s) ** 2 + 16 * s * k / (k - 1) ** 2)
            rho = s + (1 - s) / 2 * ((k - 1) / (k + 1)) ** 2 * psi
        return Fraction(mpmath.nstr(rho, 38))


def limit(epsilon, smoothness=1):
    """The step size beyond which EF and EF21 do not converge, to 30 digits."""
    with mpmath.workdps(40):
        s = root(epsilon)
        return Fraction(mpmath.nstr(2 * (1 - s) / (1 + s), 30)) / smoothness


def check_narrow(rate):
    """An interval as narrow as promised, with a certificate that checks."""
    assert rate.verdict is Verdict.PROVED
    assert rate.certified
    assert 0 <= rate.lower <= rate.upper < 1
    assert rate.upper - rate.lower <= Fraction(1, 10**8)
    assert rate.upper - rate.lower <= Fraction(1, 10**4) * (1 - rate.upper)
    rate.certificate.check()


def check_contains(rate, value):
    check_narrow(rate)
    assert rate.lower <= value <= rate.upper


# --- the optimal step size -----------------------------------------------------------------------------------------------


@pytest.mark.fast_cases(10)
@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize(
    ("method", "agents"),
    [(efpep.EF, 1), (efpep.EF, 10), (efpep.EF21, 1), (efpep.EF21, 10), (efpep.CGD, 1)],
    ids=["EF-1", "EF-10", "EF21-1", "EF21-10", "CGD-1"],
)
def test_the_grid_of_closed_forms(method, agents, kappa, epsilon):
    rate = efpep.rate(method(), uniform(kappa, epsilon, agents))
    check_contains(rate, closed_form(method, kappa, epsilon))
    assert abs(rate.theory.value - closed_form(method, kappa, epsilon)) < Fraction(1, 10**30)
    assert rate.method.step_size == rate.certificate.method.step_size
    assert abs(rate.method.step_size / rate.step_size_source.value - 1) < Fraction(1, 10**16)


@pytest.mark.parametrize("kappa", ["1.0001", pytest.param("1.000000001", marks=pytest.mark.slow)])
@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21, efpep.CGD])
def test_condition_numbers_near_one(method, kappa):
    check_contains(efpep.rate(method(), uniform(kappa, "1/2")), closed_form(method, kappa, "1/2"))


@pytest.mark.parametrize("epsilon", ["1/2", "1/100", "99/100"])
@pytest.mark.parametrize("agents", [1, 10])
@pytest.mark.parametrize("method", FEEDBACK)
def test_condition_number_one_gives_the_root_of_epsilon(method, agents, epsilon):
    check_contains(efpep.rate(method(), uniform(1, epsilon, agents)), closed_form(method, 1, epsilon))


def test_compressed_gradient_descent_at_condition_number_one():
    check_contains(efpep.rate(efpep.CGD(), uniform(1, "1/2")), Fraction(1, 2))
    # all agents have the same gradient mu x: the mean of their residuals is as free as one agent's
    check_contains(efpep.rate(efpep.CGD(1), uniform(1, "1/2", 3)), Fraction(1, 2))


@pytest.mark.parametrize("kappa", [1, 2, 10, 10**4])
@pytest.mark.parametrize("agents", [1, 10])
@pytest.mark.parametrize("method", [efpep.GD, efpep.CGD, efpep.EF, efpep.EF21])
def test_without_compression_everything_is_gradient_descent(method, agents, kappa):
    step = 2 / (1 + Fraction(1, kappa))
    rate = efpep.rate(method(step), uniform(kappa, 0, agents))
    check_contains(rate, Fraction(kappa - 1, kappa + 1) ** 2)


@pytest.mark.parametrize("step", ["1/10", 1, "19/10"])
def test_gradient_descent_at_any_step_size(step):
    step = Fraction(step)
    expected = max(abs(1 - step / 10), abs(1 - step)) ** 2
    check_contains(efpep.rate(efpep.GD(step), efpep.Setting(SSC("1/10", 1), agents=3)), expected)


def test_gradient_descent_with_different_agents_has_averaged_constants():
    groups = [efpep.Group(SSC("1/10", 1), count=1), efpep.Group(SSC("1/2", 3), count=3)]
    mu, smoothness = Fraction("0.4"), Fraction("2.5")
    expected = ((smoothness - mu) / (smoothness + mu)) ** 2
    check_contains(efpep.rate(efpep.GD(), efpep.Setting(agents=groups)), expected)


@pytest.mark.parametrize("metric", ["distance", "gradient", "gap"])
@pytest.mark.parametrize(("method", "agents"), [(efpep.EF, 3), (efpep.EF21, 3), (efpep.CGD, 1), (efpep.GD, 2)])
def test_every_metric_has_the_same_rate(method, agents, metric):
    rate = efpep.rate(method(), uniform(10, "1/2", agents), metric=metric)
    check_contains(rate, closed_form(method, 10, "1/2"))
    assert rate.metric == metric
    assert metric in str(rate)


@pytest.mark.parametrize("scale", ["1/1000", "1/7", 2**20, 10**6])
@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21, efpep.CGD])
def test_the_unit_does_not_matter(method, scale):
    step = Fraction(1, 10)
    plain = efpep.rate(method(step), uniform(10, "1/2"))
    scaled = efpep.rate(method(step / Fraction(scale)), uniform(10, "1/2", scale=scale))
    for rate in (plain, scaled):
        check_narrow(rate)
    assert max(plain.lower, scaled.lower) <= min(plain.upper, scaled.upper)


@pytest.mark.parametrize(("kappa", "epsilon"), [(10, "1/2"), (1000, "0.99")])
def test_two_agents_and_a_thousand_million_have_the_same_answer(kappa, epsilon):
    two, many = (efpep.rate(efpep.EF21(), uniform(kappa, epsilon, n)) for n in (2, 10**9))
    assert (two.lower, two.upper) == (many.lower, many.upper)
    assert two.lyapunov == many.lyapunov
    assert two.certificate.upper == many.certificate.upper


# --- other step sizes ----------------------------------------------------------------------------------------------------

SPREAD = [
    (efpep.EF, 1, 2, "0.99"),
    (efpep.EF, 1, 10, "0.5"),
    (efpep.EF, 2, 1000, "0.9"),
    (efpep.EF21, 1, 1000, "0.9"),
    (efpep.EF21, 2, 10, "0.5"),
    (efpep.EF21, 2, 10**4, "0.1"),
]


def instance_rate(method, step, mu, smoothness, epsilon):
    """The square of the spectral radius of the method on quadratics with linear compressors: a bound below any rate."""
    s, found = np.sqrt(epsilon), 0.0
    for curvature in np.linspace(mu, smoothness, 20):
        for c in (1 - s, 1.0, 1 + s):
            if method is efpep.EF:  # x+ = x - c (e + eta g), e+ = (1 - c)(e + eta g)
                matrix = [[1 - c * step * curvature, -c], [(1 - c) * step * curvature, 1 - c]]
            elif method is efpep.EF21:  # x+ = x - eta d, d+ = d + c (g(x+) - d)
                matrix = [[1, -step], [c * curvature, 1 - c - c * curvature * step]]
            else:
                matrix = [[1 - c * step * curvature]]
            found = max(found, np.abs(np.linalg.eigvals(np.array(matrix))).max() ** 2)
    return found


def check_away(method, agents, kappa, epsilon):
    optimum = limit(epsilon) / (1 + Fraction(1, kappa))
    best = closed_form(method, kappa, epsilon)
    for step in (optimum * Fraction(3, 10), optimum * Fraction(9, 10), limit(epsilon) * Fraction(98, 100)):
        rate = efpep.rate(method(step), uniform(kappa, epsilon, agents))
        check_narrow(rate)
        assert rate.theory is None
        assert rate.step_size_source is None
        assert rate.upper >= best, "eta* is optimal"
        assert float(rate.upper) >= instance_rate(method, float(step), 1 / kappa, 1.0, float(Fraction(epsilon))) - 1e-9


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize(("method", "agents", "kappa", "epsilon"), SPREAD)
def test_other_step_sizes_are_as_narrow(method, agents, kappa, epsilon):
    check_away(method, agents, kappa, epsilon)


@pytest.mark.slow
@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("kappa", KAPPAS)
@pytest.mark.parametrize("agents", [1, 2])
@pytest.mark.parametrize("method", FEEDBACK)
def test_other_step_sizes_are_as_narrow_on_the_whole_grid(method, agents, kappa, epsilon):
    check_away(method, agents, kappa, epsilon)


def check_refuted(rate, tmp_path):
    assert rate.verdict is Verdict.REFUTED
    assert rate.certified
    assert rate.lower == 1
    assert rate.upper is None
    assert rate.lyapunov is None
    assert "no Lyapunov function" in rate.certificate.check()
    rate.certificate.save(tmp_path / "refuted.json")
    verdict = efpep.verify(tmp_path / "refuted.json")
    assert verdict.accepted, verdict.reason


@pytest.mark.fast_cases(25)
@pytest.mark.parametrize("epsilon", EPSILONS)
@pytest.mark.parametrize("kappa", [2, 100, 10**4])
@pytest.mark.parametrize("agents", [1, 2])
@pytest.mark.parametrize("method", FEEDBACK)
def test_beyond_the_stability_limit_nothing_contracts(method, agents, kappa, epsilon, tmp_path):
    step = limit(epsilon) * Fraction(102, 100)
    assert instance_rate(method, float(step), 1 / kappa, 1.0, float(Fraction(epsilon))) > 1
    check_refuted(efpep.rate(method(step), uniform(kappa, epsilon, agents)), tmp_path)


@pytest.mark.parametrize("factor", [2, 100, 10**6])
@pytest.mark.parametrize("method", FEEDBACK)
def test_far_beyond_the_stability_limit(method, factor, tmp_path):
    check_refuted(efpep.rate(method(limit("1/2") * factor), uniform(10, "1/2")), tmp_path)


@pytest.mark.parametrize("method", [efpep.GD, efpep.CGD, efpep.EF, efpep.EF21])
def test_no_step_no_contraction(method, tmp_path):
    check_refuted(efpep.rate(method(0), uniform(10, "1/2", 2)), tmp_path)


@pytest.mark.parametrize("epsilon", EPSILONS)
def test_the_stability_limit_of_compressed_gradient_descent(epsilon, tmp_path):
    with mpmath.workdps(40):
        edge = Fraction(mpmath.nstr(2 / (1 + root(epsilon)), 30))
    check_narrow(efpep.rate(efpep.CGD(edge * Fraction(98, 100)), uniform(10, epsilon)))
    check_refuted(efpep.rate(efpep.CGD(edge * Fraction(102, 100)), uniform(10, epsilon)), tmp_path)


def test_compressed_gradient_descent_with_several_agents(tmp_path):
    """Some step contracts for mild compression (kappa = 10, epsilon = .2: .90715503 at eta (L - mu) = 1.19, a step given to
    three digits, which leaves 4e-4 of the rate open), and none does once epsilon >= 4 kappa/(kappa + 1)^2.
    """
    rate = efpep.rate(efpep.CGD(Fraction("1.19") / Fraction("0.9")), uniform(10, "1/5", 2))
    check_narrow(rate)
    assert abs(float(rate.upper) - 0.90715503) < 4e-4
    for step in ("1/10", "1", "3/2"):
        check_refuted(efpep.rate(efpep.CGD(step), uniform(10, Fraction(40, 121) + Fraction(1, 100), 2)), tmp_path)


# --- agents of different kinds -------------------------------------------------------------------------------------------


def pair(mus, smoothnesses, epsilon, **sizes):
    groups = [
        efpep.Group(SSC(mu, smoothness), **(sizes or {"count": 1})) for mu, smoothness in zip(mus, smoothnesses, strict=True)
    ]
    return efpep.Setting(None, efpep.Contractive(1 - Fraction(epsilon)), groups)


def cubic_law(mus, smoothnesses, epsilon):
    """The two-agent rate law 4.3 of 2605.31594: the largest real root of a cubic."""
    s = np.sqrt(float(Fraction(epsilon)))
    r = (1 - s) ** 2 / (1 + s)
    (s1, s2), (d1, d2) = (
        [b + a for a, b in zip(mus, smoothnesses, strict=True)],
        [b - a for a, b in zip(mus, smoothnesses, strict=True)],
    )
    k1 = (d2**2 * s1 + d1**2 * s2) / (s1 * s2 * (s1 + s2))
    k2 = (d1 + d2) ** 2 / (s1 + s2) ** 2
    roots = np.roots([1, -(s * (2 + s) + r * (s * k1 + k2)), s**2 * (1 + 2 * s + r * (k1 + s * k2)), -(s**4)])
    return max(z.real for z in roots if abs(z.imag) < 1e-9)


@pytest.mark.parametrize(
    ("mus", "smoothnesses", "epsilon", "expected", "digits"),
    [((0.1, 0.3), (1, 2), "0.5", "0.9222538726", 9), ((0.05, 0.5), (1, 1), "0.2", "0.718321", 6)],
)
def test_two_agents_of_different_kinds(mus, smoothnesses, epsilon, expected, digits):
    """Measured independently for this project (THEORY 5), and at most the law of the literature, which is one V's rate."""
    rate = efpep.rate(efpep.EF21(), pair(mus, smoothnesses, epsilon))
    check_narrow(rate)
    room = Fraction(1, 10**digits)
    assert rate.lower - room <= Fraction(expected) <= rate.upper + room
    assert float(rate.lower) <= cubic_law(mus, smoothnesses, epsilon) + 1e-12
    assert rate.theory is None
    assert "empirical" in rate.step_size_source.source


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("sizes", [{"count": 2}, {"share": "1/2"}])
@pytest.mark.parametrize("method", FEEDBACK)
def test_two_groups_of_one_kind_are_one_group(method, sizes):
    rate = efpep.rate(method(), pair((0.1, 0.1), (1, 1), "1/2", **sizes))
    check_contains(rate, closed_form(method, 10, "1/2"))


def test_the_order_of_groups_does_not_matter():
    first, second = (
        efpep.rate(efpep.EF21("1/10"), pair(*sides, "1/2")) for sides in (((0.1, 0.3), (1, 2)), ((0.3, 0.1), (2, 1)))
    )
    check_narrow(first)
    assert max(first.lower, second.lower) <= min(first.upper, second.upper)


# --- an independent formulation ------------------------------------------------------------------------------------------


def explicit_rate(method, mu, smoothness, epsilon, step):
    """EF21 or EF with two explicit agents, as an LMI in plain vectors, bisected to 1e-6 with cvxpy and Clarabel.

    The features are x and both agents' gradients and memories; nothing is symmetric, nothing is scaled. The agents of EF21 are
    measured from their gradients at the minimiser, which changes no inequality. Contraction with a margin in every vector
    makes V dominate the distance.
    """
    import cvxpy as cp

    size = 9
    x, g1, g2, m1, m2, b1, b2, r1, r2 = np.eye(size)
    g, m, b, r = (g1, g2), (m1, m2), (b1, b2), (r1, r2)
    if method is efpep.EF21:
        after = x - step * (m1 + m2) / 2
        sent = [b[i] - m[i] for i in (0, 1)]
        kept = [m[i] + sent[i] - r[i] for i in (0, 1)]
    else:
        sent = [m[i] + step * g[i] for i in (0, 1)]
        after = x - sum(sent[i] - r[i] for i in (0, 1)) / 2
        kept = list(r)
    old, new = np.array([x, *g, *m]), np.array([after, *b, *kept])

    def form(u, v):
        return (np.outer(u, v) + np.outer(v, u)) / 2

    P, p, t = cp.Variable((5, 5), PSD=True), cp.Variable(nonneg=True), cp.Variable()
    total = -t * np.eye(size)
    values = {(i, k): 0 for i in (0, 1) for k in (0, 1)}
    for i in (0, 1):
        points = {"*": (0 * x, 0 * x), 0: (x, g[i]), 1: (after, b[i])}
        for j in points:
            for k in points:
                if j == k:
                    continue
                D, G = points[j][0] - points[k][0], points[j][1] - points[k][1]
                # f_k - f_j + <g_k, D> + ... <= 0
                row = form(points[k][1], D) + (form(G, G) / smoothness + mu * form(D, D) - 2 * mu / smoothness * form(G, D)) / (
                    2 * (1 - mu / smoothness)
                )
                multiplier = cp.Variable(nonneg=True)
                total = total + multiplier * row
                for point, sign in ((k, 1), (j, -1)):
                    if point != "*":
                        values[i, point] = values[i, point] + sign * multiplier
        multiplier = cp.Variable(nonneg=True)
        total = total + multiplier * (form(r[i], r[i]) - epsilon * form(sent[i], sent[i]))

    def margin(rho):
        lmi = rho * old.T @ P @ old - new.T @ P @ new + total
        constraints = [(lmi + lmi.T) / 2 >> 0, cp.trace(P) + p == 1]
        constraints += [rho * p / 2 + values[i, 0] == 0 for i in (0, 1)] + [-p / 2 + values[i, 1] == 0 for i in (0, 1)]
        problem = cp.Problem(cp.Maximize(t), constraints)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return problem.solve(solver=cp.CLARABEL)

    low, high = 0.0, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if margin(middle) > 0 else (middle, high)
    return high


@pytest.mark.parametrize(
    ("method", "kappa", "epsilon", "factor"), [(efpep.EF21, 5, 0.3, 0.6), (efpep.EF, 4, 0.25, 0.7)], ids=["EF21", "EF"]
)
def test_explicit_agents_give_the_same_rate_away_from_the_optimum(method, kappa, epsilon, factor):
    step = factor * 2 / (1 + 1 / kappa) * (1 - epsilon**0.5) / (1 + epsilon**0.5)
    rate = efpep.rate(method(step), uniform(kappa, Fraction(str(epsilon)), 2))
    check_narrow(rate)
    reference = explicit_rate(method, 1 / kappa, 1.0, epsilon, step)
    assert abs(float(rate.upper) - reference) < 1e-5


# --- what the Lyapunov function promises ---------------------------------------------------------------------------------


def lyapunov_value(rate, agents, features, gap_forms):
    """Evaluate V on explicit agents."""
    lyapunov, n = rate.lyapunov, len(agents.groups)
    several = len(agents.counts) > 1
    total = sum(float(a) * gap_forms[name] for name, a in lyapunov.gaps.items())
    for block, names in lyapunov.features.items():
        vectors = []
        for name in names:
            plain, group = (name[: name.index("[")], int(name[name.index("[") + 1 : -1]) - 1) if "[" in name else (name, 0)
            rows = features[plain]
            if rows.ndim == 1:
                vectors.append(rows[None])
                continue
            own = rows[np.array(agents.groups) == group] if several else rows
            mean = own.mean(axis=0)
            vectors.append(mean[None] if block == "mean" else (own - mean) / np.sqrt(len(own)))
        for i, u in enumerate(vectors):
            for j, v in enumerate(vectors):
                total += float(lyapunov.weights[block][i][j]) * np.sum(u * v)
    assert n == sum(agents.counts)
    return total


@pytest.mark.parametrize("metric", ["distance", "gradient", "gap"])
@pytest.mark.parametrize(
    ("method", "setting", "counts"),
    [
        (efpep.EF21(), uniform(10, "1/2", 3), [3]),
        (efpep.EF21("1/10"), pair((0.1, 0.3), (1, 2), "1/2"), [1, 1]),
        (efpep.EF(), uniform(10, "1/2", 3), [3]),
        (efpep.EF("1/20"), uniform(100, "1/2", 1), [1]),
        (efpep.CGD(), uniform(10, "1/2", 1), [1]),
        (efpep.GD(), uniform(10, "1/2", 2), [2]),
    ],
    ids=["EF21", "EF21-pair", "EF", "EF-alone", "CGD", "GD"],
)
def test_the_lyapunov_function_contracts_and_dominates_the_metric(method, setting, counts, metric):
    rate = efpep.rate(method, setting, metric=metric)
    upper, bound = float(rate.upper), float(rate.upper / rate.certificate.upper.margin)
    several = len(counts) > 1
    for seed in range(4):
        agents = Agents(setting, counts, seed, rate.method.common_minimiser, extreme=seed % 2 == 1)
        star = agents.minimiser
        for step in record(rate.method, agents, steps=5, top_k=seed > 1):

            def gaps(y, agents=agents, star=star):
                excess = agents.value(y) - agents.value(star) - agents.gradient(star) @ (y - star)
                return {f"f[{a + 1}]" if several else "f": float(v) for a, v in enumerate(agents.average(excess))}

            x, y = step.points[0], step.before["x"]
            before = lyapunov_value(rate, agents, step.before, gaps(x))
            after = lyapunov_value(rate, agents, step.after, gaps(step.after["x"] + star))
            value = {
                "distance": np.sum(y**2),
                "gradient": np.sum(agents.gradient(x).mean(axis=0) ** 2),
                "gap": np.mean(agents.value(x) - agents.value(star)),
            }[metric]
            assert before > 0
            assert after <= upper * before * (1 + 1e-9)
            assert value <= bound * before * (1 + 1e-9)


# --- the answer's form ---------------------------------------------------------------------------------------------------


def test_the_answer_says_what_is_proved():
    rate = efpep.rate(efpep.EF21(), uniform(10, "1/2", 10))
    assert "EF21" in str(rate)
    assert "0.9393" in str(rate)
    assert rate.solver == "theorem"
    assert 0 < rate.seconds < 60
    assert isinstance(rate.lower, Fraction)
    assert str(rate.lyapunov).startswith("V = ")
    assert "dev(g-d, g-d)" in str(rate.lyapunov)
    assert rate.lyapunov.features["mean"] == ("x", "g", "g-d")
    terms = {(t.block, t.left, t.right): t.coefficient for t in rate.lyapunov.terms()}
    assert terms["deviation", "g-d", "g-d"] > 0


@pytest.mark.parametrize("method", FEEDBACK)
def test_the_found_lyapunov_function_is_not_worse_than_that_of_the_literature(method):
    """The theorem's V has the rate rho*, so a rate below rho* would contradict nothing but one above it would."""
    setting = uniform(10, "1/2", 5)
    assert efpep.rate(method(), setting).lower <= closed_form(method, 10, "1/2")


def test_the_same_question_has_the_same_answer():
    first, second = (efpep.rate(efpep.EF21(), uniform(100, "0.9", 2)) for _ in range(2))
    assert first.certificate == second.certificate
