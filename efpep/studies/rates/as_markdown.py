"""Rate tables in Markdown and HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.methods.base import LITERATURE
from efpep.report.cells import number, parameters, shown_columns
from efpep.report.text_tables import aligned, html_table
from efpep.studies.rates.caption import sentences
from efpep.studies.rates.shown import best, shown, told

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table

_NAMES = {"factor": "step size / optimal", "step": "step size"}
_COLUMNS = ("step", "rho", "lower", "upper", "verdict")
_RULE = """rho is the upper end rounded up, so every printed digit is proved: `V_{k+1} <= rho V_k` for a Lyapunov function V \
that controls the METRIC, and FUNCTION a factor more than two units of the last printed place below (where a number has `<=`, \
only the bound is proved). Lower and upper are the proved ends rounded outward; \
step sizes are rounded to 6 digits, CSV and JSON have the exact ones."""

_BEST = "no V of the class (quadratics plus function gaps) proves"
_GIVEN = "this V does not prove"


def as_markdown(table: Table) -> str:
    """Return the title, one line for each row with aligned columns, and the rule by which digits are printed."""
    below = [" ".join(_said(table)), *table.notes]
    return "\n".join([f"# {table.layout.caption or table.title}", "", *aligned(_lines(table)), "", "\n\n".join(below)])


def as_html(table: Table) -> str:
    """Return the same table in HTML."""
    return html_table(table.layout.caption or table.title, _lines(table), [" ".join(_said(table)), *table.notes])


def _lines(table: Table) -> list[list[str]]:
    about, columns, bold = shown_columns(table.rows), table.layout.columns or _COLUMNS, best(table)
    lines = [["method", *(_NAMES.get(name, name) for name in [*about, *columns])]]
    for k, row in enumerate(table.rows):
        values = parameters(row)
        lines.append([row.method, *(number(values[name]) for name in about)])
        for name in columns:
            found = shown(row, name, table.decimals)
            text = f"<= {found.text}" if found.bound else found.text
            lines[-1].append(f"**{text}**" if name == "rho" and k in bold else text)
    return lines


def _said(table: Table) -> list[str]:
    rule = _RULE.replace("METRIC", table.metric).replace("FUNCTION", _BEST if table.lyapunov is None else _GIVEN)
    notes = sentences(table) if table.lyapunov is None else [*sentences(table), _about(table.lyapunov)]
    if table.shared_minimiser:
        names = " and ".join(table.shared_minimiser)
        notes.append(f"The numbers of {names} for several agents hold where all agents share one minimiser.")
    return [rule, *notes, *told(table, table.layout.columns or _COLUMNS)]


def _about(lyapunov: str) -> str:
    if lyapunov == LITERATURE:
        return "V is the literature's Lyapunov function of each method."
    return f"V is the given Lyapunov function `{lyapunov}`."
