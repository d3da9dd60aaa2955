"""What LaTeX tables have in common: the document, the environments, and how text and numbers are written.

Tables need booktabs and siunitx, whose columns are aligned at the decimal point.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from efpep.report.cells import Parameter, number
from efpep.report.layout import TableLayout

ROWS_ON_A_PAGE = 40
_POWER = 5
_DECIMAL = re.compile(r"(\\bfseries )?(-?\d+)(?:\.(\d+))?(?:e(-?\d+))?")
SYMBOLS = {
    "kappa": r"$\kappa$",
    "L": "$L$",
    "delta": r"$\delta$",
    "agents": "$n$",
    "groups": "groups",
    "factor": r"$\eta/\eta^\star$",
    "step": r"$\eta$",
}
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "{": r"\{",
        "}": r"\}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "<": "$<$",
        ">": "$>$",
        "|": "$|$",
        "\n": " ",
    }
)


_GREEK = {"alpha", "beta", "gamma", "delta", "epsilon", "eta", "kappa", "lambda", "mu", "pi", "rho", "sigma", "tau", "omega"}


def document(body: Sequence[str]) -> str:
    """Return a document with the packages that tables need."""
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage[margin=2cm]{geometry}",
            r"\usepackage{booktabs}",
            r"\usepackage{siunitx}",
            r"\begin{document}",
            "",
            *body,
            r"\end{document}",
        ]
    )


def environment(
    head: Sequence[str], page: Sequence[str], caption: str, label: str | None = None, notes: Sequence[str] = ()
) -> list[str]:
    """Return a table of the lines ``page`` under a head and a caption, with a label, and notes below."""
    below = [r"\par\smallskip", r"\begin{minipage}{\linewidth}\footnotesize", " ".join(notes), r"\end{minipage}"]
    return [
        r"\begin{table}",
        r"\centering\small",
        rf"\caption{{{caption}}}" + ("" if label is None else rf"\label{{{label}}}"),
        head[0],
        r"\toprule",
        *head[1:],
        r"\midrule",
        *page,
        r"\bottomrule",
        r"\end{tabular}",
        *(below if notes else []),
        r"\end{table}",
    ]


def tables(
    head: Sequence[str], lines: Sequence[str], caption: str, *, title: str, layout: TableLayout, notes: Sequence[str]
) -> str:
    """Return tables of so many lines as a page holds, a fragment or a document as the layout says.

    The first has the caption and the label, the last the notes; the others say that it goes on. Title, caption and notes of the
    layout's are text; the others are LaTeX.
    """
    title = title if layout.caption is None else escaped(layout.caption).rstrip(".")
    caption = caption if layout.caption is None else escaped(layout.caption)
    body: list[str] = []
    for first in range(0, len(lines), ROWS_ON_A_PAGE):
        last = first + ROWS_ON_A_PAGE
        told, label = (f"{title} (continued).", None) if first else (caption, layout.label)
        below = [escaped(note) for note in notes] if last >= len(lines) else []
        body += [*environment(head, lines[first:last], told, label, below), ""]
    return document(body) if layout.standalone else "\n".join(body).rstrip("\n")


def column(cells: Sequence[str]) -> tuple[str, list[str]]:
    r"""Return the type of a column, and its cells for it: aligned at the decimal point where there are decimals.

    Args:
        cells: decimals, which may have a power of ten as in ``1.5e-7`` and ``\bfseries`` before them, or other LaTeX.
    """
    numbers = [found for cell in cells if (found := _DECIMAL.fullmatch(cell))]
    if not numbers:
        return "c", list(cells)
    whole, fraction, exponent = (max(len(found[k] or "") for found in numbers) for k in (2, 3, 4))
    sign = "-" if any((found[4] or "").startswith("-") for found in numbers) else ""
    form = (f"{whole}.{fraction}" if fraction else str(whole)) + (f"e{sign}{exponent - len(sign)}" if exponent else "")
    bold = ", detect-weight=true, mode=text" if any(found[1] for found in numbers) else ""
    return f"S[table-format={form}{bold}]", [cell if _DECIMAL.fullmatch(cell) else f"{{{cell}}}" for cell in cells]


def tabular(types: Sequence[str], labels: Sequence[str]) -> tuple[str, str]:
    """Return the beginning of a tabular with columns of these types, and the line of their labels."""
    shown = [f"{{{label}}}" if kind.startswith("S") else label for kind, label in zip(types, labels, strict=True)]
    return rf"\begin{{tabular}}{{{' '.join(types)}}}", " & ".join(shown) + r" \\"


def throughout(fixed: Mapping[str, Parameter]) -> str:
    """Return the parameters that are the same throughout as sentences of a caption."""
    numbers = {name: value for name, value in fixed.items() if value is not None and name != "groups"}
    told = ", ".join(f"${SYMBOLS[name].strip('$')} = {numeral(value)}$" for name, value in numbers.items())
    kinds = fixed.get("groups")
    named = [] if kinds is None else [f"The groups of agents are {escaped(str(kinds))}."]
    return " ".join([*([f"Throughout, {told}."] if told else []), *named])


def cell(value: Parameter) -> str:
    """Return a parameter as :func:`column` takes it: a decimal as it is, anything else as LaTeX; a dash where there is none."""
    if isinstance(value, str):
        return escaped(value)
    if value is None:
        return "--"
    written = number(value)
    digits = written.rstrip("0")
    if "/" in written:
        return f"${written}$"
    zeros = 0 if "." in written else len(written) - len(digits)
    return f"{digits}e{zeros}" if zeros >= _POWER else written


def numeral(value: Parameter) -> str:
    """Return a number exactly, in mathematics mode; large powers of ten as such."""
    written = number(value)
    digits = written.rstrip("0")
    if "/" in written or "." in written or len(written) - len(digits) < _POWER:
        return written
    power = f"10^{{{len(written) - len(digits)}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


def decimal(written: str) -> str:
    """Return a decimal as :func:`column` takes it; anything else as text."""
    mantissa, _, exponent = written.partition("e")
    shown = f"{mantissa}e{int(exponent)}" if exponent.lstrip("+-").isdigit() else written
    return shown if _DECIMAL.fullmatch(shown) else escaped(written)


def escaped(text: str) -> str:
    """Return text with the characters escaped that LaTeX reads as commands."""
    return "".join(c if c.isascii() else _symbol(c) for c in text.translate(_ESCAPES))


def _symbol(character: str) -> str:
    """Return an accented letter as it is and a Greek one in mathematics mode; LaTeX lacks most others, so they become ``?``."""
    if ord(character) < 0x180 and unicodedata.normalize("NFD", character)[0].isascii():
        return character
    kind, _, letter = unicodedata.name(character, "").partition(" LETTER ")
    if not kind.startswith("GREEK") or letter.lower() not in _GREEK:
        return "?"
    return rf"$\{letter.lower() if 'SMALL' in kind else letter.capitalize()}$"
