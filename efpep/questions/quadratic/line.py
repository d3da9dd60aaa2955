"""Quadratics on a line, or in the plane: instances on which a step of a method is a matrix.

The agents of one group are alike: ``f_i(x) = h_i |x|^2 / 2``, and the compressor multiplies by a factor, ``C(v) = c_i v``. With
complex factors the line is the complex plane, in which they turn vectors as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.field import RATIONALS, Field, Scalar, coefficient
from efpep.model.participation import Everybody
from efpep.setting import Setting


class OnLine:
    """A vector of a line: one number at the server, or one a group of agents."""

    def __init__(self, numbers: Sequence[Scalar]) -> None:
        """Take the numbers."""
        self.numbers = tuple(numbers)

    def of(self, count: int) -> tuple[Scalar, ...]:
        """Return one number for each of so many groups."""
        return self.numbers * count if len(self.numbers) == 1 else self.numbers

    def _with(self, other: OnLine, sign: int) -> OnLine:
        count = max(len(self.numbers), len(other.numbers))
        return OnLine([a + sign * b for a, b in zip(self.of(count), other.of(count), strict=True)])

    def __add__(self, other: OnLine) -> OnLine:
        """Return the sum, broadcasting server vectors."""
        return self._with(other, 1)

    def __sub__(self, other: OnLine) -> OnLine:
        """Return the difference."""
        return self._with(other, -1)

    def __neg__(self) -> OnLine:
        """Return the negative."""
        return OnLine([-a for a in self.numbers])

    def __mul__(self, factor: Scalar) -> OnLine:
        """Return the multiple; beside rational numbers a float is read at its shortest decimal."""
        number = coefficient(factor, self.numbers[0])
        return OnLine([number * a for a in self.numbers])

    __rmul__ = __mul__

    def __truediv__(self, divisor: Scalar) -> OnLine:
        """Return the vector divided by a number."""
        number = coefficient(divisor, self.numbers[0])
        return OnLine([a / number for a in self.numbers])

    def __bool__(self) -> bool:
        """Refuse: a step is linear."""
        raise _refusal()


class LinearRun:
    """What stands behind a method's step on such an instance."""

    def __init__(self, shares: Sequence[Scalar], curvatures: Sequence[Scalar], factors: Sequence[Scalar]) -> None:
        """Take the groups' shares, their h, and the factors of this step; one more is that of the server's compressor."""
        self._shares, self._curvatures = shares, curvatures
        self._factors, self._at_server = factors[: len(shares)], factors[len(shares) :]

    def local(self, x: OnLine) -> OnLine:
        """Return x for every group."""
        return OnLine(x.of(len(self._shares)))

    def gradient(self, x: OnLine) -> OnLine:
        """Return ``h_i x``."""
        return OnLine([h * a for h, a in zip(self._curvatures, x.of(len(self._shares)), strict=True)])

    def compress(self, v: OnLine) -> OnLine:
        """Return ``c_i v_i``."""
        return OnLine([c * a for c, a in zip(self._factors, v.of(len(self._shares)), strict=True)])

    def participate(self, p: Scalar | None = None, *, count: int | None = None, together: bool = False) -> Everybody:
        """Return all agents; refuse where these are drawn."""
        del together
        if count is not None or p != 1:
            raise _refusal()
        return Everybody(self)

    def compress_at_server(self, v: OnLine) -> OnLine:
        """Return ``c_0 v``."""
        if len(self._at_server) != 1 or len(v.numbers) != 1:
            raise _refusal()
        return OnLine([self._at_server[0] * v.numbers[0]])

    def mean(self, v: OnLine) -> OnLine:
        """Return the average over the agents."""
        numbers = v.of(len(self._shares))
        return OnLine([sum((share * a for share, a in zip(self._shares, numbers, strict=True)), 0 * numbers[0])])

    def __getattr__(self, name: str) -> Any:
        """Refuse whatever else a run offers: constraints, comparisons, projections."""
        if name.startswith("_"):
            raise AttributeError(name)
        return _refuse


def sizes(method: Method, groups: int) -> list[int]:
    """Return how many numbers the iterate and each memory have."""
    return [1, *(1 if memory.server else groups for memory in method.memories)]


def state_of(method: Method, numbers: Sequence[Scalar], groups: int) -> Any:
    """Return the method's state with these numbers: the iterate, then each memory by group."""
    rest = list(numbers)
    fields: dict[str, OnLine] = {}
    for name, size in zip(["x", *(memory.name for memory in method.memories)], sizes(method, groups), strict=True):
        fields[name], rest = OnLine(rest[:size]), rest[size:]
    return method.State(**fields)


def numbers_of(method: Method, state: Any, groups: int) -> list[Scalar]:
    """Return a state's numbers in the order of :func:`state_of`."""
    found: list[Scalar] = []
    for name, size in zip(["x", *(memory.name for memory in method.memories)], sizes(method, groups), strict=True):
        held: OnLine = getattr(state, name)
        found += held.of(size)
    return found


def matrix(
    method: Method, setting: Setting, curvatures: Sequence[Scalar], factors: Sequence[Sequence[Scalar]], field: Field = RATIONALS
) -> list[list[Scalar]]:
    """Return the matrix of some steps, one a list of ``factors``, over the iterate and the memories.

    Numbers are those of ``field``, or arrays of them; then entries are arrays too.
    """
    shares = [field(group.share) for group in setting.populations()]
    zero, order = 0 * curvatures[0], sum(sizes(method, len(shares)))
    columns: list[list[Scalar]] = []
    for k in range(order):
        state = state_of(method, [zero + (1 if j == k else 0) for j in range(order)], len(shares))
        for step in factors:
            run: Any = LinearRun(shares, curvatures, step)
            state = method.step(state, run)
        columns.append(numbers_of(method, state, len(shares)))
    return [list(row) for row in zip(*columns, strict=True)]


def _refuse(*arguments: object) -> NoReturn:
    del arguments
    raise _refusal()


def _refusal() -> CertificateError:
    return CertificateError("on an instance on a line a method may evaluate gradients, compress vectors and average.")
