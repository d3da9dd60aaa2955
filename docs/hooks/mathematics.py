"""Mathematics of the pages: ``$...$`` and ``$$...$$`` become MathML when the site is built, so that no page loads a renderer."""

from __future__ import annotations

import html
import re

from latex2mathml.converter import convert

_INLINE = re.compile(r'<span class="arithmatex">\\\((.*?)\\\)</span>', re.DOTALL)
_DISPLAY = re.compile(r'<div class="arithmatex">\s*\\\[(.*?)\\\]\s*</div>', re.DOTALL)
_NORM = re.compile(r"(?:\\(?:left|right|[Bb]igg?[lr]))?\\([lr])Vert(?![A-Za-z])")
_RELATION = re.compile("<mi>(&#x02AB[0-9A-F];|&#x02AAF;)</mi>")
"""Relations of matrices, which the converter takes for letters."""


def on_page_content(content: str, **_: object) -> str:
    """Replace what the Markdown extension arithmatex marked."""
    content = _DISPLAY.sub(lambda found: typeset(html.unescape(found[1]).strip(), "block"), content)
    return _INLINE.sub(lambda found: typeset(html.unescape(found[1]).strip()), content)


def typeset(formula: str, display: str = "inline") -> str:
    """Return a formula as MathML; both bars of a norm grow with what is between them.

    Raises:
        LookupError: it has a command that the converter does not know.
    """
    balanced = _NORM.sub(lambda found: rf"\{'left' if found[1] == 'l' else 'right'}\{found[1]}Vert", formula)
    found = _RELATION.sub(r"<mo>\1</mo>", convert(balanced, display=display))
    if "\\" in found:
        raise LookupError(f"{formula} has a command that becomes no MathML; write it otherwise.")
    return found
