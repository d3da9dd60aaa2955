"""Signs on orthants and boxes: true ones are found, false ones never, zeros on the boundary are told from positive values."""

import random
from fractions import Fraction

import pytest

from efpep.theorems.functions import FunctionField
from efpep.theorems.signs import NONNEGATIVE, POSITIVE, ZERO, BoxSide, bernstein, box_sign, orthant_sign, polynomial_sign

FIELD = FunctionField("a", "b")
a, b = FIELD.symbols.values()
UNIT = {"a": (Fraction(0), Fraction(1)), "b": (Fraction(0), Fraction(1))}


def on_orthant(function, closed=()):
    return orthant_sign(function, FIELD, FIELD.symbols, closed)


def test_coefficients_on_the_orthant():
    assert on_orthant((a + b) ** 2 / (1 + a)) == POSITIVE
    assert on_orthant(-a * b) == -POSITIVE
    assert on_orthant(a + b, ["a"]) == POSITIVE
    assert on_orthant(a + a * b, ["a"]) == NONNEGATIVE
    assert on_orthant(a - b) is None
    assert on_orthant(FIELD(0)) == ZERO


def test_bisection_on_the_orthant():
    assert on_orthant(a * a - a + 1) == POSITIVE  # discriminant -3
    assert on_orthant(a * a * b * b + a * a + b * b - a * b + 1) == POSITIVE
    assert on_orthant(a * a - a * b + b * b) is None  # positive, but near 0 no bisection shows it
    assert on_orthant(a**4 * b * b + a**4 - a * a * b + b * b + 1, ["a", "b"]) == POSITIVE
    assert on_orthant(100 * a * a - 199 * a + 100) == POSITIVE  # nearly a square
    assert on_orthant(a * (a * a - a + 1), ["a"]) == NONNEGATIVE
    assert on_orthant((a - 1) ** 2) == NONNEGATIVE
    assert on_orthant(1 / (a - 1)) is None
    assert on_orthant(1 / (a - 1) ** 2) is None  # a pole
    assert on_orthant(100 * a * a - 201 * a + 100) is None  # negative at a = 1


def test_boxes():
    assert box_sign(1 - a * b / 2, UNIT) == POSITIVE
    assert box_sign(a - b, UNIT) is None
    assert box_sign(1 + a - b, UNIT) == NONNEGATIVE  # it vanishes at a corner
    assert box_sign(a * (2 - b), UNIT) == NONNEGATIVE
    assert box_sign(-a * (2 - b), UNIT) == -NONNEGATIVE
    assert box_sign(a * a - a + Fraction(3, 10), UNIT) == POSITIVE  # bisection: 3/10 > 1/4
    assert box_sign(a * a - a + Fraction(1, 4), UNIT) == NONNEGATIVE  # the square of a - 1/2
    assert box_sign(a * a - a + Fraction(1, 5), UNIT) is None
    assert box_sign(1 / (1 + a - b), UNIT) is None  # a pole at a corner
    assert box_sign(1 / (a - 2), UNIT) == -POSITIVE


def test_symbols_without_an_interval_are_positive():
    box = {"a": UNIT["a"]}
    assert box_sign(b / (2 - a), box) == POSITIVE
    assert box_sign((2 - a) * b * b + (a - 3) * b, box) is None
    assert box_sign(b * b * (a * a - a + Fraction(3, 10)) + b + 1, box) == POSITIVE
    assert box_sign((b - 1) * a, box) is None


def test_coefficients_are_those_of_bernstein():
    # t^2 = sum_k k(k-1)/(n(n-1)) B_k on [0, 1], with n = 2; and on [1, 3] at the corners the values
    assert bernstein((a * a).numerator, [BoxSide(*UNIT["a"]), BoxSide(*UNIT["b"])]) == {(0, 0): 0, (1, 0): 0, (2, 0): 1}
    wide = bernstein((a * a * b).numerator, [BoxSide(Fraction(1), Fraction(3)), BoxSide(*UNIT["b"])])
    assert (wide[0, 1], wide[2, 1], wide[0, 0], wide[1, 1]) == (1, 9, 0, 3)


@pytest.mark.parametrize("seed", range(6))
def test_no_sign_is_false(seed):
    choose = random.Random(seed)  # noqa: S311
    decided = 0
    for _ in range(12):
        function = FIELD(0)
        for _ in range(5):
            function = function + choose.randint(-3, 9) * a ** choose.randint(0, 3) * b ** choose.randint(0, 2)
        box = {"a": (Fraction(0), Fraction(choose.randint(1, 4))), "b": (Fraction(1), Fraction(2))}
        signs = [box_sign(function, box), on_orthant(function)]
        decided += sum(sign is not None for sign in signs)
        for sign, inside in zip(signs, (True, False), strict=True):
            for _ in range(20 if sign else 0):
                u, v = Fraction(choose.randint(1, 99), 100), Fraction(choose.randint(1, 99), 100)
                at = {"a": u * box["a"][1], "b": 1 + v} if inside else {"a": u / (1 - u), "b": v / (1 - v)}
                found = function(**at)
                assert found * sign > 0 if abs(sign) == POSITIVE else found * sign >= 0
    assert decided > 5


def test_polynomials_that_are_too_large_stay_open():
    names = "abcdefgh"
    field = FunctionField(*names)
    squares = sum((symbol**2 - symbol + 1) * symbol for symbol in field.symbols.values())
    assert polynomial_sign((squares - 10**6).numerator, [BoxSide(closed=False)] * len(names)) is None
