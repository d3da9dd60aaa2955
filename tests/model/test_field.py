"""Numbers are read exactly, or refused in one sentence."""

import contextlib
import math
import random
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import one_sentence

import efpep
from efpep.model import exact as linear_algebra
from efpep.model import text
from efpep.model.field import FLOATS, RATIONALS, is_symbolic, rational, scalar
from efpep.model.linear import Linear

TENTH = Fraction(1, 10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, TENTH),
        ("0.1", TENTH),
        ("1/10", TENTH),
        (" 1 / 10 ", TENTH),
        ("1e-1", TENTH),
        (".1", TENTH),
        ("10/100", TENTH),
        ("0.01/0.1", TENTH),
        (Decimal("0.1"), TENTH),
        (Fraction(1, 10), TENTH),
        (np.float64(0.1), TENTH),
        (np.float32(0.5), Fraction(1, 2)),
        (np.int64(3), Fraction(3)),
        (np.uint8(200), Fraction(200)),
        (3, Fraction(3)),
        ("3", Fraction(3)),
        ("+3", Fraction(3)),
        ("-7/3", Fraction(-7, 3)),
        (-0.0, Fraction(0)),
        ("0e999999999", Fraction(0)),
        (1e300, Fraction(10**300)),
        (5e-324, Fraction(5, 10**324)),
        (0.30000000000000004, Fraction(30000000000000004, 10**17)),
        (1 / 3, Fraction("0.3333333333333333")),
        ("1e400", Fraction(10**400)),
        ("1e-400", Fraction(1, 10**400)),
        (10**50, Fraction(10**50)),
    ],
)
def test_read_exactly(value, expected):
    number = rational(value, "mu")
    assert number == expected
    assert type(number) is Fraction


def test_a_single_precision_float_is_read_at_its_shortest_decimal():
    assert rational(np.float32(0.1), "mu") == TENTH


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        -math.inf,
        "nan",
        "-inf",
        "Infinity",
        "sNaN",
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        np.float64("nan"),
        np.float32("inf"),
        "1/0",
        "0/0",
        "1/0.0",
        "1/nan",
        True,
        False,
        np.True_,
        None,
        1j,
        np.complex128(1),
        [1],
        (1, 2),
        {"p": 1},
        NotImplemented,
        b"1",
        "",
        " ",
        "/",
        "1/",
        "/2",
        "1/2/3",
        "one",
        "0x10",
        "1,5",
        "1;5",
        "--1",
        "1e",
        "1 2",
        "mu\nL",
        "1e401",
        "1e-401",
        "1e999999999",
        "1/1e999999999",
        "-1e-999999999",
        Decimal("1e4000"),
        "9" * 30000,
        np.array([1.0]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_refused_in_one_sentence(value):
    with pytest.raises(efpep.InputError) as caught:
        rational(value, "mu")
    message = str(caught.value)
    assert one_sentence(message), message
    assert message.startswith("mu is")
    assert "give" in message or "rescale" in message


@pytest.mark.parametrize("digits", [401, 4301, 10_000])
def test_numbers_of_absurd_length_are_refused_or_work(digits):
    """Python cannot print integers of more than 4300 digits, so these must not get through to a message or a file."""
    for value in (10**digits, "1" + "0" * digits, f"1/1{'0' * digits}", Fraction(1, 10**digits)):
        with contextlib.suppress(efpep.InputError):
            functions = efpep.SmoothStronglyConvex(mu=value, L=value)
            assert functions.describe()["class"] == "smooth-strongly-convex"
        with pytest.raises(efpep.InputError) as caught:
            efpep.Contractive(2 + Fraction(rational(1, "one")) * (10**digits))
        assert one_sentence(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        10**401,
        -(10**5000),
        "1" + "0" * 5000,
        "0." + "3" * 5000,
        "1e300/1e-300",
        Fraction(1, 10**5000),
        Fraction(10**5000 + 1, 10**5000),
        Decimal(1).scaleb(5000),
    ],
    ids=["integer", "negative", "text", "decimals", "quotient", "denominator", "near one", "Decimal"],
)
def test_long_numbers_are_refused_before_they_become_text(value):
    with pytest.raises(efpep.InputError, match=r"beyond 1e±400.*rescale") as caught:
        rational(value, "mu")
    assert one_sentence(caught.value)
    assert len(str(caught.value)) < 160


@pytest.mark.parametrize(
    "value", ["x" * 1000, [1] * 1000, [10**5000], b"1" * 1000, np.zeros((30, 30))], ids=lambda v: type(v).__name__
)
def test_messages_echo_at_most_sixty_characters(value):
    with pytest.raises(efpep.InputError) as caught:
        rational(value, "mu")
    assert one_sentence(caught.value)
    shown, _, _ = str(caught.value).removeprefix("mu is ").partition(", which")
    assert len(shown) <= 60


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_floats_of_every_precision_are_read_at_their_own_shortest_decimal(kind):
    assert rational(kind("0.1"), "mu") == TENTH
    assert rational(kind("-0.0625"), "mu") == Fraction(-1, 16)
    with pytest.raises(efpep.InputError, match="finite"):
        rational(kind("nan"), "mu")


@given(st.fractions())
def test_fractions_as_text_come_back(number):
    assert rational(str(number), "a") == number
    assert rational(text.exact(number), "a") == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_their_shortest_decimal(number):
    assert rational(number, "a") == Fraction(repr(number))
    assert float(rational(number, "a")) == number


@given(st.fractions(), st.integers(0, 30))
def test_outward_decimals_enclose_within_one_unit(number, digits):
    low, high = Fraction(text.down(number, digits)), Fraction(text.up(number, digits))
    assert low <= number <= high
    assert high - low <= Fraction(1, 10**digits)
    assert (high == low) == (number * 10**digits == int(number * 10**digits))


def test_exact_text_is_a_decimal_where_that_is_short():
    assert text.exact(Fraction(1, 8)) == "0.125"
    assert text.exact(Fraction(-1, 20)) == "-0.05"
    assert text.exact(Fraction(1, 3)) == "1/3"
    assert text.exact(Fraction(12)) == "12"
    assert Fraction(text.exact(Fraction(1, 2**90))) == Fraction(1, 2**90)


def test_fields():
    assert RATIONALS("1/10") == TENTH
    assert FLOATS(TENTH) == 0.1
    assert type(FLOATS(TENTH)) is float
    assert not is_symbolic(TENTH)
    assert not is_symbolic(object())
    assert not is_symbolic(object)
    assert scalar(0.1, "a") == TENTH


def test_symbols_pass_through():
    from sympy import QQ

    field = QQ.frac_field("mu", "L")
    mu = field.gens[0]
    assert is_symbolic(mu)
    assert scalar(mu, "mu") is mu


def test_linear_forms_keep_no_zeros():
    form = Linear({0: Fraction(1), 1: Fraction(0), 2: Fraction(-1)})
    assert form.terms == {0: 1, 2: -1}
    assert not (form - form).nonzero
    assert form.nonzero
    assert form + form == 2 * form
    assert hash(form + form) == hash(2 * form)
    assert form.row(range(3)) == [1, 0, -1]


def test_exact_relations_span_the_left_null_space():
    draw = random.Random(1)  # noqa: S311
    for _ in range(30):
        count, width, rank = draw.randint(1, 6), draw.randint(1, 6), draw.randint(0, 3)
        left = [[Fraction(draw.randint(-3, 3)) for _ in range(rank)] for _ in range(count)]
        right = [[Fraction(draw.randint(-3, 3), draw.randint(1, 3)) for _ in range(width)] for _ in range(rank)]
        rows = [[sum((a * right[k][j] for k, a in enumerate(line)), Fraction(0)) for j in range(width)] for line in left]
        true_rank = np.linalg.matrix_rank(np.array(rows, dtype=float)) if rank else 0
        found = linear_algebra.relations(rows)
        assert len(found) == count - true_rank
        for relation in found:
            assert any(relation)
            assert all(sum(c * row[j] for c, row in zip(relation, rows, strict=True)) == 0 for j in range(width))
        assert len(linear_algebra.independent(rows)) == true_rank


@pytest.mark.parametrize("entry", [Fraction(2**61 - 1), Fraction(1, 2**61 - 1), Fraction(3, 7)])
def test_relations_are_those_over_the_rationals_whatever_holds_modulo_a_prime(entry):
    independent = [[entry, Fraction(0)], [Fraction(1), Fraction(1)]]
    assert linear_algebra.relations(independent) == []
    dependent = [*independent, [entry + 1, Fraction(1)]]
    assert linear_algebra.relations(dependent) == [[-1, -1, 1]]
