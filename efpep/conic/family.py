"""Families of unknowns, as the variables of a semidefinite program.

A family ranges over some of the values that the shared matrices and numbers of a system may have: its variables enter every
relation linearly, lie in a product of half-lines and cones of semidefinite matrices, and have a linear form to normalise.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Protocol

from efpep.conic.program import Affine
from efpep.conic.triangle import diagonal, length, place, symmetric
from efpep.conic.units import Measures, largest
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, paired
from efpep.model.linear import Linear
from efpep.model.system import Matrix, Square, System

Direction = tuple[int, Form, Form]
"""A variable, the form that it multiplies in a relation at theta = 0, and how that grows with theta."""

Triangle = tuple[list[Affine], int]
"""A semidefinite matrix: the coefficients by variable of the entries of its upper triangle by columns, and its order."""

Unknowns = tuple[tuple[Matrix, ...], tuple[Fraction, ...], Fraction]
"""The shared matrices, the shared numbers, and the factor by which multipliers are scaled with them."""


class Family(Protocol):
    """A family of unknowns over the variables ``first, first + 1, ...``.

    Attributes:
        directions: for each relation, what each variable multiplies, in scaled units.
        trace: the linear form that normalises the unknowns.
        signed: the variables that are nonnegative.
        semidefinite: each semidefinite matrix.
        end: one past the last variable.
    """

    directions: list[list[Direction]]
    trace: dict[int, Scalar]
    signed: list[int]
    semidefinite: list[Triangle]
    end: int

    def unknowns(self, primal: Sequence[Fraction]) -> Unknowns:
        """Return the unknowns in the system's units."""
        ...

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Return the variables moved into the interior of the cone by ``lift``."""
        ...


class FreeFamily:
    """All unknowns: positive semidefinite matrices and nonnegative numbers, or any where they are free."""

    def __init__(self, system: System, measures: Measures, first: int) -> None:
        """Number the variables from ``first``."""
        self.system = system
        self.measures = measures
        self.directions: list[list[Direction]] = [[] for _ in system.relations]
        self.trace: dict[int, Scalar] = {}
        self.signed: list[int] = []
        self.semidefinite: list[Triangle] = []
        self.starts: list[int] = []
        count = first
        for unknown in system.matrices:
            k = len(unknown.features)
            self.starts.append(count)
            end = count + length(k)
            if unknown.nonnegative:
                self.semidefinite.append(([{j: Fraction(1)} for j in range(count, end)], k))
            self.trace |= {count + diagonal(j): Fraction(1) for j in range(k)}
            count = end
        self.gaps = list(range(count, count + len(system.multiples)))
        self.signed = [v for v, multiple in zip(self.gaps, system.multiples, strict=True) if multiple.nonnegative]
        self.trace |= dict.fromkeys(self.gaps, Fraction(1))
        self.end = count + len(system.multiples)
        for i in range(len(system.relations)):
            self._add_directions(i)

    def _add_directions(self, i: int) -> None:
        relation, units, found = self.system.relations[i], self.measures.relations[i], self.directions[i]
        squares: dict[int, list[Square]] = {}
        for square in relation.squares:
            squares.setdefault(square.unknown, []).append(square)
        for unknown, own in squares.items():
            scaled = [(square, scaled_forms(self.measures, i, square)) for square in own]
            for k in range(len(self.measures.features[unknown])):
                for j in range(k + 1):
                    constant, slope = Form(), Form()
                    for square, forms in scaled:
                        pair = _pair(square.block, forms[j], forms[k])
                        constant, slope = _sum(constant, square.constant, pair), _sum(slope, square.slope, pair)
                    found.append((self.starts[unknown] + place(j, k), constant, slope))
        for share in relation.shares:
            inverse = 1 / self.measures.relations[0].value
            constant, slope = inverse * units.form(share.constant), inverse * units.form(share.slope)
            found.append((self.gaps[share.unknown], constant, slope))

    def unknowns(self, primal: Sequence[Fraction]) -> Unknowns:
        """Return the unknowns in the system's units."""
        matrices: list[Matrix] = []
        for j, (first, sizes) in enumerate(zip(self.starts, self.measures.features, strict=True)):
            solved = symmetric(primal, first, [1 / size for size in sizes])
            matrices.append(_unshifted(solved, self.measures.shifts[j]) if self.measures.shifts else solved)
        value = self.measures.relations[0].value
        return tuple(matrices), tuple(primal[v] / value for v in self.gaps), Fraction(1)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Add ``lift`` times the identity to every matrix."""
        moved = list(primal)
        for first, sizes in zip(self.starts, self.measures.features, strict=True):
            for j in range(len(sizes)):
                moved[first + diagonal(j)] += lift
        return moved


class PatternFamily:
    """Unknown matrices that have entries at certain places only, and certain of the shared numbers."""

    def __init__(
        self, system: System, measures: Measures, first: int, kept: Collection[tuple[int, int, int]], gaps: Collection[int]
    ) -> None:
        """Keep the entries ``(matrix, i, j)``, ``i <= j``, and the numbers with these places."""
        free = FreeFamily(system, measures, first)
        self.free = free
        wanted = sorted({free.starts[b] + place(i, j) for b, i, j in kept} | {free.gaps[k] for k in gaps})
        self.places = {variable: first + n for n, variable in enumerate(wanted)}
        self.directions: list[list[Direction]] = [
            [(self.places[v], constant, slope) for v, constant, slope in directions if v in self.places]
            for directions in free.directions
        ]
        self.trace: dict[int, Scalar] = {self.places[v]: a for v, a in free.trace.items() if v in self.places}
        self.signed = [self.places[v] for v in free.signed if v in self.places]
        self.semidefinite: list[Triangle] = []
        for b, unknown in enumerate(system.matrices):
            rows = [i for i in range(len(unknown.features)) if (b, i, i) in kept]
            places = [self.places.get(free.starts[b] + place(i, j)) for n, j in enumerate(rows) for i in rows[: n + 1]]
            triangle: list[Affine] = [{} if variable is None else {variable: Fraction(1)} for variable in places]
            self.semidefinite.append((triangle, len(rows)))
        self.end = first + len(self.places)

    def unknowns(self, primal: Sequence[Fraction]) -> Unknowns:
        """Return the unknowns in the system's units."""
        full = [Fraction(0)] * self.free.end
        for variable, own in self.places.items():
            full[variable] = primal[own]
        return self.free.unknowns(full)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Add ``lift`` to the diagonal entries that are kept."""
        moved = list(primal)
        for variable in self.trace:
            moved[variable] += lift
        return moved


class GivenFamily:
    """The multiples of unknowns that are given."""

    def __init__(
        self, system: System, measures: Measures, first: int, weights: Sequence[Matrix], gaps: Sequence[Fraction]
    ) -> None:
        """Take one variable, ``first``."""
        self.given = tuple(weights), tuple(gaps)
        forms: list[tuple[Form, Form]] = []
        for relation, units in zip(system.relations, measures.relations, strict=True):
            constant, slope = Form(), Form()
            for square in relation.squares:
                total = square.weighted(weights[square.unknown])
                constant = constant + square.constant * total if square.constant else constant
                slope = slope + square.slope * total if square.slope else slope
            for share in relation.shares:
                constant, slope = constant + gaps[share.unknown] * share.constant, slope + gaps[share.unknown] * share.slope
            forms.append((units.form(constant), units.form(slope)))
        self.size = max(largest(slope) if slope.nonzero else largest(constant) for constant, slope in forms)
        inverse = 1 / self.size
        self.directions: list[list[Direction]] = [[(first, inverse * constant, inverse * slope)] for constant, slope in forms]
        self.trace: dict[int, Scalar] = {first: Fraction(1)}
        self.signed = [first]
        self.semidefinite: list[Triangle] = []
        self.end = first + 1

    def unknowns(self, primal: Sequence[Fraction]) -> Unknowns:
        """Return the given unknowns; multipliers are scaled to go with them."""
        share = primal[self.signed[0]]
        return *self.given, self.size / share if share > 0 else Fraction(1)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Return the variables unchanged: there is nothing to move."""
        del lift
        return list(primal)


def default_family(system: System, measures: Measures, first: int) -> Family:
    """Return all unknowns, or the multiples of those that the question gives."""
    if system.given:
        matrices = [unknown.given for unknown in system.matrices if unknown.given is not None]
        gaps = [multiple.given for multiple in system.multiples if multiple.given is not None]
        return GivenFamily(system, measures, first, matrices, gaps)
    return FreeFamily(system, measures, first)


def scaled_forms(measures: Measures, relation: int, square: Square) -> list[Linear]:
    """Return the features of a square over scaled columns, in their own units, without their shifts."""
    units, sizes = measures.relations[relation], measures.features[square.unknown]
    forms = square.forms
    if measures.shifts:
        shifts = measures.shifts[square.unknown]
        forms = tuple(form - a * square.forms[0] if a else form for form, a in zip(forms, shifts, strict=True))
    return [units.linear(square.block, form, size) for form, size in zip(forms, sizes, strict=True)]


def _pair(block: int, u: Linear, v: Linear) -> Form:
    """Return the form that the entry (i, j) of a weight matrix multiplies: ``<u, u>``, or ``2 <u, v>``."""
    if u is v:
        return paired(block, u, v)
    entries: Entries = {}
    for i, a in u.terms.items():
        for j, b in v.terms.items():
            key, product = (i, j) if i <= j else (j, i), a * b
            product = product + product if i == j else product
            entries[key] = entries[key] + product if key in entries else product
    return Form({block: {key: a for key, a in entries.items() if a != 0}})


def _sum(total: Form, factor: Scalar, form: Form) -> Form:
    """Return ``total + factor form``, without a product where the factor is 0, 1 or -1."""
    if factor == 0:
        return total
    return total - form if factor == -1 else total + factor * form


def _unshifted(weights: Matrix, shifts: Sequence[Scalar]) -> Matrix:
    """Return ``T' W T`` for the change of features T that subtracts multiples of the first feature."""
    if not any(shifts):
        return weights
    changed = [list(row) for row in weights]
    changed[0] = [
        a - sum((c * row[j] for c, row in zip(shifts, weights, strict=True)), Fraction(0)) for j, a in enumerate(changed[0])
    ]
    for row in changed:
        row[0] -= sum((c * a for c, a in zip(shifts, row, strict=True)), Fraction(0))
    return tuple(tuple(row) for row in changed)
