"""What is proved about convergence at one choice of parameters: it converges, it does not, or that is open."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from efpep.errors import InputError
from efpep.questions.cycle.answer import CycleVerdict, cycle
from efpep.questions.cycle.certificate import OrbitCertificate
from efpep.questions.rate.answer import Rate, Verdict

PERIODS = (1, 2, 3)
"""The periods of cycles that are tried."""


class Stability(enum.Enum):
    """The three answers."""

    CONVERGES = "converges"
    CYCLES = "cycles"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Classified:
    """An answer with its proof.

    Attributes:
        stability: the answer.
        rate: the Lyapunov search, whose certificate proves convergence.
        certificate: the cycle that proves that there is none, or None.
    """

    stability: Stability
    rate: Rate
    certificate: OrbitCertificate | None


def classify(rate: Rate, periods: Sequence[int] = PERIODS) -> Classified:
    """Return what is proved where :func:`efpep.rate` gave this answer: where nothing contracts, cycles are searched."""
    if rate.verdict is Verdict.PROVED:
        return Classified(Stability.CONVERGES, rate, None)
    for period in periods:
        try:
            found = cycle(rate.method, rate.setting, period)
        except InputError:
            break
        if found.verdict is CycleVerdict.CYCLES:
            return Classified(Stability.CYCLES, rate, found.certificate)
    return Classified(Stability.OPEN, rate, None)
