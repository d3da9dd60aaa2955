"""Sums and values over one common denominator agree with those of fractions, and nothing that is rounded takes part."""

import random
from fractions import Fraction

import pytest

from efpep.errors import CertificateError
from efpep.model.form import Form, product
from efpep.model.integers import IntegerForm, IntegerSum
from efpep.model.linear import Linear
from efpep.model.system import Square
from efpep.proof.moments import Moments

SIZE = 4


def drawn(source: random.Random) -> Fraction:
    return Fraction(source.randint(-9, 9), source.randint(1, 12))


def form(source: random.Random) -> Form:
    entries = {(i, j): drawn(source) for j in range(SIZE) for i in range(j + 1) if source.random() < 0.7}
    return Form({0: entries}, {k: drawn(source) for k in range(2)})


@pytest.mark.parametrize("seed", range(5))
def test_sums_are_those_of_fractions(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311
    terms = [(drawn(source), form(source)) for _ in range(6)]
    found = Form(*IntegerSum([(a, f.integers) for a, f in terms]).rationals())
    expected = Form()
    for a, f in terms:
        expected = expected + a * f
    zero = Form({0: {}})
    rest = (found - expected) + zero
    assert all(not a for entries in rest.blocks.values() for a in entries.values())
    assert not any(rest.values.values())


@pytest.mark.parametrize("seed", range(5))
def test_values_and_products_are_those_of_fractions(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311
    gram = [[Fraction(0)] * SIZE for _ in range(SIZE)]
    for i in range(SIZE):
        for j in range(i, SIZE):
            gram[i][j] = gram[j][i] = drawn(source)
    values = {k: drawn(source) for k in range(2)}
    columns = (2, 0, 3, 1)  # in another order than their numbers
    moments = Moments.of([(0, columns)], [tuple(tuple(row) for row in gram)], values)
    place = {j: k for k, j in enumerate(columns)}
    f = form(source)
    by_hand = sum(a * (1 if i == j else 2) * gram[place[i]][place[j]] for (i, j), a in f.blocks[0].items())
    by_hand += sum(a * values[k] for k, a in f.values.items())
    assert moments.value(f) == by_hand
    assert (moments.numerator(f) > 0) == (by_hand > 0)
    forms = [Linear({j: drawn(source) for j in range(SIZE)}) for _ in range(3)]
    for u, row in zip(forms, moments.products(0, forms), strict=True):
        for v, a in zip(forms, row, strict=True):
            assert a == sum(b * c * gram[place[i]][place[j]] for i, b in u.terms.items() for j, c in v.terms.items())


@pytest.mark.parametrize("seed", range(5))
def test_squares_are_those_of_their_linear_forms(seed: int) -> None:
    source = random.Random(seed)  # noqa: S311
    forms = tuple(Linear({j: drawn(source) for j in range(SIZE) if source.random() < 0.8}) for _ in range(3))
    weights = [[Fraction(0)] * 3 for _ in range(3)]
    expected: dict[tuple[int, int], Fraction] = {}
    for i in range(3):
        for j in range(3):
            weights[i][j] = weights[j][i] if j < i else drawn(source)
            product(weights[i][j] * forms[i], forms[j], expected)
    square = Square(0, 0, forms, Fraction(1), Fraction(0))
    ((_, found),) = square.integers(tuple(tuple(row) for row in weights)).blocks
    shared = square.integers(tuple(tuple(row) for row in weights)).denominator
    assert {key: Fraction(a, shared) for key, a in found} == {key: a for key, a in expected.items() if a}


def test_nothing_rounded_takes_part() -> None:
    with pytest.raises(CertificateError, match="not rational"):
        IntegerForm.of({0: {(0, 0): 0.5}}, {})
    with pytest.raises(CertificateError, match="not rational"):
        Moments.of([(0, (0,))], [((True,),)], {})
