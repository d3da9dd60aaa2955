"""Closed forms that are discovered: against numbers and formulas that are known."""

from __future__ import annotations

import json
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest

import efpep
from efpep.cli.main import main
from efpep.errors import UndecidedError
from efpep.theorems.discover import at_setting, implied
from efpep.theorems.discovery import Equation, square_root
from efpep.theorems.functions import FunctionField
from efpep.theorems.interpolation import interpolated
from efpep.theorems.minimal_polynomial import minimal_polynomial, written
from efpep.theorems.search import search
from efpep.theorems.witness import balanced_step


def _digits(number: Decimal, places: int) -> Fraction:
    return Fraction(round(Fraction(number) * 10**places), 10**places)


def test_minimal_polynomials_of_known_numbers() -> None:
    with localcontext() as context:
        context.prec = 90
        golden = (1 + Decimal(5).sqrt()) / 2
        fourth = Decimal(2).sqrt() + Decimal(3).sqrt()
        found = minimal_polynomial(_digits(golden, 60), 60)
        other = minimal_polynomial(_digits(fourth, 60), 60)
    assert found is not None
    assert found.coefficients == (-1, -1, 1)
    assert other is not None
    assert other.coefficients == (1, 0, -10, 0, 1)  # x^4 - 10 x^2 + 1
    assert minimal_polynomial(Fraction(22, 7) + Fraction(1, 10**70), 60) is not None
    assert found.written("x") == "x^2 - x - 1"


def test_numbers_without_a_short_polynomial_have_none() -> None:
    pi = Fraction(314159265358979323846264338327950288419716939937510582097494, 10**59)
    assert minimal_polynomial(pi, 58, 8) is None
    # 20 digits of a number of degree 4 with 12 digits to choose: by chance there are as short ones
    with localcontext() as context:
        context.prec = 60
        number = (Decimal(997).sqrt() + Decimal(991).sqrt()) / 7
    assert minimal_polynomial(_digits(number, 20), 20, 4) is None
    assert minimal_polynomial(_digits(number, 50), 50, 4) is not None


def test_a_polynomial_separates_where_its_sign_changes() -> None:
    found = minimal_polynomial(_digits(Decimal("1.41421356237309504880168872420969807856967187537694"), 48), 48)
    assert found is not None
    assert found.coefficients == (-2, 0, 1)
    assert found.separates(Fraction(141, 100), Fraction(142, 100))
    assert not found.separates(Fraction(142, 100), Fraction(143, 100))


def test_polynomials_are_written_as_one_does() -> None:
    assert written((4, -17, 16), "rho") == "16 rho^2 - 17 rho + 4"
    assert written((0, -1, -1), "x") == "-x^2 - x"
    assert written((0,), "x") == "0"


def test_rational_functions_are_interpolated_with_values_to_spare() -> None:
    field = FunctionField("s", "k")
    points = [{"s": Fraction(i, 7), "k": Fraction(j, 5)} for i in range(1, 6) for j in range(1, 5)]
    s, k = field.symbols["s"], field.symbols["k"]
    wanted = (1 - s) / (1 + s * k)
    values = [wanted(**point) for point in points]
    assert interpolated(points, values, field) == wanted
    values[3] += 1
    assert interpolated(points, values, field) is None
    assert interpolated(points[:5], values[:5], field) is None


def test_square_roots_of_rational_functions() -> None:
    field = FunctionField("s", "k")
    s, k = field.symbols["s"], field.symbols["k"]
    root = square_root((s + k) ** 2 / (1 + s * k) ** 2 * Fraction(9, 4))
    assert root is not None
    assert root in {(s + k) / (1 + s * k) * Fraction(3, 2), -(s + k) / (1 + s * k) * Fraction(3, 2)}
    assert square_root(s * k * k) is None
    assert square_root(-(s**2)) is None


def test_linear_instances_balance_at_the_steps_of_the_literature() -> None:
    at = {"mu": Fraction(1, 2), "L": Fraction(3, 2), "s": Fraction(1, 3)}
    assert balanced_step(efpep.EF21(), at) == Fraction(1, 2)  # 2/(L + mu) (1 - s)/(1 + s)
    assert balanced_step(efpep.CGD(), at) == 2 / (Fraction(2, 3) * at["mu"] + Fraction(4, 3) * at["L"])
    with pytest.raises(UndecidedError, match="no rational number"):
        balanced_step(efpep.EControl(eta="1/10"), at)


def test_a_rate_at_rational_inputs_has_the_polynomial_of_the_theorem() -> None:
    # s = 1/2, eta = 1/4, mu = 1/10: beta^2 - (37/80) beta - 1/2 = 0, so rho^2 - (1 + (37/80)^2) rho + 1/4 = 0
    setting = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1), efpep.Contractive("3/4"))
    found = at_setting(efpep.EF21(step_size="1/4"), setting)
    assert found.polynomial is not None
    assert found.polynomial.coefficients == (1600, -7769, 6400)
    assert found.polynomial.separates(found.lower, found.upper)
    assert ("inputs", "mu = 0.1, L = 1, delta = 0.75, eta = 0.25") in found.rows()
    assert found.balance is not None
    assert found.balance.step_size.coefficients == (-20, 33)  # 2/(L + mu) (1 - s)/(1 + s)


def test_irrational_optimal_steps_are_refused_in_a_sentence() -> None:
    setting = efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1), efpep.Contractive("1/2"))
    with pytest.raises(efpep.InputError, match="not rational in this setting"):
        efpep.discover(efpep.EF21, setting)


def test_what_a_theorem_implies_and_what_not() -> None:
    theorem = search(efpep.CGD())
    field = FunctionField("s", "k")
    s, k = field.symbols["s"], field.symbols["k"]
    rate, step = ((k + s) / (1 + k * s)) ** 2, 1 / (1 + s * k)  # 2/((1-s) mu + (1+s) L) in units 2/(L+mu)
    assert implied(theorem, Equation((-rate, field(1)), step, 32, 25, 4, None))
    assert not implied(theorem, Equation((-rate * Fraction(1001, 1000), field(1)), step, 32, 25, 4, None))
    assert not implied(theorem, Equation((-rate, field(1)), step + s * k / 1000, 32, 25, 4, None))


def test_quadratics_are_written_as_squares() -> None:
    field = FunctionField("s", "k")
    s, k = field.symbols["s"], field.symbols["k"]
    found = Equation((s**2, -2 * s - (1 - s) ** 2 * k**2, field(1)), (1 - s) / (1 + s), 32, 20, 4, None)
    assert found.written() == "(rho - s)^2 = k^2*(s - 1)^2 rho"
    assert found.verdict == "conjectured"
    other = Equation((s**3, -2 * s - k**2, field(1)), 1 / s, 32, 20, 4, None)
    assert other.written() == "rho^2 + (-(k^2 + 2*s)) rho + (s^3) = 0"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "text"), [("ef21", "(rho - s)^2 = k^2*(s - 1)^2 rho"), ("ef", "(rho - s)^2 = k^2*(s - 1)^2 rho")]
)
def test_the_equation_of_error_feedback_is_found(method: str, text: str) -> None:
    found = efpep.discover(method)
    assert found.equation is not None
    field = found.equation.coefficients[0].field
    s, k = field.symbols["s"], field.symbols["k"]
    # (rho - s)^2 = (1 - s)^2 k^2 rho, see efpep/theory/error_feedback.py
    assert found.equation.coefficients == (s**2, -2 * s - (1 - s) ** 2 * k**2, field(1))
    assert found.equation.step_size == (1 - s) / (1 + s)
    assert found.equation.verdict == "proved"
    assert found.equation.written() == text
    assert found.degree == 2


@pytest.mark.slow
def test_the_rate_of_two_different_agents_at_a_short_step_is_quadratic(capsys: pytest.CaptureFixture[str]) -> None:
    groups = [word for mu, smoothness in (("1/10", "1"), ("1/5", "2")) for word in ("--group", f"count=1,mu={mu},L={smoothness}")]
    assert main(["discover", "ef21", *groups, "--delta", "3/4", "--step-size", "1/4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    # linear instances of the mean curvature 3/20: beta^2 - theta beta - s = 0 with theta = 1 - s - (1 + s) (3/20) eta = 71/160
    theta, s = Fraction(71, 160), Fraction(1, 2)
    wanted = [s * s, -(theta**2 + 2 * s), Fraction(1)]
    coefficients = found["findings"][0]["polynomial"]["coefficients"]
    assert [Fraction(a, coefficients[-1]) for a in coefficients] == wanted
