"""The conditions under which witnesses prove an end of a rate interval.

Upper end (V the form given by weights and gaps): with nonnegative multipliers of the recorded inequalities ``row <= 0``,

    rate V(before) - V(after) + sum_c multiplier_c row_c - margin metric >= 0

block by block and in every (nonnegative) function value. Then ``V_{k+1} <= rate V_k`` and ``metric_k <= (rate/margin) V_k``.

Lower end: Gram matrices and values of one step that satisfy every row, on which every weight matrix and every gap would have
to grow by at least ``rate``, with a positive metric. Pairing them with the conditions above excludes every smaller rate.
Where the question is about a given Lyapunov function, it alone has to grow by at least ``rate``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from efpep.certify.definite import is_semidefinite
from efpep.certify.moments import Moments
from efpep.certify.positivity import check_dominance, check_state
from efpep.certify.witness import LowerWitness, Matrix, UpperWitness
from efpep.errors import CertificateError
from efpep.model.form import Form
from efpep.question.contraction import Contraction, Weights
from efpep.question.separation import check_separated


def check_upper(question: Contraction, witness: UpperWitness) -> None:
    """Check that ``witness`` proves its rate for ``question``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    _require_shapes("weights", [len(m) for m in witness.weights], [len(b.features) for b in question.blocks])
    _require_shapes("gaps", [len(witness.gaps)], [len(question.gaps)])
    _require_shapes("multipliers", [len(witness.multipliers)], [len(question.rows)])
    if question.given is not None and question.given != Weights(witness.weights, witness.gaps):
        raise CertificateError("the weights are not those of the Lyapunov function that the claim is about.")
    if witness.rate < 0:
        raise CertificateError("the upper rate is negative.")
    if witness.margin <= 0:
        raise CertificateError("the margin by which the Lyapunov function dominates the metric is not positive.")
    if question.settled is not None:
        check_dominance(question, witness)
    else:
        _check_weights(question, witness)
    for row, multiplier in zip(question.rows, witness.multipliers, strict=True):
        if multiplier < 0 and not row.equality:
            raise CertificateError(f"the multiplier of the inequality {row.name} is negative.")
    decrease = decrease_form(question, witness)
    for k, coefficient in sorted(decrease.values.items()):
        if coefficient < 0:
            raise CertificateError(f"the decrease is negative in the function value {question.values[k]}.")
    covered = {(block.index, j) for block in question.blocks for j in block.columns}
    if any((b, j) not in covered for b, entries in decrease.blocks.items() for key in entries for j in key):
        raise CertificateError("the decrease has entries outside the question's blocks.")
    for block in question.blocks:
        if not is_semidefinite(decrease.matrix(block.index, block.columns)):
            raise CertificateError(f"the decrease is not positive semidefinite in the {block.name} block.")


def _check_weights(question: Contraction, witness: UpperWitness) -> None:
    for gap, coefficient in zip(question.gaps, witness.gaps, strict=True):
        if coefficient < 0:
            raise CertificateError(f"the coefficient of the function gap {gap.name} is negative.")
    for block, weights in zip(question.blocks, witness.weights, strict=True):
        if not is_semidefinite(weights):
            raise CertificateError(
                f"the weights of the Lyapunov function in the {block.name} block are not positive semidefinite."
            )
    if witness.positivity:
        raise CertificateError("the witness shows that V is nonnegative by multipliers, but the claim is about its weights.")


def check_lower(question: Contraction, witness: LowerWitness) -> None:
    """Check that ``witness`` excludes every rate below its own for ``question``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_separated(separated=question.separated)
    _require_shapes("grams", [len(m) for m in witness.grams], [len(b.columns) for b in question.blocks])
    values = occurring_values(question)
    _require_shapes("values", [len(witness.values)], [len(values)])
    instance = Instance(question, witness)
    for k, value in zip(values, witness.values, strict=True):
        if value < 0:
            raise CertificateError(f"the function value {question.values[k]} is negative.")
    for block, gram in zip(question.blocks, witness.grams, strict=True):
        if not is_semidefinite(gram):
            raise CertificateError(f"the Gram matrix of the {block.name} block is not positive semidefinite.")
    for row in question.rows:
        number = instance.value(row.form)
        if number > 0 or (row.equality and number != 0):
            raise CertificateError(f"the instance violates {row.name}.")
    if instance.value(question.metric) <= 0:
        raise CertificateError("the metric vanishes on the instance, so it excludes nothing.")
    if question.given is not None:
        before, after = (instance.value(form) for form in question.lyapunov(question.given))
        if before < 0 or after < witness.rate * before:
            raise CertificateError("the given Lyapunov function decreases faster than the lower rate on the instance.")
        return
    if question.settled is not None:
        gained = [instance.value(gap.after) - witness.rate * instance.value(gap.before) for gap in question.gaps]
        check_state(question, witness, list(instance.growth()), gained)
        return
    if witness.state_grams or witness.state_values:
        raise CertificateError("the witness has a state, but the claim is about positive semidefinite weights.")
    for block, growth in zip(question.blocks, instance.growth(), strict=True):
        if not is_semidefinite(growth):
            raise CertificateError(f"a Lyapunov function of the {block.name} block could decrease faster than the lower rate.")
    for gap in question.gaps:
        if instance.value(gap.after) < witness.rate * instance.value(gap.before):
            raise CertificateError(f"the function gap {gap.name} decreases faster than the lower rate.")


def occurring_values(question: Contraction) -> list[int]:
    """Return the function-value columns that occur in the question, in order."""
    forms = [question.metric, *(row.form for row in question.rows)] + [
        form for gap in question.gaps for form in (gap.before, gap.after)
    ]
    return sorted({k for form in forms for k in form.values})


def decrease_form(question: Contraction, witness: UpperWitness) -> Form:
    """Return ``rate V(before) - V(after) + sum multiplier row - margin metric``."""
    before, after = question.lyapunov(Weights(witness.weights, witness.gaps))
    total = witness.rate * before - after - witness.margin * question.metric
    for row, multiplier in zip(question.rows, witness.multipliers, strict=True):
        if multiplier != 0:
            total = total + multiplier * row.form
    return total


class Instance:
    """A question's forms evaluated on Gram matrices and function values."""

    def __init__(self, question: Contraction, witness: LowerWitness) -> None:
        """Take the witness as the instance's numbers."""
        self.question = question
        self.rate = witness.rate
        blocks = [(block.index, block.columns) for block in question.blocks]
        self.moments = Moments.of(blocks, witness.grams, dict(zip(occurring_values(question), witness.values, strict=True)))

    def value(self, form: Form) -> Fraction:
        """Return the value of a form."""
        return self.moments.value(form)

    def growth(self) -> Iterator[Matrix]:
        """Return for each block the matrix ``<after, after> - rate <before, before>`` of the features."""
        for block in self.question.blocks:
            old = self.moments.products(block.index, [feature.before for feature in block.features])
            new = self.moments.products(block.index, [feature.after for feature in block.features])
            yield tuple(
                tuple(a - self.rate * b for a, b in zip(left, right, strict=True)) for left, right in zip(new, old, strict=True)
            )


def _require_shapes(what: str, given: Sequence[int], wanted: Sequence[int]) -> None:
    if list(given) != list(wanted):
        raise CertificateError(f"the {what} have the shape {list(given)}, but the question needs {list(wanted)}.")
