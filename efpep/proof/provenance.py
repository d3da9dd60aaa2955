"""Who wrote a certificate's file: information for its reader, on which no check rests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from efpep._version import __version__
from efpep.errors import CertificateError
from efpep.proof import files

_WRITTEN = {
    "version": (re.compile(r"[0-9A-Za-z.+!-]{1,40}"), "a version such as '0.1.0'"),
    "solver": (re.compile(r"[!-~]{1,100}"), "a solver's name, or null"),
    "system": (re.compile(r"[0-9a-f]{64}"), "a SHA-256 in hexadecimal digits"),
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who wrote a certificate, and about which inequalities.

    Attributes:
        solver: whose proposals became the certificate; None where no solver did, or that is not known.
        version: efpep's version.
        system: the digest of the exact system of the question (:mod:`efpep.model.digest`); None until it is written to a file.
    """

    solver: str | None = None
    version: str = __version__
    system: str | None = None

    def describe(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {"version": self.version, "solver": self.solver, "system": self.system}

    @classmethod
    def restore(cls, described: object) -> Provenance:
        """Return what a file says of itself.

        Raises:
            CertificateError: it is malformed.
        """
        found = cast("dict[str, Any]", files.table(described, "the provenance", list(_WRITTEN)))
        for name, (form, what) in _WRITTEN.items():
            value = found[name]
            if not (isinstance(value, str) and form.fullmatch(value)) and not (name == "solver" and value is None):
                raise CertificateError(f"the provenance's {name} is not {what}.")
        return cls(found["solver"], found["version"], found["system"])

    def __str__(self) -> str:
        """Say who wrote it."""
        by = "a theorem's formulas" if self.solver == "theorem" else self.solver
        return f"written by efpep {self.version}" + ("" if by is None else f" from proposals of {by}")
