"""Boxes of parameters: polynomials, controls, coverings, and what a witness on a box proves."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import uniform

import efpep
from efpep.conic.solver import find_solver
from efpep.errors import CertificateError, InputError
from efpep.model.box import Box, Side, degrees_of
from efpep.model.polynomial import POLYNOMIALS, Polynomial, polynomial, variables
from efpep.proof.conditions import check_lower
from efpep.proof.witness import LowerWitness
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.tune.box import BoxWitness, check_box
from efpep.questions.tune.covering import hull, minus, overlap, uncovered
from efpep.questions.tune.optimum import Axis, minimum
from efpep.questions.tune.question import question_on
from efpep.questions.tune.rescaled import rescaled
from efpep.questions.tune.search import Excluder, cover

numbers = st.fractions(min_value=-4, max_value=4, max_denominator=12)
terms = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 2)), numbers, max_size=5)
points = st.tuples(numbers, numbers)


def at(value, point):
    """Evaluate a scalar at a point, straight from its terms."""
    if not isinstance(value, Polynomial):
        return Fraction(value)
    total = Fraction(0)
    for exponents, a in value.terms.items():
        for base, exponent in zip(point, exponents, strict=True):
            a *= base**exponent  # noqa: PLW2901
        total += a
    return total


@settings(max_examples=40)
@given(terms, terms, points, numbers, st.integers(0, 3))
def test_arithmetic_of_polynomials_is_that_of_their_values(left, right, point, number, power):
    u, v = polynomial(left), polynomial(right)
    assert at(u + v, point) == at(u, point) + at(v, point)
    assert at(u - v, point) == at(u, point) - at(v, point)
    assert at(u * v, point) == at(u, point) * at(v, point)
    assert at(number * u - number, point) == number * at(u, point) - number
    assert at(number - u, point) == number - at(u, point)
    assert at(u**power, point) == at(u, point) ** power
    if number:
        assert at(u / number, point) == at(u, point) / number


@settings(max_examples=40)
@given(terms)
def test_a_constant_is_a_number(given_terms):
    u = polynomial(given_terms)
    assert u - u == 0
    assert isinstance(u - u, Fraction)
    assert u + 1 - 1 == u
    assert hash(u + 1 - 1) == hash(u)
    assert (u == polynomial({(0, 0): Fraction(7)})) == (polynomial(given_terms) == 7)


def test_nothing_is_divided_by_a_variable():
    (u,) = variables(1)
    for divide in (lambda: 1 / u, lambda: u / u):
        with pytest.raises(InputError, match="divides by a parameter"):
            divide()


sides = st.builds(
    lambda lower, width, ray: Side(lower, None if ray else lower + width),
    st.fractions(min_value=0, max_value=3, max_denominator=6),
    st.fractions(min_value=Fraction(1, 6), max_value=2, max_denominator=6),
    st.booleans(),
)
boxes = st.builds(lambda *s: Box(s), sides, sides)
unit = st.fractions(min_value=0, max_value=1, max_denominator=8)


def basis(side, i, d, s):
    """The i-th element of degree d at the coordinate s, from its definition."""
    from math import comb

    return s**i if side.upper is None else comb(d, i) * s**i * (1 - s) ** (d - i)


@settings(max_examples=40)
@given(boxes, terms, st.tuples(unit, unit))
def test_controls_are_the_coefficients_in_the_nonnegative_basis(box, given_terms, coordinates):
    parameters = box.parameters()
    u = Fraction(0)
    for (i, j), a in given_terms.items():
        u = u + a * (parameters[0] ** i * parameters[1] ** j)
    degrees = (3, 2)
    total = Fraction(0)
    for index, control in box.controls(u, degrees).items():
        weights = [basis(side, i, d, s) for side, i, d, s in zip(box.sides, index, degrees, coordinates, strict=True)]
        total += control * weights[0] * weights[1]
    points = [s.lower + (c if s.upper is None else c * (s.upper - s.lower)) for s, c in zip(box.sides, coordinates, strict=True)]
    assert total == at(polynomial(given_terms), points)


@given(
    boxes, st.tuples(unit, unit), st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2))
)
def test_products_of_basis_elements(box, coordinates, degrees, others):
    for i, j, both, factor in box.products(degrees, others):
        left = right = product = Fraction(1)
        for axis, (side, s) in enumerate(zip(box.sides, coordinates, strict=True)):
            left *= basis(side, i[axis], degrees[axis], s)
            right *= basis(side, j[axis], others[axis], s)
            product *= basis(side, both[axis], degrees[axis] + others[axis], s)
        assert factor >= 0
        assert left * right == factor * product


def test_degrees_are_the_largest_exponents():
    u, v = variables(2)
    assert degrees_of([u * u * v, v * v * v, Fraction(3)], 2) == (2, 3)


# coverings


def inside(box, point):
    return all(s.lower <= p and (s.upper is None or p <= s.upper) for s, p in zip(box.sides, point, strict=True))


def interior(box, point):
    return all(s.lower < p and (s.upper is None or p < s.upper) for s, p in zip(box.sides, point, strict=True))


spots = st.tuples(*[st.fractions(min_value=0, max_value=6, max_denominator=9)] * 2)


@settings(max_examples=40)
@given(boxes, boxes, spots)
def test_overlap_holds_the_common_points(left, right, spot):
    common = overlap(left, right)
    if common is None:
        assert not (interior(left, spot) and interior(right, spot))
    else:
        assert inside(common, spot) == (inside(left, spot) and inside(right, spot))


@settings(max_examples=40)
@given(boxes, boxes, spots)
def test_a_region_without_a_hole_is_what_is_left(region, other, spot):
    hole = overlap(region, other)
    if hole is not None:
        pieces = minus(region, hole)
        held = [piece for piece in pieces if inside(piece, spot)]
        assert inside(region, spot) == (bool(held) or inside(hole, spot))
        assert not any(interior(hole, spot) and inside(piece, spot) for piece in pieces)
        assert sum(interior(piece, spot) for piece in pieces) <= 1


@settings(max_examples=40)
@given(boxes, st.lists(boxes, max_size=5), spots)
def test_what_is_covered_has_a_box_for_every_point(region, given_boxes, spot):
    missing = uncovered(region, given_boxes)
    if missing is None:
        assert not inside(region, spot) or any(inside(box, spot) for box in given_boxes)
    else:
        assert all(overlap(missing, box) is None for box in given_boxes)
        assert overlap(missing, region) == missing


@settings(max_examples=40)
@given(boxes, st.lists(st.tuples(st.integers(0, 1), st.booleans()), max_size=6), st.integers(0, 6))
def test_halves_cover_and_a_missing_one_is_found(region, cuts, leave):
    parts = [region]
    for axis, first in cuts:
        box = parts.pop(0 if first else -1)
        parts += box.halves(axis)
    assert uncovered(region, parts) is None
    assert hull(parts) == region
    left = parts.pop(leave % len(parts))
    missing = uncovered(region, parts)
    assert missing is not None
    assert overlap(missing, left) == missing


# witnesses


@pytest.fixture(scope="module")
def excluder():
    rate = efpep.rate(efpep.EF21("0.2"), uniform(2, "1/2", 3)).certificate
    return Excluder(rate.question, ("step_size",), find_solver("clarabel"))


@pytest.fixture(scope="module")
def excluded(excluder):
    """A box right of the best step size, a rate that is excluded there, and the witness."""
    box = Box((Side(Fraction(25, 100), Fraction(26, 100)),))
    rate = Fraction(80, 100)
    witness = excluder.witness(box, rate)
    assert witness is not None
    assert witness.degrees == (1,)
    return box, rate, witness


def instance(question, witness, s):
    """The witness at the coordinate s, as one for that step size alone."""
    weights = [1 - s, s]
    grams = []
    for b, block in enumerate(question.blocks):
        size = range(len(block.columns))
        grams.append(
            tuple(tuple(sum(w * z[b][i][j] for w, z in zip(weights, witness.grams, strict=True)) for j in size) for i in size)
        )
    values = tuple(sum(w * v for w, v in zip(weights, column, strict=True)) for column in zip(*witness.values, strict=True))
    return tuple(grams), values


@settings(max_examples=20)
@given(s=unit)
def test_a_witness_on_a_box_is_one_at_each_of_its_points(excluder, excluded, s):
    box, rate, witness = excluded
    side = box.sides[0]
    method = efpep.EF21(side.lower + s * (side.upper - side.lower))
    question = rate_inequalities(method, excluder.rate.setting, "distance")
    grams, values = instance(question, witness, s)
    check_lower(question.system, LowerWitness(rate, (grams,), (values,)))


def test_the_excluded_rate_is_below_the_true_one(excluded):
    box, rate, _ = excluded
    for step in (box.sides[0].lower, box.sides[0].middle, box.sides[0].upper):
        assert efpep.rate(efpep.EF21(step), uniform(2, "1/2", 3)).upper > rate


def test_a_rate_that_is_reached_in_the_box_is_not_excluded(excluder):
    best = efpep.EF21.literature.optimal_step_size(efpep.EF21(), excluder.rate.setting).value
    reached = efpep.rate(efpep.EF21(best), excluder.rate.setting).upper
    assert excluder.witness(Box((Side(best * Fraction(9, 10), best * Fraction(11, 10)),)), reached) is None


@pytest.mark.parametrize("change", ["rate", "box", "ray", "gram", "value", "zero", "short", "degrees"])
def test_changed_witnesses_are_refused(excluder, excluded, change):
    box, rate, witness = excluded
    mean, *rest = witness.grams[0]
    lower = box.sides[0].lower
    changed = {
        "rate": witness,
        "box": replace(witness, box=Box((Side(Fraction(1, 5), Fraction(3, 10)),))),
        "ray": replace(witness, box=Box((Side(lower, None),))),
        "gram": replace(witness, grams=((tuple(tuple(-a for a in row) for row in mean), *rest), witness.grams[1])),
        "value": replace(witness, values=(tuple(-a - 1 for a in witness.values[0]), witness.values[1])),
        "zero": BoxWitness(
            box,
            witness.degrees,
            tuple(tuple(tuple(tuple(Fraction(0) for _ in row) for row in gram) for gram in grams) for grams in witness.grams),
            tuple(tuple(Fraction(0) for _ in values) for values in witness.values),
        ),
        "short": replace(witness, grams=witness.grams[:1], values=witness.values[:1]),
        "degrees": replace(witness, degrees=(0,)),
    }[change]
    with pytest.raises(CertificateError):
        check_box(excluder.question(changed.box), Fraction(9, 10) if change == "rate" else rate, changed)


@pytest.mark.parametrize(("lower", "upper"), [(0, Fraction(1, 10**6)), (100, None)])
def test_ends_of_the_range_are_excluded_by_the_still_instance(excluder, lower, upper):
    box = Box((Side(Fraction(lower), upper),))
    assert excluder.still(excluder.question(box), box, Fraction(9, 10)) is not None


def test_branch_and_bound_accounts_for_every_part(excluder):
    region = Box((Side(Fraction(1, 10), Fraction(4, 10)),))
    found = cover(excluder, [region], Fraction(80, 100), [Fraction(1, 50)])
    assert found.complete
    assert found.witnesses
    assert found.rest
    assert uncovered(region, [*(w.box for w in found.witnesses), *found.rest]) is None
    best = efpep.EF21.literature.optimal_step_size(efpep.EF21(), excluder.rate.setting).value
    assert any(inside(box, [best]) for box in found.rest)
    stopped = cover(excluder, [region], Fraction(80, 100), [Fraction(1, 50)], boxes=1)
    assert not stopped.complete
    assert uncovered(region, [*(w.box for w in stopped.witnesses), *stopped.rest]) is None


@given(step=st.fractions(min_value=Fraction(1, 50), max_value=2, max_denominator=50), eta=unit)
@settings(max_examples=15)
def test_a_question_on_a_box_is_the_question_at_each_point(step, eta):
    setting = uniform(10, "1/2", 2)
    box = Box((Side(Fraction(0), None), Side(Fraction(0), Fraction(1))))
    method = replace(efpep.EControl("1/3", eta="1/3"), step_size=box.parameters()[0], eta=box.parameters()[1])
    general = rate_inequalities(method, setting, "distance", POLYNOMIALS)
    special = rate_inequalities(efpep.EControl(step, eta=eta), setting, "distance")
    if eta in {0, 1}:
        return  # fewer features there, see the module on certificates
    assert general.feature_names() == special.feature_names()
    for polynomial_row, row in zip(general.rows, special.rows, strict=True):
        form = polynomial_row.form.mapped(lambda a: at(a, (step, eta)))
        assert not (form - row.form).nonzero or all(
            a == 0 for entries in (form - row.form).blocks.values() for a in entries.values()
        )
        assert polynomial_row.name == row.name


def test_a_method_that_divides_by_its_step_size_is_refused():
    class Dividing(efpep.EF21):
        def step(self, state, run):
            return super().step(state._replace(d=(1 / self.step_size) * state.d), run)

    rate = efpep.rate(efpep.EF21("0.2"), uniform(2, "1/2")).certificate
    rate = replace(rate, question=replace(rate.question, method=Dividing("0.2")))
    with pytest.raises(CertificateError, match="cannot be asked on a box"):
        question_on(rate.question, ("step_size",), Box((Side(Fraction(1), Fraction(2)),)))


# the numeric search


def test_the_search_finds_kinks_and_ends():
    line = [Axis(0.0, 10.0, logarithmic=True)]
    assert minimum(lambda p: abs(p[0] - 0.3), line, [])[0] == pytest.approx(0.3, rel=1e-6)
    plane = [Axis(0.0, 10.0, logarithmic=True), Axis(0.0, 1.0, logarithmic=False, ends=(0.0, 1.0))]
    found = minimum(lambda p: abs(p[0] - 0.3) + p[1], plane, [])
    assert found == pytest.approx((0.3, 0.0), rel=1e-5)
    assert minimum(lambda p: (p[0] - 1) ** 2, [Axis(1.0, 1.0, logarithmic=False)], []) == (1.0,)


def test_the_search_tunes_the_others_at_values_that_are_kept():
    """No grid and no simplex meets a single value; what is simple is known early."""
    plane = [Axis(0.0, 10.0, logarithmic=True), Axis(0.0, 1.0, logarithmic=False)]
    tried = []

    def ridge(p):
        tried.append(p)
        return (p[0] - 0.3) ** 2 + (p[1] != 0.37)

    assert minimum(ridge, plane, [(5.0, 0.8)], [[], [0.37]]) == pytest.approx((0.3, 0.37), rel=1e-4)
    assert tried[0] == (5.0, 0.8)
    assert min(ridge(p) for p in tried[:15]) < 0.1


@pytest.fixture(scope="module")
def forgetting():
    """A box on which momentum forgets at one end, a rate that is excluded there, and the witness."""
    rate = efpep.rate(efpep.EF21Momentum("1/4", theta="9/10"), uniform(2, "1/2", 2)).certificate
    excluder = Excluder(rate.question, ("theta",), find_solver("clarabel"))
    box = Box((Side(Fraction(95, 100), Fraction(1)),))
    excluded = Fraction(4, 5)
    witness = excluder.witness(box, excluded)
    assert witness is not None
    assert witness.degrees == (1,)
    return excluder, box, excluded, witness


@settings(max_examples=10)
@given(s=st.fractions(min_value=0, max_value=Fraction(7, 8), max_denominator=8))
def test_a_witness_in_rescaled_columns_is_one_at_each_point(forgetting, s):
    excluder, box, excluded, witness = forgetting
    side = box.sides[0]
    theta = side.lower + s * (side.upper - side.lower)
    question = rate_inequalities(efpep.EF21Momentum("1/4", theta=theta), excluder.rate.setting, "distance")
    grams, values = instance(question, witness, s)
    scaled = []
    for block, gram in zip(question.blocks, grams, strict=True):
        # the column of the error of the momentum is measured in 1 - s
        (column,) = next(iter(f.before.terms for f in block.features if f.name == "g-m"))
        sizes = [1 - s if j == column else Fraction(1) for j in block.columns]
        scaled.append(tuple(tuple(a * sizes[i] * sizes[j] for j, a in enumerate(row)) for i, row in enumerate(gram)))
    check_lower(question.system, LowerWitness(excluded, (tuple(scaled),), (values,)))


def test_the_other_columns_are_as_they_were(forgetting):
    excluder, box, _, _ = forgetting
    method = replace(excluder.rate.method, theta=box.parameters()[0])
    plain = rate_inequalities(method, excluder.rate.setting, "distance", POLYNOMIALS)
    again = rescaled(plain, box)
    assert again.feature_names() == plain.feature_names()
    assert rescaled(again, box) is again
    assert [row.name for row in again.rows] == [row.name for row in plain.rows]
    elsewhere = Box((Side(Fraction(1, 2), Fraction(3, 4)),))
    method = replace(method, theta=elsewhere.parameters()[0])
    plain = rate_inequalities(method, excluder.rate.setting, "distance", POLYNOMIALS)
    assert rescaled(plain, elsewhere) is plain
