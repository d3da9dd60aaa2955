"""Linear forms over the columns of one block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from efpep.model.field import Scalar, times


class Linear:
    """An immutable linear form ``sum_j a_j c_j`` over numbered columns; zero coefficients are not stored."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[int, Scalar] | None = None) -> None:
        """Keep the nonzero ``terms``."""
        self.terms: dict[int, Scalar] = {j: a for j, a in terms.items() if a != 0} if terms else {}
        self._hash: int | None = None

    @classmethod
    def _of(cls, terms: dict[int, Scalar]) -> Linear:
        """Return the form with these terms, none of which is zero."""
        form = cls()
        form.terms = terms
        return form

    def __add__(self, other: Linear) -> Linear:
        """Return the sum."""
        if not other.terms:
            return self
        total = dict(self.terms)
        for j, a in other.terms.items():
            if j not in total:
                total[j] = a
                continue
            joined = total[j] + a
            if joined != 0:
                total[j] = joined
            else:
                del total[j]
        return Linear._of(total)

    def __neg__(self) -> Linear:
        """Return the negative."""
        return Linear._of({j: -a for j, a in self.terms.items()})

    def __sub__(self, other: Linear) -> Linear:
        """Return the difference."""
        if not other.terms:
            return self
        total = dict(self.terms)
        for j, a in other.terms.items():
            if j not in total:
                total[j] = -a
                continue
            left = total[j] - a
            if left != 0:
                total[j] = left
            else:
                del total[j]
        return Linear._of(total)

    def __rmul__(self, factor: Scalar) -> Linear:
        """Return the multiple by a scalar."""
        if factor == 1 or not self.terms:
            return self
        return Linear({j: times(factor, a) for j, a in self.terms.items()})

    @property
    def nonzero(self) -> bool:
        """Whether the form is not identically zero (a method of this name, not truth, so that any scalar may multiply it)."""
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        """Whether both forms have the same coefficients."""
        return isinstance(other, Linear) and self.terms == other.terms

    def __hash__(self) -> int:
        """Hash by content, so that oracle calls can be remembered by their point."""
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __repr__(self) -> str:
        """Show the terms."""
        return f"Linear({self.terms})"

    def mapped(self, change: Callable[[Scalar], Scalar]) -> Linear:
        """Return the form with ``change``, which makes none zero, applied to every coefficient."""
        return Linear._of({j: change(a) for j, a in self.terms.items()})

    def at(self, state: Mapping[int, Scalar]) -> Scalar:
        """Return the value of the form where each of its columns has that of a state, which has all of them."""
        return sum((a * state[j] for j, a in self.terms.items()), Fraction(0))

    def row(self, columns: Iterable[int]) -> list[Scalar]:
        """Return the coefficients at ``columns``, zeros included."""
        return [self.terms.get(j, 0) for j in columns]


ZERO = Linear()


def column(j: int, one: Scalar) -> Linear:
    """Return the form that is the single column ``j``, with the field's ``one`` as its coefficient."""
    return Linear({j: one})
