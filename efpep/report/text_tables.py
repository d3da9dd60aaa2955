"""Tables of text: aligned in Markdown, as CSV, and as the three files of a report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from html import escape


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table with columns as wide as their widest cell; the first line is the header."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return rows


def html_table(title: str, lines: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """Return a table in HTML with a caption and notes below it, all escaped; the first line is the header.

    Cells between ``**`` are bold, as in Markdown.
    """
    (header, *rows), left = lines, "style='text-align:left'"
    body = "\n".join(f"<tr>{''.join(f'<td>{_html(cell)}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    below = "\n".join(f"<p>{escape(note)}</p>" for note in notes)
    table = (
        f"<table>\n<caption {left}>{escape(title)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
    return f"<div class='mathjax_ignore tex2jax_ignore'>\n{table}\n{below}\n</div>"


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


def _html(cell: str) -> str:
    inside = cell.removeprefix("**").removesuffix("**")
    return f"<strong>{escape(inside)}</strong>" if len(cell) - len(inside) == 4 else escape(cell)
