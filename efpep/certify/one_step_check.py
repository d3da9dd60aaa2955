"""The conditions under which rational numbers prove an end of the constant of a one-step potential.

Upper end: weights P of the potential, positive semidefinite, and nonnegative multipliers of the compressors' inequalities
``row <= 0`` (free ones of equalities) with, block by block,

    K energy + rest + P(before) - P(after) + sum_c multiplier_c row_c >= 0.

Lower end: Gram matrices Z of one step that satisfy every row, with ``<energy, Z> > 0``, on which no potential decreases,
``<after, after> >= <before, before>`` as matrices, and ``-<rest, Z> >= K <energy, Z>``. Pairing it with the condition above
excludes every smaller K.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.certify.definite import is_semidefinite
from efpep.certify.moments import Moments
from efpep.certify.witness import Matrix
from efpep.errors import CertificateError
from efpep.model.form import Entries, Form, product
from efpep.question.contraction import Block
from efpep.question.one_step import OneStep
from efpep.question.separation import check_separated


@dataclass(frozen=True, slots=True)
class OneStepUpper:
    """A constant, the weights of its potential over each block's features, and one multiplier a row."""

    K: Fraction
    weights: tuple[Matrix, ...]
    multipliers: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class OneStepLower:
    """A constant below which there is no potential, and the Gram matrices of one step over each block's columns."""

    K: Fraction
    grams: tuple[Matrix, ...]


def check_one_step_upper(question: OneStep, witness: OneStepUpper) -> None:
    """Check that ``witness`` proves its constant.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    _require_sizes("weights", witness.weights, [len(block.features) for block in question.blocks])
    if len(witness.multipliers) != len(question.rows):
        raise CertificateError(f"there are {len(witness.multipliers)} multipliers for {len(question.rows)} inequalities.")
    for row, multiplier in zip(question.rows, witness.multipliers, strict=True):
        if multiplier < 0 and not row.equality:
            raise CertificateError(f"the multiplier of the inequality {row.name} is negative.")
    for block, weights in zip(question.blocks, witness.weights, strict=True):
        if not is_semidefinite(weights):
            raise CertificateError(f"the weights of the potential in the {block.name} block are not positive semidefinite.")
    form = decrease(question, witness)
    covered = {(block.index, j) for block in question.blocks for j in block.columns}
    if form.values or any((b, j) not in covered for b, entries in form.blocks.items() for key in entries for j in key):
        raise CertificateError("the decrease has entries outside the question's blocks.")
    for block in question.blocks:
        if not is_semidefinite(form.matrix(block.index, block.columns)):
            raise CertificateError(f"the decrease is not positive semidefinite in the {block.name} block.")


def check_one_step_lower(question: OneStep, witness: OneStepLower) -> None:
    """Check that ``witness`` excludes every constant below its own.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_separated(separated=question.separated)
    _require_sizes("Gram matrices", witness.grams, [len(block.columns) for block in question.blocks])
    for block, gram in zip(question.blocks, witness.grams, strict=True):
        if not is_semidefinite(gram):
            raise CertificateError(f"the Gram matrix of the {block.name} block is not positive semidefinite.")
    moments = Moments.of([(block.index, block.columns) for block in question.blocks], witness.grams, {})
    for row in question.rows:
        number = moments.value(row.form)
        if number > 0 or (row.equality and number != 0):
            raise CertificateError(f"the instance violates {row.name}.")
    energy = moments.value(question.energy)
    if energy <= 0:
        raise CertificateError("the subgradients vanish on the instance, so it excludes nothing.")
    for block in question.blocks:
        if not is_semidefinite(growth(block, moments)):
            raise CertificateError(f"a potential of the {block.name} block could decrease on the instance.")
    if -moments.value(question.rest) < witness.K * energy:
        raise CertificateError("the instance does not exclude constants as large as the lower one.")


def decrease(question: OneStep, witness: OneStepUpper) -> Form:
    """Return ``K energy + rest + P(before) - P(after) + sum multiplier row``."""
    total = witness.K * question.energy + question.rest
    for block, matrix in zip(question.blocks, witness.weights, strict=True):
        entries: Entries = {}
        for i, u in enumerate(block.features):
            for j, v in enumerate(block.features):
                if matrix[i][j] != 0:
                    product(matrix[i][j] * u.before, v.before, entries)
                    product(-matrix[i][j] * u.after, v.after, entries)
        total = total + Form({block.index: {key: a for key, a in entries.items() if a != 0}})
    for row, multiplier in zip(question.rows, witness.multipliers, strict=True):
        if multiplier != 0:
            total = total + multiplier * row.form
    return total


def growth(block: Block, moments: Moments) -> Matrix:
    """Return ``<after, after> - <before, before>`` of a block's features on an instance."""
    old = moments.products(block.index, [feature.before for feature in block.features])
    new = moments.products(block.index, [feature.after for feature in block.features])
    return tuple(tuple(a - b for a, b in zip(left, right, strict=True)) for left, right in zip(new, old, strict=True))


def _require_sizes(what: str, matrices: Sequence[Matrix], sizes: Sequence[int]) -> None:
    if [len(matrix) for matrix in matrices] != list(sizes):
        raise CertificateError(f"the {what} do not fit the question's blocks.")
