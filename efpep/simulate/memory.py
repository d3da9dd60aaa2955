"""What does not fit in memory, refused before the work begins."""

from __future__ import annotations

import os

from efpep.errors import InputError

NUMBER = 8
"""Bytes of a double."""
RECORD = 800
"""About how many bytes a recorded iteration takes while a run goes on."""


def require_memory(size: int, what: str, argument: str | None = None) -> None:
    """Refuse what takes more bytes than this machine has.

    Args:
        size: how many bytes it takes at least.
        what: what takes them, as the sentence begins.
        argument: the argument that it is about.

    Raises:
        InputError: there are not so many.
    """
    there = physical()
    if there is not None and size > there:
        raise InputError(
            f"{what} takes {size / 2**30:.3g} GiB of memory at least, and this machine has {there / 2**30:.3g}; take less.",
            argument=argument,
        )


def physical() -> int | None:
    """Return how many bytes of memory this machine has, or None where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
