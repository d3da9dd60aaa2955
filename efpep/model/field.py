"""Number fields and the reading of numbers.

The algebra of efpep is generic over its coefficients. A *scalar* is a :class:`fractions.Fraction` (the default), a float,
or an element of a field of rational functions (see :mod:`efpep.model.symbols`).
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


class Field(Protocol):
    """A number field: converts parameters into its own elements."""

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` as an element of the field."""
        ...


def rational(value: object, what: str) -> Fraction:
    """Read a number exactly.

    Integers, fractions and decimals are taken as they are; strings may be ``"3"``, ``"0.1"``, ``"1e-3"`` or ``"1/10"``; a
    float is read at its shortest decimal, so that ``0.1`` means one tenth.

    Raises:
        InputError: ``value`` is no finite number.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool):
        raise InputError(_not_a_number(value, what))
    if isinstance(value, numbers.Integral):
        return Fraction(int(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InputError(
                f"{what} is {float.__repr__(value)}, which is not a finite number; give a number such as 0.1 or 1/10."
            )
        return Fraction(float.__repr__(value))
    if isinstance(value, Decimal):
        return _from_decimal(value, value, what)
    if isinstance(value, str):
        return _from_text(value, what)
    if isinstance(value, numbers.Rational):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real):
        return rational(float(value), what)
    raise InputError(_not_a_number(value, what))


def scalar(value: object, what: str) -> Scalar:
    """Read a number exactly, or pass an element of a field of rational functions through unchanged."""
    return value if is_symbolic(value) else rational(value, what)


def is_symbolic(value: object) -> bool:
    """Whether ``value`` is a rational function in symbols (an element of a sympy fraction field)."""
    return type(value).__name__ == "FracElement" or type(value).__mro__[1].__name__ == "FracElement"


class Rationals:
    """The field of rational numbers, the default."""

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` exactly, as a :class:`~fractions.Fraction`."""
        return rational(value, "a coefficient")


class Floats:
    """Double precision numbers, for numeric runs and quick looks; nothing proved ever depends on them."""

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` as a float."""
        return float(value)


RATIONALS = Rationals()
FLOATS = Floats()


def _from_text(text: str, what: str) -> Fraction:
    parts = text.strip().split("/")
    if len(parts) > 2 or len(text) > 20_000:
        raise InputError(_not_a_number(text[:60], what))
    try:
        decimals = [Decimal(part.strip()) for part in parts]
    except InvalidOperation:
        raise InputError(_not_a_number(text[:60], what)) from None
    exact = [_from_decimal(part, text, what) for part in decimals]
    if len(exact) == 1:
        return exact[0]
    if exact[1] == 0:
        raise InputError(f"{what} is {text!r}, a division by zero; give a number such as 0.1 or 1/10.")
    return exact[0] / exact[1]


def _from_decimal(value: Decimal, shown: object, what: str) -> Fraction:
    if not value.is_finite():
        raise InputError(f"{what} is {str(shown)!r}, which is not a finite number; give a number such as 0.1 or 1/10.")
    if value and abs(value.adjusted()) > _LARGEST_EXPONENT and abs(int(value.as_tuple().exponent)) > _LARGEST_EXPONENT:
        raise InputError(f"{what} is {str(shown)[:60]!r}, beyond 1e±{_LARGEST_EXPONENT}; rescale the problem.")
    return Fraction(value)


def _not_a_number(value: object, what: str) -> str:
    return f"{what} is {value!r}, which is not a number; give an integer, a decimal or a fraction such as 1/10."
