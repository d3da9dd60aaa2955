"""Rational functions in named symbols over the rationals, on python-flint's polynomials: the numbers that theorems are made of.

An element is a quotient of coprime polynomials with a monic denominator, so that equal functions are equal objects and an
identity is decided by comparison. :mod:`efpep.model.symbols` offers the same over sympy, more slowly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from efpep.model.field import Scalar, rational


class Function:
    """A rational function; ``+ - * / **`` with others of its field and with rational numbers."""

    __slots__ = ("_hash", "denominator", "field", "numerator")
    symbolic = True

    def __init__(self, field: FunctionField, numerator: Any, denominator: Any) -> None:
        """Take a quotient in lowest terms with a monic denominator; :meth:`FunctionField.quotient` makes one of any."""
        self.field = field
        self.numerator = numerator
        self.denominator = denominator
        self._hash: int | None = None

    def _other(self, value: Any) -> Function:
        return value if isinstance(value, Function) else self.field(value)

    def __add__(self, other: Any) -> Function:
        """Return the sum."""
        b = self._other(other)
        if self.denominator == b.denominator:
            return self.field.quotient(self.numerator + b.numerator, self.denominator)
        return self.field.quotient(
            self.numerator * b.denominator + b.numerator * self.denominator, self.denominator * b.denominator
        )

    __radd__ = __add__

    def __neg__(self) -> Function:
        """Return the negative."""
        return Function(self.field, -self.numerator, self.denominator)

    def __sub__(self, other: Any) -> Function:
        """Return the difference."""
        return self + (-self._other(other))

    def __rsub__(self, other: Any) -> Function:
        """Return the difference from a number."""
        return self._other(other) - self

    def __mul__(self, other: Any) -> Any:
        """Return the product; vectors and forms multiply by scalars themselves."""
        if not isinstance(other, Function | int | Fraction):
            return NotImplemented
        b = self._other(other)
        return self.field.quotient(self.numerator * b.numerator, self.denominator * b.denominator)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Function:
        """Return the quotient.

        Raises:
            ZeroDivisionError: the divisor vanishes identically.
        """
        b = self._other(other)
        if b.numerator == 0:
            raise ZeroDivisionError("division by a rational function that vanishes identically")
        return self.field.quotient(self.numerator * b.denominator, self.denominator * b.numerator)

    def __rtruediv__(self, other: Any) -> Function:
        """Return the quotient of a number by the function."""
        return self._other(other) / self

    def __pow__(self, exponent: int) -> Function:
        """Return an integer power."""
        if exponent < 0:
            return 1 / self ** (-exponent)
        return Function(self.field, self.numerator**exponent, self.denominator**exponent)

    def __eq__(self, other: object) -> bool:
        """Whether both are the same function."""
        if not isinstance(other, Function):
            if not isinstance(other, int | Fraction):
                return NotImplemented
            return bool(self.denominator == 1 and self.numerator == self.field.number(other))
        return bool(self.numerator == other.numerator and self.denominator == other.denominator)

    def __hash__(self) -> int:
        """Hash by content."""
        if self._hash is None:
            self._hash = hash((str(self.numerator), str(self.denominator)))
        return self._hash

    def __call__(self, **at: Fraction) -> Fraction:
        """Return the value at rational numbers, one a symbol.

        Raises:
            ZeroDivisionError: there is a pole.
        """
        values = [at[name] for name in self.field.names]
        return _value(self.numerator, values) / _value(self.denominator, values)

    def __repr__(self) -> str:
        """Show the factors."""
        if self == 0:
            return "0"
        scale = self.numerator.factor()[0] / self.denominator.factor()[0]
        top, bottom = factored(self.numerator, scale.p), factored(self.denominator, scale.q)
        if bottom == "1":
            return top
        wide = any(c in top.strip("-") for c in "+-") and not (top.startswith("(") and top.count("(") == 1)
        return f"({top})/({bottom})" if wide else f"{top}/({bottom})"

    def is_product_of(self, others: Sequence[Function]) -> bool:
        """Return whether it is a nonzero number times powers of the given functions."""
        factors = [factor for side in (self.numerator, self.denominator) for factor, _ in side.factor()[1]]
        known = [factor for other in others for side in (other.numerator, other.denominator) for factor, _ in side.factor()[1]]
        return self != 0 and all(any(factor == other for other in known) for factor in factors)

    @property
    def size(self) -> int:
        """The number of terms."""
        return int(len(self.numerator) + len(self.denominator))


class FunctionField:
    """The field of rational functions in named symbols."""

    def __init__(self, *names: str) -> None:
        """Name the symbols."""
        import flint

        backend: Any = flint
        self.names = names
        self._rational: Callable[..., Any] = backend.fmpq
        # a field of no symbols is that of one which does not occur
        self._context: Any = backend.fmpq_mpoly_ctx.get(list(names) or ["_"], backend.Ordering.degrevlex)
        self._one: Any = self._context.constant(1)
        self.symbols: dict[str, Function] = {
            name: Function(self, gen, self._one) for name, gen in zip(names, self._context.gens(), strict=False)
        }

    def number(self, value: object) -> Any:
        """Return a rational number as a constant polynomial."""
        exact = rational(value, "a coefficient")
        return self._context.constant(self._rational(exact.numerator, exact.denominator))

    def __call__(self, value: Scalar) -> Function:
        """Return a number as a constant function, and a function as it is."""
        return value if isinstance(value, Function) else Function(self, self.number(value), self._one)

    def polynomial(self, polynomial: Any) -> Function:
        """Return a polynomial as a function."""
        return Function(self, polynomial, self._one)

    def quotient(self, numerator: Any, denominator: Any) -> Function:
        """Return a quotient of polynomials in lowest terms."""
        if numerator == 0:
            return Function(self, numerator, self._one)
        if denominator == 1:
            return Function(self, numerator, denominator)
        common = numerator.gcd(denominator)
        if common != 1:
            numerator, denominator = numerator / common, denominator / common
        lead = denominator.leading_coefficient()
        if lead != 1:
            numerator, denominator = numerator / lead, denominator / lead
        return Function(self, numerator, denominator)

    def composed(self, function: Function, images: Mapping[str, Function]) -> tuple[Any, Any]:
        """Return numerator and denominator of ``function`` with every symbol replaced by its image in this field.

        They are not reduced; common factors, powers of the images' denominators, are left out where both have them.
        """
        names = function.field.names
        sides = (function.numerator, function.denominator)
        degrees = [max((int(powers[i]) for side in sides for powers in side.to_dict()), default=0) for i in range(len(names))]
        tops = [_powers(images[name].numerator, k) for name, k in zip(names, degrees, strict=True)]
        bottoms = [_powers(images[name].denominator, k) for name, k in zip(names, degrees, strict=True)]

        def image(side: Any) -> Any:
            total = self._context.constant(0)
            for powers, value in side.to_dict().items():
                term = self._context.constant(value)
                for i, degree in enumerate(degrees):
                    k = int(powers[i])
                    term = term * tops[i][k] * bottoms[i][degree - k]
                total = total + term
            return total

        return image(sides[0]), image(sides[1])


def factored(polynomial: Any, constant: Any = None) -> str:
    """Return a polynomial as the product of its factors, where it is given with another constant in place of its own."""
    own, factors = polynomial.factor()
    constant = own if constant is None else constant
    pieces = [(f"({p})" if len(p) > 1 else f"{p}") + (f"^{k}" if k > 1 else "") for p, k in factors]
    if not pieces:
        return str(constant)
    if len(pieces) == 1 and len(factors[0][0]) > 1 and factors[0][1] == 1 and constant == 1:
        return str(factors[0][0])
    lead = "" if constant == 1 else "-" if constant == -1 else f"{constant}*"
    return lead + "*".join(pieces)


def _powers(base: Any, most: int) -> list[Any]:
    found = [base**0]
    for _ in range(most):
        found.append(found[-1] * base)
    return found


def _value(polynomial: Any, values: Sequence[Fraction]) -> Fraction:
    total = Fraction(0)
    for powers, coefficient in polynomial.to_dict().items():
        term = Fraction(int(coefficient.p), int(coefficient.q))
        for value, k in zip(values, powers, strict=False):
            term *= value ** int(k)
        total += term
    return total
