"""The least constant of a one-step potential, proved from both sides.

Two solves with margins propose both ends; margins grow until an exact check accepts each. A solver's status never decides.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.analysis.one_step_sdp import OneStepSdp, Units
from efpep.analysis.potential_answer import Potential
from efpep.certify.moments import Moments
from efpep.certify.one_step import OneStepCertificate, random
from efpep.certify.one_step_check import (
    OneStepLower,
    OneStepUpper,
    check_one_step_lower,
    check_one_step_upper,
)
from efpep.conic.solver import Solver, find_solver
from efpep.conic.status import Solution
from efpep.errors import CertificateError, InputError
from efpep.methods.base import Method
from efpep.model.exact import solve
from efpep.model.form import Form, form_product
from efpep.question.one_step import OneStep, one_step, prepared
from efpep.setting import Setting

_DIGITS = 13
_MARGINS = [Fraction(1, 10**k) for k in (11, 10, 9, 8, 7, 6)]


@dataclass(frozen=True, slots=True)
class Ends:
    """What was proved, and whose proposals it rests on."""

    lower: OneStepLower | None
    upper: OneStepUpper | None
    solver: str


def one_step_potential(method: Method, setting: Setting, iterations: int | None, solver: Solver) -> Potential:
    """Enclose the least constant of the method's one-step potential.

    Raises:
        InputError: ``iterations`` are given, on which a single step does not depend, or the question is not well posed.
    """
    begin = time.perf_counter()
    if iterations is not None:
        raise InputError("iterations is given, but a one-step potential is the same for every number of them; leave it out.")
    method, setting = prepared(method, setting)
    ends = least_constant(one_step(method, setting), solver)
    proved = ends.lower is not None or ends.upper is not None
    return Potential(
        method,
        setting,
        None if ends.lower is None else ends.lower.K,
        None if ends.upper is None else ends.upper.K,
        OneStepCertificate(method, setting, ends.lower, ends.upper) if proved else None,
        ends.solver,
        time.perf_counter() - begin,
        {"holds": "in expectation" if random(setting) else "always"},
        method.averaging_constant(setting, None),
    )


def least_constant(question: OneStep, solver: Solver) -> Ends:
    """Enclose the least constant of a one-step question."""
    units = _units(question, solver)
    names = [solver.name]
    ends = _ends(OneStepSdp(question, units), solver)
    if not _sharp(ends) and solver.name != "extended":
        extended = find_solver("extended")
        names.append(extended.name)
        other = _ends(OneStepSdp(question, units), extended)
        lower = max((w for w in (ends[0], other[0]) if w is not None), key=lambda w: w.K, default=None)
        upper = min((w for w in (ends[1], other[1]) if w is not None), key=lambda w: w.K, default=None)
        ends = (lower, upper)
    return Ends(*ends, "+".join(names))


def _sharp(ends: tuple[OneStepLower | None, OneStepUpper | None]) -> bool:
    lower, upper = ends
    return lower is not None and upper is not None and upper.K - lower.K <= upper.K / 10**7


def _units(question: OneStep, solver: Solver) -> Units:
    """Measure columns by their sizes on an optimal instance, found in two rounds."""
    units = Units.plain(question)
    for _ in range(3):
        sdp = OneStepSdp(question, units)
        solution = solver.solve(sdp.lower(Fraction(0)), 1e-8)
        if not solution.usable:
            break
        witness = sdp.lower_witness(solution.rationals()[0])
        moments = Moments.of([(block.index, block.columns) for block in question.blocks], witness.grams, {})
        units = Units.of(question, replace(witness, K=-moments.value(question.rest)))
    return units


def _ends(sdp: OneStepSdp, solver: Solver) -> tuple[OneStepLower | None, OneStepUpper | None]:
    return next(_lowers(sdp, solver), None), next(_uppers(sdp, solver), None)


def _uppers(sdp: OneStepSdp, solver: Solver) -> Iterator[OneStepUpper]:
    for margin in _MARGINS:
        solution: Solution = solver.solve(sdp.upper(margin), 1e-12)
        if not solution.usable:
            continue
        witness = sdp.upper_witness(solution.rationals()[0])
        witness = replace(witness, K=_rounded(witness.K, up=True))
        try:
            check_one_step_upper(sdp.question, witness)
        except CertificateError:
            continue
        yield witness


def _lowers(sdp: OneStepSdp, solver: Solver) -> Iterator[OneStepLower]:
    for margin in _MARGINS:
        solution: Solution = solver.solve(sdp.lower(margin), 1e-12)
        if not solution.usable:
            continue
        witness = _corrected(sdp.question, sdp.lower_witness(solution.rationals()[0]))
        moments = Moments.of([(block.index, block.columns) for block in sdp.question.blocks], witness.grams, {})
        energy = moments.value(sdp.question.energy)
        if energy <= 0:
            continue
        witness = replace(witness, K=_rounded(-moments.value(sdp.question.rest) / energy, up=False))
        try:
            check_one_step_lower(sdp.question, witness)
        except CertificateError:
            continue
        yield witness


def _corrected(question: OneStep, witness: OneStepLower) -> OneStepLower:
    """Move the Gram matrices by the least amount that satisfies the equalities exactly."""
    equalities = [row.form for row in question.rows if row.equality]
    if not equalities:
        return witness
    moments = Moments.of([(block.index, block.columns) for block in question.blocks], witness.grams, {})
    system = [[form_product(u, v) for v in equalities] for u in equalities]
    factors = solve(system, [moments.value(form) for form in equalities])
    total = Form()
    for factor, form in zip(factors, equalities, strict=True):
        total = total + factor * form
    grams = tuple(
        tuple(
            tuple(a - b for a, b in zip(left, right, strict=True))
            for left, right in zip(gram, total.matrix(block.index, block.columns), strict=True)
        )
        for block, gram in zip(question.blocks, witness.grams, strict=True)
    )
    return replace(witness, grams=grams)


def _rounded(value: Fraction, *, up: bool) -> Fraction:
    """Round to 13 significant digits, up or down."""
    if value <= 0:
        return value
    digits = _DIGITS - 1 - math.floor(math.log10(value))
    scale = Fraction(10) ** digits
    return (math.ceil if up else math.floor)(value * scale) / scale
