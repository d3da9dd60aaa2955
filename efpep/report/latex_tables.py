"""LaTeX tables, for documents with booktabs and siunitx, whose columns are aligned at the decimal point.

A table is made to fit the text of an article, 345 points wide, by smaller type and less space between columns as far as that
goes. Notes below it need threeparttable; the first line of a table says what it needs.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from efpep.report.arrangement import METHOD, Cell, Shown, TableColumn
from efpep.report.cells import Parameter, number
from efpep.report.latex import DECIMAL, SYMBOLS, cell, decimal, escaped, numeral
from efpep.report.layout import TableLayout

_ROWS_ON_A_PAGE = 34
_WIDTH = 345
"""The width of an article's text in points."""
_SIZES = ((r"\small", 4.75, 6), (r"\small", 4.75, 4), (r"\footnotesize", 4.4, 3), (r"\scriptsize", 4.1, 2))
"""Sizes of type with the width of a digit, and the space on either side of a column, in points."""
_LONGEST = 40
"""Longer cells are broken into lines."""


@dataclass(frozen=True, slots=True)
class _Typeset:
    """A column in LaTeX: its type, its label, its cells, and about how many digits wide it is."""

    kind: str
    label: str
    cells: Sequence[str]
    digits: float


@dataclass(frozen=True, slots=True)
class Typeset:
    """The columns of a table in LaTeX.

    Attributes:
        head: the lines above the first row.
        lines: the rows.
        size: the commands for the size of type.
        fits: whether it fits the text of an article.
    """

    head: Sequence[str]
    lines: Sequence[str]
    size: str
    fits: bool


def typeset(columns: Sequence[TableColumn], labels: Mapping[str, str]) -> Typeset:
    """Return columns in LaTeX, with these labels, as large as they fit."""
    found = [_column(column, labels) for column in columns]
    spans = [(over, len(list(each))) for over, each in itertools.groupby(columns, key=lambda column: column.over)]
    first, across, rules, digits = 1, list[str](), list[str](), list[float]()
    for over, count in spans:
        inside = sum(each.digits for each in found[first - 1 : first - 1 + count])
        text = "" if over is None else _over(*over)
        across += [rf"\multicolumn{{{count}}}{{c}}{{{text}}}"] if text else [""] * count
        rules += [rf"\cmidrule(lr){{{first}-{first + count - 1}}}"] * bool(text)
        digits.append(max(inside, _length(text)))
        first += count
    size, fits = _SIZES[-1], False
    for each in _SIZES:
        if sum(digits) * each[1] + 2 * len(columns) * each[2] <= _WIDTH:
            size, fits = each, True
            break
    kinds = " ".join(each.kind for each in found)
    names = [f"{{{each.label}}}" if each.kind.startswith("S") else each.label for each in found]
    head = [rf"\begin{{tabular}}{{{kinds}}}", r"\toprule", *([" & ".join(across) + r" \\", " ".join(rules)] if rules else [])]
    lines = [" & ".join(row) + r" \\" for row in zip(*(each.cells for each in found), strict=True)]
    narrow = "" if size[2] == 6 else rf"\setlength{{\tabcolsep}}{{{size[2]}pt}}"
    return Typeset([*head, " & ".join(names) + r" \\", r"\midrule"], lines, size[0] + narrow, fits)


def tables(found: Typeset, caption: str, *, title: str, layout: TableLayout, notes: Sequence[str]) -> str:
    """Return tables of so many lines as a page holds, a fragment or a document as the layout says.

    The first has the caption and the label, the last the notes; the others say that it goes on. Title, captions and notes of the
    layout's are text; the others are LaTeX. The list of tables has the title, or the short caption.
    """
    title = title if layout.caption is None else escaped(layout.caption).rstrip(".")
    short = f"{title}." if layout.caption is None else ""
    short = short if layout.short_caption is None else escaped(layout.short_caption)
    caption = caption if layout.caption is None else escaped(layout.caption)
    packages = ["booktabs", "siunitx", *(["threeparttable"] if notes else [])]
    body: list[str] = []
    for first in range(0, len(found.lines), _ROWS_ON_A_PAGE):
        last = first + _ROWS_ON_A_PAGE
        said = rf"\caption{{{title} (continued).}}" if first else rf"\caption{f'[{short}]' if short else ''}{{{caption}}}"
        label = rf"\label{{{layout.label}}}" if layout.label is not None and not first else ""
        below = [rf"\item {escaped(note)}" for note in notes] if last >= len(found.lines) else []
        begin = rf"\begin{{table}} % needs the packages {', '.join(packages)}"
        body += [
            begin,
            rf"\centering{found.size}\setlength{{\abovetopsep}}{{4pt}}",
            said + label,
            *_inside(found, found.lines[first:last], below),
            r"\end{table}",
            "",
        ]
    return document(body, packages) if layout.standalone else "\n".join(body).rstrip("\n")


def _inside(found: Typeset, page: Sequence[str], notes: Sequence[str]) -> list[str]:
    """Return the rows of one table, with notes below them."""
    inside = [*found.head, *page, r"\bottomrule", r"\end{tabular}"]
    if not notes:
        return inside
    below = [r"\begin{tablenotes}\footnotesize\raggedright", *notes, r"\end{tablenotes}"]
    return [r"\begin{threeparttable}", *inside, *below, r"\end{threeparttable}"]


def document(body: Sequence[str], packages: Sequence[str]) -> str:
    """Return a document with the packages that its body needs."""
    begin = [
        r"\documentclass{article}",
        r"\usepackage[margin=2cm]{geometry}",
        *(rf"\usepackage{{{name}}}" for name in packages),
        r"\begin{document}",
    ]
    return "\n".join([*begin, "", *body, r"\end{document}"])


def _column(column: TableColumn, labels: Mapping[str, str]) -> _Typeset:
    """Return a column; aligned at the decimal point where there are decimals."""
    label = labels.get(column.name, escaped(column.name))
    cells = [_cell(each) for each in column.cells]
    numbers = [found for each in cells if (found := DECIMAL.fullmatch(each))]
    longest = max(map(_length, [label, *cells]))
    if not numbers:
        words = column.name == METHOD or any(isinstance(each, str) for each in column.cells)
        if longest > _LONGEST:
            return _Typeset(rf">{{\raggedright\arraybackslash}}p{{{_LONGEST // 2}em}}", label, cells, _LONGEST)
        return _Typeset("l" if words else "c", label, cells, longest)
    whole, fraction, exponent = (max(len(found[k] or "") for found in numbers) for k in (3, 4, 5))
    sign = "-" if any((found[5] or "").startswith("-") for found in numbers) else ""
    minus = "-" * any(found[2] for found in numbers)
    form = minus + (f"{whole}.{fraction}" if fraction else str(whole)) + (f"e{sign}{exponent - len(sign)}" if exponent else "")
    bold = any(found[1] for found in numbers)
    digits = 1.6 * len(minus) + whole + fraction + 0.6 * bool(fraction) + (exponent + 3.5 if exponent else 0)
    options = ", detect-weight=true, mode=text" if bold else ""
    shown = [each if DECIMAL.fullmatch(each) else f"{{{each}}}" for each in cells]
    return _Typeset(f"S[table-format={form}{options}]", label, shown, max(longest, digits * (1.12 if bold else 1)))


def _cell(found: Cell) -> str:
    """Return a cell: a decimal as :func:`column` takes it, or other LaTeX; a dash where there is nothing."""
    if not isinstance(found, Shown):
        return cell(found)
    text = decimal(found.text)
    if not DECIMAL.fullmatch(text):
        return "--" if found.text == "-" else rf"\textit{{{text}}}"
    if found.bound:
        mantissa, _, power = text.partition("e")
        bound = rf"\le {mantissa}" + (rf" \cdot 10^{{{power}}}" if power else "")
        return rf"{{\boldmath${bound}$}}" if found.bold else f"${bound}$"
    return rf"\bfseries {text}" if found.bold else text


def _over(name: str, value: Parameter) -> str:
    if name == METHOD or (name in SYMBOLS and isinstance(value, str)):
        return escaped(str(value))
    if name not in SYMBOLS:
        return escaped(f"{name} = {number(value)}")
    return "--" if value is None else f"${SYMBOLS[name].strip('$')} = {numeral(value)}$"


def _length(text: str) -> float:
    """Return about how many digits wide LaTeX's text is."""
    plain = re.sub(r"\\(log|le|cdot|,)", r"\1", re.sub(r"\\(textit|bfseries|boldmath)\b", "", text))
    plain = re.sub(r"\\[A-Za-z]+\d?", "x", plain)
    return sum(0.6 if character in ".,:;|il" else 1 for character in re.sub(r"[${}^\\ ]", "", plain)) + 0.7 * plain.count(" ")
