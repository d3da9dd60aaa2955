"""Rate tables in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.methods.base import LITERATURE
from efpep.model.text import down, up
from efpep.report.cells import STEP_DIGITS, number, parameters, shown_columns
from efpep.report.digits import printed, significant
from efpep.report.written import aligned
from efpep.studies.rates.caption import sentences

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table, TableRow

_NAMES = {"factor": "step size / optimal"}
_RULE = """rho is the upper end rounded up, so every printed digit is proved: `V_{k+1} <= rho V_k` for a Lyapunov function V \
that controls the METRIC, and FUNCTION a factor more than two units of the last printed place below (where a number has `<=`, \
only the bound is proved). Lower and upper are the proved ends rounded outward; \
step sizes are rounded to 6 digits, CSV and JSON have the exact ones."""

_BEST = "no V of the class (quadratics plus function gaps) proves"
_GIVEN = "this V does not prove"


def as_markdown(table: Table) -> str:
    """Return the title, one line for each row with aligned columns, and the rule by which digits are printed."""
    about = shown_columns(table.rows)
    header = ["method", *(_NAMES.get(name, name) for name in about), "step size", "rho", "lower", "upper", "verdict"]
    lines = [header, *(_cells(row, about, table.digits) for row in table.rows)]
    rule = _RULE.replace("METRIC", table.metric).replace("FUNCTION", _BEST if table.lyapunov is None else _GIVEN)
    notes = sentences(table) if table.lyapunov is None else [*sentences(table), _about(table.lyapunov)]
    if table.shared_minimiser:
        names = " and ".join(table.shared_minimiser)
        notes.append(f"The numbers of {names} for several agents hold where all agents share one minimiser.")
    return "\n".join([f"# {table.title}", "", *aligned(lines), "", " ".join([rule, *notes])])


def _about(lyapunov: str) -> str:
    if lyapunov == LITERATURE:
        return "V is the literature's Lyapunov function of each method."
    return f"V is the given Lyapunov function `{lyapunov}`."


def _cells(row: TableRow, about: list[str], digits: int) -> list[str]:
    values = parameters(row)
    question = [row.method, *(number(values[name]) for name in about), significant(row.step_size, STEP_DIGITS)]
    return [*question, *_answer(row, digits), row.verdict.name.lower()]


def _answer(row: TableRow, digits: int) -> list[str]:
    lower, upper = row.lower, row.upper
    if upper is None:
        refuted = lower is not None and lower >= 1
        return ["no contraction" if refuted else "undecided", "-" if lower is None else down(lower, digits + 4), "-"]
    rho = printed(lower, upper, digits)
    # four places beyond rho show the width of the interval
    places = len(rho.number.partition(".")[2]) + 4
    return [
        rho.number if rho.tight else f"<= {rho.number}",
        "-" if lower is None else down(lower, places),
        up(upper, places),
    ]
