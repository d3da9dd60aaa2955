"""What readers' tables show of a rate: the columns of a layout, and only proved digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, up
from efpep.questions.base import Verdict
from efpep.questions.rate.report import bounds_only
from efpep.report.arrangement import METHOD, Line, Shown, TableColumn, arranged
from efpep.report.cells import STEP_DIGITS, Parameter, method_names, parameters
from efpep.report.digits import printed, significant
from efpep.report.layout import COMPARISONS
from efpep.studies.rates.compared import MEANINGS, compared, iterations, reference_name, references

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate
    from efpep.studies.rates.table import Table, TableRow


def shown(row: TableRow, column: str, digits: int) -> Shown:
    """Return what a column of :data:`efpep.report.layout.COLUMNS` shows of an answer, with so many decimals where proved."""
    lower, upper = row.lower, row.upper
    if column == "step":
        return Shown("-" if row.impossible else significant(row.step_size, STEP_DIGITS))
    if column == "verdict":
        return Shown(row.word)
    if row.impossible:
        return Shown(row.word if column == "rho" else "-")
    if column in {"theory", "standing"}:
        return _theory(row.rate, column, digits)
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


def _theory(rate: Rate, column: str, digits: int) -> Shown:
    """Return the closed form of a rate, rounded up as proved rates are, or what stands behind it."""
    theory = rate.theorem
    if theory is None:
        return Shown("-")
    if column == "standing":
        return Shown(theory.standing.value)
    return Shown(printed(theory.value, theory.value, digits).number, bounds_only(rate))


def columns_of(table: Table, pivot: str | None, shows: Sequence[str], about: Sequence[str], *, named: bool) -> list[TableColumn]:
    """Return the columns of a table, with the smallest bounds bold where the layout says so.

    Args:
        table: the table.
        pivot: what stands across.
        shows: what is shown of an answer, of :data:`efpep.report.layout.COLUMNS`.
        about: the parameters that the columns say.
        named: whether the method is among them in any case.

    Raises:
        InputError: the questions do not differ in the pivot, or the reference of a comparison is none.
    """
    names, bold = method_names(table.rows), best(table, pivot)
    others = references(table.rows, names, table.layout.reference) if set(shows) & set(COMPARISONS) else {}
    lines: list[Line] = []
    for k, (row, name) in enumerate(zip(table.rows, names, strict=True)):
        values: dict[str, Parameter] = {METHOD: name} if named or pivot == METHOD or len(set(names)) > 1 else {}
        values |= {each: value for each, value in parameters(row).items() if each in about}
        found = {
            each: compared(row, others.get(k), each, table.decimals) if each in COMPARISONS else shown(row, each, table.decimals)
            for each in shows
            if (each not in COMPARISONS or k in others) and each not in values
        }
        if k in bold and "rho" in found:
            found["rho"] = replace(found["rho"], bold=True)
        lines.append(Line(values, found))
    return arranged(lines, pivot)


def best(table: Table, pivot: str | None = None) -> frozenset[int]:
    """Return which rows have the smallest bound of their setting, or of all step sizes where these stand across.

    They are bold where the layout says so and there are others to choose from.
    """
    steps = {"step_size": "step", "step_size_factor": "factor"}.get(pivot or "")
    groups: dict[object, list[int]] = {}
    for k, row in enumerate(table.rows):
        values = parameters(row)
        chosen = (row.method, *(value for name, value in values.items() if name != steps)) if steps else tuple(values.values())
        groups.setdefault(chosen, []).append(k)
    found: set[int] = set()
    for rows in groups.values() if table.layout.best else ():
        bounds: dict[int, Fraction] = {k: upper for k in rows if (upper := table.rows[k].upper) is not None}
        least = min(bounds.values(), default=None)
        least = None if least is None else Fraction(printed(None, least, table.decimals).number)
        ties = [k for k, bound in bounds.items() if Fraction(printed(None, bound, table.decimals).number) == least]
        found |= set(ties) if len(rows) > 1 else set()
    return frozenset(found)


def told(table: Table, shows: Sequence[str], pivot: str | None) -> list[str]:
    """Return what the iterations, the comparisons and the bold numbers mean, where there are any."""
    steps = "The iterations are 1/log(1/rho), rounded up: after so many, V is smaller by a factor e."
    theory = "The theory is the closed form of the rate at the step size, where one is known, rounded up."
    words = "Its standing: proved by efpep for all parameters, of the literature, or a conjecture."
    found = [steps] * ("iterations" in shows) + [theory] * ("theory" in shows) + [words] * ("standing" in shows)
    for name, meaning in MEANINGS.items():
        if name in shows:
            found.append(meaning.replace("REFERENCE", reference_name(table.rows, table.layout.reference)))
    where = "row" if pivot in {"step_size", "step_size_factor"} else "setting"
    return found + [f"The smallest bound of each {where} is bold."] * table.layout.best


def shows_of(table: Table, usual: Sequence[str]) -> tuple[str, ...]:
    """Return what a table shows of an answer: its layout's columns, or the usual ones; a ratio where there is a reference."""
    shows = table.layout.columns or tuple(usual)
    if table.layout.reference is None or set(shows) & set(COMPARISONS):
        return tuple(shows)
    place = max((shows.index(name) + 1 for name in ("rho", "iterations") if name in shows), default=len(shows))
    return (*shows[:place], "ratio", *shows[place:])
