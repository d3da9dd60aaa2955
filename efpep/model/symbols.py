"""Symbols as coefficients: the same algebra over a field of rational functions.

    field = SymbolField("mu", "L", "delta", "eta")
    setting = Setting(SmoothStronglyConvex(field.mu, field.L), Contractive(field.delta))
    question = contraction(EF21(field.eta), setting, "distance", field)

gives every inequality with these symbols in it, in canonical form: equal expressions are equal objects.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, rational


class SymbolField:
    """The field of rational functions in named symbols over the rationals; the symbols are attributes."""

    def __init__(self, *names: str) -> None:
        """Name the symbols.

        Raises:
            InputError: no names, or one that is no identifier.
        """
        import sympy

        if not names or not all(name.isidentifier() for name in names):
            raise InputError(f"the symbols are {names!r}; name at least one, each an identifier such as mu.", argument="names")
        backend: Any = sympy
        self._rationals: Any = backend.QQ
        self._field: Any = backend.QQ.frac_field(*backend.symbols(names)).field
        self._symbols: dict[str, Scalar] = dict(zip(names, self._field.gens, strict=True))

    def __getattr__(self, name: str) -> Scalar:
        """Return the symbol called ``name``."""
        if name.startswith("_") or name not in self._symbols:
            raise AttributeError(f"there is no symbol {name!r} in this field")
        return self._symbols[name]

    def __call__(self, value: Scalar) -> Scalar:
        """Return ``value`` as a rational function."""
        if is_symbolic(value):
            return value
        exact: Fraction = rational(value, "a coefficient")
        return self._field.ground_new(self._rationals(exact.numerator, exact.denominator))

    def expression(self, value: Scalar) -> Any:
        """Return a coefficient as a sympy expression."""
        return value.as_expr() if is_symbolic(value) else value
