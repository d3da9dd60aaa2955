"""The search for a closed trajectory, or for multipliers that exclude it, by the SDP of the orbit's system.

    t* = max t   over   lambda >= 0 (free for equalities),  sum of lambda over inequalities = 1
      sum_c lambda_c row_c - t I >= 0 in every block (scaled columns),   sum_c lambda_c row_c >= 0 in every function value.

The dual has Gram matrices of trace one on which every row is at most ``t*``. So t* > 0 excludes the trajectory with room to round
the multipliers, t* < 0 yields one with room to round the Gram matrices, and t* = 0 is left to luck.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.repair import on_equalities
from efpep.conic.rounding import Rounding
from efpep.conic.solver import Solver, propose
from efpep.conic.status import Solution
from efpep.conic.units import Measures, Units, column_sizes, dyadic
from efpep.errors import CertificateError, InputError
from efpep.model.column import Unit
from efpep.model.row import Row
from efpep.questions.cycle.check import ClosedTrajectory, Exclusion, check_trajectory, numbers_of, violated_shifts
from efpep.questions.cycle.inequalities import CycleInequalities

_TOLERANCE = 1e-11
_ROUNDS = 12
_ADDED = 200
"""How many inequalities between different periods are added at once."""


class OrbitSearch:
    """Proposes and rounds proofs for one orbit.

    Attributes:
        orbit: the closed steps.
        solver: who proposes.
        lmi: the rows in play, the orbit's own and then those between different periods that have been added, in units.
        solution: what the solver says of them.
    """

    def __init__(self, orbit: CycleInequalities, solver: Solver) -> None:
        """Ask the solver about the orbit's own rows."""
        self.orbit = orbit
        self.solver = solver
        self._solve(Lmi(orbit.system, Measures((_units(orbit),), ())))

    def _solve(self, lmi: Lmi) -> None:
        self.lmi = lmi
        self.solution = propose(self.solver, self.lmi.pencil.at(Fraction(0)), _TOLERANCE)

    def exclusion(self) -> Exclusion | None:
        """Return proved multipliers that exclude trajectories, if the solution rounds to them."""
        witness = Rounding(self.lmi, self.solver).upper(Fraction(0), self.solution)
        return None if witness is None else Exclusion(tuple(a / witness.margin for a in witness.multipliers[0]))

    def trajectory(self) -> ClosedTrajectory | None:
        """Return a proved trajectory, adding inequalities between different periods as they are violated."""
        for _ in range(_ROUNDS):
            solution = self.solution
            if not solution.usable or solution.primal is None or solution.primal[HEAD] > 1e-7:
                return None
            violated: list[Row] = []
            for candidate in self._trajectories(solution):
                try:
                    check_trajectory(self.orbit, candidate)
                except CertificateError:
                    violated = self._violated(candidate)
                else:
                    return candidate
                if violated:
                    break
            if not violated:
                return None
            self._solve(self.lmi.with_rows([*self.lmi.system.relations[0].rows, *violated[:_ADDED]]))
        return None

    def _trajectories(self, solution: Solution) -> Iterator[ClosedTrajectory]:
        """Yield roundings of the dual point: coarse, fine, and to small denominators."""
        primal, dual = solution.rationals()
        cones = self.lmi.pencil.base.cones
        slack, count = max(-float(primal[HEAD]), 1e-13), sum(cones.semidefinite)
        bits = math.ceil(-math.log2(slack)) + math.ceil(math.log2(count)) + 8
        for lift, grid in ((16, bits), (256, bits + 6), (4096, 60)):
            tau = Fraction(round(slack / (lift * count) * 2 ** (grid + 8)), 2 ** (grid + 8))
            yield self._trajectory([Fraction(round(a * 2**grid), 2**grid) for a in dual], tau)
        largest = max((abs(a) for a in dual[cones.zero + cones.nonnegative :]), default=Fraction(1)) or Fraction(1)
        for limit in (64, 1024, 10**5):
            yield self._trajectory([(a / largest).limit_denominator(limit) for a in dual], Fraction(0))

    def _trajectory(self, dual: list[Fraction], tau: Fraction) -> ClosedTrajectory:
        found = on_equalities(self.lmi.system, self.lmi.measures, self.lmi.lower(Fraction(0), dual, tau))
        return ClosedTrajectory(found.grams[0], found.values[0])

    def _violated(self, candidate: ClosedTrajectory) -> list[Row]:
        """Return inequalities between different periods, not yet in play, that the candidate violates, and their neighbours."""
        known = {row.name for row in self.lmi.system.relations[0].rows}
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
        return new


def _units(orbit: CycleInequalities) -> Units:
    """Measure gradients by the average L, or the inverse step size where there is none; the constant 1 by a squared gradient."""
    try:
        curvature = dyadic(sum((group.share * group.functions.smoothness for group in orbit.trace.groups), Fraction(0)))
    except InputError:
        curvature = dyadic(1 / orbit.recording.method.step_size)
    sizes = {Unit.POINT: Fraction(1), Unit.GRADIENT: curvature}
    special: dict[int, Fraction] = {}
    unity = orbit.trace.unity
    if unity is not None and unity in orbit.values:
        special[unity] = curvature**2 / dyadic(max(abs(row.form.values.get(unity, 0)) for row in orbit.rows))
    return Units(tuple(column_sizes(block, sizes) for block in orbit.trace.blocks), (), curvature, special)
