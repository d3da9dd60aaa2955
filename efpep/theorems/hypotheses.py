"""Quantities with hypotheses: signs that the structure of a formula shows from what is assumed, or was shown before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from efpep.theorems.functions import Function
from efpep.theorems.quantities import Quantities
from efpep.theorems.signs import POSITIVE, ZERO, BoxSide, quotient_sign
from efpep.theory import formula
from efpep.theory.statement import Coordinate


class Hypotheses(Quantities):
    """Quantities, and the signs that are known of functions of them."""

    def __init__(
        self, free: Sequence[str], defined: Mapping[str, str], coordinates: Sequence[Coordinate], region: Mapping[str, str]
    ) -> None:
        """Read the formulas, as :class:`Quantities`; nothing is known yet."""
        super().__init__(free, defined, coordinates, region)
        self._known: list[tuple[Function, int]] = []

    def assume(self, function: Function, sign: int) -> None:
        """Take a sign as known."""
        self._known.append((function, sign))

    def shown(self, text: str) -> int | None:
        """Return the sign of a formula that its structure shows from what is known."""
        return formula.sign(formula.tree(text), self._atom)

    def _atom(self, node: formula.Tree) -> int | None:
        return self.known_sign(formula.evaluated(node, self.names, self.field))

    def known_sign(self, function: Function) -> int | None:
        """Return the sign of a constant, or of a function that is a known one up to a constant."""
        if function == 0:
            return ZERO
        for known, sign in [(self.field(1), POSITIVE), *self._known]:
            ratio = self.field(0) if known == 0 else function / known
            if ratio != 0 and ratio.numerator.is_constant() and ratio.denominator.is_constant():
                return sign if ratio.numerator.leading_coefficient() > 0 else -sign
        return None

    def fact(self, text: str, derivation: str) -> bool:
        """Check that a formula equals one whose sign its structure shows, which then is known of both."""
        value, sign = self.value(text), self.shown(derivation)
        if sign is None or value != self.value(derivation):
            return False
        self.assume(value, sign)
        return True


class FactorQuantities(Hypotheses):
    """Quantities whose signs are those of their factors, where the region is no image of an orthant.

    A factor has a sign that is known, or one that its coefficients show, for the free quantities are positive.
    """

    def __init__(self, free: Sequence[str], defined: Mapping[str, str]) -> None:
        """Read the formulas, as :class:`Quantities`; the free quantities are positive."""
        super().__init__(free, defined, (), {})
        self._axes = [BoxSide(closed=False) for _ in free]

    def known_sign(self, function: Function) -> int | None:
        """Return the sign of a function whose factors have known signs."""
        found = super().known_sign(function)
        return quotient_sign(function.numerator, function.denominator, self._axes, self._factor) if found is None else found

    def _factor(self, polynomial: Any) -> int | None:
        return super().known_sign(self.field.polynomial(polynomial))

    def sign(self, function: Function) -> int | None:
        """Return the sign of a function whose factors have known signs."""
        return self.known_sign(function)

    def defined(self, text: str) -> bool:
        """Whether a formula's denominator has factors that do not vanish."""
        return abs(self.sign(self.field.polynomial(self.value(text).denominator)) or 0) == POSITIVE
