"""Instances on a line that exclude a rate on ranges of step sizes, read off recordings at a few of them.

On ``f = a x^2/2`` with ``C(v) = c v`` a step of a method that moves along gradients times its step size eta depends on
``a eta`` alone. Of a, c and an eigenvalue z of the step, with ``z^2`` the rate of the best step size, two determine the third.

- With the class's largest error ``c - 1`` the product ``theta = a eta`` is one number, which serves every step size of
  ``[theta/L, theta/mu]``: with a positive z below the best one, with a negative z above it, as closely as such instances attain
  the rate.
- Further away, a is L (or mu), and the error of the compressor becomes less towards 0 (or infinity), until it vanishes and the
  method is gradient descent.
- From there on ``f = mu x^2/2`` without errors is slow, with ``z = 1 - mu eta``.

In each the vectors are linear in eta. These are proposals; :func:`efpep.questions.tune.line.check_line` decides.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.outward import places_of
from efpep.errors import InputError
from efpep.model.box import Box, Side
from efpep.model.field import Scalar
from efpep.model.linear import Linear
from efpep.model.polynomial import polynomial
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.inequalities import recorded
from efpep.questions.rate.linear_instances import (
    Factor,
    LinearInstance,
    LineEquation,
    known_equations,
    moments,
    root_above,
    root_below,
    solution,
)
from efpep.questions.tune.line import LineWitness
from efpep.questions.tune.question import STEP

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.questions.rate.question import RateQuestion

_DIGITS = 16
_SHOWN, _FINE = 17, 40
"""The digits of ends of ranges: of those next to the best step size, and of others."""
_SLOWEST, _ITERATIONS, _MET = 30, 20, 1e-11
"""The largest ``-log2(1 - z)`` that is tried, how often it is corrected, and the relative gap of instances that meet."""
_SPARE = Fraction(1, 10**14)
"""How much smaller compression errors are than the class's, so that ranges overlap though their ends are rounded."""
_STEPS = (Fraction(1), Fraction(2), Fraction(3))


@dataclass(frozen=True, slots=True)
class StepLine:
    """An instance that multiplies its state by the same number for every step size of a range.

    Attributes:
        numbers: its numbers; what is free is missing or does not count.
        free: which factor depends on the step size: curvature, or that of the clients' compressors.
        theta: the product of curvature and step size, where the curvature is free.
        side: the step sizes for which the instance is of the class.
    """

    numbers: LinearInstance
    free: Factor
    theta: Fraction
    side: Side

    @property
    def end(self) -> Fraction:
        """The largest of its step sizes."""
        return self.side.lower if self.side.upper is None else self.side.upper

    def curvature(self, step: Fraction) -> Scalar:
        """Return the curvature at a step size."""
        return self.theta / step if self.free is Factor.CURVATURE else self.numbers.curvatures[0]


@dataclass(frozen=True, slots=True)
class Outside:
    """What instances on a line exclude around a step size; nothing of it is checked.

    Attributes:
        witnesses: the instances.
        lower: where those below the step size end, or None where there are none.
        upper: where those above it begin, or None where there are none.
        rest: what they leave of the step sizes outside these two: next to 0 and to infinity, or everything on a side.
    """

    witnesses: tuple[LineWitness, ...]
    lower: Fraction | None
    upper: Fraction | None
    rest: tuple[Side, ...]


@dataclass(frozen=True)
class Lines:
    """Recorded steps at a few step sizes, and the class's numbers.

    Attributes:
        recordings: the inequalities and the recording at the step sizes 1, 2 and 3.
        mu: the least curvature.
        smoothness: the largest one.
        losses: ``1 - delta`` of clients and server, 0 where nothing is compressed.
    """

    recordings: tuple[_StepAt, ...]
    mu: Fraction
    smoothness: Fraction
    losses: tuple[Fraction, Fraction]

    @classmethod
    def of(cls, rate: RateQuestion) -> Lines | None:
        """Return what is read off recorded steps of a rate's question; None where no instance on a line is one of it."""
        groups = rate.setting.populations()
        if len(groups) != 1:
            return None
        mu, smoothness = groups[0].functions.curvature, groups[0].functions.smoothness
        if not 0 < mu < smoothness < math.inf:
            return None
        try:
            found = tuple(_StepAt.of(rate, step) for step in _STEPS)
        except InputError:
            return None
        built, trace = found[0].built, found[0].trace
        if trace.projects or trace.constraint is not None or trace.draws is not None or built.state_row_count is not None:
            return None
        shapes = {(one.built.blocks[0].columns, one.built.values_used) for one in found}
        losses = tuple(
            Fraction(0) if c is None or c.contraction is None else 1 - Fraction(c.contraction)
            for c in (groups[0].compressor, trace.server_compressor)
        )
        if len(shapes) != 1 or not all(0 <= loss < 1 for loss in losses):
            return None
        return cls(found, Fraction(mu), Fraction(smoothness), (losses[0], losses[1]))

    # --- which instances ----------------------------------------------------------------------------------------------

    def over(self, side: Side, excluded: Fraction) -> LineWitness | None:
        """Return an instance that may exclude a rate on a whole range, or None."""
        if side.upper is None or side.lower <= 0:
            return self.still(side, excluded)
        for line in self._lines(excluded):
            if line.side.lower <= side.lower and side.upper <= line.end:
                return self.witness(replace(line, side=side))
        return None

    def outside(self, best: Fraction, excluded: Fraction) -> Outside:
        """Return instances that may exclude a rate on both sides of a step size."""
        lines = list(self._lines(excluded))
        below = max((line for line in lines if line.end <= best), key=lambda line: line.end, default=None)
        above = min((line for line in lines if line.side.lower >= best), key=lambda line: line.side.lower, default=None)
        found: list[LineWitness] = []
        rest: list[Side] = []
        for first, upward in ((below, False), (above, True)):
            if first is not None:
                for side, witness in self._further(first, excluded, upward=upward):
                    if witness is None:
                        rest.append(side)
                    else:
                        found.append(witness)
        return Outside(
            tuple(found), None if below is None else below.end, None if above is None else above.side.lower, tuple(rest)
        )

    def meeting(self) -> Fraction | None:
        """Return the step size at which instances that exclude what is below and what is above it meet, numerically; or None.

        With a slower z there is a gap between them, and with a faster one they overlap: the place is bracketed from the slow
        side, and found by the false position with halving (Illinois).
        """
        slow, fast = -_SLOWEST, -_SLOWEST
        gap = overlap = self._gap(slow)
        while gap is not None and overlap is not None and overlap[0] > overlap[1] and fast < -1:
            slow, gap, fast = fast, overlap, fast + 1
            overlap = self._gap(fast)
        if gap is None or overlap is None or overlap[0] > overlap[1]:
            return None
        (left, right), last = (math.log(ends[0] / ends[1]) for ends in (gap, overlap)), 0
        middle = gap
        for _ in range(_ITERATIONS):
            place = (slow * right - fast * left) / (right - left)
            found = self._gap(place)
            if found is None:
                return None
            middle, size = found, math.log(found[0] / found[1])
            if abs(size) < _MET:
                break
            if size > 0:
                slow, left, right, last = place, size, right / 2 if last > 0 else right, 1
            else:
                fast, left, right, last = place, left / 2 if last < 0 else left, size, -1
        return _rounded(Fraction((middle[0] + middle[1]) / 2), _SHOWN, up=False)

    def _gap(self, exponent: float) -> tuple[float, float] | None:
        """Return where instances with ``z = 1 - 2^exponent`` above begin, and where those below end.

        Raises:
            OverflowError: a step size is no double.
        """
        growth = 1 - Fraction(2**exponent)
        lines = list(self._lines(growth * growth))
        above = [float(line.side.lower) for line in lines if line.numbers.growth < 0]
        below = [float(line.end) for line in lines if line.numbers.growth > 0]
        if 0.0 in (*above, *below):
            raise OverflowError  # step sizes below the least double
        return (min(above), max(below)) if above and below else None

    def _lines(self, excluded: Fraction) -> Iterator[StepLine]:
        """Yield the instances with the class's largest compression errors, whose curvature depends on the step size."""
        digits = _digits(excluded)
        growth = root_above(excluded, digits) + Fraction(1, 10 ** (digits - 2))  # so that what meets at z overlaps
        errors = [max(root_below(loss, digits) - _SPARE, Fraction(0)) for loss in self.losses]
        factors = [(1 + error, 1 - error) if error else (Fraction(1),) for error in errors]
        for z, client, server in itertools.product((growth, -growth), *factors):
            numbers = LinearInstance((), (client,), server, z)
            theta = self.recordings[0].product(numbers)
            if theta is not None and theta > 0:
                inner, outer = (_SHOWN, _FINE) if z < 0 else (_FINE, _SHOWN)
                lower, upper = _rounded(theta / self.smoothness, inner, up=True), _rounded(theta / self.mu, outer, up=False)
                if lower < upper:
                    yield StepLine(numbers, Factor.CURVATURE, theta, Side(lower, upper))

    def _further(self, line: StepLine, excluded: Fraction, *, upward: bool) -> Iterator[tuple[Side, LineWitness | None]]:
        """Yield the ranges of a line and of what is beyond it, each with an instance, or None where none is found."""
        yield line.side, self.witness(line)
        size = abs(Fraction(line.numbers.growth))
        if upward:
            slow = max(line.end, _rounded((1 + size) / self.mu, _FINE, up=True))
            gap, rest, curvature = (line.end, slow), Side(slow, None), self.mu
        else:
            slow = line.side.lower if size >= 1 else min(line.side.lower, _rounded((1 - size) / self.mu, _FINE, up=False))
            gap, rest, curvature = (slow, line.side.lower), Side(Fraction(0), slow), self.smoothness
        yield rest, self.still(rest, excluded)
        if gap[0] < gap[1]:
            numbers = replace(line.numbers, curvatures=(curvature,))
            yield Side(*gap), self.witness(StepLine(numbers, Factor.CLIENT, Fraction(0), Side(*gap)))

    # --- their witnesses ----------------------------------------------------------------------------------------------

    def still(self, side: Side, excluded: Fraction) -> LineWitness | None:
        """Return the instance in which only the point moves: ``f = mu x^2/2`` without compression errors; None where it is fast.

        It does not depend on the step size, and z is ``1 - mu eta``.
        """
        columns = self.recordings[0].built.blocks[0].columns
        if any(list(one.built.iterates[0].terms) != [columns[0]] for one in self.recordings):
            return None
        first, second = (Fraction(one.built.iterates[1].terms.get(columns[0], 0)) for one in self.recordings[:2])
        growth = (2 * first - second, second - first, Fraction(0))
        square = polynomial({(0,): growth[0] ** 2 - excluded, (1,): 2 * growth[0] * growth[1], (2,): growth[1] ** 2})
        box = Box((side,))
        slow = all(a >= 0 for a in box.scaled_controls(square, (2,)).values())
        if not slow or not all(one.moves(columns[0], z) for one, z in zip(self.recordings, (first, second), strict=False)):
            return None
        zero = Fraction(0)
        state = tuple((Fraction(int(k == 0)), zero) for k in range(len(columns)))
        return LineWitness(box, (1,), state, tuple((zero,) * 3 for _ in self.recordings[0].built.values_used), growth)

    def witness(self, line: StepLine) -> LineWitness | None:
        """Return the witness of an instance on its range: vectors are linear in the step size, values quadratic."""
        states = self._states(line)
        if states is None:
            return None
        first, second, third = (
            moments(one.built, one.trace, (line.curvature(one.step),), state)[1]
            for one, state in zip(self.recordings, states, strict=True)
        )
        values: list[tuple[Fraction, ...]] = []
        for a, b, c in zip(first, second, third, strict=True):
            square = (a - 2 * b + c) / 2
            linear = b - a - 3 * square
            values.append((a - linear - square, linear, square))
        state = tuple((2 * states[0][j] - states[1][j], states[1][j] - states[0][j]) for j in self.recordings[0].columns)
        growth = (Fraction(line.numbers.growth), Fraction(0), Fraction(0))
        return LineWitness(Box((line.side,)), (1,), state, tuple(values), growth)

    def _states(self, line: StepLine) -> list[list[Fraction]] | None:
        """Return the eigenvectors at the recorded step sizes, scaled so that they are linear in these; None where they are not.

        The point is 1 in each, or the step size.
        """
        found: list[list[Fraction]] = []
        for one in self.recordings:
            state = one.eigenvector(line.numbers, line.free)
            size = Fraction(0) if state is None else _at(one.built.iterates[0], state)
            if state is None or not size:
                return None
            found.append([state.get(j, Fraction(0)) / size for j in range(len(one.trace.blocks[0]))])
        longer = [[one.step * a for a in state] for one, state in zip(self.recordings, found, strict=True)]
        return next((states for states in (longer, found) if all(a + c == 2 * b for a, b, c in zip(*states, strict=True))), None)


@dataclass(frozen=True)
class _StepAt:
    """A step, recorded at a step size.

    Attributes:
        step: the step size.
        built: the inequalities.
        trace: the recording.
        known: the equations of the columns that are used.
    """

    step: Fraction
    built: StepInequalities
    trace: Trace
    known: tuple[LineEquation, ...]

    @classmethod
    def of(cls, rate: RateQuestion, step: Fraction) -> _StepAt:
        """Record a step of a rate's question at a step size; raises as :func:`recorded`."""
        method = replace(rate.method, **{STEP: step})
        built, trace = recorded(method, rate.setting, rate.metric, lyapunov_class=rate.lyapunov_class)
        return cls(step, built, trace, tuple(known_equations(built, trace)))

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns of the mean block that are used."""
        return self.built.blocks[0].columns

    def eigenvector(self, numbers: LinearInstance, free: Factor) -> dict[int, Fraction] | None:
        """Return the state that an instance multiplies, up to a factor; None where there is not exactly one."""
        return solution(numbers, [e for e in self.known if e.factor is not free], self.columns)

    def moves(self, column: int, growth: Fraction) -> bool:
        """Whether a step multiplies every feature by a number where one column alone is not zero."""
        features = (f for block in self.built.blocks if not block.index for f in block.features)
        return all(f.after.terms.get(column, 0) == growth * f.before.terms.get(column, 0) for f in features)

    def product(self, numbers: LinearInstance) -> Fraction | None:
        """Return the product of step size and curvature with which an instance has its eigenvalue, or None."""
        state = self.eigenvector(numbers, Factor.CURVATURE)
        if state is None:
            return None
        pairs = ((_at(e.left, state), _at(e.right, state)) for e in self.known if e.factor is Factor.CURVATURE)
        return next((self.step * gradient / point for gradient, point in pairs if point), None)


def _digits(rate: Fraction) -> int:
    """Return how many decimals of a root of the rate tell it from 1."""
    return _DIGITS + max(0, places_of(1 - rate, 1)) if rate < 1 else _DIGITS


def _rounded(value: Fraction, digits: int, *, up: bool) -> Fraction:
    """Return a positive number to so many digits, rounded up or down."""
    scale = Fraction(10) ** places_of(value, digits)
    return Fraction((math.ceil if up else math.floor)(value * scale)) / scale


def _at(form: Linear, state: dict[int, Fraction]) -> Fraction:
    return sum((a * state[j] for j, a in form.terms.items() if j in state), Fraction(0))
