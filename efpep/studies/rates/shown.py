"""What readers' tables show of a rate: the columns of a layout, and only proved digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, up
from efpep.questions.base import Verdict
from efpep.report.cells import STEP_DIGITS, Parameter, parameters
from efpep.report.digits import printed, significant

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table, TableRow

_SIGNIFICANT = 4
_POWER = 6
_SLACK = Fraction(1, 10**9)
"""What the logarithm in doubles may be off, relatively, many times over."""

Key = tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell of an answer.

    Attributes:
        text: a number, or words.
        bound: whether the number is a mere bound.
    """

    text: str
    bound: bool = False


def shown(row: TableRow, column: str, digits: int) -> Shown:
    """Return what a column of :data:`efpep.report.layout.COLUMNS` shows of an answer, with so many decimals where proved."""
    lower, upper = row.lower, row.upper
    if column == "step":
        return Shown("-" if row.impossible else significant(row.step_size, STEP_DIGITS))
    if column == "verdict":
        return Shown(row.word)
    if row.impossible:
        return Shown(row.word if column == "rho" else "-")
    if upper is None:
        if column == "lower" and lower is not None:
            return Shown(down(lower, digits + 4))
        return Shown("-" if column != "rho" else "no contraction" if row.verdict is Verdict.REFUTED else "undecided")
    rho = printed(lower, upper, digits)
    if column == "rho":
        return Shown(rho.number, not rho.tight)
    if column == "iterations":
        return Shown(iterations(upper), not rho.tight) if 0 < upper < 1 else Shown("-")
    places = len(rho.number.partition(".")[2]) + 4  # four places beyond rho show the width of the interval
    return Shown(up(upper, places) if column == "upper" else "-" if lower is None else down(lower, places))


def iterations(rate: Fraction) -> str:
    """Return ``1/log(1/rate)``, in which V shrinks by a factor e, rounded up to 4 significant digits, for 0 < rate < 1."""
    small = rate < Fraction(1, 2)
    steps = -1 / (math.log(rate.numerator) - math.log(rate.denominator) if small else math.log1p(-float(1 - rate)))
    bound = Fraction(steps) * (1 + _SLACK)
    power = math.floor(math.log10(steps))
    if power >= _POWER:
        return f"{up(bound / 10**power, _SIGNIFICANT - 1)}e{power}"
    return up(bound, max(0, _SIGNIFICANT - 1 - power))


def best(table: Table) -> frozenset[int]:
    """Return which rows have the smallest bound of their setting, where bold marks it: those with several methods."""
    settings: dict[Key, list[int]] = {}
    for k, row in enumerate(table.rows):
        settings.setdefault(tuple(parameters(row).values()), []).append(k)
    found: set[int] = set()
    for rows in settings.values() if table.layout.best else ():
        bounds: dict[int, Fraction] = {k: upper for k in rows if (upper := table.rows[k].upper) is not None}
        least = min(bounds.values(), default=None)
        least = None if least is None else Fraction(printed(None, least, table.decimals).number)
        ties = [k for k, bound in bounds.items() if Fraction(printed(None, bound, table.decimals).number) == least]
        found |= set(ties) if len(rows) > 1 else set()
    return frozenset(found)


def told(table: Table, columns: Sequence[str]) -> list[str]:
    """Return what the iterations and the bold numbers mean, where there are any."""
    steps = "The iterations are 1/log(1/rho), rounded up: after so many, V is smaller by a factor e."
    bold = "The smallest bound of each setting is bold."
    return [steps] * ("iterations" in columns) + [bold] * table.layout.best
