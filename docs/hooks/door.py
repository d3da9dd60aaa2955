"""The public door: every name of ``efpep``, by what it is for."""

from __future__ import annotations

import efpep

PARTS = {
    "Questions": [
        "rate", "tune", "potential", "worst_case", "rates_in_horizon", "cycle", "noise",
        "asymptotic_lower_bound", "switching_worst_case",
        "guarantee", "simplify", "landscape", "ask", "crosscheck",
    ],
    "Settings": ["Setting", "Group", "Verdict"],
    "Certificates": ["verify", "Certificate", "allowing"],
    "Runs": ["simulate", "compare", "replay", "distributed"],
    "Studies": ["run", "table", "figure"],
    "Methods of your own": ["Method", "Memory", "Range", "Unit"],
    "Operators": ["TopK", "RandK", "Identity"],
    "Errors": ["EfpepError", "InputError", "UnavailableError", "CertificateError"],
}  # fmt: skip
"""Methods and classes of functions and compressors have pages of their own."""


def door() -> str:
    """Return a section a part, in which mkdocstrings describes each name; a name in no part of its own is in the last one."""
    named = {name for names in PARTS.values() for name in names}
    unknown = named - set(efpep.__all__)
    if unknown:
        raise LookupError(f"{', '.join(sorted(unknown))}: the door has no such names; correct docs/hooks/door.py.")
    rest = sorted(name for name in efpep.__all__ if name not in named and not name.startswith("_"))
    parts = {**PARTS, "Catalogues": rest}
    return "\n\n".join(f"## {title}\n\n" + "\n\n".join(f"::: efpep.{name}" for name in names) for title, names in parts.items())
