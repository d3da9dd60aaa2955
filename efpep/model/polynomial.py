"""Polynomials with rational coefficients as scalars: a question over a whole box of parameters at once.

    box = variables(2)                       # two variables u, v
    question = contraction(EControl(step_size=lo + width * box[0], eta=box[1]), setting, "distance", POLYNOMIALS)

gives every inequality as a polynomial in u and v. A polynomial without variables is a :class:`~fractions.Fraction` again, so
equal numbers stay equal objects, and pivots of exact eliminations can be recognised. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.field import Scalar, rational

Exponents = tuple[int, ...]


class Polynomial:
    """An immutable polynomial of positive degree; ``terms`` maps exponents (one a variable) to nonzero coefficients."""

    __slots__ = ("terms",)
    symbolic = True

    def __init__(self, terms: Mapping[Exponents, Fraction]) -> None:
        """Take the terms as they are; :func:`polynomial` drops zeros and returns constants as fractions."""
        self.terms = dict(terms)

    @property
    def variables(self) -> int:
        """The number of variables."""
        return len(next(iter(self.terms)))

    def __add__(self, other: Scalar) -> Scalar:
        """Return the sum."""
        total = dict(self.terms)
        for exponents, a in terms_of(other, self.variables).items():
            total[exponents] = total.get(exponents, Fraction(0)) + a
        return polynomial(total)

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        """Return the negative."""
        return Polynomial({exponents: -a for exponents, a in self.terms.items()})

    def __sub__(self, other: Scalar) -> Scalar:
        """Return the difference."""
        return self + (-other)

    def __rsub__(self, other: Scalar) -> Scalar:
        """Return the difference the other way round."""
        return (-self) + other

    def __mul__(self, other: Scalar) -> Scalar:
        """Return the product."""
        if not isinstance(other, Polynomial | Fraction | int):
            return NotImplemented
        if not isinstance(other, Polynomial):
            return polynomial({exponents: a * other for exponents, a in self.terms.items()})
        total: dict[Exponents, Fraction] = {}
        for left, a in self.terms.items():
            for right, b in other.terms.items():
                key = tuple(i + j for i, j in zip(left, right, strict=True))
                total[key] = total.get(key, Fraction(0)) + a * b
        return polynomial(total)

    __rmul__ = __mul__

    def __truediv__(self, other: Scalar) -> Scalar:
        """Return the quotient by a number.

        Raises:
            InputError: the divisor contains a variable.
        """
        if isinstance(other, Polynomial):
            return _not_polynomial()
        return self * (1 / Fraction(other))

    def __rtruediv__(self, other: Scalar) -> Scalar:
        """Refuse to divide by a polynomial.

        Raises:
            InputError: always.
        """
        del other
        return _not_polynomial()

    def __pow__(self, exponent: int) -> Scalar:
        """Return a power with a natural exponent."""
        total: Scalar = Fraction(1)
        for _ in range(exponent):
            total = self * total
        return total

    def __eq__(self, other: object) -> bool:
        """Whether both are the same polynomial (a constant is a fraction, never a polynomial)."""
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(frozenset(self.terms.items()))

    def __repr__(self) -> str:
        """Show the terms."""
        return f"Polynomial({self.terms})"


class Polynomials:
    """The ring of polynomials as the algebra's coefficients; its numbers are exact rationals."""

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` as a coefficient."""
        return value if isinstance(value, Polynomial | Fraction) else rational(value, "a coefficient")


POLYNOMIALS = Polynomials()


def variables(count: int) -> list[Polynomial]:
    """Return ``count`` variables."""
    return [Polynomial({tuple(int(i == j) for i in range(count)): Fraction(1)}) for j in range(count)]


def polynomial(terms: Mapping[Exponents, Fraction]) -> Scalar:
    """Return the polynomial with these terms, or the number that it is."""
    kept = {exponents: a for exponents, a in terms.items() if a}
    if not kept:
        return Fraction(0)
    if len(kept) == 1:
        exponents, a = next(iter(kept.items()))
        if not any(exponents):
            return a
    return Polynomial(kept)


def terms_of(value: Scalar, count: int) -> Mapping[Exponents, Fraction]:
    """Return the terms of a polynomial in ``count`` variables, or of a number."""
    return value.terms if isinstance(value, Polynomial) else {(0,) * count: Fraction(value)}


def _not_polynomial() -> Scalar:
    raise InputError(
        "the method divides by a parameter that varies over a box, so its inequalities are no polynomials there; "
        "ask for single values of that parameter instead."
    )
