"""Recorded arithmetic, run at other inputs."""

import math
import random
from fractions import Fraction

import pytest

from efpep.model.straight_line import StraightLineProgram


def computation(a, b, number=Fraction):
    """Arithmetic with every operation, and with numbers that are constants."""
    c = (a + b) * (a - 2) / (b * b + 1) - 3 * a
    return [c, -c, 1 - a, Fraction(1, 2) * b + 0, c**3, b**-2, 1 / b, number(Fraction(7, 2)), a * 0, a - a]


@pytest.mark.parametrize("seed", range(5))
def test_a_program_gives_what_the_computation_gives(seed):
    source = random.Random(seed)  # noqa: S311
    program = StraightLineProgram()
    numbers = computation(program.input("2/3"), program.input(5), program)
    run = program.compiled([program(number).place for number in numbers])
    for _ in range(20):
        a, b = (Fraction(source.randint(-9, 9), source.randint(1, 9)) or Fraction(1) for _ in range(2))
        assert run((a, b), program.constants) == tuple(computation(a, b))


@pytest.mark.parametrize(
    ("comparison", "outcome", "others"),
    [
        (lambda a, b: a == b, False, [(3, 3)]),
        (lambda a, b: a < b, True, [(3, 3), (4, 3)]),
        (lambda a, b: a <= b, True, [(4, 3)]),
        (lambda a, b: a > b, False, [(4, 3)]),
        (lambda a, b: a >= b, False, [(4, 3), (3, 3)]),
        (lambda a, b: bool(a - b), True, [(3, 3)]),
        (lambda a, b: a - b == 0, False, [(3, 3)]),
        (lambda a, b: a * b == 2, True, [(3, 3)]),
        (lambda a, b: max(a, b) is b, True, [(4, 3)]),
        (lambda a, b: b in {a: 0}, False, [(3, 3)]),
        (lambda a, b: len({a, b, a + b - b}) == 2, True, [(3, 3)]),
    ],
)
def test_there_is_no_value_where_a_comparison_turns_out_differently(comparison, outcome, others):
    program = StraightLineProgram()
    a, b = program.input(1), program.input(2)
    assert comparison(a, b) is outcome
    run = program.compiled([(a + b).place])
    one, two = Fraction(1), Fraction(2)
    assert run((one, two), program.constants) == (3,)
    for values in others:
        assert run([Fraction(value) for value in values], program.constants) is None


def test_a_division_by_zero_is_one():
    program = StraightLineProgram()
    a, b = program.input(1), program.input(2)
    run = program.compiled([(a / b).place])
    with pytest.raises(ZeroDivisionError):
        run((Fraction(1), Fraction(0)), program.constants)


@pytest.mark.parametrize(
    "look", [float, int, str, repr, math.floor, round, lambda a: a.numerator, lambda a: f"{a}", lambda a: a + 0.5]
)
def test_whatever_is_no_arithmetic_fails_while_it_is_recorded(look):
    with pytest.raises((TypeError, AttributeError)):
        look(StraightLineProgram().input(3))
