"""The conditions under which witnesses prove an end of a worst case after T steps.

Upper end: with multipliers of rows ``row <= 0`` (nonnegative) and of equalities (free), the *remainder*

    S = sum_c multiplier_c row_c - objective

is positive semidefinite in each block and nonnegative in every value but ``"1"``. On every run all rows hold and the constant has
the value 1, so ``objective <= -(coefficient of "1" in S)``.

Lower end: positive semidefinite Gram matrices and nonnegative values that satisfy all rows; the objective there is attained,
because the function and compressor classes are interpolated exactly. Compressors are maps: messages that coincide have to be
compressed to the same vector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import CertificateError
from efpep.model.form import Form, square
from efpep.proof import conditions
from efpep.proof.conditions import check_form, relation_form
from efpep.proof.moments import Moments
from efpep.proof.witness import LowerWitness, UpperWitness

if TYPE_CHECKING:
    from efpep.model.row import Row
    from efpep.model.system import Matrix
    from efpep.model.vector import Part
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities


@dataclass(frozen=True, slots=True)
class AttainedRun:
    """A run, as Gram matrices and function values.

    Attributes:
        grams: for each block of the question, the Gram matrix over its columns.
        values: the values, in the question's order; that of ``"1"`` is 1.
    """

    grams: tuple[Matrix, ...]
    values: tuple[Fraction, ...]

    def moments(self, question: WorstCaseInequalities) -> Moments:
        """Return the numbers of the run, for forms of the question."""
        blocks = [(block.index, block.columns) for block in question.blocks]
        return Moments.of(blocks, self.grams, dict(enumerate(self.values)))


@dataclass(frozen=True, slots=True)
class Bound:
    """What proves that no run exceeds ``theta``.

    Attributes:
        theta: the number that is proved.
        multipliers: the multipliers of the inequalities by their names; the others are zero.
    """

    theta: Fraction
    multipliers: Mapping[str, Fraction]


def rows_by_name(question: WorstCaseInequalities, names: Mapping[str, object]) -> dict[str, Row]:
    """Return the rows with the given names.

    Raises:
        CertificateError: the question has no such row.
    """
    fixed = {row.name: row for row in question.fixed}
    pairs = question.named_pairs() if any(name not in fixed for name in names) else {}
    found: dict[str, Row] = {}
    for name in names:
        if name not in fixed and name not in pairs:
            raise CertificateError(f"the question has no inequality {name!r}.")
        found[name] = fixed[name] if name in fixed else question.pair(pairs[name])
    return found


def remainder(question: WorstCaseInequalities, multipliers: Mapping[str, Fraction]) -> Form:
    """Return S, the weighted sum of rows less the objective.

    Raises:
        CertificateError: the question has no row of a name, or the multiplier of an inequality is negative.
    """
    rows = rows_by_name(question, multipliers)
    for name, multiplier in multipliers.items():
        if multiplier < 0 and not rows[name].equality:
            raise CertificateError(f"the multiplier of the inequality {name} is negative.")
    numbers = tuple(multipliers[name] for name in rows)
    return relation_form(question.system(tuple(rows.values())), 0, UpperWitness(Fraction(0), (), (), (numbers,)))


def check_upper(question: WorstCaseInequalities, multipliers: Mapping[str, Fraction], upper: Fraction) -> None:
    """Check that the multipliers prove ``objective <= upper``: with ``upper "1"`` the remainder is nonnegative.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    rest = remainder(question, multipliers)
    if upper < -rest.values.get(question.unity, Fraction(0)):
        raise CertificateError("the weighted sum of the inequalities proves a larger number only.")
    check_form(question.system(()).relations[0], Form(rest.blocks, {k: a for k, a in rest.values.items() if k != question.unity}))


def check_lower(question: WorstCaseInequalities, instance: AttainedRun, lower: Fraction) -> None:
    """Check that a run of the instance attains at least ``lower``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    if not question.exact:
        raise CertificateError(
            "the inequalities of these classes are necessary but not sufficient, so their solutions need not be runs."
        )
    if len(instance.values) != len(question.values) or instance.values[question.unity] != 1:
        raise CertificateError("the values do not fit the question.")
    rows = [*question.fixed, *(question.pair(pair) for pair in question.pairs())]
    conditions.check_lower(question.system(rows), LowerWitness(lower, (instance.grams,), (instance.values,)))
    _check_messages(question, instance.moments(question))


def _check_messages(question: WorstCaseInequalities, instance: Moments) -> None:
    """Check that messages of one place which coincide are compressed to the same vector, where that is recorded."""
    kept = {block.index: set(block.columns) for block in question.blocks}
    known: dict[tuple[int | None, Fraction], list[tuple[str, Part, Part]]] = {}

    def occurs(form: Form) -> bool:
        return all(j in kept.get(b, ()) for b, entries in form.blocks.items() for key in entries for j in key)

    for message in question.messages:
        place = message.group or 0
        sent, received = (question.trace.elimination.part(place, part) for part in (message.sent, message.received))
        if not occurs(square(sent, place)):
            continue
        size = instance.value(square(sent, place))
        alike = known.setdefault((message.group, size), [])
        for label, other, result in alike if size > 0 else ():
            apart = square(received - result, place)
            if instance.value(square(sent - other, place)) == 0 and occurs(apart) and instance.value(apart):
                raise CertificateError(f"the messages {label} and {message.label} coincide, but their compressed forms do not.")
        alike.append((message.label, sent, received))
