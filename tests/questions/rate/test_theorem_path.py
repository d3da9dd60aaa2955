"""Rates from the formulas of theorems: the same as those of the search, and only where a theorem is about the question."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from support import uniform

import efpep
from efpep.questions.rate import theorem_path
from efpep.theory.error_feedback_proof import EF21

METHODS = {"ef": efpep.EF, "ef21": efpep.EF21, "cgd": efpep.CGD}


def drawn(seed: str) -> tuple[efpep.Method, efpep.Setting]:
    """A method at a stable step size, short or long, with 12 or fewer digits."""
    source = random.Random(seed)  # noqa: S311
    key = source.choice(list(METHODS))
    kappa = Fraction(round(10 ** source.uniform(0.05, 4), 3)).limit_denominator(10**4)
    delta = Fraction(source.randint(1, 99), 100)
    L = source.choice((Fraction(1), Fraction(3, 7), Fraction(100)))
    setting = efpep.Setting(
        efpep.SmoothStronglyConvex(L / kappa, L), efpep.Contractive(delta), 1 if key == "cgd" else source.choice((1, 2, 10))
    )
    limit = METHODS[key].literature.stability_limit(METHODS[key](1), setting)
    step = Fraction(float(limit.value) * source.uniform(0.02, 0.98)).limit_denominator(10**8)
    return METHODS[key](step), setting


def agree(method, setting):
    """Whether the theorem's interval is narrow, contains the theorem's rate, and meets the search's."""
    found = efpep.rate(method, setting)
    searched = efpep.rate(method, setting, solver="clarabel")
    assert found.solver == "theorem"
    assert found.certificate.check()
    assert searched.solver != "theorem"
    assert found.upper - found.lower <= Fraction(3, 10**10)
    assert found.lower <= searched.upper
    assert searched.lower <= found.upper
    known = method.literature.rate_at(method, setting).value
    return found.lower <= known <= found.upper


@pytest.mark.parametrize("seed", range(6))
def test_theorem_and_search_agree(seed):
    assert agree(*drawn(f"few {seed}"))


@pytest.mark.slow
def test_theorem_and_search_agree_on_500_points():
    assert all(agree(*drawn(f"many {seed}")) for seed in range(500))


@pytest.mark.parametrize("key", METHODS)
@pytest.mark.parametrize("epsilon", ["1/2", "1/4", 0])
def test_optimal_steps_and_exact_roots(key, epsilon):
    """``s = 1/2`` is rational, and without compression there is no s."""
    found = efpep.rate(METHODS[key](), uniform(10, epsilon))
    assert found.solver == "theorem"
    assert found.lower <= found.theory.value <= found.upper
    assert found.certificate.check()


def test_narrow_intervals_are_found_without_a_solver():
    found = efpep.rate(efpep.EF21(), uniform(10, "1/2", 2), width="1e-14")
    assert found.solver == "theorem"
    assert found.upper - found.lower <= Fraction(1, 10**14)


@pytest.mark.parametrize(
    ("method", "setting", "asked"),
    [
        (efpep.EF21(), uniform(10, "1/2", 2), {"metric": "gradient"}),
        (efpep.EF21(), uniform(10, "1/2", 2), {"features": ["g", "g-d"]}),
        (efpep.EF21(), uniform(10, "1/2", 2), {"lyapunov": "literature"}),
        (efpep.CGD("1/3"), uniform(10, "1/2", 2), {}),
        (efpep.EF21("1/10"), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Projection("1/2"), 2), {}),
    ],
)
def test_other_questions_are_searched(method, setting, asked):
    found = efpep.rate(method, setting, **asked)
    assert found.solver != "theorem"
    assert found.certificate.check()


def test_beyond_the_limit_nothing_is_proved():
    found = efpep.rate(efpep.EF21("4/5"), uniform(10, "1/2", 2))
    assert found.upper is None
    assert found.verdict.value == "refuted"


@pytest.mark.parametrize(
    "change",
    [
        {"multipliers": {**EF21.cases[0].proof.multipliers, "compression(0)": "2"}},
        {"multipliers": {"interpolation(1,0)": "1"}},
        {"multipliers": {"no such row": "1"}},
        {"lyapunov": {}},
    ],
)
def test_formulas_that_prove_nothing_are_refused(change, monkeypatch):
    """Nothing is believed of a theorem: its formulas only propose."""
    cases = tuple(replace(case, proof=replace(case.proof, **change)) for case in EF21.cases)

    class Doctored(efpep.EF21):
        literature = replace(efpep.EF21.literature, rate_proof=replace(EF21, cases=cases))

    setting = uniform(10, "1/2", 2)
    found = efpep.rate(Doctored(), setting)
    assert found.solver != "theorem"
    assert abs(found.upper - efpep.rate(efpep.EF21(), setting).upper) < Fraction(1, 10**8)
    assert theorem_path.THEOREM == "theorem"
