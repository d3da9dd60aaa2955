"""The condition under which multipliers prove a bound for one switching pattern, or that no run has the pattern.

With nonnegative multipliers, ``S = sum multiplier row - objective`` is positive semidefinite in each block and nonnegative in
every value but the constant. Then ``objective <= -(constant of S)`` on every run with the pattern. With the objective zero and a
negative bound there is no such run.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from efpep.errors import CertificateError
from efpep.model.definite import is_semidefinite
from efpep.model.form import Form
from efpep.question.patterns import PatternQuestion


def remainder(question: PatternQuestion, multipliers: Mapping[str, Fraction]) -> Form:
    """Return ``sum multiplier row - objective``.

    Raises:
        CertificateError: a name is unknown, or the multiplier of an inequality is negative.
    """
    rows = {row.name: row for row in question.rows}
    total = Fraction(-1) * question.objective
    for name, multiplier in multipliers.items():
        if name not in rows:
            raise CertificateError(f"the question has no inequality {name!r}.")
        if multiplier < 0 and not rows[name].equality:
            raise CertificateError(f"the multiplier of the inequality {name} is negative.")
        total = total + multiplier * rows[name].form
    return total


def check_bound(question: PatternQuestion, multipliers: Mapping[str, Fraction], bound: Fraction) -> None:
    """Check that the multipliers prove ``objective <= bound``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    rest = remainder(question, multipliers)
    for k, coefficient in rest.values.items():
        if k != question.unity and coefficient < 0:
            raise CertificateError("the remainder is negative in a function value.")
    if -rest.values.get(question.unity, Fraction(0)) > bound:
        raise CertificateError("the weighted sum of the inequalities proves a larger number only.")
    for index, columns in question.blocks:
        if not is_semidefinite(rest.matrix(index, columns)):
            raise CertificateError("the remainder is not positive semidefinite.")
