"""Groups of agents: the rate law of the literature, identical groups, and PEPit with every agent written out."""

import time
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from support import uniform

import efpep

SSC = efpep.SmoothStronglyConvex
ROUNDED = Fraction(1, 10**14)
"""What a step size of 17 digits may change in a rate."""
WIDTH = Fraction(1, 10**8)


def short(value):
    """A random number as it would be typed: six significant digits, read exactly."""
    return Fraction(f"{value:.6g}")


@dataclass(frozen=True)
class Law:
    """Weighted groups (mu, L) under one compressor, and the rate law 4.3 of 2605.31594 written out for them again."""

    kinds: tuple[tuple[Fraction, Fraction], ...]
    weights: tuple[Fraction, ...]
    epsilon: Fraction
    shares: bool = False

    @property
    def setting(self):
        total = sum(self.weights)
        sizes = [{"share": w / total} if self.shares else {"count": int(w)} for w in self.weights]
        groups = [efpep.Group(SSC(mu, L), **size) for (mu, L), size in zip(self.kinds, sizes, strict=True)]
        return efpep.Setting(None, efpep.Contractive(1 - self.epsilon), groups)

    @property
    def cubic(self):
        """The largest root of THEORY 4's cubic, with the averages over weighted groups, to 30 digits."""
        with mpmath.workdps(60):

            def number(a):
                return mpmath.mpf(a.numerator) / a.denominator

            s = mpmath.sqrt(number(self.epsilon))
            w = [number(Fraction(a) / sum(self.weights)) for a in self.weights]
            S = [number(L + mu) for mu, L in self.kinds]
            D = [number(L - mu) for mu, L in self.kinds]
            mean = mpmath.fdot(w, S)
            first = sum(a * d**2 / b for a, b, d in zip(w, S, D, strict=True)) / mean
            second = (mpmath.fdot(w, D) / mean) ** 2
            r = (1 - s) ** 2 / (1 + s)
            square = -(s * (2 + s) + r * (s * first + second))
            linear = s**2 * (1 + 2 * s + r * (first + s * second))
            roots = mpmath.polyroots([1, square, linear, -(s**4)], maxsteps=500, extraprec=400)
            return Fraction(mpmath.nstr(max(mpmath.re(z) for z in roots if abs(mpmath.im(z)) < mpmath.mpf(10) ** -25), 30))


def draw(seed, count):
    """A random heterogeneous population: L over three decades, kappa up to 1000, epsilon across (0, 1)."""
    rng = np.random.default_rng([14, seed, count])
    kinds = []
    for _ in range(count):
        L, kappa = short(10 ** rng.uniform(0, 3)), short(10 ** rng.uniform(0.005, 3))
        kinds.append((short(float(L / kappa)), L))
    if count == 2:
        weights, shares = (Fraction(1), Fraction(1)), False
    else:
        weights, shares = tuple(Fraction(int(k)) for k in rng.integers(1, 10, count)), bool(seed % 2)
    return Law(tuple(kinds), weights, short(rng.uniform(0.01, 0.99)), shares)


PAIRS = [draw(seed, 2) for seed in range(200)]
SEVERAL = [draw(seed, 3 + seed % 3) for seed in range(50)]
SPREAD = [
    *PAIRS[:3],
    Law(((Fraction(1, 1000), Fraction(1)), (Fraction(1), Fraction(1000))), (Fraction(1), Fraction(1)), Fraction(1, 100)),
    Law(((Fraction(1), Fraction(1000)), (Fraction(1, 2), Fraction(1))), (Fraction(1), Fraction(1)), Fraction(99, 100)),
    Law(((Fraction(999, 1000), Fraction(1)), (Fraction(1), Fraction(1000))), (Fraction(1), Fraction(1)), Fraction(1, 2)),
    SEVERAL[0],
]
FIRST = Law(((Fraction(1, 10), Fraction(1)), (Fraction(3, 10), Fraction(2))), (Fraction(1), Fraction(1)), Fraction(1, 2))
SECOND = Law(((Fraction(1, 20), Fraction(1)), (Fraction(1, 2), Fraction(1))), (Fraction(1), Fraction(1)), Fraction(1, 5))


def check_narrow(rate, width=WIDTH):
    assert rate.certified
    assert 0 <= rate.lower <= rate.upper < 1
    assert rate.upper - rate.lower < width
    rate.certificate.check()


def check_overlap(one, other):
    for rate in (one, other):
        check_narrow(rate)
    assert max(one.lower, other.lower) <= min(one.upper, other.upper)


def check_law(law):
    rate = efpep.rate(efpep.EF21(), law.setting, lyapunov="literature")
    check_narrow(rate)
    assert rate.lower - ROUNDED <= law.cubic <= rate.upper + ROUNDED


# --- the rate law --------------------------------------------------------------------------------------------------------


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("law", SPREAD)
def test_the_given_law_has_the_rate_of_the_cubic(law):
    check_law(law)


@pytest.mark.slow
@pytest.mark.parametrize("law", PAIRS)
def test_two_hundred_pairs_have_the_rate_of_the_cubic(law):
    check_law(law)


@pytest.mark.slow
@pytest.mark.parametrize("law", SEVERAL)
def test_fifty_populations_have_the_rate_of_the_cubic(law):
    check_law(law)


def test_the_cubic_is_written_out_twice_alike():
    from efpep.theory.error_feedback import cubic_rate

    for law in (*PAIRS[:20], *SEVERAL[:10], FIRST, SECOND):
        assert abs(cubic_rate(law.setting).value - law.cubic) < Fraction(1, 10**20)


def check_free(law):
    rate = efpep.rate(efpep.EF21(), law.setting, width="9e-10")
    check_narrow(rate)
    assert rate.upper <= law.cubic + Fraction(1, 10**9)


@pytest.mark.parametrize("law", [SPREAD[3], FIRST])
def test_the_best_function_is_never_slower_than_the_law(law):
    check_free(law)


@pytest.mark.slow
@pytest.mark.parametrize("law", [*PAIRS, *SEVERAL, *SPREAD[3:6]])
def test_the_best_function_is_never_slower_than_the_law_anywhere(law):
    check_free(law)


@pytest.mark.parametrize(("law", "free", "given"), [(FIRST, "0.9222538726", "0.9222542488"), (SECOND, "0.718321", "0.718962")])
def test_the_law_is_not_the_optimum(law, free, given):
    best, fixed = efpep.rate(efpep.EF21(), law.setting), efpep.rate(efpep.EF21(), law.setting, lyapunov="literature")
    for rate, printed in ((best, free), (fixed, given)):
        check_narrow(rate)
        digits = Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
        assert rate.lower - digits <= Fraction(printed) <= rate.upper + digits
    assert best.upper < fixed.lower, "the two intervals are apart, so that the law is proved not to be optimal"
    assert abs(law.cubic - Fraction(given)) < Fraction(1, 10 ** len(given.partition(".")[2]))


# --- identical groups ----------------------------------------------------------------------------------------------------

SAME = [
    pytest.param([{"count": 1}, {"count": 1}], id="two of one"),
    pytest.param([{"share": "1/4"}, {"share": "3/4"}], id="two shares"),
    pytest.param([{"count": 2}, {"count": 3}], id="two and three", marks=pytest.mark.slow),
    pytest.param([{"count": 1}, {"count": 10**6}], id="one and many", marks=pytest.mark.slow),
    pytest.param([{"share": "1/7"}, {"share": "2/7"}, {"share": "4/7"}], id="three shares", marks=pytest.mark.slow),
]


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("sizes", SAME)
@pytest.mark.parametrize("method", [efpep.EF(), efpep.EF21(), efpep.EF21("1/12")], ids=["EF", "EF21", "EF21-short"])
def test_identical_groups_are_one_group(method, sizes):
    plain = uniform(10, "1/2", 5)
    groups = efpep.Setting(plain.functions, plain.compressor, [efpep.Group(**size) for size in sizes])
    check_overlap(efpep.rate(method, plain), efpep.rate(method, groups))


@pytest.mark.slow
@pytest.mark.parametrize("sizes", SAME)
@pytest.mark.parametrize(
    "method",
    [efpep.EF21Momentum("1/8", theta="1/2"), efpep.EF21HeavyBall("1/8", beta="1/10"), efpep.EControl("1/8", eta="1/10")],
    ids=lambda method: method.key,
)
def test_identical_groups_are_one_group_for_every_method(method, sizes):
    plain = uniform(10, "1/2", 5)
    groups = efpep.Setting(plain.functions, plain.compressor, [efpep.Group(**size) for size in sizes])
    check_overlap(efpep.rate(method, plain), efpep.rate(method, groups))


@pytest.mark.parametrize("method", [efpep.EF21P("1/2"), efpep.EF21BC("1/10")], ids=lambda method: method.key)
def test_identical_groups_are_one_group_with_a_compressing_server(method):
    server = efpep.Contractive("9/10")
    plain = efpep.Setting(SSC("1/10", 1), efpep.Contractive("1/2"), 3, server)
    groups = efpep.Setting(SSC("1/10", 1), efpep.Contractive("1/2"), [efpep.Group(count=1), efpep.Group(count=2)], server)
    check_overlap(efpep.rate(method, plain), efpep.rate(method, groups))


def test_a_group_of_one_alone_is_one_agent():
    alone = efpep.Setting(SSC("1/10", 1), efpep.Contractive("1/2"), [efpep.Group(count=1)])
    many = efpep.Setting(SSC("1/10", 1), efpep.Contractive("1/2"), [efpep.Group(share=1)])
    for method in (efpep.EF(), efpep.EF21()):
        check_overlap(efpep.rate(method, alone), efpep.rate(method, uniform(10, "1/2", 1)))
        check_overlap(efpep.rate(method, many), efpep.rate(method, uniform(10, "1/2", 2)))


# --- sizes ---------------------------------------------------------------------------------------------------------------


def mixed(first, second):
    return efpep.Setting(
        None, efpep.Contractive("1/2"), [efpep.Group(SSC("1/10", 1), **first), efpep.Group(SSC("3/10", 2), **second)]
    )


def test_only_shares_matter():
    few = efpep.rate(efpep.EF21(), mixed({"count": 2}, {"count": 4}))
    many = efpep.rate(efpep.EF21(), mixed({"count": 2000}, {"count": 4000}))
    share = efpep.rate(efpep.EF21(), mixed({"share": "1/3"}, {"share": "2/3"}))
    assert (few.lower, few.upper) == (many.lower, many.upper) == (share.lower, share.upper)


def test_the_order_of_groups_does_not_matter():
    ahead = mixed({"count": 1}, {"count": 3})
    behind = efpep.Setting(None, ahead.compressor, ahead.agents[::-1])
    for lyapunov in (None, "literature"):
        one, other = (efpep.rate(efpep.EF21(), setting, lyapunov=lyapunov) for setting in (ahead, behind))
        check_overlap(one, other)


@pytest.mark.slow
def test_the_rate_depends_on_the_shares():
    even, uneven = (efpep.rate(efpep.EF21("1/10"), mixed({"count": a}, {"count": b})) for a, b in ((2, 2), (9, 2)))
    assert even.upper < uneven.lower or uneven.upper < even.lower


@pytest.mark.slow
def test_a_split_group_is_the_group():
    whole = mixed({"share": "1/3"}, {"share": "2/3"})
    first, second = whole.agents
    parts = [first, efpep.Group(second.functions, share="1/6"), efpep.Group(second.functions, share="1/2")]
    split = efpep.Setting(None, whole.compressor, parts)
    check_overlap(efpep.rate(efpep.EF21(), whole), efpep.rate(efpep.EF21(), split))


@pytest.mark.slow
def test_groups_may_differ_in_their_compressors_alone():
    # the group that does not compress has no tracking error; the mixture lies between the two pure populations
    rates = {}
    for name, (one, other) in {"fine": ("9/10", "9/10"), "mixed": ("9/10", "1/2"), "coarse": ("1/2", "1/2")}.items():
        groups = [efpep.Group(compressor=efpep.Contractive(delta), share="1/2") for delta in (one, other)]
        rates[name] = efpep.rate(efpep.EF21("1/8"), efpep.Setting(SSC("1/10", 1), agents=groups))
        check_narrow(rates[name])
    assert rates["fine"].lower <= rates["mixed"].upper
    assert rates["mixed"].lower <= rates["coarse"].upper


FIVE = Law(
    tuple((Fraction(L, kappa), Fraction(L)) for L, kappa in ((1, 10), (2, 5), (5, 20), (10, 50), (20, 100))),
    tuple(map(Fraction, (3, 1, 4, 1, 5))),
    Fraction(1, 2),
)


@pytest.mark.slow
def test_five_groups_are_answered_in_seconds():
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        check_narrow(efpep.rate(efpep.EF21(), FIVE.setting))
        times.append(time.perf_counter() - begin)
    assert min(times) < 5


# --- explicit agents -----------------------------------------------------------------------------------------------------

PARAMETERS = [
    efpep.EF("1/8"),
    efpep.EF21("1/8"),
    efpep.EF21Momentum("1/8", theta="2/3"),
    pytest.param(efpep.EF21HeavyBall("1/8", beta="1/10"), marks=pytest.mark.slow),
    pytest.param(efpep.EControl("1/8", eta="1/10"), marks=pytest.mark.slow),
    efpep.EF21P("1/3"),
    efpep.EF21BC("1/10"),
]


def explicit(counts):
    """Small groups whose functions and compressors differ, behind a compressing server."""
    kinds = [(SSC("1/5", 1), "1/2"), (SSC("1/2", 2), "3/4"), (SSC("1/4", "1/2"), "2/3")]
    groups = [efpep.Group(f, efpep.Contractive(delta), count=k) for (f, delta), k in zip(kinds, counts, strict=False)]
    return efpep.Setting(agents=groups, server_compressor=efpep.Contractive("9/10"))


@pytest.mark.parametrize("counts", [(1, 1), pytest.param((1, 2), marks=pytest.mark.slow)], ids=["n=2", "n=3"])
@pytest.mark.parametrize("method", PARAMETERS, ids=lambda method: method.key)
def test_pepit_with_explicit_agents_of_different_kinds(method, counts):
    setting = explicit(counts)
    rate = efpep.rate(method, setting)
    check_narrow(rate)
    found = efpep.crosscheck(method, setting, rate=rate)
    assert found.agents == sum(counts)
    assert found.agrees, str(found)
    assert abs(found.difference) < 1e-6


def test_pepit_with_three_explicit_agents_of_two_kinds():
    setting = explicit((1, 2))
    for method in (efpep.EF21("1/8"), efpep.EF21P("1/3")):
        found = efpep.crosscheck(method, setting)
        assert (found.agents, found.agrees) == (3, True), str(found)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["distance", "gradient", "gap"])
@pytest.mark.parametrize("counts", [(2, 1), (1, 1, 1)], ids=["two and one", "three kinds"])
@pytest.mark.parametrize("method", PARAMETERS, ids=lambda method: method.key)
def test_pepit_with_three_explicit_agents_in_every_metric(method, counts, metric):
    found = efpep.crosscheck(method, explicit(counts), metric)
    assert found.agrees, str(found)
    assert abs(found.difference) < 1e-6


@pytest.mark.parametrize("law", [FIRST, SECOND, Law(FIRST.kinds, (Fraction(1), Fraction(2)), Fraction(1, 4))])
def test_pepit_finds_the_cubic_for_the_given_law(law):
    rate = efpep.rate(efpep.EF21(), law.setting, lyapunov="literature")
    found = efpep.crosscheck(efpep.EF21(), law.setting, rate=rate)
    assert found.agrees, str(found)
    assert found.value == pytest.approx(float(law.cubic), abs=1e-6)
