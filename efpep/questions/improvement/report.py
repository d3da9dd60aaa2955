"""Improvement certificates as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.report import answer

if TYPE_CHECKING:
    from efpep.questions.improvement.certificate import ImprovementCertificate


def improvement_claim(certificate: ImprovementCertificate) -> dict[str, object]:
    """Return the reference's claim, what is looked for, and how many choices of parameters have each verdict."""
    counts = certificate.counts()
    return {
        **answer.claim_object(certificate.reference),
        "improvement": certificate.improvement.describe(),
        "names": list(certificate.names),
        "choices": {verdict.value: count for verdict, count in counts.items()},
    }
