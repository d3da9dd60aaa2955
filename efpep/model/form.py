"""Quadratic forms over the blocks, plus a linear part in the function values."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from fractions import Fraction
from typing import NoReturn, TypeVar

from efpep.errors import InputError
from efpep.model.field import Scalar, coefficient, shown, times
from efpep.model.integers import IntegerForm
from efpep.model.linear import Linear
from efpep.model.polynomial import Exponents, terms_of
from efpep.model.vector import Part, UnknownTruth

Entries = dict[tuple[int, int], Scalar]
Matrix = list[list[Scalar]]
K = TypeVar("K", bound=Hashable)
_HALF = Fraction(1, 2)


class Form(UnknownTruth):
    """``sum_b <Q_b, Gram_b> + sum_k a_k value_k``: symmetric matrices by block, and coefficients of function values.

    Only entries ``(i, j)`` with ``i <= j`` are stored, each being the entry of the symmetric matrix (not twice it).
    """

    __slots__ = ("_integers", "_powers", "blocks", "values")

    def __init__(self, blocks: dict[int, Entries] | None = None, values: dict[int, Scalar] | None = None) -> None:
        """Take the matrices by block and the coefficients of the values."""
        self.blocks: dict[int, Entries] = blocks if blocks is not None else {}
        self.values: dict[int, Scalar] = values if values is not None else {}
        self._integers: IntegerForm | None = None
        self._powers: dict[Exponents, Form] | None = None

    @property
    def integers(self) -> IntegerForm:
        """The form times the denominator of its coefficients, made once: nothing changes a form once it is in use.

        Raises:
            CertificateError: a coefficient is not rational.
        """
        if self._integers is None:
            self._integers = IntegerForm.of(self.blocks, self.values)
        return self._integers

    def powers(self, count: int) -> dict[Exponents, Form]:
        """Return the forms that are the coefficients of the powers of ``count`` variables, made once as :attr:`integers`."""
        if self._powers is None:
            blocks: dict[Exponents, dict[int, Entries]] = {}
            values: dict[Exponents, dict[int, Scalar]] = {}
            for b, entries in self.blocks.items():
                for key, a in entries.items():
                    for exponents, c in terms_of(a, count).items():
                        blocks.setdefault(exponents, {}).setdefault(b, {})[key] = c
            for k, a in self.values.items():
                for exponents, c in terms_of(a, count).items():
                    values.setdefault(exponents, {})[k] = c
            self._powers = {e: Form(blocks.get(e, {}), values.get(e, {})) for e in {**blocks, **values}}
        return self._powers

    def _combined(self, other: Form, sign: int) -> Form:
        blocks = dict(self.blocks)
        for b, entries in other.blocks.items():
            blocks[b] = _merged(blocks.get(b, {}), entries, sign)
        values = _merged(self.values, other.values, sign) if other.values else self.values
        return Form(blocks, values)

    def __add__(self, other: Form) -> Form:
        """Return the sum."""
        return self._combined(other, 1)

    def __radd__(self, number: Scalar) -> NoReturn:
        """Refuse to add a number, which no quadratic form has.

        Raises:
            InputError: always.
        """
        raise InputError(
            f"the method adds {shown(number)} to a value that only a run knows, so its worst case is no semidefinite program; "
            "run it numerically."
        )

    def __sub__(self, other: Form) -> Form:
        """Return the difference."""
        return self._combined(other, -1)

    def __rmul__(self, factor: Scalar) -> Form:
        """Return the multiple by a scalar."""
        if isinstance(factor, UnknownTruth):
            self._not_linear()
        exact = coefficient(factor, self._like())
        if exact == 1:
            return self
        if exact == 0:
            return Form()
        return Form(
            {b: {key: times(exact, a) for key, a in entries.items()} for b, entries in self.blocks.items()},
            {k: times(exact, a) for k, a in self.values.items()},
        )

    def __mul__(self, factor: Scalar) -> Form:
        """Return the multiple by a scalar."""
        return factor * self

    def _like(self) -> Scalar:
        """Return a coefficient, or None where there is none."""
        for terms in (*self.blocks.values(), self.values):
            for a in terms.values():
                return a
        return None

    @property
    def nonzero(self) -> bool:
        """Whether the form is not identically zero."""
        return bool(self.values) or any(self.blocks.values())

    def matrix(self, block: int, columns: Sequence[int]) -> Matrix:
        """Return the dense symmetric matrix of ``block`` over ``columns``."""
        entries = self.blocks.get(block, {})
        return [[entries.get((i, j) if i <= j else (j, i), 0) for j in columns] for i in columns]

    def mapped(self, change: Callable[[Scalar], Scalar]) -> Form:
        """Return the form with ``change`` applied to every coefficient."""
        return Form(
            {b: {key: change(a) for key, a in entries.items()} for b, entries in self.blocks.items()},
            {k: change(a) for k, a in self.values.items()},
        )


def _merged(left: Mapping[K, Scalar], right: Mapping[K, Scalar], sign: int) -> dict[K, Scalar]:
    """Return ``left + sign right`` without zeros."""
    total = dict(left)
    for key, a in right.items():
        if key not in total:
            total[key] = a if sign > 0 else -a
            continue
        combined = total[key] + a if sign > 0 else total[key] - a
        if combined == 0:
            del total[key]
        else:
            total[key] = combined
    return total


def product(u: Linear, v: Linear, entries: Entries) -> None:
    """Add the matrix of the bilinear form ``<u, v>``, that is ``(u v' + v u')/2``, to ``entries``."""
    if u is v:
        terms = list(u.terms.items())
        for k, (i, a) in enumerate(terms):
            for j, b in terms[k:]:
                _add(entries, (i, j) if i <= j else (j, i), times(a, b))
        return
    for i, a in u.terms.items():
        for j, b in v.terms.items():
            c = times(a, b)
            if i != j:
                c = _HALF if type(c) is Fraction and c == 1 else c / 2
            _add(entries, (i, j) if i <= j else (j, i), c)


def _add(entries: Entries, key: tuple[int, int], number: Scalar) -> None:
    entries[key] = entries[key] + number if key in entries else number


def paired(block: int, u: Linear, v: Linear) -> Form:
    """Return ``<u, v>`` of linear forms over the columns of one block."""
    entries: Entries = {}
    product(u, v, entries)
    return Form({block: {key: a for key, a in entries.items() if a != 0}})


def inner(u: Part, v: Part, group: int) -> Form:
    """Return ``mean_i <u_i, v_i>`` over the agents of ``group``: the mean block and the group's deviation block."""
    blocks: dict[int, Entries] = {}
    for block, left, right in ((0, u.mean, v.mean), (group + 1, u.deviation, v.deviation)):
        if left.nonzero and right.nonzero:
            blocks |= paired(block, left, right).blocks
    return Form(blocks)


def square(u: Part, group: int) -> Form:
    """Return ``mean_i ||u_i||^2`` over the agents of ``group``."""
    return inner(u, u, group)


def form_product(u: Form, v: Form) -> Scalar:
    """Return the Euclidean inner product of two forms: of their matrices, and of their coefficients of values."""
    total: Scalar = 0
    for b, entries in u.blocks.items():
        others = v.blocks.get(b, {})
        for key, a in entries.items():
            if key in others:
                total += (1 if key[0] == key[1] else 2) * a * others[key]
    for k, a in u.values.items():
        total += a * v.values.get(k, 0)
    return total
