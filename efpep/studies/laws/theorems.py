"""Where the laws are theorems: two numbers decide a configuration, without a solver.

With agents of different kinds nothing is faster than one agent with the average constants (:mod:`efpep.theorems.averages`), at
any choice of parameters and with any Lyapunov function; and the law's function contracts by the root of the cubic
(:mod:`efpep.theorems.groups`), so that the reference is at least as fast as that. Where the first rate is no improvement on the
second, nothing is. For agents of one kind both are the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache

from efpep.errors import CertificateError
from efpep.model.text import down, up
from efpep.questions.base import Verdict
from efpep.questions.improvement.question import Improvement, Measure
from efpep.studies.laws.grid import WorkerConfiguration
from efpep.studies.laws.law import Cell, Finding
from efpep.theory import error_feedback

_LOST = Fraction(1, 10**30)
"""More than the roots of closed forms are off."""


def checked(keys: Sequence[str]) -> str:
    """Return the commands that check the theorems about some methods, after having checked these once in this process.

    Raises:
        CertificateError: a proof does not hold.
    """
    for key in keys:
        if not _holds(key):
            raise CertificateError(f"a theorem about {key} does not hold; see efpep prove {key}.")
    return ", ".join(f"efpep prove {key}" for key in keys)


@cache
def _holds(key: str) -> bool:
    from efpep.theorems.catalogue import theorems_about

    return all(theorem.check().proved for theorem in theorems_about(key))


def ends(configuration: WorkerConfiguration) -> tuple[Fraction, Fraction] | None:
    """Return the rate of one agent with average constants at its best step size, and the root of the cubic.

    None where no theorem is about the configuration: agents all of which have ``mu = L``.
    """
    if all(kappa == 1 for _, kappa in configuration.workers):
        return None
    alone, law = error_feedback.rate(configuration.averaged()), error_feedback.cubic_rate(configuration.setting())
    return None if alone is None else (alone.value - _LOST, law.value + _LOST)


def nothing_better(configuration: WorkerConfiguration, improvement: Improvement, keys: Sequence[str]) -> Finding | None:
    """Return that no choice at all improves on the reference, where theorems say so; None where they leave it open."""
    found = ends(configuration)
    if found is None or found[0] < improvement.threshold(found[1]):
        return None
    measures = {m: found[0] >= replace(improvement, measure=m).threshold(found[1]) for m in (Measure.RATE, Measure.CONTRACTION)}
    row: dict[str, Cell] = {
        **{f"by_{m.value}": (Verdict.PROVED if holds else Verdict.UNDECIDED).value for m, holds in measures.items()},
        "least": down(found[0], 15),
        "reference_upper": up(found[1], 15),
        "theorem": checked(keys),
    }
    return Finding(Verdict.PROVED, 1, 0, row)
