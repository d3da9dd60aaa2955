"""How answers show themselves: a few lines at a prompt, and a card in a notebook.

An answer says what there is to show as a :class:`Display`; :class:`Displayed` writes it. All text is escaped, and notebooks
typeset nothing of it but the formula.
"""

from __future__ import annotations

import json
import textwrap
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

_NAME = 11
_SHORT = 120
_LONGEST = 20_000
_COLOURS = {"proved": "#1a7f37", "refuted": "#b42318", "undecided": "#9a6700", "diverged": "#b42318"}
_NEUTRAL = "#57606a"
_PLAIN = "mathjax_ignore tex2jax_ignore"
"""The classes of elements in which MathJax typesets nothing."""

Rows = Sequence[tuple[str, str]]
"""Names and texts; a text without a name goes on with the one above it."""


@dataclass(frozen=True, slots=True)
class Display:
    """What an answer shows.

    Attributes:
        verdict: one word: proved, refuted, undecided, or what else became of it; it has a colour.
        finding: the verdict in words, where they say more.
        rows: the question and the answer, by name.
        formula: a formula in LaTeX, without delimiters, or None.
        folded: what is shown where a reader asks for it, as a title and what makes the text, or None.
    """

    verdict: str
    finding: str
    rows: Rows
    formula: str | None = None
    folded: tuple[str, Callable[[], str]] | None = None


class Displayed:
    """Base of answers: what :meth:`display` returns is what prompts and notebooks show."""

    __slots__ = ()

    @abstractmethod
    def display(self) -> Display:
        """Return what there is to show."""

    def summary(self) -> str:
        """Return question and answer as lines, each under its name."""
        return wrapped_lines(self.display().rows)

    def __repr__(self) -> str:
        """Return the verdict and the rows, each on one line."""
        shown = self.display()
        rows = [f"{name:<{_NAME}}{text}" for name, text in shown.rows if name]
        lines = [line.replace("\xa0", " ") for line in (f"{type(self).__name__}: {shown.verdict}", *rows)]
        return "\n".join(line if len(line) <= _SHORT else f"{line[: _SHORT - 4].rstrip()} ..." for line in lines)

    def _repr_html_(self) -> str:
        """Return the answer as a card for notebooks, the formula typeset, the proof folded."""
        shown = self.display()
        colour = _COLOURS.get(shown.verdict, _NEUTRAL)
        more = f": {escape(shown.finding)}" if shown.finding not in {"", shown.verdict} else ""
        head = f"<b>{escape(type(self).__name__)}</b> <b style='color:{colour}'>{escape(shown.verdict)}</b>{more}"
        left = "style='text-align:left;vertical-align:top'"
        cells = [f"<tr><th {left}>{escape(name)}</th><td {left}>{escape(text)}</td></tr>" for name, text in shown.rows]
        formula = "" if shown.formula is None else f"<div>$${escape(shown.formula)}$$</div>"
        return (
            f"<div style='border-left:4px solid {colour};padding-left:.8em'><div class='{_PLAIN}'>{head}"
            f"<table>{''.join(cells)}</table></div>{formula}{_folded(shown)}</div>"
        )

    def _repr_markdown_(self) -> str:
        """Return the answer in Markdown, for converters that take no HTML."""
        shown = self.display()
        lines = [f"**{type(self).__name__}**: {shown.finding or shown.verdict}", ""]
        lines += [f"- {name}: {_code(text)}" if name else f"  {_code(text)}" for name, text in shown.rows]
        return "\n".join([*lines, *([] if shown.formula is None else ["", f"$$ {shown.formula} $$"])])


def row_lines(rows: Rows) -> str:
    """Return rows as lines, the texts aligned."""
    return "\n".join(f"{name:<{_NAME}}{text}".rstrip() for name, text in rows)


def wrapped_lines(rows: Rows) -> str:
    """Return rows as lines, wrapped to a page's width where spaces are; no-break spaces are printed as spaces."""
    pages = [
        textwrap.wrap(
            text,
            _SHORT,
            initial_indent=f"{name:<{_NAME}}",
            subsequent_indent=" " * _NAME,
            break_long_words=False,
            break_on_hyphens=False,
        )
        for name, text in rows
    ]
    return "\n".join(line for page in pages for line in page).replace("\xa0", " ")


def as_json(described: Mapping[str, object]) -> str:
    """Return an object as JSON, cut where it is very long."""
    text = json.dumps(described, indent=1)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n... and {len(text) - _LONGEST} characters more"


def _folded(shown: Display) -> str:
    if shown.folded is None:
        return ""
    title, text = shown.folded
    block = f"<pre style='max-height:24em;overflow:auto'>{escape(text())}</pre>"
    return f"<details class='{_PLAIN}'><summary>{escape(title)}</summary>{block}</details>"


def _code(text: str) -> str:
    """Return text as a code span, with a fence that it does not hold."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"
