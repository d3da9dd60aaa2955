"""Server and client vectors of a population of exchangeable agents.

A client vector ``u_i`` of the agents of one group is carried as its mean over the group and its deviation from it,

    mean_i <u_i, v_i> = <mean u, mean v> + dev(u, v),

so that a group of any size costs one deviation block (2403.11724; exact, because a worst case of exchangeable agents can be
taken symmetric). Block 0 holds server vectors and group means, block ``a + 1`` the deviations of group ``a``.

Positions are measured from the minimiser ``x*``, which no method knows. So every vector carries its *anchor*, the multiple of
``x*`` that it contains besides its linear form: 1 for points, 0 for gradients and differences of points. Whatever is 1 or 0
nowhere else depends on where the origin lies.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from efpep.errors import InputError
from efpep.model.field import Scalar, coefficient, shown
from efpep.model.linear import ZERO, Linear


@dataclass(frozen=True, slots=True)
class Part:
    """The vectors of one group's agents: their mean (over block 0) and their deviation (over the group's own block)."""

    mean: Linear
    deviation: Linear = ZERO

    def __add__(self, other: Part) -> Part:
        """Return the sum."""
        return Part(self.mean + other.mean, self.deviation + other.deviation)

    def __sub__(self, other: Part) -> Part:
        """Return the difference."""
        return Part(self.mean - other.mean, self.deviation - other.deviation)

    def __neg__(self) -> Part:
        """Return the negative."""
        return Part(-self.mean, -self.deviation)

    def __rmul__(self, factor: Scalar) -> Part:
        """Return the multiple by a scalar."""
        return Part(self.mean.__rmul__(factor), self.deviation.__rmul__(factor))

    @property
    def nonzero(self) -> bool:
        """Whether the vector is not identically zero."""
        return self.mean.nonzero or self.deviation.nonzero


NOTHING = Part(ZERO)


class UnknownTruth:
    """What only a run knows: a step neither asks whether it is true nor compares it, and does nothing with it but what is linear.

    sympy's numbers ask both before they leave a product to us; they alone are answered.

    Attributes:
        linear_only: says so to those who look for an attribute that is not there.
    """

    linear_only = True
    __slots__ = ()

    def __bool__(self) -> bool:
        """Refuse.

        Raises:
            InputError: the method asks.
        """
        if not _sympy_asks():
            raise InputError(_ASKED)
        return True

    def __eq__(self, other: object) -> bool:
        """Refuse.

        Raises:
            InputError: the method asks.
        """
        if not _sympy_asks():
            raise InputError(_ASKED)
        return self is other

    def __ne__(self, other: object) -> bool:
        """Refuse.

        Raises:
            InputError: the method asks.
        """
        if not _sympy_asks():
            raise InputError(_ASKED)
        return self is not other

    __hash__ = object.__hash__

    def _refused(self, *others: object) -> NoReturn:
        """Refuse.

        Raises:
            InputError: always.
        """
        del others
        raise InputError(_ASKED)

    __lt__ = __le__ = __gt__ = __ge__ = __float__ = __int__ = _refused

    def _not_linear(self, *others: object) -> NoReturn:
        """Refuse.

        Raises:
            InputError: the method asks.
        """
        del others
        if _sympy_asks():
            raise TypeError
        raise InputError(_NONLINEAR, argument="method")

    __abs__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = __rtruediv__ = __mod__ = __floordiv__ = _not_linear
    __getitem__ = __iter__ = __array__ = _not_linear


_ASKED = (
    "the method asks whether a vector or a value is true, or compares it, and only a run knows that; write a step that does the "
    "same for all vectors, because steps are linear, and use run.at_most for comparisons of values."
)
LINEAR = "and steps are linear; add vectors, multiply them by numbers, and use run.at_most for comparisons"
_NONLINEAR = f"the method takes a norm, a product, a power, an entry or another function of vectors that is not linear, {LINEAR}."


def _sympy_asks() -> bool:
    """Return whether the caller's caller is code of sympy."""
    caller = inspect.currentframe()
    for _ in range(2):
        caller = caller.f_back if caller is not None else None
    return caller is not None and str(caller.f_globals.get("__name__", "")).startswith("sympy.")


class Vector(UnknownTruth):
    """A vector of the analysis: one :class:`Part` a group (client vector), or one for the server (server vector).

    Sums of a server and a client vector broadcast the server vector to all agents. Scalars multiply from the left or right.

    Attributes:
        parts: the linear forms.
        server: whether it is one vector at the server.
        anchor: the multiple of ``x*`` that it contains besides; see the module.
    """

    __slots__ = ("anchor", "parts", "server")
    __array_ufunc__ = None  # NumPy's numbers leave products to us

    def __init__(self, parts: tuple[Part, ...], *, server: bool, anchor: Scalar = 0) -> None:
        """Take one part for each group; a server vector has exactly one part, with no deviation."""
        self.parts = parts
        self.server = server
        self.anchor = anchor

    def part(self, group: int) -> Part:
        """Return what the agents of ``group`` hold."""
        return self.parts[0 if self.server else group]

    @property
    def mean(self) -> Linear:
        """The linear form of a server vector."""
        return self.parts[0].mean

    def _with(self, other: Vector, sign: int) -> Vector:
        if not isinstance(other, Vector):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"the method adds {shown(other)} to a vector; add vectors to vectors only.")
        if self.server and other.server:
            pairs = [(self.parts[0], other.parts[0])]
        else:
            groups = range(max(len(self.parts), len(other.parts)))
            pairs = [(self.part(a), other.part(a)) for a in groups]
        joined = tuple(u + v if sign > 0 else u - v for u, v in pairs)
        anchor = self.anchor + sign * other.anchor if other.anchor else self.anchor
        return Vector(joined, server=self.server and other.server, anchor=anchor)

    def __add__(self, other: Vector) -> Vector:
        """Return the sum, broadcasting server vectors."""
        return self._with(other, 1)

    def __radd__(self, other: object) -> Vector:
        """Return the vector itself for the zero with which ``sum`` begins.

        Raises:
            InputError: something else is added.
        """
        if isinstance(other, int) and other == 0:
            return self
        raise InputError(f"the method adds {shown(other)} to a vector; add vectors to vectors only.")

    def __sub__(self, other: Vector) -> Vector:
        """Return the difference, broadcasting server vectors."""
        return self._with(other, -1)

    def __rsub__(self, other: object) -> NoReturn:
        """Refuse to subtract a vector from a number.

        Raises:
            InputError: always.
        """
        raise InputError(f"the method subtracts a vector from {shown(other)}; subtract vectors from vectors only.")

    def __neg__(self) -> Vector:
        """Return the negative."""
        return Vector(tuple(-u for u in self.parts), server=self.server, anchor=-self.anchor)

    def __mul__(self, factor: Scalar) -> Vector:
        """Return the multiple by a scalar.

        Raises:
            InputError: the scalar is no number.
        """
        if isinstance(factor, UnknownTruth):
            self._not_linear()
        exact = coefficient(factor, self._like())
        anchor = exact * self.anchor if self.anchor else self.anchor
        return Vector(tuple(u.__rmul__(exact) for u in self.parts), server=self.server, anchor=anchor)

    def __rmul__(self, factor: Scalar) -> Vector:
        """Return the multiple by a scalar."""
        return self * factor

    def __truediv__(self, divisor: Scalar) -> Vector:
        """Return the vector divided by a scalar.

        Raises:
            InputError: the scalar is zero or no number.
        """
        if isinstance(divisor, UnknownTruth):
            self._not_linear()
        exact = coefficient(divisor, self._like())
        if exact == 0:
            raise InputError("the method divides a vector by zero; correct its step(state, run).")
        return self * (1 / (Fraction(exact) if isinstance(exact, int) else exact))

    def _like(self) -> Scalar:
        """Return a coefficient, or None where there is none."""
        for part in self.parts:
            for form in (part.mean, part.deviation):
                for a in form.terms.values():
                    return a
        return None

    def __repr__(self) -> str:
        """Show the parts."""
        return f"Vector({self.parts}, server={self.server})"
