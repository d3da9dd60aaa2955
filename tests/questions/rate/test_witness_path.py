"""Rates that linear instances attain: without a search, as narrow as with one, and never where an instance is not tight."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import efpep
from efpep.compressors import Contractive
from efpep.conic.clarabel_solver import ClarabelSolver
from efpep.conic.exposed_face import Exposed, interior, pairings
from efpep.conic.program import Cones, Program
from efpep.functions import SmoothStronglyConvex
from efpep.methods import CGD, EF, EF21, EControl, EF21HeavyBall, EF21Momentum, EF21Nesterov
from efpep.questions.rate import answer
from efpep.questions.rate.inequalities import recorded
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.slow_instance import Reading

TIGHT = {
    "EF21": EF21,
    "EF": EF,
    "momentum": lambda step: EF21Momentum(step, theta=Fraction(9, 10)),
    "heavy ball": lambda step: EF21HeavyBall(step, beta=Fraction(1, 10)),
    "Nesterov": lambda step: EF21Nesterov(step, beta=Fraction(1, 5)),
    "EControl": lambda step: EControl(step, eta=Fraction(1, 10)),
}


@pytest.fixture(autouse=True)
def _without_theorems(monkeypatch):
    """Theorems, which are asked before instances, cover some of these questions."""
    monkeypatch.setattr(answer, "by_theorem", lambda *question: None)


def _setting(kappa: Fraction, delta: Fraction, agents: int = 1) -> efpep.Setting:
    return efpep.Setting(SmoothStronglyConvex(1 / kappa, 1), Contractive(delta), agents)


def _short_step(setting: efpep.Setting, part: Fraction) -> Fraction:
    return Fraction(EF21().resolved(setting).step_size) * part


def _refuse(*arguments: object, **options: object) -> None:
    raise AssertionError("a search began")


def _eigenvalue(rows: list[list[float]]) -> float:
    return float(np.max(np.abs(np.linalg.eigvals(np.array(rows)))))


def _sharp(found: efpep.Rate) -> bool:
    assert found.lower is not None
    assert found.upper is not None
    return found.upper - found.lower <= min(Fraction(9, 10**9), Fraction(9, 10**5) * (1 - found.lower))


@pytest.mark.parametrize("name", sorted(TIGHT))
@pytest.mark.parametrize("agents", [1, 2])
def test_tight_rates_are_found_without_a_search(name, agents, monkeypatch):
    setting = _setting(Fraction(50), Fraction(1, 2), agents)
    monkeypatch.setattr(answer, "search", _refuse)
    found = efpep.rate(TIGHT[name](_short_step(setting, Fraction(1, 2))), setting)
    assert _sharp(found)
    assert found.solver == "clarabel"
    found.certificate.check()


def test_the_rate_of_momentum_is_that_of_a_matrix_written_by_hand():
    """States (x, m, v) on f = mu x^2/2 with C(v) = (1 + s) v."""
    kappa, delta, theta = Fraction(50), Fraction(3, 4), Fraction(9, 10)
    setting = _setting(kappa, delta)
    step = _short_step(setting, Fraction(2, 5))
    mu, eta, t, c = 1 / 50, float(step), float(theta), 1 + math.sqrt(0.25)
    m = [t * mu, 1 - t, -t * mu * eta]
    rows = [[1.0, 0.0, -eta], m, [c * m[0], c * m[1], 1 - c + c * m[2]]]
    found = efpep.rate(EF21Momentum(step, theta=theta), setting)
    assert found.lower <= _eigenvalue(rows) ** 2 <= found.upper


def test_a_long_step_is_slowest_at_the_largest_curvature(monkeypatch):
    """There function values of the instance are positive, so that their coefficients in a proof vanish."""
    setting = _setting(Fraction(10), Fraction(3, 4))
    step = _short_step(setting, Fraction(21, 20))
    monkeypatch.setattr(answer, "search", _refuse)
    found = efpep.rate(EF21(step), setting)
    theta = 1.5 * float(step) - 0.5  # PROOFS: beta^2 - theta beta - s = 0 with theta = (1 + s) L eta - (1 - s)
    beta = (theta + math.sqrt(theta**2 + 2)) / 2
    assert _sharp(found)
    assert found.lower <= beta**2 <= found.upper
    found.certificate.check()


def test_a_named_solver_searches(monkeypatch):
    setting = _setting(Fraction(10), Fraction(1, 2))
    method = EF21(_short_step(setting, Fraction(1, 2)))
    monkeypatch.setattr(answer, "attained", _refuse)
    assert _sharp(efpep.rate(method, setting, solver="clarabel"))
    with pytest.raises(AssertionError, match="a search began"):
        efpep.rate(method, setting)


NOT_TIGHT = [
    (EF21Momentum(Fraction(3, 5), theta=Fraction(1, 2)), _setting(Fraction(10), Fraction(3, 4))),
    (EF21("optimal"), _setting(Fraction(10), Fraction(3, 4))),  # two instances are equally slow
    (CGD(Fraction(1, 2)), _setting(Fraction(10), Fraction(3, 4), 2)),
]


@pytest.mark.parametrize(("method", "setting"), NOT_TIGHT, ids=["momentum", "two", "CGD"])
def test_where_an_instance_is_not_tight_the_search_answers(method, setting, monkeypatch):
    proposals = []

    def spy(*arguments):
        proposals.append(answer_attained(*arguments))
        return proposals[-1]

    answer_attained = answer.attained
    monkeypatch.setattr(answer, "attained", spy)
    found = efpep.rate(method, setting)
    assert proposals == [None]
    assert _sharp(found)


def test_other_questions_are_searched():
    setting = _setting(Fraction(5), Fraction(3, 4))
    method = EF21(Fraction(1, 4))
    plain = efpep.rate(method, setting)
    for asked in ({"lyapunov": "literature"}, {"positivity": "interpolation"}):
        found = efpep.rate(method, setting, **asked)
        assert found.lower <= plain.upper
        assert plain.lower <= found.upper


def test_classes_without_parabolas_of_all_curvatures_are_searched(monkeypatch):
    """Gradient-dominated functions have a value without a part above a parabola."""
    setting = efpep.Setting(efpep.GradientDominated(Fraction(1, 10), 1), Contractive(Fraction(1, 2)))
    searches = []
    search = answer.search
    monkeypatch.setattr(answer, "search", lambda *given, **options: searches.append(1) or search(*given, **options))
    assert _sharp(efpep.rate(EF21(Fraction(1, 10)), setting, "gap"))
    assert searches == [1]


def test_the_slowest_instance_satisfies_its_rows_and_grows_by_its_eigenvalue():
    setting = _setting(Fraction(20), Fraction(1, 2), 3)
    method = EF21HeavyBall(Fraction(1, 5), beta=Fraction(1, 10))
    built, trace = recorded(method, setting, "distance")
    reading = Reading(built, trace, rate_lmi(built).measures.relations[0])
    slow = reading.slowest()
    state, values = reading.state(slow), reading.values(trace, slow)
    size = max(abs(a) for a in state.values()) ** 2
    assert all(reading.value(row.form, slow, values) <= 1e-12 * size for row in built.rows)
    before, after = (sum(float(a) * state[j] for j, a in form.terms.items()) for form in built.iterates)
    assert after == pytest.approx(slow.growth * before, rel=1e-9)


def test_an_instance_that_oscillates_is_left_to_the_search():
    """Heavy balls with a large beta have complex eigenvalues of modulus about the root of beta on all parabolas."""
    setting = _setting(Fraction(10), Fraction(9, 10))
    built, trace = recorded(EF21HeavyBall(Fraction(1, 2), beta=Fraction(9, 10)), setting, "distance")
    assert Reading(built, trace, rate_lmi(built).measures.relations[0]).slowest() is None


def test_a_face_has_an_interior_that_the_whole_program_lacks():
    """``[[a, b], [b, c]] >= 0`` with a = 0 as its first row: b = 0 too, and c in (0, 1) is free; the margin is that of c."""
    rows = ({1: 1}, {3: 1, 0: -1}, {3: -1}, {1: 1}, {2: 1}, {3: 1})
    program = Program({0: 1}, {2: 1}, Cones(1, 2, (2,)), 4, rows)
    multipliers = np.array([0.0, 0, 0, 1, 0, 0])
    assert pairings(program, multipliers).tolist() == [0, 1, 0, 0]
    exposed = Exposed(multipliers, np.array([[1.0], [0.0]]), [])
    point = interior(program, 0, exposed, ClarabelSolver(), 1e-9)
    assert point[1:3] == pytest.approx([0, 0], abs=1e-12)
    assert 0 < point[0] <= point[3] < 1
    closed = Program({0: 1}, {1: -2, 2: 1}, Cones(1, 2, (2,)), 4, rows)  # c - 2 and 1 - c are not both positive
    assert interior(closed, 0, exposed, ClarabelSolver(), 1e-9) is None


@pytest.mark.slow
def test_the_search_agrees_on_a_sample():
    numbers = np.random.default_rng(7)
    found = quickly = 0
    while found < 500:
        kappa = Fraction(round(400 * 10 ** numbers.uniform(0, 2.4)), 100)
        setting = _setting(kappa, Fraction(int(numbers.integers(10, 91)), 100), int(numbers.integers(1, 3)))
        method = TIGHT[str(numbers.choice(sorted(TIGHT)))](_short_step(setting, Fraction(int(numbers.integers(2, 9)), 10)))
        quick, searched = efpep.rate(method, setting), efpep.rate(method, setting, solver="clarabel")
        if searched.upper is None or quick.upper is None:
            assert quick.upper is searched.upper is None
            continue
        found += 1
        quickly += "extended" not in quick.solver
        assert quick.lower <= searched.upper
        assert searched.lower <= quick.upper
        assert quick.upper - quick.lower <= Fraction(11, 10) * (searched.upper - searched.lower) + Fraction(1, 10**9)
        quick.certificate.check()
    assert quickly >= 450
