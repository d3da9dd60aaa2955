"""Numbers given by formulas, what stands behind them, and square roots to more digits than any answer prints."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, scalar
from efpep.theory import formula

DIGITS = 60


class Standing(Enum):
    """What stands behind a closed form, one word each."""

    PROVED = "proved"
    """A theorem of efpep with a symbolic proof for all parameters, which ``efpep prove`` checks."""
    DERIVED = "derived"
    """A theorem of efpep whose proof is written in its documentation, and checked by no program."""
    LITERATURE = "literature"
    """A theorem of the literature."""
    CONJECTURE = "conjecture"
    """A conjecture, of the literature or of efpep, found in numbers."""


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """The value of a formula, and what stands behind it.

    Attributes:
        value: the number, read exactly; where roots occur, rounded to about 60 significant digits.
        formula: the formula as text.
        source: the paper and theorem.
        standing: whether that is a theorem, and who has proved it.
        theorem: the method's key for ``efpep prove``, where the standing is :attr:`Standing.PROVED`.
        attained: of a rate, whether explicit functions and compressors attain it, so that it is the method's own.

    Raises:
        InputError: the value is no number.
    """

    value: Fraction
    formula: str
    source: str
    standing: Standing = Standing.LITERATURE
    theorem: str = ""
    attained: bool = False

    def __post_init__(self) -> None:
        """Read the value."""
        object.__setattr__(self, "value", scalar(self.value, "the value of a closed form"))

    @property
    def check(self) -> str | None:
        """The command that checks the proof, or None where there is none to check."""
        return f"efpep prove {self.theorem}" if self.theorem else None

    @property
    def said(self) -> str:
        """The standing for readers."""
        return {
            Standing.PROVED: f"proved for all parameters: {self.check}",
            Standing.DERIVED: "derived in efpep's documentation",
            Standing.LITERATURE: "a theorem of the literature",
            Standing.CONJECTURE: "a conjecture, found in numbers",
        }[self.standing]

    def described(self) -> dict[str, str | None]:
        """Return formula, source, standing, and the command that checks the proof, for JSON objects."""
        return {"formula": self.formula, "source": self.source, "standing": self.standing.value, "check": self.check}


@dataclass(frozen=True, slots=True)
class Statement:
    """A formula of the literature, or of efpep, and what stands behind it: each is stated once.

    Attributes:
        formula: the formula as text; one of :mod:`efpep.theory.formula` where :meth:`of` evaluates it.
        source: the paper and theorem.
        standing: whether that is a theorem, and who has proved it.
        theorem: the method's key for ``efpep prove``, where the standing is :attr:`Standing.PROVED`.
        where: what its names stand for, as text.
        attained: of a rate, whether explicit functions and compressors attain it.
    """

    formula: str
    source: str
    standing: Standing = Standing.LITERATURE
    theorem: str = ""
    where: str = ""
    attained: bool = False

    def at(self, value: Scalar) -> ClosedForm:
        """Return the closed form with its value."""
        formula = self.formula + (self.where and f", {self.where}")
        return ClosedForm(value, formula, self.source, self.standing, self.theorem, self.attained)

    def of(self, **names: Scalar) -> ClosedForm:
        """Return the closed form whose value is that of the formula."""
        return self.at(number(self.formula, names))

    def conjectured(self, source: str) -> Statement:
        """Return the formula as a conjecture: what it is for settings that no theorem is about."""
        return replace(self, source=source, standing=Standing.CONJECTURE, theorem="", attained=False)


def number(text: str, names: Mapping[str, Scalar]) -> Fraction:
    """Return the value of a formula.

    Raises:
        InputError: it is none, or has a name that stands for nothing.
        ZeroDivisionError: it divides by zero.
    """
    return formula.evaluated(formula.tree(text), names, Fraction)


def square_root(value: Scalar) -> Fraction:
    """Return the square root of a rational number, exact where it is rational, else to about 60 significant digits.

    Raises:
        InputError: the number is symbolic, so that a closed form with roots cannot be evaluated.
    """
    if is_symbolic(value):
        raise InputError(
            "a closed form with square roots cannot be evaluated for symbols; give step_size as a symbol of its own.",
            argument="step_size",
        )
    exact = Fraction(value)
    return _square_root(exact.numerator, exact.denominator)


@functools.lru_cache(maxsize=1024)
def _square_root(p: int, q: int) -> Fraction:
    """Return the square root of ``p/q`` in lowest terms; grids ask for those of a few numbers again and again."""
    numerator, denominator = math.isqrt(p), math.isqrt(q)
    if numerator**2 == p and denominator**2 == q:
        return Fraction(numerator, denominator)
    shift = max(0, DIGITS - (len(str(p)) - len(str(q))) // 2)
    return Fraction(math.isqrt(p * 10 ** (2 * shift) // q), 10**shift)


def root_of_complement(delta: Fraction) -> Fraction:
    """Return ``q = sqrt(1 - delta)``, so that ``1 - q`` too has about 60 significant digits, however small ``delta`` is."""
    return 1 - delta / (1 + square_root(1 - delta))


def largest_root(coefficients: Sequence[Fraction], above: Fraction) -> Fraction:
    """Return the largest root, to about 40 digits, of a monic polynomial whose roots are all real and at most ``above``.

    Newton's method from the right of the largest root decreases to it monotonically.
    """
    x = above
    scale = 10**45
    while True:
        value, slope = Fraction(0), Fraction(0)
        for a in coefficients:
            slope = slope * x + value
            value = value * x + a
        if slope == 0:
            return x
        new = Fraction(math.ceil((x - value / slope) * scale), scale)
        if new >= x:
            return x
        x = new
