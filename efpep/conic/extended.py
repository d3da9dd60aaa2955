"""A small primal-dual interior point in extended precision, for programs that defeat double precision.

Programs of one-step questions are tiny (matrices of order five, twenty variables) but can need margins of 1e-16 and less.
This is the infeasible predictor-corrector method with the HKM direction (Helmberg, Rendl, Vanderbei, Wolkowicz 1996;
Kojima, Shindoh, Hara 1997; Monteiro 1997) for

    maximise c'y   subject to   S = G y + g  in  {0} x R_+ x S_+,

on python-flint's arbitrary-precision matrices (Arb). Radii are dropped after every operation: this solver proposes numbers, like
any other; what they prove is decided in exact arithmetic elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import flint
import numpy as np

from efpep.conic.extended_blocks import Flat, Semidefinite, largest_step, number
from efpep.conic.program import Program
from efpep.conic.status import Floats, Solution, SolverStatus
from efpep.conic.triangle import length
from efpep.conic.triangle import length as triangle_length

_flint: Any = flint
_DIGITS = 24
_BITS = 25 / 6
"""How many bits numbers returned have for every digit."""
_START = 8
_LIMIT = (72, 2)
"""How many steps a solve takes at most, and for every digit."""
_PUSH = 1e-5
_INSIDE = 10.0
_STEP = 0.97


@dataclass(frozen=True, slots=True)
class _Point:
    """An iterate: its mean complementarity, variables, and each block's slack and multiplier."""

    mu: float
    y: Any
    nu: Any
    blocks: list[tuple[Any, Any]]


Trail: TypeAlias = list[_Point]
"""The iterates of a solve, from which a solve of a nearby program can begin."""


class ExtendedSolver:
    """The interior point of this module, as a solver behind the common interface."""

    name = "extended"

    def __init__(self, digits: int = _DIGITS, doublings: int = 0) -> None:
        """Start without a trail.

        Args:
            digits: residuals are brought below ``10**-digits``, and numbers returned have some more digits.
            doublings: how often the precision is doubled, in all, where rounding keeps a program from being solved.
        """
        self.trail: Trail = []
        self.digits = digits
        self.doublings = doublings
        self.bits = 16

    def solve(self, program: Program, tolerance: float) -> Solution:
        """Solve to a gap of ``tolerance`` squared, far beyond double precision."""
        return self.solve_relative(program, 0.0, min(tolerance, 1e-10) ** 2)

    def solve_relative(
        self,
        program: Program,
        relative: float,
        absolute: float | None = None,
        start: Solution | Trail | None = None,
        distance: float = 0.0,
    ) -> Solution:
        """Solve until the gap is below ``relative`` times the optimal value (which decides its sign) or below ``absolute``.

        That is ``10**-(digits + 16)`` where it is not given. ``start`` is a rough solution of this program, or the trail of a
        solve of a program at the given ``distance`` (in its coefficients), from which to begin. The new trail is kept as
        :attr:`trail`.
        """
        least = 10.0 ** -(self.digits + 16) if absolute is None else absolute
        solution = self._solved(program, relative, least, start, distance)
        while solution.status is not SolverStatus.SOLVED and self.doublings:
            self.doublings, self.bits = self.doublings - 1, 2 * self.bits
            solution = self._solved(program, relative, least, self.trail[: 3 * len(self.trail) // 4], 0.0)
        return solution

    def _solved(
        self, program: Program, relative: float, absolute: float, start: Solution | Trail | None, distance: float
    ) -> Solution:
        with _flint.ctx.workprec(max(self.bits * self.digits, 16 * (program.variables + program.cones.zero))):
            try:
                iteration = _Iteration(program, start, distance, self.digits)
                self.trail = iteration.trail
                return iteration.run(relative, absolute)
            except (ZeroDivisionError, ValueError, ArithmeticError, np.linalg.LinAlgError):
                return Solution(SolverStatus.FAILED)


class _Iteration:
    """The state of one solve."""

    def __init__(self, program: Program, start: Solution | Trail | None, distance: float, digits: int) -> None:
        self.program = program
        self.digits = digits
        cones = program.cones
        rows = program.rows()
        constants = [program.constants.get(i, 0) for i in range(cones.rows)]
        self.count = program.variables
        self.free = cones.zero
        self.cost = _column([program.objective.get(j, 0) for j in range(self.count)])
        self.equalities: Any = _flint.arb_mat(self.free, self.count, _dense(rows[: self.free], self.count))
        self.right = [-number(a) for a in constants[: self.free]]
        self.blocks: list[Flat | Semidefinite] = []
        end = self.free + cones.nonnegative
        if cones.nonnegative:
            self.blocks.append(Flat(rows[self.free : end], constants[self.free : end], self.count, _START))
        for offset, k in zip(cones.offsets(), cones.semidefinite, strict=True):
            entries = slice(offset, offset + length(k))
            self.blocks.append(Semidefinite(k, rows[entries], constants[entries], self.count, _START))
        self.y = _flint.arb_mat(self.count, 1)
        self.nu = _flint.arb_mat(self.free, 1)
        self.order = sum(block.order for block in self.blocks)
        self.trail: Trail = []
        if isinstance(start, Solution):
            if start.usable and start.primal is not None and start.dual is not None:
                self._begin(start.primal, start.dual)
        elif start:
            self._resume(start, distance)

    def _resume(self, trail: Trail, distance: float) -> None:
        """Start from the last point of another solve that is well inside the cones at the given distance of programs."""
        inside = [point for point in trail if point.mu >= _INSIDE * distance]
        point = inside[-1] if inside else trail[0]
        self.y, self.nu = point.y, point.nu
        for block, (slack, dual) in zip(self.blocks, point.blocks, strict=True):
            block.s, block.x = slack, dual

    def _begin(self, primal: Floats, dual: Floats) -> None:
        """Start near a rough solution, pushed into the interior of the cones."""
        self.y = _column([float(a) for a in primal])
        self.nu = _column([float(a) for a in dual[: self.free]])
        first = self.free
        for block in self.blocks:
            length = block.order if isinstance(block, Flat) else triangle_length(block.order)
            block.begin(self.y, dual[first : first + length], _PUSH)
            first += length

    def run(self, relative: float, absolute: float) -> Solution:
        """Iterate until the gap is small enough or the limit is reached."""
        status = SolverStatus.INACCURATE
        for _ in range(_LIMIT[0] + _LIMIT[1] * self.digits):
            primal_error = max([block.residual(self.y) for block in self.blocks] + [self._equality_error()])
            dual_residual = self._dual_residual()
            dual_error = max(abs(float(a)) for a in dual_residual.entries())
            value, bound = (self.cost.transpose() * self.y)[0, 0], self._dual_objective()
            primal, dual, gap = float(value), float(bound), float(bound - value)
            tight = max(10.0**-self.digits, 1e-9 * min(1.0, max(abs(primal), abs(dual))))
            feasible = primal_error <= tight and dual_error <= tight
            if feasible and abs(gap) <= max(relative * max(primal, -dual), absolute):
                status = SolverStatus.SOLVED
                break
            if not self._step(dual_residual):
                break
        return self._solution(status)

    def _step(self, dual_residual: Any) -> bool:
        mu = sum((block.complementarity() for block in self.blocks), number(0)) / self.order
        self.trail.append(_Point(float(mu), self.y, self.nu, [(block.s, block.x) for block in self.blocks]))
        system = self._system()
        for block in self.blocks:
            block.aim(number(0), corrector=False)
        self._direction(system, dual_residual)
        primal, dual = self._steps()
        after = sum((block.complementarity_after(primal, dual) for block in self.blocks), number(0)) / self.order
        ratio = float(after / mu)
        sigma = min(0.9, max(ratio, 0.0) ** 2 if min(primal, dual) > 0.1 else max(ratio, 0.3))
        for block in self.blocks:
            block.aim(number(max(sigma, 1e-6)) * mu, corrector=True)
        dy, dnu = self._direction(system, dual_residual)
        primal, dual = self._steps()
        if max(primal, dual) < 1e-9:
            return False
        self.y = (self.y + dy * number(primal)).mid()
        if self.free:
            self.nu = (self.nu + dnu * number(dual)).mid()
        for block in self.blocks:
            block.move(primal, dual)
        return True

    def _system(self) -> Any:
        total = self.blocks[0].schur()
        for block in self.blocks[1:]:
            total = total + block.schur()
        if not self.free:
            return total.mid()
        size = self.count + self.free
        bordered = _flint.arb_mat(size, size)
        for i in range(self.count):
            for j in range(self.count):
                bordered[i, j] = total[i, j]
            for k in range(self.free):
                bordered[i, self.count + k] = -self.equalities[k, i]
                bordered[self.count + k, i] = self.equalities[k, i]
        return bordered.mid()

    def _direction(self, system: Any, dual_residual: Any) -> tuple[Any, Any]:
        right = self.blocks[0].right_side()
        for block in self.blocks[1:]:
            right = right + block.right_side()
        entries = (right - dual_residual).entries()
        if self.free:
            rest = self.equalities * self.y
            entries += [self.right[k] - rest[k, 0] for k in range(self.free)]
        solved = system.solve(_column(entries).mid()).mid().entries()
        dy, dnu = _column(solved[: self.count]), _column(solved[self.count :])
        for block in self.blocks:
            block.direct(dy)
        return dy, dnu

    def _steps(self) -> tuple[float, float]:
        primal = min(largest_step(block.slack_growth()) for block in self.blocks)
        dual = min(largest_step(block.dual_growth()) for block in self.blocks)
        return min(1.0, _STEP * primal), min(1.0, _STEP * dual)

    def _dual_residual(self) -> Any:
        """Return ``-(c + G'X + E'nu)``."""
        total = self.cost
        for block in self.blocks:
            total = total + block.adjoint()
        if self.free:
            total = total + self.equalities.transpose() * self.nu
        return (-total).mid()

    def _equality_error(self) -> float:
        if not self.free:
            return 0.0
        image = self.equalities * self.y
        return max(abs(float(image[k, 0] - self.right[k])) for k in range(self.free))

    def _dual_objective(self) -> Any:
        total = sum((block.constant_product() for block in self.blocks), number(0))
        for k in range(self.free):
            total = total - self.right[k] * self.nu[k, 0]
        return total

    def _solution(self, status: SolverStatus) -> Solution:
        bits = math.ceil(_BITS * self.digits)
        primal = [_fraction(a, bits) for a in self.y.entries()]
        dual = [_fraction(a, bits) for a in self.nu.entries()]
        for block in self.blocks:
            dual += [_fraction(a, bits) for a in block.dual_entries()]
        return Solution(
            status, np.array([float(a) for a in primal]), np.array([float(a) for a in dual]), (tuple(primal), tuple(dual))
        )


def _column(entries: Sequence[Any]) -> Any:
    return _flint.arb_mat(len(entries), 1, [a if isinstance(a, _flint.arb) else number(a) for a in entries])


def _dense(rows: Sequence[Any], width: int) -> list[Any]:
    return [number(row.get(j, 0)) for row in rows for j in range(width)]


def _fraction(value: Any, bits: int) -> Fraction:
    """Return the midpoint of a ball, kept to so many bits."""
    mantissa, exponent = (int(part) for part in value.mid().man_exp())
    excess = mantissa.bit_length() - bits
    if excess > 0:
        mantissa, exponent = mantissa >> excess, exponent + excess
    return Fraction(mantissa * 2**exponent) if exponent >= 0 else Fraction(mantissa, 2**-exponent)
