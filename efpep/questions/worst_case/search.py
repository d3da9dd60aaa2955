"""The search for a worst case: which inequalities between samples to take, and what the solver says.

All inequalities with the minimiser and those of neighbouring samples come first, which keeps the matrices banded. Any choice
gives valid upper ends, because inequalities of the primal are left out. Constraint generation adds those that the primal solution
violates until that changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.clarabel_solver import ClarabelSolver
from efpep.conic.lmi import Lmi
from efpep.conic.low_rank import LowRankSolver
from efpep.conic.polish import factors, mended, split
from efpep.conic.solver import propose
from efpep.conic.status import SolverStatus
from efpep.conic.terms import Terms, lifted
from efpep.questions.worst_case.pair_values import PairValues
from efpep.questions.worst_case.units import horizon_measures

if TYPE_CHECKING:
    from efpep.conic.program import Program
    from efpep.conic.solver import Solver
    from efpep.conic.status import Floats
    from efpep.model.row import Row
    from efpep.questions.worst_case.inequalities import Pair, WorstCaseInequalities

ALL = 42
"""Up to so many pairs are taken all at once."""
_FEW = 110
"""Up to so many pairs all are taken where near ones do not suffice, and another solver is asked where one is at its limits."""
_ROUNDS = 12
_NEAR = 8
"""How far apart pairs may be that are added to neighbours."""
_NEARLY = 1e-6
"""By how much near pairs may be violated by a solution at many steps that is said to satisfy them."""
_FAR = 1e-5
"""By how much pairs further apart may be violated that are not worth leaving nearly banded matrices for."""
_PROBES = 8
_SETTLED = 2e-7
"""A change of the bound that is no more than the accuracy of a solution at many steps."""
_SMALL = 24
_POOR = -1e-9
"""A least eigenvalue from which on a solution loses digits when it is mixed with an interior one."""
_VIOLATION = 1e-7
_STABLE = 3e-8
_PART = 1e-3
_FLOOR = 2e-12
"""What is added to the Gram matrices' diagonals, relative to the largest eigenvalue, so that they stay positive definite."""
_ROOM = 1e-13
"""By how much mended inequalities hold, in units of the row."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A solver's solution.

    Attributes:
        bound: the value of the dual.
        variables: the multipliers in the program's units.
        grams: the primal Gram matrices in the program's units.
        values: the primal values in the program's units.
    """

    bound: float
    variables: Floats
    grams: list[Floats]
    values: Floats

    def towards(self, other: Proposal, part: float) -> Proposal:
        """Return the point that lies a part of the way to another, which may have more rows."""
        rest = 1 - part
        variables = part * other.variables
        variables[: len(self.variables)] += rest * self.variables
        return Proposal(
            rest * self.bound + part * other.bound,
            variables,
            [rest * a + part * b for a, b in zip(self.grams, other.grams, strict=True)],
            rest * self.values + part * other.values,
        )


class Search:
    """The rows in use for one question.

    Attributes:
        question: the question.
        places: where the entries of its forms stand, and their sizes.
        size: the size of the objective.
        rows: the rows in use.
        pairs: the pairs among them.
        banded: whether these are pairs of neighbours only.
        solves: how many programs were solved.
    """

    def __init__(self, question: WorstCaseInequalities, solver: Solver, lag: int | None) -> None:
        """Begin with the pairs of samples at most ``lag`` apart; all where it is None."""
        self.question = question
        system = question.system(())
        relation = replace(system.relations[0], values=tuple(question.occurring_values()))
        bare = Lmi(replace(system, relations=(relation,)), horizon_measures(question), reduce=True)
        self._lmis = {0: bare}
        self.places = bare.places[0]
        self.size = bare.measures.theta
        self._chosen = solver
        self.rows: list[Row] = list(question.fixed)
        self.pairs: set[Pair] = set()
        self.solves = 0
        self._latest: tuple[tuple[float, float, float, int], Proposal | None] | None = None
        self.add(list(question.pairs(lag)))
        self._first = len(self.rows)
        self._few = question.pair_count <= _FEW
        self.banded = lag is not None
        self._values = [PairValues(question, self.places, group) for group in range(len(question.samples))]

    @property
    def solver(self) -> Solver:
        """The solver for the rows in use; the default one is joined by one of its kind for dense programs."""
        if not isinstance(self._chosen, ClarabelSolver):
            return self._chosen
        size = max(len(block.columns) for block in self.question.blocks)
        small = size <= _SMALL or self.lmi().reduced
        return ClarabelSolver(chordal=self.banded) if self.banded or small else LowRankSolver()

    def add(self, pairs: list[Pair]) -> None:
        """Take more pairs."""
        for pair in pairs:
            row = self.question.pair(pair)
            if pair not in self.pairs and row.form.nonzero:
                self.pairs.add(pair)
                self.rows.append(row)
        self.banded = False

    def proposals(self, shift: float, tolerance: float) -> list[Proposal]:
        """Solve with the rows in use, and in another way too where the default solver is at its limits."""
        found = [self.solve(shift, tolerance)]
        poor = found[0] is None or self.least(found[0]) < _POOR
        if isinstance(self.solver, ClarabelSolver) and poor and (self._few or not self.banded):
            found.append(self.solve(shift, tolerance, solver=LowRankSolver()))
        return [proposal for proposal in found if proposal is not None]

    def solve(self, shift: float, tolerance: float, margin: float = 0.0, *, solver: Solver | None = None) -> Proposal | None:
        """Solve with the rows in use; None where there is no usable solution."""
        key = (shift, tolerance, margin, len(self.rows))
        if solver is None and self._latest is not None and self._latest[0] == key:
            return self._latest[1]
        proposal = self._solved(solver or self.solver, shift, tolerance, margin, len(self.rows))
        if solver is None:
            self._latest = key, proposal
        return proposal

    def _solved(self, solver: Solver, shift: float, tolerance: float, margin: float, count: int) -> Proposal | None:
        program = self.program(shift, margin, count)
        solution = propose(solver, program, tolerance)
        self.solves += 1
        if solution.primal is None or solution.dual is None or solution.status in {SolverStatus.INFEASIBLE, SolverStatus.FAILED}:
            return None
        bound = -float(program.cost @ solution.primal) * float(self.size)
        grams = self.lmi(count).grams(solution.dual)
        return Proposal(bound, solution.primal, grams, self.lmi(count).values(solution.dual))

    def lmi(self, count: int | None = None) -> Lmi:
        """Return the question in units with the first ``count`` rows in use, or with all of them."""
        count = len(self.rows) if count is None else count
        if count not in self._lmis:
            self._lmis[count] = self._lmis[0].with_rows(self.rows[:count])
        return self._lmis[count]

    def program(self, shift: float, margin: float = 0.0, count: int | None = None) -> Program:
        """Return the program of these rows that asks for a shift of what is nonnegative, and a margin of the inequalities."""
        return self.lmi(count).program(Fraction(shift), Fraction(margin))

    def moments(self, dual: Floats) -> tuple[list[Floats], Floats]:
        """Return the Gram matrices and values of a solution with the rows in use, in the program's units."""
        return self.lmi().grams(dual), self.lmi().values(dual)

    def violated(self, proposal: Proposal, least: float = _VIOLATION) -> list[Pair]:
        """Return the pairs not in use that a primal solution violates by ``least`` and by a part of the worst, worst first."""
        found = [item for values in self._values for item in values.violations(proposal.grams, proposal.values)]
        found = sorted((item for item in found if item[1] not in self.pairs), key=lambda item: -item[0])
        worst = found[0][0] if found else 0.0
        return [pair for amount, pair in found if amount > max(least, _PART * worst)]

    def least(self, proposal: Proposal) -> float:
        """Return the least eigenvalue or value of the remainder."""
        signed = np.array([not row.equality for row in self.rows])
        variables = np.where(signed, np.maximum(proposal.variables, 0.0), proposal.variables)
        program = self.program(0.0)
        rows, columns, data = program.entries
        total = program.offset + np.bincount(rows, data * variables[columns], minlength=program.cones.rows)
        values, grams = self.lmi().value_slacks(total), program.cones.arrays(total)
        return min(float(np.min(values, initial=np.inf)), *(float(np.linalg.eigvalsh(gram)[0]) for gram in grams))

    def worst(self, proposal: Proposal) -> float:
        """Return the largest value of any inequality at the primal solution, in units of the row."""
        flat = PairValues.flat(proposal.grams, proposal.values)
        rows = [row for row in self.question.fixed if not row.equality]
        rows += [row for pair in self.question.pairs() if (row := self.question.pair(pair)).form.nonzero]
        scaled = [self.places.scaled(row.form) for row in rows]
        return max(form.constant + float(flat[form.places] @ np.array(form.numbers)) for form in scaled)

    def mended(self, proposal: Proposal) -> Proposal:
        """Return the primal solution moved by as little as makes (nearly) all inequalities hold, equalities aside."""
        question, count = self.question, len(self.places.values)
        sizes = [len(block.columns) for block in question.blocks]
        floors = [_FLOOR * max(float(np.linalg.eigvalsh(gram)[-1]), 1.0) for gram in proposal.grams]
        rows = [row for row in question.fixed if not row.equality]
        rows += [row for pair in question.pairs() if (row := question.pair(pair)).form.nonzero]
        terms = Terms(sizes, count, [lifted(self.places.scaled(row.form), sizes, count, floors) for row in rows])
        x, values = mended(terms, factors(proposal.grams), np.maximum(proposal.values, 0.0), _ROOM)
        grams = [v @ v.T + floor * np.eye(len(v)) for v, floor in zip(split(x, sizes), floors, strict=True)]
        return replace(proposal, grams=grams, values=values)

    def interior(self, depth: float) -> Proposal | None:
        """Return multipliers that leave the remainder a least eigenvalue near ``depth``; those of the first rows do as a rule."""
        found = self._solved(self.solver, depth, depth / 100, 0.0, self._first)
        if found is not None:
            padded = np.zeros(len(self.rows))
            padded[: self._first] = found.variables
            found = replace(found, variables=padded)
        if found is None or self.least(found) < depth / 2:
            found = self.solve(depth, depth / 100)
        return None if found is None or self.least(found) < depth / 2 else found

    def grow(self, shift: float, tolerance: float) -> bool:
        """Add violated pairs, near ones first, so that matrices stay nearly banded.

        True where none is left that is violated by more than a solution's accuracy, or where :meth:`probe` finds that those do
        not matter.
        """
        for lag in range(2, _NEAR + 1):
            proposal = self.solve(shift, tolerance)
            if proposal is None:
                return False
            violated = self.violated(proposal, _NEARLY)
            if not violated:
                return True
            nearest = min(pair.lag for pair in violated)
            if nearest > _NEAR:
                break
            self.add([pair for pair in violated if pair.lag <= max(lag, nearest)])
            self.banded = True
        return self.probe(shift, tolerance)

    def probe(self, shift: float, tolerance: float) -> bool:
        """Return whether the pairs that are violated most, however far apart, leave the bound where it is when they are added.

        Entries between distant samples are not determined where few rows join these, so that a solution may violate pairs that
        change nothing.
        """
        before = self.solve(shift, tolerance)
        violated = [] if before is None else self.violated(before, _FAR)
        if before is None or not violated:
            return before is not None
        self.add(violated[:_PROBES])
        self.banded = True
        after = self.solve(shift, tolerance)
        return after is not None and before.bound - after.bound <= _SETTLED * abs(before.bound)

    def generate(self, shift: float) -> None:
        """Add violated pairs until none is left or the bound no longer changes; all of them where they are few."""
        if self._few:
            self.add(list(self.question.pairs()))
            return
        last = float("inf")
        most = 6 * sum(len(samples) for samples in self.question.samples)
        for _ in range(_ROUNDS):
            proposal = self.solve(shift, 1e-7)
            missing = [] if proposal is None else self.violated(proposal)
            if proposal is None or not missing or last - proposal.bound <= _STABLE * abs(proposal.bound):
                return
            last = proposal.bound
            self.add(missing[:most])
