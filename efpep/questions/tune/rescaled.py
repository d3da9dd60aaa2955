"""Features that vanish at an end of a box, measured in what they vanish with.

Where a memory forgets at one end of a box (EF21's momentum at ``theta = 1``), its error is c before the step and ``p (c + ...)``
after it, with a factor p that vanishes there, so that in an instance c has to have the size of p. With ``c = p c'`` the error is
``p c'`` before and ``p (p c' + ...)`` after the step. The growth of ``p c' + ...`` against ``c'`` implies that of the error (it
is congruent to it, and trivial where p = 0), and instances in c' need not vanish at the end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.model.box import Box
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.polynomial import Polynomial, polynomial
from efpep.questions.common.features import Feature
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.inequalities import Gap


@dataclass(frozen=True, slots=True)
class _Factor:
    """The polynomial ``s``, or ``1 - s`` for a root at 1, in the coordinate ``s`` of one parameter; for one column of a block."""

    axis: int
    root: int
    count: int
    block: int
    column: int

    @property
    def value(self) -> Scalar:
        """The factor as a polynomial."""
        variable = tuple(int(k == self.axis) for k in range(self.count))
        sign = -1 if self.root else 1
        return polynomial({variable: Fraction(sign), (0,) * self.count: Fraction(self.root)})

    def into(self, value: Scalar) -> Scalar | None:
        """Return the quotient of a scalar by the factor, or None where it does not divide."""
        if not isinstance(value, Polynomial):
            return None
        by_rest: dict[tuple[int, ...], dict[int, Fraction]] = {}
        for exponents, a in value.terms.items():
            rest = (*exponents[: self.axis], 0, *exponents[self.axis + 1 :])
            by_rest.setdefault(rest, {})[exponents[self.axis]] = a
        quotient: dict[tuple[int, ...], Fraction] = {}
        for rest, coefficients in by_rest.items():
            carried = Fraction(0)
            for power in range(max(coefficients), -1, -1):
                carried = coefficients.get(power, Fraction(0)) + self.root * carried
                if power:
                    quotient[(*rest[: self.axis], power - 1, *rest[self.axis + 1 :])] = -carried if self.root else carried
            if carried:
                return None
        return polynomial(quotient)

    def linear(self, block: int, form: Linear) -> Linear:
        """Return a linear form with the column measured in the factor."""
        if block != self.block or self.column not in form.terms:
            return form
        return Linear({j: a * self.value if j == self.column else a for j, a in form.terms.items()})

    def form(self, form: Form) -> Form:
        """Return a form with the column measured in the factor."""
        blocks = dict(form.blocks)
        if self.block in blocks:
            entries = dict(blocks[self.block])
            for i, j in list(entries):
                for k in (i, j):
                    if k == self.column:
                        entries[i, j] = entries[i, j] * self.value
            blocks[self.block] = entries
        return Form(blocks, form.values)

    def feature(self, block: int, feature: Feature) -> Feature:
        """Return a feature with the column measured in the factor; the factor itself is dropped where the feature has it."""
        before, after = self.linear(block, feature.before), self.linear(block, feature.after)
        if block == self.block and list(feature.before.terms) == [self.column]:
            quotients = [{j: self.into(a) for j, a in form.terms.items()} for form in (before, after)]
            if all(a is not None for terms in quotients for a in terms.values()):
                before, after = (Linear({j: a for j, a in terms.items() if a is not None}) for terms in quotients)
        return replace(feature, before=before, after=after)

    def question(self, question: StepInequalities) -> StepInequalities:
        """Return the question with the column measured in the factor."""
        return replace(
            question,
            blocks=tuple(
                replace(block, features=tuple(self.feature(block.index, feature) for feature in block.features))
                for block in question.blocks
            ),
            gaps=tuple(Gap(gap.name, self.form(gap.before), self.form(gap.after)) for gap in question.gaps),
            rows=tuple(replace(row, form=self.form(row.form)) for row in question.rows),
            metric=self.form(question.metric),
        )


def rescaled(question: StepInequalities, box: Box) -> StepInequalities:
    """Return a question whose exclusion on the box implies that of ``question``, without features that vanish at its ends.

    A given Lyapunov function is one in the features as they are, so that such a question is returned as it is.
    """
    if question.given is not None:
        return question
    for block in question.blocks:
        for feature in block.features:
            factor = _factor(block.index, feature, box)
            if factor is not None:
                return rescaled(factor.question(question), box)
    return question


def _factor(block: int, feature: Feature, box: Box) -> _Factor | None:
    """Return what a feature that is one column before the step vanishes with after it, at an end of the box."""
    if len(feature.before.terms) != 1 or not feature.after.nonzero:
        return None
    (column,) = feature.before.terms
    for axis, side in enumerate(box.sides):
        for root in (0, 1) if side.upper is not None else (0,):
            factor = _Factor(axis, root, len(box.sides), block, column)
            if all(factor.into(a) is not None for a in feature.after.terms.values()):
                return factor
    return None
