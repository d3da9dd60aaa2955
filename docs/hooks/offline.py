"""No page loads anything from the network; one that would ends the build."""

from __future__ import annotations

import re

_LOADED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b[^>]*\brel=[\"']?(?:stylesheet|preconnect|preload|icon)[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^>]*\brel=[\"']?(?:stylesheet|preconnect|preload|icon)[^>]*>"
)


def on_post_page(output: str, *, page: object, **_: object) -> str:
    """Return the page as it is.

    Raises:
        LookupError: it loads something from elsewhere.
    """
    found = _LOADED.search(output)
    if found:
        raise LookupError(f"{page} loads something from the network: {found[0]}")
    return output
