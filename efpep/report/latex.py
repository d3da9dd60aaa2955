"""How text and numbers are written in LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from efpep.report.cells import Parameter, brief, number

_POWER = 5
DECIMAL = re.compile(r"(\\bfseries )?(-?)(\d+)(?:\.(\d+))?(?:e(-?\d+))?")
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
_DASHES = re.compile("-(?=-)")
"""What would become a longer dash."""


_SMALL = re.compile(
    "alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega"
)
_CAPITAL = re.compile("gamma|delta|theta|lambda|xi|pi|sigma|upsilon|phi|psi|omega")
"""The Greek letters that LaTeX has."""
_ACCENTS = set(map(chr, (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30A, 0x30B, 0x30C, 0x327)))
"""The accents that its usual fonts have, and letters without any."""
_LETTERS = set("ßæÆøØœŒłŁ")
_MARKS = {"–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "\xa0": "~", "≤": r"$\le$", "≥": r"$\ge$"}
_MARKS.update({"∞": r"$\infty$", "×": r"$\times$", "±": r"$\pm$", "·": r"$\cdot$"})


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
    """Return text with the characters escaped that LaTeX reads as commands; those that it lacks become ``?``."""
    plain = _DASHES.sub("-{}", text.translate(_ESCAPES))
    return "".join(c if c.isascii() and c.isprintable() else _symbol(c) for c in plain)


def _symbol(character: str) -> str:
    """Return an accented letter as it is, without its accent where LaTeX lacks that, and a Greek one in mathematics mode."""
    if character in _MARKS or character in _LETTERS:
        return _MARKS.get(character, character)
    letter, *accents = unicodedata.normalize("NFD", character)
    if accents and letter.isascii():
        return character if set(accents) <= _ACCENTS and ord(character) < 0x180 else letter
    kind, _, name = unicodedata.name(character, "").lower().replace("lamda", "lambda").partition(" letter ")
    if kind == "greek small" and _SMALL.fullmatch(name):
        return rf"$\{name}$"
    return rf"$\{name.capitalize()}$" if kind == "greek capital" and _CAPITAL.fullmatch(name) else "?"
