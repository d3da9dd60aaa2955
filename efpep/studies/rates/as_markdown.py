"""Rate tables in Markdown, HTML and plain text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.methods.base import LITERATURE
from efpep.report.arrangement import LONG, TableColumn
from efpep.report.cells import shown_columns, varying
from efpep.report.text_tables import flat, html_table, markdown_table, text_table
from efpep.studies.rates.caption import sentences
from efpep.studies.rates.shown import columns_of, shows_of, told

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table

_COLUMNS = ("step", "rho", "lower", "upper", "verdict")
_RULE = """rho is the upper end rounded up, so every printed digit is proved: `V_{k+1} <= rho V_k` for a Lyapunov function V \
that controls the METRIC, and FUNCTION a factor more than two units of the last printed place below (where a number has `<=`, \
only the bound is proved). Lower and upper are the proved ends rounded outward; \
step sizes are rounded to 6 digits, CSV and JSON have the exact ones."""

_BEST = "no V of the class (quadratics plus function gaps) proves"
_GIVEN = "this V does not prove"


def as_markdown(table: Table) -> str:
    """Return the title, one line for each row with aligned columns, and the rule by which digits are printed."""
    return markdown_table(*_written(table))


def as_text(table: Table) -> str:
    """Return the same table as plain text."""
    return text_table(*_written(table))


def as_html(table: Table) -> str:
    """Return the same table in HTML."""
    return html_table(table.called, _columns(table), _below(table))


def _written(table: Table) -> tuple[str, list[list[str]], list[str]]:
    return table.called, flat(_columns(table)), _below(table)


def _pivot(table: Table) -> str | None:
    return None if table.layout.pivot == LONG else table.layout.pivot


def _shows(table: Table) -> tuple[str, ...]:
    return shows_of(table, _COLUMNS if _pivot(table) is None else ("rho",))


def _columns(table: Table) -> list[TableColumn]:
    pivot = _pivot(table)
    steps = ["step"] if pivot is not None and "step" in varying(table.rows) else []
    about = [*shown_columns(table.rows), *steps]
    return columns_of(table, pivot, _shows(table), about, named=True)


def _below(table: Table) -> list[str]:
    return [" ".join(_said(table)), *table.notes]


def _said(table: Table) -> list[str]:
    rule = _RULE.replace("METRIC", table.metric).replace("FUNCTION", _BEST if table.lyapunov is None else _GIVEN)
    notes = sentences(table) if table.lyapunov is None else [*sentences(table), _about(table.lyapunov)]
    if table.shared_minimiser:
        names = " and ".join(table.shared_minimiser)
        notes.append(f"The numbers of {names} for several agents hold where all agents share one minimiser.")
    return [rule, *notes, *told(table, _shows(table), _pivot(table))]


def _about(lyapunov: str) -> str:
    if lyapunov == LITERATURE:
        return "V is the literature's Lyapunov function of each method."
    return f"V is the given Lyapunov function `{lyapunov}`."
