"""Number fields and the reading of numbers.

The algebra of efpep is generic over its coefficients. A *scalar* is a :class:`fractions.Fraction` (the default), a float,
an element of a field of rational functions (see :mod:`efpep.model.symbols`), or a polynomial (:mod:`efpep.model.polynomial`).
"""

from __future__ import annotations

import math
import numbers
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Protocol, TypeAlias

from efpep.errors import InputError

Scalar: TypeAlias = Any
"""An element of the number field in use; the algebra needs only ``+ - * /`` and ``==``."""

_LARGEST_EXPONENT = 400
_LARGEST = 10**_LARGEST_EXPONENT
_LONGEST_TEXT = 20_000
_LONGEST_SHOWN = 60


class Field(Protocol):
    """A number field: converts parameters into its own elements."""

    def __call__(self, value: Scalar, /) -> Scalar:
        """Return ``value`` as an element of the field."""
        ...


def rational(value: object, what: str) -> Fraction:
    """Read a number exactly.

    Integers, fractions and decimals are taken as they are; strings may be ``"3"``, ``"0.1"``, ``"1e-3"`` or ``"1/10"``; a
    float is read at its shortest decimal, so that ``0.1`` means one tenth, in single precision too.

    Args:
        value: the number.
        what: the name of the argument that it is, or words for it.

    Raises:
        InputError: ``value`` is no finite number, or its numerator or denominator is beyond ``10**400``.
    """
    number = _read(value, what)
    if abs(number.numerator) > _LARGEST or number.denominator > _LARGEST:
        raise InputError(_out_of_range(value, what), argument=argument_of(what))
    return number


def whole(value: object, what: str) -> int:
    """Return a whole number written as an integer, or as a decimal such as ``1e6``.

    Raises:
        InputError: it is not a whole number.
    """
    number = rational(value, what)
    if number.denominator != 1:
        raise InputError(f"{what} is {value}, which is not a whole number; give an integer.", argument=argument_of(what))
    return int(number)


def positive(value: object, what: str) -> Fraction:
    """Read a positive number exactly.

    Raises:
        InputError: ``value`` is none, or is out of the range of :func:`rational`.
    """
    number = rational(value, what)
    if number <= 0:
        raise InputError(f"{what} is {shown(number)}, but it is positive; give a number > 0.", argument=argument_of(what))
    return number


def rounded(value: Fraction, digits: int) -> Fraction:
    """Round a positive number to the given count of significant decimal digits; exact if it has no more."""
    if value == 0:
        return value
    exponent = len(str(abs(value.numerator))) - len(str(value.denominator)) - digits
    top, bottom = value.numerator * 10 ** max(0, -exponent), value.denominator * 10 ** max(0, exponent)
    while abs(top) >= 10**digits * bottom:
        exponent, bottom = exponent + 1, bottom * 10
    while abs(top) < 10 ** (digits - 1) * bottom:
        exponent, top = exponent - 1, top * 10
    nearest = round(Fraction(top, bottom))
    return Fraction(nearest * 10**exponent) if exponent >= 0 else Fraction(nearest, 10**-exponent)


def shown(value: object) -> str:
    """Return how messages show what was given: one line of at most 60 characters."""
    try:
        text = str(value) if isinstance(value, Fraction) else repr(value)
    except ValueError:  # an integer of more digits than Python prints
        text = f"a {type(value).__name__} of very many digits"
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def argument_of(what: str) -> str | None:
    """Return what messages call a number, where that is the name of an argument; None for other words."""
    return what if what.isidentifier() else None


def scalar(value: object, what: str) -> Scalar:
    """Read a number exactly, or pass a polynomial or rational function through unchanged."""
    return value if is_symbolic(value) else rational(value, what)


def times(a: Scalar, b: Scalar) -> Scalar:
    """Return the product; most coefficients of a recording are 1, and need no arithmetic."""
    if type(a) is Fraction is type(b):
        if b == 1:
            return a
        if a == 1:
            return b
    return a * b


def is_symbolic(value: object) -> bool:
    """Whether ``value`` is a polynomial, or a rational function in symbols (an element of a sympy fraction field)."""
    return getattr(value, "symbolic", False) is True or any(base.__name__ == "FracElement" for base in type(value).__mro__)


def coefficient(factor: object, like: Scalar) -> Scalar:
    """Return a number with which a method multiplies, as a coefficient beside ``like`` (None where there is no other).

    Where the coefficients are not floats, a float is read at its shortest decimal, so that nothing inexact enters a form. Complex
    numbers in double precision, and arrays of them, count as floats.

    Raises:
        InputError: ``factor`` is no number.
    """
    if type(factor) is Fraction or type(factor) is int or is_symbolic(factor):
        return factor
    exact = rational(factor, "a number in the method's step")
    return float(exact) if isinstance(like, float | complex) or hasattr(like, "__array__") else exact


def double(value: Scalar, what: str = "a number of the run") -> float:
    """Return a number as a double, for numeric runs.

    Raises:
        InputError: no double is close to it.
    """
    try:
        return float(value)
    except OverflowError as error:
        raise InputError(
            f"{what} is {shown(value)}, too large for the double precision of numeric runs; rescale the problem.",
            argument=argument_of(what),
        ) from error


class Rationals:
    """The field of rational numbers, the default."""

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` exactly, as a :class:`~fractions.Fraction`."""
        return value if isinstance(value, Fraction) else rational(value, "a coefficient")


class Floats:
    """Double precision numbers, for numeric runs and quick looks; nothing proved ever depends on them."""

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` as a float."""
        return double(value)


RATIONALS = Rationals()
FLOATS = Floats()


def _read(value: object, what: str) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool):
        raise InputError(_not_a_number(value, what), argument=argument_of(what))
    if isinstance(value, numbers.Integral):
        return Fraction(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(_not_finite(float(value), what), argument=argument_of(what))
        return Fraction(float.__repr__(value))
    if isinstance(value, Decimal):
        return _from_decimal(value, value, what)
    if isinstance(value, str):
        return _from_text(value, what)
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real):
        return _from_text(str(value), what)
    raise InputError(_not_a_number(value, what), argument=argument_of(what))


def _from_text(text: str, what: str) -> Fraction:
    parts = text.strip().split("/")
    if len(parts) > 2 or len(text) > _LONGEST_TEXT or not text.isascii():
        raise InputError(_not_a_number(text, what), argument=argument_of(what))
    try:
        decimals = [Decimal(part.strip()) for part in parts]
    except InvalidOperation:
        raise InputError(_not_a_number(text, what), argument=argument_of(what)) from None
    exact = [_from_decimal(part, text, what) for part in decimals]
    if len(exact) == 1:
        return exact[0]
    if exact[1] == 0:
        raise InputError(
            f"{what} is {shown(text)}, a division by zero; give a number such as 0.1 or 1/10.", argument=argument_of(what)
        )
    return exact[0] / exact[1]


def _from_decimal(value: Decimal, given: object, what: str) -> Fraction:
    if not value.is_finite():
        raise InputError(_not_finite(given, what), argument=argument_of(what))
    if value and max(abs(value.adjusted()), abs(int(value.as_tuple().exponent))) > _LONGEST_TEXT:
        raise InputError(_out_of_range(given, what), argument=argument_of(what))
    return Fraction(value)


def _not_a_number(value: object, what: str) -> str:
    return f"{what} is {shown(value)}, which is not a number; give an integer, a decimal or a fraction such as 1/10."


def _not_finite(value: object, what: str) -> str:
    return f"{what} is {shown(value)}, which is not a finite number; give a number such as 0.1 or 1/10."


def _out_of_range(value: object, what: str) -> str:
    return f"{what} is {shown(value)}, beyond 1e±{_LARGEST_EXPONENT} in its numerator or denominator; rescale the problem."
