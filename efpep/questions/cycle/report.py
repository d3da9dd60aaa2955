"""Answers and claims about closed trajectories as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.questions.cycle.question import CycleQuestion
from efpep.report.answer import defaults_text, interval_object, method_object, said_rows, setting_object

if TYPE_CHECKING:
    from efpep.questions.cycle.answer import Cycle
    from efpep.questions.cycle.asymptotic_lower_bound import AsymptoticLowerBound
    from efpep.questions.cycle.question import CycleCertificate


def claim_object(certificate: CycleCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question, the period, the factor, and whether such a trajectory exists."""
    return {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "period": certificate.question.period,
        "factor": exact(certificate.question.factor),
        "exists": certificate.lower is not None,
    }


def answer_object(found: Cycle) -> dict[str, object]:
    """Return an answer; ``"cycle"`` is true, false, or None where undecided."""
    return {
        **method_object(found.method),
        **setting_object(found.setting),
        "period": found.period,
        "cycle": None if found.certificate is None else found.certificate.lower is not None,
        "certified": found.certificate is not None,
        "solver": found.solver,
        "seconds": round(found.seconds, 6),
    }


def answer_text(found: Cycle) -> str:
    """Return an answer as text, with the parameters that have their default values."""
    return f"{found}{defaults_text(found.method)}"


def answer_rows(found: Cycle) -> list[tuple[str, str]]:
    """Return what is proved, and who proposed it."""
    return said_rows(found)


def slowest_object(found: AsymptoticLowerBound) -> dict[str, object]:
    """Return an answer: ``"lower"`` bounds the method's own asymptotic rate from below, ``"upper"`` from above.

    ``"by"`` is the kind of its certificate, ``"factor"`` that of a trajectory, ``"finding"`` whether the two are one rate.
    """
    question = None if found.certificate is None else found.certificate.question
    return {
        **method_object(found.method),
        **setting_object(found.setting),
        "asymptotic_rate": interval_object(found.lower, found.upper),
        "gap": None if found.gap is None else float(found.gap),
        "by": None if question is None else question.KIND,
        "period": None if question is None else question.period,
        "factor": exact(question.factor) if isinstance(question, CycleQuestion) else None,
        "finding": found.finding,
        "certified": question is not None,
        "seconds": round(found.seconds, 6),
    }
