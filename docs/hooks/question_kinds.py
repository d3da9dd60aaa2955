"""The kinds of questions that have certificates: name, format, and what the question's class says of itself."""

from __future__ import annotations

from docstring_text import said

from efpep.questions.kinds import KINDS


def question_kinds() -> str:
    """Return a section a kind."""
    return "\n\n".join(
        f"### {name[:1].upper()}{name[1:]}\n\nFormat `{kind.format}`.\n\n{said(kind.question())}" for name, kind in KINDS.items()
    )
