"""From a solver's numbers to witnesses that an exact check accepts, or None.

Nothing here is trusted: every witness returned has passed :mod:`efpep.certify.check`.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from efpep.analysis.dominating import empty_state, fitted_state, raised
from efpep.analysis.facial import on_equations
from efpep.analysis.least_change import least_change, matrix_sum
from efpep.analysis.polish import polished
from efpep.analysis.rate_sdp import MARGIN, RateSdp
from efpep.analysis.scaling import dyadic
from efpep.certify.check import Instance, check_lower, check_upper, decrease_form, occurring_values
from efpep.certify.definite import is_semidefinite
from efpep.certify.positivity import check_dominance
from efpep.certify.witness import LowerWitness, Matrix, UpperWitness
from efpep.conic.solver import Solver
from efpep.conic.status import Solution
from efpep.errors import CertificateError
from efpep.question.contraction import Contraction


class Rounding:
    """Rounds proposals for one rate SDP."""

    def __init__(self, sdp: RateSdp, solver: Solver) -> None:
        """Keep the SDP; ``solver`` (in double precision) finds the interior point that repairs lower witnesses."""
        self.sdp = sdp
        self.solver = solver

    def upper(self, rate: Fraction, solution: Solution) -> UpperWitness | None:
        """Return a witness that proves ``rate``, if the primal solution rounds to one."""
        if not solution.usable or rate < 0:
            return None
        primal = list(solution.rationals()[0])
        if primal[MARGIN] <= 0:
            return None
        for j in self.sdp.signed:
            primal[j] = max(primal[j], Fraction(0))
        for lift in (Fraction(0), Fraction(1, 2**52), Fraction(1, 2**46)):
            witness = raised(self.sdp.question, self.sdp.upper(rate, self.sdp.family.lifted(primal, lift)))
            if self._positive(witness):
                return self._with_margin(witness)
        return None

    def _positive(self, witness: UpperWitness) -> bool:
        if self.sdp.question.settled is None:
            return all(is_semidefinite(weights) for weights in witness.weights)
        try:
            check_dominance(self.sdp.question, witness)
        except CertificateError:
            return False
        return True

    def _with_margin(self, witness: UpperWitness) -> UpperWitness | None:
        """Choose the margin, and raise multipliers where a function value has a negative coefficient in the decrease."""
        question = self.sdp.question
        decrease = decrease_form(question, replace(witness, margin=Fraction(0)))
        for shrink in (4, 64, 4096):
            margin = self._margin(witness.margin) / shrink
            rest = decrease - margin * question.metric
            multipliers = list(witness.multipliers)
            for k, shortfall in [(k, -a) for k, a in rest.values.items() if a < 0]:
                c = self._covering(k)
                if c is not None:
                    raised = shortfall / question.rows[c].form.values[k]
                    multipliers[c] += raised
                    rest = rest + raised * question.rows[c].form
            candidate = replace(witness, margin=margin, multipliers=tuple(multipliers))
            if self.sdp.reduced:
                candidate = on_equations(question, candidate)
            if _accepts_upper(question, candidate):
                return candidate
        return None

    def _covering(self, value: int) -> int | None:
        """Return the row whose only function value is this one, with a positive coefficient."""
        for c, row in enumerate(self.sdp.question.rows):
            if list(row.form.values) == [value] and row.form.values[value] > 0 and not row.equality:
                return c
        return None

    def lower(self, rate: Fraction, solution: Solution) -> LowerWitness | None:
        """Return a witness that excludes every rate below ``rate``, if the dual solution rounds to one."""
        if not solution.usable:
            return None
        dual = list(solution.rationals()[1])
        cones = self.sdp.pencil.base.cones
        for i in range(cones.zero, cones.zero + cones.nonnegative):
            dual[i] = max(dual[i], Fraction(0))
        witness = self._fitted(self._on_equalities(self.sdp.lower(rate, dual)))
        if _accepts_lower(self.sdp.question, witness):
            return witness
        if self._interior is None:
            return None
        mended = polished(self.sdp.question, self.sdp.units, witness)
        return self._mixed(mended, self._interior) or self._mixed(witness, self._interior)

    def _margin(self, t: Fraction) -> Fraction:
        """Return about how much of the metric ``t`` times the reference form covers, as a power of two."""
        units = self.sdp.units
        metric = units.form(self.sdp.question.metric)
        entries = [abs(a) for block in metric.blocks.values() for a in block.values()]
        size = max([*entries, *(abs(a) for a in metric.values.values())])
        point = max(1, *units.features[0])
        return dyadic(t / (len(units.features[0]) * size * point**2))

    def still(self) -> LowerWitness | None:
        """Return the instance in which only the point differs from its limit, if it proves that the method rests there."""
        question = self.sdp.question
        grams = [
            tuple(tuple(Fraction(int(i == j == k == 0)) for j in range(len(block.columns))) for i in range(len(block.columns)))
            for k, block in enumerate(question.blocks)
        ]
        witness = LowerWitness(Fraction(1), tuple(grams), tuple(Fraction(0) for _ in self.sdp.values))
        if question.settled is not None and question.given is None:
            witness = self._fitted(empty_state(question, witness))
        return witness if _accepts_lower(question, witness) else None

    @cached_property
    def _interior(self) -> LowerWitness | None:
        program = self.sdp.interior
        solution: object = self.solver.solve(program, 1e-9)
        if not isinstance(solution, Solution):  # pyright: ignore[reportUnnecessaryIsInstance]
            return None
        if not solution.fits(program.variables, program.cones.rows):
            return None
        return self._on_equalities(self.sdp.interior_witness(solution.rationals()[0]))

    def _on_equalities(self, witness: LowerWitness) -> LowerWitness:
        """Move Gram matrices and values onto the question's equalities exactly, by the least change in scaled units."""
        question = self.sdp.question
        rows = [row.form for row in question.rows if row.equality]
        if not rows:
            return witness
        instance = Instance(question, witness)
        units = self.sdp.units
        scaled = [units.form(row) for row in rows]
        change = units.form(least_change(scaled, [-instance.value(row) for row in rows]))
        blocks = zip(witness.grams, question.blocks, strict=True)
        grams = tuple(matrix_sum(gram, change.matrix(block.index, block.columns)) for gram, block in blocks)
        values = tuple(
            a + change.values.get(k, Fraction(0)) for k, a in zip(occurring_values(question), witness.values, strict=True)
        )
        return replace(witness, grams=grams, values=values)

    def _fitted(self, witness: LowerWitness) -> LowerWitness:
        return fitted_state(self.sdp.question, self.sdp.units, witness)

    def _mixed(self, witness: LowerWitness, interior: LowerWitness) -> LowerWitness | None:
        """Add as much of the interior point as repairs every violated row and the Gram matrices' rounding."""
        question = self.sdp.question
        given, inside = Instance(question, witness), Instance(question, interior)
        amount = Fraction(0)
        for row in question.rows:
            violation, slack = given.value(row.form), -inside.value(row.form)
            if violation > 0 and not row.equality:
                if slack <= 0:
                    return None
                amount = max(amount, violation / slack)
        largest = max((abs(a) for gram in witness.grams for line in gram for a in line), default=Fraction(0))
        for theta in (2 * amount, 2 * amount + largest / 2**50, 2 * amount + largest / 2**44):
            mixed = replace(
                witness,
                grams=tuple(_sum(a, b, theta) for a, b in zip(witness.grams, interior.grams, strict=True)),
                values=tuple(a + theta * b for a, b in zip(witness.values, interior.values, strict=True)),
            )
            mixed = self._fitted(mixed)
            if _accepts_lower(question, mixed):
                return mixed
        return None


def _sum(a: Matrix, b: Matrix, factor: Fraction) -> Matrix:
    return tuple(tuple(x + factor * y for x, y in zip(left, right, strict=True)) for left, right in zip(a, b, strict=True))


def _accepts_upper(question: Contraction, witness: UpperWitness) -> bool:
    try:
        check_upper(question, witness)
    except CertificateError:
        return False
    return True


def _accepts_lower(question: Contraction, witness: LowerWitness) -> bool:
    try:
        check_lower(question, witness)
    except CertificateError:
        return False
    return True
