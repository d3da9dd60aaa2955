"""The one assembly of a system (:mod:`efpep.model.system`) into linear matrix inequalities, and the way back from solutions.

Variables are a head, then the unknowns (a :class:`~efpep.conic.family.Family`), then the multipliers of all rows. The head is

- theta itself, where theta occurs in E alone: :meth:`Lmi.program` minimises it, with margins on both sides so that both solutions
  of one solve round to witnesses,

      maximise  -theta + tau (sum of the multipliers of inequalities + sum tr W)
      subject to  every relation >= sigma I  in its blocks,  >= sigma  in its values,   W >= 0,  multipliers >= 0;

  where unknowns are free, the last sum is over the others, and tau times the relations' traces and values are added;

- a margin t, where theta multiplies unknowns: :attr:`Lmi.pencil` maximises it at ``theta = 1 - q``,

      maximise  t   subject to   every relation - t Ref >= 0,   the unknowns in their cone,   normalised by their trace,

  with Ref the sum of the squares (or else the gaps) that grow with theta, divided by their number in the first block. Its
  optimum decreases in q. Without unknowns Ref is the identity of blocks and values, and the multipliers of inequalities sum to 1.

Without unknowns theta may multiply the value ``"1"`` alone. The inequality of that value is then solved for it: there is no head,
and the objective is the coefficient of ``"1"``.

Primal solutions are witnesses of upper ends, multipliers of the inequalities are moments. Solvers get doubles, or
exact rows where they ask for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from efpep.conic.family import Family, default_family, scaled_forms
from efpep.conic.places import Places
from efpep.conic.program import Assembled, AssembledPencil, Pencil, Program
from efpep.conic.stack import CONSTANT, Contribution, Stack, StackedRow
from efpep.conic.triangle import symmetric
from efpep.conic.units import Measures, largest_number
from efpep.model.exact import independent
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.model.row import Row
from efpep.model.system import Matrix, Square, System
from efpep.proof.witness import LowerWitness, UpperWitness

if TYPE_CHECKING:
    from efpep.conic.status import Floats

Number = TypeVar("Number", float, Fraction)
FamilyMaker = Callable[[System, Measures, int], Family]

HEAD = 0
"""The variable theta, or the margin t, is the first, where there is one."""


class Lmi:
    """A system with units and a family of unknowns.

    Attributes:
        system: the system.
        measures: its units.
        family: the unknowns that it ranges over.
        unity: the value ``"1"`` whose inequality is solved for theta, or None.
        places: for each relation, where the entries of its forms stand.
        rows: for each relation, its rows in scaled units with their variables.
        signed: the variables that are nonnegative.
        reduce: whether equations stand for columns without a diagonal (see :mod:`efpep.conic.unbounded_columns`).
    """

    def __init__(
        self,
        system: System,
        measures: Measures,
        family_of: FamilyMaker = default_family,
        *,
        reduce: bool = False,
        places: Sequence[Places] | None = None,
    ) -> None:
        """Number the variables: the head, the unknowns, the multipliers of each relation."""
        self.system = system
        self.measures = measures
        self.reduce = reduce
        self.unity = _unity(system)
        self._family_of = family_of
        self.family = family_of(system, measures, HEAD + 1 if self.unity is None else 0)
        self.signed = list(self.family.signed)
        pairs = zip(system.relations, measures.relations, strict=True)
        self.places = [Places(relation, units, self.unity) for relation, units in pairs] if places is None else list(places)
        self.rows: list[list[StackedRow]] = []
        self.count = self.family.end
        for relation, own in zip(system.relations, self.places, strict=True):
            variables = range(self.count, self.count + len(relation.rows))
            self.count = variables.stop
            self.rows.append([(v, own.scaled(row.form)) for v, row in zip(variables, relation.rows, strict=True)])
            self.signed += [v for v, row in zip(variables, relation.rows, strict=True) if not row.equality]

    def with_rows(self, rows: Sequence[Row]) -> Lmi:
        """Return the same with other rows of the first relation; what is known of a row is kept."""
        relation = replace(self.system.relations[0], rows=tuple(rows))
        system = replace(self.system, relations=(relation, *self.system.relations[1:]))
        return Lmi(system, self.measures, self._family_of, reduce=self.reduce, places=self.places)

    def scaled_rows(self, i: int) -> list[Form]:
        """Return the rows of relation i in scaled units, exactly."""
        rows = zip(self.system.relations[i].rows, self.rows[i], strict=True)
        return [(1 / scaled.unit) * self.measures.relations[i].form(row.form) for row, (_, scaled) in rows]

    # --- theta in E alone ---------------------------------------------------------------------------------------------

    def program(self, sigma: Fraction, tau: Fraction) -> Program:
        """Return the program of the least theta with these margins."""
        stack = self._bounded
        constants: dict[int, Scalar] = dict.fromkeys(stack.margined, -sigma) if sigma else {}
        for k, a in stack.constants.items():
            constants[k] = a + constants[k] if k in constants else a
        if self.unity is None:
            objective: dict[int, Scalar | float] = {HEAD: Fraction(-1)}
        else:
            objective = {v: scaled.constant for rows in self.rows for v, scaled in rows if scaled.constant}
        room = tau if self.unity is None else float(tau)
        for v in (*self.signed, *self._bounded_below) if tau else ():
            objective[v] = objective[v] + room if v in objective else room
        if tau and self.system.free:
            for v, a in stack.margins.items():
                objective[v] = objective.get(v, 0) + tau * a
        return Assembled(objective, constants, stack.cones, self.count, (), stack.triples, lambda: stack.exact[0])

    @cached_property
    def _bounded_below(self) -> list[int]:
        """The variables that normalise unknowns, but for those of free ones, whose moments have no room."""
        held = {v for triangle, _ in self.family.semidefinite for entry in triangle for v in entry} | set(self.signed)
        return [v for v in self.family.trace if v in held]

    @cached_property
    def _bounded(self) -> Stack:
        contributions: list[list[Contribution]] = []
        for i, (relation, units) in enumerate(zip(self.system.relations, self.measures.relations, strict=True)):
            constant = (1 / self.measures.theta) * units.form(relation.constant)
            own = [Contribution(CONSTANT, constant, Form()), *(Contribution(*d) for d in self.family.directions[i])]
            if relation.slope.nonzero and self.unity is None:
                own.append(Contribution(HEAD, units.form(relation.slope), Form()))
            contributions.append(own)
        return Stack(self, contributions)

    # --- theta in the unknowns' forms ---------------------------------------------------------------------------------

    @cached_property
    def pencil(self) -> Pencil:
        """The programs of the largest margin at ``theta = 1 - q``."""
        stack = self._pencilled
        constants: dict[int, Scalar] = {0: Fraction(1)}
        objective: dict[int, Scalar] = {HEAD: Fraction(1)}
        base = Assembled(objective, constants, stack.cones, self.count, (), stack.triples, lambda: stack.exact[0])
        return AssembledPencil(base, (), stack.slopes, lambda: stack.exact[1])

    @cached_property
    def _pencilled(self) -> Stack:
        contributions: list[list[Contribution]] = []
        for i, relation in enumerate(self.system.relations):
            own = [Contribution(v, constant + slope, slope) for v, constant, slope in self.family.directions[i]]
            if relation.margin.nonzero:
                own.append(Contribution(HEAD, Fraction(-1) * self._reference(i), Form()))
            contributions.append(own)
        return Stack(self, contributions, normalised=True)

    def _reference(self, i: int) -> Form:
        """Return the sum of the squared features that grow with theta, divided by their number in the first block.

        Function gaps that grow take part where they have columns that such features do not span, or else there may be no margin,
        however negative, that makes the relation hold.
        """
        if not self.family.trace:
            relation = self.system.relations[i]
            identities = {block.index: {(j, j): Fraction(1) for j in block.columns} for block in relation.blocks}
            return Form(identities, dict.fromkeys(relation.values, Fraction(1)))
        relation, units = self.system.relations[i], self.measures.relations[i]
        squares = [square for square in relation.squares if square.slope and square.forms]
        total: dict[int, Entries] = {}
        for square in squares:
            for form in scaled_forms(self.measures, i, square):
                product(form, form, total.setdefault(square.block, {}))
        grown = [share.slope for share in relation.shares if not squares or not _spanned(share.slope, squares)]
        gaps = (1 / units.value) * sum(map(units.form, grown), Form())
        return Fraction(1, len(squares[0].forms) if squares else 1) * Form(total) + gaps

    @cached_property
    def reduced(self) -> bool:
        """Whether some columns are replaced by equations."""
        stack = self._pencilled if self.unity is None else self._bounded
        return any(
            len(kept) < len(block.columns)
            for relation, own in zip(self.system.relations, stack.kept, strict=True)
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

    def upper(self, theta: Fraction | None, primal: Sequence[Fraction]) -> UpperWitness:
        """Return the variables as a witness in the system's units, of ``theta`` or, where that is None, of the head's number.

        Without a head it is 0, and the one that is proved follows from the witness.
        """
        weights, gaps, factor = self.family.unknowns(primal)
        size = factor * self.measures.theta
        if self.measures.theta != 1:
            weights = tuple(tuple(tuple(size * a for a in row) for row in matrix) for matrix in weights)
            gaps = tuple(size * a for a in gaps)
        multipliers = tuple(tuple(size * primal[v] / scaled.unit for v, scaled in rows) for rows in self.rows)
        if theta is None:
            head = primal[HEAD] if self.unity is None else Fraction(0)
            return UpperWitness(self.measures.theta * head, weights, gaps, multipliers)
        return UpperWitness(theta, weights, gaps, multipliers, factor * primal[HEAD])

    def grams(self, dual: Floats) -> list[Floats]:
        """Return the Gram matrices of the first relation's blocks among :meth:`program`'s multipliers, in its units."""
        stack = self._bounded
        found: list[Floats] = []
        own = iter(stack.cones.arrays(dual))
        vanishing = [Fraction(float(a)) for a in dual[: stack.cones.zero]]
        for block, kept in zip(self.system.relations[0].blocks, stack.kept[0], strict=True):
            gram = next(own) if kept else np.zeros((0, 0))
            if len(kept) < len(block.columns):
                inner = tuple(tuple(Fraction(float(a)) for a in row) for row in gram)
                whole = stack.whole(block.index, block.columns, kept, inner, vanishing)
                gram = np.array([[float(a) for a in row] for row in whole])
            found.append(gram)
        return found

    def values(self, dual: Floats) -> Floats:
        """Return the values of the first relation among :meth:`program`'s multipliers, in its units."""
        numbers = self._numbers(self._bounded, 0, list(map(float, dual)))
        return np.array([numbers[k] for k in self.places[0].values])

    def value_slacks(self, rows: Floats) -> Floats:
        """Return those of :meth:`program`'s rows that say that a coefficient of a value of the first relation is nonnegative."""
        values, first = self.places[0].values, self._bounded.first_value[0]
        return rows[first : first + len(values) - len(self.system.relations[0].differing(values))]

    def _numbers(self, stack: Stack, i: int, dual: Sequence[Number]) -> dict[int, Number]:
        """Return the values of relation i among multipliers; the least is zero of those that occur by their differences alone."""
        relation, values = self.system.relations[i], self.places[i].values
        differing = relation.differing(values)
        numbers = dict(zip([k for k in values if k not in differing], dual[stack.first_value[i] :], strict=False))
        if differing:
            free = [*(dual[k] for k in stack.differences[i]), dual[0] - dual[0]]
            numbers |= {k: a - min(free) for k, a in zip(differing, free, strict=True)}
        return numbers

    def moments(self, dual: Sequence[Fraction], lift: Fraction) -> LowerWitness:
        """Return the multipliers of :meth:`program`'s inequalities as moments, with ``lift`` added to their diagonals."""
        return self._moments(self._bounded, Fraction(0), dual, lift)

    def lower(self, theta: Fraction, dual: Sequence[Fraction], lift: Fraction = Fraction(0)) -> LowerWitness:
        """Return the multipliers of the pencil's inequalities as moments, with ``lift`` added to the Gram matrices' diagonals."""
        return self._moments(self._pencilled, theta, dual, lift)

    def _moments(self, stack: Stack, theta: Fraction, dual: Sequence[Fraction], lift: Fraction) -> LowerWitness:
        grams: list[tuple[Matrix, ...]] = []
        values: list[tuple[Fraction, ...]] = []
        offsets = iter(stack.cones.offsets())
        for i, (relation, units) in enumerate(zip(self.system.relations, self.measures.relations, strict=True)):
            if i and self.system.given:
                break
            less = -dual[0] if i in stack.normalised_by else lift
            rest = less if i in stack.normalised_by else Fraction(0)
            numbers = self._numbers(stack, i, dual)
            values.append(
                tuple((max(numbers.get(k, Fraction(1)), Fraction(0)) + rest) * units.of_value(k) for k in relation.values)
            )
            matrices: list[Matrix] = []
            for block, kept in zip(relation.blocks, stack.kept[i], strict=True):
                own = symmetric(dual, next(offsets), [Fraction(1)] * len(kept), less) if kept else ()
                whole = own if len(kept) == len(block.columns) else stack.whole(block.index, block.columns, kept, own, dual)
                sizes = [units.columns[block.index][j] for j in block.columns]
                matrices.append(tuple(tuple(a * sizes[u] * sizes[v] for v, a in enumerate(row)) for u, row in enumerate(whole)))
            grams.append(tuple(matrices))
        return LowerWitness(theta, tuple(grams), tuple(values))


def _unity(system: System) -> int | None:
    """Return the value that is all that theta multiplies, once, in a system without unknowns, or None."""
    first, *others = system.relations
    if others or system.matrices or system.multiples or first.slope.blocks or list(first.slope.values.values()) != [1]:
        return None
    return next(iter(first.slope.values))


def _spanned(form: Form, squares: Sequence[Square]) -> bool:
    """Return whether every column that a form has the square of is a combination of the squares' forms in its block."""
    for b, entries in form.blocks.items():
        rows = [linear.terms for square in squares if square.block == b for linear in square.forms]
        used = sorted(i for i, j in entries if i == j)
        columns = sorted({j for row in rows for j in row} | set(used))
        lines = [[row.get(j, Fraction(0)) for j in columns] for row in [*rows, *({j: Fraction(1)} for j in used)]]
        if max(independent(lines), default=0) >= len(rows) and used:
            return False
    return True
