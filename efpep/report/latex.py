"""What LaTeX tables have in common: the document, the environments, and how text and numbers are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from efpep.report.cells import Parameter, number

ROWS_ON_A_PAGE = 40
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
            r"\begin{document}",
            "",
            *body,
            r"\end{document}",
        ]
    )


def environment(head: Sequence[str], page: Sequence[str], caption: str) -> list[str]:
    """Return a table of the lines ``page`` under a head and a caption."""
    return [
        r"\begin{table}",
        r"\centering\small",
        rf"\caption{{{caption}}}",
        head[0],
        r"\toprule",
        *head[1:],
        r"\midrule",
        *page,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def pages(head: Sequence[str], lines: Sequence[str], title: str, caption: str) -> list[str]:
    """Return tables of so many lines as a page holds; the first has the caption, the others say that it goes on."""
    body: list[str] = []
    for first in range(0, len(lines), ROWS_ON_A_PAGE):
        told = f"{title} (continued)." if first else caption
        body += [*environment(head, lines[first : first + ROWS_ON_A_PAGE], told), ""]
    return body


def throughout(fixed: Mapping[str, Parameter]) -> str:
    """Return the parameters that are the same throughout as sentences of a caption."""
    numbers = {name: value for name, value in fixed.items() if value is not None and name != "groups"}
    told = ", ".join(f"${SYMBOLS[name].strip('$')} = {numeral(value)}$" for name, value in numbers.items())
    kinds = fixed.get("groups")
    named = [] if kinds is None else [f"The groups of agents are {escaped(str(kinds))}."]
    return " ".join([*([f"Throughout, {told}."] if told else []), *named])


def cell(value: Parameter) -> str:
    """Return a parameter as a table shows it; a dash where there is none."""
    if isinstance(value, str):
        return escaped(value)
    return "--" if value is None else f"${numeral(value)}$"


def numeral(value: Parameter) -> str:
    """Return a number exactly, in mathematics mode; large powers of ten as such."""
    written = number(value)
    digits = written.rstrip("0")
    if "/" in written or "." in written or len(written) - len(digits) < 5:
        return written
    power = f"10^{{{len(written) - len(digits)}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


def decimal(written: str) -> str:
    """Return a decimal in mathematics mode, with its power of ten where it has one."""
    mantissa, _, exponent = written.partition("e")
    return rf"${mantissa} \cdot 10^{{{int(exponent)}}}$" if exponent else f"${written}$"


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
