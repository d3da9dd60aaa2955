"""Tables of text: aligned in Markdown, as CSV, and as the three files of a report."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence


def aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table with columns as wide as their widest cell; the first line is the header."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return rows


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
