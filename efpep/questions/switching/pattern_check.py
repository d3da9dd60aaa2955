"""What proves a bound for one switching pattern, or that no run has the pattern: multipliers by the names of the rows.

With the objective zero and a negative bound there is no such run.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from efpep.errors import CertificateError
from efpep.proof.conditions import check_upper
from efpep.proof.witness import UpperWitness
from efpep.questions.switching.inequalities import PatternInequalities


def witness(question: PatternInequalities, multipliers: Mapping[str, Fraction], bound: Fraction) -> UpperWitness:
    """Return multipliers by name as the witness of a bound.

    Raises:
        CertificateError: a name is unknown.
    """
    names = {row.name for row in question.rows}
    unknown = [name for name in multipliers if name not in names]
    if unknown:
        raise CertificateError(f"the question has no inequality {unknown[0]!r}.")
    return UpperWitness(bound, (), (), (tuple(multipliers.get(row.name, Fraction(0)) for row in question.rows),))


def check_bound(question: PatternInequalities, multipliers: Mapping[str, Fraction], bound: Fraction) -> None:
    """Check that the multipliers prove ``objective <= bound``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_upper(question.system, witness(question, multipliers, bound))
