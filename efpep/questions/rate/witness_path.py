"""Rates that a linear instance attains, without a search.

The square of the largest eigenvalue z of a linear instance (:mod:`efpep.questions.rate.slow_instance`) is a lower end for every
class of Lyapunov functions, and often the rate. Then ``Z = w w'`` with the eigenvector w solves the dual, which says of all
primal solutions that ``S w = 0``, and on this face the semidefinite program has an interior (:mod:`efpep.conic.exposed_face`):
one solve in double precision, at the rate itself, replaces the search.

*Lower end.* A rational z slightly inside and a rational s below its root determine the state, and the state the curvature, which
is the ratio of gradient and point: an instance of the class with exactly the rate ``z^2``.
*Upper end.* At a rate slightly above ``z^2`` the point of the face's interior has room on all sides.

Both pass the exact check of every other certificate. Where the instance is not tight, the face has no interior and nothing is
found; then the search begins as it would without this.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.exposed_face import Exposed, interior, pairings
from efpep.conic.lmi import HEAD, Lmi
from efpep.conic.program import Program
from efpep.conic.repair import covered
from efpep.conic.rounding import Rounding
from efpep.conic.solver import Solver
from efpep.conic.triangle import entry
from efpep.conic.units import dyadic
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.rate.enclosure import Enclosure, outward, sharp_width
from efpep.questions.rate.linear_instances import Factor, LinearInstance, moments, root_below, solution
from efpep.questions.rate.slow_instance import Reading, SlowInstance

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.questions.rate.question import RateQuestion

_PART = 12
"""The ends are away from ``z^2`` by such a part of the width of a sharp enclosure."""
_FINEST = Fraction(1, 10**13)
"""How far from ``z^2``, which is known in double precision, ends have to be at least."""
_TOLERANCE = 1e-9
_TIGHT = 1e-9
"""Rows of an instance are violated, or leave room, beyond this."""
_LEAST = 1e-10
"""The margin of the face below which it has no interior."""
_SHARE = 1 / 8
"""Which part of the instance's decrease, at a rate above its own, the multiple of the metric takes."""


def attained(question: RateQuestion, trace: Trace, lmi: Lmi, solver: Solver, width: Fraction) -> Enclosure | None:
    """Return a sharp enclosure of the rate where a linear instance attains it, else None.

    Args:
        question: the question.
        trace: its recording.
        lmi: its linear matrix inequalities.
        solver: who finds the point of the interior.
        width: how wide the enclosure may be.
    """
    if not _applies(question, trace) or lmi.reduced:
        return None
    reading = Reading(question.inequalities, trace, lmi.measures.relations[0])
    slow = reading.slowest()
    if slow is None or abs(slow.growth) >= 1:
        return None
    rate = Fraction(slow.growth) ** 2
    room = sharp_width(1 - rate, width) / _PART
    if room < _FINEST:
        return None
    path = _Path(question, trace, lmi, reading, slow)
    upper = path.upper(outward(rate + room, room, up=True), solver)
    lower = None if upper is None else path.lower(rate - room, solver)
    found = Enclosure(lower, upper, solver.name)
    return found if found.sharp(width) else None


def _applies(question: RateQuestion, trace: Trace) -> bool:
    """Whether V is the best one of the current state with semidefinite weights, agents are alike, and instances are members."""
    plain = question.given is None and not question.system.free and question.lyapunov_class.memory == 0
    alike = len(trace.groups) == 1 and not trace.projects and trace.constraint is None and trace.draws is None
    curvatures = trace.groups[0].functions.free_curvatures
    compressors = [c for c in (trace.groups[0].compressor, trace.server_compressor) if c is not None]
    members = curvatures is not None and curvatures[0] < curvatures[1] and all(c.free_losses is not None for c in compressors)
    return plain and alike and members


class _Path:
    """Both ends from one instance."""

    def __init__(self, question: RateQuestion, trace: Trace, lmi: Lmi, reading: Reading, slow: SlowInstance) -> None:
        self._built, self._trace, self._lmi, self._reading, self._slow = question.inequalities, trace, lmi, reading, slow

    # --- the lower end ------------------------------------------------------------------------------------------------

    def lower(self, rate: Fraction, solver: Solver) -> LowerWitness | None:
        """Return the witness of an instance of the class with about this rate, or None where none is found."""
        reading, slow = self._reading, self._slow
        digits = max(12, 2 - math.floor(math.log10(Fraction(slow.growth) ** 2 - rate)))
        growth = root_below(rate, digits) * (1 if slow.growth > 0 else -1)
        signs = zip((slow.client, slow.server), reading.losses, strict=True)
        client, server = (1 + sign * root_below(loss, digits + 2) for sign, loss in signs)
        numbers = LinearInstance((), (client,), server, growth)
        state = solution(numbers, [e for e in reading.equations if e.factor is not Factor.CURVATURE], reading.columns)
        curvature = None if state is None else self._curvature(state)
        if state is None or curvature is None or not reading.curvatures[0] <= curvature <= reading.curvatures[1]:
            return None
        columns = [state.get(j, Fraction(0)) for j in range(len(self._trace.blocks[0]))]
        grams, values = moments(self._built, self._trace, (curvature,), columns)
        witness = LowerWitness(growth**2, (grams,), (values,))
        return witness if Rounding(self._lmi, solver).accepts_lower(witness) else None

    def _curvature(self, state: dict[int, Fraction]) -> Fraction | None:
        """Return the ratio of gradients and points, or None where it is not one."""
        pairs = [e for e in self._reading.equations if e.factor is Factor.CURVATURE]
        sides = [(Fraction(e.left.at(state)), Fraction(e.right.at(state))) for e in pairs]
        found = next((gradient / point for gradient, point in sides if point), None)
        return found if found is not None and all(gradient == found * point for gradient, point in sides) else None

    # --- the upper end ------------------------------------------------------------------------------------------------

    def upper(self, rate: Fraction, solver: Solver) -> UpperWitness | None:
        """Return a witness of ``rate``, if the face that the instance exposes has an interior."""
        lmi, own = self._lmi, Fraction(self._slow.growth) ** 2
        values = self._reading.values(self._trace, self._slow)
        program = lmi.pencil.at(1 - own)
        exposed = self._exposed(program, values)
        point = None if exposed is None else interior(program, HEAD, exposed, solver, _TOLERANCE)
        if exposed is None or point is None or not point[HEAD] > _LEAST:
            return None
        primal = [Fraction(float(a)) for a in point]
        for v in lmi.signed:
            primal[v] = max(primal[v], Fraction(0))
        decrease = -lmi.pencil.derivative(exposed.multipliers, point) * float(rate - own)
        metric = self._reading.value(lmi.system.relations[0].margin, self._slow, values)
        if not (decrease > 0 and metric > 0):
            return None
        candidate = replace(lmi.upper(rate, primal), margin=dyadic(Fraction(_SHARE * decrease / metric)))
        if exposed.vanishing:  # the coefficients of some values are zero but for rounding
            candidate = covered(lmi.system, candidate)
        return candidate if Rounding(lmi, solver).accepts_upper(candidate) else None

    def _exposed(self, program: Program, values: dict[int, float]) -> Exposed | None:
        """Return what the instance says of solutions; None where it violates a row."""
        cones, places, state = program.cones, self._lmi.places[0], self._slow.state
        multipliers = np.zeros(cones.rows)
        sizes = zip(places.values, places.value_sizes, strict=True)
        multipliers[cones.zero : cones.zero + len(places.values)] = [values[k] / float(size) for k, size in sizes]
        for i, j in itertools.combinations_with_replacement(range(len(state)), 2):
            multipliers[cones.offsets()[0] + entry(i, j)] = state[i] * state[j]
        paired = pairings(program, multipliers)[self._lmi.signed]
        if np.max(paired, initial=0.0) > _TIGHT:
            return None
        signs = cones.zero + len(places.values)
        multipliers[signs : signs + len(paired)] = -np.minimum(paired, 0.0)
        vanishing = np.flatnonzero(multipliers[cones.zero : cones.zero + cones.nonnegative] > _TIGHT)
        return Exposed(multipliers, state[:, None], vanishing.tolist())
