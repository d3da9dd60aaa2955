"""``efpep.compare``: certified Lyapunov functions along runs, and that every run keeps what is proved."""

import json
from dataclasses import replace
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.cli import main
from efpep.compressors.operators import Adversarial
from efpep.errors import ContradictionError
from efpep.simulate.compare import outward
from efpep.simulate.comparisons import comparisons
from efpep.simulate.follow import follow
from efpep.simulate.problems import LeastAbsoluteDeviations, RandomQuadratics, RidgeRegression
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.tightness import check_slow, tightness

METHODS = {
    "ef": efpep.EF(),
    "ef21": efpep.EF21(),
    "cgd": efpep.CGD("3/10"),
    "econtrol": efpep.EControl("1/10", "1/10"),
    "ef21-momentum": efpep.EF21Momentum("1/5", "3/4"),
}
SETTINGS = {1: (10, "3/4"), 3: (5, "9/10")}
"""Clients, condition number and delta of the certified rates."""


@cache
def certified(key, n):
    kappa, delta = SETTINGS[n]
    return efpep.rate(METHODS[key], uniform(kappa, 1 - Fraction(delta), n))


def operator_of(rng, delta, d):
    kind = rng.integers(4)
    if kind == 0:
        return efpep.TopK(int(np.ceil(float(delta) * d)))
    if kind == 1:
        return Adversarial(delta)
    if kind == 2:
        return Adversarial(delta, [str(round(a, 6)) for a in rng.standard_normal(d)])
    return Adversarial(delta + (1 - delta) * Fraction(int(rng.integers(0, 100)), 100))


def problem_of(rng, kappa, n, *, common):
    d = int(rng.integers(1, 9))
    shape = rng.choice(["uniform", "logarithmic", "extreme"])
    wild = 0 if common or n == 1 else str(round(float(10 ** rng.uniform(-2, 2)), 6))
    condition = kappa if rng.integers(2) else str(round(float(rng.uniform(1, kappa)), 6))
    smoothness = 1 if condition == kappa else str(round(float(rng.uniform(float(condition) / kappa + 1e-5, 1)), 6))
    seed = int(rng.integers(10**6))
    return RandomQuadratics(n, d, condition, smoothness, wild, str(shape), seed=seed)


def check_combination(key, number):
    rng = np.random.default_rng([number, *key.encode()])
    n = (1, 3)[int(rng.integers(2))]
    rate = certified(key, n)
    kappa, delta = SETTINGS[n]
    problem = problem_of(rng, kappa, n, common=rate.method.common_minimiser)
    operator = operator_of(rng, Fraction(delta), problem.dimension)
    start = 10.0 ** rng.uniform(-3, 3) * rng.standard_normal(problem.dimension)
    found = follow(rate, problem, 30, operator, seed=number, start=start)
    before, after = found.energies[found.first : -1], found.energies[found.first + 1 :]
    assert np.all(np.isfinite(after))
    assert np.all(after <= float(rate.upper) * before + 1e-9 * before + found.level)
    assert found.level <= 1e-10 * found.energies[0]  # what counts as rounding error stays far below the slack at the start
    return found


@pytest.mark.fast_cases(3)
@pytest.mark.parametrize("key", list(METHODS))
def test_no_run_contracts_slower_than_proved(key):
    assert certified(key, 1).upper < 1
    assert certified(key, 3).upper < 1
    found = [check_combination(key, number) for number in range(12)]
    assert max(run.worst for run in found) > 0.5  # something was measured


@pytest.mark.slow
@pytest.mark.parametrize("key", list(METHODS))
def test_no_run_of_two_hundred_contracts_slower_than_proved(key):
    for number in range(200):
        check_combination(key, 1000 + number)


@pytest.mark.parametrize("method", [efpep.EF(), efpep.EF21()])
def test_the_worst_run_attains_the_proved_rate(method):
    # f = mu x^2/2 or L x^2/2 and C(v) = (1 + s) v: the tight rate of 2506.05271, once the state points along the slow direction
    tight = _tight(10, 0.5**0.5)
    problem = Quadratics([[[Fraction(1, 10)]]], [0])
    rate = efpep.rate(method, uniform(10, "1/2"))
    found = follow(rate, problem, 60, Adversarial("1/2"), start=[1])
    assert found.worst == pytest.approx(tight, abs=1e-8)
    assert found.proved == pytest.approx(tight, abs=1e-8)


def _tight(kappa, s):
    psi = 1 - s + ((1 + s) ** 2 + 16 * s * kappa / (kappa - 1) ** 2) ** 0.5
    return s + (1 - s) / 2 * ((kappa - 1) / (kappa + 1)) ** 2 * psi


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize(("key", "within"), [("cgd", 0.02), ("ef", 0.1), ("ef21", 0.1)])
@pytest.mark.parametrize("kappa", [5, 50])
def test_the_slowest_quadratic_is_close_to_the_proved_rate(key, within, kappa):
    method = {"cgd": efpep.CGD(), "ef": efpep.EF(), "ef21": efpep.EF21()}[key]
    found = tightness(method, uniform(kappa, "1/5"))
    assert found.slowest.check()
    assert 0 <= found.gap <= within
    assert 0 <= found.gap_of_progress <= within  # far stricter
    assert "slowest quadratic" in str(found)
    s = 0.2**0.5
    slow, fast = 1 - s, (1 + s) * kappa
    expected = ((fast - slow) / (fast + slow)) ** 2 if key == "cgd" else _tight(kappa, s)
    assert found.found == pytest.approx(expected, abs=1e-7)


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("period", [1, 2])
@pytest.mark.parametrize("key", ["ef", "ef21", "econtrol", "ef21-momentum"])
def test_a_run_on_the_slowest_quadratic_shrinks_as_is_proved(key, period):
    found = tightness(METHODS[key], uniform(10, "1/4"), period)
    sizes = check_slow(found.slowest)
    instance = found.slowest.lower
    assert sizes[1:] / sizes[:-1] == pytest.approx(float(instance.radius), abs=1e-7)
    with pytest.raises(ContradictionError, match="faster than by the proved") as caught:
        check_slow(replace(found.slowest, lower=replace(instance, radius=instance.radius + Fraction(1, 10**5))))
    assert one_sentence(caught.value)


class Liar(efpep.TopK):
    """Declares that it keeps more than it does."""

    def belongs_to(self, dimension):
        del dimension
        return efpep.Contractive("99/100")


class Flatterer(RandomQuadratics):
    """Declares a larger mu than it has."""

    @property
    def mu(self):
        return 0.9


def test_a_run_that_breaks_the_bound_is_an_error():
    problem = RandomQuadratics(n=2, d=10, kappa=10)
    with pytest.raises(ContradictionError, match=r"^step \d+ of EF21 took V from") as caught:
        efpep.compare(efpep.EF21(), problem, 100, Liar(1))
    assert one_sentence(caught.value)
    assert isinstance(caught.value, efpep.CertificateError)
    with pytest.raises(ContradictionError):
        efpep.compare(efpep.EF21(), Flatterer(n=2, d=10, kappa=100, spectrum="extreme"), 100, efpep.TopK(9))


def test_a_random_run_that_breaks_the_bound_by_far_is_an_error():
    problem = RandomQuadratics(n=2, d=10, kappa=10)
    found = efpep.compare(efpep.EF21("1/10"), problem, 100, efpep.RandK(5))
    assert found.rate.setting.random
    unlucky = found.bound.copy()
    unlucky[50:] *= 1e8
    replace(found, energies=unlucky).check()  # this may happen, with probability 1e-8
    unlucky[50:] *= 1e2
    with pytest.raises(ContradictionError):
        replace(found, energies=unlucky).check()


def test_numbers_that_are_none_are_an_error():
    found = efpep.compare(efpep.EF21(), RandomQuadratics(n=1, d=4), 10, efpep.TopK(3))
    energies = found.energies.copy()
    energies[5] = np.nan
    with pytest.raises(ContradictionError):
        replace(found, energies=energies).check()


@pytest.mark.parametrize("heterogeneity", [0, 1])
def test_a_comparison_says_what_was_measured(heterogeneity, tmp_path):
    problem = RandomQuadratics(n=3, d=6, kappa=10, heterogeneity=heterogeneity)
    found = efpep.compare(efpep.EF21(), problem, 60, efpep.TopK(3))
    assert found.energies.shape == found.distances.shape == found.bound.shape == (61,)
    assert 0 < found.observed <= found.worst <= found.proved
    assert found.bound[2] == pytest.approx(found.energies[0] * found.proved**2)
    assert np.all(found.energies <= found.bound * (1 + 1e-6) + found.level)
    assert found.rate.certificate.check()
    run = efpep.simulate(efpep.EF21(found.rate.method.step_size), problem, 60, efpep.TopK(3))
    assert np.allclose(run["distance"], found.distances, rtol=1e-9, atol=1e-25)
    assert "keeps the proved bound" in str(found)
    axes = found.plot()
    assert len(axes.lines) == 2
    from efpep.simulate.comparison_figure import save_comparison

    assert all(path.exists() for path in save_comparison(found, tmp_path / "bounds.pdf"))


def test_data_with_constants_of_its_own():
    problem = RidgeRegression(data="diabetes", n=2)
    found = efpep.compare(efpep.EF21(), problem, 20, efpep.TopK(problem.dimension - 1))
    assert found.rate.setting.functions.mu <= problem.mu * (1 + 1e-11)
    assert found.rate.setting.functions.L >= problem.L * (1 - 1e-11)


def test_constants_are_rounded_outwards():
    assert outward(0.1 + 1e-17, up=False) == Fraction(1, 10)
    third = 1 / 3
    assert outward(third, up=False) < Fraction(third) < outward(third, up=True)
    assert outward(third, up=True) - outward(third, up=False) < Fraction(3, 10**10)


def test_a_report_has_a_line_for_every_combination():
    problems = [RandomQuadratics(n=2, d=4, kappa=5, heterogeneity=1), RandomQuadratics(n=1, d=4, kappa=5)]
    operators = [efpep.TopK(3), efpep.RandK(3)]
    found = comparisons([efpep.EF(), efpep.EF21()], problems, operators, 30, search=True)
    assert len(found.lines) == 8
    assert "share one minimiser" in found.lines[0].remark
    assert found.lines[2].comparison is not None
    assert found.lines[2].tight.gap < 0.01
    table = found.markdown().splitlines()
    assert len(table) == 10
    assert all(row.count("|") == table[0].count("|") for row in table)
    assert len(found.csv().splitlines()) == 9
    assert found.csv().startswith("method,problem,compressor,proved rate")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda: efpep.compare(efpep.EF21(), RandomQuadratics(n=1, d=4), 10), "compressor is missing"),
        (lambda: efpep.compare(efpep.EF21(), LeastAbsoluteDeviations(n=2), 10, efpep.TopK(1)), "lacks mu"),
        (lambda: efpep.compare(efpep.EF21(3), RandomQuadratics(n=1, d=4), 10, efpep.TopK(1)), "no contraction is proved"),
        (lambda: efpep.compare(efpep.EF21(), RandomQuadratics(n=1, d=4), 1, efpep.TopK(3)), "iterations"),
        (lambda: follow(certified("ef21", 1), RandomQuadratics(n=3, d=4), 10, efpep.TopK(3)), "3 clients"),
        (lambda: follow(certified("ef21", 1), RandomQuadratics(n=1, d=4, kappa=11), 10, efpep.TopK(3)), "outside"),
        (lambda: follow(certified("ef21", 1), RandomQuadratics(n=1, d=4), 10, efpep.TopK(2)), "class of compressors"),
        (lambda: follow(certified("ef21", 1), RandomQuadratics(n=1, d=4), 10, efpep.RandK(3)), "class of compressors"),
        (
            lambda: follow(certified("ef", 3), RandomQuadratics(n=3, d=4, kappa=5, heterogeneity=1), 10, efpep.Identity()),
            "share one minimiser",
        ),
    ],
)
def test_what_does_not_fit_is_refused(change, words):
    with pytest.raises(efpep.InputError, match=words) as caught:
        change()
    assert one_sentence(caught.value)


def test_the_command_prints_one_object(capsys, tmp_path):
    words = ["compare", "ef21", "--problem", "quadratics:n=2,d=4,kappa=5", "--compressor", "top-k:k=3", "--iterations", "20"]
    assert main([*words, "--json", "--figure", str(tmp_path / "f.pdf")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["observed"] <= found["proved"]
    assert len(found["energies"]) == 21
    assert (tmp_path / "f.csv").exists()
    assert main([*words, "--step-size", "3"]) == 3
    assert "no contraction" in capsys.readouterr().err
    assert main(["compare", "ef21", "--problem", "svm"]) == 2


def test_the_command_prints_a_table_of_several_runs(capsys, tmp_path):
    words = [
        "compare",
        "ef21",
        "--also",
        "ef",
        "--compressor",
        "top-k:k=3",
        "--iterations",
        "20",
        "--csv",
        str(tmp_path / "t.csv"),
    ]
    words += ["--problem", "quadratics:n=1,d=4,kappa=5", "--problem", "quadratics:n=2,d=4,kappa=5"]
    assert main(words) == 0
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 6
    assert rows[2].startswith("| ef21:step_size=0.")
    assert len((tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()) == 5
    assert main([*words, "--json"]) == 2
    assert one_sentence(capsys.readouterr().err.strip())


def test_the_command_fails_where_the_bound_is_broken(capsys, monkeypatch):
    monkeypatch.setattr(efpep.TopK, "belongs_to", Liar.belongs_to)
    words = ["compare", "ef21", "--problem", "quadratics:n=2,d=10,kappa=10", "--compressor", "top-k:k=1"]
    assert main(words) == 1
    assert one_sentence(capsys.readouterr().err.strip())
