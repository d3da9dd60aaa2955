"""Lyapunov functions with weights of any sign, which are nonnegative because of the inequalities that every state satisfies.

Upper end: with nonnegative multipliers ``nu`` of the rows of a state, ``V + sum_c nu_c row_c >= 0`` block by block and in every
(nonnegative) function value. Then ``V >= 0`` in every state, which is all that positive semidefinite weights are for.

Lower end: what V gains in the step beyond ``rate V(before)`` is what V is in one more state, whose Gram matrices and values
satisfy the state's rows. So every V that is nonnegative in such states gains, and no smaller rate is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from efpep.certify.definite import is_semidefinite
from efpep.certify.moments import Moments
from efpep.certify.witness import LowerWitness, Matrix, UpperWitness
from efpep.errors import CertificateError
from efpep.model.form import Form
from efpep.question.contraction import Contraction, Weights


def dominance(question: Contraction, witness: UpperWitness) -> Form:
    """Return ``V + sum nu row`` in the state before the step."""
    total = question.lyapunov(Weights(witness.weights, witness.gaps))[0]
    for row, multiplier in zip(question.state_rows, witness.positivity, strict=True):
        if multiplier != 0:
            total = total + multiplier * row.form
    return total


def check_dominance(question: Contraction, witness: UpperWitness) -> None:
    """Check that V is nonnegative in every state.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    if len(witness.positivity) != len(question.state_rows):
        raise CertificateError("the multipliers that show that V is nonnegative do not fit the inequalities of a state.")
    for row, multiplier in zip(question.state_rows, witness.positivity, strict=True):
        if multiplier < 0 and not row.equality:
            raise CertificateError(f"the multiplier of {row.name} that shows that V is nonnegative is negative.")
    form = dominance(question, witness)
    for k, coefficient in sorted(form.values.items()):
        if coefficient < 0:
            raise CertificateError(f"V may be negative in the function value {question.values[k]}.")
    for block, columns in zip(question.blocks, question.state_columns, strict=True):
        if not is_semidefinite(form.matrix(block.index, columns)):
            raise CertificateError(f"V may be negative in the {block.name} block.")


def state_moments(question: Contraction, witness: LowerWitness) -> Moments:
    """Return the moments of the state of a lower witness."""
    blocks = [(block.index, columns) for block, columns in zip(question.blocks, question.state_columns, strict=True)]
    return Moments.of(blocks, witness.state_grams, dict(zip(question.state_values, witness.state_values, strict=True)))


def check_state(question: Contraction, witness: LowerWitness, growth: Sequence[Matrix], gap_growth: Sequence[Fraction]) -> None:
    """Check that what V gains, by the features' products and by the gaps, is what V is in the witness's state.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    shapes = [len(gram) for gram in witness.state_grams]
    if shapes != [len(columns) for columns in question.state_columns] or len(witness.state_values) != len(question.state_values):
        raise CertificateError("the Gram matrices of the state do not fit the question.")
    moments = state_moments(question, witness)
    if any(value < 0 for value in witness.state_values):
        raise CertificateError("a function value of the state is negative.")
    for block, gram in zip(question.blocks, witness.state_grams, strict=True):
        if not is_semidefinite(gram):
            raise CertificateError(f"the Gram matrix of the state is not positive semidefinite in the {block.name} block.")
    for row in question.state_rows:
        number = moments.value(row.form)
        if number > 0 or (row.equality and number != 0):
            raise CertificateError(f"the state violates {row.name}.")
    for block, matrix in zip(question.blocks, growth, strict=True):
        products = moments.products(block.index, [feature.before for feature in block.features])
        if [list(row) for row in matrix] != products:
            raise CertificateError(f"the state is not what Lyapunov functions gain in the {block.name} block.")
    for gap, number in zip(question.gaps, gap_growth, strict=True):
        if moments.value(gap.before) != number:
            raise CertificateError(f"the state is not what the function gap {gap.name} gains.")
