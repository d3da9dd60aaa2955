"""The semidefinite program behind one switching pattern, and rounding its multipliers to a proof."""

from __future__ import annotations

import math
from fractions import Fraction

from efpep.conic.program import Affine, Cones, Program
from efpep.conic.solver import Solver, propose
from efpep.conic.status import Floats
from efpep.errors import CertificateError
from efpep.model.field import Scalar
from efpep.questions.switching.check import check_bound, remainder
from efpep.questions.switching.pattern import PatternQuestion

_MARGINS = (Fraction(1, 10**9), Fraction(1, 10**8), Fraction(1, 10**7), Fraction(1, 10**6), Fraction(1, 10**5))
_WIDE = Fraction(1, 10**4)
"""The margin of proofs of infeasibility; with less, interior point methods break down where there is none."""
_GRID = 1 << 44
Proof = tuple[Fraction, dict[str, Fraction]]
_LARGEST = 20
"""The sum of the multipliers in a proof of infeasibility, which could be scaled at will."""


def program(question: PatternQuestion, margin: Fraction, *, capped: bool) -> Program:
    """Return ``max (constant of S)`` over nonnegative multipliers with S at least ``margin``; variables are the multipliers."""
    rows, unity = question.rows, question.unity
    stacked: list[Affine] = [{c: Fraction(1)} for c in range(len(rows))]
    constants: dict[int, Scalar] = {}
    for k in question.values:
        constant = -question.objective.values.get(k, Fraction(0)) - margin
        if constant:
            constants[len(stacked)] = constant
        stacked.append({c: row.form.values[k] for c, row in enumerate(rows) if k in row.form.values})
    if capped:
        constants[len(stacked)] = Fraction(_LARGEST)
        stacked.append({c: Fraction(-1) for c in range(len(rows))})
    nonnegative = len(stacked)
    for block in question.blocks:
        index, columns = block.index, block.columns
        place = {j: i for i, j in enumerate(columns)}
        entries: dict[tuple[int, int], dict[int, Scalar]] = {}
        for c, row in enumerate(rows):
            for (i, j), a in row.form.blocks.get(index, {}).items():
                entries.setdefault((place[i], place[j]), {})[c] = a
        known = {(place[i], place[j]): -a for (i, j), a in question.objective.blocks.get(index, {}).items()}
        for j in range(len(columns)):
            for i in range(j + 1):
                constant = known.get((i, j), Fraction(0)) - (margin if i == j else 0)
                if constant:
                    constants[len(stacked)] = constant
                stacked.append(entries.get((i, j), {}))
    objective = {c: row.form.values[unity] for c, row in enumerate(rows) if unity in row.form.values}
    cones = Cones(0, nonnegative, tuple(len(block.columns) for block in question.blocks))
    return Program(objective, constants, cones, len(rows), stacked)


def program_value(question: PatternQuestion, multipliers: Floats) -> float:
    """Return the constant of S at a solver's multipliers, in floating point."""
    unity = question.unity
    return sum(float(row.form.values.get(unity, 0)) * a for row, a in zip(question.rows, multipliers.tolist(), strict=True))


def proved_bound(question: PatternQuestion, solver: Solver, *, capped: bool = False) -> Proof | None:
    """Return a bound of the objective with the multipliers that prove it, or None where no proposal is accepted.

    ``capped`` is for questions of feasibility: the multipliers of a proof could be scaled at will.
    """
    for margin in (_WIDE,) if capped else _MARGINS:
        solution = propose(solver, program(question, margin, capped=capped), 1e-6 if capped else 1e-9)
        if not solution.usable or solution.primal is None:
            continue
        if capped and program_value(question, solution.primal) <= 0:
            return None
        rounded = [Fraction(math.floor(max(float(a), 0.0) * _GRID), _GRID) for a in solution.primal.tolist()]
        multipliers = {row.name: a for row, a in zip(question.rows, rounded, strict=True) if a}
        rest = remainder(question, multipliers)
        constant: Fraction = -rest.values.get(question.unity, Fraction(0))
        bound = Fraction(math.ceil(constant * 10**12), 10**12)
        try:
            check_bound(question, multipliers, bound)
        except CertificateError:
            continue
        return bound, multipliers
    return None
