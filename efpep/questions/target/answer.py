"""Answers to questions about target accuracies: a constant of the noise, a bound of the start, and what they make together."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.bound_enclosure import enclosed
from efpep.conic.lmi import Lmi
from efpep.conic.solver import Solver
from efpep.conic.units import Measures, Units, column_sizes, dyadic
from efpep.methods.base import Method
from efpep.model.column import Unit
from efpep.proof.provenance import Provenance
from efpep.proof.witness import UpperWitness
from efpep.questions.answer import Answer
from efpep.questions.base import Certificate
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.noise.answer import NoiseConstant
from efpep.questions.noise.answer import ask as ask_noise
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.target.question import Reached, TargetCertificate, TargetQuestion, reached
from efpep.questions.target.start import start_system
from efpep.setting import Setting

_ATTEMPTS = [(margin, margin, 1e-10) for margin in (1e-10, 1e-9, 1e-8, 1e-7, 1e-6)]
_CLOSE = Fraction(1, 10**6)


@dataclass(frozen=True, slots=True, repr=False)
class TargetAnswer(Answer[TargetQuestion, None, Reached]):
    """The answer to a question about a target accuracy.

    Attributes:
        constant: the constant of the noise.
    """

    constant: NoiseConstant


@within_doubles
def ask(question: TargetQuestion, solver: Solver) -> TargetAnswer:
    """Return the answer to a question: the least number of iterations that is proved to reach the target.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    constant = ask_noise(question.constant, solver)
    found = _found(question, constant, solver)
    certificate: TargetCertificate | None = None
    if found is not None:
        certificate = Certificate(question, None, found, Provenance(constant.solver))
    return TargetAnswer(question, certificate, constant.solver, time.perf_counter() - begin, constant)


def _found(question: TargetQuestion, constant: NoiseConstant, solver: Solver) -> Reached | None:
    witness = None if constant.certificate is None else constant.certificate.upper
    if witness is None or question.floor(witness) >= question.target:
        return None
    function = Lyapunov.of(question.inequalities, witness)
    start = start_value(question.method, question.setting, function, question.radius, solver)
    if start is None:
        return None
    rho, target, floor = question.rho, question.target, question.floor(witness)
    count = math.ceil(iterations_needed(rho, start.theta, floor, target))
    while count > 0 and reached(rho, start.theta, floor, count - 1) <= target:
        count -= 1
    while reached(rho, start.theta, floor, count) > target:
        count += 1
    return Reached(count, witness, start)


def iterations_needed(rho: Fraction, start: Fraction, floor: Fraction, target: Fraction) -> float:
    """Return the real T with ``rho^T B + floor = target``, at least 0."""
    if start <= target - floor:
        return 0.0
    return math.log(float(start / (target - floor))) / -math.log1p(-float(1 - rho))


def start_value(method: Method, setting: Setting, function: Lyapunov, radius: Fraction, solver: Solver) -> UpperWitness | None:
    """Return the proof of the least bound of ``E V_0`` that was found, None where there is none."""
    (system, trace), groups = start_system(method, setting, function, radius), setting.populations()
    slope = max(Fraction(group.functions.smoothness) for group in groups) * radius
    noise = Fraction(0) if setting.noise is None else Fraction(setting.noise.sigma)
    sizes = {Unit.POINT: dyadic(radius), Unit.GRADIENT: dyadic(max(slope, noise))}
    columns = tuple(column_sizes(block, sizes) for block in trace.blocks)
    units = Units(columns, (), dyadic(slope * radius), {system.relations[0].value_names.index("1"): Fraction(1)})
    return enclosed(Lmi(system, Measures((units,), (), dyadic(radius) ** 2)), solver, _ATTEMPTS, _CLOSE)[1]
