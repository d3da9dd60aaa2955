"""Exact instances on which a method keeps its distance: they refute a contraction where it only just fails.

At the boundary of contractivity no Lyapunov function contracts, but numbers near a solver's solution prove only a little less. An
instance there has rational numbers as a rule: ``f_i(x) = a_i x^2/2`` with ``a_i`` at an end of its range, ``C(v) = (1 +- s) v``
with ``s = sqrt(1 - delta)``, and a state that a step multiplies by 1 or -1, so that V after the step equals V before. These are
linear equations in the columns of the recording, solved exactly.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from efpep.errors import CertificateError
from efpep.model.exact import relations
from efpep.model.field import Scalar
from efpep.model.trace import Trace
from efpep.proof.conditions import check_lower
from efpep.proof.moments import Moments, Numbers, zero_moments
from efpep.proof.witness import LowerWitness
from efpep.questions.rate.inequalities import RateInequalities, recorded
from efpep.questions.rate.question import RateQuestion

_DIGITS = 15


@dataclass(frozen=True, slots=True)
class _Line:
    """Parabolas and factors on a line.

    Attributes:
        steep: whether curvatures are the largest of their classes rather than the least.
        client: the sign of what clients' compressors add to a message.
        server: that of the server's.
        growth: by what a step multiplies the state.
    """

    steep: bool
    client: int
    server: int
    growth: int

    def curvature(self, trace: Trace, group: int) -> Fraction:
        """Return ``a_i`` of a group."""
        functions = trace.groups[group].functions
        return Fraction(functions.smoothness if self.steep else functions.curvature)

    def factor(self, trace: Trace, group: int | None) -> Fraction:
        """Return by what the compressor of a group, or of the server, multiplies."""
        compressor = trace.server_compressor if group is None else trace.groups[group].compressor
        delta = None if compressor is None else compressor.contraction
        return 1 + (self.server if group is None else self.client) * _root_below(1 - Fraction(1 if delta is None else delta))


def refutation(question: RateQuestion) -> LowerWitness | None:
    """Return a checked witness that nothing contracts, from an instance on a line that keeps its distance; None without one."""
    built, trace = recorded(question.method, question.setting, question.metric, lyapunov_class=question.lyapunov_class)
    system = question.system
    others = [] if question.given is not None else [zero_moments(relation) for relation in system.relations[1:]]
    servers = (-1, 1) if trace.server_compressor is not None else (1,)
    for line in itertools.starmap(_Line, itertools.product((True, False), (-1, 1), servers, (-1, 1))):
        for state in _states(built, trace, line):
            moments = [_moments(built, trace, line, state), *others]
            witness = LowerWitness(Fraction(1), tuple(grams for grams, _ in moments), tuple(values for _, values in moments))
            with contextlib.suppress(CertificateError):
                check_lower(system, witness)
                return witness
    return None


def _states(built: RateInequalities, trace: Trace, line: _Line) -> Iterator[list[Scalar]]:
    """Yield a basis of the columns of the mean block with which the instance's step multiplies the state by its growth."""
    before, after = built.iterates
    forms = [after - line.growth * before]
    forms += [f.after - line.growth * f.before for block in built.blocks if block.index == 0 for f in block.features]
    for a in range(len(trace.groups)):
        forms += [s.gradient.mean - line.curvature(trace, a) * s.x.mean for s in trace.history(a)]
        forms.append(trace.gradient_at_minimiser.part(a).mean)
    for m in trace.messages:
        forms += [m.received.mean - m.noise.mean - line.factor(trace, m.group) * m.sent.mean, m.noise.mean]
    columns = range(len(trace.blocks[0]))
    rows = [[form.terms.get(j, Fraction(0)) for form in forms] for j in columns]
    if np.linalg.matrix_rank(np.array(rows, dtype=np.float64)) < len(rows):  # a quick look, for most questions are not this one
        yield from relations(rows)


def _moments(built: RateInequalities, trace: Trace, line: _Line, state: Sequence[Scalar]) -> Numbers:
    """Return the Gram matrices and function values of the instance, for the first relation of the question."""
    relation = built.system.relations[0]
    numbers = [[Fraction(0 if block.index else state[j]) for j in block.columns] for block in relation.blocks]
    grams = tuple(tuple(tuple(a * b for b in line) for a in line) for line in numbers)
    products = Moments.of_relation(relation, grams, (Fraction(0),) * len(relation.values))
    values: dict[int, Fraction] = {}
    for a in range(len(trace.groups)):
        for sample in trace.history(a):
            point = sum((b * state[j] for j, b in sample.x.mean.terms.items()), Fraction(0))
            for k, b in sample.excess.values.items():
                values[k] = (line.curvature(trace, a) * point * point / 2 - products.value(sample.value)) / Fraction(b)
    return grams, tuple(values.get(k, Fraction(0)) for k in relation.values)


def _root_below(value: Fraction) -> Fraction:
    """Return the square root of a number of [0, 1] where it is rational, else a decimal just below it."""
    exact = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    if exact * exact == value:
        return exact
    return Fraction(math.isqrt(math.floor(value * 10 ** (2 * _DIGITS))), 10**_DIGITS)
