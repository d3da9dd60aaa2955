"""Exact instances on which a method keeps its distance: they refute a contraction where it only just fails.

At the boundary of contractivity no Lyapunov function contracts, but numbers near a solver's solution prove only a little less. An
instance there has rational numbers as a rule: ``f_i(x) = a_i x^2/2`` with ``a_i`` at an end of its range, ``C(v) = (1 +- s) v``
with ``s = sqrt(1 - delta)``, and a state that a step multiplies by 1 or -1, so that V after the step equals V before. These are
linear equations in the columns of the recording, solved exactly.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from efpep.errors import CertificateError
from efpep.model.exact import relations
from efpep.model.field import Scalar
from efpep.model.trace import Trace
from efpep.proof.conditions import check_lower
from efpep.proof.moments import zero_moments
from efpep.proof.witness import LowerWitness
from efpep.questions.rate.linear_instances import LinearInstance, LineEquation, equations, moments, root_below
from efpep.questions.rate.question import RateQuestion


def refutation(question: RateQuestion, trace: Trace) -> LowerWitness | None:
    """Return a checked witness that nothing contracts, from an instance on a line that keeps its distance; None without one.

    Args:
        question: the question.
        trace: its recording.
    """
    built, system = question.inequalities, question.system
    known = list(equations(built, trace))
    others = [] if question.given is not None else [zero_moments(relation) for relation in system.relations[1:]]
    servers = (-1, 1) if trace.server_compressor is not None else (1,)
    for steep, client, server, growth in itertools.product((True, False), (-1, 1), servers, (-1, 1)):
        line = _line(trace, client, server, growth, steep=steep)
        for state in _states(known, len(trace.blocks[0]), line):
            own = [moments(built, trace, line.curvatures, state), *others]
            witness = LowerWitness(Fraction(1), tuple(grams for grams, _ in own), tuple(values for _, values in own))
            with contextlib.suppress(CertificateError):
                check_lower(system, witness)
                return witness
    return None


def _line(trace: Trace, client: int, server: int, growth: int, *, steep: bool) -> LinearInstance:
    """Return the instance whose curvatures are the largest or the least, and whose compressors add so to a message."""
    functions = [group.functions for group in trace.groups]
    losses = [
        root_below(1 - Fraction(1 if compressor is None or compressor.contraction is None else compressor.contraction))
        for compressor in (*(group.compressor for group in trace.groups), trace.server_compressor)
    ]
    return LinearInstance(
        tuple(Fraction(f.smoothness if steep else f.curvature) for f in functions),
        tuple(1 + client * loss for loss in losses[:-1]),
        1 + server * losses[-1],
        Fraction(growth),
    )


def _states(known: Sequence[LineEquation], count: int, line: LinearInstance) -> Iterator[list[Scalar]]:
    """Yield a basis of the columns of the mean block with which the instance's step multiplies the state by its growth."""
    forms = [line.form(equation) for equation in known]
    rows = [[form.terms.get(j, Fraction(0)) for form in forms] for j in range(count)]
    if np.linalg.matrix_rank(np.array(rows, dtype=np.float64)) < len(rows):  # a quick look, for most questions are not this one
        yield from relations(rows)
