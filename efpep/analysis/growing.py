"""The search for growing potentials: the least constant K of a chain, enclosed by exact witnesses.

One solve of the banded SDP with margins on both sides proposes both ends; margins grow until an exact check accepts each. A
solver's status never decides anything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.analysis.growing_sdp import GrowingSdp, K
from efpep.analysis.least_change import least_change, matrix_sum
from efpep.analysis.lyapunov import propose
from efpep.analysis.potential_answer import Potential
from efpep.certify.growing import GrowingCertificate
from efpep.certify.growing_check import (
    ChainLower,
    ChainUpper,
    check_chain_lower,
    check_chain_upper,
    decrease,
    growth,
    instance,
)
from efpep.conic.solver import Solver
from efpep.conic.status import Solution
from efpep.errors import CertificateError, InputError
from efpep.methods.base import Method
from efpep.question.growing import Chain, chain
from efpep.setting import Setting

_ATTEMPTS = (
    (1e-8, 1e-8, 1e-9),
    (1e-8, 1e-8, 1e-8),
    (1e-8, 0.0, 1e-8),
    (0.0, 1e-8, 1e-8),
    (1e-7, 1e-7, 1e-9),
    (1e-7, 1e-7, 1e-8),
    (0.0, 1e-7, 1e-8),
    (1e-6, 1e-6, 1e-8),
    (0.0, 1e-6, 1e-8),
    (1e-5, 1e-5, 1e-7),
)
"""Margins of the primal and of the dual with the solver's tolerances, tightest first."""
_CLOSE = Fraction(1, 10**5)
"""Ends that are relatively this close are not improved any more."""
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Bracket:
    """The witnesses of both ends, as far as they were found."""

    lower: ChainLower | None
    upper: ChainUpper | None


def search_growing(question: Chain, solver: Solver) -> Bracket:
    """Enclose the least constant of ``question``."""
    sdp = GrowingSdp(question)
    lower: ChainLower | None = None
    upper: ChainUpper | None = None
    for sigma, tau, tolerance in _ATTEMPTS:
        solution = propose(solver, sdp.program(Fraction(sigma), Fraction(tau)), tolerance)
        above = round_upper(sdp, solution) if sigma else None
        below = round_lower(sdp, solution, Fraction(tau)) if tau else None
        if above is not None and (upper is None or above.K < upper.K):
            upper = above
        if below is not None and (lower is None or below.K > lower.K):
            lower = below
        if lower is not None and upper is not None and upper.K - lower.K <= _CLOSE * upper.K:
            break
    return Bracket(lower, upper)


def round_upper(sdp: GrowingSdp, solution: Solution) -> ChainUpper | None:
    """Return a witness that proves its constant, if the primal solution rounds to one."""
    if not solution.usable:
        return None
    primal = list(solution.rationals()[0])
    for j in sdp.signed:
        primal[j] = max(primal[j], Fraction(0))
    primal[K] = _short(primal[K], up=True)
    witness = _covered(sdp.question, sdp.upper(primal))
    try:
        check_chain_upper(sdp.question, witness)
    except CertificateError:
        return None
    return witness


def _covered(question: Chain, witness: ChainUpper) -> ChainUpper:
    """Raise multipliers where a function value has a negative coefficient in a decrease."""
    multipliers = [list(numbers) for numbers in witness.multipliers]
    for s, link in enumerate(question.links):
        for k, a in decrease(question, witness, s).values.items():
            rows = [c for c, row in enumerate(link.rows) if list(row.form.values) == [k] and row.form.values[k] > 0]
            if a < 0 and rows:
                multipliers[s][rows[0]] -= a / link.rows[rows[0]].form.values[k]
    return replace(witness, multipliers=tuple(tuple(numbers) for numbers in multipliers))


def round_lower(sdp: GrowingSdp, solution: Solution, margin: Fraction) -> ChainLower | None:
    """Return a witness that excludes smaller constants, if the dual solution rounds to one."""
    if not solution.usable:
        return None
    dual = solution.rationals()[1]
    for lift in (Fraction(0), margin / 2**10, margin / 2**5, margin / 4, margin):
        witness = _on_equalities(sdp, sdp.lower(dual, lift))
        found = [instance(sdp.question, witness, s) for s in range(len(sdp.question.links))]
        initial = found[0].value(sdp.question.links[0].initial)
        if initial <= 0:
            continue
        witness = replace(witness, K=_short(growth(sdp.question, found) / initial, up=False))
        try:
            check_chain_lower(sdp.question, witness)
        except CertificateError:
            continue
        return witness
    return None


def _on_equalities(sdp: GrowingSdp, witness: ChainLower) -> ChainLower:
    """Move moments onto the equalities exactly, by the least change in scaled units."""
    grams, values = list(witness.grams), list(witness.values)
    for s, link in enumerate(sdp.question.links):
        units = sdp.units[s]
        rows = [row.form for row in link.rows if row.equality]
        if not rows:
            continue
        moments = instance(sdp.question, witness, s)
        scaled = [units.form(row) for row in rows]
        change = units.form(least_change(scaled, [-moments.value(row) for row in rows]))
        grams[s] = {
            place.name: matrix_sum(witness.grams[s][place.name], change.matrix(place.index, place.columns))
            for place in link.places
        }
        values[s] = tuple(a + change.values.get(k, Fraction(0)) for k, a in zip(link.values, witness.values[s], strict=True))
    return replace(witness, grams=tuple(grams), values=tuple(values))


def _short(value: Fraction, *, up: bool) -> Fraction:
    """Round outward to a decimal of 15 places."""
    scaled = value * 10**_DIGITS
    return Fraction(-(-scaled // 1) if up else scaled // 1, 10**_DIGITS)


def growing(method: Method, setting: Setting, iterations: int | None, solver: Solver) -> Potential:
    """Answer the question about growing potentials; see :func:`efpep.analysis.potential.potential`.

    Raises:
        InputError: the number of steps is missing, or the question is not well posed.
    """
    begin = time.perf_counter()
    if iterations is None:
        raise InputError("a growing potential is one for a number of steps, and none is given; give iterations, such as 10.")
    method = method.resolved(setting)
    question = chain(method, setting, iterations)
    try:
        found = search_growing(question, solver)
    except OverflowError as error:
        raise InputError(
            "the numbers of the question span too many orders of magnitude for a solver; rescale the problem."
        ) from error
    lower = None if found.lower is None else found.lower.K
    upper = None if found.upper is None else found.upper.K
    details: dict[str, Fraction | int | str] = {"iterations": iterations, "total": question.total}
    if upper is not None:
        details["bound"] = upper / question.total
    certificate = GrowingCertificate(method, setting, iterations, found.lower, found.upper)
    return Potential(
        method,
        setting,
        lower,
        upper,
        certificate if lower is not None or upper is not None else None,
        solver.name,
        time.perf_counter() - begin,
        details,
    )
