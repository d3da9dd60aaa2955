"""From a solver's numbers to witnesses of a worst case that an exact check accepts, or None."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.outward import significant
from efpep.conic.repair import on_equalities
from efpep.conic.rounding import Rounding
from efpep.conic.status import Solution, SolverStatus
from efpep.errors import CertificateError
from efpep.proof.witness import LowerWitness
from efpep.questions.worst_case.check import AttainedRun, Bound, check_lower

if TYPE_CHECKING:
    from collections.abc import Sequence

    from efpep.conic.status import Floats
    from efpep.model.system import Matrix
    from efpep.questions.worst_case.search import Proposal, Search

_BITS = 66


def rounded_upper(search: Search, proposal: Proposal) -> Bound | None:
    """Return an upper end with its multipliers, if the proposal rounds to one."""
    solution = Solution(SolverStatus.SOLVED, proposal.variables, np.zeros(0))
    found = Rounding(search.lmi(), search.solver, bits=_BITS).least_upper(solution)
    if found is None:
        return None
    named = zip(search.rows, found.multipliers[0], strict=True)
    return Bound(found.theta, {row.name: number for row, number in named if number})


def rounded_lower(search: Search, proposal: Proposal) -> tuple[Fraction, AttainedRun] | None:
    """Return a lower end with its run, if the proposal rounds to one."""
    question, places = search.question, search.places
    if not all(np.isfinite(gram).all() for gram in proposal.grams):
        return None
    grams = tuple(_positive(gram, sizes) for gram, sizes in zip(proposal.grams, places.sizes, strict=True))
    numbers = zip(places.values, proposal.values, places.value_sizes, strict=True)
    values = {k: _fixed(max(float(number), 0.0)) * size for k, number, size in numbers}
    lmi = search.lmi(len(question.fixed))
    occurring = lmi.system.relations[0].values
    witness = LowerWitness(Fraction(0), (grams,), (tuple(values.get(k, Fraction(1)) for k in occurring),))
    witness = on_equalities(lmi.system, lmi.measures, witness)
    values = dict(zip(occurring, witness.values[0], strict=True))
    instance = AttainedRun(witness.grams[0], tuple(values.get(k, Fraction(0)) for k in range(len(question.values))))
    lower = significant(instance.moments(question).value(question.objective), up=False)
    try:
        check_lower(question, instance, lower)
    except CertificateError:
        return None
    return lower, instance


def _positive(gram: Floats, sizes: Sequence[Fraction]) -> Matrix:
    """Return a positive definite matrix of short rationals next to ``gram``, in the question's own units."""
    eigenvalues, eigenvectors = np.linalg.eigh((gram + gram.T) / 2)
    floor = 1e-12 * max(float(eigenvalues[-1]), 1.0)
    lifted = (eigenvectors * np.maximum(eigenvalues, floor)) @ eigenvectors.T
    exact = [[_fixed(float(a)) for a in row] for row in lifted]
    size = range(len(sizes))
    return tuple(tuple(sizes[i] * sizes[j] * exact[max(i, j)][min(i, j)] for j in size) for i in size)


def _fixed(number: float) -> Fraction:
    return Fraction(round(math.ldexp(number, _BITS)), 2**_BITS)
