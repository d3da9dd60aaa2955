"""Answers and claims about quadratics as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.model.text import down
from efpep.report.answer import method_object, said_rows, setting_object

if TYPE_CHECKING:
    from efpep.questions.quadratic.answer import SlowestQuadratic
    from efpep.questions.quadratic.question import QuadraticCertificate


def claim_object(certificate: QuadraticCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question, the period, and ``"lower"``, which no factor a step of squares is below."""
    return {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "period": certificate.question.period,
        "lower": None if certificate.lower is None else down(certificate.lower.rate, 15),
    }


def answer_object(found: SlowestQuadratic) -> dict[str, object]:
    """Return an answer: ``"lower"`` bounds the method's own rate from below, None where nothing is proved."""
    return {
        **method_object(found.method),
        **setting_object(found.setting),
        "period": found.question.period,
        "lower": None if found.rate is None else down(found.rate, 15),
        "certified": found.certificate is not None,
        "solver": found.solver,
        "seconds": round(found.seconds, 6),
    }


def answer_text(found: SlowestQuadratic) -> str:
    """Return an answer as text."""
    return str(found)


def answer_rows(found: SlowestQuadratic) -> list[tuple[str, str]]:
    """Return what is proved, and who proposed it."""
    return said_rows(found)
