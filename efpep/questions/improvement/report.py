"""Answers and claims about improvements as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.questions.improvement.question import WORDS
from efpep.questions.rate import report
from efpep.report.answer import method_object, said_rows, setting_object

if TYPE_CHECKING:
    from efpep.questions.improvement.answer import ImprovementAnswer
    from efpep.questions.improvement.question import ImprovementCertificate


def claim_object(certificate: ImprovementCertificate) -> dict[str, object]:
    """Return the reference's claim, what is looked for, and how many choices of parameters have each verdict."""
    question, found = certificate.question, certificate.upper
    return {
        **({} if found is None else report.claim_object(found.reference)),
        "improvement": question.improvement.describe(),
        "names": list(question.names),
        "choices": {} if found is None else {WORDS[verdict]: count for verdict, count in found.counts().items()},
    }


def answer_object(found: ImprovementAnswer) -> dict[str, object]:
    """Return an answer: what is claimed, and who proposed it."""
    question, certificate = found.question, found.certificate
    asked = {**method_object(found.method), **setting_object(found.setting), "metric": question.metric}
    return {
        **(asked if certificate is None else claim_object(certificate)),
        "certified": certificate is not None,
        "solver": found.solver,
        "seconds": round(found.seconds, 6),
    }


def answer_text(found: ImprovementAnswer) -> str:
    """Return an answer as text."""
    return str(found)


def answer_rows(found: ImprovementAnswer) -> list[tuple[str, str]]:
    """Return what is proved, and who proposed it."""
    return said_rows(found)
