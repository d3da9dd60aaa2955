"""What certificates of averaging potentials claim, as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.questions.common.potential_report import answer_object, answer_rows, answer_text
from efpep.report.answer import ends_object, method_object, setting_object

if TYPE_CHECKING:
    from efpep.questions.averaging.question import AveragingCertificate


def claim_object(certificate: AveragingCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question and the constant."""
    return {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "in_expectation": certificate.question.in_expectation,
        "K": ends_object(certificate.lower, certificate.upper),
    }


__all__ = ["answer_object", "answer_rows", "answer_text", "claim_object"]
