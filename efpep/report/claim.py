"""What certificates claim, as JSON objects: one function a kind of certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from efpep.certify.growing import GrowingClaim
from efpep.certify.horizon import HorizonCertificate
from efpep.certify.improvement import ImprovementCertificate
from efpep.certify.one_step import AveragingClaim
from efpep.certify.orbit import OrbitCertificate
from efpep.certify.patterns import PatternCertificate
from efpep.certify.rate import RateClaim
from efpep.certify.step_size import StepSizeCertificate
from efpep.report import answer, improvement, orbit_answer, potential, promise, step_size, worst_case

if TYPE_CHECKING:
    from efpep.certify.formats import AnyCertificate

CLAIMS: dict[type[Any], Callable[[Any], dict[str, object]]] = {
    RateClaim: answer.claim_object,
    ImprovementCertificate: improvement.improvement_claim,
    OrbitCertificate: orbit_answer.claim_object,
    StepSizeCertificate: step_size.step_size_claim,
    GrowingClaim: potential.growing_claim,
    AveragingClaim: potential.one_step_claim,
    PatternCertificate: promise.pattern_claim,
    HorizonCertificate: worst_case.worst_case_claim,
}
"""How a claim is shown, by its class, or that of its certificate."""


def claim_object(certificate: AnyCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question's parameters, and the interval that is claimed."""
    kind: object = getattr(certificate, "claim", certificate)
    return CLAIMS[type(kind)](certificate)
