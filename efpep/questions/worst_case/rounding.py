"""From a solver's numbers to witnesses of a worst case that an exact check accepts, or None."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.outward import outward as outward_to
from efpep.conic.outward import places_of
from efpep.errors import CertificateError
from efpep.model.least_change import least_change, matrix_sum
from efpep.questions.worst_case.check import Instance, check_lower, check_remainder, remainder

if TYPE_CHECKING:
    from efpep.model.system import Matrix
    from efpep.questions.worst_case.lmi import WorstCaseSdp
    from efpep.questions.worst_case.search import Proposal, Search

_DIGITS = 15
_BITS = 66


def rounded_upper(search: Search, proposal: Proposal) -> tuple[Fraction, dict[str, Fraction]] | None:
    """Return an upper end with its multipliers, if the proposal rounds to one."""
    found = search.sdp.multipliers(search.rows, proposal.variables)
    multipliers = {row.name: number for row, number in zip(search.rows, found, strict=True) if number}
    try:
        rest = remainder(search.question, multipliers)
        upper = outward(-rest.values.get(search.question.unity, Fraction(0)), up=True)
        check_remainder(search.question, rest, upper)
    except CertificateError:
        return None
    return upper, multipliers


def rounded_lower(search: Search, proposal: Proposal) -> tuple[Fraction, Instance] | None:
    """Return a lower end with its run, if the proposal rounds to one."""
    question, sdp = search.question, search.sdp
    if not all(np.isfinite(gram).all() for gram in proposal.grams):
        return None
    grams = [_positive(gram, sizes) for gram, sizes in zip(proposal.grams, sdp.sizes.columns, strict=True)]
    values = [Fraction(0)] * len(question.values)
    values[question.unity] = Fraction(1)
    for k, number in zip(sdp.values, proposal.values, strict=True):
        size = sdp.sizes.objective if question.values[k] == "best" else sdp.sizes.value
        values[k] = _fixed(max(float(number), 0.0)) * Fraction(size)
    instance = _on_equalities(sdp, Instance(tuple(grams), tuple(values)))
    lower = outward(instance.moments(question).value(question.objective), up=False)
    try:
        check_lower(question, instance, lower)
    except CertificateError:
        return None
    return lower, instance


def outward(value: Fraction, *, up: bool) -> Fraction:
    """Return a decimal of few digits next to ``value``, above or below it."""
    if value == 0:
        return value
    return outward_to(value, places_of(value, _DIGITS), up=up)


def _positive(gram: np.ndarray[tuple[int, int], np.dtype[np.float64]], sizes: tuple[float, ...]) -> Matrix:
    """Return a positive definite matrix of short rationals next to ``gram``, in the question's own units."""
    eigenvalues, eigenvectors = np.linalg.eigh((gram + gram.T) / 2)
    floor = 1e-12 * max(float(eigenvalues[-1]), 1.0)
    lifted = (eigenvectors * np.maximum(eigenvalues, floor)) @ eigenvectors.T
    exact = [[_fixed(float(a)) for a in row] for row in lifted]
    units = [Fraction(size) for size in sizes]
    size = range(len(sizes))
    return tuple(tuple(units[i] * units[j] * exact[max(i, j)][min(i, j)] for j in size) for i in size)


def _fixed(number: float) -> Fraction:
    return Fraction(round(math.ldexp(number, _BITS)), 2**_BITS)


def _on_equalities(sdp: WorstCaseSdp, instance: Instance) -> Instance:
    """Move the numbers onto the equalities exactly, by the least change."""
    question = sdp.question
    forms = [row.form for row in question.fixed if row.equality]
    if not forms:
        return instance
    moments = instance.moments(question)
    change = least_change(forms, [-moments.value(form) for form in forms])
    blocks = zip(instance.grams, question.blocks, strict=True)
    grams = tuple(matrix_sum(gram, change.matrix(block.index, block.columns)) for gram, block in blocks)
    return Instance(grams, _shifted(instance, change.values))


def _shifted(instance: Instance, change: Mapping[int, Fraction]) -> tuple[Fraction, ...]:
    return tuple(a + change.get(k, Fraction(0)) for k, a in enumerate(instance.values))
