"""The verdict on a certificate file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from efpep.errors import CertificateError, UnavailableError, reason
from efpep.model.field import shown
from efpep.proof.provenance import Provenance
from efpep.questions.base import AnyCertificate
from efpep.trust import allowing


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a certificate file found.

    Attributes:
        accepted: True where the witnesses prove the claim, False where they do not or the file is malformed, None where the
            claim is about a class whose module is not allowed or cannot be imported here, or whose own code fails.
        certificate: the certificate, where the file could be read as one.
        reason: one sentence: what was proved, or why the file is refused.
        note: one sentence where the digest in an accepted file is not that of the question as it is rebuilt now; else empty.
            Digests decide nothing: the check is about what is rebuilt.
    """

    accepted: bool | None
    certificate: AnyCertificate | None
    reason: str
    note: str = ""

    @property
    def provenance(self) -> Provenance | None:
        """Who wrote the file, as it says itself; None where it does not."""
        return None if self.certificate is None else self.certificate.provenance


def verify(path: str | Path, *, allow: Iterable[str] = ()) -> Verification:
    """Check the certificate in a file, in exact arithmetic and from the method's own definition.

    Nothing is raised because of what the file holds: the answer says what is wrong. Classes of efpep's own are found by their
    keys. A claim about a class or metric from elsewhere names it as ``module:name``; to import a module is to run its code, so
    only modules that are allowed are imported, and without them it is undecided and says which one would be needed.

    Args:
        path: the file.
        allow: the names of the modules whose code may run, such as ``["my_methods"]``.

    Raises:
        InputError: ``allow`` has something that is no name of a module.
    """
    if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]
        return Verification(False, None, f"Refused: {shown(path)} is not the path of a file.")
    with allowing(*([allow] if isinstance(allow, str) else allow)):
        return _verified(path)


def _verified(path: str | os.PathLike[str]) -> Verification:
    certificate: AnyCertificate | None = None
    try:
        certificate = AnyCertificate.load(Path(path))
        said = certificate.check()
        return Verification(True, certificate, said, _compared(certificate))
    except CertificateError as error:
        return Verification(False, certificate, f"Refused: {error}")
    except UnavailableError as error:
        return Verification(None, certificate, f"Undecided: {error}")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - classes from elsewhere may raise anything
        return Verification(None, certificate, f"Undecided: the code that the claim names failed ({reason(error)}).")


def _compared(certificate: AnyCertificate) -> str:
    """Return a sentence where the certificate was written about other inequalities than those that are rebuilt."""
    found = certificate.provenance
    try:
        if found is None or found.system == certificate.question.digest:
            return ""
    except (Exception, SystemExit):  # noqa: BLE001 - the check says what is wrong with the question
        return ""
    return (
        "The digest in the file is not that of the inequalities that this version rebuilds, so the version that wrote it "
        f"({found.version}) recorded others, or the claim was changed; the check holds nevertheless, about the rebuilt ones."
    )
