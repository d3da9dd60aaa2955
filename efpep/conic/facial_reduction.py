"""Facial reduction by neutral moments: motions that the margin form does not see, and on which no Lyapunov function decreases.

Moments that satisfy every row, on which the margin form vanishes and every unknown's forms at theta = 1 are paired with nothing
positive, leave no interior to what proves any theta < 1: by complementarity a matrix W vanishes on the products of its features
there, and the multiplier of a row that is negative there is zero. A translation of all iterates is one, where only differences
of them enter the rows; so are client memories that differ for ever while their mean alone acts. With ``W = C' W' C``, where C
spans the other features, and without those rows the system often has an interior. What it proves is proved of the whole system:
upper ends as they are, lower ends with a large multiple of the neutral moments added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.repair import on_free_unknowns, with_moments
from efpep.conic.status import Solution
from efpep.conic.units import Measures, dyadic
from efpep.model.exact import relations
from efpep.model.least_change import matrix_sum
from efpep.model.linear import ZERO, Linear
from efpep.model.system import Matrix, Relation, Unknown
from efpep.proof.moments import Moments, Numbers
from efpep.proof.witness import LowerWitness, UpperWitness

_ZERO = Fraction(0)
_VANISHING = 1e-12
"""The largest margin that counts as none."""
_DENOMINATORS = (10, 1000)
_MULTIPLES = tuple(Fraction(2) ** k for k in (0, 10, 20, 30, 40, 60))


@dataclass(frozen=True)
class Face:
    """A system without what its neutral moments exclude.

    Attributes:
        whole: the whole system.
        neutral: the moments of its first relation.
        rows: the numbers of the rows of the first relation that are kept.
        gaps: those of the shared numbers.
        changes: for each shared matrix, a basis of the features that are left, by the old features.
    """

    whole: Lmi
    neutral: Numbers
    rows: tuple[int, ...]
    gaps: tuple[int, ...]
    changes: tuple[Matrix, ...]

    @cached_property
    def reduced(self) -> Lmi:
        """The system that is left."""
        system, measures = self.whole.system, self.whole.measures
        first, *others = (self._relation(relation) for relation in system.relations)
        first = replace(first, rows=tuple(first.rows[c] for c in self.rows))
        pairs = zip(system.matrices, self.changes, strict=True)
        left = replace(
            system,
            relations=(first, *others),
            matrices=tuple(replace(unknown, features=("",) * len(change)) for unknown, change in pairs),
            multiples=tuple(system.multiples[k] for k in self.gaps),
        )
        sizes = tuple(
            tuple(dyadic(max(abs(a) * size for a, size in zip(line, own, strict=True))) for line in change)
            for change, own in zip(self.changes, measures.features, strict=True)
        )
        return Lmi(left, Measures(measures.relations, sizes, measures.theta), reduce=True)

    def _relation(self, relation: Relation) -> Relation:
        squares = (replace(square, forms=_combined(self.changes[square.unknown], square.forms)) for square in relation.squares)
        shares = (replace(s, unknown=self.gaps.index(s.unknown)) for s in relation.shares if s.unknown in self.gaps)
        return replace(relation, squares=tuple(squares), shares=tuple(shares))

    def upper(self, witness: UpperWitness) -> UpperWitness:
        """Return a witness of the reduced system as one of the whole system."""
        rows, gaps = (
            dict(zip(kept, numbers, strict=True))
            for kept, numbers in ((self.rows, witness.multipliers[0]), (self.gaps, witness.gaps))
        )
        system = self.whole.system
        first = tuple(rows.get(c, _ZERO) for c in range(len(system.relations[0].rows)))
        return replace(
            witness,
            weights=tuple(
                _congruent(matrix, change, len(unknown.features))
                for matrix, change, unknown in zip(witness.weights, self.changes, system.matrices, strict=True)
            ),
            gaps=tuple(gaps.get(k, _ZERO) for k in range(len(system.multiples))),
            multipliers=(first, *witness.multipliers[1:]),
        )

    def lowers(self, witness: LowerWitness) -> Iterator[LowerWitness]:
        """Yield candidates of witnesses of the whole system: with ever larger multiples of the neutral moments."""
        grams, values = self.neutral
        for part in _MULTIPLES:
            added = tuple(matrix_sum(a, _times(part, b)) for a, b in zip(witness.grams[0], grams, strict=True))
            numbers = tuple(a + part * b for a, b in zip(witness.values[0], values, strict=True))
            yield on_free_unknowns(self.whole.system, self.whole.measures, with_moments(witness, 0, added, numbers))


def face(lmi: Lmi, solution: Solution) -> Face | None:
    """Return what is left of a system, by a solution of its pencil at theta = 1.

    None where its margin is not zero, or all is left. Nothing is trusted: a misleading solution makes witnesses that are refused.
    """
    if not solution.usable or solution.primal is None or abs(float(solution.primal[HEAD])) > _VANISHING:
        return None
    relation, system = lmi.system.relations[0], lmi.system
    for most in _DENOMINATORS:
        neutral = _neutral(lmi, solution, most)
        moments = Moments.of_relation(relation, *neutral)
        numbers = [moments.value(row.form) for row in relation.rows]
        if moments.value(relation.margin) != 0 or max(numbers, default=_ZERO) > 0:
            continue
        grown = {s.unknown for s in relation.shares if moments.value(s.constant) or moments.value(s.slope)}
        left = Face(
            lmi,
            neutral,
            tuple(c for c, number in enumerate(numbers) if number == 0),
            tuple(k for k in range(len(system.multiples)) if k not in grown),
            tuple(_change(lmi, moments, j, unknown) for j, unknown in enumerate(system.matrices)),
        )
        everything = [len(relation.rows), len(system.multiples), *(len(unknown.features) for unknown in system.matrices)]
        if [len(left.rows), len(left.gaps), *map(len, left.changes)] != everything:
            return left
    return None


def _neutral(lmi: Lmi, solution: Solution, most: int) -> Numbers:
    """Return the moments of the first relation by the solution, rounded to fractions of these denominators in scaled units."""
    witness, units = lmi.lower(Fraction(1), solution.rationals()[1]), lmi.measures.relations[0]
    sizes = [[units.columns[block.index][j] for j in block.columns] for block in lmi.system.relations[0].blocks]
    pairs = list(zip(witness.grams[0], sizes, strict=True))
    numbers = [gram[i][i] / own[i] ** 2 for gram, own in pairs for i in range(len(own))]
    unit = max([*numbers, *(a / units.value for a in witness.values[0])], default=_ZERO) or Fraction(1)

    def short(number: Fraction, size: Fraction) -> Fraction:
        return (number / (size * unit)).limit_denominator(most) * size

    grams = tuple(
        tuple(tuple(short(a, u * v) for a, v in zip(line, own, strict=True)) for line, u in zip(gram, own, strict=True))
        for gram, own in pairs
    )
    return grams, tuple(short(a, units.value) for a in witness.values[0])


def _change(lmi: Lmi, moments: Moments, j: int, unknown: Unknown) -> Matrix:
    """Return a basis of the features that vanish on the moments, before and after, freed of their shifts first."""
    size = range(len(unknown.features))
    shifts = lmi.measures.shifts[j] if lmi.measures.shifts else (_ZERO,) * len(size)
    free = tuple(tuple(Fraction((i == k) - (shifts[i] if k == 0 else 0)) for k in size) for i in size)
    if unknown.given is not None:
        return tuple(tuple(Fraction(i == k) for k in size) for i in size)
    total: Matrix = tuple((_ZERO,) * len(size) for _ in size)
    for square in (square for square in lmi.system.relations[0].squares if square.unknown == j):
        total = matrix_sum(total, moments.products(square.block, _combined(free, square.forms)))
    return tuple(tuple(_dot(line, column) for column in zip(*free, strict=True)) for line in relations(total))


def _combined(change: Matrix, forms: Sequence[Linear]) -> tuple[Linear, ...]:
    return tuple(sum((a * form for a, form in zip(line, forms, strict=True) if a), ZERO) for line in change)


def _congruent(matrix: Matrix, change: Matrix, count: int) -> Matrix:
    """Return ``C' W C``, where C has so many columns."""
    columns = [[line[k] for line in change] for k in range(count)]
    half = [[_dot(line, column) for line in matrix] for column in columns]
    return tuple(tuple(_dot(u, column) for column in columns) for u in half)


def _dot(u: Sequence[Fraction], v: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(u, v, strict=True)), _ZERO)


def _times(factor: Fraction, matrix: Matrix) -> Matrix:
    return tuple(tuple(factor * a for a in line) for line in matrix)
