"""The search for a worst case: which inequalities between samples to take, and what the solver says.

All inequalities with the minimiser and those of neighbouring samples come first, which keeps the matrices banded. Any choice
gives valid upper ends, because inequalities of the primal are left out. Constraint generation adds those that the primal solution
violates until that changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from efpep.analysis.lyapunov import propose
from efpep.analysis.pair_values import PairValues
from efpep.analysis.worst_case_sdp import WorstCaseSdp
from efpep.conic.clarabel_solver import ClarabelSolver
from efpep.conic.low_rank import LowRankSolver
from efpep.conic.status import Status

if TYPE_CHECKING:
    from efpep.conic.solver import Solver
    from efpep.conic.status import Floats
    from efpep.model.trace import Row
    from efpep.question.horizon import Horizon, Pair

FEW = 110
"""Up to so many pairs are taken all at once."""
_ROUNDS = 12
_SMALL = 24
_DENSE = 60
_VIOLATION = 1e-7
_STABLE = 3e-8
_PART = 1e-3


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
        """Return the point that lies a part of the way to another."""
        rest = 1 - part
        return Proposal(
            rest * self.bound + part * other.bound,
            rest * self.variables + part * other.variables,
            [rest * a + part * b for a, b in zip(self.grams, other.grams, strict=True)],
            rest * self.values + part * other.values,
        )


class Search:
    """The rows in use for one question.

    Attributes:
        question: the question.
        sdp: the assembly.
        rows: the rows in use.
        pairs: the pairs among them.
        banded: whether these are pairs of neighbours only.
        solves: how many programs were solved.
    """

    def __init__(self, question: Horizon, solver: Solver, lag: int | None) -> None:
        """Begin with the pairs of samples at most ``lag`` apart; all where it is None."""
        self.question = question
        self.sdp = WorstCaseSdp(question)
        self._chosen = solver
        self.rows: list[Row] = list(question.fixed)
        self.pairs: set[Pair] = set()
        self.solves = 0
        self.add(list(question.pairs(lag)))
        self.banded = lag is not None
        self._values = [PairValues(self.sdp, group) for group in range(len(question.samples))]

    @property
    def solver(self) -> Solver:
        """The solver for the rows in use; the default one is joined by one of its kind for dense programs."""
        if not isinstance(self._chosen, ClarabelSolver):
            return self._chosen
        size = max(len(block.columns) for block in self.question.blocks)
        return ClarabelSolver(chordal=self.banded) if self.banded or size <= _SMALL else LowRankSolver()

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
        if isinstance(self.solver, ClarabelSolver) and not self.banded and len(self.rows) > _DENSE:
            found.append(self.solve(shift, tolerance, solver=LowRankSolver()))
        return [proposal for proposal in found if proposal is not None]

    def solve(self, shift: float, tolerance: float, margin: float = 0.0, *, solver: Solver | None = None) -> Proposal | None:
        """Solve with the rows in use; None where there is no usable solution."""
        program = self.sdp.program(self.rows, shift, margin)
        solution = propose(solver or self.solver, program, tolerance)
        self.solves += 1
        if solution.primal is None or solution.dual is None or solution.status in {Status.INFEASIBLE, Status.FAILED}:
            return None
        grams, values = self.sdp.primal(program, solution.dual, self.rows)
        bound = -float(program.cost @ solution.primal) * self.sdp.sizes.objective
        return Proposal(bound, solution.primal, grams, values)

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
        return self.sdp.program(self.rows, 0.0).least(variables, int(signed.sum()))

    def worst(self, proposal: Proposal) -> float:
        """Return the largest value of any inequality at the primal solution, in units of the row."""
        flat = PairValues.flat(proposal.grams, proposal.values)
        rows = [row for row in self.question.fixed if not row.equality]
        rows += [row for pair in self.question.pairs() if (row := self.question.pair(pair)).form.nonzero]
        scaled = [self.sdp.scaled(row) for row in rows]
        return max(form.constant + float(flat[form.places] @ np.array(form.numbers)) for form in scaled)

    def generate(self, shift: float) -> None:
        """Add violated pairs until none is left or the bound no longer changes."""
        lag, last = 1, float("inf")
        most = 6 * sum(len(samples) for samples in self.question.samples)
        for _ in range(_ROUNDS):
            proposal = self.solve(shift, 1e-7)
            if proposal is None:
                if lag > len(self.question.samples[0]):
                    return
                lag *= 2
                self.add(list(self.question.pairs(lag)))
                continue
            missing = self.violated(proposal)
            if not missing or last - proposal.bound <= _STABLE * abs(proposal.bound):
                return
            last = proposal.bound
            self.add(missing[:most])
