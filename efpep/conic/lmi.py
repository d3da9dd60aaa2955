"""The one assembly of a system (:mod:`efpep.model.system`) into linear matrix inequalities, and the way back from solutions.

Variables are a head, then the unknowns (a :class:`~efpep.conic.family.Family`), then the multipliers of all rows. The head is

- theta itself, where theta occurs in E alone: :meth:`Lmi.program` minimises it, with margins on both sides so that both solutions
  of one solve round to witnesses,

      maximise  -theta + tau (sum of the multipliers of inequalities + sum tr W)
      subject to  every relation >= sigma I  in its blocks,  >= sigma  in its values,   W >= 0,  multipliers >= 0;

- a margin t, where theta multiplies unknowns: :attr:`Lmi.pencil` maximises it at ``theta = 1 - q``,

      maximise  t   subject to   every relation - t Ref >= 0,   the unknowns in their cone,   normalised by their trace,

  with Ref the sum of the squares (or else the gaps) that grow with theta, divided by their number in the first block. Its
  optimum decreases in q. Without unknowns Ref is the identity of blocks and values, and the multipliers of
  inequalities sum to one.

Primal solutions are witnesses of upper ends, multipliers of the inequalities are moments. Everything is exact; solvers get
doubles.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from efpep.conic.facial import Place, equations, unbounded_columns, with_free_diagonal
from efpep.conic.family import Family, default_family, scaled_forms
from efpep.conic.program import Cones, Pencil, Program
from efpep.conic.triangle import diagonal, symmetric
from efpep.conic.units import Measures, largest, largest_number
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.model.system import Matrix, System
from efpep.proof.witness import Lower, Upper

FamilyMaker = Callable[[System, Measures, int], Family]

Sides = tuple[dict[int, Scalar], dict[int, Scalar]]
"""The coefficients of a row by variable: at q = 0, and of q."""

HEAD = 0
"""The variable theta, or the margin t, is the first."""
_CONSTANT = -1


@dataclass(frozen=True, slots=True)
class Term:
    """A variable (or the constant), what it multiplies in a relation at theta = 0, and how that grows with theta."""

    variable: int
    constant: Form
    slope: Form


class Lmi:
    """A system with units and a family of unknowns.

    Attributes:
        system: the system.
        measures: its units.
        family: the unknowns that it ranges over.
        multipliers: for each relation, the variables of its rows.
        row_sizes: for each relation, the power of two that each row is divided by.
        signed: the variables that are nonnegative.
        reduce: whether equations stand for columns without a diagonal (see :mod:`efpep.conic.facial`).
    """

    def __init__(
        self, system: System, measures: Measures, family_of: FamilyMaker = default_family, *, reduce: bool = False
    ) -> None:
        """Number the variables: the head, the unknowns, the multipliers of each relation."""
        self.system = system
        self.measures = measures
        self.reduce = reduce
        self.family = family_of(system, measures, HEAD + 1)
        self.signed = list(self.family.signed)
        self.multipliers: list[list[int]] = []
        self.row_sizes: list[list[Fraction]] = []
        self.scaled_rows: list[list[Form]] = []
        count = self.family.end
        for relation, units in zip(system.relations, measures.relations, strict=True):
            variables = list(range(count, count + len(relation.rows)))
            count += len(relation.rows)
            scaled = [units.form(row.form) for row in relation.rows]
            sizes = [largest(form) for form in scaled]
            self.multipliers.append(variables)
            self.row_sizes.append(sizes)
            self.scaled_rows.append([(1 / size) * form for form, size in zip(scaled, sizes, strict=True)])
            self.signed += [v for v, row in zip(variables, relation.rows, strict=True) if not row.equality]
        self.count = count

    def _terms(self, i: int) -> list[Term]:
        """Return the unknowns' and multipliers' terms of relation i."""
        found = [Term(*direction) for direction in self.family.directions[i]]
        rows = zip(self.multipliers[i], self.scaled_rows[i], strict=True)
        return found + [Term(variable, form, Form()) for variable, form in rows]

    # --- theta in E alone ---------------------------------------------------------------------------------------------

    def program(self, sigma: Fraction, tau: Fraction) -> Program:
        """Return the program of the least theta with these margins."""
        layout = self._bounded
        constants = dict(layout.constants)
        for k in layout.margined if sigma else ():
            constants[k] = constants.get(k, Fraction(0)) - sigma
        objective: dict[int, Scalar] = {HEAD: Fraction(-1)}
        if tau:
            objective |= dict.fromkeys(self.signed, tau) | dict.fromkeys(self.family.trace, tau)
        return Program(objective, constants, layout.cones, self.count, layout.rows)

    @cached_property
    def _bounded(self) -> _Layout:
        layout = _Layout(self)
        for i, (relation, units) in enumerate(zip(self.system.relations, self.measures.relations, strict=True)):
            constant = (1 / self.measures.theta) * units.form(relation.constant)
            terms = [Term(_CONSTANT, constant, Form()), *self._terms(i)]
            if relation.slope.nonzero:
                terms.append(Term(HEAD, units.form(relation.slope), Form()))
            layout.add(i, terms)
        layout.finish()
        return layout

    # --- theta in the unknowns' forms ---------------------------------------------------------------------------------

    @cached_property
    def pencil(self) -> Pencil:
        """The programs of the largest margin at ``theta = 1 - q``."""
        layout = self._pencilled
        return Pencil(Program({HEAD: Fraction(1)}, {0: Fraction(1)}, layout.cones, self.count, layout.rows), layout.slopes)

    @cached_property
    def _pencilled(self) -> _Layout:
        layout = _Layout(self, normalised=True)
        for i, relation in enumerate(self.system.relations):
            terms = [Term(t.variable, t.constant + t.slope, t.slope) for t in self._terms(i)]
            if relation.margin.nonzero:
                terms.append(Term(HEAD, Fraction(-1) * self._reference(i), Form()))
            layout.add(i, terms)
        layout.finish()
        return layout

    def _reference(self, i: int) -> Form:
        """Return the sum of the squared features that grow with theta, divided by their number in the first block."""
        if not self.family.trace:
            relation = self.system.relations[i]
            identities = {block.index: {(j, j): Fraction(1) for j in block.columns} for block in relation.blocks}
            return Form(identities, dict.fromkeys(relation.values, Fraction(1)))
        squares = [square for square in self.system.relations[i].squares if square.slope and square.forms]
        if not squares:  # there are function gaps alone
            units = self.measures.relations[i]
            grown = (units.form(share.slope) for share in self.system.relations[i].shares)
            return (1 / units.value) * sum(grown, Form())
        total: dict[int, Entries] = {}
        for square in squares:
            for form in scaled_forms(self.measures, i, square):
                product(form, form, total.setdefault(square.block, {}))
        return Fraction(1, len(squares[0].forms)) * Form(total)

    @cached_property
    def reduced(self) -> bool:
        """Whether some columns are replaced by equations."""
        return any(
            len(kept) < len(block.columns)
            for relation, own in zip(self.system.relations, self._pencilled.kept, strict=True)
            for block, kept in zip(relation.blocks, own, strict=True)
        )

    @cached_property
    def metric_size(self) -> Fraction:
        """About how much of the margin form the reference covers, as a power of two."""
        margin = self.measures.relations[0].form(self.system.relations[0].margin)
        if not self.family.trace:  # at most its trace, and its values
            entries = [a for block in margin.blocks.values() for (i, j), a in block.items() if i == j]
            return 1 / Fraction(sum([*entries, *margin.values.values()]))
        sizes = self.measures.features[0] or (Fraction(1),)
        point = max(Fraction(1), *sizes)
        return 1 / (len(sizes) * largest_number(margin) * point**2)

    # --- the way back -------------------------------------------------------------------------------------------------

    def upper(self, theta: Fraction | None, primal: Sequence[Fraction]) -> Upper:
        """Return the variables as a witness in the system's units, of ``theta`` or, where that is None, of the head's number."""
        weights, gaps, factor = self.family.unknowns(primal)
        size = factor * self.measures.theta
        if self.measures.theta != 1:
            weights = tuple(tuple(tuple(size * a for a in row) for row in matrix) for matrix in weights)
            gaps = tuple(size * a for a in gaps)
        multipliers = tuple(
            tuple(size * primal[v] / row_size for v, row_size in zip(variables, sizes, strict=True))
            for variables, sizes in zip(self.multipliers, self.row_sizes, strict=True)
        )
        if theta is None:
            return Upper(self.measures.theta * primal[HEAD], weights, gaps, multipliers)
        return Upper(theta, weights, gaps, multipliers, factor * primal[HEAD])

    def moments(self, dual: Sequence[Fraction], lift: Fraction) -> Lower:
        """Return the multipliers of :meth:`program`'s inequalities as moments, with ``lift`` added to their diagonals."""
        return self._moments(self._bounded, Fraction(0), dual, lift)

    def lower(self, theta: Fraction, dual: Sequence[Fraction], lift: Fraction = Fraction(0)) -> Lower:
        """Return the multipliers of the pencil's inequalities as moments, with ``lift`` added to the Gram matrices' diagonals."""
        return self._moments(self._pencilled, theta, dual, lift)

    def _moments(self, layout: _Layout, theta: Fraction, dual: Sequence[Fraction], lift: Fraction) -> Lower:
        grams: list[tuple[Matrix, ...]] = []
        values: list[tuple[Fraction, ...]] = []
        offsets = iter(layout.cones.offsets())
        for i, (relation, units) in enumerate(zip(self.system.relations, self.measures.relations, strict=True)):
            if i and self.system.given:
                break
            less = -dual[0] if i in layout.normalised_by else lift
            first = layout.first_value[i]
            rest = less if i in layout.normalised_by else Fraction(0)
            numbers = dual[first : first + len(relation.values)]
            named = zip(relation.values, numbers, strict=True)
            values.append(tuple((max(a, Fraction(0)) + rest) * units.of_value(k) for k, a in named))
            matrices: list[Matrix] = []
            for block, kept in zip(relation.blocks, layout.kept[i], strict=True):
                own = symmetric(dual, next(offsets), [Fraction(1)] * len(kept), less) if kept else ()
                whole = own if len(kept) == len(block.columns) else layout.whole(block.index, block.columns, kept, own, dual)
                sizes = [units.columns[block.index][j] for j in block.columns]
                matrices.append(tuple(tuple(a * sizes[u] * sizes[v] for v, a in enumerate(row)) for u, row in enumerate(whole)))
            grams.append(tuple(matrices))
        return Lower(theta, tuple(grams), tuple(values))


class _Layout:
    """The stacked rows of a program while they are assembled, and where each stands.

    Attributes:
        rows: the coefficients by variable, at q = 0.
        slopes: the coefficients of q.
        constants: the constants by row.
        margined: the rows that a margin on the relations moves.
        first_value: for each relation, the row of its first value.
        kept: for each relation and block, the columns that no equation stands for.
        vanishing: the entries that equations stand for, by relation.
        normalised_by: the relations whose traces normalise the unknowns.
    """

    def __init__(self, lmi: Lmi, *, normalised: bool = False) -> None:
        self._lmi = lmi
        self._normalised = normalised
        self._zero: list[Sides] = []
        self._values: list[list[Sides]] = []
        self._entries: list[list[tuple[int, list[Sides]]]] = []
        self.kept: list[tuple[tuple[int, ...], ...]] = []
        self.vanishing: list[list[Place]] = []
        self.rows: list[dict[int, Scalar]] = []
        self.slopes: list[dict[int, Scalar]] = []
        self.constants: dict[int, Scalar] = {}
        self.margined: list[int] = []
        self.first_value: list[int] = []
        self.cones = Cones(0, 0, ())
        self.normalised_by: set[int] = set(range(1, len(lmi.system.relations))) if normalised and lmi.system.free else set()

    def add(self, i: int, terms: Sequence[Term]) -> None:
        """Add relation i, of which these are the terms."""
        relation = self._lmi.system.relations[i]
        forms = [form for term in terms for form in (term.constant, term.slope)]
        reduced = {block.index: block.columns if self._lmi.reduce and i == 0 else () for block in relation.blocks}
        unbounded = unbounded_columns(reduced, forms)
        self.kept.append(tuple(tuple(j for j in block.columns if j not in unbounded[block.index]) for block in relation.blocks))
        self.vanishing.append(equations(unbounded, forms))
        found: dict[Place, Sides] = {key: ({}, {}) for key in self.vanishing[i]}
        self._zero += found.values()
        self._entries.append([])
        for block, own in zip(relation.blocks, self.kept[i], strict=True):
            triangle: list[Sides] = []
            for v in range(len(own)):
                for u in range(v + 1):
                    triangle.append(({}, {}))
                    found[block.index, own[u], own[v]] = triangle[-1]
            self._entries[i].append((len(own), triangle))
        values: dict[int, Sides] = {k: ({}, {}) for k in relation.values}
        self._values.append(list(values.values()))
        for term in terms:
            for side, form in enumerate((term.constant, term.slope)):
                for k, a in form.values.items():
                    values[k][side][term.variable] = a
                for b, matrix in form.blocks.items():
                    for (u, v), a in matrix.items():
                        if (b, u, v) in found:
                            found[b, u, v][side][term.variable] = a

    def finish(self) -> None:
        """Stack the rows: normalisation and equations; values and signs; blocks and semidefinite unknowns."""
        family, lmi = self._lmi.family, self._lmi
        zero: list[Sides] = [(self._trace(), {}), *self._zero] if self._normalised else self._zero
        self._stack(zero)
        for values in self._values:
            self.first_value.append(len(self.rows))
            self.margined += range(len(self.rows), len(self.rows) + len(values))
            self._stack(values)
        self._stack([({v: Fraction(1)}, {}) for v in lmi.signed])
        flat = len(self.rows) - len(zero)
        orders: list[int] = []
        for order, triangle in itertools.chain.from_iterable(self._entries):
            if order:
                orders.append(order)
                self.margined += [len(self.rows) + diagonal(j) for j in range(order)]
                self._stack(triangle)
        for triangle, order in family.semidefinite:
            if order:
                orders.append(order)
                self._stack([(dict(affine), {}) for affine in triangle])
        self.cones = Cones(len(zero), flat, tuple(orders))

    def _trace(self) -> dict[int, Scalar]:
        """Return minus the linear form that normalises the unknowns: their trace, or that of what shows them nonnegative."""
        family, lmi = self._lmi.family, self._lmi
        if not self.normalised_by:
            return {v: -a for v, a in (family.trace or dict.fromkeys(lmi.signed, Fraction(1))).items()}
        total: dict[int, Scalar] = {}
        signed = set(lmi.signed)
        rows = [{v: Fraction(1)} for v in family.signed]
        for i in sorted(self.normalised_by):
            rows += [row for row, _ in self._values[i]]
            rows += [triangle[diagonal(j)][0] for order, triangle in self._entries[i] for j in range(order)]
            rows += [{v: Fraction(1)} for v in lmi.multipliers[i] if v in signed]
        for row in rows:
            for v, a in row.items():
                total[v] = total.get(v, Fraction(0)) - a
        return total

    def _stack(self, rows: Sequence[Sides]) -> None:
        for row, slope in rows:
            constant = row.pop(_CONSTANT, Fraction(0))
            if constant:
                self.constants[len(self.rows)] = constant
            for v in slope:
                row.setdefault(v, Fraction(0))
            self.rows.append(row)
            self.slopes.append(slope)

    def whole(
        self, index: int, columns: Sequence[int], kept: Sequence[int], inner: Matrix, dual: Sequence[Fraction]
    ) -> Sequence[Sequence[Fraction]]:
        """Return the Gram matrix of a block of the first relation, with the columns that equations stand for."""
        local = {j: u for u, j in enumerate(columns)}
        products = [[Fraction(0)] * len(local) for _ in local]
        for number, (b, u, v) in enumerate(self.vanishing[0], start=1):
            if b == index:
                products[local[u]][local[v]] = products[local[v]][local[u]] = dual[number] / 2
        return with_free_diagonal([local[j] for j in kept], inner, tuple(tuple(row) for row in products))
