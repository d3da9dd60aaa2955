"""What is proved about convergence at one choice of parameters: it converges, it does not, or that is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from efpep.errors import InputError
from efpep.questions.base import Verdict
from efpep.questions.cycle.answer import cycle
from efpep.questions.cycle.question import CycleCertificate
from efpep.questions.rate.answer import Rate

PERIODS = (1, 2, 3)
"""The periods of cycles that are tried."""


WORDS = {Verdict.PROVED: "converges", Verdict.REFUTED: "cycles", Verdict.UNDECIDED: "open"}
"""What a verdict about convergence is called."""


@dataclass(frozen=True, slots=True)
class Classification:
    """An answer with its proof.

    Attributes:
        verdict: whether it converges: proved, refuted by a cycle, or undecided.
        rate: the Lyapunov search, whose certificate proves convergence.
        certificate: the cycle that proves that there is none, or None.
    """

    verdict: Verdict
    rate: Rate
    certificate: CycleCertificate | None


def classify(rate: Rate, periods: Sequence[int] = PERIODS) -> Classification:
    """Return what is proved where :func:`efpep.rate` gave this answer: where nothing contracts, cycles are searched."""
    if rate.verdict is Verdict.PROVED:
        return Classification(Verdict.PROVED, rate, None)
    for period in periods:
        try:
            found = cycle(rate.method, rate.setting, period)
        except InputError:
            break
        if found.verdict is Verdict.PROVED:
            return Classification(Verdict.REFUTED, rate, found.certificate)
    return Classification(Verdict.UNDECIDED, rate, None)
