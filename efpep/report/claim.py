"""What certificates claim, as JSON objects: one function a kind of certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from efpep.questions.averaging import report as promise
from efpep.questions.averaging.question import AveragingClaim
from efpep.questions.common import potential_report as potential
from efpep.questions.cycle import report as orbit_answer
from efpep.questions.cycle.certificate import OrbitCertificate
from efpep.questions.improvement import report as improvement
from efpep.questions.improvement.certificate import ImprovementCertificate
from efpep.questions.potential.question import GrowingClaim
from efpep.questions.rate.question import RateClaim
from efpep.questions.switching.certificate import PatternCertificate
from efpep.questions.tune import report as step_size
from efpep.questions.tune.certificate import StepSizeCertificate
from efpep.questions.worst_case import report as worst_case
from efpep.questions.worst_case.certificate import HorizonCertificate
from efpep.report import answer

if TYPE_CHECKING:
    from efpep.questions.kinds import AnyCertificate

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
