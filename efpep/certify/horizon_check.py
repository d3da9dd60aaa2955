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
from efpep.proof.factor import is_sparse_semidefinite

if TYPE_CHECKING:
    from efpep.model.row import Row
    from efpep.model.system import Matrix
    from efpep.model.vector import Part
    from efpep.question.horizon import Horizon


@dataclass(frozen=True, slots=True)
class Instance:
    """A run, as Gram matrices and function values.

    Attributes:
        grams: for each block of the question, the Gram matrix over its columns.
        values: the values, in the question's order; that of ``"1"`` is 1.
    """

    grams: tuple[Matrix, ...]
    values: tuple[Fraction, ...]

    def value(self, question: Horizon, form: Form) -> Fraction:
        """Return the value of a form."""
        total = sum((a * self.values[k] for k, a in form.values.items()), Fraction(0))
        for block, gram in zip(question.blocks, self.grams, strict=True):
            entries = form.blocks.get(block.index, {})
            if entries:
                place = {j: i for i, j in enumerate(block.columns)}
                for (i, j), a in entries.items():
                    total += (a if i == j else 2 * a) * gram[place[i]][place[j]]
        return total


def rows_by_name(question: Horizon, names: Mapping[str, object]) -> dict[str, Row]:
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


def remainder(question: Horizon, multipliers: Mapping[str, Fraction]) -> Form:
    """Return S, the weighted sum of rows less the objective.

    Raises:
        CertificateError: the question has no row of a name, or the multiplier of an inequality is negative.
    """
    rows = rows_by_name(question, multipliers)
    blocks: dict[int, dict[tuple[int, int], Fraction]] = {}
    values: dict[int, Fraction] = {}
    summands = [(Fraction(-1), question.objective)]
    for name, multiplier in multipliers.items():
        if multiplier < 0 and not rows[name].equality:
            raise CertificateError(f"the multiplier of the inequality {name} is negative.")
        summands.append((multiplier, rows[name].form))
    for factor, form in summands:
        for b, entries in form.blocks.items():
            total = blocks.setdefault(b, {})
            for key, a in entries.items():
                total[key] = total.get(key, Fraction(0)) + factor * a
        for k, a in form.values.items():
            values[k] = values.get(k, Fraction(0)) + factor * a
    return Form(blocks, values)


def check_upper(question: Horizon, multipliers: Mapping[str, Fraction], upper: Fraction) -> Form:
    """Check that the multipliers prove ``objective <= upper``, and return the remainder.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    rest = remainder(question, multipliers)
    check_remainder(question, rest, upper)
    return rest


def check_remainder(question: Horizon, rest: Form, upper: Fraction) -> None:
    """Check that ``objective <= upper`` follows from a remainder: it is positive semidefinite and has no negative value.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    for k, coefficient in sorted(rest.values.items()):
        if k != question.unity and coefficient < 0:
            raise CertificateError(f"the remainder is negative in the value {question.values[k]}.")
    if upper < -rest.values.get(question.unity, Fraction(0)):
        raise CertificateError("the weighted sum of the inequalities proves a larger number only.")
    known = {block.index for block in question.blocks}
    if any(entries and b not in known for b, entries in rest.blocks.items()):
        raise CertificateError("the remainder has entries outside the question's blocks.")
    for block in question.blocks:
        if not is_sparse_semidefinite(rest.blocks.get(block.index, {}), block.columns):
            raise CertificateError(f"the remainder is not proved positive semidefinite in the {block.name} block.")


def check_lower(question: Horizon, instance: Instance, lower: Fraction) -> None:
    """Check that a run of the instance attains at least ``lower``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    if not question.exact:
        raise CertificateError(
            "the inequalities of these classes are necessary but not sufficient, so their solutions need not be runs."
        )
    if [len(gram) for gram in instance.grams] != [len(block.columns) for block in question.blocks]:
        raise CertificateError("the Gram matrices do not fit the question's blocks.")
    if len(instance.values) != len(question.values) or instance.values[question.unity] != 1:
        raise CertificateError("the values do not fit the question.")
    for name, value in zip(question.values, instance.values, strict=True):
        if value < 0:
            raise CertificateError(f"the value {name} is negative.")
    for block, gram in zip(question.blocks, instance.grams, strict=True):
        size = range(len(gram))
        if any(gram[i][j] != gram[j][i] for i in size for j in range(i)):
            raise CertificateError(f"the Gram matrix of the {block.name} block is not symmetric.")
        if not is_sparse_semidefinite({(i, j): gram[i][j] for i in size for j in size if i <= j}, tuple(size)):
            raise CertificateError(f"the Gram matrix of the {block.name} block is not proved positive semidefinite.")
    rows = [*question.fixed, *(question.pair(pair) for pair in question.pairs())]
    for row in rows:
        number = instance.value(question, row.form)
        if number > 0 or (row.equality and number != 0):
            raise CertificateError(f"the instance violates {row.name}.")
    _check_messages(question, instance)
    if instance.value(question, question.objective) < lower:
        raise CertificateError("the instance attains less than the lower end.")


def _check_messages(question: Horizon, instance: Instance) -> None:
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
        size = instance.value(question, square(sent, place))
        alike = known.setdefault((message.group, size), [])
        for label, other, result in alike if size > 0 else ():
            apart = square(received - result, place)
            if instance.value(question, square(sent - other, place)) == 0 and occurs(apart) and instance.value(question, apart):
                raise CertificateError(f"the messages {label} and {message.label} coincide, but their compressed forms do not.")
        alike.append((message.label, sent, received))
