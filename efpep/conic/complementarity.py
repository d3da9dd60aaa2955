"""Newton's method on the complementarity of a pencil's solution: its root to thousands of digits.

At the root q of the margin a pencil's solution satisfies, with ``S = G(q) y`` and multipliers X, polynomial equations

    S X = 0 in every semidefinite block,   s = 0 or x = 0 in every nonnegative row,   equalities,
    G(q)' X + E' nu + c = 0,   t = 0.

Which of s and x vanishes is read off a solution in extended precision. Solutions need not be unique: coordinates along which they
move stay where they are, and as many of the equations as are independent are solved (pivots of an elimination decide both).
Newton's method then doubles the digits with each step. It ends without a result where pivots leave the rank open, as they do
where strict complementarity fails, or where equations that were left out do not hold at the end. What comes out is very probably
the root; the ends of rates are certified elsewhere, and what is read off its digits has to lie between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint

from efpep.conic.extended import ExtendedSolver
from efpep.conic.extended_blocks import number
from efpep.conic.lmi import HEAD
from efpep.conic.program import Pencil
from efpep.conic.triangle import place

_flint: Any = flint
_GAP = 1e-6
"""Pivots of a degenerate system are zero to about the solution's accuracy; between the square root of it and this lies none."""
_BITS = 3.33
_MORE = 12
"""How much smaller than the distance from the root the solution's error is."""

Row = dict[int, Fraction]
Term = tuple[int, int, Any]


class Complementarity:
    """The equations of a pencil at its root, with a place to start from.

    Attributes:
        values: the unknowns: the pencil's variables, q, and the multipliers that need not vanish; balls after :meth:`root`.
        settled: the unknowns that the equations determine, after :meth:`root`.
    """

    def __init__(self, pencil: Pencil, q: Fraction, solver: ExtendedSolver, known: int, distance: float) -> None:
        """Solve at ``q`` and read off which rows are active.

        Args:
            pencil: the pencil.
            q: a number near the root.
            solver: who solves; where it has a trail, from that.
            known: how many digits of the solution are wanted.
            distance: how far q is from the root, and from where the trail was made.

        Raises:
            ArithmeticError: the solver fails.
        """
        base = pencil.base
        solution = solver.solve_relative(pencil.at(q), 0.0, 10.0 ** -(known + _MORE), solver.trail, distance)
        if not solution.usable or solution.primal is None or solution.dual is None:
            raise ArithmeticError("the solver returned nothing")
        primal, dual = solution.rationals()
        self.count = base.variables
        self.q = self.count
        self.rows = [{j: Fraction(a) for j, a in row.items()} for row in base.rows()]
        self.slopes = [{j: Fraction(a) for j, a in row.items()} for row in pencil.slopes()]
        self.constants = {i: Fraction(a) for i, a in base.constants.items()}
        self.objective = {j: Fraction(a) for j, a in base.objective.items()}
        self.cones = base.cones
        self.values: list[Any] = [*primal, q]
        self.settled: set[int] = set()
        self.active: list[int] = []
        self.multiplier: dict[int, int] = {}
        end = self.cones.zero + self.cones.nonnegative
        for i in range(self.cones.rows):
            flat = self.cones.zero <= i < end
            slack = sum((self._at(i, j, q) * primal[j] for j in self.rows[i]), self.constants.get(i, Fraction(0))) if flat else 0
            if flat and slack > dual[i]:
                continue
            if i < end:
                self.active.append(i)
            self.multiplier[i] = len(self.values)
            self.values.append(dual[i])

    def _at(self, i: int, j: int, q: Fraction) -> Fraction:
        return self.rows[i][j] - q * self.slopes[i].get(j, Fraction(0))

    def root(self, digits: int, *, known: int) -> Any:
        """Return q as a ball with about so many digits.

        Args:
            digits: how many digits are wanted.
            known: how many digits the start has.

        Raises:
            ArithmeticError: the equations do not determine q, or Newton's method does not converge.
        """
        with _flint.ctx.workprec(int(_BITS * (known + 20))):
            values = [number(a) for a in self.values]
            lines, columns = self._independent(values, 10.0 ** (-known / 2))
        if self.q not in columns:
            raise ArithmeticError("the equations do not determine the rate")
        right, previous = float(known), 0.0
        while right < digits and right > previous:
            previous, right = right, min(1.9 * right, digits + 10)
            with _flint.ctx.workprec(int(_BITS * (right + 30))):
                residuals, entries = self._system(values)
                matrix = _flint.arb_mat(len(lines), len(columns), [entries[i].get(j, 0) for i in lines for j in columns])
                step = matrix.mid().solve(_flint.arb_mat(len(lines), 1, [residuals[i].mid() for i in lines]), algorithm="approx")
                values = list(values)
                for j, a in zip(columns, step.entries(), strict=True):
                    values[j] = (values[j] - a).mid()
        with _flint.ctx.workprec(int(_BITS * (digits + 30))):
            residuals, _ = self._system(values)
            worst = max(abs(a).mid() for a in residuals)
            if worst > _flint.arb(10) ** -(digits - 10):
                raise ArithmeticError("equations that were left out do not hold")
        self.values = values
        self._settle(lines, columns)
        return values[self.q]

    def _settle(self, lines: list[int], columns: list[int]) -> None:
        """Find the unknowns that do not move along the solutions."""
        free = sorted(set(range(len(self.values))) - set(columns))
        self.settled = set(columns)
        if not free:
            return
        with _flint.ctx.workprec(256):
            _, entries = self._system([a.mid() for a in self.values])
            pick = [[entries[i].get(j, 0) for i in lines for j in own] for own in (columns, free)]
            matrix, right = (
                _flint.arb_mat(len(lines), len(own), numbers).mid() for own, numbers in zip((columns, free), pick, strict=True)
            )
            moves = matrix.solve(right, algorithm="approx").tolist()
        self.settled = {j for j, row in zip(columns, moves, strict=True) if all(abs(float(a)) < _GAP for a in row)}

    # --- the equations ------------------------------------------------------------------------------------------------

    def _system(self, values: list[Any]) -> tuple[list[Any], list[dict[int, Any]]]:
        """Return the residual of each equation and its derivatives by unknown."""
        q = values[self.q]
        coefficients = [{j: self._ball(i, j, q) for j in self.rows[i]} for i in range(self.cones.rows)]
        slacks = [
            sum((a * values[j] for j, a in row.items()), number(self.constants.get(i, 0))) for i, row in enumerate(coefficients)
        ]
        growth = [-sum((number(a) * values[j] for j, a in row.items()), number(0)) for row in self.slopes]
        residuals: list[Any] = [values[HEAD]]
        entries: list[dict[int, Any]] = [{HEAD: number(1)}]
        for i in self.active:
            residuals.append(slacks[i])
            entries.append({**coefficients[i], self.q: growth[i]})
        for i, k, terms in self._products():
            del i, k
            total, own = number(0), dict[int, Any]()
            for s, x in terms:
                variable = self.multiplier[x]
                total = total + slacks[s] * values[variable]
                own[variable] = own.get(variable, 0) + slacks[s]
                own[self.q] = own.get(self.q, 0) + growth[s] * values[variable]
                for j, a in coefficients[s].items():
                    own[j] = own.get(j, 0) + a * values[variable]
            residuals.append(total)
            entries.append(own)
        return self._adjoint(values, coefficients, residuals, entries)

    def _adjoint(
        self, values: list[Any], coefficients: list[dict[int, Any]], residuals: list[Any], entries: list[dict[int, Any]]
    ) -> tuple[list[Any], list[dict[int, Any]]]:
        doubled = self.cones.off_diagonal()
        totals = [number(self.objective.get(j, 0)) for j in range(self.count)]
        owns: list[dict[int, Any]] = [{self.q: number(0)} for _ in range(self.count)]
        for i, variable in self.multiplier.items():
            factor = 2 if doubled[i] else 1
            for j, a in coefficients[i].items():
                totals[j] = totals[j] + factor * a * values[variable]
                owns[j][variable] = factor * a
                slope = self.slopes[i].get(j)
                if slope is not None:
                    owns[j][self.q] = owns[j][self.q] - factor * number(slope) * values[variable]
        return residuals + totals, entries + owns

    def _ball(self, i: int, j: int, q: Any) -> Any:
        slope = self.slopes[i].get(j)
        return number(self.rows[i][j]) if not slope else number(self.rows[i][j]) - q * number(slope)

    def _products(self) -> Iterator[tuple[int, int, list[tuple[int, int]]]]:
        """Yield the entries of S X by block as pairs of stacked rows."""
        for offset, order in zip(self.cones.offsets(), self.cones.semidefinite, strict=True):

            def at(i: int, j: int, offset: int = offset) -> int:
                return offset + place(min(i, j), max(i, j))

            for i in range(order):
                for k in range(order):
                    yield i, k, [(at(i, j), at(j, k)) for j in range(order)]

    def _independent(self, values: list[Any], small: float) -> tuple[list[int], list[int]]:
        """Return equations and unknowns that make a regular square system, as many as there are.

        Raises:
            ArithmeticError: a pivot is neither clearly zero nor clearly not.
        """
        _, entries = self._system(values)
        rows = {i: {j: a.mid() for j, a in row.items() if abs(float(a)) > 0} for i, row in enumerate(entries)}
        for row in rows.values():
            size = max((abs(float(a)) for a in row.values()), default=1.0)
            for j in row:
                row[j] = (row[j] / number(size)).mid()
        lines: list[int] = []
        columns: list[int] = []
        while rows:
            best, i, j = max((abs(float(a)), i, j) for i, row in rows.items() for j, a in (row or {0: 0.0}).items())
            if best < _GAP:
                if best > small:
                    raise ArithmeticError("the rank of the equations stays open")
                break
            pivot = rows.pop(i)
            lines.append(i)
            columns.append(j)
            for row in rows.values():
                if j in row:
                    factor = row.pop(j) / pivot[j]
                    for k, a in pivot.items():
                        if k != j:
                            row[k] = (row.get(k, 0) - factor * a).mid()
        return lines, columns
