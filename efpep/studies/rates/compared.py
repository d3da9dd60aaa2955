"""Iterations, and how rates compare with those of a reference: proved intervals, as far as their digits are known."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from efpep.errors import InputError
from efpep.model.field import rational
from efpep.model.text import up
from efpep.report.arrangement import METHOD, NOTHING, PIVOTS, Shown
from efpep.report.cells import Parameter, number, parameters
from efpep.report.entry import Entry

if TYPE_CHECKING:
    from efpep.studies.rates.table import TableRow

E = TypeVar("E", bound=Entry)

_SIGNIFICANT = 4
_POWER = 6
_SLACK = Fraction(1, 10**9)
"""What the logarithm in doubles may be off, relatively, many times over."""
MEANINGS = {
    "ratio": "The ratio is of the iterations 1/log(1/rho) to those of REFERENCE, less than one unit of the last place off.",
    "difference": "The difference is that of rho to REFERENCE, less than one unit of the last place off.",
}
"""What comparisons mean; the rates are those of the best V, which the proved intervals enclose."""


def steps(rate: Fraction) -> Fraction:
    """Return ``1/log(1/rate)`` with a relative error far below :data:`_SLACK`, for 0 < rate < 1."""
    small = rate < Fraction(1, 2)
    return Fraction(-1 / (math.log(rate.numerator) - math.log(rate.denominator) if small else math.log1p(-float(1 - rate))))


def iterations(rate: Fraction) -> str:
    """Return ``1/log(1/rate)``, in which V shrinks by a factor e, rounded up to 4 significant digits, for 0 < rate < 1."""
    bound = steps(rate) * (1 + _SLACK)
    power = math.floor(math.log10(bound))
    if power >= _POWER:
        return f"{up(bound / 10**power, _SIGNIFICANT - 1)}e{power}"
    return up(bound, max(0, _SIGNIFICANT - 1 - power))


def compared(row: TableRow, reference: TableRow | None, name: str, digits: int) -> Shown:
    """Return the ratio of the iterations, or the difference of rho with so many decimals; a dash where it is not enclosed.

    With ends ``[a, b]`` of the row and ``[c, d]`` of the reference the difference is in ``[a - d, b - c]``, and the ratio between
    the quotients of iterations at the ends.
    """
    if reference is None or row.lower is None or row.upper is None or reference.lower is None or reference.upper is None:
        return NOTHING
    if name == "difference":
        return _enclosed(row.lower - reference.upper, row.upper - reference.lower, lambda _: digits)
    if not (0 < row.lower <= row.upper < 1 and 0 < reference.lower <= reference.upper < 1):
        return NOTHING
    slack = (1 + _SLACK) / (1 - _SLACK)
    least, most = steps(row.lower) / steps(reference.upper) / slack, steps(row.upper) / steps(reference.lower) * slack
    return _enclosed(least, most, _significant)


def _enclosed(lower: Fraction, upper: Fraction, decimals: Callable[[Fraction], int]) -> Shown:
    """Return a decimal that is less than one unit of its last place from the whole interval; a dash where none is."""
    middle = (lower + upper) / 2
    for places in range(decimals(middle), -1, -1):
        scaled = round(middle * 10**places)
        if max(upper - Fraction(scaled, 10**places), Fraction(scaled, 10**places) - lower) < Fraction(1, 10**places):
            return Shown(up(Fraction(scaled, 10**places), places))
    return NOTHING


def _significant(size: Fraction) -> int:
    return max(0, _SIGNIFICANT - 1 - int(f"{float(size):.{_SIGNIFICANT - 1}e}".partition("e")[2]))


def references(rows: Sequence[E], names: Sequence[str], given: str | None) -> dict[int, E]:
    """Return the row that each row is compared with; rows of the reference itself have none.

    Args:
        rows: the rows.
        names: the methods' names in the table.
        given: the reference of the layout; None for the first method.

    Raises:
        InputError: there is no such reference, or nothing besides it.
    """
    key, value = _reference(rows, given)
    about = [{METHOD: name, **parameters(row)} for name, row in zip(names, rows, strict=True)]
    if key == METHOD:
        keys = [(name, row.method, row.asked.identifier()) for name, row in zip(names, rows, strict=True)]
        wanted = str(value).casefold()
        chosen = [k for k, called in enumerate(keys) if wanted in {each.casefold() for each in called}]
    else:
        chosen = [k for k, values in enumerate(about) if values[key] == value]
    if not chosen:
        raise InputError(
            f"reference is {given!r}, which no question of this table is about; name a method, or a value such as kappa=10.",
            argument="reference",
        )
    found: dict[int, E] = {}
    for k in set(range(len(about))) - set(chosen):
        mine = about[k]
        for other in chosen:
            same = (each for each in mine if each != key)
            if all(about[other][each] in {mine[each], None} for each in same):  # gradient descent has no delta
                found[k] = rows[other]
                break
    if not found:
        raise InputError(
            f"no question of this table besides those of {reference_name(rows, given)} can be compared with it; "
            "name another reference, or leave ratio and difference out.",
            argument="reference",
        )
    return found


def reference_name(rows: Sequence[Entry], given: str | None) -> str:
    """Return what ratios and differences are taken to."""
    key, value = _reference(rows, given)
    if key != METHOD:
        return f"{str(given).partition('=')[0].strip()} = {number(value)}"
    wanted = str(value).casefold()
    return next((row.method for row in rows if row.asked.identifier().casefold() == wanted), str(value))


def _reference(rows: Sequence[Entry], given: str | None) -> tuple[str, Parameter]:
    """Return in what the reference is given, and its value: the first method where the layout says none."""
    if given is None:
        return METHOD, rows[0].method
    name, equal, value = (part.strip() for part in given.partition("="))
    known = {*parameters(rows[0])}
    if not equal or PIVOTS.get(name, name) not in known:
        return METHOD, given
    return PIVOTS.get(name, name), rational(value, "reference")
