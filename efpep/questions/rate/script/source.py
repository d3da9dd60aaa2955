"""The parts of a stand-alone script that are the same for all: its imports, and the code that is copied into it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from efpep.model import claim_sentences as statement
from efpep.model import text
from efpep.questions.rate.script import standalone, standalone_algebra, standalone_data, standalone_given, standalone_rows

if TYPE_CHECKING:
    from efpep.questions.rate.question import RateCertificate


def certificate_digest(certificate: RateCertificate) -> str:
    """Return the SHA-256 of a certificate's canonical JSON."""
    described = json.dumps(certificate.describe(), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(described.encode()).hexdigest()


IMPORTS = """from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any
"""


def checks() -> str:
    """Return the code that checks a script's data."""
    modules = (text, statement, standalone_algebra, standalone_rows, standalone_data, standalone_given, standalone)
    return "\n\n\n".join(_source(module) for module in modules)


def _source(module: ModuleType) -> str:
    """Return a module's code below its imports, without remarks for linters."""
    source = Path(str(module.__file__)).read_text(encoding="utf-8")
    return re.sub(r"  # noqa: \w+", "", "# --- " + source.partition("\n# --- ")[2]).rstrip()
