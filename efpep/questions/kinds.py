"""The kinds of certificate files, by the format that a file's claim names.

A kind is one class with ``restore`` (read a file's JSON object) and ``check``. A new kind is one line in :data:`FORMATS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from efpep.errors import CertificateError
from efpep.model.field import shown
from efpep.proof import files
from efpep.questions.base import CLAIMS, Certificate
from efpep.questions.cycle import certificate as orbit
from efpep.questions.improvement import certificate as improvement
from efpep.questions.switching import certificate as patterns
from efpep.questions.tune import certificate as step_size
from efpep.questions.worst_case import certificate as horizon


class AnyCertificate(Protocol):
    """A claim with its proof, of whatever kind."""

    def check(self) -> str:
        """Check the proof in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        ...

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object with the keys ``"claim"`` and ``"witnesses"``."""
        ...


class Kind(Protocol):
    """A class of certificates."""

    def restore(self, described: Mapping[str, object]) -> AnyCertificate:
        """Return the certificate that ``describe`` described, without checking its proof.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        ...


FORMATS: dict[str, Kind] = {
    **dict.fromkeys(CLAIMS, Certificate),
    improvement.FORMAT: improvement.ImprovementCertificate,
    orbit.FORMAT: orbit.OrbitCertificate,
    step_size.FORMAT: step_size.StepSizeCertificate,
    patterns.FORMAT: patterns.PatternCertificate,
    horizon.FORMAT: horizon.HorizonCertificate,
}
"""The kinds of certificates by format."""


def load(path: str | Path) -> AnyCertificate:
    """Read a certificate of any kind from a JSON file, without checking its proof.

    Raises:
        CertificateError: the file is malformed, or of no format that is known here.
        UnavailableError: a class of the user's cannot be imported here.
    """
    return restore(files.load(Path(path)))


def restore(described: Mapping[str, object]) -> AnyCertificate:
    """Return the certificate of any kind that ``describe`` described, without checking its proof.

    Raises:
        CertificateError: the description is malformed, or of no format that is known here.
        UnavailableError: a class of the user's cannot be imported here.
    """
    described = files.table(described, "the certificate", ["claim", "witnesses"])
    claim = files.table(described["claim"], "the claim")
    if "format" not in claim:
        raise CertificateError("the claim has no 'format'.")
    form = claim["format"]
    if not isinstance(form, str) or form not in FORMATS:
        raise CertificateError(f"the claim's format is {shown(form)}, which is none of {', '.join(FORMATS)}.")
    return FORMATS[form].restore(described)
