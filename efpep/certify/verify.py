"""The verdict on a certificate file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from efpep.certify.certificate import Certificate
from efpep.errors import CertificateError, UnavailableError


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of a certificate file found.

    Attributes:
        accepted: True where the witnesses prove the claim, False where they do not or the file is malformed, None where the
            claim is about a class that cannot be imported here.
        certificate: the certificate, where the file could be read as one.
        reason: one sentence: what was proved, or why the file is refused.
    """

    accepted: bool | None
    certificate: Certificate | None
    reason: str


def verify(path: str | Path) -> Verdict:
    """Check the certificate in a file, in exact arithmetic and from the method's own definition."""
    certificate: Certificate | None = None
    try:
        certificate = Certificate.load(path)
        return Verdict(True, certificate, certificate.check())
    except CertificateError as error:
        return Verdict(False, certificate, f"Refused: {error}")
    except UnavailableError as error:
        return Verdict(None, certificate, f"Undecided: {error}")
