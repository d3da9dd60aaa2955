"""Rates that a linear instance attains, without a search.

On ``f_i = a x^2/2`` with a = mu or L and ``C(v) = (1 +- s) v`` a step is a matrix. The square of its largest eigenvalue z is a
lower end of every class of Lyapunov functions, and often the rate. Then ``Z = w w'`` with the eigenvector w is a solution of the
dual, which says of all primal ones that ``S w = 0``, and the semidefinite program on this face has an interior
(:mod:`efpep.conic.exposed_face`): one solve in double precision, at the rate itself, replaces the search.

*Lower end.* A rational z slightly inside and a rational s below its root determine the state, and the state the curvature, which
is rational because it is the ratio of gradient and point: an instance of the class with exactly the rate ``z^2``.
*Upper end.* At a rate slightly above ``z^2`` the point of the face's interior has room on all sides.

Both pass the exact check of every other certificate. Where the instance is not tight, the face has no interior and nothing is
found; then the search begins as it would without this.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.conic.exposed_face import Exposed, interior, pairings
from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.program import Program
from efpep.conic.repair import covered
from efpep.conic.rounding import Rounding
from efpep.conic.solver import Solver
from efpep.conic.triangle import entry
from efpep.conic.units import dyadic
from efpep.model.field import Scalar
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.rate.enclosure import Enclosure, outward, sharp_width
from efpep.questions.rate.linear_instances import Factor, LinearInstance, equations, moments, root_below, vanishing

if TYPE_CHECKING:
    from efpep.conic.status import Floats
    from efpep.model.form import Form
    from efpep.model.trace import Trace
    from efpep.questions.rate.question import RateQuestion

_PART = 12
"""The ends are away from ``z^2`` by such a part of the width of a sharp enclosure."""
_TOLERANCE = 1e-9
_REAL = 1e-12
_EXACT = 1e-9
"""By how much equations between doubles may fail, relatively."""
_TIED = 1e-12
"""Instances are equally slow whose eigenvalues differ by less."""
_FINEST = Fraction(1, 10**13)
"""How far from ``z^2`` ends have to be at least, which is known in double precision."""
_LEAST_MARGIN = 1e-10
_MARGIN = 1 / 8
"""Which part of the decrease of the instance, at a rate above its own, the multiple of the metric takes."""


@dataclass(frozen=True)
class _Slow:
    """An instance with the eigenvalue of its step that is largest in modulus.

    Attributes:
        steep: whether its curvature is the largest of the class, rather than the least.
        client: the sign of what the clients' compressors add to a message.
        server: that of the server's.
        growth: the eigenvalue.
        state: the eigenvector: the used columns of the mean block, in the units of the solver.
    """

    steep: bool
    client: int
    server: int
    growth: float
    state: Floats


def attained(question: RateQuestion, trace: Trace, lmi: Lmi, solver: Solver, width: Fraction) -> Enclosure | None:
    """Return a sharp enclosure of the rate where a linear instance attains it, else None.

    Args:
        question: the question.
        trace: its recording.
        lmi: its linear matrix inequalities.
        solver: who finds the point of the interior.
        width: how wide the enclosure may be.
    """
    if not _applies(question, trace):
        return None
    line = _Reading(question, trace, lmi)
    slow = list(line.slowest())
    if not slow or abs(slow[0].growth) >= 1:
        return None
    rate = Fraction(slow[0].growth) ** 2
    room = sharp_width(1 - rate, width) / _PART
    if room < _FINEST or lmi.reduced:
        return None
    upper = line.upper(slow, outward(rate + room, room, up=True), solver)
    lower = None if upper is None else line.lower(slow[0], rate - room, solver)
    found = Enclosure(lower, upper, solver.name)
    return found if found.sharp(width) else None


def _applies(question: RateQuestion, trace: Trace) -> bool:
    """Whether V is the best one of the current state with semidefinite weights, agents are alike, and nothing is projected."""
    plain = question.given is None and not question.system.free and question.lyapunov_class.memory == 0
    alike = len(trace.groups) == 1 and not trace.projects and trace.constraint is None and trace.draws is None
    return plain and alike and trace.groups[0].functions.curvature < trace.groups[0].functions.smoothness


class _Reading:
    """The equations of a recorded step as arrays, and what follows from them."""

    def __init__(self, question: RateQuestion, trace: Trace, lmi: Lmi) -> None:
        self._question, self._trace, self._lmi = question, trace, lmi
        mean = question.inequalities.blocks[0]
        self._columns = mean.columns
        used = set(mean.columns)
        self._equations = [e for e in equations(question.inequalities, trace) if used >= {*e.left.terms, *e.right.terms}]
        sizes = np.array([float(lmi.measures.relations[0].columns[0][j]) for j in mean.columns])
        self._left = self._rows([e.left.terms for e in self._equations]) * sizes
        self._right = self._rows([e.right.terms for e in self._equations]) * sizes
        self._sizes = sizes
        functions = trace.groups[0].functions
        self._range = Fraction(functions.curvature), Fraction(functions.smoothness)
        compressors = trace.groups[0].compressor, trace.server_compressor
        self._losses = [Fraction(0) if c is None or c.contraction is None else 1 - Fraction(c.contraction) for c in compressors]

    def _rows(self, terms: Sequence[dict[int, Scalar]]) -> Floats:
        place = {j: i for i, j in enumerate(self._columns)}
        rows = np.zeros((len(terms), len(place)))
        for row, own in zip(rows, terms, strict=True):
            for j, a in own.items():
                row[place[j]] = float(a)
        return rows

    # --- the slowest instances ----------------------------------------------------------------------------------------

    def slowest(self) -> Iterator[_Slow]:
        """Yield the instances with the largest eigenvalue, where it is real."""
        servers = (1, -1) if self._losses[1] else (1,)
        clients = (1, -1) if self._losses[0] else (1,)
        found = [
            slow
            for steep, client, server in itertools.product((False, True), clients, servers)
            for slow in self._eigenvalues(steep, client, server)
        ]
        most = max((abs(slow.growth) for slow in found), default=0.0)
        worst = [slow for slow in found if abs(slow.growth) >= most - _TIED]
        if all(math.isfinite(slow.growth) and slow.state.size for slow in worst):
            yield from worst

    def _eigenvalues(self, steep: bool, client: int, server: int) -> Iterator[_Slow]:
        """Yield the largest eigenvalues of an instance; without a state where they are not real."""
        roots = [math.sqrt(loss) for loss in self._losses]
        numbers = LinearInstance((float(self._range[steep]),), (1 + client * roots[0],), 1 + server * roots[1])
        moving = np.array([e.factor is Factor.GROWTH for e in self._equations])
        factors = np.array([float(numbers.of(e)) for e in self._equations])
        resting = (self._left - factors[:, None] * self._right)[~moving]
        free = _null(resting)
        before, after = self._right[moving] @ free, self._left[moving] @ free
        step, *_ = np.linalg.lstsq(before, after, rcond=None)
        if np.max(np.abs(before @ step - after), initial=0.0) > _EXACT * np.max(np.abs(after), initial=1e-300):
            return
        values, vectors = np.linalg.eig(step)
        most = np.max(np.abs(values), initial=0.0)
        for z, vector in zip(values, vectors.T, strict=True):
            if abs(z) < most - _TIED:
                continue
            if abs(z.imag) > _REAL * most:
                yield _Slow(steep, client, server, float(abs(z)), np.zeros(0))
                return
            state = free @ np.real(vector)
            yield _Slow(steep, client, server, float(z.real), state / np.linalg.norm(state))

    # --- the lower end ------------------------------------------------------------------------------------------------

    def lower(self, slow: _Slow, rate: Fraction, solver: Solver) -> LowerWitness | None:
        """Return the witness of an instance of the class with about this rate, or None where none is found."""
        digits = max(12, 2 - math.floor(math.log10(Fraction(slow.growth) ** 2 - rate)))
        sign = 1 if slow.growth > 0 else -1
        growth = sign * Fraction(math.floor(math.sqrt(rate) * 10**digits), 10**digits)
        signs = slow.client, slow.server
        client, server = (1 + s * root_below(loss, digits + 2) for s, loss in zip(signs, self._losses, strict=True))
        numbers = LinearInstance((), (client,), server, growth)
        state = vanishing([numbers.form(e) for e in self._equations if e.factor is not Factor.CURVATURE], self._columns)
        if state is None:
            return None
        sides = [(_at(e.left.terms, state), _at(e.right.terms, state)) for e in self._equations if e.factor is Factor.CURVATURE]
        curvature = next((gradient / point for gradient, point in sides if point), None)
        if curvature is None or any(gradient != curvature * point for gradient, point in sides):
            return None
        if not self._range[0] <= curvature <= self._range[1]:
            return None
        built = self._question.inequalities
        columns = [state.get(j, Fraction(0)) for j in range(len(self._trace.blocks[0]))]
        grams, values = moments(built, self._trace, (curvature,), columns)
        witness = LowerWitness(growth**2, (grams,), (values,))
        return witness if Rounding(self._lmi, solver).accepts_lower(witness) else None

    # --- the upper end ------------------------------------------------------------------------------------------------

    def upper(self, slow: Sequence[_Slow], rate: Fraction, solver: Solver) -> UpperWitness | None:
        """Return a witness of ``rate``, if the face that the instances expose has an interior."""
        least = Fraction(max(abs(one.growth) for one in slow)) ** 2
        program = self._lmi.pencil.at(1 - least)
        exposed = self._exposed(program, slow)
        if exposed is None:
            return None
        point = interior(program, HEAD, exposed, solver, _TOLERANCE)
        if point is None or not point[HEAD] > _LEAST_MARGIN:
            return None
        primal = [Fraction(float(a)) for a in point]
        for v in self._lmi.signed:
            primal[v] = max(primal[v], Fraction(0))
        decrease = -self._lmi.pencil.derivative(exposed.multipliers, point) * float(rate - least)
        metric = sum(self._form(self._lmi.system.relations[0].margin, one) for one in slow)
        if not (decrease > 0 and metric > 0):
            return None
        candidate = replace(self._lmi.upper(rate, primal), margin=dyadic(Fraction(_MARGIN * decrease / metric)))
        candidate = covered(self._lmi.system, candidate)
        return candidate if Rounding(self._lmi, solver).accepts_upper(candidate) else None

    def _exposed(self, program: Program, slow: Sequence[_Slow]) -> Exposed | None:
        """Return what the instances say of solutions; None where one violates a row."""
        cones, lmi = program.cones, self._lmi
        values = len(lmi.places[0].values)
        total = np.zeros(cones.rows)
        for one in slow:
            multipliers = np.zeros(cones.rows)
            multipliers[cones.zero : cones.zero + values] = self._values(one)
            offset = cones.offsets()[0]
            for i, j in itertools.combinations_with_replacement(range(len(one.state)), 2):
                multipliers[offset + entry(i, j)] = one.state[i] * one.state[j]
            paired = pairings(program, multipliers)[lmi.signed]
            if np.max(paired, initial=0.0) > _EXACT:
                return None
            total += multipliers
            total[cones.zero + values : cones.zero + values + len(lmi.signed)] -= np.minimum(paired, 0.0)
        flat = total[cones.zero : cones.zero + cones.nonnegative]
        vectors = _independent(np.array([one.state for one in slow]).T)
        return Exposed(total, vectors, np.flatnonzero(flat > _EXACT).tolist())

    def _form(self, form: Form, slow: _Slow) -> float:
        """Return the value of a form on an instance."""
        state = dict(zip(self._columns, (slow.state * self._sizes).tolist(), strict=True))
        entries = form.blocks.get(0, {})
        total = sum(float(a) * (1 if i == j else 2) * state[i] * state[j] for (i, j), a in entries.items())
        values = dict(zip(self._lmi.places[0].values, self._values(slow), strict=True))
        return total + sum(float(a * self._lmi.places[0].units.of_value(k)) * values[k] for k, a in form.values.items())

    def _values(self, slow: _Slow) -> list[float]:
        """Return the function values of an instance, in the units of the solver."""
        places = self._lmi.places[0]
        state = dict(zip(self._columns, (slow.state * self._sizes).tolist(), strict=True))
        found: dict[int, float] = {}
        for sample in self._trace.history(0):
            point = _at(sample.x.mean.terms, state)
            known = sample.value.blocks.get(0, {})
            less = sum(float(a) * (1 if i == j else 2) * state[i] * state[j] for (i, j), a in known.items())
            for k, b in sample.excess.values.items():
                found[k] = (float(self._range[slow.steep]) * point * point / 2 - less) / float(b)
        return [found.get(k, 0.0) / float(size) for k, size in zip(places.values, places.value_sizes, strict=True)]


def _at(terms: dict[int, Scalar], state: dict[int, Any]) -> Any:
    return sum((a * state[j] for j, a in terms.items() if j in state), 0 * next(iter(state.values())))


def _null(matrix: Floats) -> Floats:
    """Return an orthonormal basis of the null space as columns."""
    if not len(matrix):
        return np.eye(matrix.shape[1])
    _, sizes, v = np.linalg.svd(matrix)
    rank = int(np.sum(sizes > 1e-12 * sizes[0])) if sizes.size else 0
    return v[rank:].T


def _independent(vectors: Floats) -> Floats:
    """Return an orthonormal basis of the span of columns."""
    u, sizes, _ = np.linalg.svd(vectors, full_matrices=False)
    return u[:, sizes > 1e-6 * sizes[0]]
