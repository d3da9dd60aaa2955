"""Exact rates at every stable step size as data: one claim, of which theorems are proofs and answers are values.

All formulas are text (:mod:`efpep.theory.formula`) in ``mu``, ``L``, ``s = sqrt(1 - delta)`` and the step size ``eta``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from efpep.model.field import Scalar
from efpep.theory.closed_form import ClosedForm, Standing, Statement, largest_root, number, square_root
from efpep.theory.formula import names_of

ROOT = "s = sqrt(1 - delta)"


@dataclass(frozen=True)
class RateClaim:
    """The exact rate at every stable step size: ``rate`` at the largest root of an equation.

    Attributes:
        root: what the root is called.
        branches: theta is the larger of these.
        coefficients: the coefficients of the equation in the root, the highest power first; they may contain ``theta``.
        rate: the rate as a function of the root.
        limit: the claim is about positive step sizes below this one; from it on the method need not converge.
        step_size: the step size with the least rate.
        metric: what shrinks at this rate.
    """

    root: str
    branches: tuple[str, str]
    coefficients: tuple[str, ...]
    rate: str
    limit: str
    step_size: str
    metric: str = "distance"

    @property
    def equation(self) -> str:
        """The equation of the root."""
        root, degree = self.root, len(self.coefficients) - 1
        powers = [f"{root}^{k}" if k > 1 else root if k else "" for k in range(degree, -1, -1)]
        terms = [
            "*".join(p for p in (c if c not in ("1", "-1") or not p else c[:-1], p) if p)
            for c, p in zip(self.coefficients, powers, strict=True)
        ]
        return " + ".join(terms).replace("+ -", "- ") + " = 0"

    @property
    def theta(self) -> str:
        """The formula of theta, as text."""
        return f"max({', '.join(self.branches)})"

    def value(
        self,
        names: Mapping[str, Any],
        at: Callable[[str, Mapping[str, Any]], Any] = number,
        rational: Callable[[Any], Fraction] = Fraction,
    ) -> Fraction:
        """Return the rate to about 60 digits, exactly where the equation has a rational root.

        Args:
            names: the values of ``mu``, ``L``, ``s`` and ``eta``.
            at: how formulas are evaluated.
            rational: how their values become rational numbers.
        """
        coefficients = [rational(a) for a in self.solved(names, at)[1]]
        root = largest(coefficients)
        if len(coefficients) == 3 and self.rate == f"{self.root}^2":  # by the equation, which needs no root where b = 0
            a, b, c = coefficients
            return -(b * root + c) / a
        return number(self.rate, {**{name: rational(a) for name, a in names.items()}, self.root: root})

    def solved(self, names: Mapping[str, Scalar], at: Callable[[str, Mapping[str, Any]], Any] = number) -> tuple[int, list[Any]]:
        """Return which of the branches is theta, the first one where both are, and the coefficients of the equation.

        Args:
            names: the values of ``mu``, ``L``, ``s`` and ``eta``.
            at: how formulas are evaluated.
        """
        first, second = (at(branch, names) for branch in self.branches)
        known = {**names, "theta": max(first, second)}
        return int(second > first), [at(text, known) for text in self.coefficients]


def largest(coefficients: Sequence[Fraction]) -> Fraction:
    """Return the largest root of an equation of a claim to about 60 digits, exactly where it is rational."""
    match coefficients:
        case [a, b]:
            return -b / a
        case [a, b, c]:
            return (square_root(b * b - 4 * a * c) - b) / (2 * a)
        case _:
            return largest_root(coefficients, Fraction(2))


@dataclass(frozen=True)
class KnownRate:
    """What is known of the exact rate of a method: the claim, and what stands behind it.

    Attributes:
        claim: the claim.
        source: whose theorem it is at the best step size.
        elsewhere: whose theorem it is at other step sizes.
        ends: who says where the step sizes end.
        standing: whether it is a theorem of efpep or of the literature.
        theorem: the method's key for ``efpep prove``, where efpep proves it.
    """

    claim: RateClaim
    source: str
    elsewhere: str
    ends: str
    standing: Standing
    theorem: str = ""

    @property
    def _where(self) -> str:
        return ROOT if "s" in names_of(self.claim.step_size) else ""

    @property
    def step_size(self) -> Statement:
        """The statement of the best step size."""
        return Statement(self.claim.step_size, self.source, self.standing, self.theorem, self._where)

    @property
    def limit(self) -> Statement:
        """The statement of the step size from which on the method need not converge."""
        return Statement(self.claim.limit, self.ends, self.standing, self.theorem, self._where)

    def rate(self, names: Mapping[str, Scalar]) -> ClosedForm | None:
        """Return the rate at the step size ``eta``, or at the best one where there is none; None from the limit on."""
        best = "eta" not in names
        where = {**names, "eta": number(self.claim.step_size, names)} if best else names
        if not 0 < where["eta"] < number(self.claim.limit, where):
            return None
        text = f"{self.claim.rate}, {self.claim.equation}, theta = {self.claim.theta}"
        source = self.source if best else self.elsewhere
        statement = Statement(text, source, self.standing, self.theorem, self._where, attained=True)
        return statement.at(self.claim.value(where))
