"""Instances on a line, read off a recording: parabolas ``f_i(x) = a_i x^2/2`` and compressors ``C_i(v) = c_i v``.

On them every recorded vector is a number, and the columns of the mean block satisfy linear equations, one for each gradient
(``g = a x``), each message (received ``= c`` sent) and, for a state that a step multiplies by z, each feature (after
``= z`` before).
"""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import flint

from efpep.model.exact import relations
from efpep.model.field import Scalar
from efpep.model.linear import ZERO, Linear
from efpep.proof.moments import Numbers

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.questions.common.step_inequalities import StepInequalities

_flint: Any = flint
_ZERO: Any = _flint.fmpq(0)
_DIGITS = 15


class Factor(enum.Enum):
    """What the right side of an equation is multiplied by."""

    CURVATURE = "the curvature of a group"
    CLIENT = "the factor of a group's compressor"
    SERVER = "the factor of the server's compressor"
    GROWTH = "what a step multiplies the state by"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LineEquation:
    """``left = factor * right`` over the columns of the mean block.

    Attributes:
        left: the left side.
        right: what is multiplied on the right side.
        factor: by what.
        group: whose factor it is, where groups have their own.
    """

    left: Linear
    right: Linear
    factor: Factor
    group: int = 0


@dataclass(frozen=True, slots=True)
class LinearInstance:
    """The numbers of an instance and of a state of it.

    Attributes:
        curvatures: ``a_i`` by group.
        clients: ``c_i`` by group.
        server: the factor of the server's compressor.
        growth: by what a step multiplies the state.
    """

    curvatures: tuple[Scalar, ...]
    clients: tuple[Scalar, ...]
    server: Scalar = Fraction(1)
    growth: Scalar = Fraction(1)

    def of(self, equation: LineEquation) -> Scalar:
        """Return the factor of an equation."""
        match equation.factor:
            case Factor.CURVATURE:
                return self.curvatures[equation.group]
            case Factor.CLIENT:
                return self.clients[equation.group]
            case Factor.SERVER:
                return self.server
            case Factor.GROWTH:
                return self.growth
            case Factor.NOTHING:
                return Fraction(0)

    def form(self, equation: LineEquation) -> Linear:
        """Return the form that vanishes by an equation."""
        return equation.left - self.of(equation) * equation.right

    def rows(self, known: Sequence[LineEquation], columns: Sequence[int]) -> list[Any]:
        """Return the coefficients of :meth:`form` of equations at columns, one equation after the other, as flint's numbers."""
        place = {j: k for k, j in enumerate(columns)}
        found: list[Any] = [_ZERO] * (len(known) * len(columns))
        for i, equation in enumerate(known):
            first = i * len(columns)
            for j, a in equation.left.terms.items():
                found[first + place[j]] = flint_number(a)
            if equation.right.terms:
                factor = flint_number(self.of(equation))
                for j, a in equation.right.terms.items():
                    found[first + place[j]] -= factor * flint_number(a)
        return found


def equations(built: StepInequalities, trace: Trace) -> Iterator[LineEquation]:
    """Yield the equations of a recorded step."""
    before, after = built.iterates
    yield LineEquation(after, before, Factor.GROWTH)
    for feature in (f for block in built.blocks if block.index == 0 for f in block.features):
        yield LineEquation(feature.after, feature.before, Factor.GROWTH)
    for a in range(len(trace.groups)):
        for sample in trace.history(a):
            yield LineEquation(sample.gradient.mean, sample.x.mean, Factor.CURVATURE, a)
        yield LineEquation(trace.gradient_at_minimiser.part(a).mean, ZERO, Factor.NOTHING)
    for m in trace.messages:
        of = Factor.SERVER if m.group is None else Factor.CLIENT
        yield LineEquation(m.received.mean - m.noise.mean, m.sent.mean, of, m.group or 0)
        yield LineEquation(m.noise.mean, ZERO, Factor.NOTHING)


def moments(built: StepInequalities, trace: Trace, curvatures: Sequence[Scalar], state: Sequence[Scalar]) -> Numbers:
    """Return the Gram matrices and function values of an instance for the first relation of the question.

    Args:
        built: the question.
        trace: its recording.
        curvatures: ``a_i`` by group.
        state: the columns of the mean block.
    """
    return _moments(built, trace, curvatures, state, (flint_number, fraction))


def attained_moments(built: StepInequalities, trace: Trace, instance: LinearInstance) -> Numbers | None:
    """Return the moments of an instance in the state that it multiplies by its growth, None where there is none, in any field.

    That is :func:`solution` and :func:`moments` for a recording, and numbers of an instance, in whatever field.
    """
    columns = built.blocks[0].columns
    forms = [instance.form(equation) for equation in known_equations(built, trace)]
    found = relations([[form.terms.get(j, 0) for form in forms] for j in columns])
    if len(found) != 1:
        return None
    state = dict(zip(columns, found[0], strict=True))
    numbers = [state.get(j, 0) for j in range(len(trace.blocks[0]))]
    return _moments(built, trace, instance.curvatures, numbers, (lambda a: a, lambda a: a))


def known_equations(built: StepInequalities, trace: Trace) -> list[LineEquation]:
    """Return the equations of a recorded step that are about columns of the question's mean block alone."""
    columns = set(built.blocks[0].columns)
    return [e for e in equations(built, trace) if {*e.left.terms, *e.right.terms} <= columns]


def _moments(
    built: StepInequalities,
    trace: Trace,
    curvatures: Sequence[Scalar],
    state: Sequence[Scalar],
    field: tuple[Callable[[Scalar], Any], Callable[[Any], Scalar]],
) -> Numbers:
    """Return moments, computed in a field: what makes numbers its elements, and what makes its elements numbers."""
    read, written = field
    relation = built.system.relations[0]
    point = {j: read(state[j]) for block in relation.blocks if block.index == 0 for j in block.columns}
    grams = tuple(_gram([0 if block.index else point[j] for j in block.columns], written) for block in relation.blocks)
    values: dict[int, Scalar] = {}
    for a in range(len(trace.groups)):
        for sample in trace.history(a):
            x = sum(read(b) * read(state[j]) for j, b in sample.x.mean.terms.items())
            own = sum(
                (1 if i == j else 2) * read(b) * point[i] * point[j]
                for (i, j), b in sample.value.blocks.get(0, {}).items()
                if i in point and j in point
            )
            for k, b in sample.excess.values.items():
                values[k] = written((read(curvatures[a]) * x * x / 2 - own) / read(b))
    return grams, tuple(values.get(k, Fraction(0)) for k in relation.values)


def _gram(line: Sequence[Any], written: Callable[[Any], Scalar]) -> tuple[tuple[Scalar, ...], ...]:
    """Return the products of numbers."""
    found = [[written(a * b) for b in line[: i + 1]] for i, a in enumerate(line)]
    return tuple(tuple(found[i][j] if j <= i else found[j][i] for j in range(len(line))) for i in range(len(line)))


def solution(instance: LinearInstance, known: Sequence[LineEquation], columns: Sequence[int]) -> dict[int, Fraction] | None:
    """Return the numbers of columns, unique up to a factor, that satisfy equations; None where they are not.

    Args:
        instance: the numbers of the instance.
        known: equations over the columns.
        columns: the columns.
    """
    found: Any = _flint.fmpq_mat(len(known), len(columns), instance.rows(known, columns)).rref()
    echelon, rank = found[0], int(found[1])
    if rank != len(columns) - 1:
        return None
    pivots = [next(j for j in range(rank + 1) if echelon[i, j] != 0) for i in range(rank)]
    (free,) = set(range(rank + 1)) - set(pivots)
    state = {columns[free]: Fraction(1)}
    for i, j in enumerate(pivots):
        state[columns[j]] = -fraction(echelon[i, free])
    return state


def flint_number(number: Scalar) -> Any:
    """Return a number as one of flint's."""
    if number == 0:
        return _ZERO
    exact = number if type(number) is Fraction else Fraction(number)
    return _flint.fmpq(exact.numerator, exact.denominator)


def fraction(number: Any) -> Fraction:
    """Return a number of flint's, or zero."""
    return _in_lowest_terms(int(number.p), int(number.q)) if number else _NONE


def _coprime() -> Callable[[int, int], Fraction]:
    """Return what makes a fraction of a numerator and a positive denominator that flint has brought to lowest terms."""
    known: Any = Fraction
    made: Callable[[int, int], Fraction] | None = getattr(known, "_from_coprime_ints", None)
    return made or (lambda p, q: known(p, q, _normalize=False))


_in_lowest_terms = _coprime()
_NONE = Fraction(0)


def root_above(value: Fraction, digits: int = _DIGITS) -> Fraction:
    """Return the square root of a number of [0, 1] where it is rational, else a decimal just above it."""
    below = root_below(value, digits)
    return below if below * below == value else below + Fraction(1, 10**digits)


def root_below(value: Fraction, digits: int = _DIGITS) -> Fraction:
    """Return the square root of a number of [0, 1] where it is rational, else a decimal just below it."""
    exact = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    if exact * exact == value:
        return exact
    return Fraction(math.isqrt(math.floor(value * 10 ** (2 * digits))), 10**digits)
