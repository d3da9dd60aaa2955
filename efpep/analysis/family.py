"""Families of Lyapunov functions, as the variables of a rate SDP.

A family is a cone of functions: its variables enter the decrease ``V before - V after - q V before`` linearly, lie in a
product of half-lines and cones of semidefinite matrices, and are normalised by a linear form.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import Protocol

from efpep.analysis.scaling import Scaling, dyadic
from efpep.conic.program import Affine
from efpep.model.column import Unit
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.model.linear import Linear
from efpep.question.contraction import Contraction, Feature, Weights

Direction = tuple[int, Form, Form]
"""A variable, the form ``V before - V after`` that it multiplies, and its ``V before``."""


Triangle = tuple[list[Affine], int]
"""A semidefinite matrix: the coefficients by variable of the entries of its upper triangle by columns, and its order."""


class Family(Protocol):
    """A family of Lyapunov functions over the variables ``first, first + 1, ...``.

    Attributes:
        directions: what each variable multiplies, in scaled units.
        trace: the normalisation ``sum trace_j y_j = 1``.
        signed: the variables that are nonnegative.
        semidefinite: each semidefinite matrix.
        nonnegative: further combinations of variables that are nonnegative.
        end: one past the last variable.
    """

    directions: list[Direction]
    trace: dict[int, Scalar]
    signed: list[int]
    semidefinite: list[Triangle]
    nonnegative: list[Affine]
    end: int

    def weights(self, primal: Sequence[Fraction]) -> tuple[Weights, Fraction]:
        """Return the function in the question's units, and the factor by which its multipliers are scaled with it."""
        ...

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Return the variables moved into the interior of the cone by ``lift``."""
        ...

    def positivity(self, primal: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return the multipliers that show that the function is nonnegative; none where its weights do."""
        ...


class Plain:
    """What families have in common whose functions are nonnegative by their weights."""

    def __init__(self) -> None:
        """Start without further conditions."""
        self.nonnegative: list[Affine] = []

    def positivity(self, primal: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return nothing."""
        del primal
        return ()


class FreeFamily(Plain):
    """All quadratics with positive semidefinite weights, plus nonnegative multiples of the function gaps."""

    def __init__(self, question: Contraction, units: Scaling, first: int) -> None:
        """Number the variables from ``first``."""
        super().__init__()
        self.question = question
        self.units = units
        self.directions: list[Direction] = []
        self.trace: dict[int, Scalar] = {}
        self.semidefinite: list[Triangle] = []
        self.starts: list[tuple[int, int]] = []
        count = first
        for block, sizes in zip(question.blocks, units.features, strict=True):
            k = len(sizes)
            self.starts.append((count, k))
            self.semidefinite.append(([{j: Fraction(1)} for j in range(count, count + k * (k + 1) // 2)], k))
            before, after = scaled_features(units, block.index, block.features, sizes)
            for j in range(len(before)):
                for i in range(j + 1):
                    old, new = _pair(block.index, before[i], before[j]), _pair(block.index, after[i], after[j])
                    self.directions.append((count, old - new, old))
                    if i == j:
                        self.trace[count] = Fraction(1)
                    count += 1
        self.signed = list(range(count, count + len(question.gaps)))
        for gap in question.gaps:
            old, new = (1 / units.value) * units.form(gap.before), (1 / units.value) * units.form(gap.after)
            self.directions.append((count, old - new, old))
            self.trace[count] = Fraction(1)
            count += 1
        self.end = count

    def weights(self, primal: Sequence[Fraction]) -> tuple[Weights, Fraction]:
        """Return the function in the question's units."""
        blocks: list[tuple[tuple[Fraction, ...], ...]] = []
        pieces = zip(self.starts, self.question.blocks, self.units.features, strict=True)
        for (first, k), block, sizes in pieces:
            triangle = primal[first : first + k * (k + 1) // 2]
            solved = [
                [triangle[max(i, j) * (max(i, j) + 1) // 2 + min(i, j)] / (sizes[i] * sizes[j]) for j in range(k)]
                for i in range(k)
            ]
            blocks.append(_unshifted(solved, block.features))
        gaps = tuple(primal[j] / self.units.value for j in self.signed)
        return Weights(tuple(blocks), gaps), Fraction(1)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Add ``lift`` times the identity to every weight matrix."""
        moved = list(primal)
        for first, k in self.starts:
            for j in range(k):
                moved[first + j * (j + 3) // 2] += lift
        return moved


class PatternFamily(Plain):
    """Quadratics whose weights have entries at certain places only, plus multiples of certain function gaps."""

    def __init__(
        self,
        question: Contraction,
        units: Scaling,
        first: int,
        kept: Collection[tuple[int, int, int]],
        gaps: Collection[int],
    ) -> None:
        """Keep the entries ``(block, i, j)``, ``i <= j``, and the gaps of these numbers."""
        super().__init__()
        free = FreeFamily(question, units, first)
        self.free = free
        entries = {
            (b, i, j): start + j * (j + 1) // 2 + i
            for b, (start, k) in enumerate(free.starts)
            for j in range(k)
            for i in range(j + 1)
        }
        wanted = sorted({entries[entry] for entry in kept} | {free.signed[k] for k in gaps})
        self.places = {variable: first + n for n, variable in enumerate(wanted)}
        self.directions: list[Direction] = [
            (self.places[variable], base, slope) for variable, base, slope in free.directions if variable in self.places
        ]
        self.trace: dict[int, Scalar] = {self.places[v]: a for v, a in free.trace.items() if v in self.places}
        self.signed = [self.places[v] for v in free.signed if v in self.places]
        self.semidefinite: list[Triangle] = []
        for b, (_, k) in enumerate(free.starts):
            rows = [i for i in range(k) if (b, i, i) in kept]
            places = [self.places.get(entries[b, i, j]) for n, j in enumerate(rows) for i in rows[: n + 1]]
            triangle: list[Affine] = [{} if place is None else {place: Fraction(1)} for place in places]
            self.semidefinite.append((triangle, len(rows)))
        self.end = first + len(self.places)

    def weights(self, primal: Sequence[Fraction]) -> tuple[Weights, Fraction]:
        """Return the function in the question's units."""
        full = [Fraction(0)] * self.free.end
        for variable, place in self.places.items():
            full[variable] = primal[place]
        return self.free.weights(full)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Add ``lift`` to the diagonal entries that are kept."""
        moved = list(primal)
        for place in self.trace:
            moved[place] += lift
        return moved


class GivenFamily(Plain):
    """The multiples of one given function."""

    def __init__(self, question: Contraction, given: Weights, units: Scaling, first: int) -> None:
        """Take one variable, ``first``."""
        super().__init__()
        self.given = given
        before, after = question.lyapunov(given)
        old, new = units.form(before), units.form(after)
        entries = [abs(a) for block in old.blocks.values() for a in block.values()] + [abs(a) for a in old.values.values()]
        self.size = dyadic(max(entries, default=Fraction(1)))
        self.directions: list[Direction] = [(first, (1 / self.size) * (old - new), (1 / self.size) * old)]
        self.trace: dict[int, Scalar] = {first: Fraction(1)}
        self.signed = [first]
        self.semidefinite: list[Triangle] = []
        self.end = first + 1

    def weights(self, primal: Sequence[Fraction]) -> tuple[Weights, Fraction]:
        """Return the given function; multipliers are scaled to go with it."""
        share = primal[self.signed[0]]
        return self.given, self.size / share if share > 0 else Fraction(1)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Return the variables unchanged: there is nothing to move."""
        del lift
        return list(primal)


def scaled_features(
    units: Scaling, block: int, features: Sequence[Feature], sizes: Sequence[Fraction]
) -> tuple[list[Linear], list[Linear]]:
    """Return a block's features over scaled columns, before and after the step, without the parts ``mu x`` of gradients."""
    shifted = [_shifted(feature, features) for feature in features]
    before = [units.linear(block, old, size) for (old, _), size in zip(shifted, sizes, strict=True)]
    after = [units.linear(block, new, size) for (_, new), size in zip(shifted, sizes, strict=True)]
    return before, after


def _pair(block: int, u: Linear, v: Linear) -> Form:
    """Return the form that the entry (i, j) of a weight matrix multiplies: ``<u, u>``, or ``2 <u, v>``."""
    entries: Entries = {}
    product(u, v, entries)
    form = Form({block: {key: a for key, a in entries.items() if a != 0}})
    return form if u is v else 2 * form


def _shifted(feature: Feature, features: Sequence[Feature]) -> tuple[Linear, Linear]:
    """Return a gradient feature without its part ``mu x``, before and after the step; other features as they are."""
    point = features[0]
    if feature.curvature == 0 or point.unit is not Unit.POINT:
        return feature.before, feature.after
    return feature.before - feature.curvature * point.before, feature.after - feature.curvature * point.after


def _unshifted(weights: Sequence[Sequence[Fraction]], features: Sequence[Feature]) -> tuple[tuple[Fraction, ...], ...]:
    """Return ``T' W T`` for the change of features ``T`` of :func:`_shifted`: subtract ``mu`` times the first feature."""
    changed = [list(row) for row in weights]
    if features and features[0].unit is Unit.POINT:
        shift = [feature.curvature for feature in features]
        changed[0] = [
            a - sum((c * row[j] for c, row in zip(shift, weights, strict=True)), Fraction(0)) for j, a in enumerate(changed[0])
        ]
        for row in changed:
            row[0] -= sum((c * a for c, a in zip(shift, row, strict=True)), Fraction(0))
    return tuple(tuple(row) for row in changed)
