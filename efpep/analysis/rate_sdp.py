"""The rate SDP of a one-step question, as a pencil in q = 1 - rho.

    t(q) = max t   over   V in a family (P_b >= 0,  p >= 0,  sum_b tr P_b + sum p = 1),   lambda >= 0 (free for equalities)
      sum_c lambda_c Q_c + (V before - V after) - q V before - t Ref >= 0   in every block,
      the same for the coefficients of the function values,

everything in scaled units, with ``Ref`` the sum of the squared features divided by their number in the mean block. ``t``
decreases in q and vanishes at the best rate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from efpep.analysis.dominating import DominatingFamily, proposed_state
from efpep.analysis.facial import Place, equations, unbounded_columns, with_free_diagonal
from efpep.analysis.family import Family, FreeFamily, GivenFamily, scaled_features
from efpep.analysis.scaling import Scaling, dyadic, scaling
from efpep.certify.witness import LowerWitness, Matrix, UpperWitness
from efpep.conic.program import Cones, Pencil, Program
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.question.contraction import Block, Contraction

FamilyMaker = Callable[[Contraction, Scaling, int], Family]

MARGIN = 0
"""The variable t is the first."""


@dataclass(frozen=True)
class RateSdp:
    """The pencil with the way back from its variables to witnesses in the question's own units."""

    question: Contraction
    units: Scaling
    pencil: Pencil
    family: Family
    multipliers: tuple[int, ...]
    row_sizes: tuple[Fraction, ...]
    values: tuple[int, ...]
    signed: tuple[int, ...]
    kept: tuple[tuple[int, ...], ...]
    equations: tuple[Place, ...]

    @property
    def reduced(self) -> bool:
        """Whether some columns are replaced by equations."""
        return any(len(kept) < len(block.columns) for block, kept in zip(self.question.blocks, self.kept, strict=True))

    def upper(self, rate: Fraction, primal: Sequence[Fraction]) -> UpperWitness:
        """Return the primal variables as a witness in the question's units."""
        weights, factor = self.family.weights(primal)
        multipliers = tuple(factor * primal[j] / size for j, size in zip(self.multipliers, self.row_sizes, strict=True))
        positivity = tuple(factor * nu for nu in self.family.positivity(primal))
        return UpperWitness(rate, weights.blocks, weights.gaps, multipliers, factor * primal[MARGIN], positivity)

    def lower(self, rate: Fraction, dual: Sequence[Fraction]) -> LowerWitness:
        """Return the multipliers of the LMI as a witness in the question's units."""
        cones = self.pencil.base.cones
        count = len(self.question.blocks)
        grams: list[Matrix] = []
        for block, kept, inner in zip(self.question.blocks, self.kept, cones.matrices(dual)[:count], strict=True):
            grams.append(self._measured(block, self._whole(block, kept, inner, dual)))
        first = cones.zero
        values = tuple(dual[first + i] * self.units.value for i in range(len(self.values)))
        witness = LowerWitness(rate, tuple(grams), values)
        if self.question.settled is None or self.question.given is not None:
            return witness
        return proposed_state(self.question, self.units, witness, dual, cones)

    def _measured(self, block: Block, matrix: Sequence[Sequence[Scalar]]) -> Matrix:
        """Return a Gram matrix of scaled columns in the question's units."""
        sizes = [self.units.columns[block.index][j] for j in block.columns]
        return tuple(tuple(a * sizes[i] * sizes[j] for j, a in enumerate(row)) for i, row in enumerate(matrix))

    def _whole(
        self, block: Block, kept: Sequence[int], inner: Sequence[Sequence[Fraction]], dual: Sequence[Fraction]
    ) -> Sequence[Sequence[Fraction]]:
        """Return the Gram matrix of a block, with the columns that equations stand for."""
        if len(kept) == len(block.columns):
            return inner
        place = {j: i for i, j in enumerate(block.columns)}
        products = [[Fraction(0)] * len(place) for _ in place]
        for number, (b, i, j) in enumerate(self.equations, start=1):
            if b == block.index:
                products[place[i]][place[j]] = products[place[j]][place[i]] = dual[number] / 2
        return with_free_diagonal([place[j] for j in kept], inner, tuple(tuple(row) for row in products))

    @cached_property
    def interior(self) -> Program:
        """The program of a dual point strictly inside all inequality rows: ``Z >= t I, phi >= t, row(Z, phi) <= -t``.

        Variables are t, then the triangles of Z by block, then phi; t is bounded by 1 and the trace of Z by one.
        """
        question = self.question
        sizes = [len(block.columns) for block in question.blocks]
        starts: list[int] = []
        count = 1
        for k in sizes:
            starts.append(count)
            count += k * (k + 1) // 2
        first_value = count
        count += len(self.values)
        place = {k: first_value + i for i, k in enumerate(self.values)}
        zero: list[dict[int, Scalar]] = []
        positive: list[dict[int, Scalar]] = []
        for row, size in zip(question.rows, self.row_sizes, strict=True):
            scaled = self.units.form(row.form)
            affine: dict[int, Scalar] = {place[k]: -a / size for k, a in scaled.values.items()}
            for block, start in zip(question.blocks, starts, strict=True):
                local = {j: i for i, j in enumerate(block.columns)}
                for (i, j), a in scaled.blocks.get(block.index, {}).items():
                    u, v = sorted((local[i], local[j]))
                    affine[start + v * (v + 1) // 2 + u] = -(a if u == v else 2 * a) / size
            if row.equality:
                zero.append(affine)
            else:
                positive.append({**affine, MARGIN: Fraction(-1)})
        positive += [{place[k]: Fraction(1), MARGIN: Fraction(-1)} for k in self.values]
        trace: dict[int, Scalar] = {}
        blocks: list[dict[int, Scalar]] = []
        for k, start in zip(sizes, starts, strict=True):
            for j in range(k):
                for i in range(j + 1):
                    entry = start + j * (j + 1) // 2 + i
                    blocks.append({entry: Fraction(1), MARGIN: Fraction(-1)} if i == j else {entry: Fraction(1)})
                trace[start + j * (j + 3) // 2] = Fraction(-1)
        positive.append(trace)
        rows = [*zero, *positive, *blocks]
        cones = Cones(len(zero), len(positive), tuple(sizes))
        return Program({MARGIN: Fraction(1)}, {len(zero) + len(positive) - 1: Fraction(1)}, cones, count, rows)

    def interior_witness(self, primal: Sequence[Fraction]) -> LowerWitness:
        """Return a point of :attr:`interior` in the question's units (its rate means nothing)."""
        orders = tuple(len(block.columns) for block in self.question.blocks)
        first = 1 + sum(k * (k + 1) // 2 for k in orders)
        grams: list[Matrix] = []
        for block, matrix in zip(self.question.blocks, Cones(0, 0, orders).matrices(primal[1:first]), strict=True):
            grams.append(self._measured(block, matrix))
        return LowerWitness(Fraction(0), tuple(grams), tuple(a * self.units.value for a in primal[first:]))


def rate_sdp(
    question: Contraction, family_of: FamilyMaker | None = None, units: Scaling | None = None, *, reduce: bool = True
) -> RateSdp:
    """Assemble the rate SDP of ``question`` exactly, in scaled units.

    ``units`` are those of :func:`efpep.analysis.scaling.scaling` by default. ``family_of`` makes the family of Lyapunov functions
    from the question, the units and the first variable; by default it is the given function where the question has one, else all
    of the class. ``reduce`` says whether equations stand for columns without a diagonal (see :mod:`efpep.analysis.facial`).
    """
    units = units or scaling(question)
    family = (family_of or _default_family)(question, units, 1)
    directions = list(family.directions)
    multipliers = tuple(range(family.end, family.end + len(question.rows)))
    row_sizes: list[Fraction] = []
    for variable, row in zip(multipliers, question.rows, strict=True):
        scaled = units.form(row.form)
        coefficients = [abs(a) for entries in scaled.blocks.values() for a in entries.values()]
        size = dyadic(max([*coefficients, *(abs(a) for a in scaled.values.values())]))
        row_sizes.append(size)
        directions.append((variable, (1 / size) * scaled, Form()))
    directions.append((MARGIN, Fraction(-1) * _reference(question, units), Form()))

    bases, slopes = [base for _, base, _ in directions], [slope for _, _, slope in directions]
    columns = {block.index: block.columns if reduce else () for block in question.blocks}
    unbounded = unbounded_columns(columns, [*bases, *slopes])
    kept = tuple(tuple(j for j in block.columns if j not in unbounded[block.index]) for block in question.blocks)
    vanishing = equations(unbounded, bases, slopes)

    values = tuple(sorted({k for _, base, slope in directions for form in (base, slope) for k in form.values}))
    signed = list(family.signed) + [j for j, row in zip(multipliers, question.rows, strict=True) if not row.equality]
    normalised = {j: -a for j, a in family.trace.items()}
    base_rows: list[dict[int, Scalar]] = [
        normalised,
        *({} for _ in vanishing),
        *({} for _ in values),
        *({j: Fraction(1)} for j in signed),
    ]
    base_rows += [dict(affine) for affine in family.nonnegative]
    places = {k: 1 + len(vanishing) + i for i, k in enumerate(values)}
    entries: dict[Place, int] = {place: 1 + i for i, place in enumerate(vanishing)}
    for block, own in zip(question.blocks, kept, strict=True):
        for j in range(len(own)):
            for i in range(j + 1):
                entries[block.index, own[i], own[j]] = len(base_rows)
                base_rows.append({})
    for triangle, _ in family.semidefinite:
        base_rows += [dict(affine) for affine in triangle]
    slope_rows: list[dict[int, Scalar]] = [{} for _ in base_rows]
    for variable, base, slope in directions:
        for form, rows in ((base, base_rows), (slope, slope_rows)):
            for k, a in form.values.items():
                rows[places[k]][variable] = a
            for b, matrix in form.blocks.items():
                for (i, j), a in matrix.items():
                    if (b, i, j) in entries:
                        rows[entries[b, i, j]][variable] = a
    for row, slopes in zip(base_rows, slope_rows, strict=True):
        for j in slopes:
            row.setdefault(j, Fraction(0))
    orders = [len(own) for own in kept] + [k for _, k in family.semidefinite if k]
    cones = Cones(1 + len(vanishing), len(values) + len(signed) + len(family.nonnegative), tuple(orders))
    count = family.end + len(question.rows)
    program = Program({MARGIN: Fraction(1)}, {0: Fraction(1)}, cones, count, base_rows)
    pencil = Pencil(program, slope_rows)
    return RateSdp(question, units, pencil, family, multipliers, tuple(row_sizes), values, tuple(signed), kept, tuple(vanishing))


def _default_family(question: Contraction, units: Scaling, first: int) -> Family:
    plain: Family = (
        GivenFamily(question, given, units, first) if (given := question.given) else FreeFamily(question, units, first)
    )
    return plain if question.settled is None else DominatingFamily(question, units, plain)


def _reference(question: Contraction, units: Scaling) -> Form:
    """Return the sum of the squared features, divided by their number in the mean block."""
    total: dict[int, Entries] = {}
    for block, sizes in zip(question.blocks, units.features, strict=True):
        for feature in scaled_features(units, block.index, block.features, sizes)[0]:
            product(feature, feature, total.setdefault(block.index, {}))
    return Fraction(1, len(question.blocks[0].features)) * Form(total)
