"""mkdocstrings shows docstrings as Markdown."""

from __future__ import annotations

from typing import Any

import griffe
from docstring_text import markdown


class Docstrings(griffe.Extension):
    """What mkdocstrings shows is :func:`docstring_text.markdown` of each docstring."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)
