"""How text and numbers are written in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from efpep.report.cells import Parameter, brief, number

_POWER = 5
DECIMAL = re.compile(r"(\\bfseries )?(-?\d+)(?:\.(\d+))?(?:e(-?\d+))?")
"""A decimal as columns of siunitx take it: perhaps bold, perhaps with a power of ten."""
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
    written = brief(value)
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
    return shown if DECIMAL.fullmatch(shown) else escaped(written)


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
