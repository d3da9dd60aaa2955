"""The conditions under which a witness excludes a rate on a whole box of parameters.

The witness is an instance whose Gram matrices and values depend polynomially on the parameters: they are given by their controls
(see :mod:`efpep.model.box`), positive semidefinite and nonnegative ones, so they are an instance everywhere on the box. The
inequalities of the question are polynomials there too. Products of both have controls again; where those have the right sign,
every condition of the lower end (see :mod:`efpep.proof.conditions`) holds at every point of the box, so for no parameters in it
does a Lyapunov function of the class contract by less than the rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from efpep.errors import CertificateError
from efpep.model.box import Box, Index, degrees_of
from efpep.model.definite import is_semidefinite
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.model.linear import Linear
from efpep.model.polynomial import polynomial, terms_of
from efpep.model.system import Matrix
from efpep.proof.moments import Moments
from efpep.questions.common.step_inequalities import StepInequalities


@dataclass(frozen=True, slots=True)
class BoxWitness:
    """An instance on a box.

    Attributes:
        box: the box of parameters.
        degrees: the degrees of the basis, one a parameter.
        grams: for each index of the basis, in order, and each block of the question, a matrix over the block's columns.
        values: for each index of the basis, the function values that occur, in the question's order.
    """

    box: Box
    degrees: Index
    grams: tuple[tuple[Matrix, ...], ...]
    values: tuple[tuple[Fraction, ...], ...]


def check_box(question: StepInequalities, rate: Fraction, witness: BoxWitness) -> None:
    """Check that ``witness`` excludes every rate below ``rate`` for a question that is polynomial on the witness's box.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    if question.state_row_count is not None:
        raise CertificateError("boxes of parameters are excluded for positive semidefinite weights only.")
    indices = Box.indices(witness.degrees)
    if len(witness.degrees) != len(witness.box.sides) or not len(witness.grams) == len(witness.values) == len(indices):
        raise CertificateError("the witness does not fit its box.")
    sizes = [len(block.columns) for block in question.blocks]
    count = len(question.values_used)
    for grams, values in zip(witness.grams, witness.values, strict=True):
        if [len(gram) for gram in grams] != sizes or len(values) != count:
            raise CertificateError("the witness does not fit the question.")
        if any(value < 0 for value in values):
            raise CertificateError("a function value of the witness is negative.")
        if not all(is_semidefinite(gram) for gram in grams):
            raise CertificateError("a Gram matrix of the witness is not positive semidefinite.")
    on_box = OnBox.of(question, witness)
    check_instance(question, rate, on_box)
    if question.given is not None:
        return
    for block in question.blocks:
        forms = growth_forms(block.index, [f.before for f in block.features], [f.after for f in block.features], rate)
        if not all(is_semidefinite(matrix) for matrix in on_box.matrices(forms, len(block.features))):
            raise CertificateError(
                f"a Lyapunov function of the {block.name} block could decrease faster than the rate on the box."
            )


def check_instance(question: StepInequalities, rate: Fraction, on_box: Evaluated) -> None:
    """Check that an instance on a box satisfies every row, and whether gaps or the given function decrease faster than a rate.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    for row in question.rows:
        numbers = on_box.controls(row.form).values()
        if any(a > 0 or (row.equality and a != 0) for a in numbers):
            raise CertificateError(f"the instance violates {row.name} on the box.")
    metric = on_box.controls(question.metric)
    bounded = [axis for axis, side in enumerate(on_box.box.sides) if side.upper is None]
    if any(a < 0 for a in metric.values()) or not all(
        a > 0 for index, a in metric.items() if not any(index[axis] for axis in bounded)
    ):
        raise CertificateError("the metric may vanish on the box, so that nothing is excluded.")
    if question.given is not None:
        before, after = question.lyapunov(question.given)
        if any(a < 0 for form in (before, after - rate * before) for a in on_box.controls(form).values()):
            raise CertificateError("the given Lyapunov function may decrease faster than the rate on the box.")
        return
    for gap in question.gaps:
        if any(a < 0 for a in on_box.controls(gap.after - rate * gap.before).values()):
            raise CertificateError(f"the function gap {gap.name} may decrease faster than the rate on the box.")


def growth_forms(block: int, before: list[Linear], after: list[Linear], rate: Fraction) -> dict[tuple[int, int], Form]:
    """Return the forms ``<after_i, after_j> - rate <before_i, before_j>`` for i <= j."""
    found: dict[tuple[int, int], Form] = {}
    for j in range(len(before)):
        for i in range(j + 1):
            new: Entries = {}
            old: Entries = {}
            product(after[i], after[j], new)
            product(before[i], before[j], old)
            found[i, j] = Form({block: new}) - rate * Form({block: old})
    return found


def form_controls(form: Form, box: Box, degrees: Index) -> dict[Index, Form]:
    """Return the forms that are the controls of a form with polynomial coefficients."""
    blocks: dict[Index, dict[int, Entries]] = {index: {} for index in box.indices(degrees)}
    values: dict[Index, dict[int, Scalar]] = {index: {} for index in blocks}
    for b, entries in form.blocks.items():
        for key, a in entries.items():
            for index, control in box.controls(a, degrees).items():
                if control:
                    blocks[index].setdefault(b, {})[key] = control
    for k, a in form.values.items():
        for index, control in box.controls(a, degrees).items():
            if control:
                values[index][k] = control
    return {index: Form(blocks[index], values[index]) for index in blocks}


def form_degrees(forms: Iterable[Form], count: int) -> Index:
    """Return the degrees of forms with polynomial coefficients."""
    return degrees_of((a for form in forms for a in _coefficients(form)), count)


def _coefficients(form: Form) -> Iterator[Scalar]:
    for entries in form.blocks.values():
        yield from entries.values()
    yield from form.values.values()


def value_on(form: Form, powers: Mapping[Index, Moments]) -> Scalar:
    """Return the value of a polynomial form on an instance, given by the coefficients of the powers of the same variables."""
    found: dict[Index, Fraction] = {}
    for j, instance in powers.items():
        for i, part in form.powers(len(j)).items():
            both = tuple(a + b for a, b in zip(i, j, strict=True))
            found[both] = found.get(both, Fraction(0)) + instance.value(part)
    return polynomial(found)


class Evaluated(Protocol):
    """An instance on a box, as far as the signs of forms on it go."""

    @property
    def box(self) -> Box:
        """The box."""
        ...

    def controls(self, form: Form) -> Mapping[Index, Fraction | int]:
        """Return the controls of a form's value, or a positive multiple of them."""
        ...


@dataclass(frozen=True, slots=True)
class OnBox:
    """An instance on a box, on which polynomial forms are evaluated as controls.

    Attributes:
        box: the box.
        degrees: the degrees of the instance, one a coordinate.
        powers: the coefficients of the powers of the coordinates.
    """

    box: Box
    degrees: Index
    powers: dict[Index, Moments]

    @classmethod
    def of(cls, question: StepInequalities, witness: BoxWitness) -> OnBox:
        """Return the instance of a witness that fits the question."""
        indices = Box.indices(witness.degrees)

        def numbers(controls: Sequence[Fraction]) -> dict[Index, Fraction]:
            return dict(terms_of(witness.box.polynomial(controls, witness.degrees), len(witness.degrees)))

        entries: dict[Index, dict[int, dict[tuple[int, int], Fraction]]] = {index: {} for index in indices}
        values: dict[Index, dict[int, Fraction]] = {index: {} for index in indices}
        for b, block in enumerate(question.blocks):
            for i, u in enumerate(block.columns):
                for j, v in enumerate(block.columns[i:], i):
                    for index, a in numbers([grams[b][i][j] for grams in witness.grams]).items():
                        entries[index].setdefault(block.index, {})[min(u, v), max(u, v)] = a
        for k, column in enumerate(question.values_used):
            for index, a in numbers([own[k] for own in witness.values]).items():
                values[index][column] = a
        powers = {index: Moments.of_entries(entries[index], values[index]) for index in indices}
        return cls(witness.box, witness.degrees, powers)

    def controls(self, form: Form, degrees: Index | None = None) -> dict[Index, Fraction]:
        """Return the controls of the form's value; ``degrees`` are those of its coefficients, or more."""
        degrees = form_degrees([form], len(self.degrees)) if degrees is None else degrees
        total = tuple(a + b for a, b in zip(degrees, self.degrees, strict=True))
        return self.box.controls(value_on(form, self.powers), total)

    def matrices(self, forms: dict[tuple[int, int], Form], size: int) -> list[Matrix]:
        """Return the controls of a symmetric matrix of forms."""
        degrees = form_degrees(forms.values(), len(self.degrees))
        entries = {key: self.controls(form, degrees) for key, form in forms.items()}
        total = tuple(a + b for a, b in zip(degrees, self.degrees, strict=True))
        return [
            tuple(tuple(entries[min(i, j), max(i, j)][index] for j in range(size)) for i in range(size))
            for index in Box.indices(total)
        ]
