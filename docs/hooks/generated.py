"""What pages show of the package itself: ``<!-- generated: NAME -->`` is replaced when the site is built."""

from __future__ import annotations

import re
from collections.abc import Callable

from catalogues import compressors, functions, methods
from command_line import commands
from door import door
from question_kinds import question_kinds

_GENERATED: dict[str, Callable[[], str]] = {
    "methods": methods,
    "compressors": compressors,
    "functions": functions,
    "command line": commands,
    "kinds of questions": question_kinds,
    "public door": door,
}
_MARK = re.compile(r"^<!-- generated: (.*?) -->$", re.MULTILINE)


def on_page_markdown(text: str, **_: object) -> str:
    """Fill the marks of a page."""
    return _MARK.sub(lambda found: _GENERATED[found[1]](), text)
