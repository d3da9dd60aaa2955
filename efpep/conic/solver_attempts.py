"""What an undecided answer says of the solvers that were tried."""

from __future__ import annotations


def unproved(solvers: str) -> str:
    """Return what an undecided answer says of what was tried; the names of several solvers are joined by ``+``."""
    named = " and ".join(dict.fromkeys(solvers.split("+")))
    return f"nothing that {named} proposed passed the exact check"
