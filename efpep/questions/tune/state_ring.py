"""States of linear instances as polynomials in parameters, in what a step multiplies them by, and in a number of the instance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import flint

from efpep.model.box import Index
from efpep.model.field import Scalar
from efpep.model.linear import Linear
from efpep.model.polynomial import terms_of
from efpep.questions.rate.linear_instances import Factor, LineEquation

_flint: Any = flint


class StateRing:
    """Polynomials over the rationals, of flint: in the parameters, in z, and in the number of the instance that is not free."""

    def __init__(self, count: int, number: Factor) -> None:
        """Take the number of parameters, and what the last variable is: the curvature or the factor of compressors."""
        self._count, self._number = count, number
        names = (*(f"p{k}" for k in range(count)), "z", "a")
        self._context: Any = _flint.fmpq_mpoly_ctx.get(names, "lex")
        *_, self._growth, self._last = self._context.gens()

    def scalar(self, value: Scalar) -> Any:
        """Return a scalar of the question."""
        terms = terms_of(value, self._count)
        return self._context.from_dict({(*e, 0, 0): _flint.fmpq(a.numerator, a.denominator) for e, a in terms.items() if a})

    @staticmethod
    def terms(value: Any) -> dict[Index, Fraction]:
        """Return the terms of a polynomial."""
        return {tuple(map(int, e)): Fraction(int(a.numerator), int(a.denominator)) for e, a in value.to_dict().items()}

    def at(self, form: Linear, state: Mapping[int, Any]) -> Any:
        """Return the value of a form."""
        return sum((self.scalar(a) * state[j] for j, a in form.terms.items()), self.scalar(Fraction(0)))

    def kernel(self, known: Sequence[LineEquation], columns: Sequence[int]) -> dict[int, Any] | None:
        """Return the solution of equations, unique up to a factor, without common divisors; None where it is not."""
        rows = list(self._rows(known, columns))
        pivots: dict[int, list[Any]] = {}
        for row in rows:
            for j, pivot in pivots.items():
                if row[j]:
                    row = _reduced([pivot[j] * a - row[j] * b for a, b in zip(row, pivot, strict=True)])  # noqa: PLW2901
            places = [j for j, a in enumerate(row) if a]
            if not places:
                continue
            place = min((len(row[j].to_dict()), j) for j in places)[1]
            for j, pivot in pivots.items():
                if pivot[place]:
                    pivots[j] = _reduced([row[place] * a - pivot[place] * b for a, b in zip(pivot, row, strict=True)])
            pivots[place] = row
        free = [j for j in range(len(columns)) if j not in pivots]
        if len(free) != 1:
            return None
        (last,) = free
        shared = self.scalar(Fraction(1))
        for j, pivot in pivots.items():
            shared = shared * divmod(pivot[j], pivot[j].gcd(shared))[0]
        found = [shared if j == last else -divmod(shared, pivots[j][j])[0] * pivots[j][last] for j in range(len(columns))]
        return dict(zip(columns, _reduced(found), strict=True))

    def _rows(self, known: Sequence[LineEquation], columns: Sequence[int]) -> Iterator[list[Any]]:
        by = {Factor.GROWTH: self._growth, self._number: self._last, Factor.NOTHING: self.scalar(Fraction(0))}
        for equation in known:
            left, right = (
                [self.scalar(form.terms.get(j, Fraction(0))) for j in columns] for form in (equation.left, equation.right)
            )
            yield _reduced([a - by[equation.factor] * b for a, b in zip(left, right, strict=True)])


def _reduced(row: Sequence[Any]) -> list[Any]:
    """Return a row of polynomials without their common divisor."""
    shared: Any = None
    for a in row:
        if a:
            shared = a if shared is None else shared.gcd(a)
    return list(row) if shared is None else [divmod(a, shared)[0] for a in row]
