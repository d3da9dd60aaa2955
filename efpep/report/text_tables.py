"""Tables of text: plain, in Markdown, in HTML, as CSV, and as the three files of a report."""

from __future__ import annotations

import csv
import io
import itertools
import json
import textwrap
from collections.abc import Mapping, Sequence
from html import escape

from efpep.report.arrangement import Cell, Shown, TableColumn
from efpep.report.cells import brief

_WIDE = 120
_NAMES = {"factor": "step size / optimal", "step": "step size"}


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table with columns as wide as their widest cell; the first line is the header."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return rows


def text_table(title: str, lines: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """Return a table as plain text: the title, aligned columns without rules between them, and the notes."""
    plain = [[cell.replace("**", "") for cell in line] for line in lines]
    widths = [max(map(len, column)) for column in zip(*plain, strict=True)]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in plain]
    rows.insert(1, "  ".join("-" * width for width in widths))
    below = [line for note in notes for line in ("", *textwrap.wrap(note, _WIDE, break_long_words=False, break_on_hyphens=False))]
    return "\n".join([title, "", *rows, *below])


def markdown_table(title: str, lines: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """Return a table in Markdown with a title above and notes below it; the first line is the header."""
    return "\n".join([f"# {title}", "", *aligned(lines), "", "\n\n".join(notes)])


def html_table(title: str, columns: Sequence[TableColumn], notes: Sequence[str]) -> str:
    """Return a table in HTML with a caption, what stands across above its columns, and notes below it, all escaped."""
    left = "style='text-align:left'"
    spans = [(over, len(list(each))) for over, each in itertools.groupby(columns, key=lambda column: column.spanner)]
    across = "".join(f"<th colspan='{count}' style='text-align:center'>{escape(over)}</th>" for over, count in spans)
    names = "".join(f"<th>{escape(_NAMES.get(column.name, column.name))}</th>" for column in columns)
    head = "\n".join(f"<tr>{row}</tr>" for row in ([across] if any(over for over, _ in spans) else []) + [names])
    cells = zip(*(column.cells for column in columns), strict=True)
    body = "\n".join(f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in cells)
    below = "\n".join(f"<p>{escape(note)}</p>" for note in notes)
    table = f"<table>\n<caption {left}>{escape(title)}</caption>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f"<div class='mathjax_ignore tex2jax_ignore'>\n{table}\n{below}\n</div>"


def flat(columns: Sequence[TableColumn]) -> list[list[str]]:
    """Return columns as lines of text, the header first, which says in parentheses what stands across; bold as in Markdown."""
    names = [_NAMES.get(column.name, column.name) for column in columns]
    head = [f"{name} ({column.spanner})" if column.spanner else name for name, column in zip(names, columns, strict=True)]
    return [head, *([_text(cell) for cell in row] for row in zip(*(column.cells for column in columns), strict=True))]


def csv_text(rows: Sequence[Mapping[str, object]]) -> str:
    """Return rows of named cells as CSV, with a column for each name in the order in which they occur first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def report_files(markdown: str, rows: Sequence[Mapping[str, object]], described: Mapping[str, object]) -> dict[str, str]:
    """Return report.md, report.csv and report.json as texts by name."""
    return {"report.md": markdown, "report.csv": csv_text(rows), "report.json": json.dumps(described, indent=1)}


def _text(cell: Cell) -> str:
    if not isinstance(cell, Shown):
        return brief(cell)
    return f"**{cell.marked()}**" if cell.bold else cell.marked()


def _html(cell: Cell) -> str:
    text = escape(cell.marked() if isinstance(cell, Shown) else brief(cell))
    return f"<strong>{text}</strong>" if isinstance(cell, Shown) and cell.bold else text
