"""Instances in a plane that exclude a rate on boxes of several parameters.

On ``f = a |x|^2/2`` in the complex plane, with ``C(v) = c v``, a step is linear, and a state that it multiplies by z excludes
all rates below ``|z|^2``. Of a, c and z two determine the third. Two of them are numbers here, and the third is a rational
function of the parameters: without its equation all others have one solution, whose entries are polynomials in the parameters, in
z and in the other number (:mod:`efpep.questions.tune.state_ring`). They are found once for a method.

- With a real a in [mu, L] and a complex z, c is free. The instance is of the class where
  ``|received - sent|^2 <= (1 - delta) |sent|^2``. Where momentum oscillates, compressors that turn a message are slower than
  those that only shorten or lengthen it.
- With real c and z, a is free, and real. The instance is of the class where ``mu <= a <= L``.

Both are inequalities between polynomials; where their controls have the right sign, a whole box is excluded. These are proposals
in double precision; :func:`efpep.questions.tune.line.check_line` decides.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.model.box import Box, Index, Side
from efpep.model.field import Scalar
from efpep.model.polynomial import polynomial, terms_of
from efpep.questions.rate.linear_instances import Factor, known_equations, root_below
from efpep.questions.tune.line import LARGEST_DEGREE, LineWitness
from efpep.questions.tune.state_ring import StateRing
from efpep.questions.tune.tensors import Bernstein, Tensor
from efpep.questions.tune.varying_step import VaryingStep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.conic.status import Floats
    from efpep.questions.rate.question import RateQuestion

_CURVATURES = 4
"""How many curvatures are tried, mu and L among them."""
_SHARES = (0.4, 0.8, 0.95, 0.995)
"""Which parts of the largest compression error are tried."""
_ANGLES = 9
"""How many directions of it, from 0 to pi."""
_NEAR = 0.93
"""Eigenvalues not smaller than this part of the circle are moved onto it; the factor of the compressor changes with them."""
_NEARBY = 6
"""Next to how many of the best instances others are tried."""
_TURNS = np.array([-0.3, -0.12, -0.05, -0.02, -0.007, 0.0, 0.007, 0.02, 0.05, 0.12, 0.3])
"""By which angles z is turned there."""
_ROOM = 1e-9
"""How positive controls have to be, relatively, so that they are so in exact arithmetic."""
_BEYOND = 1e-9
"""How far beyond the circle of the rate z is at least, relatively."""
_PLACES = (3, 5, 8, 12)
"""To how many decimals z is rounded, the first that leaves room."""
_DIGITS = 14
_REAL = 1e-9
_SHORT = Fraction(1, 10**5)
"""Factors that are closer than this to the class's largest or least one are that one."""


@dataclass(frozen=True)
class _Family(ABC):
    """Instances of which one number is free.

    Attributes:
        reading: the step.
        state: the columns of the mean block, by exponents of the parameters, of z, and of the number that is not free.
        left: what is multiplied by the free number.
        right: the result, less what the least one gives (mu), or the middle one (1, of compressors).
        point: the point.
    """

    reading: VaryingStep
    state: Mapping[int, Mapping[Index, Fraction]]
    left: Tensor
    right: Tensor
    point: Tensor

    @classmethod
    def of(cls, reading: VaryingStep, count: int) -> _Family | None:
        """Return the instances of a step with so many parameters, or None where there are none of this kind."""
        free, number = cls._factors()
        columns = reading.built.blocks[0].columns
        known = known_equations(reading.built, reading.trace)
        ring = StateRing(count, number)
        state = ring.kernel([e for e in known if e.factor is not free], columns)
        solved = next((e for e in known if e.factor is free and e.right.terms), None)
        if state is None or solved is None:
            return None
        base = reading.curvatures[0] if free is Factor.CURVATURE else Fraction(1)
        polynomials = [
            ring.at(form, state) for form in (solved.right, solved.left - base * solved.right, reading.built.iterates[0])
        ]
        exact = {j: ring.terms(p) for j, p in state.items()}
        if not polynomials[0] or not polynomials[2] or any(max(e[:count]) > LARGEST_DEGREE for p in exact.values() for e in p):
            return None
        terms = [ring.terms(p) for p in polynomials]
        degrees = tuple(max((e[k] for p in terms for e in p), default=0) for k in range(count))
        return cls(reading, exact, *(Tensor.of(p, count).raised(degrees) for p in terms))

    @staticmethod
    @abstractmethod
    def _factors() -> tuple[Factor, Factor]:
        """Return which number is free, and which is not."""

    @abstractmethod
    def _controls(self, basis: Bernstein, left: Any, right: Any) -> list[tuple[Floats, Floats]]:
        """Return what has to be positive, with its size, from the coefficients on a box."""

    def room(self, box: Box, growths: Any, numbers: Floats) -> Floats:
        """Return how positive the controls are of what has to be so on a box, relatively, by instance."""
        basis = Bernstein.of(box, self.point.degrees)
        left, right, point = (one.numbers(growths, numbers) for one in (self.left, self.right, self.point))
        distance = basis.product(point, point)
        found = np.min(distance, axis=1) / (np.max(distance, axis=1) + 1e-300)
        for controls, size in self._controls(basis, left, right):
            found = np.minimum(found, np.min(controls / (size + 1e-300), axis=1))
        return found

    @abstractmethod
    def candidates(self, radius: float, known: tuple[Floats, Any, Any]) -> tuple[Any, Floats]:
        """Return z and the other number of instances that may be of the class around parameters.

        Args:
            radius: how large z is at least.
            known: curvatures, factors and z of instances at the parameters.
        """

    def nearby(self, radius: float, growths: Any, numbers: Floats, best: Any) -> tuple[Any, Floats]:
        """Return the best instances with others next to them, of which z is at least the radius."""
        del radius
        return growths[best], numbers[best]

    @abstractmethod
    def number(self, value: float) -> Fraction:
        """Return the number that is not free as a fraction."""

    def witness(self, box: Box, growth: tuple[Fraction, Fraction], number: Fraction) -> LineWitness:
        """Return the witness of an instance."""
        count = len(box.sides)
        powers = [(Fraction(1), Fraction(0))]
        while len(powers) <= max((e[count] for p in self.state.values() for e in p), default=0):
            x, y = powers[-1]
            powers.append((x * growth[0] - y * growth[1], x * growth[1] + y * growth[0]))
        parts: list[dict[int, Scalar]] = []
        for part in range(2):
            found: dict[int, Scalar] = {}
            for j, terms in self.state.items():
                own: dict[Index, Fraction] = {}
                for e, a in terms.items():
                    own[e[:count]] = own.get(e[:count], Fraction(0)) + a * powers[e[count]][part] * number ** e[count + 1]
                found[j] = polynomial(own)
            parts.append(found)
        columns = self.reading.built.blocks[0].columns
        degrees = tuple(max((e[k] for p in self.state.values() for e in p), default=0) for k in range(count))
        twice = tuple(2 * d for d in degrees)
        heights = self.reading.values(parts)
        zero = (Fraction(0),) * (len(Box.indices(twice)) - 1)
        return LineWitness(
            box,
            degrees,
            tuple(_coefficients(parts[0][j], degrees) for j in columns),
            tuple(_coefficients(heights.get(k, Fraction(0)), twice) for k in self.reading.built.values_used),
            (growth[0], *zero),
            tuple(_coefficients(parts[1][j], degrees) for j in columns) if growth[1] else (),
            (growth[1], *zero) if growth[1] else (),
        )


class _FreeCompressor(_Family):
    """Curvature and z are numbers."""

    @staticmethod
    def _factors() -> tuple[Factor, Factor]:
        return Factor.CLIENT, Factor.CURVATURE

    def _controls(self, basis: Bernstein, left: Any, right: Any) -> list[tuple[Floats, Floats]]:
        allowed, error = float(self.reading.loss) * basis.product(left, left), basis.product(right, right)
        return [(allowed - error, np.abs(allowed) + np.abs(error))]

    def candidates(self, radius: float, known: tuple[Floats, Any, Any]) -> tuple[Any, Floats]:
        """Return those that are known, with z as it is, and on the circle."""
        curvatures, _, growths = known
        near, outside = np.abs(growths) >= _NEAR * radius, np.abs(growths) > radius
        circle = growths[near] * (radius / np.abs(growths[near]))
        return np.concatenate([growths[outside], circle]), np.concatenate([curvatures[outside], curvatures[near]])

    def nearby(self, radius: float, growths: Any, numbers: Floats, best: Any) -> tuple[Any, Floats]:
        """Return the best ones as they are, and turned by a little, on the circle and beyond."""
        sizes = np.stack([np.full(len(best), radius), np.sqrt(radius * np.abs(growths[best])), np.abs(growths[best])])
        turns = np.exp(1j * (np.angle(growths[best])[None, :] + _TURNS[:, None]))
        around = sizes[:, None, :] * turns[None, :, :]
        around = np.maximum(np.abs(around), radius) * around / np.abs(around)
        return np.concatenate([growths[best], around.ravel()]), np.concatenate(
            [numbers[best], np.tile(numbers[best], around.shape[0] * around.shape[1])]
        )

    def number(self, value: float) -> Fraction:
        """Return the curvature."""
        mu, smoothness = self.reading.curvatures
        return min(max(Fraction(value).limit_denominator(10**6), mu), smoothness)


class _FreeCurvature(_Family):
    """The factor of the compressor and z are real numbers."""

    @staticmethod
    def _factors() -> tuple[Factor, Factor]:
        return Factor.CURVATURE, Factor.CLIENT

    def _controls(self, basis: Bernstein, left: Any, right: Any) -> list[tuple[Floats, Floats]]:
        mu, smoothness = map(float, self.reading.curvatures)
        rest = (smoothness - mu) * left - right
        slopes, rests, both = (basis.product(*pair) for pair in ((right, left), (rest, left), (right, rest)))
        return [(slopes, np.abs(slopes) + np.abs(rests)), (both, np.abs(slopes) + np.abs(rests))]

    def candidates(self, radius: float, known: tuple[Floats, Any, Any]) -> tuple[Any, Floats]:
        """Return those that are real, and all factors with z on both ends of the circle."""
        factors: NDArray[np.complex128] = known[1]
        growths: NDArray[np.complex128] = known[2]
        real = (np.abs(np.imag(growths)) < _REAL) & (np.abs(np.imag(factors)) < _REAL) & (np.abs(growths) >= radius)
        most = float(root_below(self.reading.loss, _DIGITS))
        own = np.unique(np.real(factors[np.abs(np.imag(factors)) < _REAL]))
        own = np.concatenate([own, [1 - most, 1 + most]])
        fixed = np.array(list(itertools.product((radius, -radius), own)))
        return np.concatenate([np.real(growths[real]), fixed[:, 0]]), np.concatenate([np.real(factors[real]), fixed[:, 1]])

    def number(self, value: float) -> Fraction:
        """Return the factor."""
        most = root_below(self.reading.loss, _DIGITS)
        near = Fraction(value).limit_denominator(10**6)
        return next((1 + sign * most for sign in (1, -1) if abs(1 + sign * most - near) < _SHORT), near)


@dataclass(frozen=True)
class Planes:
    """The instances in a plane of a method."""

    reading: VaryingStep
    families: tuple[_Family, ...]

    @classmethod
    def of(cls, rate: RateQuestion, names: Sequence[str]) -> Planes | None:
        """Return the instances of a rate's question where some parameters vary, or None where there are none."""
        reading = VaryingStep.of(rate, names)
        if reading is None:
            return None
        found = [kind.of(reading, len(names)) for kind in (_FreeCurvature, _FreeCompressor)]
        return cls(reading, tuple(family for family in found if family is not None)) if found[1] is not None else None

    @cached_property
    def _tried(self) -> tuple[Floats, Any]:
        """The curvatures and the compressors' factors that are tried, in pairs."""
        mu, smoothness = map(float, self.reading.curvatures)
        most = math.sqrt(float(self.reading.loss))
        factors = [1.0 + 0j]
        for share, angle in itertools.product(_SHARES, np.linspace(0, math.pi, _ANGLES)):
            factors.append(1 + share * most * complex(math.cos(angle), math.sin(angle)))
        pairs = [(mu * (smoothness / mu) ** step, factor) for step in np.linspace(0, 1, _CURVATURES) for factor in factors]
        return np.array([a for a, _ in pairs]), np.array([c for _, c in pairs])

    def _known(self, values: Sequence[float], tried: tuple[Floats, Any]) -> tuple[Floats, Any, Any]:
        """Return curvatures, factors and eigenvalues of instances at parameters."""
        curvatures, factors = tried
        family = self.families[-1]
        sent, error = family.left.at(values, curvatures), family.right.at(values, curvatures)
        size = max(error.shape[1], sent.shape[1])
        error, sent = (np.pad(p, ((0, 0), (0, size - p.shape[1]))) for p in (error, sent))
        found = error + (1 - factors)[:, None] * sent
        degree = int(np.max(np.nonzero(np.any(found != 0, axis=0))[0], initial=0))
        if degree == 0:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        leading = np.abs(found[:, degree]) > 0
        curvatures, factors, found = curvatures[leading], factors[leading], found[leading]
        companion = np.zeros((len(found), degree, degree), complex)
        companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1
        companion[:, :, -1] = -found[:, :degree] / found[:, degree : degree + 1]
        return np.repeat(curvatures, degree), np.repeat(factors, degree), np.linalg.eigvals(companion).ravel()

    def rate(self, values: Sequence[float]) -> float:
        """Return the largest ``|z|^2`` of the instances with the largest compression errors at parameters, numerically."""
        most, found = math.sqrt(float(self.reading.loss)), 0.0
        curvatures, angles = np.array([float(a) for a in self.reading.curvatures]), np.linspace(0, math.pi, _ANGLES)
        for _ in range(2):
            pairs = np.repeat(curvatures, len(angles)), np.tile(1 + most * np.exp(1j * angles), len(curvatures))
            known, factors, growths = self._known(values, pairs)
            if not len(growths):
                return found
            worst = int(np.argmax(np.abs(growths)))
            found = max(found, float(np.abs(growths[worst]) ** 2))
            turn = abs(float(np.angle(factors[worst] - 1)))
            curvatures, angles = known[worst : worst + 1], turn + np.linspace(-1, 1, _ANGLES) * (math.pi / _ANGLES)
        return found

    def axis(self, box: Box, excluded: Fraction) -> int:
        """Return the parameter along which a finite box should be cut: without its width the instances have the most room."""
        radius = math.sqrt(float(excluded)) * (1 + _BEYOND)
        values = [float(side.middle) for side in box.sides]
        known = self._known(values, self._tried)
        best = [-math.inf] * len(box.sides)
        for axis, side in enumerate(box.sides):
            near = Side(side.middle, side.middle + ((side.upper or side.middle) - side.lower) / 1000)
            thin = Box((*box.sides[:axis], near, *box.sides[axis + 1 :]))
            for family in self.families:
                growths, numbers = family.candidates(radius, known)
                if len(growths):
                    best[axis] = max(best[axis], float(np.max(family.room(thin, growths, numbers))))
        return max(range(len(best)), key=best.__getitem__)

    def over(self, box: Box, excluded: Fraction) -> LineWitness | None:
        """Return an instance that may exclude a rate on a whole box, or None."""
        if any(side.upper is None for side in box.sides):
            return None
        radius = math.sqrt(float(excluded)) * (1 + _BEYOND)
        values = [float(side.middle) for side in box.sides]
        known = self._known(values, self._tried)
        for family in self.families:
            growths, numbers = family.candidates(radius, known)
            if not len(growths):
                continue
            room = family.room(box, growths, numbers)
            growths, numbers = family.nearby(radius, growths, numbers, np.argsort(-room)[:_NEARBY])
            room = family.room(box, growths, numbers)
            best = int(np.argmax(room))
            if not room[best] > _ROOM:
                continue
            number = family.number(float(numbers[best]))
            for places in _PLACES:
                growth = _outward(complex(growths[best]), places, excluded)
                one = np.array([complex(float(growth[0]), float(growth[1]))])
                if family.room(box, one, np.array([float(number)]))[0] > max(room[best] / 4, _ROOM):
                    return family.witness(box, growth, number)
        return None


def _coefficients(value: Scalar, degrees: Index) -> tuple[Fraction, ...]:
    terms = terms_of(value, len(degrees))
    return tuple(terms.get(index, Fraction(0)) for index in Box.indices(degrees))


def _outward(growth: complex, places: int, excluded: Fraction) -> tuple[Fraction, Fraction]:
    """Return a number of so many decimals next to z, of which ``|z|^2`` is at least the rate."""
    scale = 10**places
    real, imaginary = (int(math.copysign(math.ceil(abs(part) * scale - 1e-3), part)) for part in (growth.real, growth.imag))
    if abs(growth.imag) < 1e-9:
        imaginary = 0
    while Fraction(real**2 + imaginary**2, scale**2) < excluded:
        real, imaginary = (part + (part > 0) - (part < 0) for part in (real, imaginary))
    return Fraction(real, scale), Fraction(imaginary, scale)
