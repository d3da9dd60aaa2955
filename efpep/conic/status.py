"""What a solver says, and what it returns. None of it is ever believed without an exact check."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_LARGEST = 1e100


class SolverStatus(enum.Enum):
    """A solver's own opinion, in one vocabulary for all solvers."""

    SOLVED = "solved to the requested tolerance"
    INACCURATE = "stopped early; the point may be useful, its status proves nothing"
    INFEASIBLE = "the solver believes that the program is infeasible or unbounded"
    FAILED = "the solver returned nothing"


@dataclass(frozen=True, slots=True)
class Solution:
    """A proposal.

    Attributes:
        status: the solver's opinion.
        primal: the variables ``y``; shape ``(variables,)``; None where the status is FAILED.
        dual: the multipliers of the stacked cone rows (see :class:`~efpep.conic.program.Program`), not scaled by sqrt 2.
        precise: primal and dual as rationals, from solvers with more than double precision.
    """

    status: SolverStatus
    primal: Floats | None = None
    dual: Floats | None = None
    precise: tuple[tuple[Fraction, ...], tuple[Fraction, ...]] | None = None

    def fits(self, variables: int, rows: int) -> bool:
        """Whether there are finite numbers of moderate size for so many variables and rows."""
        if self.primal is None or self.dual is None or not self.usable:
            return False
        if self.primal.shape != (variables,) or self.dual.shape != (rows,):
            return False
        if self.precise is not None and [len(part) for part in self.precise] != [variables, rows]:
            return False
        return all(float(np.max(np.abs(part), initial=0.0)) < _LARGEST for part in (self.primal, self.dual))

    @property
    def usable(self) -> bool:
        """Whether there are finite numbers to look at."""
        return (
            self.primal is not None
            and self.dual is not None
            and bool(np.isfinite(self.primal).all())
            and bool(np.isfinite(self.dual).all())
        )

    def rationals(self) -> tuple[Sequence[Fraction], Sequence[Fraction]]:
        """Return primal and dual as the exact rationals that their numbers are; only where :attr:`usable`."""
        if self.precise is not None:
            return self.precise
        if self.primal is None or self.dual is None:
            return (), ()
        return [Fraction(float(a)) for a in self.primal], [Fraction(float(a)) for a in self.dual]
