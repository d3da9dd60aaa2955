"""Rates to many digits, against closed forms that are derived by hand."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from support import one_sentence

import efpep
from efpep.conic.extended import ExtendedSolver
from efpep.conic.program import Cones, Program
from efpep.conic.status import SolverStatus
from efpep.questions.rate.digits import root, shortfall
from efpep.questions.rate.enclosure import Enclosure


def _setting(agents: int) -> efpep.Setting:
    return efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1), efpep.Contractive("3/4"), agents)


def _closed_form(theta: Fraction, digits: int) -> Fraction:
    """Return ``beta^2`` with ``beta^2 - theta beta - 1/2 = 0``: EF21 with delta = 3/4, that is s = 1/2."""
    with localcontext() as context:
        context.prec = digits + 10
        t = Decimal(theta.numerator) / Decimal(theta.denominator)
        return Fraction(((t + (t * t + 2).sqrt()) / 2) ** 2)


@pytest.mark.parametrize(
    ("agents", "step", "theta"),
    [
        (1, "1/4", Fraction(1, 2) - Fraction(3, 2) * Fraction(1, 40)),  # short: 1 - s - (1 + s) mu eta
        # long: (1 + s) L eta - (1 - s)
        pytest.param(3, "13/20", Fraction(3, 2) * Fraction(13, 20) - Fraction(1, 2), marks=pytest.mark.slow),
    ],
)
def test_many_digits_of_a_rate_are_those_of_the_closed_form(agents: int, step: str, theta: Fraction) -> None:
    found = efpep.rate(efpep.EF21(step_size=step), _setting(agents), digits=32)
    assert found.lower is not None
    assert found.upper is not None
    assert found.upper - found.lower <= Fraction(1, 10**32)
    assert found.lower <= _closed_form(theta, 60) <= found.upper
    assert found.shortfall is None
    assert found.certificate is not None
    found.certificate.check()


def test_many_digits_are_saved_verified_and_printed(tmp_path) -> None:
    found = efpep.rate(efpep.GD(step_size="1/2"), efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1)), digits=30)
    assert found.certificate is not None
    found.certificate.save(tmp_path / "rate.json")
    assert efpep.Certificate.load(tmp_path / "rate.json").lower == found.certificate.lower
    assert efpep.verify(tmp_path / "rate.json").accepted
    # (1 - mu eta)^2 = 0.9025, of which 30 digits are printed
    assert "0.90249999999999999999999999999" in str(found.display()) or "0.90250000000000000000000000000" in str(found.display())


def test_the_sentence_of_a_narrow_interval_shows_both_ends() -> None:
    found = efpep.rate(efpep.GD(step_size="1/2"), efpep.Setting(efpep.SmoothStronglyConvex(mu="1/10", L=1)), digits=30)
    assert found.certificate is not None
    shown = [Fraction(number) for number in re.findall(r"0\.\d{20,}", found.certificate.sentence())]
    below, above = min(shown), max(shown)
    assert len(shown) == 2
    assert below < Fraction("0.9025") < above < below + Fraction(1, 10**29)


def test_digits_beside_a_width_are_refused() -> None:
    with pytest.raises(efpep.InputError, match="digits and width"):
        efpep.rate(efpep.GD(step_size="1/2"), _setting(1), digits=20, width="1e-5")


def test_newton_finds_hundreds_of_digits_between_the_proved_ends() -> None:
    found = efpep.rate(efpep.EF21(step_size="1/4"), _setting(1), digits=24)
    assert found.lower is not None
    assert found.upper is not None
    ball = root(found.question.inequalities, found.lower, found.upper, 300).rate
    wanted = _closed_form(Fraction(37, 80), 320)
    assert abs(Fraction(*_parts(ball)) - wanted) < Fraction(1, 10**290)


def _parts(ball) -> tuple[int, int]:
    mantissa, exponent = (int(part) for part in ball.mid().man_exp())
    return (mantissa << exponent, 1) if exponent >= 0 else (mantissa, 1 << -exponent)


def test_what_has_too_few_digits_says_so() -> None:
    assert one_sentence(shortfall(Enclosure(None, None, "clarabel"), 50) or "")
    refuted = efpep.rate(efpep.EF21(step_size="3/4"), _setting(1), digits=30)  # the limit is 2/L (1-s)/(1+s) = 2/3
    assert refuted.verdict is efpep.Verdict.REFUTED
    assert refuted.shortfall is None


@pytest.mark.parametrize("digits", [0, 201, 1.5, "many", True])
def test_numbers_of_digits_that_are_none_are_refused(digits: object) -> None:
    with pytest.raises(efpep.InputError, match="digits is") as refused:
        efpep.rate(efpep.GD(step_size="1/2"), _setting(1), digits=digits)  # pyright: ignore[reportArgumentType]
    assert one_sentence(str(refused.value))


def test_precision_is_doubled_where_rounding_is_in_the_way() -> None:
    # maximise y subject to [[1, y], [y, 1]] >= 0 and y <= 1: 1, degenerate
    rows = [{}, {0: Fraction(1)}, {}]
    program = Program({0: Fraction(1)}, {0: Fraction(1), 2: Fraction(1)}, Cones(0, 0, (2,)), 1, rows)
    solver = ExtendedSolver(60, 2)
    solution = solver.solve_relative(program, 0.0)
    assert solution.status is SolverStatus.SOLVED
    assert abs(solution.rationals()[0][0] - 1) < Fraction(1, 10**58)
