"""What certificates of growing potentials claim, as JSON objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.questions.common.potential_report import answer_object, answer_rows, answer_text
from efpep.report.answer import ends_object, method_object, setting_object

if TYPE_CHECKING:
    from efpep.questions.potential.question import PotentialCertificate


def claim_object(certificate: PotentialCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question, the sum of the weights, and the constant."""
    return {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "iterations": certificate.question.iterations,
        **({} if certificate.setting.noise is None else {"radius": exact(certificate.question.radius)}),
        "total": exact(certificate.question.inequalities.total),
        "K": ends_object(certificate.lower, certificate.upper),
    }


__all__ = ["answer_object", "answer_rows", "answer_text", "claim_object"]
