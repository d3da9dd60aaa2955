"""What certificates of improvements claim, as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.questions.improvement.question import WORDS
from efpep.questions.rate import report

if TYPE_CHECKING:
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
