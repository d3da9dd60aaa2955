"""From a solver's numbers to witnesses that the exact check accepts, or None.

Nothing here is trusted: every witness returned has passed :mod:`efpep.proof.conditions`.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cached_property

from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.moment_program import MomentProgram
from efpep.conic.outward import outward, significant
from efpep.conic.polish import polished
from efpep.conic.repair import covered, on_equalities, on_free_unknowns, with_moments
from efpep.conic.solver import Solver, propose
from efpep.conic.status import Solution
from efpep.conic.unbounded_columns import on_equations
from efpep.conic.units import dyadic
from efpep.errors import CertificateError
from efpep.model.form import Form
from efpep.model.system import Matrix
from efpep.proof.conditions import check_form, check_lower, check_relation, check_unknowns, check_upper, relation_form
from efpep.proof.moments import Moments, single_column, zero_moments
from efpep.proof.witness import LowerWitness, UpperWitness

_ZERO = Fraction(0)
_DENOMINATORS = (10, 1000, 10**5)


class Rounding:
    """Rounds proposals for one system."""

    def __init__(self, lmi: Lmi, solver: Solver, *, bits: int | None = None) -> None:
        """Keep the program; ``solver`` (in double precision) finds the interior point that repairs lower witnesses.

        Multipliers and unknowns of upper witnesses have ``bits`` binary places, or all that they have.
        """
        self.lmi = lmi
        self.solver = solver
        self.bits = bits

    # --- a margin at theta --------------------------------------------------------------------------------------------

    def upper(self, theta: Fraction, solution: Solution) -> UpperWitness | None:
        """Return a witness that proves ``theta``, if the primal solution of the pencil rounds to one."""
        system = self.lmi.system
        if not solution.usable or (system.least is not None and theta < system.least):
            return None
        primal = self._clipped(solution)
        if primal[HEAD] <= 0:
            return None
        for lift in (_ZERO, Fraction(1, 2**52), Fraction(1, 2**46)):
            witness = self.lmi.upper(theta, self.lmi.family.lifted(primal, lift))
            room, witness = witness.margin, replace(witness, margin=_ZERO)
            witness = covered(system, witness) if len(system.relations) > 1 else witness
            if self._positive(witness):
                return self._with_margin(witness, room)
        return None

    def _clipped(self, solution: Solution) -> list[Fraction]:
        primal = list(solution.rationals()[0])
        if self.bits is not None:
            primal = [Fraction(((a.numerator << self.bits + 1) // a.denominator + 1) >> 1, 1 << self.bits) for a in primal]
        for j in self.lmi.signed:
            primal[j] = max(primal[j], _ZERO)
        return primal

    def _positive(self, witness: UpperWitness) -> bool:
        """Whether the unknowns are what they have to be, before any margin."""
        try:
            check_unknowns(self.lmi.system, witness)
            for i in range(1, len(self.lmi.system.relations)):
                check_relation(self.lmi.system, i, witness)
        except CertificateError:
            return False
        return True

    def _with_margin(self, witness: UpperWitness, room: Fraction) -> UpperWitness | None:
        """Choose the margin, and raise multipliers where a function value has a negative coefficient."""
        for shrink in (4, 64, 4096):
            margin = dyadic(room * self.lmi.metric_size) / shrink
            candidate = covered(self.lmi.system, replace(witness, margin=margin))
            if self.lmi.reduced:
                candidate = on_equations(self.lmi.system, candidate)
            if self.accepts_upper(candidate):
                return candidate
        return None

    def lower(self, theta: Fraction, solution: Solution) -> LowerWitness | None:
        """Return a witness that excludes everything below ``theta``, if the dual solution of the pencil rounds to one."""
        if not solution.usable:
            return None
        witness = self._fitted(self._on_equalities(self.lmi.lower(theta, solution.rationals()[1])))
        if self.accepts_lower(witness):
            return witness
        if theta == 1 and (short := self._short(witness)) is not None:
            return short
        if self._interior is None:
            return None
        relation, units = self.lmi.system.relations[0], self.lmi.measures.relations[0]
        mended = with_moments(witness, 0, *polished(relation, units, witness.grams[0], witness.values[0]))
        return self._mixed(mended, self._interior) or self._mixed(witness, self._interior)

    def _short(self, witness: LowerWitness) -> LowerWitness | None:
        """Return the witness with numbers of few digits in units of its first column, where those are exact.

        Where nothing contracts only just, moments have no room, but are simple fractions as a rule.
        """
        unit = witness.grams[0][0][0][0] if witness.grams[0][0] else _ZERO
        if unit <= 0:
            return None
        for most in _DENOMINATORS:

            def short(number: Fraction, most: int = most) -> Fraction:
                return (number / unit).limit_denominator(most)

            grams = tuple(tuple(tuple(tuple(map(short, line)) for line in gram) for gram in own) for own in witness.grams)
            found = replace(witness, grams=grams, values=tuple(tuple(map(short, own)) for own in witness.values))
            if self.accepts_lower(found):
                return found
        return None

    def still(self) -> LowerWitness | None:
        """Return the instance in which only the first column of the first block is not zero, if it excludes every theta < 1."""
        first, *others = self.lmi.system.relations
        moments = [single_column(first)]
        moments += [] if self.lmi.system.given else [zero_moments(other) for other in others]
        witness = self._fitted(LowerWitness(Fraction(1), tuple(g for g, _ in moments), tuple(v for _, v in moments)))
        return witness if self.accepts_lower(witness) else None

    @cached_property
    def _interior(self) -> LowerWitness | None:
        relation, units = self.lmi.system.relations[0], self.lmi.measures.relations[0]
        program = MomentProgram(relation, units)
        for row, form in zip(relation.rows, self.lmi.scaled_rows(0), strict=True):
            (program.zero if row.equality else program.positive).append(program.value(-1 * form))
        solution = propose(self.solver, program.program(), 1e-9)
        if not solution.usable:
            return None
        ((grams, values),) = program.moments(solution.rationals()[0])
        return LowerWitness(_ZERO, (grams,), (values,))

    def _mixed(self, witness: LowerWitness, inside: LowerWitness) -> LowerWitness | None:
        """Add as much of the interior point as repairs every violated row and the Gram matrices' rounding."""
        relation = self.lmi.system.relations[0]
        given = Moments.of_relation(relation, witness.grams[0], witness.values[0])
        deep = Moments.of_relation(relation, inside.grams[0], inside.values[0])
        amount = _ZERO
        for row in relation.rows:
            violation, slack = given.value(row.form), -deep.value(row.form)
            if violation > 0 and not row.equality:
                if slack <= 0:
                    return None
                amount = max(amount, violation / slack)
        most = max((abs(a) for gram in witness.grams[0] for line in gram for a in line), default=_ZERO)
        for part in (2 * amount, 2 * amount + most / 2**50, 2 * amount + most / 2**44):
            grams = tuple(_sum(a, b, part) for a, b in zip(witness.grams[0], inside.grams[0], strict=True))
            values = tuple(a + part * b for a, b in zip(witness.values[0], inside.values[0], strict=True))
            mixed = self._fitted(with_moments(witness, 0, grams, values))
            if self.accepts_lower(mixed):
                return mixed
        return None

    # --- the least theta ----------------------------------------------------------------------------------------------

    def least_upper(self, solution: Solution) -> UpperWitness | None:
        """Return a witness that proves its theta, if the primal solution of the program of the least one rounds to one."""
        if not solution.usable:
            return None
        primal = self._clipped(solution)
        if self.lmi.unity is not None:
            return self._solved_for(self.lmi.unity, self.lmi.upper(None, primal))
        for lift in (_ZERO, *(Fraction(1, 2**k) for k in (46, 40, 34, 28))):
            witness = self.lmi.upper(None, self.lmi.family.lifted(primal, lift))
            try:
                check_unknowns(self.lmi.system, witness)
            except CertificateError:
                continue
            witness = covered(self.lmi.system, replace(witness, theta=_outward(witness.theta, up=True)))
            return witness if self.accepts_upper(witness) else None
        return None

    def _solved_for(self, unity: int, witness: UpperWitness) -> UpperWitness | None:
        """Return the witness with the least theta that it proves, which is what the multipliers leave of ``"1"``."""
        if self.lmi.reduced:
            witness = on_equations(self.lmi.system, witness)
        if self.lmi.system.relations[0].differences:
            witness = covered(self.lmi.system, witness)
        form = relation_form(self.lmi.system, 0, witness)
        try:
            check_form(self.lmi.system.relations[0], Form(form.blocks, {k: a for k, a in form.values.items() if k != unity}))
        except CertificateError:
            return None
        return replace(witness, theta=significant(-Fraction(form.values.get(unity, _ZERO)), up=True))

    def greatest_lower(self, solution: Solution, margin: Fraction) -> LowerWitness | None:
        """Return a witness that excludes all below its theta, if the dual solution of that program rounds to one."""
        if not solution.usable:
            return None
        dual = solution.rationals()[1]
        lifts = (_ZERO, margin / 2**10, margin / 2**5, margin / 4, margin)
        for lift in lifts[::-1] if self.lmi.system.free else lifts:
            witness = self._fitted(self._on_equalities(self.lmi.moments(dual, lift)))
            found = zip(self.lmi.system.relations, witness.grams, witness.values, strict=True)
            rest = growth = _ZERO
            for relation, grams, values in found:
                moments = Moments.of_relation(relation, grams, values)
                rest, growth = rest + moments.value(relation.constant), growth + moments.value(relation.slope)
            if growth <= 0:
                continue
            witness = replace(witness, theta=_outward(-rest / growth, up=False))
            if self.accepts_lower(witness):
                return witness
        return None

    # --- both ---------------------------------------------------------------------------------------------------------

    def _on_equalities(self, witness: LowerWitness) -> LowerWitness:
        return on_equalities(self.lmi.system, self.lmi.measures, witness)

    def _fitted(self, witness: LowerWitness) -> LowerWitness:
        return on_free_unknowns(self.lmi.system, self.lmi.measures, witness)

    def accepts_upper(self, witness: UpperWitness) -> bool:
        """Whether the exact check accepts a witness of an upper end."""
        try:
            check_upper(self.lmi.system, witness)
        except CertificateError:
            return False
        return True

    def accepts_lower(self, witness: LowerWitness) -> bool:
        """Whether the exact check accepts a witness of a lower end."""
        try:
            check_lower(self.lmi.system, witness)
        except CertificateError:
            return False
        return True


def _outward(value: Fraction, *, up: bool) -> Fraction:
    """Round outward to 15 decimal places, or as many significant digits of numbers beyond 1."""
    return outward(value, 15, up=up) if abs(value) < 1 else significant(value, up=up)


def _sum(a: Matrix, b: Matrix, factor: Fraction) -> Matrix:
    return tuple(tuple(x + factor * y for x, y in zip(left, right, strict=True)) for left, right in zip(a, b, strict=True))
