"""The SDP of a closed trajectory: multipliers that exclude it, or Gram matrices that are one.

    t* = max t   over   lambda >= 0 (free for equalities),  sum of lambda over inequalities = 1
      sum_c lambda_c row_c - t I >= 0 in every block (scaled columns),   sum_c lambda_c row_c >= 0 in every function value.

The dual has Gram matrices of trace one on which every row is at most ``t*``. So t* > 0 excludes the trajectory with room to round
the multipliers, t* < 0 yields one with room to round the Gram matrices, and t* = 0 is left to luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.program import Cones, Program
from efpep.conic.solver import Solver, propose
from efpep.conic.triangle import diagonal, length, place
from efpep.conic.units import dyadic
from efpep.errors import CertificateError, InputError
from efpep.model.column import Column, Unit
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.least_change import least_change, matrix_sum
from efpep.model.row import Row
from efpep.questions.cycle.check import (
    Exclusion,
    Trajectory,
    check_exclusion,
    check_trajectory,
    numbers_of,
    remainder,
    violated_shifts,
)
from efpep.questions.cycle.orbit import Orbit

_TOLERANCE = 1e-11
_ROUNDS = 12
_ADDED = 200
"""How many inequalities between different periods are added at once."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the solver says: its ``t``, the scaled multipliers, and the scaled dual point."""

    t: float
    multipliers: tuple[Fraction, ...]
    grams: tuple[tuple[tuple[Fraction, ...], ...], ...]
    values: tuple[Fraction, ...]


class OrbitSdp:
    """Proposes and rounds proofs for one orbit.

    Attributes:
        orbit: the closed steps.
        solver: who proposes.
        rows: the rows in play: the orbit's own, then those between different periods that have been added.
    """

    def __init__(self, orbit: Orbit, solver: Solver) -> None:
        """Keep the orbit and the solver, and choose units."""
        self.orbit = orbit
        self.solver = solver
        self.rows: list[Row] = list(orbit.rows)
        self.curvature = self._curvature()
        self.units = [self._units(block.index) for block in orbit.blocks]
        self.values = {k: self._value_unit(k) for k in orbit.values}

    def trajectory(self) -> Trajectory | None:
        """Return a proved trajectory, adding inequalities between different periods as they are violated."""
        for _ in range(_ROUNDS):
            proposal = self.propose()
            if proposal is None or proposal.t > 1e-7:
                return None
            added = 0
            for candidate in self._trajectories(proposal):
                try:
                    check_trajectory(self.orbit, candidate)
                except CertificateError:
                    added = added or self._extend(candidate)
                else:
                    return candidate
                if added:
                    break
            if not added:
                return None
        return None

    def exclusion(self, proposal: Proposal) -> Exclusion | None:
        """Return proved multipliers that exclude trajectories, if the proposal rounds to them."""
        if proposal.t <= 0:
            return None
        size = self._scaled(self.orbit.size)
        largest = sum((a for (i, j), a in size.blocks.get(0, {}).items() if i == j), Fraction(0))
        for part in (Fraction(1, 2), Fraction(1, 16), Fraction(1, 1024)):
            factor = largest / (part * Fraction(proposal.t))
            numbers = [
                (a if row.equality else max(a, Fraction(0))) * factor
                for a, row in zip(proposal.multipliers, self.rows, strict=True)
            ]
            witness = self._covered(Exclusion(tuple(numbers)))
            try:
                check_exclusion(self.orbit, witness)
            except CertificateError:
                continue
            return witness
        return None

    def propose(self) -> Proposal | None:
        """Solve the SDP once."""
        program = self._program()
        solution = propose(self.solver, program, _TOLERANCE)
        if not solution.fits(program.variables, program.cones.rows):
            return None
        primal, dual = solution.rationals()
        first = program.cones.zero
        sizes = self._row_sizes()
        return Proposal(
            float(primal[0]),
            tuple(a / size for a, size in zip(primal[1:], sizes, strict=True)),
            tuple(tuple(tuple(row) for row in matrix) for matrix in program.cones.matrices(dual)),
            tuple(max(dual[first + i], Fraction(0)) for i in range(len(self.orbit.values))),
        )

    # --- units -------------------------------------------------------------------------------------------------------

    def _curvature(self) -> Fraction:
        """Return the size of gradients against points: the average L, or the inverse step size where there is none."""
        groups = self.orbit.trace.groups
        try:
            return dyadic(sum((group.share * group.functions.smoothness for group in groups), Fraction(0)))
        except InputError:
            return dyadic(1 / self.orbit.recording.method.step_size)

    def _value_unit(self, value: int) -> Fraction:
        """Return the size of a function value, or of the constant 1, which is that of a squared gradient."""
        if value != self.orbit.trace.unity:
            return self.curvature
        return self.curvature**2 / dyadic(max(abs(row.form.values.get(value, 0)) for row in self.orbit.rows))

    def _units(self, block: int) -> dict[int, Fraction]:
        sizes = {Unit.POINT: Fraction(1), Unit.GRADIENT: self._curvature()}
        found: list[Fraction] = []
        for column in self.orbit.trace.blocks[block]:
            found.append(sizes[column.unit] if column.unit is not None else _like(column, found))
        return dict(enumerate(found))

    def _scaled(self, form: Form) -> Form:
        blocks = {
            block.index: {(i, j): a * units[i] * units[j] for (i, j), a in form.blocks.get(block.index, {}).items()}
            for block, units in zip(self.orbit.blocks, self.units, strict=True)
        }
        return Form(blocks, {k: a * self.values[k] for k, a in form.values.items()})

    def _row_sizes(self) -> list[Fraction]:
        found: list[Fraction] = []
        for row in self.rows:
            scaled = self._scaled(row.form)
            entries = [abs(a) for block in scaled.blocks.values() for a in block.values()]
            found.append(dyadic(max([*entries, *(abs(a) for a in scaled.values.values())])))
        return found

    # --- the program -------------------------------------------------------------------------------------------------

    def _program(self) -> Program:
        orbit = self.orbit
        scaled = [(1 / size) * self._scaled(row.form) for row, size in zip(self.rows, self._row_sizes(), strict=True)]
        signed = [c for c, row in enumerate(self.rows) if not row.equality]
        rows: list[dict[int, Scalar]] = [{c + 1: Fraction(1) for c in signed}]
        rows += [{c + 1: form.values[k] for c, form in enumerate(scaled) if k in form.values} for k in orbit.values]
        rows += [{c + 1: Fraction(1)} for c in signed]
        for block in orbit.blocks:
            places = {j: i for i, j in enumerate(block.columns)}
            count = len(places)
            entries: list[dict[int, Scalar]] = [{} for _ in range(length(count))]
            for j in range(count):
                entries[diagonal(j)][0] = Fraction(-1)
            for c, form in enumerate(scaled):
                for (i, j), a in form.blocks.get(block.index, {}).items():
                    u, v = sorted((places[i], places[j]))
                    entries[place(u, v)][c + 1] = a
            rows += entries
        cones = Cones(1, len(orbit.values) + len(signed), tuple(len(block.columns) for block in orbit.blocks))
        return Program({0: Fraction(1)}, {0: Fraction(-1)}, cones, len(scaled) + 1, rows)

    # --- rounding ----------------------------------------------------------------------------------------------------

    def _covered(self, witness: Exclusion) -> Exclusion:
        """Raise multipliers where the weighted sum is negative in a function value."""
        numbers = list(witness.multipliers)
        for k, coefficient in remainder(self.orbit, witness).values.items():
            for c, row in enumerate(self.orbit.rows):
                if coefficient < 0 and list(row.form.values) == [k] and row.form.values[k] > 0 and not row.equality:
                    numbers[c] -= coefficient / row.form.values[k]
                    break
        return Exclusion(tuple(numbers))

    def _trajectories(self, proposal: Proposal) -> Iterator[Trajectory]:
        """Yield roundings of the dual point: coarse, fine, and to small denominators."""
        slack = max(-proposal.t, 1e-13)
        count = sum(len(block.columns) for block in self.orbit.blocks)
        bits = math.ceil(-math.log2(slack)) + math.ceil(math.log2(count)) + 8
        for lift, grid in ((16, bits), (256, bits + 6), (4096, 60)):
            tau = Fraction(round(slack / (lift * count) * 2 ** (grid + 8)), 2 ** (grid + 8))
            yield self._trajectory(proposal, tau, lambda a, grid=grid: Fraction(round(a * 2**grid), 2**grid))
        largest = max((abs(a) for gram in proposal.grams for row in gram for a in row), default=Fraction(1)) or Fraction(1)
        for limit in (64, 1024, 10**5):
            yield self._trajectory(proposal, Fraction(0), lambda a, limit=limit: (a / largest).limit_denominator(limit))

    def _trajectory(self, proposal: Proposal, tau: Fraction, short: Callable[[Fraction], Fraction]) -> Trajectory:
        grams: list[tuple[tuple[Fraction, ...], ...]] = []
        for block, units, gram in zip(self.orbit.blocks, self.units, proposal.grams, strict=True):
            columns = block.columns
            grams.append(
                tuple(
                    tuple((short(a) + (tau if i == j else 0)) * units[columns[i]] * units[columns[j]] for j, a in enumerate(row))
                    for i, row in enumerate(gram)
                )
            )
        values = tuple(short(a) * self.values[k] for k, a in zip(self.orbit.values, proposal.values, strict=True))
        return self._on_equalities(Trajectory(tuple(grams), values))

    def _on_equalities(self, witness: Trajectory) -> Trajectory:
        """Move the Gram matrices onto the equalities exactly, by the least change in scaled units."""
        equalities = [row.form for row in self.orbit.rows if row.equality]
        if not equalities:
            return witness
        numbers = numbers_of(self.orbit, witness)
        scaled = [self._scaled(form) for form in equalities]
        change = self._scaled(least_change(scaled, [-numbers.value(form) for form in equalities]))
        blocks = zip(witness.grams, self.orbit.blocks, strict=True)
        grams = [matrix_sum(gram, change.matrix(block.index, block.columns)) for gram, block in blocks]
        values = [a + change.values.get(k, Fraction(0)) for k, a in zip(self.orbit.values, witness.values, strict=True)]
        return Trajectory(tuple(grams), tuple(values))

    def _extend(self, candidate: Trajectory) -> int:
        """Add inequalities between different periods that the candidate violates, and return how many."""
        known = {row.name for row in self.rows}
        new: list[Row] = []
        try:
            for _, later in violated_shifts(self.orbit, numbers_of(self.orbit, candidate)):
                for shift in {max(1, later.shift - 1), later.shift, later.shift + 1}:
                    row = self.orbit.shifted_row(later.group, later.a, later.b, shift, first=later.first)
                    if row.name not in known:
                        known.add(row.name)
                        new.append(row)
        except CertificateError:
            pass
        self.rows += new[:_ADDED]
        return len(new)


def _like(column: Column, sizes: Sequence[Fraction]) -> Fraction:
    largest = max((abs(a) * sizes[j] for j, a in column.like.terms.items()), default=Fraction(0))
    return dyadic(largest) if largest else Fraction(1)
