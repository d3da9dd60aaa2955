"""The semidefinite program behind one switching pattern, and rounding its multipliers to a proof."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from efpep.conic.lmi import Lmi
from efpep.conic.rounding import Rounding
from efpep.conic.solver import Solver, propose
from efpep.conic.units import Measures
from efpep.model.form import Form
from efpep.proof.witness import UpperWitness
from efpep.questions.switching.inequalities import PatternInequalities
from efpep.questions.switching.transfer import Proof

_MARGINS = (1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
_TOLERANCE = 1e-10
_BITS = 44


def proved_bound(question: PatternInequalities, solver: Solver) -> Proof | None:
    """Return a bound of the objective with the multipliers that prove it, or None where no proposal is accepted."""
    lmi = Lmi(question.system, Measures.plain(question.system))
    for margin in _MARGINS:
        solution = propose(solver, lmi.program(Fraction(margin), Fraction(0)), _TOLERANCE)
        witness = Rounding(lmi, solver, bits=_BITS).least_upper(solution)
        if witness is not None:
            return witness.theta, _named(question, witness)
    return None


def proved_empty(question: PatternInequalities, solver: Solver) -> dict[str, Fraction] | None:
    """Return multipliers with which the rows sum to a multiple of ``"1"``, so that no run has the pattern, or None."""
    (relation,) = question.system.relations
    relation = replace(relation, constant=Form(), slope=Form(), margin=relation.slope)
    system = replace(question.system, relations=(relation,))
    lmi = Lmi(system, Measures.plain(system))
    solution = propose(solver, lmi.pencil.at(Fraction(0)), _TOLERANCE)
    witness = Rounding(lmi, solver, bits=_BITS).upper(Fraction(0), solution)
    return None if witness is None else _named(question, witness)


def _named(question: PatternInequalities, witness: UpperWitness) -> dict[str, Fraction]:
    return {row.name: a for row, a in zip(question.rows, witness.multipliers[0], strict=True) if a}
