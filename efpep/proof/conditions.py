"""The two conditions under which rational numbers prove an end of an answer about a system (:mod:`efpep.model.system`).

*Upper end.* At theta the unknowns of a witness (positive semidefinite matrices, nonnegative numbers, or free ones) and its
multipliers (nonnegative for inequalities) make every relation hold: in every block a positive semidefinite matrix, in every
function value a nonnegative coefficient, with a positive multiple of the margin forms left over where there are any.

*Lower end.* Moments of the relations: positive semidefinite Gram matrices and nonnegative values that satisfy every row. Summed
over the relations, they pair every nonnegative unknown's forms at theta to something negative semidefinite, every free one's to
zero, and E to nothing positive. Pairing them with the condition above, at theta, leaves no room for the margin; where there is no
margin, E has to grow with theta on the moments, and everything below theta is excluded.

*Below theta.* The pairing has to be as bad for every smaller number. That of a nonnegative unknown is where its forms grow with
theta by squares, or by forms that are nonnegative on the moments; that of E where it does not fall with theta on them. For a free
unknown the moments change with theta: where its forms grow by what another relation says of it, and that relation's rows are
among the first one's, the first one's moments, times the difference, are added to the other's.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import cast

from efpep.errors import CertificateError
from efpep.model.definite import is_integer_semidefinite, is_semidefinite, is_symmetric
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.integers import IntegerForm, IntegerSum
from efpep.model.system import Block, Matrix, Relation, Square, System, affine
from efpep.proof.factor import is_sparse_semidefinite
from efpep.proof.moments import Moments
from efpep.proof.witness import LowerWitness, UpperWitness

_ZERO = Fraction(0)


def check_upper(system: System, witness: UpperWitness) -> None:
    """Check that a witness proves its number.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    _check_exact(witness.theta, witness.margin, witness.weights, witness.gaps, witness.multipliers)
    _check_shapes(system, witness)
    if system.least is not None and witness.theta < system.least:
        raise CertificateError(f"the upper {system.called} is {'negative' if system.least == 0 else f'below {system.least}'}.")
    if system.margined and witness.margin <= 0:
        raise CertificateError("the margin by which the Lyapunov function dominates the metric is not positive.")
    check_unknowns(system, witness)
    for i in range(len(system.relations)):
        check_relation(system, i, witness)


def check_unknowns(system: System, witness: UpperWitness) -> None:
    """Check that the unknowns of a witness are symmetric, and those that have to be nonnegative are.

    Raises:
        CertificateError: naming the first that is not.
    """
    for multiple, number in zip(system.multiples, witness.gaps, strict=True):
        if multiple.nonnegative and number < 0:
            raise CertificateError(f"the coefficient of {multiple.named} is negative.")
    for unknown, matrix in zip(system.matrices, witness.weights, strict=True):
        if not is_symmetric(matrix):
            raise CertificateError(f"{unknown.named} are not symmetric.")
        if unknown.nonnegative and not is_semidefinite(matrix):
            raise CertificateError(f"{unknown.named} are not positive semidefinite.")


def _check_shapes(system: System, witness: UpperWitness) -> None:
    _require_shapes("weights", [len(m) for m in witness.weights], [len(u.features) for u in system.matrices])
    _require_shapes("gaps", [len(witness.gaps)], [len(system.multiples)])
    _require_shapes("multipliers", [len(m) for m in witness.multipliers], [len(r.rows) for r in system.relations])
    given = [m.given for m in system.matrices if m.given is not None], [m.given for m in system.multiples if m.given is not None]
    mine = (
        [w for u, w in zip(system.matrices, witness.weights, strict=True) if u.given is not None],
        [a for m, a in zip(system.multiples, witness.gaps, strict=True) if m.given is not None],
    )
    if given != mine:
        raise CertificateError("the weights are not those of the Lyapunov function that the claim is about.")


def check_relation(system: System, i: int, witness: UpperWitness) -> None:
    """Check that relation i holds at a witness, by multipliers that are nonnegative where they have to be.

    Raises:
        CertificateError: naming the row whose multiplier is negative, or the value or the block in which it does not hold.
    """
    relation = system.relations[i]
    for row, multiplier in zip(relation.rows, witness.multipliers[i], strict=True):
        if multiplier < 0 and not row.equality:
            raise CertificateError(f"the multiplier of the inequality {row.name}{relation.place} is negative.")
    _check_sum(relation, _relation_sum(system, i, witness))


def check_form(relation: Relation, form: Form) -> None:
    """Check that a form is nonnegative in every block and value of a relation.

    Raises:
        CertificateError: naming the value or the block in which it is not.
    """
    _check_sum(relation, IntegerSum([(Fraction(1), form.integers)]))


def _check_sum(relation: Relation, total: IntegerSum) -> None:
    claimed = relation.claimed
    for k, coefficient in sorted(total.values.items()):
        if coefficient < 0:
            raise CertificateError(f"{claimed} is negative in the function value {relation.value_names[k]}.")
    covered = {(block.index, j) for block in relation.blocks for j in block.columns}
    if any(a and (b, j) not in covered for b, entries in total.blocks.items() for key, a in entries.items() for j in key):
        raise CertificateError(f"{claimed} has entries outside the question's blocks.")
    for block in relation.blocks:
        if not _is_semidefinite(relation, block, total.blocks.get(block.index, {})):
            doubt = "is not proved" if relation.sparse else "is not"
            raise CertificateError(f"{claimed} {doubt} positive semidefinite in the {block.name} block.")


def _is_semidefinite(relation: Relation, block: Block, entries: Mapping[tuple[int, int], int]) -> bool:
    """Return whether the matrix with these upper entries by pairs of columns is positive semidefinite."""
    if relation.sparse:
        return is_sparse_semidefinite(entries, block.columns)
    place = {j: k for k, j in enumerate(block.columns)}
    found = [[0] * len(place) for _ in place]
    for (i, j), a in entries.items():
        if a:
            u, v = place[i], place[j]
            found[min(u, v)][max(u, v)] = a
    return is_integer_semidefinite(found)


def relation_form(system: System, i: int, witness: UpperWitness) -> Form:
    """Return what is nonnegative by relation ``i`` at a witness: the unknowns' forms, the rows, E, less the margin."""
    return Form(*_relation_sum(system, i, witness).rationals())


def _relation_sum(system: System, i: int, witness: UpperWitness) -> IntegerSum:
    relation = system.relations[i]
    terms: list[tuple[Fraction, IntegerForm]] = [
        (Fraction(1), relation.constant.integers),
        (witness.theta, relation.slope.integers),
        (-witness.margin, relation.margin.integers),
    ]
    for square in relation.squares:
        factor = affine(square.constant, square.slope, witness.theta)
        if factor:
            terms.append((factor, square.integers(witness.weights[square.unknown])))
    for share in relation.shares:
        number = witness.gaps[share.unknown]
        terms += [(number, share.constant.integers), (number * witness.theta, share.slope.integers)]
    pairs = zip(relation.rows, witness.multipliers[i], strict=True)
    return IntegerSum([(factor, form) for factor, form in terms if factor] + [(a, row.form.integers) for row, a in pairs if a])


def check_lower(system: System, witness: LowerWitness) -> None:
    """Check that a witness excludes every number below its own.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_separated(separated=system.separated)
    _check_exact(witness.theta, witness.grams, witness.values)
    _check_given(system)
    instances = list(_instances(system, witness))
    pairs = list(zip(system.relations, instances, strict=False))
    for relation, moments in pairs:
        _check_moments(relation, moments)
    margin = sum((moments.value(relation.margin) for relation, moments in pairs), _ZERO)
    growth = sum((moments.value(relation.slope) for relation, moments in pairs), _ZERO)
    rest = sum((moments.value(relation.constant) for relation, moments in pairs), _ZERO) + witness.theta * growth
    for j, unknown in enumerate(system.matrices):
        pairing = _Pairing(len(unknown.features), witness.theta)
        for relation, moments in pairs:
            pairing.add(moments, [square for square in relation.squares if square.unknown == j])
        if unknown.given is not None:
            rest += pairing.at(unknown.given)
            growth += pairing.growth(unknown.given)
        elif not (pairing.excludes if unknown.nonnegative else pairing.vanishes):
            raise CertificateError(unknown.excluded)
    for k, multiple in enumerate(system.multiples):
        shares = [(share, moments) for relation, moments in pairs for share in relation.shares if share.unknown == k]
        constant = sum((moments.value(share.constant) for share, moments in shares), _ZERO)
        slope = sum((moments.value(share.slope) for share, moments in shares), _ZERO)
        number = constant + witness.theta * slope
        if multiple.given is not None:
            rest += multiple.given * number
            growth += multiple.given * slope
        elif (number > 0 or slope < 0) if multiple.nonnegative else number != 0:
            raise CertificateError(multiple.excluded)
    if (margin if system.margined else growth) <= 0:
        raise CertificateError(system.vanishing)
    if rest > 0 or growth < 0:
        raise CertificateError(system.allowed)
    if any(not u.nonnegative and u.given is None for u in (*system.matrices, *system.multiples)):
        _check_monotone(system)


def _check_exact(*numbers: object) -> None:
    """Check that all numbers, in whatever tuples, are rational: nothing that is rounded, or no number, decides.

    Raises:
        CertificateError: one is not.
    """
    for number in numbers:
        if isinstance(number, tuple | list):
            _check_exact(*cast("Sequence[object]", number))
        elif type(number) is not Fraction and type(number) is not int:
            raise CertificateError("a number of the witness is not rational.")


def _check_given(system: System) -> None:
    """Check that what the question gives of its unknowns is rational, symmetric, and fits them.

    Raises:
        CertificateError: it is not.
    """
    _check_exact([m.given for m in (*system.matrices, *system.multiples) if m.given is not None])
    for unknown in system.matrices:
        matrix = unknown.given
        if matrix is None:
            continue
        if not is_symmetric(matrix):
            raise CertificateError(f"{unknown.named} are not symmetric.")
        _require_shapes("given weights", [len(matrix)], [len(unknown.features)])


def check_separated(*, separated: bool) -> None:
    """Refuse a lower end of a question whose messages are not known to be separated.

    Raises:
        CertificateError: they are not.
    """
    if not separated:
        raise CertificateError(
            "two messages at one place may coincide, and then have one result, of which the recorded inequalities know nothing; "
            "so nothing is excluded by them."
        )


def _instances(system: System, witness: LowerWitness) -> Iterator[Moments]:
    """Yield the moments of each relation; those of the last relations may be left out, where they are zero.

    Raises:
        CertificateError: their number or shape is not that of the relation.
    """
    if not 1 <= len(witness.grams) == len(witness.values) <= len(system.relations):
        count = len(system.relations)
        raise CertificateError(f"the witness has moments of {len(witness.grams)} steps and states, and the question has {count}.")
    for relation, grams, values in zip(system.relations, witness.grams, witness.values, strict=False):
        shape = [len(block.columns) for block in relation.blocks]
        _require_shapes(f"Gram matrices{relation.place}", [len(m) for m in grams], shape)
        for block, gram in zip(relation.blocks, grams, strict=True):
            if not is_symmetric(gram):
                raise CertificateError(f"the Gram matrix of the {block.name} block{relation.place} is not symmetric.")
        _require_shapes(f"values{relation.place}", [len(values)], [len(relation.values)])
        yield Moments.of_relation(relation, grams, values)


def _check_moments(relation: Relation, moments: Moments) -> None:
    """Check that moments satisfy all that a relation says of them.

    Raises:
        CertificateError: naming the value, block or row where they do not.
    """
    for k, value in moments.values.items():
        if value < 0:
            raise CertificateError(f"the function value {relation.value_names[k]}{relation.place} is negative.")
    for block in relation.blocks:
        if not _is_semidefinite(relation, block, moments.gram[block.index]):
            raise CertificateError(f"the Gram matrix of the {block.name} block{relation.place} is not positive semidefinite.")
    for row in relation.rows:
        number = moments.numerator(row.form)
        if number > 0 or (row.equality and number != 0):
            raise CertificateError(f"{relation.instance} violates {row.name}.")


class _Pairing:
    """What a shared matrix is paired with on the moments of all relations, at theta and in its growth with theta."""

    def __init__(self, size: int, theta: Fraction) -> None:
        self._theta = theta
        self._now = _RationalSum(size)
        self._slope = _RationalSum(size)
        self._grows = True

    def add(self, moments: Moments, squares: Sequence[Square]) -> None:
        """Add the squares of one relation."""
        for square in squares:
            denominator, products = moments.integer_products(square.block, square.forms)
            self._grows = self._grows and square.slope >= 0
            self._now.add(affine(square.constant, square.slope, self._theta), denominator, products)
            self._slope.add(square.slope, denominator, products)

    @property
    def excludes(self) -> bool:
        """Whether no positive semidefinite matrix helps, at theta and below."""
        grows = self._grows or is_integer_semidefinite(self._slope.numerators)
        return grows and is_integer_semidefinite([[-a for a in line] for line in self._now.numerators])

    @property
    def vanishes(self) -> bool:
        """Whether no matrix helps at theta."""
        return not any(a for line in self._now.numerators for a in line)

    def at(self, weights: Matrix) -> Fraction:
        """Return the pairing with a matrix at theta."""
        return self._now.paired(weights)

    def growth(self, weights: Matrix) -> Fraction:
        """Return how the pairing with a matrix grows with theta."""
        return self._slope.paired(weights)


class _RationalSum:
    """A sum of rational multiples of integer matrices, over one denominator."""

    def __init__(self, size: int) -> None:
        self.numerators = [[0] * size for _ in range(size)]
        self._denominator = 1

    def add(self, factor: Scalar, denominator: int, matrix: Sequence[Sequence[int]]) -> None:
        """Add ``factor / denominator`` times a matrix."""
        if not factor:
            return
        own: int = factor.denominator * denominator
        shared = math.lcm(self._denominator, own)
        mine, others = shared // self._denominator, factor.numerator * (shared // own)
        pairs = zip(self.numerators, matrix, strict=True)
        self.numerators = [[mine * a + others * b for a, b in zip(u, v, strict=True)] for u, v in pairs]
        self._denominator = shared

    def paired(self, weights: Matrix) -> Fraction:
        """Return the inner product with a matrix."""
        pairs = zip(weights, self.numerators, strict=True)
        return sum((a * b for u, v in pairs for a, b in zip(u, v, strict=True)), _ZERO) / self._denominator


def _check_monotone(system: System) -> None:
    """Check that what is excluded at theta is excluded below, where unknowns are free.

    Their forms grow with theta, in a relation, by exactly what another relation, which does not depend on theta, says of them,
    and the rows and columns of that other are among the first one's. (Its values need not be: all of them are nonnegative.)

    Raises:
        CertificateError: they do not.
    """
    for relation in system.relations:
        if not _grows(relation):
            continue
        others = [other for other in system.relations if other is not relation and not _grows(other)]
        if not any(_covered_by(other, relation) for other in others):
            raise CertificateError("it is not known that smaller numbers are excluded with this one.")


def _grows(relation: Relation) -> bool:
    return any(square.slope for square in relation.squares) or any(share.slope.nonzero for share in relation.shares)


def _covered_by(other: Relation, relation: Relation) -> bool:
    """Return whether one relation says of its unknowns what another's forms grow by, and the latter's moments suit the former."""
    rows = {row.name: row for row in relation.rows}
    if not all(row.name in rows and _same(row.form, rows[row.name].form) for row in other.rows):
        return False
    if any(row.equality != rows[row.name].equality for row in other.rows):
        return False
    if other.constant.nonzero or other.slope.nonzero or other.margin.nonzero:
        return False
    columns = {block.index: set(block.columns) for block in relation.blocks}
    if not all(set(block.columns) <= columns.get(block.index, set()) for block in other.blocks):
        return False
    grown = [square for square in relation.squares if square.slope]
    said = [(square.unknown, square.block, square.forms, square.constant) for square in other.squares]
    if said != [(square.unknown, square.block, square.forms, square.slope) for square in grown]:
        return False
    pairs = [(share.unknown, share.slope) for share in relation.shares], [(s.unknown, s.constant) for s in other.shares]
    return len(pairs[0]) == len(pairs[1]) and all(
        j == k and _same(u, v) for (j, u), (k, v) in zip(pairs[0], pairs[1], strict=True)
    )


def _same(left: Form, right: Form) -> bool:
    return left is right or (left.blocks == right.blocks and left.values == right.values)


def _require_shapes(what: str, given: Sequence[int], wanted: Sequence[int]) -> None:
    if list(given) != list(wanted):
        raise CertificateError(f"the {what} have the shape {list(given)}, but the question needs {list(wanted)}.")
