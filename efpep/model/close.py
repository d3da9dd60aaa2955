"""What somebody may have meant by a name that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def meant(name: object, known: Iterable[str]) -> str:
    """Return ``" (did you mean ef21?)"`` where a known name is close, in whatever case, else nothing."""
    names = {_plain(other): other for other in known}
    close = difflib.get_close_matches(_plain(str(name)), names, n=1, cutoff=0.7)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def _plain(name: str) -> str:
    return name.strip().lower().replace("_", "-")
