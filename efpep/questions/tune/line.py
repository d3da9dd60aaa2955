"""Instances on a line that exclude a rate on a whole box of parameters, by one eigenvector that is polynomial in them.

On parabolas, with compressors that multiply, a step is a matrix, and a state with ``after = z before`` in every feature excludes
all rates below ``z^2``. EF21 on ``theta x^2/(2 eta)`` multiplies the same state by the same z for every step size eta, and the
function is of the class as long as ``mu <= theta/eta <= L``: so one instance, whose vectors are linear in eta, excludes a rate on
all of ``[theta/L, theta/mu]``.

The witness has the vector v of the mean block, the function values and z as polynomials in the parameters. Its Gram matrix is
``v v'``, semidefinite by its form; all other vectors are zero. What is left to check, by controls (:mod:`efpep.model.box`), are
the rows, the values and the metric on the box, that ``after - z before`` vanishes identically, and that ``z^2`` is at least the
rate. The question is the one-step question as it is, polynomial in the parameters themselves.

In a plane, on ``a |x|^2/2`` with compressors that turn as well, the state and z may be complex: of ``v + i w`` the Gram matrix
is ``v v' + w w'``, and ``|z|^2`` has to be at least the rate (:mod:`efpep.questions.tune.planes`).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from efpep.errors import CertificateError
from efpep.model.box import Box, Index, degrees_of
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.polynomial import polynomial, terms_of
from efpep.proof import files
from efpep.proof.moments import Moments
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.tune.box import check_instance, value_on

LINE_KEYS = ["degrees", "state", "values", "growth"]
"""The keys of :meth:`LineWitness.written`."""
PLANE_KEYS = [*LINE_KEYS, "turned", "turn"]
"""The same where the state is complex."""
Coefficients = tuple[Fraction, ...]
LARGEST_DEGREE = 4
"""The largest degree of a vector in one parameter."""


@dataclass(frozen=True, slots=True)
class LineWitness:
    """An eigenvector that is polynomial in parameters.

    Coefficients are those of the powers of the parameters, in the order of :meth:`efpep.model.box.Box.indices`.

    Attributes:
        box: the box of parameters.
        degrees: the degrees of the vector, one a parameter; those of the values and of z are twice as large.
        state: the coefficients of each entry of the vector, over the columns of the mean block.
        values: the coefficients of each function value that occurs, in the question's order.
        growth: the coefficients of z.
        turned: those of the imaginary part of the vector, or nothing where it is real.
        turn: those of the imaginary part of z, or nothing.
    """

    box: Box
    degrees: Index
    state: tuple[Coefficients, ...]
    values: tuple[Coefficients, ...]
    growth: Coefficients
    turned: tuple[Coefficients, ...] = ()
    turn: Coefficients = ()

    def written(self) -> dict[str, object]:
        """Return the numbers besides the box as in a file."""
        written: dict[str, object] = {
            "degrees": list(self.degrees),
            "state": [[str(a) for a in own] for own in self.state],
            "values": [[str(a) for a in own] for own in self.values],
            "growth": [str(a) for a in self.growth],
        }
        if self.turned:
            written |= {"turned": [[str(a) for a in own] for own in self.turned], "turn": [str(a) for a in self.turn]}
        return written

    @classmethod
    def read(cls, found: Mapping[str, object], box: Box, question: StepInequalities) -> LineWitness:
        """Return the witness of a file on a box, on which the question is polynomial.

        Raises:
            CertificateError: it is malformed, or does not fit the question.
        """
        degrees = read_degrees(found["degrees"], len(box.sides))
        twice, columns = _doubled(degrees), len(question.blocks[0].columns)
        return cls(
            box,
            degrees,
            _read(found["state"], columns, degrees, "an entry of the vector"),
            _read(found["values"], len(question.values_used), twice, "a function value"),
            _read([found["growth"]], 1, twice, "the multiple")[0],
            _read(found["turned"], columns, degrees, "an entry of the vector") if "turned" in found else (),
            _read([found["turn"]], 1, twice, "the multiple")[0] if "turn" in found else (),
        )


def check_line(question: StepInequalities, rate: Fraction, witness: LineWitness) -> None:
    """Check that ``witness`` excludes every rate below ``rate`` on its box, for a question that is polynomial in the parameters.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    if question.state_row_count is not None:
        raise CertificateError("boxes of parameters are excluded for positive semidefinite weights only.")
    instance = _Instance.of(question, witness)
    for value in instance.values.values():
        if any(a < 0 for a in instance.signs(value).values()):
            raise CertificateError("a function value of the witness may be negative on the box.")
    check_instance(question, rate, instance)
    if question.given is not None:
        return
    growth, turn = instance.growth, instance.turn
    for feature in question.blocks[0].features:
        before, after = ([form.at(part) for part in instance.parts] for form in (feature.before, feature.after))
        expected = (growth * before[0] - turn * before[1], turn * before[0] + growth * before[1])
        if any(a - b != 0 for a, b in zip(after, expected, strict=True)):
            raise CertificateError(f"a step does not multiply {feature.name} of the state by the number that is claimed.")
    if any(a < 0 for a in instance.signs(growth * growth + turn * turn - rate).values()):
        raise CertificateError("a step of the instance may decrease more than the rate on the box.")


@dataclass(frozen=True, slots=True)
class _Instance:
    """A witness as polynomials.

    Attributes:
        box: the box.
        parts: the real and the imaginary part of the vector, by column of the mean block.
        values: the function values by column.
        growth: the real part of z.
        turn: its imaginary part.
        powers: the Gram matrix ``v v' + w w'`` and the values, by powers of the parameters.
    """

    box: Box
    parts: tuple[dict[int, Scalar], dict[int, Scalar]]
    values: dict[int, Scalar]
    growth: Scalar
    turn: Scalar
    powers: dict[Index, Moments]

    @classmethod
    def of(cls, question: StepInequalities, witness: LineWitness) -> _Instance:
        """Return the instance.

        Raises:
            CertificateError: the witness does not fit its box, or the question.
        """
        mean, count = question.blocks[0], len(witness.box.sides)
        if mean.index or len(mean.columns) != len(witness.state) or len(question.values_used) != len(witness.values):
            raise CertificateError("the witness does not fit the question.")
        if len(witness.degrees) != count:
            raise CertificateError("the witness does not fit its box.")
        if len(witness.turned) not in {0, len(mean.columns)} or bool(witness.turned) != bool(witness.turn):
            raise CertificateError("the imaginary part of the witness does not fit the question.")
        indices, twice = Box.indices(witness.degrees), Box.indices(_doubled(witness.degrees))
        turned = witness.turned or ((Fraction(0),) * len(indices),) * len(mean.columns)
        first, second = (
            {j: _polynomial(own, indices) for j, own in zip(mean.columns, part, strict=True)} for part in (witness.state, turned)
        )
        values = {k: _polynomial(own, twice) for k, own in zip(question.values_used, witness.values, strict=True)}
        gram: dict[Index, dict[tuple[int, int], Fraction]] = {index: {} for index in twice}
        for u, v in itertools.combinations_with_replacement(sorted(first), 2):
            for exponents, a in terms_of(first[u] * first[v] + second[u] * second[v], count).items():
                gram[exponents][u, v] = a
        heights: dict[Index, dict[int, Fraction]] = {index: {} for index in twice}
        for k, value in values.items():
            for exponents, a in terms_of(value, count).items():
                heights[exponents][k] = a
        powers = {index: Moments.of_entries({0: gram[index]}, heights[index]) for index in twice}
        growth = _polynomial(witness.growth, twice)
        turn = _polynomial(witness.turn, twice) if witness.turn else Fraction(0)
        return cls(witness.box, (first, second), values, growth, turn, powers)

    def controls(self, form: Form) -> dict[Index, int]:
        """Return a positive multiple of the controls of a form's value."""
        return self.signs(value_on(form, self.powers))

    def signs(self, value: Scalar) -> dict[Index, int]:
        """Return a positive multiple of the controls of a polynomial."""
        return self.box.scaled_controls(value, degrees_of([value], len(self.box.sides)))


def _polynomial(coefficients: Coefficients, indices: Sequence[Index]) -> Scalar:
    if len(coefficients) != len(indices):
        raise CertificateError("the witness does not fit its box.")
    return polynomial(dict(zip(indices, coefficients, strict=True)))


def _doubled(degrees: Index) -> Index:
    return tuple(2 * d for d in degrees)


def _read(described: object, count: int, degrees: Index, what: str) -> tuple[Coefficients, ...]:
    size = len(Box.indices(degrees))
    lists = files.listed(described, count, "the polynomials of a witness")
    return tuple(tuple(files.number(a, what) for a in files.listed(own, size, what)) for own in lists)


def read_degrees(found: object, count: int) -> Index:
    """Return the degrees of a file, one a parameter.

    Raises:
        CertificateError: they are malformed, or large.
    """
    listed = files.listed(found, count, "the degrees")
    if not all(isinstance(d, int) and not isinstance(d, bool) and 0 <= d <= LARGEST_DEGREE for d in listed):
        raise CertificateError("the degrees are not small whole numbers.")
    return tuple(cast("list[int]", listed))
