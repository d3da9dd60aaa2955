"""The lower end of worst cases over switching patterns: the run that is known to attain the most, in the pattern of f alone."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import CertificateError
from efpep.proof.witness import Attained
from efpep.questions.switching.instance import PatternInstance

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.questions.switching.question import SwitchingQuestion
    from efpep.setting import Setting


def attained(question: SwitchingQuestion) -> Attained[PatternInstance] | None:
    """Return a run and the value that it attains, where one is known."""
    instance = _proposed(question.method, question.setting, question.iterations, question.radius)
    if instance is None:
        return None
    try:
        value = question.attained(instance)
    except CertificateError:
        return None
    return Attained(Fraction(math.floor(value * 10**15), 10**15), instance)


def _proposed(method: Method, setting: Setting, iterations: int, radius: Fraction) -> PatternInstance | None:
    """Return the instance that attains the finite-T bound up to rounding, where the setting has one; unchecked."""
    functions, compressor = setting.populations()[0].functions, setting.populations()[0].compressor
    bound, free = functions.free_subgradients, None if compressor is None else compressor.free_losses
    if bound is None or free is None:
        return None
    T, q = iterations, float(free) ** 0.5
    moved = float(method.step_size) * float(bound)
    steps = float(radius) / moved if moved else math.inf
    common = min(max((steps * steps - T) / (T * T - T), 0.0), 1.0) if T > 1 else 0.0
    k = _below(common**0.5 / (1 + (1 - common) ** 0.5))
    length = ((T * T - T) * (2 * float(k) / (1 + float(k) ** 2)) ** 2 + T) ** 0.5
    return PatternInstance(k, _below(float(radius) / length), _below(q))


def _below(value: float) -> Fraction:
    return max(Fraction(0), Fraction(int(value * 10**12) - (0 if value in {0.0, 1.0} else 1), 10**12))
